'use strict';
const { createTopics } = require('../../scripts/chaos/topics.js');
const { StreamResources, counting, offline, stateOf } = require('../support/kafka-stream.js');
const { until } = require('../support/streaming.js');

const real = process.env.DSPX_KAFKA_BROKERS?.split(',');
if (!real) console.info('No changelog on a real Kafka: DSPX_KAFKA_BROKERS is not set (scripts/services start)');

const resources = new StreamResources();
afterEach(() => resources.close());

const places = ['embedded', ...(real ? ['real'] : [])];
const guarantees = [
  ['embedded', 'at-least-once'],
  ...(real
    ? [
        ['real', 'at-least-once'],
        ['real', 'exactly-once'],
      ]
    : []),
];
let names = 0;

/** A broker with an input of some partitions, `send(key)` into it, and streams over it that wait for nobody. */
async function place(kind, { guarantee, partitions = 1, log } = {}) {
  const name = `log-${process.pid}-${Date.now()}-${names++}`;
  const [input, topic] = [`${name}-in`, `${name}-changelog`];
  const topics = [[input, partitions], ...(log ? [[topic, log]] : [])];
  if (kind === 'real') for (const [made, count] of topics) await createTopics(real[0], [made], count);
  const kafka =
    kind === 'real'
      ? { brokers: real }
      : await resources.kafka({ topics: topics.map(([made, count]) => ({ name: made, partitions: count })) });
  const producer = await resources.producer({ brokers: kafka.brokers });
  const sent = {};
  const send = async (...keys) => {
    for (const key of keys) {
      sent[key] = (sent[key] ?? 0) + 1;
      await producer.send({ topic: input, messages: [{ key, value: Float32Array.of(sent[key], 0.5) }] });
    }
  };
  const stream = (store, more) =>
    resources.stream(kafka, store, {
      applicationId: name,
      input: { topics: [input] },
      output: null,
      guarantee,
      checkpoint: { intervalMs: 30 },
      changelog: {},
      instanceId: 'one',
      ...more,
    });
  const open = async (store, more) => {
    const opened = stream(store, more);
    await opened.start();
    return opened;
  };
  const total = () => Object.values(sent).reduce((sum, count) => sum + count, 0);
  const committed = (running) =>
    until(() => Number(running.status().partitions[0]?.checkpointed) >= total(), 'a checkpoint');
  return { kafka, producer, topic, sent, send, stream, open, total, committed };
}

/** The stages' states after these messages of a key that counts from 1. */
async function expected(count, first = 1) {
  const values = Array.from({ length: count - first + 1 }, (_, i) => Float32Array.of(first + i, 0.5));
  return (await offline(values)).state;
}

test.each(guarantees)('a store that is empty is filled from the changelog: %s, %s', async (kind, guarantee) => {
  const { sent, send, open, total, committed } = await place(kind, { guarantee });
  await send('a', 'b', 'a');
  const elsewhere = await resources.memoryStore();
  // Turned on later, it gets what the store has.
  const unlogged = await open(elsewhere, { changelog: undefined });
  await committed(unlogged);
  await unlogged.stop();
  const first = await open(elsewhere);
  await send('a');
  await committed(first);
  await first.stop();

  // Without the changelog the states would be missed.
  const without = await open(await resources.memoryStore(), { changelog: undefined });
  expect(without.status().partitions[0]).toMatchObject({
    state: 'stalled',
    reason: expect.stringMatching(/not in this store/),
  });
  await without.stop();

  const here = await resources.memoryStore();
  const second = await open(here);
  expect(second.errors).toEqual([]);
  expect(second.status().partitions[0].position).toBe(String(total()));
  await send('b', 'a');
  await committed(second);
  expect(await stateOf(second, 'a')).toEqual(await expected(sent.a));
  expect(await stateOf(second, 'b')).toEqual(await expected(sent.b));
  await second.stop();

  // The first store is behind now: what it lacks is in the changelog, too.
  const third = await open(elsewhere);
  await send('a');
  await committed(third);
  expect(await stateOf(third, 'a')).toEqual(await expected(sent.a));
  expect(await stateOf(third, 'b')).toEqual(await expected(sent.b));
});

test.each(guarantees)('after a reset no old state comes back from the changelog: %s, %s', async (kind, guarantee) => {
  const { sent, send, open, committed } = await place(kind, { guarantee });
  await send('a', 'b');
  const store = await resources.memoryStore();
  const first = await open(store);
  await committed(first);
  await first.stop();
  // Another pipeline, whose states begin as fresh ones; only one of the keys comes again.
  const changed = { pipeline: counting().Rectify({ mode: 'half' }), onDefinitionChange: 'reset' };
  const second = await open(store, changed);
  await send('a');
  await committed(second);
  await second.stop();

  // The store is lost, and the reset is not asked for again.
  const third = await open(await resources.memoryStore(), { ...changed, onDefinitionChange: 'fail' });
  expect(third.errors).toEqual([]);
  await send('a');
  await committed(third);
  expect((await stateOf(third, 'a', changed.pipeline))[0]).toEqual((await expected(sent.a, 2))[0]);
  expect(await third.state('b')).toBe(null);
});

describe.each(places)('the topic: %s', (kind) => {
  test('is made with as many partitions as the input, and compacted', async () => {
    const { topic, producer, open } = await place(kind, { partitions: 3 });
    await open(await resources.memoryStore());
    const send = (message) => producer.send({ topic, messages: [message] });
    await send({ key: 'k', value: 'v', partition: 2 });
    await expect(send({ key: 'k', value: 'v', partition: 3 })).rejects.toMatchObject({ code: '_UNKNOWN_PARTITION' });
    // A compacted topic wants keys.
    if (kind === 'real')
      await expect(send({ value: 'v', partition: 2 })).rejects.toMatchObject({ code: 'INVALID_RECORD' });
  });

  test('with fewer partitions than the input refuses the start', async () => {
    const { topic, stream } = await place(kind, { partitions: 3, log: 2 });
    const one = stream(await resources.memoryStore());
    await expect(one.start()).rejects.toThrow(
      new RegExp(`as many partitions as the input: .*-in has 3, ${topic} has 2`),
    );
    expect(one.status().state).toBe('failed');
  });

  test('that is not compacted is warned of once', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const { topic, stream } = await place(kind, { log: 2 });
      for (let i = 0; i < 2; i++) {
        const one = stream(await resources.memoryStore());
        await one.start();
        await one.stop();
      }
      const warnings = warn.mock.calls.filter(([text]) => text.includes(topic));
      expect(warnings).toEqual(
        kind === 'real' ? [[expect.stringMatching(/cleanup.policy is 'delete', not 'compact'/)]] : [],
      );
    } finally {
      warn.mockRestore();
    }
  });
});
