// The broker that all applications of a run share. It goes away and comes back while they work.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTopics } from './topics.js';
import { PARTITIONS } from './truth.mjs';

const { createEmbeddedKafka } = createRequire(import.meta.url)('../../index.js');
const services = fileURLToPath(new URL('../services', import.meta.url));

/**
 * An embedded broker, which has no transactions. `restart` cuts all connections and takes none for `ms`; the log stays.
 */
export async function embeddedBroker(topics) {
  const kafka = await createEmbeddedKafka({ topics: topics.map((name) => ({ name, partitions: PARTITIONS })) });
  const restart = async (ms) => {
    kafka.brokerDown();
    await sleep(ms);
    kafka.brokerUp();
  };
  return { brokers: kafka.brokers, restart, close: () => kafka.close() };
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * The Kafka of DSPX_KAFKA_BROKERS. Where it is that of scripts/services, `restart` ends it, and starts it after `ms`.
 * It is not killed: a lone node that comes back from that may have noted a transaction as committed whose markers it
 * never writes.
 */
export async function realBroker(topics) {
  const brokers = process.env.DSPX_KAFKA_BROKERS.split(',');
  await createTopics(brokers[0], topics, PARTITIONS);
  const isOurs = execFileSync(services, ['env'], { encoding: 'utf8' }).includes(`DSPX_KAFKA_BROKERS=${brokers[0]}\n`);
  const restart = async (ms) => {
    const pid = Number(readFileSync(new URL('../../.services/kafka/pid', import.meta.url), 'utf8'));
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await sleep(50);
    await sleep(ms);
    await new Promise((resolve, reject) => {
      execFile(services, ['start'], (error) => (error ? reject(error) : resolve()));
    });
  };
  return { brokers, restart: isOurs ? restart : undefined, close() {} };
}

/**
 * Restarts a broker now and then, as long as `isOver` does not say that it is enough.
 * @param {{ every: [number, number], away: [number, number] }} times ms between two restarts and ms until it is back:
 *   at least, and more at random
 * @param {{ pause: () => Promise<void>, resume: () => void }} truth must know which messages are in the log
 */
export async function shake(broker, { every, away }, { truth, chance, count, isOver }) {
  while (!isOver()) {
    const next = Date.now() + every[0] + every[1] * chance();
    while (Date.now() < next && !isOver()) await sleep(100);
    if (isOver()) return;
    await truth.pause();
    await broker.restart(away[0] + away[1] * chance());
    truth.resume();
    count('broker restarted');
  }
}
