'use strict';
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createEmbeddedStateStore, createKafkaStream, createRedisStateStore } = require('../../index.js');
const { kafkaAddon } = require('../../lib/kafka/addon.js');
const { StreamResources, counting, source } = require('../support/kafka-stream.js');
const { until } = require('../support/streaming.js');

const resources = new StreamResources();
afterEach(() => resources.close());

/** Outputs to the partition of their input. */
const samePartition = { output: { topic: 'out', partition: 'input' } };

/** A store that outlives a stream. */
async function openStore(kind) {
  if (kind === 'redis') {
    const prefix = `dspx-test-${process.pid}-${Date.now()}`;
    const store = await createRedisStateStore({ url: process.env.DSPX_REDIS_URL, prefix });
    return resources.use(store, async (s) => {
      for (const partition of [0, 1]) await s.remove(`app/in/${partition}`);
      await s.close();
    });
  }
  const folder = resources.use(mkdtempSync(join(tmpdir(), 'dspx-stream-')), (path) =>
    rmSync(path, { recursive: true }),
  );
  return resources.use(await createEmbeddedStateStore({ path: folder, durability: 'os' }), (s) => s.close());
}

if (!process.env.DSPX_REDIS_URL) {
  console.info('No stream with its states in Redis: DSPX_REDIS_URL is not set (scripts/services start)');
}
const stores = process.env.DSPX_REDIS_URL ? ['embedded', 'redis'] : ['embedded'];

test.each(stores)('messages go through the pipeline of their key, and the states survive a restart (%s store)', async (kind) => {
  const kafka = await resources.kafka({ topics: [{ name: 'in', partitions: 2 }, { name: 'out', partitions: 2 }] });
  const store = await openStore(kind);
  const producer = await resources.producer({ brokers: kafka.brokers });
  const received = await resources.read(kafka);
  const keys = ['a', 'b', 'c'];
  const expected = new Map(keys.map((key) => [key, { pipeline: counting(), outputs: [] }]));
  let count = 0;
  const produce = async (messages) => {
    for (let i = 0; i < messages; i++) {
      const key = keys[i % 3];
      const value = Float32Array.from({ length: 8 }, (_, k) => Math.sin(count * 8 + k));
      await producer.send({ topic: 'in', messages: [{ key, value, partition: (i % 3) % 2 }] });
      const { pipeline, outputs } = expected.get(key);
      outputs.push(await pipeline.processCopy(value, { channels: 1 }));
      count++;
    }
  };

  await produce(9);
  const first = resources.stream(kafka, store, samePartition);
  const events = [];
  for (const name of ['assigned', 'restored', 'checkpoint', 'state']) first.on(name, () => events.push(name));
  await first.start();
  expect(first.status()).toMatchObject({ state: 'running', healthy: true });
  expect(first.status().partitions).toHaveLength(2);
  await until(() => received.length === 9, 'nine outputs');
  await first.checkpoint();
  expect(first.metrics()).toMatchObject({ messages: 9, samplesIn: 72, emitted: 9, poison: 0, keys: 3 });
  expect(first.prometheus()).toMatch(/dspx_stream_messages_total 9\n/);
  const live = await first.state('a');
  const loaded = counting();
  await loaded.loadState(live);
  await first.stop();
  await first.stop();
  expect(first.status().state).toBe('stopped');
  expect(events).toEqual(expect.arrayContaining(['assigned', 'restored', 'checkpoint', 'state']));
  await expect(first.checkpoint()).rejects.toMatchObject({ code: '_STATE' });

  await produce(9);
  const second = await resources.running(kafka, store, samePartition);
  await until(() => received.length >= 18, 'eighteen outputs');
  await second.stop();
  // Whatever else the second has sent comes before these.
  await producer.send({ topic: 'out', messages: [0, 1].map((partition) => ({ partition, key: 'end', value: '[0]' })) });
  await until(() => received.filter((m) => m.key === 'end').length === 2, 'the ends');
  const results = received.filter((m) => m.key !== 'end');
  expect(results).toHaveLength(18);
  for (const [key, { outputs }] of expected) {
    const values = results.filter((m) => m.key === key).map((m) => m.value);
    expect(values).toEqual(outputs);
  }
  expect(new Set(results.map(source)).size).toBe(18);
  expect(results[0].headers['content-type'].toString()).toBe('application/x-f32');
});

test('every checkpoint is told to those who listen for the work of the package', async () => {
  const kafka = await resources.kafka({ topics: ['in', 'out'] });
  const producer = await resources.producer({ brokers: kafka.brokers });
  const told = [];
  const listen = (message) => told.push(message);
  subscribe('dspx:stream:checkpoint', listen);
  resources.use(listen, () => unsubscribe('dspx:stream:checkpoint', listen));
  await resources.running(kafka, await resources.memoryStore());
  await producer.send({ topic: 'in', messages: [{ key: 'a', value: Float32Array.of(1) }] });
  await until(() => told.length > 0, 'a checkpoint');
  expect(told[0]).toEqual({
    applicationId: 'app', topic: 'in', partition: 0, offset: '1', records: 1, bytes: expect.any(Number),
    startTime: expect.any(Number), durationMs: expect.any(Number), error: undefined,
  });
  expect(told[0].durationMs).toBeGreaterThan(0);
});

test('a stop that fails leaves a stream that has failed, and lets the process end', async () => {
  const kafka = await resources.kafka({ topics: ['in', 'out'] });
  const stream = createKafkaStream({
    applicationId: 'app', brokers: kafka.brokers, input: { topics: ['in'] }, pipeline: counting(),
    store: await resources.memoryStore(),
  });
  stream.on('error', () => {});
  await stream.start();
  const holds = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = holds();
  let stop;
  const spy = jest.spyOn(kafkaAddon().NativeKafkaStream.prototype, 'stop');
  const refusal = spy.mockImplementation(function refuse(...call) {
    stop = () => this.stop(...call);
    throw new Error('no');
  });
  await expect(stream.stop()).rejects.toThrow('no');
  refusal.mockRestore();
  expect(holds()).toBe(before - 1);
  expect(stream.status()).toMatchObject({ state: 'failed', healthy: false, error: 'no' });
  await expect(stream.stop()).rejects.toThrow('no');
  stop();
  await until(() => kafka.requests().some(({ api }) => api === 'LeaveGroup'), 'the end of the clients');
});

test('the configuration is checked', async () => {
  const store = await resources.memoryStore();
  const good = { applicationId: 'a', brokers: ['127.0.0.1:1'], input: { topics: ['t'] }, pipeline: counting(), store };
  const wrong = (change) => () => createKafkaStream({ ...good, ...change });
  expect(wrong({ applicationId: 'a b' })).toThrow(/applicationId/);
  expect(wrong({ brokers: [] })).toThrow(/brokers/);
  expect(wrong({ input: {} })).toThrow(/topics/);
  expect(wrong({ input: { topics: ['t'], key: 'value' } })).toThrow(/input.key/);
  expect(wrong({ input: { topics: ['t'], codec: 'avro' } })).toThrow(/codec/);
  expect(wrong({ output: {} })).toThrow(/output.topic/);
  expect(wrong({ store: {} })).toThrow(/store/);
  expect(wrong({ pipeline: {} })).toThrow(/pipeline/);
  expect(wrong({ pipeline: counting().tap(() => {}) })).toThrow(/callback/);
  expect(wrong({ onPoison: 'dlq' })).toThrow(/deadLetterTopic/);
  expect(wrong({ onDataLoss: 'ignore' })).toThrow(/onDataLoss/);
  expect(wrong({ guarantee: 'at-most-once' })).toThrow(/guarantee/);
  expect(wrong({ guarantee: 'exactly-once', producer: { transactionTimeout: 10_000 } })).toThrow(/transactionTimeout/);
  expect(wrong({ changelog: true })).toThrow(/changelog/);
  expect(wrong({ changelog: { topic: '' } })).toThrow(/changelog.topic/);
  expect(wrong({ checkpoint: { intervalMs: 0 } })).toThrow(/intervalMs/);
  await store.close();
  expect(wrong({})).toThrow(/store/);
});
