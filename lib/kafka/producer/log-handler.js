'use strict';
const { setImmediate } = require('#node').timers;
const { CircuitBreaker, CircuitOpenError, CIRCUIT_BREAKER_CONFIGS } = require('../../logger/circuit-breaker.js');
const { entryOf } = require('../../logger/entry.js');
const { checkLevel, rankOf } = require('../../logger/levels.js');
const telemetry = require('../../telemetry/operations.js');
const { Backlog } = require('./backlog.js');
const { adopt, KafkaError } = require('../../common/streaming-errors.js');
const { addLog } = require('./log-message.js');
const { properties, integer, text, warnUnknown } = require('../client-options.js');
const { Packer } = require('./message-packer.js');
const { within } = require('../native-client.js');
const { ProducerClient, metricsOf } = require('./producer.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { Reports } = require('../error-reports.js');

/** Logs that are packed at once: about a millisecond of work. */
const PART = 500;

/** How long the promise of a log that fills a batch waits for its delivery, ms: nobody who awaits a log is held up by Kafka. */
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
  #breaker;
  #client;
  #backlog;
  #timer;
  #flushing;
  #draining;
  /** After a failure only the timer or the user starts the next flush. */
  #holdOff = false;
  #reports = new Reports();
  #flushes = 0;
  #totals = { messages: 0, bytes: 0, delivered: 0, deliveryErrors: 0 };
  #deliveryMs = { count: 0, sum: 0 };

  constructor(config) {
    const { brokers, topic, clientId = 'dsp-pipeline', producerConfig, circuitBreaker, minLevel } = config ?? {};
    const flushTimeoutMs = integer(config, 'flushTimeoutMs', { fallback: 10_000, min: 1 });
    this.#mapped = properties(false, { brokers, clientId }, producerConfig);
    // librdkafka gives a message up after this time, so that a flush ends and what was not delivered can wait here.
    const setDefault = (name, value) => {
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

  /** Takes a log. The promise, where there is one, ends with the flush that the log set off, or after `MAX_WAIT_MS`. */
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
        if (!(error instanceof CircuitOpenError) && this.#reports.isNews(error)) {
          console.error('Kafka producer handler error:', error.message);
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
      this.#reports.forget();
    } catch (error) {
      this.#backlog.putBack(unsent);
      this.#holdOff = true;
      this.#timer ??= this.#setTimer();
      throw error;
    }
  }

  /** Hands logs to the client; gives those that failed, oldest first. */
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

  /** Part by part, so that the first are on their way while the last are made, and others have their turn in between. */
  async #sendInParts(client, logs) {
    const sends = [];
    for (let at = 0; at < logs.length; at += PART) {
      if (at > 0) await nextTurn();
      const part = logs.slice(at, at + PART);
      const packer = new Packer(part.length);
      for (const log of part) addLog(packer, log);
      const fail = (error) => part.map((_, i) => ({ index: at + i, error }));
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

  #keepTotals(client) {
    const { deliveryMs, ...metrics } = metricsOf(client);
    for (const field of Object.keys(this.#totals)) this.#totals[field] += metrics[field];
    this.#deliveryMs.count += deliveryMs.count;
    this.#deliveryMs.sum += deliveryMs.sum;
  }

  metrics() {
    const now = this.#client ? metricsOf(this.#client) : { queued: 0, deliveryMs: { count: 0, sum: 0 } };
    const total = (field) => this.#totals[field] + (now[field] ?? 0);
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
  const handler = (log, raw) => producer.take(log, raw);
  Object.defineProperty(handler, 'name', { value: 'kafkaProducerHandler' });
  handler.flush = () => producer.flush();
  handler.close = () => producer.close();
  handler.metrics = () => {
    const metrics = producer.metrics();
    return { ...metrics, queueSize: metrics.buffered, logsDropped: metrics.dropped };
  };
  handler.prometheus = (prefix = 'dspx') => prometheus(prefix, 'kafka_handler', producer.metrics());
  if (producer.breaker) {
    handler.getCircuitBreakerStats = () => producer.breaker.getStats();
    handler.resetCircuitBreaker = () => producer.breaker.reset();
  }
  return handler;
}

module.exports = { createKafkaProducerHandler };
