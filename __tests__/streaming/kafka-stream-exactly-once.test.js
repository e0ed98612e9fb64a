'use strict';
const { once } = require('node:events');
const { join } = require('node:path');
const { createKafkaStream, createRedisStateStore } = require('../../index.js');
const { hasFailpoints } = require('../../lib/native/addon.js');
const { StreamResources, counting, offline, source, stateOf } = require('../support/kafka-stream.js');
const { end, forkGuarded } = require('../support/process.js');
const { until } = require('../support/streaming.js');
const { createTopics } = require('../../scripts/chaos/topics.js');

const real = process.env.DSPX_KAFKA_BROKERS?.split(',');
const redis = process.env.DSPX_REDIS_URL;
if (!real || !redis)
  console.info(
    'No exactly-once on a real Kafka: DSPX_KAFKA_BROKERS or DSPX_REDIS_URL is not set (scripts/services start)',
  );

const resources = new StreamResources();
afterEach(() => resources.close());

const exactlyOnce = { guarantee: 'exactly-once' };

describe('on the embedded broker', () => {
  let warned;
  beforeEach(() => {
    warned = jest.spyOn(console, 'warn').mockImplementation(() => {});
    jest.spyOn(console, 'debug').mockImplementation(() => {});
  });
  afterEach(() => jest.restoreAllMocks());

  test('the calls of a transaction come in their order, and what an embedded broker lacks is said', async () => {
    const kafka = await resources.kafka({ topics: ['in', 'out'] });
    const producer = await resources.producer({ brokers: kafka.brokers });
    const stream = await resources.running(kafka, await resources.memoryStore(), exactlyOnce);
    expect(warned.mock.calls.flat().join()).toMatch(/embedded broker/);
    for (let round = 1; round <= 2; round++) {
      kafka.clearRequests();
      await producer.send({ topic: 'in', messages: [{ key: 'a', value: Float32Array.of(round) }] });
      await until(() => stream.metrics().transactionsCommitted >= round, `transaction ${round}`);
      const calls = kafka.requests().map(({ api }) => api);
      const places = ['AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'].map((api) =>
        calls.indexOf(api),
      );
      expect(places).not.toContain(-1);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      // The second is the stream's: the first has brought the input.
      const output = calls.lastIndexOf('Produce');
      expect(output).toBeGreaterThan(places[0]);
      expect(output).toBeLessThan(places[1]);
      expect(calls.filter((api) => api === 'OffsetCommit')).toEqual([]);
    }
    expect(stream.metrics()).toMatchObject({ transactionsAborted: 0, restarts: 0 });
    expect(stream.prometheus()).toMatch(/dspx_stream_transactions_committed_total 2\n/);
  });

  // What follows from each code is librdkafka's to say: again, abort, or new clients.
  const cases = [
    ['TxnOffsetCommit', 'COORDINATOR_LOAD_IN_PROGRESS', 'again'],
    ['TxnOffsetCommit', 'ILLEGAL_GENERATION', 'aborted'],
    ['TxnOffsetCommit', 'UNKNOWN_MEMBER_ID', 'aborted'],
    ['TxnOffsetCommit', 'PRODUCER_FENCED', 'aborted'],
    ['AddOffsetsToTxn', 'CONCURRENT_TRANSACTIONS', 'again'],
    ['AddOffsetsToTxn', 'GROUP_AUTHORIZATION_FAILED', 'aborted'],
    ['AddPartitionsToTxn', 'NOT_COORDINATOR', 'again'],
    ['AddPartitionsToTxn', 'TOPIC_AUTHORIZATION_FAILED', 'aborted'],
    ['EndTxn', 'COORDINATOR_LOAD_IN_PROGRESS', 'again'],
    ['EndTxn', 'TOPIC_AUTHORIZATION_FAILED', 'aborted'],
    ['EndTxn', 'PRODUCER_FENCED', 'restarted'],
  ];
  test('each call may fail in each way: states are right, and the stream goes on', async () => {
    const kafka = await resources.kafka({ topics: ['in', 'out'] });
    const producer = await resources.producer({ brokers: kafka.brokers });
    const store = await resources.memoryStore();
    const stream = await resources.running(kafka, store, exactlyOnce);
    const received = await resources.read(kafka);
    const fenced = [];
    stream.on('fenced', ({ reason }) => fenced.push(reason));
    const values = [];
    for (const [api, code, outcome] of cases) {
      const before = stream.metrics();
      kafka.failNext(api, [code]);
      values.push(Float32Array.of(values.length + 1, 0.5));
      await producer.send({ topic: 'in', messages: [{ key: 'a', value: values.at(-1) }] });
      await until(
        () => stream.metrics().transactionsCommitted > before.transactionsCommitted,
        `a commit after ${code} for ${api}`,
      );
      const { transactionsAborted, restarts } = stream.metrics();
      const found = [api, code, transactionsAborted > before.transactionsAborted, restarts > before.restarts];
      expect(found).toEqual([api, code, outcome === 'aborted', outcome === 'restarted']);
      await until(() => stream.status().state === 'running', 'running');
    }
    expect(fenced.length).toBeGreaterThan(0);
    expect(fenced[0]).toMatch(/instanceId/);
    const { outputs, state } = await offline(values);
    expect(await stateOf(stream, 'a')).toEqual(state);
    // What was aborted is visible here; it differs in nothing.
    await until(() => new Set(received.map(source)).size === values.length, 'all outputs');
    for (const message of received) expect(message.value).toEqual(outputs[Number(source(message).split('/')[2])]);
    // The embedded broker keeps no offsets of transactions: the place is the manifest's.
    await stream.stop();
    const next = await resources.running(kafka, store, exactlyOnce);
    expect(next.status().partitions[0].position).toBe(String(values.length));
  });
});

(real && redis ? describe : describe.skip)('on a real Kafka', () => {
  let names = 0;
  /** A stream's topics and store, with a name that nobody else uses. */
  async function setting() {
    const name = `eos-${process.pid}-${Date.now()}-${names++}`;
    const producer = await resources.producer({ brokers: real });
    const topics = { in: `${name}-in`, out: `${name}-out` };
    await createTopics(real[0], Object.values(topics), 1);
    const store = () => createRedisStateStore({ url: redis, prefix: name });
    return { name, producer, topics, store };
  }
  async function readAll({ topics }) {
    const received = [];
    const consumer = await resources.consumer({
      brokers: real,
      groupId: `${topics.out}-reader`,
      topics: [topics.out],
      fromBeginning: true,
      onMessage: (m) => received.push(m),
      onError: () => {},
    });
    await consumer.run();
    return received;
  }
  const options = ({ name, topics }, instanceId) => ({
    applicationId: name, brokers: real, input: { topics: [topics.in] }, output: { topic: topics.out }, ...exactlyOnce,
    instanceId, consumer: { sessionTimeout: 6000, heartbeatInterval: 500 }, checkpoint: { intervalMs: 50 },
  });

  /** A process that runs the stream, and ends at a failpoint. */
  const worker = (settings, place, failpoint) =>
    forkGuarded(
      join(__dirname, '../support/exactly-once-worker.js'),
      [JSON.stringify({ ...settings, redis, prefix: place.name })],
      {
        env: { ...process.env, DSPX_FAILPOINT: failpoint },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );

  test('instances that die and take over: every output once, every message once in its state', async () => {
    const place = await setting();
    const send = (value) => place.producer.send({ topic: place.topics.in, messages: [{ key: 'a', value }] });
    const values = [Float32Array.of(1)];
    await send(values[0]);
    const received = await readAll(place);
    // A static member: the next process need not wait for the session of the last.
    const crashing = { ...options(place, 'one'), groupInstanceId: 'one' };
    // Three are killed at a failpoint or at any moment; the same instance begins again and ends what was left open.
    for (const failpoint of ['after-txn-offsets:2', 'after-txn-commit:2', 'after-manifest:2', '']) {
      const child = worker(crashing, place, failpoint);
      const exited = once(child, 'exit');
      await Promise.race([once(child, 'message'), exited]);
      const isAlive = () => child.exitCode === null && child.signalCode === null;
      // One without a failpoint is killed in the middle of its work.
      const most = failpoint && hasFailpoints?.() ? Infinity : values.length + 100;
      while (isAlive() && values.length < most) {
        values.push(Float32Array.of(values.length + 1, 0.25));
        await send(values.at(-1));
      }
      await end(child);
      expect(child.signalCode).toBe(failpoint && hasFailpoints?.() ? 'SIGABRT' : 'SIGKILL');
    }
    const store = resources.use(await place.store(), (s) => s.close());
    const stream = resources.use(createKafkaStream({ ...crashing, pipeline: counting(), store }), (s) => s.stop());
    stream.on('error', () => {});
    await stream.start();
    await until(() => stream.status().partitions[0]?.checkpointed === String(values.length), 'all committed');
    await until(() => received.length >= values.length, 'all outputs');
    const { outputs, state } = await offline(values);
    expect(received.map(source)).toEqual(values.map((_, i) => `${place.topics.in}/0/${i}`));
    expect(received.map(({ value }) => value)).toEqual(outputs);
    expect(await stateOf(stream, 'a')).toEqual(state);
  });

  (hasFailpoints?.() ? test : test.skip)(
    'another instance waits until what a dead one has left undecided is aborted',
    async () => {
      const place = await setting();
      const values = Array.from({ length: 20 }, (_, i) => Float32Array.of(i, 0.25));
      for (const value of values)
        await place.producer.send({ topic: place.topics.in, messages: [{ key: 'a', value }] });
      const received = await readAll(place);
      const more = { producer: { transactionTimeout: 9000 }, checkpoint: { intervalMs: 50, timeoutMs: 3000 } };
      const child = worker({ ...options(place, 'one'), ...more }, place, 'after-txn-offsets');
      await once(child, 'exit');
      expect(child.signalCode).toBe('SIGABRT');
      const store = resources.use(await place.store(), (s) => s.close());
      const stream = resources.use(
        createKafkaStream({ ...options(place, 'two'), ...more, pipeline: counting(), store }),
        (s) => s.stop(),
      );
      stream.on('error', () => {});
      await stream.start();
      await until(() => received.length >= values.length, 'all outputs');
      await stream.checkpoint();
      const { outputs, state } = await offline(values);
      expect(received.map(source)).toEqual(values.map((_, i) => `${place.topics.in}/0/${i}`));
      expect(received.map(({ value }) => value)).toEqual(outputs);
      expect(await stateOf(stream, 'a')).toEqual(state);
    },
  );

  test('after a clean stop the guarantee may change, both ways', async () => {
    const place = await setting();
    const received = await readAll(place);
    const store = resources.use(await place.store(), (s) => s.close());
    const values = [];
    for (const guarantee of ['exactly-once', 'at-least-once', 'exactly-once']) {
      const stream = resources.use(
        createKafkaStream({ ...options(place, 'one'), guarantee, pipeline: counting(), store }),
        (s) => s.stop(),
      );
      const errors = [];
      stream.on('error', (error) => errors.push(error.message));
      for (let i = 0; i < 5; i++) {
        values.push(Float32Array.of(values.length + 1, 0.25));
        await place.producer.send({ topic: place.topics.in, messages: [{ key: 'a', value: values.at(-1) }] });
      }
      await stream.start();
      await until(() => received.length === values.length, `${values.length} outputs`);
      await stream.stop();
      expect(errors).toEqual([]);
    }
    expect(received.map(source)).toEqual(values.map((_, i) => `${place.topics.in}/0/${i}`));
    expect(received.map(({ value }) => value)).toEqual((await offline(values)).outputs);
  });

  test('marks of transactions are no lag, for a consumer and for a stream behind', async () => {
    const place = await setting();
    for (let i = 0; i < 5; i++)
      await place.producer.send({ topic: place.topics.in, messages: [{ key: 'a', value: Float32Array.of(i) }] });
    const store = resources.use(await place.store(), (s) => s.close());
    const stream = resources.use(createKafkaStream({ ...options(place, 'one'), pipeline: counting(), store }), (s) =>
      s.stop(),
    );
    await stream.start();
    await until(() => stream.metrics().transactionsCommitted > 0 && stream.metrics().lag === 0, 'the transactions');
    const received = [];
    const consumer = await resources.consumer({
      brokers: real,
      groupId: `${place.name}-lag`,
      topics: [place.topics.out],
      fromBeginning: true,
      onMessage: (m) => {
        received.push(m);
      },
    });
    await consumer.run();
    await until(() => received.length === 5, 'all outputs');
    await until(async () => (await consumer.lag())[0].lag === 0, 'the lag to end');
    const [{ high, position }] = await consumer.lag();
    expect(Number(high)).toBeGreaterThan(Number(position));
    expect(consumer.metrics().lag).toBe(0);
    const behind = resources.use(createKafkaStream({
      applicationId: `${place.name}-behind`, brokers: real, input: { topics: [place.topics.out] }, pipeline: counting(),
      store: await resources.memoryStore(),
    }), (s) => s.stop());
    await behind.start();
    await until(() => behind.metrics().messages === 5 && behind.metrics().lag === 0, 'the lag of the stream to end');
    expect(behind.metrics().lagSeconds).toBe(0);
  });

  test('two live instances with one id end each other, and say so', async () => {
    const place = await setting();
    await place.producer.send({ topic: place.topics.in, messages: [{ key: 'a', value: Float32Array.of(1) }] });
    const fenced = [];
    for (let i = 0; i < 2; i++) {
      const store = resources.use(await place.store(), (s) => s.close());
      const stream = resources.use(
        createKafkaStream({ ...options(place, 'same'), pipeline: counting(), store, maxRestarts: 1 }),
        (s) => s.stop({ timeoutMs: 2000 }),
      );
      stream.on('error', () => {});
      stream.on('fenced', ({ reason }) => fenced.push(reason));
      await stream.start();
      await until(() => i === 1 || stream.metrics().transactionsCommitted > 0, 'a transaction');
    }
    await until(async () => {
      await place.producer.send({ topic: place.topics.in, messages: [{ key: 'a', value: Float32Array.of(1) }] });
      return fenced.some((reason) => /instanceId/.test(reason ?? ''));
    }, 'the event');
  });
});
