'use strict';
const { EventEmitter } = require('#node').events;
const { setInterval, clearInterval, setTimeout, clearTimeout } = require('#node').timers;
const { adopt, KafkaError, native } = require('../../common/streaming-errors.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { kafkaAddon } = require('../addon.js');
const { logLine, clientProperties } = require('../client-options.js');
const { ErrorReports } = require('../error-reports.js');
const { withGroupProtocol } = require('../group-protocol.js');
const { Calls, keepAlive, supplyToken, within } = require('../native-client.js');
const { Assignments, handlerOwner } = require('./assignments.js');
const { DeadLetters } = require('./dead-letters.js');
const { Failures } = require('./failures.js');
const { HandlerCalls } = require('./handler-calls.js');
const { settingsOf } = require('./options.js');
const { Pauses } = require('./pauses.js');
const { Slots } = require('./slots.js');
const { offsetsToCommit, seekTarget } = require('./topic-partitions.js');

/**
 * @typedef {import('../../../index.js').KafkaConsumerConfig} Config
 * @typedef {import('../../../index.js').KafkaConsumerStatus} Status
 * @typedef {import('../../../index.js').TopicPartition} TopicPartition
 * @typedef {import('../../native/exports.js').ConsumerEvent} ConsumerEvent
 * @typedef {import('../../native/exports.js').KafkaProperties} KafkaProperties
 * @typedef {import('./options.js').ConsumerSettings} ConsumerSettings
 * @typedef {import('./partition.js').PartitionOwner} PartitionOwner
 */

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
  'UNKNOWN_TOPIC_OR_PART',
]);
const GROUP_ERRORS = /REBALANCE|GROUP|MEMBER|GENERATION|ASSIGNMENT|FENCED/;
/** How long `run()` waits for the first assignment: the longest a rebalance can take by default. */
const JOIN_TIMEOUT_MS = 300_000;
/** The least time that `onRevoked` gets before `disconnect()` goes on, ms. */
const MIN_REVOKE_MS = 1000;
const DISCONNECTED = 'the consumer is disconnected';

/** A consumer; `createKafkaConsumer` makes it. @implements {PartitionOwner} */
class KafkaConsumer extends EventEmitter {
  #settings;
  #native;
  #calls = new Calls();
  #assignments;
  #deadLetters;
  /** @type {Status['state']} */
  #state = 'created';
  #pauses = new Pauses();
  /** Settles `run()`. @type {{ resolve: () => void, reject: (reason: unknown) => void } | undefined} */
  #firstAssignment;
  /** @type {Promise<void> | undefined} */
  #running;
  /** @type {Promise<void> | undefined} */
  #disconnecting;
  /** @type {NodeJS.Timeout | undefined} */
  #committer;
  /** Lets the process end. @type {(() => void) | undefined} */
  #release;
  #failures;
  #handlerCalls;
  #reports = new ErrorReports();
  /** Whether no broker could be reached when events were last collected. */
  #wasAway = false;

  /** @internal Partitions use it. */
  slots;

  /** @param {ConsumerSettings} settings @param {KafkaProperties} mapped */
  constructor(settings, mapped) {
    super();
    this.#settings = settings;
    this.slots = new Slots(settings.concurrency);
    this.#deadLetters = new DeadLetters(settings);
    this.#failures = new Failures(settings, this.#deadLetters, this);
    this.#handlerCalls = new HandlerCalls(settings, this.#failures);
    const { NativeKafkaConsumer } = kafkaAddon();
    this.#native = native(() => new NativeKafkaConsumer(mapped, settings.native, () => this.#collect()));
    this.#assignments = new Assignments(this.#native, settings, this.#failures, this);
  }

  /** @internal @param {number} timeoutMs */
  connect(timeoutMs) {
    return this.#calls.make((id) => this.#native.connect(id, timeoutMs));
  }

  // --- what partitions ask of their owner ---

  /** @internal @param {number} id */
  take(id) {
    return this.#native.take(id);
  }

  /** @internal @param {number} id @param {number} offset */
  done(id, offset) {
    this.#native.done(id, offset);
  }

  /** @internal @param {TopicPartition} topicPartition */
  isPaused(topicPartition) {
    return this.#pauses.has(topicPartition);
  }

  /** @internal Handles the messages that the partition has at hand. @param {import('./partition.js').Loop} partition */
  handleFrom(partition) {
    return this.#handlerCalls.from(partition);
  }

  // --- events of the native client ---

  #collect() {
    for (const event of this.#native.collect()) this.#handleEvent(event);
    this.#noteRecovery();
    this.#assignments.wakeAll();
  }

  /** @param {ConsumerEvent} event */
  #handleEvent(event) {
    switch (event.kind) {
      case 'assigned':
        this.#assigned(event);
        break;
      case 'revoked':
        this.#assignments.revoke(event);
        break;
      case 'error':
        if (event.error) this.#failed(adopt(event.error));
        break;
      case 'log':
        logLine(this.#settings.consumerConfig, event.line);
        break;
      case 'sought':
        if (!event.error) this.#assignments.reassign(event);
        this.#calls.settle(event);
        break;
      case 'token':
        supplyToken(this.#native, this.#settings.tokenProvider);
        break;
      default:
        this.#calls.settle(event);
    }
  }

  /** After an outage the errors of the next one are reported again. */
  #noteRecovery() {
    if (this.#reports.isEmpty) return;
    const { away } = this.#native.metrics();
    if (this.#wasAway && !away) this.#reports.clear();
    this.#wasAway = away;
  }

  /** @param {ConsumerEvent} event */
  async #assigned(event) {
    await this.#assignments.assign(event);
    this.#firstAssignment?.resolve();
  }

  /** @param {ReturnType<typeof adopt>} error of the client */
  #failed(error) {
    if (this.#disconnecting && !error.fatal) return;
    const code = String(error.code);
    const kind = GROUP_ERRORS.test(code) ? 'rebalance' : 'connection';
    if (error.fatal || this.#reports.isNew(error)) this.#failures.report(error, { kind });
    if (error.fatal || JOIN_REFUSALS.has(code)) this.#firstAssignment?.reject(error);
    if (error.fatal) this.disconnect();
  }

  // --- what users call ---

  /**
   * Joins the group; resolves when the first partitions are assigned and their start is known. Where it rejects the
   * consumer disconnects.
   */
  run() {
    if (this.#disconnecting) return Promise.reject(new Error(DISCONNECTED));
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start() {
    this.#state = 'running';
    this.#release = keepAlive();
    /** @type {Promise<void>} */
    const first = new Promise((resolve, reject) => {
      this.#firstAssignment = { resolve, reject };
    });
    this.#native.subscribe();
    const { autoCommit, autoCommitIntervalMs } = this.#settings;
    if (autoCommit) this.#committer = setInterval(() => this.#commitSome(), autoCommitIntervalMs).unref();
    const expire = () => {
      const error = new KafkaError('no partitions were assigned', { code: '_TIMED_OUT', retriable: true });
      this.#firstAssignment?.reject(error);
    };
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
    this.#assignments.reportPositions();
    this.#native.commit(0);
  }

  /**
   * Starts no handlers any more; without an argument for all partitions, also those assigned later.
   *
   * @param {unknown} [list] of `{ topic, partitions? }`
   */
  async pause(list) {
    this.#checkOpen();
    this.#pauses.set(list, true);
  }

  /**
   * Undoes `pause`, and tries again where a partition is stalled.
   *
   * @param {unknown} [list] of `{ topic, partitions? }`
   */
  async resume(list) {
    this.#checkOpen();
    this.#pauses.set(list, false);
    for (const partition of this.#assignments.all()) {
      if (!this.isPaused(partition)) partition.stalled = false;
      partition.wake();
    }
  }

  /** Commits everything that is done, now. */
  async commit() {
    this.#checkOpen();
    this.#assignments.reportPositions();
    await this.#calls.make((id) => this.#native.commit(id));
  }

  /** Commits these offsets, whatever has been handled. @param {unknown} list of `{ topic, partition, offset }` */
  async commitOffsets(list) {
    this.#checkOpen();
    const offsets = offsetsToCommit(list);
    if (offsets.length > 0) await this.#calls.make((id) => this.#native.commitOffsets(id, offsets));
  }

  /**
   * Continues a partition at another offset; its messages that are queued or in flight no longer count.
   *
   * @param {{ topic?: string, partition?: number, offset?: unknown }} [target]
   */
  async seek({ topic, partition, offset } = {}) {
    this.#checkOpen();
    if (typeof topic !== 'string' || partition === undefined || !Number.isInteger(partition)) {
      throw new TypeError('seek needs { topic: string, partition: number, offset }');
    }
    const { kind, number } = seekTarget(offset);
    await this.#calls.make((id) => this.#native.seek(id, topic, partition, kind, number));
  }

  /** The partitions that are assigned now. */
  assignment() {
    return this.#assignments.all().map((partition) => partition.topicPartition);
  }

  /** Resolves to the offsets and the lag of each partition, as of the last fetch and the last statistics. */
  async lag() {
    this.#checkOpen();
    this.#assignments.reportPositions();
    const { lags } = /** @type {ConsumerEvent} */ (await this.#calls.make((id) => this.#native.lag(id)));
    return (lags ?? []).map(({ topic, partition, committed, position, high, end }) => ({
      topic,
      partition,
      committed: committed === undefined || committed === null ? null : String(committed),
      position: String(position),
      high: String(high),
      lag: Math.max(0, end - position),
    }));
  }

  /** The state of the consumer and of its partitions. @returns {Status} */
  status() {
    const queued = new Map(this.#native.snapshot().map((each) => [each.id, each.queued]));
    const partitions = this.#assignments.all().map((partition) => ({
      ...partition.topicPartition,
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
    if (this.#assignments.isRebalancing) return 'rebalancing';
    return this.#pauses.isAll ? 'paused' : 'running';
  }

  /** Counters since creation, and sizes of now. */
  metrics() {
    const { messages, bytes, commits, commitErrors, rebalances, queued, queuedBytes, lag } = this.#native.metrics();
    const partitions = this.#assignments.all();
    const count = (/** @type {string} */ state) => partitions.filter((partition) => partition.state === state).length;
    return {
      messages,
      bytes,
      handled: this.#handlerCalls.handled,
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
      handlerMs: this.#handlerCalls.handlerMs.summary(),
    };
  }

  /** The metrics as Prometheus text. */
  prometheus(prefix = 'dspx') {
    return prometheus(prefix, 'kafka_consumer', this.metrics());
  }

  /**
   * Waits for running handlers, commits their messages, leaves the group and frees the client. Within a handler it
   * resolves at once, for it cannot wait for its own caller, and all of that follows when the handler has ended.
   */
  disconnect() {
    this.#disconnecting ??= this.#end();
    return handlerOwner.getStore() === this ? Promise.resolve() : this.#disconnecting;
  }

  async #end() {
    const release = keepAlive();
    this.#state = 'stopping';
    clearInterval(this.#committer);
    this.#firstAssignment?.reject(new Error(DISCONNECTED));
    await this.#assignments.end(this.#settings.shutdownTimeoutMs, MIN_REVOKE_MS);
    try {
      await this.#calls.make((id) => this.#native.close(id));
    } catch (error) {
      await within(this.#failures.report(error, { kind: 'connection' }), MIN_REVOKE_MS);
    }
    await this.#deadLetters.close();
    this.#state = 'closed';
    this.#release?.();
    release();
    this.#failures.emit('closed');
  }

  #checkOpen() {
    if (this.#disconnecting) throw new Error(DISCONNECTED);
  }
}

/**
 * Makes a consumer. Resolves when a broker has answered and the topics are known.
 *
 * @param {Config} config
 * @returns {Promise<KafkaConsumer>}
 */
async function createKafkaConsumer(config) {
  const settings = settingsOf(config);
  const { brokers, consumerConfig } = config;
  const options = withGroupProtocol(config, consumerConfig);
  const mapped = clientProperties(true, { brokers, clientId: settings.clientId }, options);
  Object.assign(mapped.values, settings.properties(consumerConfig ?? {}, mapped.values));
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
