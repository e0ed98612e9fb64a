'use strict';
const { createKafkaProducer, withTracingContext } = require('../../index.js');
const { Resources, cluster, until } = require('../support/streaming.js');

const resources = new Resources();
beforeEach(() => jest.spyOn(console, 'debug').mockImplementation(() => {}));
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

test('keys go to the partition that kafkajs and Java choose', async () => {
  const { brokers, topic } = await cluster(resources, 'embedded', { partitions: 8 });
  const producer = await resources.producer({ brokers });
  const keys = ['a', 'b', 'key', 'another-key'];
  const results = await producer.send({ topic, messages: keys.map((key) => ({ key, value: '' })) });
  // murmur2 of the key, as kafkajs' DefaultPartitioner computes it: (hash & 0x7fffffff) % 8.
  expect(results.map(({ partition }) => partition)).toEqual(
    keys.map((key) => (murmur2(Buffer.from(key)) & 0x7fffffff) % 8),
  );
});

/** MurmurHash2 with Kafka's seed (Austin Appleby; `org.apache.kafka.common.utils.Utils.murmur2`). */
function murmur2(data) {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ data.length;
  let i = 0;
  for (; i + 4 <= data.length; i += 4) {
    let k = Math.imul(data.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = data.length - i;
  if (rest >= 3) h ^= data[i + 2] << 16;
  if (rest >= 2) h ^= data[i + 1] << 8;
  if (rest >= 1) h = Math.imul(h ^ data[i], m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

test('texts and bytes of all kinds may be mixed', async () => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers });
  const values = ['ascii', 'grün', Buffer.from([0, 255]), '', null, '😀'];
  const orders = [values, [...values].reverse()];
  for (const order of orders) {
    await producer.send({ topic, messages: order.map((value) => ({ key: 'é', value, headers: { ü: 'ö' } })) });
  }
  const received = [];
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], fromBeginning: true, codec: 'raw', onMessage: (m) => received.push(m),
  });
  await consumer.run();
  await until(() => received.length === 12, '12 messages');
  const bytes = (value) => (value === null ? null : Buffer.from(value));
  expect(received.map(({ value }) => value)).toEqual(orders.flat().map(bytes));
  expect(received.every(({ key, headers }) => key === 'é' && String(headers.ü) === 'ö')).toBe(true);
});

test('the current trace goes along', async () => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await withTracingContext({ traceId, spanId: '00f067aa0ba902b7' }, () =>
    producer.send({ topic, messages: [{ value: '1' }] }),
  );
  let headers;
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], fromBeginning: true, onMessage: (m) => { headers = m.headers; },
  });
  await consumer.run();
  await until(() => headers, 'the message');
  expect(String(headers.traceparent)).toBe(`00-${traceId}-00f067aa0ba902b7-01`);
});

test('sends are told to whoever listens, with what became of them', async () => {
  const { subscribe, unsubscribe } = require('node:diagnostics_channel');
  const told = [];
  const listener = (message) => told.push(message);
  subscribe('dspx:kafka:produce', listener);
  try {
    const { brokers, topic } = await cluster(resources, 'embedded');
    const producer = await resources.producer({ brokers, clientId: 'me' });
    await producer.send({ topic, messages: [{ value: '1' }] });
    await producer.send({ topic, messages: [{ value: '2' }, { value: '3' }] });
    await producer.send({ topic, messages: [{ value: 4 }] }).catch(() => {});
    expect(told).toMatchObject([
      { topic, clientId: 'me', messages: 1, partition: 0, offset: '0', error: undefined },
      { topic, messages: 2, error: undefined },
      { topic, messages: 1, error: expect.any(TypeError) },
    ]);
    expect(told.every(({ durationMs }) => durationMs >= 0)).toBe(true);
  } finally {
    unsubscribe('dspx:kafka:produce', listener);
  }
});

test('a full local queue makes send wait, not fail', async () => {
  const { brokers, topic } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers, producerConfig: { 'queue.buffering.max.messages': 10 } });
  const messages = Array.from({ length: 500 }, (_, i) => ({ value: String(i) }));
  const results = await producer.send({ topic, messages });
  expect(results.map(({ offset }) => Number(offset))).toEqual([...messages.keys()]);
  expect(producer.metrics()).toMatchObject({ messages: 500, delivered: 500, queued: 0 });
});

test('failed deliveries reject with the outcome of each message', async () => {
  const { kafka, brokers, topic } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers, producerConfig: { 'linger.ms': 0 } });
  const impatient = await resources.producer({
    brokers,
    producerConfig: { 'message.timeout.ms': 200, 'linger.ms': 0 },
  });
  const [first] = await producer.send({ topic, messages: [{ value: 'ok' }] });
  expect(first).toEqual({ topic, partition: 0, offset: '0' });
  kafka.brokerDown();
  const error = await impatient.send({ topic, messages: [{ value: 'late' }, { value: 'later' }] }).catch((e) => e);
  expect(error).toMatchObject({ name: 'KafkaError', code: '_MSG_TIMED_OUT', retriable: true });
  expect(error.results).toHaveLength(2);
  expect(error.results[1].error).toMatchObject({ name: 'KafkaError' });
});

test('flush waits, close ends, and a closed producer says so', async () => {
  const { brokers, topic } = await cluster(resources, 'embedded');
  const producer = await createKafkaProducer({ brokers });
  const sent = producer.send({ topic, messages: [{ value: '1' }] });
  await producer.flush();
  expect(producer.metrics().delivered).toBe(1);
  await sent;
  await Promise.all([producer.close(), producer.close()]);
  await expect(producer.send({ topic, messages: [{ value: '2' }] })).rejects.toMatchObject({ code: '_DESTROY' });
});

test.each([
  [{ messages: [] }, /topic/],
  [{ topic: 't' }, /messages/],
  [{ topic: 't', messages: [{ value: 5 }] }, /value/],
  [{ topic: 't', messages: [{ value: '', headers: { h: {} } }] }, /header h/],
  [{ topic: 't', messages: [{ value: '', partition: -2 }] }, /partition/],
  [{ topic: 't', messages: [null] }, /objects/],
  [{ topic: 't', messages: [{ key: 'a' }] }, /messages\[0\]\.value must be given; null is the tombstone/],
  [{ topic: 't', messages: [{ value: '' }, { value: undefined }] }, /messages\[1\]\.value/],
  ...[0, '0', '', 'abc', NaN, -5, '-5', 1.5, '2026-11-30T00:00:00Z', new Date(0), Infinity, {}].map((timestamp) =>
    [{ topic: 't', messages: [{ value: '', timestamp }] }, /messages\[0\]\.timestamp must/]),
])('wrong arguments are refused: %j', async (request, text) => {
  const { brokers } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers });
  await expect(producer.send(request)).rejects.toThrow(text);
});

test.each([
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
])('a %s as a value is refused, with two ways out', async (name) => {
  const { brokers } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers });
  const value = new globalThis[name](new ArrayBuffer(16));
  const sent = producer.send({ topic: 't', messages: [{ value }] });
  await expect(sent).rejects.toThrow(
    new RegExp(`^message.value must not be a ${name}.*Float32Array.from.*Buffer.from`),
  );
});

test.each([[1_700_000_000_000], ['1700000000000']])('the time %j is sent', async (timestamp) => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers });
  await producer.send({ topic, messages: [{ value: null, timestamp }] });
  const seen = [];
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], fromBeginning: true, onMessage: (message) => { seen.push(message); },
  });
  await consumer.run();
  await until(() => seen.length === 1, 'the message');
  expect([seen[0].timestamp, seen[0].rawValue]).toEqual(['1700000000000', null]);
});

test.each([
  [{ acks: 1 }], [{ acks: 0 }], [{ retry: { retries: 0 } }], [{ maxInFlightRequests: 10 }],
])('a producer with %j sends, without idempotence', async (producerConfig) => {
  const { kafka, brokers, topic } = await cluster(resources, 'embedded');
  const producer = await resources.producer({ brokers, producerConfig });
  await producer.send({ topic, messages: [{ value: '1' }] });
  expect(kafka.requests().map(({ api }) => api)).not.toContain('InitProducerId');
  const asked = createKafkaProducer({ brokers, producerConfig: { ...producerConfig, idempotent: true } });
  await expect(asked).rejects.toThrow(/^idempotent: true excludes/);
});

test('transactions are refused with the way out', async () => {
  const made = createKafkaProducer({ brokers: ['127.0.0.1:1'], producerConfig: { transactionalId: 't' } });
  await expect(made).rejects.toThrow(/transactionalId is not supported.*exactly-once/);
});

test('no refusal of an option tells a secret', async () => {
  const hidden = 'hunter2';
  const values = [87654321, { [hidden]: hidden }, [hidden], true, 7n, Symbol(hidden), `${hidden}\0`];
  for (const value of values) {
    for (const producerConfig of [
      { sasl: { mechanism: 'plain', username: 'u', password: value } }, { sasl: { mechanism: value } }, { sasl: value },
      { ssl: { key: value } }, { ssl: { passphrase: value } }, { 'sasl.password': value }, { compression: value },
    ]) {
      const error = await createKafkaProducer({ brokers: ['127.0.0.1:1'], connectTimeoutMs: 1, producerConfig }).catch(
        (e) => e,
      );
      expect(error).toBeInstanceOf(Error);
      expect(error.message).not.toMatch(/hunter2|87654321/);
    }
  }
});

test('without a broker creation rejects', async () => {
  const error = await createKafkaProducer({ brokers: ['127.0.0.1:1'], connectTimeoutMs: 200 }).catch((e) => e);
  expect(error).toMatchObject({ name: 'KafkaError', code: '_ALL_BROKERS_DOWN' });
});
