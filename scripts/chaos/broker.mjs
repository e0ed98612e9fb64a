// The broker that all applications of a run share. It goes away and comes back while they work.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTopics } from './topics.js';
import { PARTITIONS } from './truth.mjs';

/** @typedef {{ brokers: string[], restart?: (ms: number) => Promise<void>, close(): unknown }} Broker */
/**
 * @typedef {object} Run
 * @property {{ pause(): Promise<void>, resume(): void }} truth
 * @property {() => number} chance
 * @property {(kind: string) => void} count notes a fault
 * @property {() => boolean} isOver
 */

const { createEmbeddedKafka } = createRequire(import.meta.url)('../../index.js');
const services = fileURLToPath(new URL('../services', import.meta.url));

/**
 * An embedded broker, which has no transactions. `restart` cuts all connections and takes none for `ms`; the log stays.
 *
 * @param {string[]} topics
 * @returns {Promise<Broker>}
 */
export async function embeddedBroker(topics) {
  const kafka = await createEmbeddedKafka({ topics: topics.map((name) => ({ name, partitions: PARTITIONS })) });
  const restart = async (/** @type {number} */ ms) => {
    kafka.brokerDown();
    await sleep(ms);
    kafka.brokerUp();
  };
  return { brokers: kafka.brokers, restart, close: () => kafka.close() };
}

/** @param {number} pid */
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
 *
 * @param {string[]} topics
 * @returns {Promise<Broker>}
 */
export async function realBroker(topics) {
  const brokers = String(process.env.DSPX_KAFKA_BROKERS).split(',');
  await createTopics(brokers[0], topics, PARTITIONS);
  const isOurs = execFileSync(services, ['env'], { encoding: 'utf8' }).includes(`DSPX_KAFKA_BROKERS=${brokers[0]}\n`);
  const restart = async (/** @type {number} */ ms) => {
    const pid = Number(readFileSync(new URL('../../.services/kafka/pid', import.meta.url), 'utf8'));
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await sleep(50);
    await sleep(ms);
    /** @type {Promise<void>} */
    const started = new Promise((resolve, reject) => {
      execFile(services, ['start'], (error) => (error ? reject(error) : resolve()));
    });
    await started;
  };
  return { brokers, restart: isOurs ? restart : undefined, close() {} };
}

/**
 * Restarts a broker now and then, as long as `isOver` does not say that it is enough.
 *
 * @param {Broker} broker
 * @param {{ every: number[], away: number[] }} times ms between two restarts and ms until it is back: at least, and
 *   more at random
 * @param {Run} run whose truth must know which messages are in the log
 */
export async function shake(broker, { every, away }, { truth, chance, count, isOver }) {
  while (!isOver()) {
    const next = Date.now() + every[0] + every[1] * chance();
    while (Date.now() < next && !isOver()) await sleep(100);
    if (isOver()) return;
    await truth.pause();
    await broker.restart?.(away[0] + away[1] * chance());
    truth.resume();
    count('broker restarted');
  }
}
