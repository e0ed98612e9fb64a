// npm run chaos: kills processes that run Kafka streams, and worse, and compares what is left with the truth.
//   --kills N    processes that die, in all (default 60)
//   --seed S     repeats the choices of a run (the time that things take is the machine's)
//   --guarantee  at-least-once (default), or exactly-once: on the Kafka of DSPX_KAFKA_BROKERS
//   --real       uses the Kafka of DSPX_KAFKA_BROKERS with at-least-once, too, instead of an embedded broker: librdkafka's,
//                which may end by an assertion of its own when members of a group are killed
//   --restarts   restarts the Kafka of scripts/services (an embedded broker always goes away now and then)
//   --deploy     replaces the pipeline of each application in the middle of the run, by one with more stages that takes
//                the states over (onDefinitionChange: 'migrate'); old and new processes run side by side for a while
//   --json       prints the result as one line of JSON besides
//
// Applications run side by side on an embedded broker while messages come in: two with an embedded store and one
// process each, two with a Redis of their own and one to three processes that take partitions from each other.
// Processes are killed (SIGKILL) at random moments and abort at every failpoint; zombies are stopped past their session
// and continue; Redis is killed, hangs, and is set back in time; the broker goes away for longer than a session. In the
// end each application catches up in peace. The truth is one pipeline per key that has seen every message once: states
// must be equal to it bit for bit, every output and every event must be there, duplicates equal. With exactly-once there is no
// duplicate for a reader of what is committed, and no store is set back (a stream stops then).
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from './chaos/application.mjs';
import { embeddedBroker, realBroker, shake } from './chaos/broker.mjs';
import { GUARANTEES } from './chaos/guarantee.mjs';
import { Redis, hasRedis } from './chaos/redis.mjs';
import { Truth, random, readOutputs } from './chaos/truth.mjs';
import { openStore, worker } from './chaos/worker.mjs';

const require = createRequire(import.meta.url);
const { createKafkaProducer } = require('../index.js');
const { hasFailpoints } = require('../lib/native/addon.js');

/** @typedef {keyof typeof GUARANTEES} Guarantee */

/** What was compared with the truth. */
const NOTHING = { messages: 0, states: 0, outputs: 0, duplicates: 0, events: 0, repeatedEvents: 0, migrated: 0 };
const NAMES = ['app0', 'app1', 'app2', 'app3'];

/**
 * Opens what a run needs; `close` frees it.
 *
 * @param {number} seed
 * @param {(kind: string) => void} count
 * @param {Guarantee} guarantee
 * @param {{ isMigrating: boolean, real: boolean }} options
 */
async function arena(seed, count, guarantee, { isMigrating, real }) {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-chaos-'));
  // A real broker keeps what earlier runs have left.
  const run = real ? `chaos-${Date.now()}-` : '';
  const input = `${run}in`;
  const names = NAMES.map((name) => run + name);
  const open = real ? realBroker : embeddedBroker;
  const kafka = await open([input, ...names.flatMap((name) => [`out-${name}`, `events-${name}`])]);
  const armed = Boolean(hasFailpoints?.());
  if (!armed)
    console.log('No failpoints: this build of the addon does not have them (npm run build has). Random moments only.');
  const withRedis = hasRedis();
  if (!withRedis) console.log('No Redis: redis-server is not installed. Embedded stores only.');
  const all = await Promise.all(
    names.map(async (name, i) => {
      const redis = withRedis && i >= 2 ? await Redis.start(join(folder, `redis-${name}`)) : undefined;
      /** @type {import('./chaos/worker.mjs').StorePlace} */
      const place = redis ? { url: redis.url } : { path: join(folder, name) };
      const options = {
        chance: random(seed + i),
        most: redis ? 3 : 1,
        hasFailpoints: armed,
        redis,
        isMigrating,
        count,
        ...GUARANTEES[guarantee],
      };
      const results = await readOutputs(kafka.brokers, name);
      return {
        name,
        place,
        redis,
        results,
        application: new Application({ name, brokers: kafka.brokers, place, input, guarantee }, options),
      };
    }),
  );
  const close = async () => {
    for (const { application, redis, results } of all) {
      application.close();
      await results.close();
      redis?.close();
    }
    await kafka.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { kafka, input, all, close };
}

/**
 * One run.
 *
 * @param {{ kills: number, seed: number, guarantee: Guarantee, restarts: boolean, deploy: boolean, real: boolean }} options
 * @returns {Promise<{ faults: Record<string, number>, checked: Record<keyof typeof NOTHING, number>, violations: string[] }>}
 */
async function chaos({ kills, seed, guarantee, restarts, deploy, real }) {
  /** @type {Record<string, number>} */
  const faults = {};
  const count = (/** @type {string} */ kind) => {
    faults[kind] = (faults[kind] ?? 0) + 1;
  };
  const { kafka, input, all, close } = await arena(seed, count, guarantee, { isMigrating: deploy, real });
  /** @type {string[]} */
  const violations = [];
  const checked = { ...NOTHING };
  try {
    const { brokers } = kafka;
    const truth = new Truth(brokers, input, seed ^ 0x5eed);
    const each = Math.ceil(kills / all.length);
    let isOver = false;
    const outages = { truth, count, chance: random(seed ^ 0xb0c), isOver: () => isOver };
    const shaking = restarts && shake(kafka, GUARANTEES[guarantee].outages, outages);
    await Promise.all(all.map(({ application }) => application.suffer(each)));
    isOver = true;
    await shaking;
    const ends = await truth.end();
    checked.messages = truth.messages;
    await Promise.all(
      all.map(async ({ name, place, results: { outputs, events }, application }) => {
        const isOnce = guarantee === 'exactly-once';
        try {
          await application.finish(ends);
          const store = await openStore(place);
          const states = await truth.checkStates(name, store, violations);
          // Not in one step: `+=` would read the sum before the wait, and lose what others add meanwhile.
          checked.states += states;
          await store.close();
          await truth.checkOutputs(name, outputs, violations, { isOnce, isDeployed: deploy });
          await truth.checkEvents(name, events, violations, isOnce);
          checked.outputs += outputs.count;
          checked.duplicates += outputs.count - outputs.first.size;
          checked.events += events.count;
          checked.repeatedEvents += events.count - events.first.size;
          checked.migrated += application.migrated;
          violations.push(...application.lost.map((stage) => `${name}: ${stage} has lost its state`));
        } catch (error) {
          violations.push(/** @type {Error} */ (error).message);
        }
      }),
    );
    // Which application migrates how many depends on when its processes died.
    if (deploy && checked.migrated === 0) violations.push('no state has migrated');
    const last = all.find(({ redis }) => redis);
    if (last && !violations.length) {
      const producer = await createKafkaProducer({ brokers });
      const send = () => producer.send({ topic: input, messages: [{ key: 'ann0', value: '[1]', partition: 0 }] });
      if (!(await last.application.noticesFlush(send)))
        violations.push(`${last.name}: nobody noticed that Redis was emptied`);
      await producer.close();
    }
    return { faults, checked, violations };
  } finally {
    await close();
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      worker: { type: 'string' },
      kills: { type: 'string', default: '60' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
      guarantee: { type: 'string', default: 'at-least-once' },
      real: { type: 'boolean' },
      restarts: { type: 'boolean' },
      deploy: { type: 'boolean' },
    },
  });
  if (values.worker) return worker(JSON.parse(values.worker));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  // Clients report every outage there, and here all of them are on purpose.
  console.debug = () => {};
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
  const kills = Number(values.kills);
  const guarantee = /** @type {Guarantee} */ (values.guarantee);
  if (!GUARANTEES[guarantee]) throw new TypeError('--guarantee must be at-least-once or exactly-once');
  const real = values.real ?? guarantee === 'exactly-once';
  if (real && !process.env.DSPX_KAFKA_BROKERS) {
    throw new TypeError('exactly-once and --real need a real Kafka: DSPX_KAFKA_BROKERS (scripts/services start)');
  }
  const restarts = values.restarts ?? !real;
  const deploy = values.deploy ?? false;
  const kind = `${guarantee === 'at-least-once' ? '' : ` --guarantee ${guarantee}`}${values.real ? ' --real' : ''}`;
  const more = `${kind}${values.restarts ? ' --restarts' : ''}${deploy ? ' --deploy' : ''}`;
  console.log(`seed ${seed}; again: npm run chaos -- --kills ${kills} --seed ${seed}${more}`);
  const begun = performance.now();
  const { faults, checked, violations } = await chaos({ kills, seed, guarantee, restarts, deploy, real });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const sorted = Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1));
  const line = (/** @type {string} */ name, /** @type {number} */ number) =>
    console.log(`${name.padEnd(34)}${String(number).padStart(9)}`);
  console.log('faults injected');
  sorted.forEach(([kind, number]) => line(`  ${kind}`, number));
  console.log('histories checked');
  line('  states (one history each)', checked.states);
  line('  messages of the input', checked.messages);
  line('  outputs', checked.outputs);
  line(deploy ? '  of them duplicates' : '  of them duplicates, all equal', checked.duplicates);
  line('  events', checked.events);
  line('  of them duplicates, all equal', checked.repeatedEvents);
  if (deploy) line('  states that migrated', checked.migrated);
  line('violations', violations.length);
  line('seconds', seconds);
  violations.slice(0, 20).forEach((violation) => console.error(violation));
  if (values.json) console.log(JSON.stringify({ seed, guarantee, deploy, faults, checked, violations, seconds }));
  process.exitCode = violations.length ? 1 : 0;
}

await main();
