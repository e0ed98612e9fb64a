'use strict';
const { AsyncLocalStorage } = require('#node').asyncHooks;
const { EventEmitter } = require('#node').events;
const { setInterval, clearInterval, setTimeout, clearTimeout } = require('#node').timers;
const { kafkaAddon } = require('../addon.js');
const { DeadLetters } = require('./dead-letters.js');
const { adopt, KafkaError, native } = require('../../common/streaming-errors.js');
const { Failures } = require('./failures.js');
const { Handling } = require('./handler-calls.js');
const { Calls, keepAlive, supplyToken, within } = require('../native-client.js');
const { logLine, properties } = require('../client-options.js');
const { settingsOf } = require('./options.js');
const { Partition } = require('./partition.js');
const { Pauses } = require('./pauses.js');
const { target } = require('./topic-partitions.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { Reports } = require('../error-reports.js');
const { Slots } = require('./slots.js');

/** Refusals after which waiting for the first assignment is in vain. */
const JOIN_REFUSALS = new Set([
  '_AUTHENTICATION',
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'FENCED_INSTANCE_ID',
  'UNSUPPORTED_SASL_MECHANISM',
  'INVALID_SESSION_TIMEOUT',
  '_INVALID_ARG',
  'TOPIC_EXCEPTION',
]);
const GROUP_ERRORS = /REBALANCE|GROUP|MEMBER|GENERATION|ASSIGNMENT|FENCED/;
/** Within a handler, and what it calls: the consumer whose handler it is. */
const handlerOf = new AsyncLocalStorage();
/** How long `run()` waits for the first assignment: the longest a rebalance can take by default. */
const JOIN_TIMEOUT_MS = 300_000;
/** What `onRevoked` gets at least before `disconnect()` goes on. */
const LEAST_FAREWELL_MS = 1000;
const DISCONNECTED = 'the consumer is disconnected';

/** A consumer; `createKafkaConsumer` makes it. */
class KafkaConsumer extends EventEmitter {
  #settings;
  #native;
  #calls = new Calls();
  #partitions = new Map();
  #deadLetters;
  #state = 'created';
  #rebalancing = 0;
  #pauses = new Pauses();
  #firstAssignment;
  #running;
  #disconnecting;
  #committer;
  #release;
  #failures;
  #handling;
  #reports = new Reports();
  #wasAway = false;

  /** @internal Partitions use it. */
  slots;

  constructor(settings, mapped) {
    super();
    this.#settings = settings;
    this.slots = new Slots(settings.concurrency);
    this.#deadLetters = new DeadLetters(settings);
    this.#failures = new Failures(settings, this.#deadLetters, this);
    this.#handling = new Handling(settings, this.#failures);
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
  isPaused(place) {
    return this.#pauses.has(place);
  }

  /** @internal Handles what the partition has at hand. */
  handleFrom(partition) {
    return this.#handling.from(partition);
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
          logLine(this.#settings.consumerConfig, event.line);
          break;
        case 'sought':
          if (!event.error) this.#sought(event);
          this.#calls.settle(event);
          break;
        case 'token':
          supplyToken(this.#native, this.#settings.tokenProvider);
          break;
        default:
          this.#calls.settle(event);
      }
    }
    this.#noteOutage();
    for (const partition of this.#partitions.values()) partition.wake();
  }

  /** After an outage the next one is news. */
  #noteOutage() {
    if (this.#reports.isEmpty) return;
    const { away } = this.#native.metrics();
    if (this.#wasAway && !away) this.#reports.forget();
    this.#wasAway = away;
  }

  async #assigned({ assigned }) {
    this.#rebalancing++;
    const partitions = assigned.map((each) => this.#add(each));
    const places = partitions.map((partition) => partition.place);
    await this.#call('onAssigned', places);
    // `onAssigned` may have moved some of them with `seek()`.
    const current = places.map((place) => this.#find(place)).filter(Boolean);
    this.#native.begin(current.map((partition) => partition.id));
    for (const partition of partitions) this.#work(partition);
    this.#rebalancing--;
    this.#failures.announce('assigned', places);
    this.#firstAssignment?.resolve();
  }

  #add(assigned) {
    const partition = new Partition(assigned, this);
    this.#partitions.set(partition.id, partition);
    return partition;
  }

  #find({ topic, partition }) {
    return [...this.#partitions.values()].find((p) => p.topic === topic && p.partition === partition);
  }

  #work(partition) {
    handlerOf
      .run(this, () => partition.work())
      .catch((error) => {
        this.#failures.announce('stalled', { ...partition.place, error });
        console.error('Kafka consumer: a partition ended:', error);
      });
  }

  /** A new assignment of the same partition stands for its new position. */
  #sought({ assigned: [place] }) {
    const old = this.#find(place);
    if (old) {
      old.over = true;
      this.#partitions.delete(old.id);
      old.end();
    }
    this.#work(this.#add(place));
  }

  async #revoked({ id: token, revoked, lost }) {
    this.#rebalancing++;
    const partitions = revoked.map((id) => this.#partitions.get(id)).filter(Boolean);
    const places = partitions.map((partition) => partition.place);
    if (lost) {
      for (const partition of partitions) {
        // Nobody commits it any more, but `commit()` has to know of it.
        partition.tell();
        partition.over = true;
      }
    }
    const { revokeTimeoutMs } = this.#settings.native;
    const ends = Promise.all(partitions.map((partition) => partition.end()));
    if (!lost) await within(ends, revokeTimeoutMs);
    await within(this.#call(lost ? 'onLost' : 'onRevoked', places), revokeTimeoutMs);
    for (const partition of partitions) this.#drop(partition);
    this.#native.release(token);
    this.#rebalancing--;
    this.#failures.announce(lost ? 'lost' : 'revoked', places);
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
      await this.#failures.report(error, { kind: 'rebalance' });
    }
  }

  #failed(error) {
    if (this.#disconnecting && !error.fatal) return;
    const kind = GROUP_ERRORS.test(error.code) ? 'rebalance' : 'connection';
    if (error.fatal || this.#reports.isNews(error)) this.#failures.report(error, { kind });
    if (error.fatal || JOIN_REFUSALS.has(error.code)) this.#firstAssignment?.reject(error);
    if (error.fatal) this.disconnect();
  }

  // --- what users call ---

  /**
   * Joins the group; resolves when the first partitions are assigned and their start is known. Where it rejects the consumer
   * disconnects.
   */
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
    const { autoCommit, autoCommitIntervalMs } = this.#settings;
    if (autoCommit) this.#committer = setInterval(() => this.#commitSome(), autoCommitIntervalMs).unref();
    const expire = () =>
      this.#firstAssignment.reject(
        new KafkaError('no partitions were assigned', { code: '_TIMED_OUT', retriable: true }),
      );
    const timer = setTimeout(expire, JOIN_TIMEOUT_MS).unref();
    try {
      await first;
    } catch (error) {
      // Nothing of a consumer that could not join goes on in the background.
      this.disconnect();
      throw error;
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
    this.#pauses.set(list, true);
  }

  /** Undoes `pause`, and tries again where a partition is stalled. */
  async resume(list) {
    this.#checkOpen();
    this.#pauses.set(list, false);
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
    await this.#calls.make((id) => this.#native.seek(id, topic, partition, place, number));
  }

  /** The partitions that are assigned now. */
  assignment() {
    return [...this.#partitions.values()].map((partition) => partition.place);
  }

  /** How far the partitions have come, as of the last fetch and the last statistics. */
  async lag() {
    this.#checkOpen();
    for (const partition of this.#partitions.values()) partition.tell();
    const { lags } = await this.#calls.make((id) => this.#native.lag(id));
    return lags.map(({ topic, partition, committed, position, high, end }) => ({
      topic,
      partition,
      committed: committed === undefined || committed === null ? null : String(committed),
      position: String(position),
      high: String(high),
      lag: Math.max(0, end - position),
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
    const isStopped =
      partitions.some(({ state }) => state === 'stalled') || ['stopping', 'closed'].includes(this.#state);
    const healthy = !isStopped && !this.#native.metrics().away;
    return { state: this.#shownState(), healthy, partitions };
  }

  #shownState() {
    if (this.#state !== 'running') return this.#state;
    if (this.#rebalancing > 0) return 'rebalancing';
    return this.#pauses.isAll ? 'paused' : 'running';
  }

  /** Counters since creation, and sizes of now. */
  metrics() {
    const { messages, bytes, commits, commitErrors, rebalances, queued, queuedBytes, lag } = this.#native.metrics();
    const partitions = [...this.#partitions.values()];
    const count = (state) => partitions.filter((partition) => partition.state === state).length;
    return {
      messages,
      bytes,
      handled: this.#handling.handled,
      ...this.#failures.counts,
      commits,
      commitErrors,
      rebalances,
      inFlight: partitions.reduce((sum, partition) => sum + partition.running, 0),
      queued: partitions.reduce((sum, partition) => sum + partition.waiting, queued),
      queuedBytes,
      paused: count('paused'),
      stalled: count('stalled'),
      lag,
      handlerMs: this.#handling.handlerMs.summary(),
    };
  }

  /** The metrics as Prometheus text. */
  prometheus(prefix = 'dspx') {
    return prometheus(prefix, 'kafka_consumer', this.metrics());
  }

  /**
   * Waits for running handlers, commits what is done, leaves the group and frees the client. Within a handler it resolves at
   * once, for it cannot wait for its own caller, and all of that follows when the handler has ended.
   */
  disconnect() {
    this.#disconnecting ??= this.#end();
    return handlerOf.getStore() === this ? Promise.resolve() : this.#disconnecting;
  }

  async #end() {
    const release = keepAlive();
    this.#state = 'stopping';
    clearInterval(this.#committer);
    this.#firstAssignment?.reject(new Error(DISCONNECTED));
    const { shutdownTimeoutMs } = this.#settings;
    const deadline = performance.now() + shutdownTimeoutMs;
    const partitions = [...this.#partitions.values()];
    await within(Promise.all(partitions.map((partition) => partition.end())), shutdownTimeoutMs);
    const places = partitions.filter((partition) => !partition.over).map((partition) => partition.place);
    await within(this.#call('onRevoked', places), Math.max(LEAST_FAREWELL_MS, deadline - performance.now()));
    for (const partition of [...this.#partitions.values()]) this.#drop(partition);
    try {
      await this.#calls.make((id) => this.#native.close(id));
    } catch (error) {
      await within(this.#failures.report(error, { kind: 'connection' }), LEAST_FAREWELL_MS);
    }
    await this.#deadLetters.close();
    this.#state = 'closed';
    this.#release?.();
    release();
    this.#failures.announce('closed');
  }

  #checkOpen() {
    if (this.#disconnecting) throw new Error(DISCONNECTED);
  }
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
