'use strict';
const { CircuitBreaker, CircuitOpenError, CIRCUIT_BREAKER_CONFIGS } = require('../circuit-breaker.js');
const { entryOf } = require('../logger/entry.js');
const { checkLevel, rankOf } = require('../logger/levels.js');
const telemetry = require('../telemetry.js');
const { generateTraceparent } = require('../tracing.js');
const { adopt, KafkaError } = require('./errors.js');
const { properties, integer } = require('./options.js');
const { Packer } = require('./pack.js');
const { ProducerClient, metricsOf } = require('./producer.js');
const { prometheus } = require('./prometheus.js');

const SCHEMA = 'dspx/log/v1';

/** The newest logs, oldest first; beyond `limit` the oldest go. */
class Backlog {
  #logs = [];
  #first = 0;
  #limit;
  dropped = 0;

  constructor(limit) {
    this.#limit = limit;
  }

  get size() {
    return this.#logs.length - this.#first;
  }

  push(log) {
    this.#logs.push(log);
    if (this.size <= this.#limit) return;
    this.#logs[this.#first++] = undefined;
    this.dropped++;
    if (this.#first > this.#limit) this.#compact();
  }

  takeAll() {
    this.#compact();
    const logs = this.#logs;
    this.#logs = [];
    return logs;
  }

  /** Puts logs back before all others. */
  putBack(logs) {
    const all = logs.concat(this.takeAll());
    const excess = Math.max(0, all.length - this.#limit);
    this.dropped += excess;
    this.#logs = excess === 0 ? all : all.slice(excess);
  }

  #compact() {
    if (this.#first > 0) this.#logs = this.#logs.slice(this.#first);
    this.#first = 0;
  }
}

/** The value of a log's message: JSON with fixed keys in a fixed order, whatever the log holds. */
function valueOf({ level, message, topic, context, timestamp, traceId, spanId, correlationId }) {
  const value = { schema: SCHEMA, level, message, topic, context, timestamp, traceId, spanId, correlationId };
  try {
    return JSON.stringify(value);
  } catch (error) {
    value.context = `[Unable to stringify: ${error?.message ?? error}]`;
  }
  try {
    return JSON.stringify(value);
  } catch {
    const text = (field) => (field === undefined ? undefined : String(field));
    return JSON.stringify(Object.fromEntries(Object.entries(value).map(([key, field]) => [key, text(field)])));
  }
}

/** Packs a log as a message. */
function addLog(packer, log) {
  const headers = ['content-type', 'application/json', 'level', String(log.level)];
  const { traceId, spanId, correlationId, timestamp } = log;
  if (traceId) headers.push('trace-id', String(traceId));
  if (spanId) headers.push('span-id', String(spanId));
  if (correlationId) headers.push('correlation-id', String(correlationId));
  const traceparent = traceId ? generateTraceparent(traceId, spanId) : undefined;
  if (traceparent) headers.push('traceparent', traceparent);
  const key = log.topic ? String(log.topic) : 'default';
  packer.add(key, valueOf(log), headers, Number.isFinite(timestamp) ? timestamp : NaN);
}

class LogProducer {
  #topic;
  #clientId;
  #batchSize;
  #flushInterval;
  #minRank;
  #mapped;
  #provider;
  #breaker;
  #client;
  #backlog;
  #timer;
  #flushing;
  #draining;
  /** After a failure only the timer or the user starts the next flush. */
  #holdOff = false;
  #flushes = 0;
  #totals = { messages: 0, bytes: 0, delivered: 0, deliveryErrors: 0 };
  #deliveryMs = { count: 0, sum: 0 };

  constructor(config) {
    const { brokers, topic, clientId = 'dsp-pipeline', producerConfig, circuitBreaker, minLevel } = config ?? {};
    const flushTimeoutMs = integer(config, 'flushTimeoutMs', { fallback: 10_000, min: 1 });
    this.#mapped = properties(false, { brokers, clientId }, producerConfig);
    if (typeof topic !== 'string' || topic === '' || topic.includes('\0')) {
      throw new TypeError('topic must be a non-empty string');
    }
    // librdkafka gives a message up after this time, so that a flush ends and what was not delivered can wait here.
    if (!('message.timeout.ms' in (producerConfig ?? {}))) this.#mapped.values['message.timeout.ms'] = `${flushTimeoutMs}`;
    this.#topic = topic;
    this.#clientId = clientId;
    this.#provider = producerConfig?.sasl?.oauthBearerProvider;
    this.#batchSize = integer(config, 'batchSize', { fallback: 100, min: 1, zeroIsAbsent: true });
    this.#flushInterval = integer(config, 'flushInterval', { fallback: 5000, min: 1, zeroIsAbsent: true });
    const fallback = Math.max(10_000, this.#batchSize);
    this.#backlog = new Backlog(integer(config, 'maxBuffered', { fallback, min: this.#batchSize }));
    this.#minRank = minLevel === undefined ? -1 : rankOf(checkLevel(minLevel, 'minLevel'));
    if (circuitBreaker !== false) {
      this.#breaker = new CircuitBreaker('Kafka', circuitBreaker ?? CIRCUIT_BREAKER_CONFIGS.standard);
    }
  }

  /** Takes a log. The promise, where there is one, ends with the flush that the log set off. */
  take(log, raw) {
    const entry = entryOf(log, raw);
    if (this.#minRank > 0 && rankOf(entry.level) >= 0 && rankOf(entry.level) < this.#minRank) return undefined;
    this.#backlog.push(entry);
    if (this.#backlog.size >= this.#batchSize && !this.#holdOff) return this.#drain();
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
        if (error instanceof CircuitOpenError) console.debug('Kafka producer handler: Circuit OPEN, logs wait');
        else console.error('Kafka producer handler error:', error.message);
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
      throw new KafkaError(`${failures.length} of ${logs.length} logs were not delivered: ${message}`, { code, retriable });
    };
    try {
      await (this.#breaker ? this.#breaker.execute(send) : send());
      this.#holdOff = false;
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
      this.#client ??= new ProducerClient(this.#mapped, { provider: this.#provider });
      const packer = new Packer();
      for (const log of logs) addLog(packer, log);
      const { failures = [] } = await this.#client.send(this.#topic, packer.take(), false);
      operation?.end();
      return (failures ?? []).sort((a, b) => a.index - b.index);
    } catch (error) {
      operation?.fail(error);
      throw error;
    }
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
      messages: total('messages'), bytes: total('bytes'), delivered: total('delivered'),
      deliveryErrors: total('deliveryErrors'), queued: now.queued, buffered, dropped: this.#backlog.dropped,
      flushes: this.#flushes,
      deliveryMs: {
        count: this.#deliveryMs.count + now.deliveryMs.count, sum: this.#deliveryMs.sum + now.deliveryMs.sum,
      },
    };
  }

  get breaker() {
    return this.#breaker;
  }
}

/**
 * Makes a Logger handler that sends logs to a Kafka topic in batches. It connects with the first flush.
 * @param {import('../..').KafkaProducerConfig} config
 * @returns {import('../..').HandlerWithCircuitBreaker}
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
