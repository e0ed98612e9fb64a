'use strict';
const { EventEmitter } = require('node:events');
const { setInterval, clearInterval, setTimeout, clearTimeout } = require('node:timers');
const { kafkaAddon } = require('./addon.js');
const telemetry = require('../telemetry.js');
const { withTracingContext } = require('../tracing.js');
const { DeadLetters } = require('./dead-letters.js');
const { adopt, KafkaError, KafkaHandlerError, native } = require('./errors.js');
const { Calls, keepAlive, supplyToken, within } = require('./native-client.js');
const { properties } = require('./options.js');
const { settingsOf } = require('./consumer-options.js');
const { Partition, decode } = require('./partition.js');
const { prometheus, Durations } = require('./prometheus.js');
const { Slots } = require('./slots.js');
const { contextOf } = require('./trace.js');

/** Errors after which waiting for the first assignment is in vain. */
const HOPELESS = new Set([
  '_AUTHENTICATION', 'SASL_AUTHENTICATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED', 'INCONSISTENT_GROUP_PROTOCOL', 'INVALID_GROUP_ID', 'FENCED_INSTANCE_ID',
  'UNSUPPORTED_SASL_MECHANISM',
]);
const GROUP_ERRORS = /REBALANCE|GROUP|MEMBER|GENERATION|ASSIGNMENT|FENCED/;
/** How long `run()` waits for the first assignment: the longest a rebalance can take by default. */
const JOIN_TIMEOUT_MS = 300_000;
const DISCONNECTED = 'the consumer is disconnected';

const isPromise = (value) => typeof value?.then === 'function';

/** A consumer; `createKafkaConsumer` makes it. */
class KafkaConsumer extends EventEmitter {
  #settings;
  #native;
  #calls = new Calls();
  #partitions = new Map();
  #deadLetters;
  #state = 'created';
  #rebalancing = 0;
  #isAllPaused = false;
  #paused = new Set();
  #firstAssignment;
  #running;
  #disconnecting;
  #committer;
  #release;
  #handlerMs = new Durations();
  #counters = { handled: 0, failed: 0, retried: 0, deadLettered: 0, skipped: 0, decodeErrors: 0 };

  /** @internal Partitions use it. */
  slots;

  constructor(settings, mapped) {
    super();
    this.#settings = settings;
    this.slots = new Slots(settings.concurrency);
    this.#deadLetters = new DeadLetters(settings);
    this.#native = native(() => new (kafkaAddon().NativeKafkaConsumer)(mapped, settings.native, () => this.#collect()));
  }

  /** @internal */
  connect(timeoutMs) {
    return this.#calls.make((id) => this.#native.connect(id, timeoutMs));
  }

  // --- what partitions ask of their owner ---

  /** @internal */
  take(id) {
    return this.#native.take(id);
  }

  /** @internal */
  done(id, offset) {
    this.#native.done(id, offset);
  }

  /** @internal */
  isPaused({ topic, partition }) {
    return this.#isAllPaused || this.#paused.has(topic) || this.#paused.has(`${topic}/${partition}`);
  }

  /** @internal Handles what the partition has at hand. */
  handleFrom(partition) {
    const { onBatch, batch, partitionConcurrency } = this.#settings;
    if (onBatch) return partition.inBatches(batch, this.#decodeForBatch, this.#handleBatch);
    if (partitionConcurrency > 1) return partition.inLanes(partitionConcurrency, this.#handleMessage);
    return partition.inOrder(this.#handleMessage);
  }

  // --- handling ---

  /** Handles one message; gives (a promise of) true when it is done, false when the assignment has ended. */
  #handleMessage = (partition, segment, i) => {
    const message = decode(segment, i);
    if (message.error) return this.#poison(partition, message);
    const traced = segment.isTraced(i);
    const call = () => this.#settings.onMessage(message);
    return this.#attempt(partition, [message], this.#observed(partition, [message], traced, call));
  };

  #handleBatch = (partition, messages) => {
    const high = Math.max(partition.high, Number(messages.at(-1).offset) + 1);
    const context = { ...partition.place, highWatermark: String(high) };
    const call = () => this.#settings.onBatch(messages, context);
    const traced = messages[0].headers !== undefined;
    return this.#attempt(partition, messages, this.#observed(partition, messages, traced, call));
  };

  /** A message for a batch; null = leave it out, undefined = the batch ends before it. */
  #decodeForBatch = (partition, segment, i, isFirst) => {
    const message = decode(segment, i);
    if (!message.error) return message;
    if (!isFirst) return undefined;
    return this.#poison(partition, message).then((done) => (done ? null : undefined));
  };

  /** `call` within the trace context of the first message, and reported to whoever listens. */
  #observed(partition, messages, traced, call) {
    const context = traced ? contextOf(messages[0].headers) : undefined;
    const inContext = context ? () => withTracingContext(context, call) : call;
    if (!telemetry.consume.active) return inContext;
    return async () => {
      const { groupId, clientId } = this.#settings;
      const { offset, key } = messages[0];
      const fields = { ...partition.place, groupId, clientId, offset, key, messages: messages.length };
      const parents = traced ? messages.map(parentOf).filter(Boolean) : undefined;
      const operation = telemetry.consume.begin(fields, parents);
      try {
        await operation.run(inContext);
        operation.end();
      } catch (error) {
        operation.fail(error);
        throw error;
      }
    };
  }

  /** Calls the handler; what fails is retried. */
  #attempt(partition, messages, call) {
    const start = performance.now();
    let result;
    try {
      result = call();
    } catch (error) {
      return this.#retry(partition, messages, call, error);
    }
    if (isPromise(result)) return this.#settle(partition, messages, call, result, start);
    this.#handled(messages.length, start);
    return true;
  }

  async #settle(partition, messages, call, result, start) {
    try {
      await this.#bounded(result);
    } catch (error) {
      return this.#retry(partition, messages, call, error);
    }
    this.#handled(messages.length, start);
    return true;
  }

  #handled(count, start) {
    this.#counters.handled += count;
    this.#handlerMs.add(performance.now() - start);
  }

  /** `promise`, or a rejection past `handlerTimeoutMs`. */
  #bounded(promise) {
    const { handlerTimeoutMs } = this.#settings;
    if (handlerTimeoutMs === 0) return promise;
    return new Promise((resolve, reject) => {
      const expire = () => reject(new Error(`the handler took longer than ${handlerTimeoutMs} ms`));
      const timer = setTimeout(expire, handlerTimeoutMs);
      Promise.resolve(promise).then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** After a failure: asks `onError`, then retries, skips, dead-letters or stops. True = done, false = over. */
  async #retry(partition, messages, call, cause) {
    const { retry, onExhausted } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      if (partition.over) return false;
      this.#counters.failed++;
      const place = { ...partition.place, offset: messages[0].offset };
      const error = new KafkaHandlerError(cause, { ...place, attempts: attempt });
      const context = { kind: 'handler', ...place, attempt, message: messages[0] };
      const plan = attempt <= retry.attempts ? 'retry' : onExhausted;
      const action = await this.#report(error, context, plan);
      if (action === 'skip') return this.#skip(messages, error);
      if (action === 'dlq') return this.#deadLetter(partition, messages, error, attempt);
      if (action === 'stop') {
        if (!(await this.#stall(partition, error))) return false;
        attempt = 0;
      } else {
        this.#counters.retried++;
        if (!(await partition.rest(backoff(retry, attempt))) || !(await partition.gate())) return false;
      }
      const start = performance.now();
      try {
        await this.#bounded(Promise.resolve(call()));
        this.#handled(messages.length, start);
        return true;
      } catch (again) {
        cause = again;
      }
    }
  }

  #skip(messages, error) {
    this.#counters.skipped += messages.length;
    const { topic, partition, offset } = messages[0];
    console.warn(`dspx-rs: ${topic}/${partition}/${offset} is skipped: ${error.message}`);
    return true;
  }

  #stall(partition, error) {
    this.emit('stalled', { ...partition.place, offset: error.offset, error });
    return partition.stall();
  }

  /** A message that cannot be decoded. */
  async #poison(partition, { error, message }) {
    this.#counters.decodeErrors++;
    const { topic, offset } = error;
    const context = { kind: 'decode', topic, partition: partition.partition, offset, attempt: 1, message };
    for (;;) {
      const asked = await this.#report(error, context, this.#settings.onPoison);
      const action = asked === 'retry' ? this.#settings.onPoison : asked;
      if (action === 'dlq') return this.#deadLetter(partition, [message], error, 1);
      if (action !== 'stop') {
        this.#counters.skipped++;
        return true;
      }
      if (!(await this.#stall(partition, error))) return false;
    }
  }

  /** Sends messages to the dead-letter topic until the broker has them. */
  async #deadLetter(partition, messages, error, attempts) {
    for (let attempt = 1; !partition.over; attempt++) {
      try {
        const topic = await this.#deadLetters.send(messages, error, attempts);
        this.#counters.deadLettered += messages.length;
        for (const { offset } of messages) this.emit('dlq', { ...partition.place, offset, deadLetterTopic: topic, error });
        return true;
      } catch (failure) {
        const context = { kind: 'dlq', ...partition.place, offset: messages[0].offset, attempt, message: messages[0] };
        await this.#report(failure, context, 'retry');
        if (!(await partition.rest(backoff(this.#settings.retry, attempt)))) return false;
      }
    }
    return false;
  }

  /** Tells `onError`; gives the action that it asks for, else `plan`. */
  async #report(error, context, plan) {
    const { onError } = this.#settings;
    if (this.listenerCount('error') > 0) this.emit('error', error, context);
    if (!onError) {
      if (this.listenerCount('error') === 0) console.error(`Kafka consumer error (${context.kind}):`, error.message);
      return plan;
    }
    try {
      const action = await onError(error, context);
      return ['retry', 'skip', 'dlq', 'stop'].includes(action) ? this.#possible(action) : plan;
    } catch (failure) {
      console.error('Kafka consumer onError failed:', failure);
      return plan;
    }
  }

  /** Without a dead-letter topic a message can only stop the partition. */
  #possible(action) {
    return action === 'dlq' && !this.#settings.deadLetterTopic ? 'stop' : action;
  }

  // --- events of the native client ---

  #collect() {
    for (const event of this.#native.collect()) {
      switch (event.kind) {
        case 'assigned':
          this.#assigned(event);
          break;
        case 'revoked':
          this.#revoked(event);
          break;
        case 'error':
          this.#failed(adopt(event.error));
          break;
        case 'log':
          console.debug(event.line);
          break;
        case 'token':
          supplyToken(this.#native, this.#settings.tokenProvider);
          break;
        default:
          this.#calls.settle(event);
      }
    }
    for (const partition of this.#partitions.values()) partition.wake();
  }

  async #assigned({ assigned }) {
    this.#rebalancing++;
    const partitions = assigned.map((each) => new Partition(each, this));
    for (const partition of partitions) this.#partitions.set(partition.id, partition);
    const places = partitions.map((partition) => partition.place);
    await this.#call('onAssigned', places);
    this.#native.begin(partitions.map((partition) => partition.id));
    for (const partition of partitions) this.#work(partition);
    this.#rebalancing--;
    this.emit('assigned', places);
    this.#firstAssignment?.resolve();
  }

  #work(partition) {
    partition.work().catch((error) => {
      this.emit('stalled', { ...partition.place, error });
      console.error('Kafka consumer: a partition ended:', error);
    });
  }

  async #revoked({ id: token, revoked, lost }) {
    this.#rebalancing++;
    const partitions = revoked.map((id) => this.#partitions.get(id)).filter(Boolean);
    const places = partitions.map((partition) => partition.place);
    if (lost) {
      for (const partition of partitions) partition.over = true;
    }
    const ends = Promise.all(partitions.map((partition) => partition.end()));
    if (lost) await this.#call('onLost', places);
    else {
      await within(ends, this.#settings.native.revokeTimeoutMs);
      await this.#call('onRevoked', places);
    }
    for (const partition of partitions) this.#drop(partition);
    this.#native.release(token);
    this.#rebalancing--;
    this.emit(lost ? 'lost' : 'revoked', places);
  }

  #drop(partition) {
    partition.tell();
    partition.over = true;
    this.#partitions.delete(partition.id);
  }

  async #call(name, places) {
    if (places.length === 0) return;
    try {
      await this.#settings[name]?.(places);
    } catch (error) {
      await this.#report(error, { kind: 'rebalance' });
    }
  }

  #failed(error) {
    if (this.#disconnecting && !error.fatal) return;
    this.#report(error, { kind: GROUP_ERRORS.test(error.code) ? 'rebalance' : 'connection' });
    if (error.fatal || HOPELESS.has(error.code)) this.#firstAssignment?.reject(error);
    if (error.fatal) this.disconnect().catch(() => {});
  }

  // --- what users call ---

  /** Joins the group; resolves when the first partitions are assigned and their start is known. */
  run() {
    if (this.#disconnecting) return Promise.reject(new Error(DISCONNECTED));
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start() {
    this.#state = 'running';
    this.#release = keepAlive();
    const first = new Promise((resolve, reject) => {
      this.#firstAssignment = { resolve, reject };
    });
    this.#native.subscribe();
    const { autoCommitIntervalMs } = this.#settings;
    this.#committer = setInterval(() => this.#commitSome(), autoCommitIntervalMs).unref();
    const expire = () =>
      this.#firstAssignment.reject(new KafkaError('no partitions were assigned', { code: '_TIMED_OUT', retriable: true }));
    const timer = setTimeout(expire, JOIN_TIMEOUT_MS).unref();
    try {
      await first;
    } finally {
      clearTimeout(timer);
      this.#firstAssignment = undefined;
    }
  }

  #commitSome() {
    for (const partition of this.#partitions.values()) partition.tell();
    this.#native.commit(0);
  }

  /** Starts no handlers any more; without an argument for all partitions, also those assigned later. */
  async pause(list) {
    this.#checkOpen();
    if (list === undefined) this.#isAllPaused = true;
    else for (const name of placeNames(list)) this.#paused.add(name);
  }

  /** Undoes `pause`, and tries again where a partition is stalled. */
  async resume(list) {
    this.#checkOpen();
    if (list === undefined) {
      this.#isAllPaused = false;
      this.#paused.clear();
    } else for (const name of placeNames(list)) this.#paused.delete(name);
    for (const partition of this.#partitions.values()) {
      if (!this.isPaused(partition)) partition.stalled = false;
      partition.wake();
    }
  }

  /** Commits everything that is done, now. */
  async commit() {
    this.#checkOpen();
    for (const partition of this.#partitions.values()) partition.tell();
    await this.#calls.make((id) => this.#native.commit(id));
  }

  /** Goes on at another offset; what is queued or in flight for the partition no longer counts. */
  async seek({ topic, partition, offset } = {}) {
    this.#checkOpen();
    if (typeof topic !== 'string' || !Number.isInteger(partition)) {
      throw new TypeError('seek needs { topic: string, partition: number, offset }');
    }
    const { place, number } = target(offset);
    const event = await this.#calls.make((id) => this.#native.seek(id, topic, partition, place, number));
    const old = [...this.#partitions.values()].find((p) => p.topic === topic && p.partition === partition);
    if (old) {
      old.over = true;
      this.#partitions.delete(old.id);
      old.end();
    }
    const next = new Partition(event.assigned[0], this);
    this.#partitions.set(next.id, next);
    this.#work(next);
  }

  /** The partitions that are assigned now. */
  assignment() {
    return [...this.#partitions.values()].map((partition) => partition.place);
  }

  /** How far the partitions have come, as the brokers say. */
  async lag() {
    this.#checkOpen();
    for (const partition of this.#partitions.values()) partition.tell();
    const { lags } = await this.#calls.make((id) => this.#native.lag(id));
    return lags.map(({ topic, partition, committed, position, high }) => ({
      topic,
      partition,
      committed: committed === undefined || committed === null ? null : String(committed),
      position: String(position),
      high: String(high),
      lag: Math.max(0, high - position),
    }));
  }

  /** What the consumer and its partitions are doing. */
  status() {
    const queued = new Map(this.#native.snapshot().map((each) => [each.id, each.queued]));
    const partitions = [...this.#partitions.values()].map((partition) => ({
      ...partition.place,
      state: partition.state,
      queued: (queued.get(partition.id) ?? 0) + partition.waiting,
      inFlight: partition.running,
    }));
    const healthy = !['stopping', 'closed'].includes(this.#state) && !partitions.some((p) => p.state === 'stalled');
    return { state: this.#shownState(), healthy, partitions };
  }

  #shownState() {
    if (this.#state !== 'running') return this.#state;
    if (this.#rebalancing > 0) return 'rebalancing';
    return this.#isAllPaused ? 'paused' : 'running';
  }

  /** Counters since creation, and sizes of now. */
  metrics() {
    const { messages, bytes, commits, commitErrors, rebalances, queued, queuedBytes, lag } = this.#native.metrics();
    const partitions = [...this.#partitions.values()];
    const count = (state) => partitions.filter((partition) => partition.state === state).length;
    return {
      messages, bytes, ...this.#counters, commits, commitErrors, rebalances,
      inFlight: partitions.reduce((sum, partition) => sum + partition.running, 0),
      queued: partitions.reduce((sum, partition) => sum + partition.waiting, queued),
      queuedBytes, paused: count('paused'), stalled: count('stalled'), lag, handlerMs: this.#handlerMs.summary(),
    };
  }

  /** The metrics as Prometheus text. */
  prometheus(prefix = 'dspx') {
    return prometheus(prefix, 'kafka_consumer', this.metrics());
  }

  /** Waits for running handlers, commits what is done, leaves the group and frees the client. */
  disconnect() {
    this.#disconnecting ??= this.#end();
    return this.#disconnecting;
  }

  async #end() {
    const release = keepAlive();
    this.#state = 'stopping';
    clearInterval(this.#committer);
    this.#firstAssignment?.reject(new Error(DISCONNECTED));
    const partitions = [...this.#partitions.values()];
    await within(Promise.all(partitions.map((partition) => partition.end())), this.#settings.shutdownTimeoutMs);
    await this.#call('onRevoked', partitions.filter((partition) => !partition.over).map((partition) => partition.place));
    for (const partition of [...this.#partitions.values()]) this.#drop(partition);
    try {
      await this.#calls.make((id) => this.#native.close(id));
    } catch (error) {
      await this.#report(error, { kind: 'connection' });
    }
    await this.#deadLetters.close();
    this.#state = 'closed';
    this.#release?.();
    release();
    this.emit('closed');
  }

  #checkOpen() {
    if (this.#disconnecting) throw new Error(DISCONNECTED);
  }
}

/** The trace headers of a message, for a link to its producer. */
function parentOf({ headers }) {
  if (!headers?.traceparent) return undefined;
  return { traceparent: String(headers.traceparent), tracestate: headers.tracestate && String(headers.tracestate) };
}

/** The wait before retry `attempt`, 1 = the first. */
function backoff({ initialMs, maxMs, factor, jitter }, attempt) {
  const ms = Math.min(maxMs, initialMs * factor ** (attempt - 1));
  return ms * (1 + jitter * (2 * Math.random() - 1));
}

function target(offset) {
  if (offset === 'beginning' || offset === 'end') return { place: offset, number: 0 };
  if (Number.isFinite(offset?.timestamp)) return { place: 'timestamp', number: offset.timestamp };
  const number = typeof offset === 'string' && /^\d+$/.test(offset) ? Number(offset) : offset;
  if (Number.isSafeInteger(number) && number >= 0) return { place: 'offset', number };
  throw new TypeError("offset must be a decimal string, 'beginning', 'end' or { timestamp }");
}

/** Names of topics and partitions in a list as kafkajs takes it. */
function placeNames(list) {
  if (!Array.isArray(list)) throw new TypeError('a list of { topic, partitions? } is needed');
  return list.flatMap(({ topic, partitions } = {}) => {
    if (typeof topic !== 'string') throw new TypeError('a list of { topic, partitions? } is needed');
    return partitions ? partitions.map((partition) => `${topic}/${partition}`) : [topic];
  });
}

/**
 * Makes a consumer. Resolves when a broker has answered and the topics are known.
 * @param {object} config see `KafkaConsumerConfig`
 * @returns {Promise<KafkaConsumer>}
 */
async function createKafkaConsumer(config) {
  const settings = settingsOf(config);
  const mapped = properties(true, { brokers: config.brokers, clientId: settings.clientId }, config.consumerConfig);
  Object.assign(mapped.values, settings.properties(config.consumerConfig ?? {}));
  const consumer = new KafkaConsumer(settings, mapped);
  try {
    await consumer.connect(settings.connectTimeoutMs);
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
  return consumer;
}

module.exports = { createKafkaConsumer };
