'use strict';
const { Resources, until } = require('../support/streaming.js');

const resources = new Resources();
afterEach(() => resources.close());

test('messages of every kind come back as they were sent, in order within their partition', async () => {
  const kafka = await resources.kafka({ topics: [{ name: 't', partitions: 3 }] });
  const received = [];
  const consumer = await resources.consumer({
    brokers: kafka.brokers, groupId: 'g', topics: ['t'], fromBeginning: true, onMessage: (m) => received.push(m),
  });
  await consumer.run();
  expect(consumer.assignment()).toHaveLength(3);

  const producer = await resources.producer({ brokers: kafka.brokers });
  const frame = { data: Float32Array.of(1, 2, 3, 4), channels: 2, sampleRate: 500, t0: 5 };
  const results = await producer.send({
    topic: 't',
    messages: [
      { key: 'é', value: '{"x":1}', headers: { h: 'v', n: ['1', '2'] }, timestamp: 1234, partition: 1 },
      { key: '', value: Float32Array.of(1, 2, 3), partition: 1 },
      { value: frame, partition: 1 },
      { key: 'gone', value: null, partition: 1 },
      { key: Buffer.from([0xff]), value: Buffer.from('[]'), partition: 1 },
    ],
  });
  expect(results.map(({ offset }) => offset)).toEqual(['0', '1', '2', '3', '4']);
  await until(() => received.length === 5, 'five messages');

  expect(received.map(({ key }) => key)).toEqual(['é', '', null, 'gone', '\ufffd']);
  expect(received.map(({ value }) => value)).toEqual([
    { x: 1 }, Float32Array.of(1, 2, 3), { ...frame, timestamps: null }, null, [],
  ]);
  expect(received[0]).toMatchObject({ topic: 't', partition: 1, offset: '0', timestamp: '1234' });
  expect(received[0].headers.n.map(String)).toEqual(['1', '2']);
  expect(String(received[0].headers.h)).toBe('v');
  expect(received[1].headers['content-type'].toString()).toBe('application/x-f32');
  expect(received[2].headers['content-type'].toString()).toBe('application/x-dspx-f32');
  expect([received[3].rawValue, received[2].rawKey]).toEqual([null, null]);
  expect(received[4].rawKey).toEqual(Buffer.from([0xff]));
  expect(received[2].value.data.byteOffset % 4).toBe(0);
});

test('a slow consumer holds a bounded part of what is there, and gets all of it in the end', async () => {
  const kafka = await resources.kafka({ topics: [{ name: 'load', partitions: 2 }] });
  const producer = await resources.producer({ brokers: kafka.brokers });
  const count = 4000;
  const value = Buffer.alloc(500, 7);
  await producer.send({
    topic: 'load',
    messages: Array.from({ length: count }, (_, i) => ({ value, partition: i % 2 })),
  });

  let open;
  const blocked = new Promise((resolve) => { open = resolve; });
  let handled = 0;
  const consumer = await resources.consumer({
    brokers: kafka.brokers, groupId: 'slow', topics: ['load'], fromBeginning: true, codec: 'raw',
    prefetch: { messages: 100, bytes: 40_000 },
    onMessage: async () => { await blocked; handled++; },
  });
  await consumer.run();
  await until(() => consumer.metrics().queuedBytes > 30_000, 'a full queue');
  // Another consumer reads all of it meanwhile: the first would have had the time to, as well.
  let read = 0;
  const other = await resources.consumer({
    brokers: kafka.brokers,
    groupId: 'quick',
    topics: ['load'],
    fromBeginning: true,
    codec: 'raw',
    onMessage: () => {
      read++;
    },
  });
  await other.run();
  await until(() => read === count, 'all messages at the other');
  const { queuedBytes, queued, inFlight } = consumer.metrics();
  expect(queuedBytes).toBeLessThan(42_000);
  expect(queued).toBeLessThan(250);
  expect(inFlight).toBe(1);
  open();
  await until(() => handled === count, 'all messages');
});

test('what is produced right after run() is received without fromBeginning', async () => {
  const kafka = await resources.kafka({ topics: ['t'] });
  const producer = await resources.producer({ brokers: kafka.brokers });
  await producer.send({ topic: 't', messages: [{ value: '"before"' }] });
  const run = async (round) => {
    const received = [];
    const consumer = await resources.consumer({
      brokers: kafka.brokers, groupId: `g${round}`, topics: ['t'], onMessage: ({ value }) => received.push(value),
    });
    await consumer.run();
    await producer.send({ topic: 't', messages: [{ value: String(round) }] });
    await until(() => received.includes(round), 'the message');
    expect(received).not.toContain('before');
    await consumer.disconnect();
  };
  for (let round = 0; round < 50; round += 5) await Promise.all([0, 1, 2, 3, 4].map((i) => run(round + i)));
});

test('topics, failures and requests of the cluster', async () => {
  const kafka = await resources.kafka({ brokers: 2 });
  kafka.createTopic('made', 2);
  expect(kafka.brokers).toHaveLength(2);
  expect(kafka.clientConfig['session.timeout.ms']).toBe('3000');
  const producer = await resources.producer({ brokers: kafka.brokers });
  kafka.clearRequests();
  kafka.failNext('Produce', ['NOT_ENOUGH_REPLICAS', '_TRANSPORT']);
  await producer.send({ topic: 'made', messages: [{ value: 'x' }] });
  expect(kafka.requests().filter(({ api }) => api === 'Produce').length).toBeGreaterThanOrEqual(3);
  expect(() => kafka.createTopic('')).toThrow(/name/);
  expect(() => kafka.failNext('Nonsense', [])).toThrow(TypeError);
  await kafka.close();
  expect(() => kafka.createTopic('late')).toThrow(expect.objectContaining({ name: 'KafkaError', code: '_STATE' }));
});

test('kafkajs sends to it and reads from it', async () => {
  const { Kafka, logLevel } = require('kafkajs');
  const { brokers } = await resources.kafka({ topics: ['t'] });
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = resources.use(kafka.producer(), (p) => p.disconnect());
  await producer.connect();
  await producer.send({ topic: 't', messages: [{ value: '1' }] });
  const consumer = resources.use(kafka.consumer({ groupId: 'g' }), (c) => c.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  const seen = [];
  await consumer.run({ eachMessage: async ({ message }) => { seen.push(String(message.value)); } });
  await until(() => seen.length === 1, 'the message');
  expect(seen).toEqual(['1']);
});
