'use strict';
const { EventEmitter } = require('#node').events;
const { availableParallelism, cpus, hostname } = require('#node').os;
const { kafkaAddon } = require('../addon.js');
const { adopt, native, KafkaError } = require('../../common/streaming-errors.js');
const { Calls } = require('../native-client.js');
const {
  choice,
  integer,
  logLine,
  properties,
  shown,
  text,
  topicList,
  warnOnce,
  warnUnknown,
} = require('../client-options.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { Reports } = require('../error-reports.js');
const { DspProcessor } = require('../../pipeline/create-pipeline.js');
const telemetry = require('../../telemetry/operations.js');
const { nativeStore } = require('../../stores/state-store.js');

const RESET = ['fail', 'reset'];
const COUNTERS = [
  'messages',
  'samplesIn',
  'samplesOut',
  'emitted',
  'replaySkipped',
  'poison',
  'keysLoaded',
  'keysEvicted',
  'checkpoints',
  'checkpointErrors',
  'checkpointBytes',
  'restores',
  'fenced',
];
/** Times in ms that are summed. */
const TIMES = ['checkpointMs', 'restoreMs'];
/** ms after which brokers abort what nobody has committed. */
const TRANSACTION_TIMEOUT = 30_000;
const KNOWN = [
  'applicationId',
  'brokers',
  'client',
  'consumer',
  'producer',
  'input',
  'pipeline',
  'output',
  'store',
  'guarantee',
  'changelog',
  'checkpoint',
  'maxKeysInMemory',
  'prefetch',
  'workers',
  'onPoison',
  'deadLetterTopic',
  'onDataLoss',
  'onMissingState',
  'onDefinitionChange',
  'onOffsetMismatch',
  'onPartitionCountChange',
  'instanceId',
  'groupInstanceId',
  'assignor',
  'revokeTimeoutMs',
  'connectTimeoutMs',
  'maxRestarts',
  'tracing',
];
/** A stream without a checkpoint for this many intervals is not healthy. */
const PATIENCE = 5;

/** Consumes a topic, sends every message through the pipeline of its key, produces what comes out. */
class KafkaStream extends EventEmitter {
  #native;
  #calls = new Calls();
  #state = 'created';
  #error;
  #release;
  #starting;
  #stopping;
  #interval;
  #name;
  #config;
  #reports = new Reports();
  /** Counters of partitions that were given up. */
  #past = Object.fromEntries([...COUNTERS, ...TIMES].map((name) => [name, 0]));
  #startedAt;

  /** @internal `createKafkaStream` makes streams. */
  constructor({ settings, client, consumer, producer, store, pipeline }) {
    super();
    this.#interval = settings.intervalMs;
    this.#name = settings.applicationId;
    this.#config = client;
    this.#native = native(
      () => new (kafkaAddon().NativeKafkaStream)(settings, consumer, producer, store, pipeline, () => this.#collect()),
    );
  }

  #collect() {
    for (const event of this.#native.collect()) {
      if (event.kind === 'answer') this.#calls.settle(event);
      else if (event.kind === 'state') this.#calls.settle(event, event.state ?? null);
      else if (event.kind === 'happened') this.#happened(event.name, JSON.parse(event.text));
      else if (event.kind === 'error') this.#failed(adopt(event.error));
      else if (event.kind === 'warning') warnOnce(event.text);
      else logLine(this.#config, event.text);
    }
  }

  #happened(name, what) {
    if (name === 'condition') return this.#stopping ? undefined : this.#enter(what);
    if (name === 'ended') return this.#count(what);
    if (name === 'checkpoint') this.#checkpointed(what);
    this.emit(name, what);
  }

  #checkpointed({ ms, ...what }) {
    if (this.#state === 'running') this.#error = undefined;
    if (telemetry.checkpoint.active) telemetry.checkpoint.ended({ applicationId: this.#name, ...what }, ms);
  }

  #failed(error) {
    this.#error = error.message;
    if (error instanceof KafkaError && !error.fatal && !this.#reports.isNews(error)) return;
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else console.error(`dspx-rs: Kafka stream: ${error.message}`);
  }

  #enter(state) {
    if (this.#state === state) return;
    this.#state = state;
    if (state === 'running') {
      this.#error = undefined;
      this.#reports.forget();
    }
    if (state === 'failed') this.#release?.();
    this.emit('state', state);
  }

  /** Keeps what a partition has counted that is gone. */
  #count(counts) {
    for (const name of Object.keys(this.#past)) this.#past[name] += counts[name];
  }

  /** Joins the group; resolves when the first assignment is restored. */
  start() {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start() {
    if (this.#stopping) throw new KafkaError('the stream is stopped', { code: '_STATE' });
    this.#enter('starting');
    this.#release = this.#calls.hold();
    try {
      await this.#calls.make((id) => this.#native.start(id));
      this.#startedAt = Date.now();
      if (!this.#stopping) this.#enter('running');
    } catch (error) {
      this.#error = error.message;
      if (!this.#stopping) this.#enter('failed');
      throw error;
    }
  }

  /** Makes a last checkpoint, leaves the group and frees the clients. Idempotent. */
  stop(options) {
    const timeout = integer(options, 'timeoutMs', { fallback: 30_000 });
    this.#stopping ??= this.#stop(timeout);
    return this.#stopping;
  }

  async #stop(timeout) {
    this.#enter('stopping');
    try {
      await this.#calls.make((id) => this.#native.stop(id, timeout));
      this.#enter('stopped');
    } catch (error) {
      this.#error = error.message;
      this.#enter('failed');
      throw error;
    } finally {
      this.#release?.();
    }
  }

  /** Begins no message any more, in partitions assigned later neither. */
  async pause() {
    await this.#call((id) => this.#native.pause(id));
  }

  /** Goes on, also where a partition has stalled. */
  async resume() {
    await this.#call((id) => this.#native.resume(id));
  }

  /** Makes a checkpoint of every partition now. */
  async checkpoint() {
    await this.#call((id) => this.#native.checkpoint(id));
  }

  /** The state of a key as TOON: the live one, else the stored one; null if there is none. The key null: messages without one. */
  async state(key, { topic, partition } = {}) {
    if (typeof key !== 'string' && key !== null) throw new TypeError('key must be a string or null');
    return this.#call((id) => this.#native.state(id, key === null ? undefined : Buffer.from(key), topic, partition));
  }

  async #call(start) {
    if (this.#stopping) throw new KafkaError('the stream is stopped', { code: '_STATE' });
    return this.#calls.make(start);
  }

  /** How the stream and its partitions are. */
  status() {
    const partitions = this.#native.partitions().map((p) => ({
      topic: p.topic,
      partition: p.partition,
      state: p.state,
      ...(p.reason && { reason: p.reason }),
      epoch: p.epoch,
      position: String(p.position),
      checkpointed: String(p.checkpointed),
      lag: p.lag,
      keys: p.keys,
      dirty: p.dirty,
      lastCheckpointMs: p.lastCheckpointMs ?? null,
    }));
    const now = Date.now();
    const late = ({ position, checkpointed, lastCheckpointMs }) =>
      position !== checkpointed && now - (lastCheckpointMs ?? this.#startedAt ?? now) > PATIENCE * this.#interval;
    const wrong = partitions.some((p) => p.state === 'stalled' || p.state === 'fenced' || late(p));
    const healthy = !wrong && (this.#state === 'running' || this.#state === 'rebalancing');
    return { state: this.#state, healthy, ...(this.#error && { error: this.#error }), partitions };
  }

  /** Counters since creation. */
  metrics() {
    const partitions = this.#native.partitions();
    const sum = (name) => partitions.reduce((total, p) => total + p.counts[name], this.#past[name]);
    const now = (name) => partitions.reduce((total, p) => total + p[name], 0);
    const metrics = Object.fromEntries(COUNTERS.map((name) => [name, sum(name)]));
    const [transactionsCommitted, transactionsAborted] = this.#native.transactions();
    return {
      ...metrics,
      checkpointMs: { count: metrics.checkpoints, sum: sum('checkpointMs') },
      restoreMs: { count: metrics.restores, sum: sum('restoreMs') },
      restarts: this.#native.restarts(),
      transactionsCommitted,
      transactionsAborted,
      keys: now('keys'),
      lag: now('lag'),
      lagSeconds: partitions.reduce((most, p) => Math.max(most, p.lagSeconds), 0),
      perPartition: partitions.map(
        ({ topic, partition, position, checkpointed, lag, lagSeconds, keys, dirty, counts }) => ({
          topic,
          partition,
          position: String(position),
          checkpointed: String(checkpointed),
          lag,
          lagSeconds,
          keys,
          dirty,
          ...counts,
        }),
      ),
    };
  }

  /** The metrics as Prometheus text. */
  prometheus(prefix = 'dspx') {
    const { perPartition: _, ...metrics } = this.metrics();
    return prometheus(prefix, 'stream', metrics);
  }
}

/**
 * Makes a stream; it does nothing until `start()`.
 * @param {object} config see `KafkaStreamConfig` in index.d.ts
 * @throws {TypeError} naming the option that is wrong
 */
function createKafkaStream(config) {
  if (typeof config !== 'object' || config === null) throw new TypeError('a configuration is needed');
  const { applicationId, brokers, client, input, output } = config;
  if (typeof applicationId !== 'string' || !/^[A-Za-z0-9._-]{1,128}$/.test(applicationId)) {
    throw new TypeError('applicationId must be 1 to 128 letters, digits, dots, dashes or underscores');
  }
  topicList(input?.topics, 'input.topics');
  const settings = settingsOf(config);
  const store = storeOf(config.store);
  const pipeline = templateOf(config.pipeline, settings.inputCodec);
  if (output && settings.outputTopic === undefined) throw new TypeError('output.topic must be a non-empty string');
  warnUnknown('createKafkaStream', config, KNOWN);
  const clientId = `${applicationId}-${settings.owner}`;
  const consumer = properties(true, { brokers, clientId }, { ...client, ...config.consumer });
  const producer = properties(false, { brokers, clientId }, { ...client, ...config.producer });
  Object.assign(consumer.values, {
    'group.id': applicationId,
    'auto.offset.reset': 'error',
    'queued.max.messages.kbytes': String(Math.max(1, Math.ceil(settings.prefetchBytes / 1024))),
    ...(config.assignor && {
      'partition.assignment.strategy': choice(config, 'assignor', ['cooperative-sticky', 'range', 'roundrobin']),
    }),
    ...(config.groupInstanceId && { 'group.instance.id': String(config.groupInstanceId) }),
  });
  if (settings.exactlyOnce) {
    if (producer.values['enable.idempotence'] === 'false') {
      throw new TypeError(
        "guarantee: 'exactly-once' needs acks -1, retries and at most 5 maxInFlightRequests of the producer",
      );
    }
    producer.values['transactional.id'] = clientId;
    producer.values['transaction.timeout.ms'] ??= String(
      Math.max(TRANSACTION_TIMEOUT, 2 * settings.checkpointTimeoutMs),
    );
    const timeout = producer.values['transaction.timeout.ms'];
    if (!(Number(timeout) > settings.checkpointTimeoutMs)) {
      throw new TypeError(
        `transactionTimeout must exceed checkpoint.timeoutMs (${settings.checkpointTimeoutMs}), got ${timeout}`,
      );
    }
    // Only so are committed offsets read that no transaction can change any more.
    consumer.values['isolation.level'] = 'read_committed';
    if (kafkaAddon().isEmbeddedKafka(producer.values['bootstrap.servers'])) {
      warnOnce('exactly-once on an embedded broker: it neither isolates transactions nor keeps their offsets');
    }
  }
  return new KafkaStream({ settings, client: { ...client, ...config.consumer }, consumer, producer, store, pipeline });
}

function settingsOf(config) {
  const { input, output, checkpoint, prefetch, deadLetterTopic } = config;
  const optional = (value, name) => (value === undefined || value === null ? undefined : text(value, name));
  const exactlyOnce =
    choice(config, 'guarantee', ['at-least-once', 'exactly-once'], 'at-least-once') === 'exactly-once';
  const key = input.key ?? 'key';
  if (typeof key !== 'string') throw new TypeError("input.key must be 'key', 'header:<name>' or 'json:<path>'");
  const rate = input.sampleRate;
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0 && Number.isFinite(rate))) {
    throw new TypeError(`input.sampleRate must be a positive number, got ${shown(rate)}`);
  }
  const headers = Object.entries(output?.headers ?? {}).map(([name, value]) => [name, String(value)]);
  const { changelog } = config;
  if (changelog !== undefined && (typeof changelog !== 'object' || changelog === null)) {
    throw new TypeError('changelog must be an object');
  }
  const onPoison = choice(config, 'onPoison', ['dlq', 'skip', 'fail'], deadLetterTopic ? 'dlq' : 'fail');
  if (onPoison === 'dlq' && !deadLetterTopic) throw new TypeError("onPoison: 'dlq' needs a deadLetterTopic");
  return {
    applicationId: config.applicationId,
    topics: topicList(input.topics, 'input.topics'),
    inputCodec: choice(input, 'codec', ['auto', 'json', 'dspx', 'f32'], 'auto'),
    key,
    channels: integer(input, 'channels', { fallback: undefined, min: 1, max: 65_535 }),
    sampleRate: rate,
    fromLatest: choice(input, 'startFrom', ['earliest', 'latest'], 'earliest') === 'latest',
    outputTopic: optional(output?.topic, 'output.topic'),
    outputCodec: output?.codec === undefined ? 'auto' : choice(output, 'codec', ['json', 'dspx', 'f32']),
    samePartition: choice(output, 'partition', ['key', 'input'], 'key') === 'input',
    headers: Object.fromEntries(headers),
    emitEmpty: Boolean(output?.emitEmpty),
    tracing: config.tracing !== false,
    deadLetterTopic: optional(deadLetterTopic, 'deadLetterTopic'),
    onPoison,
    onDataLoss: choice(config, 'onDataLoss', [...RESET, 'continue'], 'fail'),
    onMissingState: choice(config, 'onMissingState', RESET, 'fail'),
    onDefinitionChange: choice(config, 'onDefinitionChange', RESET, 'fail'),
    onPartitionCountChange: choice(config, 'onPartitionCountChange', ['fail', 'continue'], 'fail'),
    onOffsetMismatch: choice(config, 'onOffsetMismatch', ['state', 'group', 'fail'], exactlyOnce ? 'fail' : 'state'),
    exactlyOnce,
    changelogTopic: changelog && (optional(changelog.topic, 'changelog.topic') ?? `${config.applicationId}-changelog`),
    maxRestarts: integer(config, 'maxRestarts', { fallback: 10 }),
    intervalMs: integer(checkpoint, 'intervalMs', { fallback: exactlyOnce ? 200 : 1000, min: 1 }),
    everyMessages: integer(checkpoint, 'everyMessages', { fallback: 5000, min: 1 }),
    checkpointTimeoutMs: integer(checkpoint, 'timeoutMs', { fallback: 10_000, min: 1 }),
    maxKeys: integer(config, 'maxKeysInMemory', { fallback: 10_000, min: 1 }),
    prefetchMessages: integer(prefetch, 'messages', { fallback: 1000, min: 1 }),
    prefetchBytes: integer(prefetch, 'bytes', { fallback: 16 << 20, min: 1 }),
    workers: integer(config, 'workers', { fallback: availableParallelism?.() ?? cpus().length, min: 1, max: 1024 }),
    owner: optional(config.instanceId, 'instanceId') ?? hostname(),
    revokeTimeoutMs: integer(config, 'revokeTimeoutMs', { fallback: 10_000 }),
    connectTimeoutMs: integer(config, 'connectTimeoutMs', { fallback: 10_000, min: 1 }),
  };
}

function storeOf(store) {
  const found = nativeStore(store);
  if (!found) throw new TypeError('store must be a state store of this package');
  if (store.closed) throw new TypeError('store is closed');
  return found;
}

function templateOf(pipeline, codec) {
  if (!(pipeline instanceof DspProcessor)) throw new TypeError('pipeline must be what createDspPipeline() gave');
  const template = pipeline._template;
  if (template.hasCallbacks)
    throw new TypeError('pipeline must have no tap and no callback: JavaScript cannot run in a stream');
  if (template.needsTimestamps && codec === 'f32') {
    throw new TypeError('pipeline has a stage that needs timestamps, which the codec f32 does not have');
  }
  return template.native;
}

module.exports = { createKafkaStream };
