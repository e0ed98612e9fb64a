'use strict';
const { EventEmitter } = require('#node').events;
const { integer } = require('../../common/arguments.js');
const { kafkaAddon } = require('../addon.js');
const { adopt, native, KafkaError } = require('../../common/streaming-errors.js');
const { Calls } = require('../native-client.js');
const { logLine } = require('../client-options.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { ErrorReports } = require('../error-reports.js');
const telemetry = require('../../telemetry/operations.js');
const { warnOnce } = require('../../common/warnings.js');
const { readConfig } = require('./options.js');

/**
 * @typedef {import('../../../index.js').KafkaStreamStatus} Status
 * @typedef {import('../../native/exports.js').NativeStreamEvent} StreamEvent
 * @typedef {import('../../native/exports.js').StreamCounters} Counters
 * @typedef {keyof Counters} CounterName
 */

/** A stream without a checkpoint for this many intervals is not healthy. */
const LATE_INTERVALS = 5;

/** Consumes a topic, sends every message through the pipeline of its key, produces what comes out. */
class KafkaStream extends EventEmitter {
  #native;
  #calls = new Calls();
  /** @type {Status['state']} */
  #state = 'created';
  /** @type {string | undefined} */
  #error;
  /** @type {(() => void) | undefined} */
  #release;
  /** @type {Promise<void> | undefined} */
  #starting;
  /** @type {Promise<void> | undefined} */
  #stopping;
  #interval;
  #name;
  #config;
  #reports = new ErrorReports();
  /** Counters of partitions that were given up. */
  #past = kafkaAddon().streamCounters();
  /** @type {number | undefined} */
  #startedAt;

  /** @internal `createKafkaStream` makes streams. @param {ReturnType<typeof readConfig>} parts */
  constructor({ settings, client, consumer, producer, store, pipeline }) {
    super();
    this.#interval = settings.checkpoint.intervalMs;
    this.#name = settings.applicationId;
    this.#config = client;
    this.#native = native(
      () => new (kafkaAddon().NativeKafkaStream)(settings, consumer, producer, store, pipeline, () => this.#collect()),
    );
  }

  #collect() {
    for (const event of this.#native.collect()) this.#handleEvent(event);
  }

  /** @param {StreamEvent} event */
  #handleEvent(event) {
    switch (event.kind) {
      case 'answer':
        return this.#calls.settle(event);
      case 'key-state':
        return this.#calls.settle(event, event.state ?? null);
      case 'state':
        return this.#stopping ? undefined : this.#enter(/** @type {Status['state']} */ (event.state));
      case 'ended':
        return this.#count(event.counters);
      case 'error':
        return this.#failed(adopt(event.error));
      case 'warning':
        return warnOnce(event.text);
      case 'log':
        return logLine(this.#config, event.text);
      case 'assigned':
      case 'revoked':
      case 'lost':
        this.emit(event.kind, event.partitions);
        return;
      case 'checkpoint':
        this.#checkpointed(event);
        break;
      default:
    }
    const { kind, ...fields } = event;
    this.emit(kind, fields);
  }

  /** @param {Extract<StreamEvent, { kind: 'checkpoint' }>} event */
  #checkpointed({ kind: _, ms, ...fields }) {
    if (this.#state === 'running') this.#error = undefined;
    if (telemetry.checkpoint.active) telemetry.checkpoint.ended({ applicationId: this.#name, ...fields }, ms);
  }

  /** @param {ReturnType<typeof adopt>} error */
  #failed(error) {
    this.#error = error.message;
    if (error instanceof KafkaError && !error.fatal && !this.#reports.isNew(error)) return;
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else console.error(`dspx-rs: Kafka stream: ${error.message}`);
  }

  /** @param {Status['state']} state */
  #enter(state) {
    if (this.#state === state) return;
    this.#state = state;
    if (state === 'running') {
      this.#error = undefined;
      this.#reports.clear();
    }
    if (state === 'failed') this.#release?.();
    this.emit('state', state);
  }

  #counterNames() {
    return /** @type {CounterName[]} */ (Object.keys(this.#past));
  }

  /**
   * Keeps the counters of a partition that was given up.
   *
   * @param {Counters} counters
   */
  #count(counters) {
    for (const name of this.#counterNames()) this.#past[name] += counters[name];
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
      this.#error = /** @type {Error} */ (error).message;
      if (!this.#stopping) this.#enter('failed');
      throw error;
    }
  }

  /**
   * Makes a last checkpoint, leaves the group and frees the clients. Idempotent.
   *
   * @param {{ timeoutMs?: number }} [options]
   */
  stop(options) {
    const timeout = integer(options, 'timeoutMs', { fallback: 30_000 });
    this.#stopping ??= this.#stop(timeout);
    return this.#stopping;
  }

  /** @param {number} timeout ms */
  async #stop(timeout) {
    this.#enter('stopping');
    try {
      await this.#calls.make((id) => this.#native.stop(id, timeout));
      this.#enter('stopped');
    } catch (error) {
      this.#error = /** @type {Error} */ (error).message;
      this.#enter('failed');
      throw error;
    } finally {
      this.#release?.();
    }
  }

  /** Starts no further message, also in partitions that are assigned later. */
  async pause() {
    await this.#call((id) => this.#native.pause(id));
  }

  /** Continues after `pause()`, and in partitions that have stalled. */
  async resume() {
    await this.#call((id) => this.#native.resume(id));
  }

  /** Makes a checkpoint of every partition now. */
  async checkpoint() {
    await this.#call((id) => this.#native.checkpoint(id));
  }

  /**
   * Resolves to the state of a key as TOON: the live one, else the stored one; null if there is none. The key null:
   * messages without one.
   *
   * @param {string | null} key
   * @param {{ topic?: string, partition?: number }} [where]
   * @returns {Promise<Buffer | null>}
   */
  async state(key, { topic, partition } = {}) {
    if (typeof key !== 'string' && key !== null) throw new TypeError('key must be a string or null');
    return this.#call((id) => this.#native.state(id, key === null ? undefined : Buffer.from(key), topic, partition));
  }

  /** @param {(id: number) => void} start @returns {Promise<any>} */
  async #call(start) {
    if (this.#stopping) throw new KafkaError('the stream is stopped', { code: '_STATE' });
    return this.#calls.make(start);
  }

  /**
   * Returns the state of the stream and of its partitions.
   *
   * @returns {Status}
   */
  status() {
    const partitions = this.#native.partitions().map((p) => ({
      topic: p.topic,
      partition: p.partition,
      state: /** @type {Status['partitions'][number]['state']} */ (p.state),
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
    /** @type {(partition: Status['partitions'][number]) => boolean} */
    const isLate = ({ position, checkpointed, lastCheckpointMs }) =>
      position !== checkpointed && now - (lastCheckpointMs ?? this.#startedAt ?? now) > LATE_INTERVALS * this.#interval;
    const wrong = partitions.some((p) => p.state === 'stalled' || p.state === 'fenced' || isLate(p));
    const healthy = !wrong && (this.#state === 'running' || this.#state === 'rebalancing');
    return { state: this.#state, healthy, ...(this.#error && { error: this.#error }), partitions };
  }

  /** Counters since creation. */
  metrics() {
    const partitions = this.#native.partitions();
    const sum = (/** @type {CounterName} */ name) =>
      partitions.reduce((total, p) => total + p.counters[name], this.#past[name]);
    const now = (/** @type {'keys' | 'lag'} */ name) => partitions.reduce((total, p) => total + p[name], 0);
    const counts = this.#counterNames().filter((name) => !name.endsWith('Ms'));
    const metrics = Object.fromEntries(counts.map((name) => [name, sum(name)]));
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
        ({ topic, partition, position, checkpointed, lag, lagSeconds, keys, dirty, counters }) => ({
          topic,
          partition,
          position: String(position),
          checkpointed: String(checkpointed),
          lag,
          lagSeconds,
          keys,
          dirty,
          ...counters,
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
 *
 * @param {import('../../../index.js').KafkaStreamConfig} config
 * @throws {TypeError} naming the option that is wrong
 */
const createKafkaStream = (config) => new KafkaStream(readConfig(config));

module.exports = { createKafkaStream };
