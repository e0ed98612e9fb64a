'use strict';
const { createKafkaStream } = require('../../index.js');
const { StreamResources, counting } = require('../support/kafka-stream.js');
const { until } = require('../support/streaming.js');

const real = process.env.DSPX_KAFKA_BROKERS?.split(',');
if (!real) console.info('No changelog on a real Kafka: DSPX_KAFKA_BROKERS is not set (scripts/services start)');

const resources = new StreamResources();
afterEach(() => resources.close());

let names = 0;
/** The stages' states after `count` messages of a key that counts from 1. */
async function expected(count) {
  const pipeline = counting();
  for (let i = 1; i <= count; i++) await pipeline.processCopy(Float32Array.of(i, 0.5), { channels: 1 });
  return JSON.parse(await pipeline.saveState()).stages;
}
async function stateOf(stream, key) {
  const pipeline = counting();
  await pipeline.loadState(await stream.state(key));
  return JSON.parse(await pipeline.saveState()).stages;
}

const places = [['the embedded broker, at least once', undefined, 'at-least-once'], ...(real ? [['a real Kafka, exactly once', real, 'exactly-once']] : [])];

test.each(places)('a store that is empty is filled from the changelog: on %s', async (_, given, guarantee) => {
  const name = `log-${process.pid}-${Date.now()}-${names++}`;
  const [input, output] = [`${name}-in`, `${name}-out`];
  const kafka = given ? { brokers: given } : await resources.kafka({ topics: [input, output, `${name}-changelog`] });
  const producer = await resources.producer({ brokers: kafka.brokers });
  const sent = { a: 0, b: 0 };
  const send = async (key) => producer.send({ topic: input, messages: [{ key, value: Float32Array.of(++sent[key], 0.5) }] });
  const total = () => sent.a + sent.b;
  const open = async (store, more) => {
    const stream = resources.use(createKafkaStream({
      applicationId: name, brokers: kafka.brokers, input: { topics: [input] }, output: { topic: output }, pipeline: counting(),
      store, guarantee, checkpoint: { intervalMs: 30 }, changelog: {}, instanceId: 'one', ...more,
    }), (s) => s.stop());
    stream.errors = [];
    stream.on('error', (error) => stream.errors.push(error));
    await stream.start();
    return stream;
  };
  const committed = (stream) => until(() => Number(stream.status().partitions[0]?.checkpointed) >= total(), 'a checkpoint');

  for (const key of ['a', 'b', 'a']) await send(key);
  const elsewhere = await resources.memoryStore();
  const first = await open(elsewhere);
  await committed(first);
  await send('a');
  await committed(first);
  await first.stop();

  // Without the changelog the states would be missed.
  const without = await open(await resources.memoryStore(), { changelog: undefined });
  expect(without.status().partitions[0]).toMatchObject({ state: 'stalled', reason: expect.stringMatching(/not in this store/) });
  await without.stop();

  const here = await resources.memoryStore();
  const second = await open(here);
  expect(second.errors).toEqual([]);
  expect(second.status().partitions[0].position).toBe(String(total()));
  for (const key of ['b', 'a']) await send(key);
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
}, 60_000);
