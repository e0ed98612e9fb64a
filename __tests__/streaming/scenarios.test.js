'use strict';
const { createDspPipeline, createEmbeddedStateStore, createRedisStateStore } = require('../../index.js');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Resources, cluster, clusters, until } = require('../support/streaming.js');

const resources = new Resources();
afterEach(() => resources.close());

/** Block `i` of a slow sine with noise on top; with `reference` the noise is the second channel. */
function block(i, { size = 64, reference = false } = {}) {
  const out = [];
  for (let n = i * size; n < (i + 1) * size; n++) {
    const noise = Math.sin(n * 1.7) + Math.sin(n * 0.9 + 1);
    out.push(Math.sin(n / 40) + (reference ? 0.8 * noise : 0));
    if (reference) out.push(noise);
  }
  return Float32Array.from(out);
}

describe.each(clusters())('on the %s cluster', (kind) => {
  test('consume, process, produce: the output is what one pipeline makes of the whole', async () => {
    const place = await cluster(resources, kind);
    const producer = await resources.producer({ brokers: place.brokers });
    const options = { channels: 1, sampleRate: 500 };
    const make = () =>
      createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 7 }).Rms({ mode: 'moving', windowSize: 5 });
    const pipeline = make();
    const out = `${place.topic}-out`;
    const worker = await resources.consumer({
      brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true, onError: () => {},
      async onMessage({ key, value }) {
        const data = await pipeline.process(value.data, options);
        await producer.send({
          topic: out,
          messages: [{ key, value: { data, channels: 1, sampleRate: value.sampleRate } }],
        });
      },
    });
    await worker.run();
    const blocks = Array.from({ length: 20 }, (_, i) => block(i));
    await producer.send({
      topic: place.topic, messages: blocks.map((data) => ({ key: 'k', value: { data, channels: 1, sampleRate: 500 } })),
    });
    await until(() => worker.metrics().handled === 20, '20 blocks');
    const received = [];
    const reader = await resources.consumer({
      brokers: place.brokers, groupId: `${place.group}-out`, topics: [out], fromBeginning: true, onError: () => {},
      onMessage: ({ value }) => received.push(...value.data),
    });
    await reader.run();
    await until(() => received.length === 20 * 64, 'the processed samples');
    const whole = await make().process(Float32Array.from(blocks.flatMap((b) => [...b])), options);
    expect(Float32Array.from(received)).toEqual(whole);
  });

  test('state in a store beside Kafka: a second worker goes on where the first was stopped', async () => {
    const place = await cluster(resources, kind);
    const folder = mkdtempSync(join(tmpdir(), 'dspx-scenario-'));
    resources.use(folder, (path) => rmSync(path, { recursive: true, force: true }));
    const url = kind === 'real' && process.env.DSPX_REDIS_URL;
    const store = url
      ? await createRedisStateStore({ url, prefix: place.topic })
      : await createEmbeddedStateStore({ path: folder, durability: 'os' });
    resources.use(store, (s) => s.close());
    const producer = await resources.producer({ brokers: place.brokers });
    const options = { channels: 1, sampleRate: 500 };
    const make = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 31 });
    const output = [];
    // The offset is kept with the state, so that a message that comes twice is not counted twice.
    const worker = async () => {
      const pipeline = make();
      let version = 0;
      let last = -1;
      const [record] = await store.get(place.topic, 'p0');
      if (record) {
        const { state, offset } = JSON.parse(record.state);
        await pipeline.loadState(state);
        ({ version } = record);
        last = offset;
      }
      const consumer = await resources.consumer({
        brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true, onError: () => {},
        async onMessage({ value, offset }) {
          if (Number(offset) <= last) return;
          const data = await pipeline.process(value.data, options);
          last = Number(offset);
          const swap = await store.compareAndSet(
            place.topic,
            'p0',
            version,
            JSON.stringify({ state: await pipeline.saveState(), offset: last }),
          );
          expect(swap.ok).toBe(true);
          version = swap.version;
          output.push(...data);
        },
      });
      await consumer.run();
      return consumer;
    };
    const blocks = Array.from({ length: 30 }, (_, i) => block(i));
    const send = (list) =>
      producer.send({
        topic: place.topic,
        messages: list.map((data) => ({ value: { data, channels: 1, sampleRate: 500 } })),
      });
    await send(blocks.slice(0, 15));
    const first = await worker();
    await until(() => output.length >= 5 * 64, 'some output');
    await first.disconnect(); // under load
    await send(blocks.slice(15));
    await worker();
    await until(() => output.length === 30 * 64, 'all output');
    const whole = await make().process(Float32Array.from(blocks.flatMap((b) => [...b])), options);
    expect(Float32Array.from(output)).toEqual(whole);
  });
});

const hasLms = typeof createDspPipeline().LmsFilter === 'function';
if (!hasLms) console.info('No test of noise cancellation: there is no LmsFilter yet');

(hasLms ? test : test.skip)('adaptive noise cancellation on two channels of a stream', async () => {
  const place = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers: place.brokers });
  const pipeline = createDspPipeline().LmsFilter({ numTaps: 16, learningRate: 0.05, normalized: true });
  const cleaned = [];
  const consumer = await resources.consumer({
    brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true,
    async onMessage({ value }) {
      cleaned.push(await pipeline.process(value.data, { channels: value.channels, sampleRate: value.sampleRate }));
    },
  });
  await consumer.run();
  const blocks = Array.from({ length: 60 }, (_, i) => block(i, { reference: true }));
  await producer.send({
    topic: place.topic, messages: blocks.map((data) => ({ value: { data, channels: 2, sampleRate: 500 } })),
  });
  await until(() => cleaned.length === 60, '60 blocks');
  const whole = await createDspPipeline().LmsFilter({ numTaps: 16, learningRate: 0.05, normalized: true })
    .process(Float32Array.from(blocks.flatMap((b) => [...b])), { channels: 2, sampleRate: 500 });
  expect(Float32Array.from(cleaned.flatMap((b) => [...b]))).toEqual(whole);
});

test('ten thousand messages in, random failures, ten thousand handled in order', async () => {
  const place = await cluster(resources, 'embedded', { partitions: 3 });
  const producer = await resources.producer({ brokers: place.brokers });
  const count = 10_000;
  await producer.send({
    topic: place.topic, messages: Array.from({ length: count }, (_, i) => ({ value: String(i), partition: i % 3 })),
  });
  const seen = [[], [], []];
  let fail = 0;
  const consumer = await resources.consumer({
    brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true, concurrency: 3,
    retry: { initialMs: 1 }, onError: () => {}, prefetch: { messages: 50 },
    onMessage: ({ value, partition }) => {
      if (++fail % 997 === 0) throw new Error('now and then');
      seen[partition].push(value);
    },
  });
  await consumer.run();
  await until(() => seen.flat().length === count, 'all messages');
  for (const [partition, values] of seen.entries()) {
    expect(values).toEqual(Array.from({ length: values.length }, (_, i) => 3 * i + partition));
  }
  await consumer.commit();
  expect((await consumer.lag()).every(({ lag }) => lag === 0)).toBe(true);
});
