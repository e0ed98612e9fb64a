// The process that is killed: one instance of an application. It says { running }, { stalled } and { error }, and is
// told { stop, ends }: to go on up to these offsets, then to stop in peace.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUARANTEES } from './guarantee.mjs';
import { PARTITIONS, pipeline } from './truth.mjs';

/** @typedef {{ url: string, path?: undefined } | { path: string, url?: undefined }} StorePlace of Redis, or a folder */

/**
 * @typedef {object} WorkerSettings
 * @property {string[]} brokers
 * @property {string} application
 * @property {StorePlace} place of its store
 * @property {string} input topic
 * @property {keyof typeof GUARANTEES} guarantee
 * @property {number} slot its number among the processes of its application
 * @property {boolean} isAlone whether the application has no other process
 * @property {boolean} isMigrating whether the pipeline is replaced in the middle of the run
 * @property {boolean} isDeployed whether this process has the new one
 */

const { createEmbeddedStateStore, createKafkaStream, createRedisStateStore } = createRequire(import.meta.url)(
  '../../index.js',
);

/**
 * The store at a place. In Redis every record is a script of its own, so that a process can die between two of them.
 *
 * @param {StorePlace} place
 * @returns {Promise<import('../../index.js').StateStore>}
 */
export function openStore({ url, path }) {
  return url
    ? createRedisStateStore({ url, chunkKeys: 1, retryForMs: 500, commandTimeoutMs: 500 })
    : createEmbeddedStateStore({ path, durability: 'os' });
}

/** @param {WorkerSettings} settings */
export async function worker(settings) {
  const { brokers, application, place, input, guarantee, slot, isAlone, isMigrating, isDeployed } = settings;
  const say = (/** @type {object} */ report) => process.connected && process.send?.(report, () => {});
  const store = await openStore(place);
  say({ at: 'its store is open' });
  /** @type {import('../../index.js').KafkaStream} */
  const stream = createKafkaStream({
    applicationId: application,
    brokers,
    store,
    pipeline: pipeline(isDeployed),
    // Old and new processes run side by side: partitions go to and fro between them.
    ...(isMigrating && { onDefinitionChange: 'migrate' }),
    onPoison: 'skip',
    input: { topics: [input] },
    output: { topic: `out-${application}`, partition: 'input' },
    events: { topic: `events-${application}`, partition: 'input' },
    maxKeysInMemory: 2,
    ...(guarantee === 'exactly-once' ? { instanceId: String(slot) } : { instanceId: String(process.pid) }),
    // Alone, it need not wait for the session of its predecessor.
    ...(guarantee === 'exactly-once' && isAlone && { groupInstanceId: 'alone' }),
    .../** @type {Partial<import('../../index.js').KafkaStreamConfig>} */ (GUARANTEES[guarantee].stream),
  });
  stream.on('error', (/** @type {Error} */ error) => say({ error: error.message }));
  stream.on('migrated', (/** @type {{ fresh: string[] }} */ { fresh }) => say({ migrated: true, fresh }));
  stream.on('stalled', (/** @type {{ reason: string }} */ { reason }) => say({ stalled: reason }));
  process.on('disconnect', () => process.exit());
  process.on('message', async (/** @type {{ ends?: number[] }} */ { ends }) => {
    const behind = () =>
      stream.status().partitions.length < PARTITIONS ||
      stream.status().partitions.some((p) => Number(p.position) < (ends?.[p.partition] ?? 0));
    while (ends && behind()) await sleep(20);
    await stream.stop();
    await store.close();
    process.exit();
  });
  /** @param {import('../../index.js').KafkaStreamStatus['partitions'][number]} p */
  const describe = (p) =>
    `${p.partition} ${p.state} at ${p.position}, stored ${p.checkpointed}${p.reason ? ` (${p.reason})` : ''}`;
  const places = () => stream.status().partitions.map(describe);
  setInterval(() => say({ at: `${stream.status().state}: ${places().join('; ')}` }), 1000);
  await stream.start();
  say({ running: true });
}
