'use strict';
const { createKafkaProducerHandler, Logger, withTracingContext, CIRCUIT_BREAKER_CONFIGS } = require('../../index.js');
const fc = require('fast-check');
const { logJson } = require('../../lib/kafka/producer/log-message.js');
const { Resources, cluster, clusters, until } = require('../support/streaming.js');

const resources = new Resources();
beforeEach(() => {
  jest.spyOn(console, 'debug').mockImplementation(() => {});
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const log = (i, more) => ({
  level: 'info',
  message: `m${i}`,
  topic: 'pipeline.info',
  timestamp: 1_700_000_000_000 + i,
  ...more,
});

/** A handler for a new topic, and what arrives there. */
async function setUp(config, kind = 'embedded') {
  const place = await cluster(resources, kind, { partitions: 3 });
  const handler = createKafkaProducerHandler({ brokers: place.brokers, topic: place.topic, ...config });
  resources.use(handler, () => handler.close().catch(() => {}));
  const received = [];
  const listen = async () => {
    const consumer = await resources.consumer({
      brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true, codec: 'raw',
      onMessage: (m) => received.push(m), onError: () => {},
    });
    await consumer.run();
  };
  return { ...place, handler, received, listen };
}

test.each([
  ['brokers', {}],
  ['brokers', { brokers: [] }],
  ['topic', { topic: '' }],
  ['batchSize', { batchSize: -1 }],
  ['maxBuffered', { batchSize: 200, maxBuffered: 100 }],
  ['minLevel', { minLevel: 'loud' }],
])('a wrong %s is a TypeError that names it', (name, change) => {
  const config = name === 'brokers' ? { topic: 't', ...change } : { brokers: ['k'], topic: 't', ...change };
  expect(() => createKafkaProducerHandler(config)).toThrow(TypeError);
  expect(() => createKafkaProducerHandler(config)).toThrow(new RegExp(name));
});

test('nothing is connected before the first flush', () => {
  const handler = createKafkaProducerHandler({ brokers: ['127.0.0.1:1'], topic: 't', flushInterval: 600_000 });
  expect(handler(log(0))).toBeUndefined();
  expect(handler.metrics()).toMatchObject({ buffered: 1, flushes: 0, messages: 0 });
  expect(handler.getCircuitBreakerStats()).toMatchObject({ state: 'closed' });
});

test.each(clusters())('the message: key, value, headers, time (%s cluster)', async (kind) => {
  const { handler, received, listen } = await setUp({}, kind);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const cycle = {};
  cycle.self = cycle;
  handler(log(1, { context: { stage: 'rms', x: NaN }, traceId, spanId: '00f067aa0ba902b7', correlationId: 'c' }));
  handler(log(2, { topic: '', message: 'é', context: cycle }));
  handler(log(3, { context: { big: 1n }, traceId: 'odd' }));
  await handler.flush();
  await listen();
  await until(() => received.length === 3, 'three messages');
  const [first, second, third] = received.sort((a, b) => a.timestamp - b.timestamp);
  expect(first.key).toBe('pipeline.info');
  expect(first.timestamp).toBe('1700000000001');
  expect(String(first.value)).toBe(
    `{"schema":"dspx/log/v1","level":"info","message":"m1","topic":"pipeline.info",` +
      `"context":{"stage":"rms","x":null},` +
      `"timestamp":1700000000001,"traceId":"${traceId}","spanId":"00f067aa0ba902b7","correlationId":"c"}`,
  );
  const text = Object.fromEntries(Object.entries(first.headers).map(([k, v]) => [k, String(v)]));
  expect(text).toEqual({
    'content-type': 'application/json', level: 'info', 'trace-id': traceId, 'span-id': '00f067aa0ba902b7',
    'correlation-id': 'c', traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  });
  expect(second.key).toBe('default');
  expect(JSON.parse(second.value)).toMatchObject({ message: 'é', topic: '' });
  expect(JSON.parse(second.value).context).toMatch(/^\[Unable to stringify: /);
  expect(JSON.parse(third.value).context).toMatch(/BigInt/);
  expect(third.headers.traceparent).toBeUndefined();
});

test.each(clusters())(
  'a log whose time is none is sent with that of now, and keeps what it held (%s cluster)',
  async (kind) => {
    const { handler, received, listen } = await setUp({}, kind);
    const before = Date.now();
    const times = [-5, NaN, Infinity, '2026-11-30T00:00:00Z', 2 ** 60, 0, null];
    times.forEach((timestamp, i) => {
      handler(log(i, { timestamp }));
    });
    handler(log(times.length, { timestamp: 1_700_000_000_000.75 }));
    await handler.flush();
    await listen();
    await until(() => received.length === times.length + 1, 'the logs');
    const sent = received.map(({ timestamp, value }) => [JSON.parse(value), Number(timestamp)]);
    const of = (i) => sent.find(([{ message }]) => message === `m${i}`);
    times.forEach((timestamp, i) => {
      const [entry, time] = of(i);
      expect(time).toBeGreaterThanOrEqual(before);
      expect(entry.timestamp).toBe(JSON.parse(JSON.stringify(timestamp)));
    });
    expect(of(times.length)[1]).toBe(1_700_000_000_000);
  },
);

test('the value is what JSON.stringify makes of the fields, whatever they hold', () => {
  const word = fc.option(
    fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('\ud800'), fc.constant('a "b" \\ é')),
    { nil: undefined },
  );
  const fields = fc.record({
    level: fc.constantFrom('info', 'fatal', 'own "level"'),
    message: word,
    topic: word,
    context: fc.option(fc.anything(), { nil: undefined }),
    timestamp: fc.oneof(fc.integer(), fc.double(), fc.constant(undefined)),
    traceId: word,
    spanId: word,
    correlationId: word,
  });
  fc.assert(fc.property(fields, (log_) => {
    const { level, message, topic, context, timestamp, traceId, spanId, correlationId } = log_;
    const all = { schema: 'dspx/log/v1', level, message, topic, context, timestamp, traceId, spanId, correlationId };
    let expected;
    try {
      expected = JSON.stringify(all);
    } catch {
      expect(JSON.parse(logJson(log_)).context).toMatch(/^\[Unable to stringify: /);
      return;
    }
    expect(logJson(log_)).toBe(expected);
  }));
});

test('99 logs wait for the timer, the hundredth flushes', async () => {
  const { handler } = await setUp({ flushInterval: 60_000 });
  for (let i = 0; i < 99; i++) expect(handler(log(i))).toBeUndefined();
  expect(handler.metrics()).toMatchObject({ buffered: 99, flushes: 0 });
  await handler(log(99));
  await until(() => handler.metrics().delivered === 100, 'the delivery');
  expect(handler.metrics()).toMatchObject({ buffered: 0, flushes: 1 });
});

test('the timer flushes what waits', async () => {
  const { handler } = await setUp({ flushInterval: 40 });
  handler(log(0));
  await until(() => handler.metrics().delivered === 1, 'the timer');
});

test('minLevel', async () => {
  const { handler } = await setUp({ minLevel: 'warn' });
  handler(log(0));
  handler(log(1, { level: 'error' }));
  expect(handler.metrics().buffered).toBe(1);
});

test('as a handler of a Logger, with its trace context', async () => {
  const { handler, received, listen } = await setUp();
  const logger = new Logger([handler]);
  await withTracingContext({ traceId: 't1', spanId: 's1' }, () => logger.warn('careful', 'pipeline.alert', { a: 1 }));
  await logger.flushAll();
  await listen();
  await until(() => received.length === 1, 'the log');
  expect(JSON.parse(received[0].value)).toMatchObject({
    level: 'warn',
    message: 'careful',
    traceId: 't1',
    context: { a: 1 },
  });
});

test('flush() and close() leave the handler usable', async () => {
  const { handler } = await setUp();
  for (let i = 0; i < 3; i++) {
    handler(log(i));
    await handler.flush();
    await handler.close();
  }
  expect(handler.metrics()).toMatchObject({ delivered: 3, buffered: 0 });
});

test('an outage: logs wait in their order, the oldest go beyond the bound, none is sent twice', async () => {
  const { kafka, handler, received, listen } = await setUp({
    flushInterval: 300, maxBuffered: 10_000, flushTimeoutMs: 3000, circuitBreaker: false,
  });
  handler(log(-1));
  await handler.flush();
  kafka.brokerDown();
  for (let i = 0; i < 20_000; i++) handler(log(i));
  await expect(handler.flush()).rejects.toMatchObject({ name: 'KafkaError', code: '_MSG_TIMED_OUT' });
  expect(handler.metrics().buffered).toBe(10_000);
  expect(handler.metrics().dropped).toBe(10_000);
  expect(console.error.mock.calls.some(([text]) => text.startsWith('Kafka producer handler error'))).toBe(true);
  kafka.brokerUp();
  await until(() => handler.metrics().delivered >= 10_001, 'the delivery after the outage');
  await listen();
  await until(() => received.length === 10_001, 'all of them');
  const values = received.map(({ timestamp }) => Number(timestamp) - 1_700_000_000_000);
  expect(values).toEqual([-1, ...Array.from({ length: 10_000 }, (_, i) => 10_000 + i)]);
});

test('the circuit opens after failed flushes, and a probe closes it again', async () => {
  const { kafka, handler } = await setUp({
    flushTimeoutMs: 150,
    flushInterval: 60_000,
    circuitBreaker: {
      ...CIRCUIT_BREAKER_CONFIGS.standard,
      failureThreshold: 2,
      volumeThreshold: 2,
      successThreshold: 1,
      timeout: 200,
    },
  });
  kafka.brokerDown();
  handler(log(0));
  for (let i = 0; i < 2; i++) await expect(handler.flush()).rejects.toThrow(/not delivered/);
  expect(handler.getCircuitBreakerStats().state).toBe('open');
  await expect(handler.flush()).rejects.toThrow(/Circuit OPEN/);
  expect(handler.metrics().buffered).toBe(1);
  kafka.brokerUp();
  await until(() => handler.flush().then(() => true, () => false), 'the probe');
  expect(handler.getCircuitBreakerStats().state).toBe('closed');
  expect(handler.metrics()).toMatchObject({ buffered: 0, delivered: 1 });
});

test('a log that fills a batch is not held up by a flush that cannot end', async () => {
  const { kafka, handler } = await setUp({ flushTimeoutMs: 200_000, flushInterval: 600_000, batchSize: 2 });
  kafka.brokerDown();
  const logger = new Logger([handler]);
  await logger.info('one');
  await logger.info('two');
  await logger.info('three');
  // The flush is still under way: it ends after 200 s, or with the brokers.
  expect(handler.metrics()).toMatchObject({ flushes: 1, delivered: 0 });
  kafka.brokerUp();
  await until(() => handler.metrics().delivered >= 2, 'the delivery');
  await handler.flush();
  expect(handler.metrics()).toMatchObject({ delivered: 3, dropped: 0 });
});

test('a failed flush is not tried again with every log', async () => {
  const { kafka, handler } = await setUp({ flushTimeoutMs: 150, flushInterval: 60_000, batchSize: 2 });
  kafka.brokerDown();
  await Promise.all([handler(log(0)), handler(log(1))]);
  await until(() => handler.metrics().buffered === 2, 'the end of the flush');
  expect(handler.metrics().flushes).toBe(1);
  for (let i = 2; i < 10; i++) expect(handler(log(i))).toBeUndefined();
  expect(handler.metrics()).toMatchObject({ flushes: 1, buffered: 10 });
});
