'use strict';
const { setImmediate } = require('#node').timers;
const { CircuitBreaker, CircuitOpenError, CIRCUIT_BREAKER_CONFIGS } = require('../../logger/circuit-breaker.js');
const { entryOf } = require('../../logger/entry.js');
const { checkLevel, rankOf } = require('../../logger/levels.js');
const telemetry = require('../../telemetry/operations.js');
const { Backlog } = require('./backlog.js');
const { adopt, KafkaError } = require('../../common/streaming-errors.js');
const { addLog } = require('./log-message.js');
const { integer, text } = require('../../common/arguments.js');
const { warnUnknown } = require('../../common/warnings.js');
const { clientProperties } = require('../client-options.js');
const { Packer } = require('./message-packer.js');
const { within } = require('../native-client.js');
const { ProducerClient, metricsOf } = require('./producer.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { ErrorReports } = require('../error-reports.js');

/**
 * @typedef {import('../../../index.js').KafkaProducerConfig} Config
 * @typedef {import('../../../index.js').LogEntry} LogEntry
 * @typedef {{ messages: number, bytes: number, delivered: number, deliveryErrors: number }} Totals
 * @typedef {{ index: number, error: import('../../native/exports.js').NativeFailure }} FailedLog
 */

/** Logs that are packed at once: about a millisecond of work. */
const PART = 500;

/**
 * How long the promise of a log that fills a batch waits for its delivery, ms: nobody who awaits a log is held up by
 * Kafka.
 */
const MAX_WAIT_MS = 100;
const KNOWN = [
  'brokers',
  'topic',
  'clientId',
  'producerConfig',
  'batchSize',
  'flushInterval',
  'flushTimeoutMs',
  'maxBuffered',
  'circuitBreaker',
  'minLevel',
];

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

class LogProducer {
  #topic;
  #clientId;
  #batchSize;
  #flushInterval;
  #minRank;
  #mapped;
  #config;
  /** @type {InstanceType<typeof CircuitBreaker> | undefined} */
  #breaker;
  /** @type {InstanceType<typeof ProducerClient> | undefined} */
  #client;
  #backlog;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {Promise<void> | undefined} */
  #flushing;
  /** @type {Promise<void> | undefined} */
  #draining;
  /** After a failure only the timer or the user starts the next flush. */
  #holdOff = false;
  #reports = new ErrorReports();
  #flushes = 0;
  #totals = { messages: 0, bytes: 0, delivered: 0, deliveryErrors: 0 };
  #deliveryMs = { count: 0, sum: 0 };

  /** @param {Config} config */
  constructor(config) {
    const { brokers, topic, clientId = 'dsp-pipeline', producerConfig, circuitBreaker, minLevel } = config ?? {};
    const flushTimeoutMs = integer(config, 'flushTimeoutMs', { fallback: 10_000, min: 1 });
    this.#mapped = clientProperties(false, { brokers, clientId }, producerConfig);
    // librdkafka gives a message up after this time, so that a flush ends and what was not delivered can wait here.
    const setDefault = (/** @type {string} */ name, /** @type {string} */ value) => {
      if (!(name in (producerConfig ?? {}))) this.#mapped.values[name] = value;
    };
    setDefault('message.timeout.ms', String(flushTimeoutMs));
    // A flush hands over all there is: nothing is gained by waiting for more.
    setDefault('linger.ms', '0');
    this.#topic = text(topic, 'topic');
    this.#clientId = clientId;
    this.#config = producerConfig;
    this.#batchSize = integer(config, 'batchSize', { fallback: 100, min: 1, zeroIsAbsent: true });
    this.#flushInterval = integer(config, 'flushInterval', { fallback: 5000, min: 1, zeroIsAbsent: true });
    const fallback = Math.max(10_000, this.#batchSize);
    this.#backlog = new Backlog(integer(config, 'maxBuffered', { fallback, min: this.#batchSize }));
    this.#minRank = minLevel === undefined ? -1 : rankOf(checkLevel(minLevel, 'minLevel'));
    warnUnknown('createKafkaProducerHandler', config, KNOWN);
    if (circuitBreaker !== false) {
      this.#breaker = new CircuitBreaker('Kafka', circuitBreaker ?? CIRCUIT_BREAKER_CONFIGS.standard);
    }
  }

  /**
   * Takes a log. The promise, where there is one, ends with the flush that the log set off, or after `MAX_WAIT_MS`.
   *
   * @param {unknown} log
   * @param {unknown} raw
   * @returns {Promise<void> | undefined}
   */
  take(log, raw) {
    const entry = entryOf(log, raw);
    if (this.#minRank > 0 && rankOf(entry.level) >= 0 && rankOf(entry.level) < this.#minRank) return undefined;
    this.#backlog.push(entry);
    // A flush under way takes the next batch, too.
    if (this.#draining) return undefined;
    if (this.#backlog.size >= this.#batchSize && !this.#holdOff)
      return within(this.#drain(), MAX_WAIT_MS).then(() => undefined);
    this.#timer ??= this.#setTimer();
    return undefined;
  }

  #setTimer() {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      this.#holdOff = false;
      this.#drain();
    }, this.#flushInterval);
    timer.unref?.();
    return timer;
  }

  /** Flushes until less than a batch is left. Never rejects. */
  #drain() {
    this.#draining ??= this.#flushBatches().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #flushBatches() {
    do {
      try {
        await this.#flushOnce();
      } catch (error) {
        // While the circuit is open nothing new is known.
        const failure = /** @type {Error} */ (error);
        if (!(error instanceof CircuitOpenError) && this.#reports.isNew(failure)) {
          console.error('Kafka producer handler error:', failure.message);
        }
        return;
      }
    } while (this.#backlog.size >= this.#batchSize);
    if (this.#backlog.size > 0) this.#timer ??= this.#setTimer();
  }

  /** One flush at a time: sends all logs at hand and waits for their delivery. */
  async #flushOnce() {
    while (this.#flushing) await this.#flushing.catch(() => {});
    this.#flushing = this.#sendAll();
    try {
      await this.#flushing;
    } finally {
      this.#flushing = undefined;
    }
  }

  async #sendAll() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const logs = this.#backlog.takeAll();
    if (logs.length === 0) return;
    this.#flushes++;
    let unsent = logs;
    const send = async () => {
      const failures = await this.#send(logs);
      unsent = failures.map(({ index }) => logs[index]);
      if (failures.length === 0) return;
      const { message, code, retriable } = adopt(failures[0].error);
      throw new KafkaError(`${failures.length} of ${logs.length} logs were not delivered: ${message}`, {
        code,
        retriable,
      });
    };
    try {
      await (this.#breaker ? this.#breaker.execute(send) : send());
      this.#holdOff = false;
      this.#reports.clear();
    } catch (error) {
      this.#backlog.putBack(unsent);
      this.#holdOff = true;
      this.#timer ??= this.#setTimer();
      throw error;
    }
  }

  /**
   * Produces logs with the client; resolves to those that failed, oldest first.
   *
   * @param {LogEntry[]} logs
   */
  async #send(logs) {
    const { active } = telemetry.produce;
    const fields = { topic: this.#topic, clientId: this.#clientId, messages: logs.length };
    const operation = active ? telemetry.produce.begin(fields) : undefined;
    try {
      this.#client ??= new ProducerClient(this.#mapped, { config: this.#config });
      const failures = await this.#sendInParts(this.#client, logs);
      operation?.end();
      return failures.sort((a, b) => a.index - b.index);
    } catch (error) {
      operation?.fail(error);
      throw error;
    }
  }

  /**
   * Part by part, so that the first are on their way while the last are made, and others have their turn in between.
   *
   * @param {InstanceType<typeof ProducerClient>} client
   * @param {LogEntry[]} logs
   * @returns {Promise<FailedLog[]>}
   */
  async #sendInParts(client, logs) {
    const sends = [];
    for (let at = 0; at < logs.length; at += PART) {
      if (at > 0) await nextTurn();
      const part = logs.slice(at, at + PART);
      const packer = new Packer(part.length);
      for (const log of part) addLog(packer, log);
      const fail = (/** @type {any} */ error) => part.map((_, i) => ({ index: at + i, error }));
      const sent = client.send(this.#topic, packer.take(), false);
      sends.push(
        sent.then(({ failures }) => (failures ?? []).map(({ index, error }) => ({ index: at + index, error })), fail),
      );
    }
    return (await Promise.all(sends)).flat();
  }

  /** Sends everything that waits; rejects if some of it could not be delivered. */
  async flush() {
    await this.#flushing?.catch(() => {});
    await this.#flushOnce();
  }

  /** Flushes and frees the client; a later log makes a new one. */
  async close() {
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      const client = this.#client;
      this.#client = undefined;
      if (client) {
        await client.close(0);
        this.#keepTotals(client);
      }
    }
  }

  /** @param {InstanceType<typeof ProducerClient>} client */
  #keepTotals(client) {
    const { deliveryMs, ...metrics } = metricsOf(client);
    for (const field of /** @type {(keyof Totals)[]} */ (Object.keys(this.#totals)))
      this.#totals[field] += metrics[field];
    this.#deliveryMs.count += deliveryMs.count;
    this.#deliveryMs.sum += deliveryMs.sum;
  }

  metrics() {
    /** @type {Partial<Totals> & { queued: number, deliveryMs: { count: number, sum: number } }} */
    const now = this.#client ? metricsOf(this.#client) : { queued: 0, deliveryMs: { count: 0, sum: 0 } };
    const total = (/** @type {keyof Totals} */ field) => this.#totals[field] + (now[field] ?? 0);
    const buffered = this.#backlog.size;
    return {
      messages: total('messages'),
      bytes: total('bytes'),
      delivered: total('delivered'),
      deliveryErrors: total('deliveryErrors'),
      queued: now.queued,
      buffered,
      dropped: this.#backlog.dropped,
      flushes: this.#flushes,
      deliveryMs: {
        count: this.#deliveryMs.count + now.deliveryMs.count,
        sum: this.#deliveryMs.sum + now.deliveryMs.sum,
      },
    };
  }

  get breaker() {
    return this.#breaker;
  }
}

/**
 * Makes a Logger handler that sends logs to a Kafka topic in batches. It connects with the first flush.
 * @param {import('../../../index.js').KafkaProducerConfig} config
 * @returns {import('../../../index.js').HandlerWithCircuitBreaker}
 */
function createKafkaProducerHandler(config) {
  const producer = new LogProducer(config);
  const { breaker } = producer;
  const handler = (/** @type {unknown} */ log, /** @type {unknown} */ raw) => producer.take(log, raw);
  Object.defineProperty(handler, 'name', { value: 'kafkaProducerHandler' });
  const ofBreaker = breaker && {
    getCircuitBreakerStats: () => breaker.getStats(),
    resetCircuitBreaker: () => breaker.reset(),
  };
  const methods = {
    flush: () => producer.flush(),
    close: () => producer.close(),
    metrics: () => {
      const metrics = producer.metrics();
      return { ...metrics, queueSize: metrics.buffered, logsDropped: metrics.dropped };
    },
    prometheus: (prefix = 'dspx') => prometheus(prefix, 'kafka_handler', producer.metrics()),
  };
  return Object.assign(/** @type {import('../../../index.js').HandlerWithFlush} */ (handler), methods, ofBreaker);
}

module.exports = { createKafkaProducerHandler };
