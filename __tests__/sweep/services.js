'use strict';

/**
 * Right arguments of what makes clients, stores and handlers of logs, and of what they are made of. Nothing answers at the
 * addresses: what is right waits for a server for a moment and then says so, and what is wrong is told before that.
 */

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const dspx = require('../../index.js');

const noop = () => {};
/** Port 9 (discard) of the own machine: connections are refused at once. */
const NOWHERE = '127.0.0.1:9';
/** As long as a caller may ask a client to wait for a server: the sweep does not wait for it. */
const PATIENCE_MS = 1500;

const unreachable = (error) => error instanceof dspx.KafkaError || error instanceof dspx.StateStoreError;

/**
 * Waits for a client and lets it go again. That no server is there is no finding; that a caller asked to wait for it for a
 * long time is none either.
 */
async function made(promise, close) {
  const closed = Promise.resolve(promise).then(async (client) => {
    await close(client);
    return 'made';
  });
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, 'waits');
  });
  try {
    return await Promise.race([closed, late]);
  } catch (error) {
    if (unreachable(error) && error.retriable) return 'unreachable';
    throw error;
  } finally {
    clearTimeout(timer);
    closed.catch(noop);
  }
}

const broker = () => ({ brokers: [NOWHERE], clientId: 'sweep', connectTimeoutMs: 50 });
const consumer = () => ({
  ...broker(), groupId: 'sweep', topics: ['in'], consumerConfig: {}, fromBeginning: true, onMessage: noop, onError: noop,
  codec: 'f32', concurrency: 1, partitionConcurrency: 1, prefetch: { messages: 10 }, handlerTimeoutMs: 1000,
  retry: { attempts: 2, initialMs: 1, maxMs: 2, factor: 2, jitter: 0 }, deadLetterTopic: 'dead', onExhausted: 'dlq', onPoison: 'skip',
  autoCommit: true, autoCommitIntervalMs: 1000, groupProtocol: 'classic', assignor: 'range', groupInstanceId: 'one',
  shutdownTimeoutMs: 50, revokeTimeoutMs: 50, onAssigned: noop, onRevoked: noop, onLost: noop,
});
const producerHandler = () => ({
  brokers: [NOWHERE], topic: 'logs', clientId: 'sweep', producerConfig: {}, batchSize: 2, flushInterval: 0, circuitBreaker: false,
  maxBuffered: 100,
  flushTimeoutMs: 50, minLevel: 'info',
});
const stream = () => ({
  applicationId: 'sweep', brokers: [NOWHERE], client: {}, consumer: {}, producer: {},
  input: { topics: ['in'], codec: 'json', key: 'key', channels: 1, sampleRate: 250, startFrom: 'earliest' },
  pipeline: dspx.createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 4 }),
  output: { topic: 'out', codec: 'json', partition: 'key', headers: { a: 'b' }, emitEmpty: false },
  store: dspx.createMemoryStateStore(), guarantee: 'at-least-once', changelog: { topic: 'changes' },
  checkpoint: { intervalMs: 1000, everyMessages: 10, timeoutMs: 1000 }, maxKeysInMemory: 10, prefetch: { messages: 10 }, workers: 1,
  onPoison: 'skip', deadLetterTopic: 'dead', onDataLoss: 'fail', onMissingState: 'fail', onDefinitionChange: 'fail',
  onOffsetMismatch: 'fail', onPartitionCountChange: 'fail', instanceId: 'one', groupInstanceId: 'one', groupProtocol: 'classic',
  assignor: 'range', revokeTimeoutMs: 50, connectTimeoutMs: 50, maxRestarts: 1, tracing: false,
});
const redis = () => ({
  url: 'redis://127.0.0.1:9', prefix: 'sweep', ttlMs: 1000, username: 'user', password: 'pass', db: 1, connectTimeoutMs: 50,
  commandTimeoutMs: 50, reconnect: { initialMs: 10, maxMs: 20 }, retryForMs: 1, chunkBytes: 65536, chunkKeys: 16, compression: 'none',
  waitReplicas: 0,
});

/** Clients and stores: their arguments, and how one is let go. */
const CLIENTS = {
  createKafkaConsumer: [() => [consumer()], (client) => client.disconnect()],
  createKafkaProducer: [() => [{ ...broker(), producerConfig: {} }], (client) => client.disconnect()],
  createKafkaStream: [() => [stream()], (made) => made.stop({ timeoutMs: 100 })],
  createRedisStateStore: [() => [redis()], (store) => store.close()],
  createEmbeddedStateStore: [
    () => [{ path: mkdtempSync(join(tmpdir(), 'dspx-sweep-store-')), durability: 'os', ttlMs: 1000, cacheBytes: 2 ** 20 }],
    (store) => store.close(),
  ],
};

const backend = (more) => ({
  endpoint: `http://${NOWHERE}/`, apiKey: 'key', headers: { a: 'b' }, batchSize: 2, flushInterval: 0, circuitBreaker: false,
  timeoutMs: 50, maxBuffered: 4, minLevel: 'info', ...more,
});
const entry = () => ({ level: 'info', message: 'hello', topic: 'pipeline.stage', context: { a: 1 }, timestamp: 1.7e12 });
const BREAKER = { failureThreshold: 2, successThreshold: 1, timeout: 10, volumeThreshold: 2, errorPercentageThreshold: 50 };

/** Handlers that send logs: each is made and given one. */
const HANDLERS = ['createConsoleHandler', 'createPagerDutyHandler', 'createPrometheusHandler', 'createLokiHandler',
  'createCloudWatchHandler', 'createDatadogHandler'];

/** Functions of logs, traces, frames and stores that need nobody else. */
const PLAIN = {
  createMockHandler: () => [noop],
  createNativeLogHandler: () => [{ log: noop }, { topicPrefix: 'native' }],
  createTopicRouter: () => [],
  createMemoryStateStore: () => [],
  generateTraceparent: () => ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'],
  getTracingContext: () => [],
  withTracingContext: () => [{ traceId: 'a', spanId: 'b', correlationId: 'c' }, noop],
  setLogLevel: () => ['off'],
  encodeFrame: () => [Float32Array.of(1, 2, 3, 4), { channels: 2, sampleRate: 250, t0: 0, timestamps: Float64Array.of(0, 4) }],
  decodeFrame: () => [dspx.encodeFrame(Float32Array.of(1, 2, 3, 4), { channels: 2 })],
};

const logger = () => new dspx.Logger([noop], { minLevel: 'debug', autoShutdown: false });
const loggerOptions = () => ({
  fallbackHandler: noop, enableMetrics: true, formatter: new dspx.JSONFormatter(), sampling: {}, minLevel: 'info', autoShutdown: false,
});
const router = () => dspx.createTopicRouter().default(noop).build();
const route = () => ['stage.*', noop, { name: 'a', concurrency: 1, trackMetrics: true, minPriority: 1, maxPriority: 5 }];
const logged = () => ['hello', 'topic', { a: 1 }];

/** Classes of logs, as in `CLASSES` of the other subjects. */
const LOG_CLASSES = {
  Logger: {
    make: logger,
    construct: () => [[noop], loggerOptions()],
    methods: {
      log: () => ['info', 'hello', 'topic', { a: 1 }], trace: logged, debug: logged, info: logged, warn: logged, error: logged,
      fatal: logged, setMinLevel: () => ['info'], child: () => ['prefix'],
    },
  },
  CircuitBreaker: {
    make: () => new dspx.CircuitBreaker('name', BREAKER), construct: () => ['name', { ...BREAKER }], methods: { execute: () => [noop] },
  },
  CircularLogBuffer: {
    make: () => new dspx.CircularLogBuffer(4), construct: () => [4], methods: { push: () => [entry()] },
  },
  JSONFormatter: { make: () => new dspx.JSONFormatter(), methods: { format: () => [entry()] } },
  TextFormatter: { make: () => new dspx.TextFormatter(), methods: { format: () => [entry()] } },
  TopicRouter: { make: router, methods: { addRoute: route, route: () => [entry()], routeBatch: () => [[entry()]] } },
  TopicRouterBuilder: {
    make: () => dspx.createTopicRouter(),
    methods: {
      errors: () => [noop, {}], performance: () => [noop, {}], stage: () => ['name', noop, {}], alerts: () => [noop, {}],
      debug: () => [noop, {}], default: () => [noop, {}], custom: route,
    },
  },
};

/** Folders of embedded stores that a call was given. */
const removeFolder = ([config]) => {
  try {
    if (typeof config?.path === 'string' && config.path.startsWith(join(tmpdir(), 'dspx-sweep-store-'))) {
      rmSync(config.path, { recursive: true, force: true });
    }
  } catch {
    // A config that is hostile itself.
  }
};

async function runHandler(name, given) {
  const handler = dspx[name](...given);
  try {
    await handler(entry());
    await handler.flush?.();
  } catch (error) {
    // That nobody listens there is no finding.
    if (!/^\w+: request failed/.test(error?.message)) throw error;
  } finally {
    await Promise.resolve(handler.close?.()).catch(noop);
  }
}

/** @param {(label: string, args: () => unknown[], run: (given: unknown[]) => unknown) => void} add */
function addServices(add) {
  for (const [name, [args, close]] of Object.entries(CLIENTS)) {
    add(name, args, async (given) => {
      try {
        return await made(dspx[name](...given), close);
      } finally {
        if (name === 'createEmbeddedStateStore') removeFolder(given);
      }
    });
  }
  add('createKafkaProducerHandler', () => [producerHandler()], (given) => {
    const run = async () => {
      const handler = dspx.createKafkaProducerHandler(...given);
      await Promise.resolve(handler(entry())).catch(noop);
      return handler;
    };
    return made(run(), (handler) => handler.close?.());
  });
  for (const name of HANDLERS) add(name, () => [backend()], (given) => made(runHandler(name, given), noop));
  for (const [name, args] of Object.entries(PLAIN)) {
    add(name, args, async (given) => {
      const result = dspx[name](...given);
      // What listens to the native side stops doing so.
      result?.close?.();
      return result;
    });
  }
}

module.exports = { addServices, CLIENTS, HANDLERS, LOG_CLASSES, PLAIN };
