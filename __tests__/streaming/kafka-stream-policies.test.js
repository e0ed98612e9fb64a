'use strict';
const { createDspPipeline, createKafkaConsumer } = require('../../index.js');
const { StreamResources, counting, offline, partition, stateOf } = require('../support/kafka-stream.js');
const { until } = require('../support/streaming.js');

const resources = new StreamResources();
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const place = (topics) => resources.place(topics);

/** What the integrator says after all samples of `values`, a number. */
async function sum(...values) {
  const { outputs } = await offline(values.map((value) => Float32Array.from(value)));
  return outputs.at(-1).at(-1);
}

/** The last sample of the last message. JSON is read as float64. */
const last = (received) => Math.fround(received.at(-1).value.data.at(-1));

/** Runs a stream over what is in the topic and stops it. */
async function once({ kafka, store }, options) {
  const stream = await resources.running(kafka, store, options);
  await until(() => stream.metrics().lag === 0 && stream.metrics().messages > 0, 'the end of the topic');
  await stream.stop();
}

describe('onPoison', () => {
  test('fail: the partition stalls in front of the message, and resume() tries again', async () => {
    const { kafka, store, send } = await place();
    await send('[1]', 'x', '[2]');
    const stream = await resources.running(kafka, store);
    expect(await partition(stream, 'stalled')).toMatchObject({
      position: '1',
      checkpointed: '1',
      reason: expect.stringMatching(/in\/0\/1/),
    });
    expect(stream.status().healthy).toBe(false);
    expect(stream.errors[0].message).toMatch(/in\/0\/1 cannot be processed/);
    await stream.resume();
    await until(() => stream.metrics().restores === 2, 'another attempt');
    await partition(stream, 'stalled');
  });

  test('skip: it is counted', async () => {
    const { kafka, store, send } = await place();
    await send('[1]', 'x', '[2]');
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, { onPoison: 'skip' });
    await until(() => received.length === 2, 'two outputs');
    expect(stream.metrics()).toMatchObject({ messages: 3, poison: 1, emitted: 2 });
    expect(last(received)).toBe(await sum([1], [2]));
  });

  test.each(['at-least-once', 'exactly-once'])('dlq: the message and why it is there (%s)', async (guarantee) => {
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    const { kafka, store, send } = await place(['in', 'out', 'dead']);
    await send('[1]', 'x', '[2]');
    const received = await resources.read(kafka);
    const letters = await resources.read(kafka, 'dead', { codec: 'raw' });
    const stream = resources.stream(kafka, store, { deadLetterTopic: 'dead', guarantee });
    const told = [];
    stream.on('dlq', (what) => told.push(what));
    await stream.start();
    await until(() => received.length === 2 && letters.length === 1, 'the dead letter');
    expect(told).toEqual([{ topic: 'in', partition: 0, offset: '1', reason: expect.stringMatching(/JSON/) }]);
    const headers = Object.fromEntries(
      Object.entries(letters[0].headers).map(([name, value]) => [name, value.toString()]),
    );
    expect([letters[0].key, letters[0].value.toString()]).toEqual(['k', 'x']);
    expect(headers).toMatchObject({
      'dspx-dlq-topic': 'in',
      'dspx-dlq-partition': '0',
      'dspx-dlq-offset': '1',
      'dspx-dlq-group': 'app',
      'dspx-dlq-attempts': '1',
      'dspx-dlq-error-class': 'KafkaDecodeError',
      'dspx-dlq-error-message': expect.stringMatching(/JSON/),
    });
  });

  test('an output that is too large for the producer is poison, and the state does not have its message', async () => {
    const { kafka, store, send } = await place(['in', 'out', 'dead']);
    const large = JSON.stringify(Array(300).fill(1.5));
    await send('[1]', large, '[2]');
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, {
      deadLetterTopic: 'dead',
      producer: { 'message.max.bytes': 1500 },
    });
    await until(() => received.some((m) => m.headers['dspx-source'].toString() === 'in/0/2'), 'the last output');
    expect(stream.metrics().poison).toBe(1);
    expect(last(received)).toBe(await sum([1], [2]));
  });
});

describe('onDataLoss', () => {
  /** One message is in the state, then the log loses what was to come next: the embedded broker keeps 5 MiB. */
  async function lossy(options) {
    const at = await place();
    await at.send('[5]');
    await once(at, options);
    const block = new Float32Array(200_000).fill(0.001);
    for (let i = 0; i < 8; i++) await at.send(block);
    return at;
  }

  test.each(['at-least-once', 'exactly-once'])('fail: stalled, with the offsets (%s)', async (guarantee) => {
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    const { kafka, store } = await lossy({ guarantee });
    const stream = await resources.running(kafka, store, { guarantee });
    await partition(stream, 'stalled');
    expect(stream.errors.at(-1)).toMatchObject({
      name: 'StreamDataLossError',
      code: 'DATA_LOSS',
      topic: 'in',
      partition: 0,
      wanted: '1',
    });
    expect(Number(stream.errors.at(-1).low)).toBeGreaterThan(1);
  });

  test.each(['reset', 'continue'])('%s: on from the oldest message', async (onDataLoss) => {
    const { kafka, store, send } = await lossy();
    const received = await resources.read(kafka, 'out', { codec: 'raw' });
    const stream = await resources.running(kafka, store, { onDataLoss });
    await send('[1]');
    const source = (m) => m.headers['dspx-source'].toString();
    await until(() => received.some((m) => source(m) === 'in/0/9'), 'the output for [1]');
    const count = stream.metrics().messages - 1;
    expect(count).toBeLessThan(8);
    const kept = Array.from({ length: count }, () => new Float32Array(200_000).fill(0.001));
    const expected = await sum(...(onDataLoss === 'continue' ? [[5]] : []), ...kept, [1]);
    expect(Math.fround(JSON.parse(received.find((m) => source(m) === 'in/0/9').rawValue).data[0])).toBe(expected);
  });

  test('while it runs: a partition that has fallen behind the log stalls', async () => {
    const { kafka, store, send } = await place();
    const prefetch = { messages: 1, bytes: 1 << 20 };
    const stream = await resources.running(kafka, store, {
      prefetch,
      output: null,
      consumer: { 'fetch.message.max.bytes': 1 << 20 },
    });
    await stream.pause();
    const block = new Float32Array(200_000).fill(0.001);
    for (let i = 0; i < 16; i++) await send(block);
    await stream.resume();
    await partition(stream, 'stalled');
    expect(stream.errors.at(-1)).toMatchObject({ name: 'StreamDataLossError', topic: 'in' });
  });
});

describe('onMissingState', () => {
  async function elsewhere() {
    const at = await place();
    await at.send('[1]');
    await once(at);
    return { ...at, store: await resources.memoryStore() };
  }

  test('fail: a state that is in another store is missed', async () => {
    const { kafka, store } = await elsewhere();
    const stream = await resources.running(kafka, store);
    await partition(stream, 'stalled');
    expect(stream.errors.at(-1)).toMatchObject({
      name: 'StreamStateMissingError',
      code: 'STATE_MISSING',
      topic: 'in',
      partition: 0,
    });
  });

  test("reset: fresh states at the group's offset", async () => {
    const { kafka, store, send } = await elsewhere();
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, { onMissingState: 'reset' });
    expect(stream.status().partitions[0]).toMatchObject({ state: 'running', position: '1' });
    await send('[2]');
    await until(() => received.length === 2, 'the output');
    expect(last(received)).toBe(await sum([2]));
  });

  test('a store that loses everything while the stream runs is noticed', async () => {
    const { kafka, store, send } = await place();
    await send('[1]');
    const stream = await resources.running(kafka, store);
    await until(() => stream.metrics().checkpoints > 0, 'a checkpoint');
    await store.remove('app/in/0');
    await send('[2]');
    await partition(stream, 'stalled');
    expect(stream.errors.at(-1)).toMatchObject({ name: 'StreamStateMissingError' });
  });
});

describe('onDefinitionChange', () => {
  const other = () => counting().Rectify();

  test('fail: the states belong to another pipeline', async () => {
    const at = await place();
    await at.send('[1]');
    await once(at);
    const stream = await resources.running(at.kafka, at.store, { pipeline: other() });
    await partition(stream, 'stalled');
    expect(stream.errors.at(-1)).toMatchObject({ name: 'StateDefinitionError', code: 'DEFINITION_CHANGED' });
  });

  test('reset: fresh states of the new one', async () => {
    const at = await place();
    await at.send('[1]');
    await once(at);
    await at.send('[-2]');
    const received = await resources.read(at.kafka);
    await resources.running(at.kafka, at.store, { pipeline: other(), onDefinitionChange: 'reset' });
    await until(() => received.length === 2, 'the output');
    expect(last(received)).toBe(-(await sum([-2])));
  });
});

describe('onOffsetMismatch', () => {
  /** Three messages are in the state; then somebody sets the group's offset to 1. */
  async function moved() {
    const at = await place();
    await at.send('[1]', '[2]', '[4]');
    await once(at);
    let handled = 0;
    const tool = await createKafkaConsumer({
      brokers: at.kafka.brokers, groupId: 'app', topics: ['in'], fromBeginning: true,
      onMessage: async () => { if (handled++ > 0) await new Promise(() => {}); }, shutdownTimeoutMs: 10,
    });
    await tool.run();
    await tool.seek({ topic: 'in', partition: 0, offset: '0' });
    await until(() => handled === 2, 'the second message');
    await tool.commit();
    await tool.disconnect();
    return { ...at, received: await resources.read(at.kafka) };
  }

  test('state: on from the states', async () => {
    const { kafka, store } = await moved();
    const stream = await resources.running(kafka, store);
    expect(stream.status().partitions[0]).toMatchObject({ state: 'running', position: '3' });
  });

  test("group: fresh states at the group's offset", async () => {
    const { kafka, store, received } = await moved();
    await resources.running(kafka, store, { onOffsetMismatch: 'group' });
    await until(() => received.length === 5, 'two outputs more');
    expect(last(received)).toBe(await sum([2], [4]));
  });

  test('fail', async () => {
    const { kafka, store } = await moved();
    const stream = await resources.running(kafka, store, { onOffsetMismatch: 'fail' });
    expect((await partition(stream, 'stalled')).reason).toMatch(/set the group's offset of in\/0 to 1/);
  });
});

test('onPartitionCountChange: keys may have moved away from their states', async () => {
  const at = await place();
  await at.send('[1]');
  await once(at);
  const { kafka: grown } = await place([{ name: 'in', partitions: 2 }, 'out']);
  const strict = await resources.running(grown, at.store, { onDataLoss: 'reset' });
  expect((await partition(strict, 'stalled')).reason).toMatch(/had 1 partitions .* has 2/);
  await strict.stop();
  const relaxed = await resources.running(grown, at.store, { onDataLoss: 'reset', onPartitionCountChange: 'continue' });
  await partition(relaxed, 'running');
});

test("output.partition 'input' needs as many partitions", async () => {
  const { kafka, store } = await place([{ name: 'in', partitions: 2 }, 'out']);
  const stream = resources.stream(kafka, store, { output: { topic: 'out', partition: 'input' } });
  await expect(stream.start()).rejects.toThrow(/in has 2, out has 1/);
  expect(stream.status().state).toBe('failed');
});

test('a scope that others take over is acquired again three times, then the partition stays fenced', async () => {
  const { kafka, store, send } = await place();
  const stream = await resources.running(kafka, store);
  const fenced = [];
  stream.on('fenced', (what) => fenced.push(what));
  for (let i = 1; i <= 4; i++) {
    await store.acquire('app/in/0', 'other');
    await send('[1]');
    await until(() => fenced.length === i, `fence ${i}`);
    if (i < 4) await until(() => stream.metrics().restores === i + 1, 'another lease');
  }
  expect(await partition(stream, 'fenced')).toMatchObject({ reason: expect.stringMatching(/other/) });
  expect(stream.status().healthy).toBe(false);
  await stream.resume();
  await partition(stream, 'running');
});

test('a fatal error of a client: new clients, at most maxRestarts of them', async () => {
  const { kafka, store, send } = await place();
  const received = await resources.read(kafka);
  await send('[1]');
  kafka.failNext('InitProducerId', ['CLUSTER_AUTHORIZATION_FAILED']);
  const stream = await resources.running(kafka, store);
  await until(() => received.length === 1, 'the output');
  expect(stream.metrics().restarts).toBe(1);
  expect(stream.errors.some((error) => error.fatal)).toBe(true);
  await stream.stop();

  kafka.failNext('InitProducerId', ['CLUSTER_AUTHORIZATION_FAILED']);
  await send('[2]');
  const strict = resources.stream(kafka, store, { maxRestarts: 0 });
  await strict.start().catch(() => {}); // it may come before the first assignment
  await until(() => strict.status().state === 'failed', 'the end');
  expect(strict.status()).toMatchObject({ healthy: false, error: expect.stringMatching(/authoriz/i) });
});

test('the trace goes on in the output, unless its headers are not valid', async () => {
  const { kafka, store, producer } = await place();
  const received = await resources.read(kafka);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await producer.send({ topic: 'in', messages: [
    { key: 'k', value: '[1]', headers: { traceparent, tracestate: 'a=b', 'correlation-id': 'c' } },
    { key: 'k', value: '[1]', headers: { traceparent: traceparent.toUpperCase() } },
  ] });
  await resources.running(kafka, store);
  await until(() => received.length === 2, 'two outputs');
  const text = (headers, name) => headers[name]?.toString();
  expect(text(received[0].headers, 'traceparent')).toMatch(
    /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
  );
  expect(text(received[0].headers, 'tracestate')).toBe('a=b');
  expect(text(received[0].headers, 'correlation-id')).toBe('c');
  expect(text(received[1].headers, 'traceparent')).toBeUndefined();
});

describe('keys', () => {
  test('a nested member keeps devices apart, and a message without it is poison', async () => {
    const { kafka, store, producer } = await place();
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store, {
      input: { topics: ['in'], key: 'json:user.id' },
      pipeline: createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 100 }),
      onPoison: 'skip',
    });
    const message = (user, x) => ({ value: JSON.stringify({ data: [x], user }) });
    await producer.send({
      topic: 'in',
      messages: [message({ id: 'A' }, 1), message({ id: 'B' }, 101), message(undefined, 7), message({ id: 'A' }, 3)],
    });
    await until(() => received.length === 3, 'three outputs');
    expect(received.map((m) => m.value.data[0])).toEqual([1, 101, 2]);
    expect(stream.metrics()).toMatchObject({ poison: 1, keys: 2 });
    expect(await stream.state('A')).not.toBeNull();
    expect(await stream.state(null)).toBeNull();
  });

  test('without the member and with onPoison fail the partition stalls, and says why', async () => {
    const { kafka, store, producer } = await place();
    const stream = await resources.running(kafka, store, { input: { topics: ['in'], key: 'json:/user/id' } });
    await producer.send({ topic: 'in', messages: [{ value: '{"data":[1],"user":{}}' }] });
    await partition(stream, 'stalled');
    expect(stream.errors.at(-1).message).toBe('in/0/0 cannot be processed: it has no field user.id');
  });

  test('the empty key is a key, and not that of messages without one', async () => {
    const { kafka, store, producer } = await place();
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, store);
    await producer.send({
      topic: 'in',
      messages: ['', null, 'a', ''].map((key) => ({ key, value: Float32Array.of(1), partition: 0 })),
    });
    await until(() => received.length === 4, 'four outputs');
    expect(stream.metrics().keys).toBe(3);
    const states = await Promise.all(['', null, 'a'].map((key) => stateOf(stream, key)));
    expect(states[1]).toEqual(states[2]);
    expect(states[0]).not.toEqual(states[1]);
  });

  test.each([['json:'], ['json:a..b'], ['json:/~2'], ['header:'], ['values'], [5], ['']])(
    'input.key %j is refused',
    async (key) => {
      const { kafka, store } = await place();
      expect(() => resources.stream(kafka, store, { input: { topics: ['in'], key } })).toThrow(TypeError);
      expect(() => resources.stream(kafka, store, { input: { topics: ['in'], key } })).toThrow(/input\.key/);
    },
  );
});

test('a key that is idle beyond the bound leaves memory and comes back', async () => {
  const { kafka, store, producer } = await place();
  const received = await resources.read(kafka);
  const stream = await resources.running(kafka, store, { maxKeysInMemory: 5 });
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  for (let round = 0; round < 2; round++) {
    await producer.send({ topic: 'in', messages: keys.map((key) => ({ key, value: '[1]' })) });
    await until(() => received.length === 20 * (round + 1), `round ${round}`);
    await stream.checkpoint();
    await until(() => stream.metrics().keys <= 5, 'the idle keys to leave');
  }
  const expected = await sum([1], [1]);
  expect(received.slice(20).map((m) => Math.fround(m.value.data[0]))).toEqual(Array(20).fill(expected));
  expect(stream.metrics().keysEvicted).toBeGreaterThan(10);
  expect(stream.metrics().keysLoaded).toBeGreaterThan(10);
});
