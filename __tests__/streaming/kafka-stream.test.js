'use strict';
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const {
  createDspPipeline, createEmbeddedStateStore, createKafkaStream, createMemoryStateStore,
} = require('../../index.js');
const { Resources, sleep, until } = require('../support/streaming.js');

const resources = new Resources();
afterEach(() => resources.close());

/** Counts every sample, so that any loss or repetition shows. */
const counting = () => createDspPipeline().Integrator();

async function stream(kafka, store, options = {}) {
  const { pipeline = counting(), ...rest } = options;
  return resources.use(createKafkaStream({
    applicationId: 'app', brokers: kafka.brokers, input: { topics: ['in'] }, output: { topic: 'out', partition: 'input' },
    pipeline, store, checkpoint: { intervalMs: 50 }, ...rest,
  }), (s) => s.stop());
}

/** Everything in `out` so far, as it comes. */
async function readOutputs(kafka) {
  const received = [];
  const consumer = await resources.consumer({
    brokers: kafka.brokers, groupId: 'reader', topics: ['out'], fromBeginning: true, onMessage: (m) => received.push(m),
  });
  await consumer.run();
  return received;
}

const source = (message) => message.headers['dspx-source'].toString();

test('messages go through the pipeline of their key, and the states survive a restart', async () => {
  const kafka = await resources.kafka({ topics: [{ name: 'in', partitions: 2 }, { name: 'out', partitions: 2 }] });
  const folder = resources.use(mkdtempSync(join(tmpdir(), 'dspx-stream-')), (path) => rmSync(path, { recursive: true }));
  const store = resources.use(await createEmbeddedStateStore({ path: folder, durability: 'os' }), (s) => s.close());
  const producer = await resources.producer({ brokers: kafka.brokers });
  const received = await readOutputs(kafka);
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
  const first = await stream(kafka, store);
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
  const second = await stream(kafka, store);
  await second.start();
  await until(() => received.length >= 18, 'eighteen outputs');
  await second.stop();
  await sleep(100);
  expect(received).toHaveLength(18);
  for (const [key, { outputs }] of expected) {
    const values = received.filter((m) => m.key === key).map((m) => m.value);
    expect(values).toEqual(outputs);
  }
  expect(new Set(received.map(source)).size).toBe(18);
  expect(received[0].headers['content-type'].toString()).toBe('application/x-f32');
});

test('what cannot be decoded goes to the dead letter topic, or stalls its partition', async () => {
  const kafka = await resources.kafka({ topics: ['in', 'out', 'dead'] });
  const producer = await resources.producer({ brokers: kafka.brokers });
  await producer.send({ topic: 'in', messages: [{ key: 'k', value: '[1]' }, { key: 'k', value: 'x' }, { key: 'k', value: '[2]' }] });
  const received = await readOutputs(kafka);

  const stalling = await stream(kafka, resources.use(await createMemoryStateStore(), (s) => s.close()), { applicationId: 'strict' });
  const errors = [];
  stalling.on('error', (error) => errors.push(error.message));
  await stalling.start();
  await until(() => stalling.status().partitions[0].state === 'stalled', 'the stall');
  expect(stalling.status()).toMatchObject({ healthy: false, partitions: [{ position: '1' }] });
  expect(errors[0]).toMatch(/in\/0\/1/);
  await stalling.stop();

  const store = resources.use(await createMemoryStateStore(), (s) => s.close());
  const tolerant = await stream(kafka, store, { applicationId: 'tolerant', deadLetterTopic: 'dead' });
  const dead = [];
  tolerant.on('dlq', (what) => dead.push(what));
  await tolerant.start();
  await until(() => received.length === 3, 'three outputs');
  await tolerant.stop();
  expect(dead).toEqual([{ topic: 'in', partition: 0, offset: '1', reason: expect.stringMatching(/JSON/) }]);
});

test('a state that is in another store is missed, unless fresh states are wanted', async () => {
  const kafka = await resources.kafka({ topics: ['in', 'out'] });
  const producer = await resources.producer({ brokers: kafka.brokers });
  const open = async () => resources.use(await createMemoryStateStore(), (s) => s.close());
  await producer.send({ topic: 'in', messages: [{ key: 'k', value: '[1]' }] });
  const first = await stream(kafka, await open());
  await first.start();
  await until(() => first.metrics().checkpoints > 0, 'a checkpoint');
  await first.stop();

  const second = await stream(kafka, await open());
  const errors = [];
  second.on('error', (error) => errors.push(error));
  await second.start();
  await until(() => errors.length > 0, 'an error');
  expect(errors[0]).toMatchObject({ name: 'StreamStateMissingError', code: 'STATE_MISSING', topic: 'in', partition: 0 });
  await second.stop();

  const third = await stream(kafka, await open(), { onMissingState: 'reset' });
  await third.start();
  expect(third.status().partitions[0]).toMatchObject({ state: 'running', position: '1' });
});

test('the configuration is checked', async () => {
  const store = resources.use(await createMemoryStateStore(), (s) => s.close());
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
  expect(wrong({ checkpoint: { intervalMs: 0 } })).toThrow(/intervalMs/);
  await store.close();
  expect(wrong({})).toThrow(/store/);
});
