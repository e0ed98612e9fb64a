'use strict';
const {
  StreamResources,
  conditions,
  hasty,
  offline,
  partition,
  source,
  stateOf,
} = require('../support/kafka-stream.js');
const { until } = require('../support/streaming.js');
const { createTopics } = require('../../scripts/chaos/topics.js');

const resources = new StreamResources();
beforeEach(() => {
  // What an embedded broker lacks for exactly-once, and librdkafka's lines.
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  jest.spyOn(console, 'debug').mockImplementation(() => {});
});
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const guarantees = ['at-least-once', 'exactly-once'];
const two = [{ name: 'in', partitions: 2 }, { name: 'out', partitions: 2 }];
const output = { topic: 'out', partition: 'input' };
const names = (stream, ...wanted) => {
  const seen = [];
  for (const name of wanted) stream.on(name, () => seen.push(name));
  return seen;
};

describe('brokers', () => {
  // A transaction is one for all partitions.
  test.each([
    ['at-least-once', 'the partitions of the other go on', 20], ['exactly-once', 'the transaction waits', 0],
  ])('one of two is down (%s): %s', async (guarantee, _what, meanwhile) => {
    const { kafka, producer, store } = await resources.place(two, { brokers: 2 });
    for (const topic of ['in', 'out'])
      for (const partition of [0, 1]) kafka.moveLeader(topic, partition, partition + 1);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, { output, guarantee });
    const coordinator = kafka.requests().find(({ api }) => api === 'JoinGroup').broker;
    const load = resources.load(producer);
    await until(() => received.length > 20, 'outputs');
    kafka.brokerDown(3 - coordinator);
    // What is sent from here on to the partition that is led by the other broker, not what is on its way.
    const since = Math.ceil(load.count / 2);
    const isFresh = ([, partition, offset]) => Number(partition) === coordinator - 1 && Number(offset) >= since;
    const fresh = () => received.filter((message) => isFresh(source(message).split('/'))).length;
    await load.more(50);
    await until(() => fresh() >= meanwhile, 'outputs from one broker');
    kafka.brokerUp();
    await resources.settle(load, received, stream);
  });

  test.each(guarantees)('all are down under load: degraded, then on (%s)', async (guarantee) => {
    const { kafka, producer, store } = await resources.place(two);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, { guarantee });
    const load = resources.load(producer);
    await until(() => received.length > 20, 'outputs');
    const seen = conditions(stream);
    kafka.brokerDown();
    await until(() => seen.includes('degraded'), 'the outage');
    expect(stream.status().healthy).toBe(false);
    await load.more(50);
    kafka.brokerUp();
    await resources.settle(load, received, stream);
    await until(() => stream.status().state === 'running', 'running');
    expect(stream.metrics().restarts).toBe(0);
  });

  test.each(guarantees)('all are away for longer than the session: lost, then restored (%s)', async (guarantee) => {
    const { kafka, producer, store } = await resources.place(two);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, { guarantee, ...hasty });
    const load = resources.load(producer);
    await until(() => received.length > 20, 'outputs');
    const events = names(stream, 'lost', 'assigned', 'restored');
    kafka.brokerDown();
    await until(() => events.includes('lost'), 'the end of the session');
    expect(stream.status()).toMatchObject({ state: 'degraded', healthy: false, partitions: [] });
    kafka.brokerUp();
    await resources.settle(load, received, stream);
    expect(events.slice(0, 4)).toEqual(['lost', 'assigned', 'restored', 'restored']);
  });
});

describe('beginning and ending without brokers', () => {
  test('start() rejects after its time', async () => {
    const store = await resources.memoryStore();
    const stream = resources.stream({ brokers: ['127.0.0.1:1'] }, store, { connectTimeoutMs: 300 });
    await expect(stream.start()).rejects.toMatchObject({ name: 'KafkaError', code: '_ALL_BROKERS_DOWN' });
    expect(stream.status()).toMatchObject({ state: 'failed', healthy: false });
    await stream.stop();
    expect(stream.status().state).toBe('stopped');
  });

  test.each(guarantees)('stop() ends in its time, and what could not be stored comes again (%s)', async (guarantee) => {
    const { kafka, producer, store } = await resources.place(two);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, { guarantee, ...hasty });
    const load = resources.load(producer);
    await until(() => received.length > 20, 'outputs');
    kafka.brokerDown();
    await until(() => stream.status().state === 'degraded', 'the outage');
    await stream.stop({ timeoutMs: 300 });
    expect(stream.status().state).toBe('stopped');
    kafka.brokerUp();
    await resources.settle(load, received, await resources.running(kafka, store, { guarantee, ...hasty }));
  });
});

describe('the group', () => {
  test('between losing its partitions and the next assignment a stream is rebalancing', async () => {
    const { kafka, store } = await resources.place();
    const stream = await resources.running(kafka, store, hasty);
    const seen = conditions(stream);
    const atLoss = new Promise((resolve) => stream.once('lost', resolve));
    kafka.failNext('Heartbeat', ['UNKNOWN_MEMBER_ID']);
    await atLoss;
    await until(
      () => stream.status().partitions.length === 1 && stream.status().state === 'running',
      'the next assignment',
    );
    expect(seen.slice(0, 2)).toEqual(['rebalancing', 'running']);
    expect(seen.length % 2).toBe(0);
  });

  test.each(['cooperative-sticky', 'range'])('members without partitions run, too (%s)', async (assignor) => {
    const { kafka, store } = await resources.place();
    const open = () => resources.stream(kafka, store, { ...hasty, assignor });
    const [first, second] = [open(), open()];
    await first.start();
    await second.start();
    const both = [first, second].map((stream) => stream.status());
    await until(() => first.status().state === 'running', 'the first');
    expect(both[1]).toMatchObject({ state: 'running', healthy: true });
    const owners = () => [first, second].filter((stream) => stream.status().partitions.length === 1);
    await until(() => owners().length === 1, 'one owner');
    const [owner] = owners();
    const other = owner === first ? second : first;
    const seen = conditions(other);
    await owner.stop();
    await until(() => other.status().partitions[0]?.state === 'running', 'the heir');
    await until(() => other.status().state === 'running', 'running');
    expect(seen.slice(0, 2)).toEqual(['rebalancing', 'running']);
    expect(seen.length % 2).toBe(0);
  });

  test('two streams of one applicationId with different topics do not mix', async () => {
    const { kafka, producer, store } = await resources.place(['in', 'other', 'out', 'elsewhere']);
    const received = [await resources.read(kafka, 'out'), await resources.read(kafka, 'elsewhere')];
    const open = (input, topic) =>
      resources.running(kafka, store, { ...hasty, input: { topics: [input] }, output: { topic } });
    const streams = [await open('in', 'out'), await open('other', 'elsewhere')];
    const values = [[Float32Array.of(1), Float32Array.of(2)], [Float32Array.of(10), Float32Array.of(20)]];
    for (const [i, topic] of ['in', 'other'].entries()) {
      await producer.send({ topic, messages: values[i].map((value) => ({ key: 'k', value })) });
    }
    for (const [i, stream] of streams.entries()) {
      await until(() => received[i].length >= 2, `outputs of stream ${i}`);
      const { outputs, state } = await offline(values[i]);
      expect(received[i].slice(-2).map(({ value }) => value)).toEqual(outputs);
      expect(await stateOf(stream, 'k')).toEqual(state);
    }
  });

  test('two, then three, then one instance under load', async () => {
    const { kafka, producer, store } = await resources.place(two);
    const received = await resources.read(kafka);
    const open = () => resources.running(kafka, store, hasty);
    const load = resources.load(producer);
    const streams = await Promise.all([open(), open()]);
    await until(() => received.length > 20, 'outputs of two');
    streams.push(await open());
    const before = received.length;
    await until(() => received.length > before + 20, 'outputs of three');
    const owners = streams.filter((stream) => stream.status().partitions.length > 0);
    const last = owners.pop();
    await Promise.all(streams.filter((stream) => stream !== last).map((stream) => stream.stop()));
    await until(() => last.status().partitions.length === 2, 'one owner of all');
    await resources.settle(load, received, last);
  });
});

const real = process.env.DSPX_KAFKA_BROKERS?.split(',');
if (!real) console.info('No real group, no missing topic: DSPX_KAFKA_BROKERS is not set (scripts/services start)');

(real ? test : test.skip)('a second live member with our groupInstanceId ends us, at once and for good', async () => {
  const name = `fenced-${process.pid}-${Date.now()}`;
  const producer = await resources.producer({ brokers: real });
  await producer.send({ topic: name, messages: [{ key: 'k', value: '[1]' }] });
  const store = await resources.memoryStore();
  const open = () => resources.stream({ brokers: real }, store, {
    applicationId: name, input: { topics: [name] }, output: null, groupInstanceId: 'one',
    consumer: { sessionTimeout: 6000, heartbeatInterval: 500 },
  });
  const [first, second] = [open(), open()];
  await first.start();
  await until(() => first.metrics().messages === 1, 'the message');
  await second.start();
  await until(() => first.status().state === 'failed', 'the end of the first');
  expect(first.errors.at(-1)).toMatchObject({ name: 'KafkaError', code: 'FENCED_INSTANCE_ID', fatal: true });
  expect(first.metrics().restarts).toBe(0);
  await producer.send({ topic: name, messages: [{ key: 'k', value: '[1]' }] });
  await until(() => second.status().partitions[0]?.position === '2', 'the second to go on');
  await first.stop();
  expect(first.status().state).toBe('stopped');
  expect(second.status()).toMatchObject({ state: 'running', healthy: true });
});

(real ? test : test.skip)('a topic that does not exist: start() rejects, and nobody makes it', async () => {
  const name = `missing-${process.pid}-${Date.now()}`;
  for (const round of [1, 2]) {
    const stream = resources.stream({ brokers: real }, await resources.memoryStore(), {
      applicationId: `${name}-${round}`, input: { topics: [name] }, output: null, connectTimeoutMs: 500,
    });
    const error = await stream.start().catch((e) => e);
    expect(error).toMatchObject({ name: 'KafkaError', code: 'UNKNOWN_TOPIC_OR_PART' });
    expect(error.message).toMatch(new RegExp(`${name}.*Broker: Unknown topic or partition`));
    expect(stream.status().state).toBe('failed');
  }
});

(real ? test : test.skip)('KIP-848: a second instance takes a share, and all when the first stops', async () => {
  const name = `kip-848-${process.pid}-${Date.now()}`;
  await createTopics(real[0], [name], 2);
  const producer = await resources.producer({ brokers: real });
  const store = await resources.memoryStore();
  const open = (instanceId) => resources.stream({ brokers: real }, store, {
    applicationId: name, input: { topics: [name] }, output: null, groupProtocol: 'consumer', instanceId,
  });
  let sent = 0;
  const [first, second] = [open('one'), open('two')];
  const done = () => first.metrics().messages + second.metrics().messages;
  const send = async () => {
    await producer.send({
      topic: name,
      messages: [0, 1].map((at) => ({ key: `k${at}`, partition: at, value: '[1]' })),
    });
    sent += 2;
    await until(() => done() === sent, `${sent} messages`);
  };
  await first.start();
  await until(() => first.status().partitions.length === 2, 'both partitions');
  await send();
  await second.start();
  await until(() => [first, second].every((s) => s.status().partitions.length === 1), 'equal shares');
  await send();
  await first.stop();
  await until(() => second.status().partitions.length === 2, 'the share of the first');
  await send();
  expect([...first.errors, ...second.errors]).toEqual([]);
});

describe('rights', () => {
  test('no right to read a topic any more: said with its code, and on when it is back', async () => {
    const { kafka, producer, store } = await resources.place(two);
    const stream = await resources.running(kafka, store, { consumer: { 'fetch.error.backoff.ms': 20 } });
    const load = resources.load(producer);
    await until(() => stream.metrics().messages > 10, 'messages');
    kafka.failNext('Fetch', ['TOPIC_AUTHORIZATION_FAILED']);
    await until(() => stream.errors.length > 0, 'the error');
    expect(stream.errors[0]).toMatchObject({ name: 'KafkaError', code: 'TOPIC_AUTHORIZATION_FAILED', fatal: false });
    await resources.settle(load, await resources.read(kafka), stream);
    expect(stream.metrics().restarts).toBe(0);
  });

  test('no right to join the group: start() rejects, and nothing is tried any more', async () => {
    const { kafka, store } = await resources.place();
    const stream = resources.stream(kafka, store);
    kafka.failNext('JoinGroup', ['GROUP_AUTHORIZATION_FAILED']);
    await expect(stream.start()).rejects.toMatchObject({ name: 'KafkaError', code: 'GROUP_AUTHORIZATION_FAILED' });
    expect(stream.status()).toMatchObject({
      state: 'failed',
      healthy: false,
      error: expect.stringMatching(/authorization/),
    });
    kafka.clearRequests();
    // Another member's second of heartbeats: a client that tries again does so within it.
    const other = await resources.running(kafka, store, { ...hasty, applicationId: 'other' });
    const requests = (api) => kafka.requests().filter((request) => request.api === api).length;
    await until(() => requests('Heartbeat') >= 10, 'heartbeats of the other');
    expect(requests('JoinGroup')).toBe(1);
    await other.stop();
  });

  test("a broker that does not tell the group's offset is asked again: it is not taken for none", async () => {
    const { kafka, store, send } = await resources.place();
    await send('[1]');
    const first = await resources.running(kafka, store);
    await until(() => first.status().partitions[0].checkpointed === '1', 'a checkpoint');
    await first.stop();
    // Only the offset tells that there is a state, in another store.
    const stream = resources.stream(kafka, await resources.memoryStore());
    kafka.failNext('OffsetFetch', ['INVALID_REQUEST', 'INVALID_REQUEST']);
    await stream.start();
    await partition(stream, 'stalled');
    expect(stream.errors.map(({ code }) => code)).toContain('INVALID_REQUEST');
    expect(stream.errors.at(-1)).toMatchObject({ name: 'StreamStateMissingError' });
  });
});

describe('the output topic', () => {
  const small = {
    prefetch: { messages: 20 },
    checkpoint: { intervalMs: 50, everyMessages: 10 },
    producer: { 'queue.buffering.max.messages': 20 },
  };
  const many = Array.from({ length: 3000 }, (_, i) => Float32Array.of(i, 0.5));

  test.each(guarantees)('is away: its partition waits, and memory stays flat (%s)', async (guarantee) => {
    const { kafka, send, store } = await resources.place(['in', 'out'], { brokers: 2 });
    const stream = resources.stream(kafka, store, { ...small, guarantee });
    await stream.start();
    const coordinator = kafka.requests().find(({ api }) => api === 'JoinGroup').broker;
    kafka.moveLeader('in', 0, coordinator);
    kafka.moveLeader('out', 0, 3 - coordinator);
    await send('[0]');
    await until(() => stream.metrics().messages === 1, 'the first message');
    kafka.brokerDown(3 - coordinator);
    await send(...many);
    const position = () => Number(stream.status().partitions[0]?.position ?? 0);
    await until(() => position() > 1, 'the first of them');
    await until(() => !stream.status().healthy, 'the outage to be noticed');
    // Ten checkpoints of ten messages are due, and what was taken at once.
    expect(position()).toBeLessThan(300);
    kafka.brokerUp();
    await until(() => Number(stream.status().partitions[0]?.checkpointed) === many.length + 1, 'all of it');
    const { state } = await offline([Float32Array.of(0), ...many]);
    expect(await stateOf(stream, 'k')).toEqual(state);
  });

  test.each(guarantees)(
    'refuses outputs: the partition goes back to its last checkpoint and tries again (%s)',
    async (guarantee) => {
      const { kafka, producer, store } = await resources.place(two);
      const received = await resources.read(kafka);
      const stream = await resources.running(kafka, store, { guarantee });
      await stream.pause();
      const load = resources.load(producer);
      await until(() => load.count > 20, 'messages');
      await load.stop();
      kafka.failNext('Produce', ['TOPIC_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED']);
      await stream.resume();
      await resources.settle(load, received, stream);
      expect(stream.errors.map(({ code }) => code)).toContain('TOPIC_AUTHORIZATION_FAILED');
      expect(stream.metrics().restores).toBeGreaterThan(2);
    },
  );
});
