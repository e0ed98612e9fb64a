'use strict';
const telemetry = require('../../telemetry/operations.js');
const { kafkaAddon } = require('../addon.js');
const { adopt, KafkaError, native } = require('../../common/streaming-errors.js');
const { Calls, supplyToken, within } = require('../native-client.js');
const { integer, shown, text } = require('../../common/arguments.js');
const { warnUnknown } = require('../../common/warnings.js');
const { clientProperties, logLine, tokenProviderOf } = require('../client-options.js');
const { Packer, bytes, encodeValue, flatHeaders } = require('./message-packer.js');
const { prometheus } = require('../../telemetry/prometheus.js');
const { traceHeaders } = require('../trace-headers.js');

/**
 * @typedef {Parameters<typeof import('../../../index.js').createKafkaProducer>[0]} Config
 * @typedef {import('../../../index.js').KafkaClientOptions} KafkaClientOptions
 * @typedef {import('../../../index.js').KafkaOutgoingMessage} OutgoingMessage
 * @typedef {import('../../native/exports.js').ProducerEvent} SendEvent
 * @typedef {{ topic: string, partition?: number, offset?: string, error?: ReturnType<typeof adopt> }} SendResult
 */

/** The native producer with promises instead of events. */
class ProducerClient {
  #client;
  #calls = new Calls();
  /** @type {Set<Promise<SendEvent>>} */
  #sends = new Set();
  #onError;
  #config;
  /** @type {Promise<unknown> | undefined} */
  #closed;

  /**
   * @param {import('../../native/exports.js').KafkaProperties} mapped
   * @param {{ config?: KafkaClientOptions | null, onError?: (error: Error) => void }} [hooks] the user's options
   */
  constructor(mapped, { config, onError } = {}) {
    this.#config = config;
    this.#onError = onError;
    this.#client = native(() => new (kafkaAddon().NativeKafkaProducer)(mapped, () => this.#collect()));
  }

  #collect() {
    for (const event of this.#client.collect()) {
      if (event.kind === 'sent' || event.kind === 'connected' || event.kind === 'closed') this.#calls.settle(event);
      else if (event.kind === 'error' && event.error) this.#onError?.(adopt(event.error));
      else if (event.kind === 'log') logLine(this.#config, event.line);
      else if (event.kind === 'token') supplyToken(this.#client, tokenProviderOf(this.#config));
    }
  }

  get closed() {
    return this.#closed !== undefined;
  }

  /** @param {number} timeoutMs */
  connect(timeoutMs) {
    return this.#calls.make((id) => this.#client.connect(id, timeoutMs));
  }

  /**
   * Sends packed messages; resolves when each has been delivered or has failed.
   *
   * @param {string} topic
   * @param {{ data: Uint8Array, layout: Int32Array, timestamps: Float64Array }} packed
   * @param {boolean} wantOffsets
   * @returns {Promise<SendEvent>}
   */
  send(topic, { data, layout, timestamps }, wantOffsets) {
    const sent = this.#calls.make((id) => this.#client.send(id, topic, data, layout, timestamps, wantOffsets));
    this.#sends.add(sent);
    const forget = () => this.#sends.delete(sent);
    sent.then(forget, forget);
    return sent;
  }

  /**
   * Waits until everything sent so far has been delivered or has failed; false = not in time.
   *
   * @param {number} timeoutMs
   */
  flush(timeoutMs) {
    return within(Promise.allSettled(this.#sends), timeoutMs);
  }

  /** @param {number} timeoutMs */
  close(timeoutMs) {
    this.#closed ??= this.#calls.make((id) => this.#client.close(id, timeoutMs));
    return this.#closed;
  }

  metrics() {
    return this.#client.metrics();
  }
}

/** A producer; `createKafkaProducer` makes it. */
class KafkaProducer {
  #client;
  #clientId;

  /** @param {ProducerClient} client @param {string} clientId */
  constructor(client, clientId) {
    this.#client = client;
    this.#clientId = clientId;
  }

  /**
   * Sends messages to one topic; resolves with partition and offset of each once the broker has them.
   *
   * @param {{ topic: string, messages: OutgoingMessage[] }} request
   * @returns {Promise<SendResult[]>}
   */
  async send(request) {
    if (this.#client.closed) throw new KafkaError('the producer is closed', { code: '_DESTROY' });
    const { topic, messages } = request ?? {};
    text(topic, 'topic');
    if (!Array.isArray(messages)) throw new TypeError('messages must be an array');
    if (messages.length === 0) return [];
    const fields = { topic, clientId: this.#clientId, messages: messages.length };
    const operation = telemetry.produce.active ? telemetry.produce.begin(fields) : undefined;
    try {
      const packer = new Packer(messages.length);
      const trace = traceHeaders(undefined, operation?.headers());
      messages.forEach((message, i) => addMessage(packer, message, trace, i));
      const results = outcomes(topic, messages.length, await this.#client.send(topic, packer.take(), true));
      operation?.end(
        messages.length === 1 ? { partition: results[0].partition, offset: results[0].offset } : undefined,
      );
      return results;
    } catch (error) {
      operation?.fail(error);
      throw error;
    }
  }

  /** Waits for the delivery of everything sent so far. */
  async flush(timeoutMs = 10_000) {
    if (await this.#client.flush(timeoutMs)) return;
    throw new KafkaError(`not everything was delivered within ${timeoutMs} ms`, {
      code: '_TIMED_OUT',
      retriable: true,
    });
  }

  /** Delivers what was sent and frees the client. */
  async close() {
    await this.#client.close(10_000);
  }

  /** Counters since creation. */
  metrics() {
    return metricsOf(this.#client);
  }

  /** The metrics as Prometheus text. */
  prometheus(prefix = 'dspx') {
    return prometheus(prefix, 'kafka_producer', this.metrics());
  }
}

/** @param {ProducerClient} client */
function metricsOf(client) {
  const { messages, bytes, delivered, deliveryErrors, queued, batches, deliveryMs } = client.metrics();
  return { messages, bytes, delivered, deliveryErrors, queued, deliveryMs: { count: batches, sum: deliveryMs } };
}

/**
 * Returns the time of a message in ms since 1970, NaN for now.
 *
 * @param {unknown} timestamp
 * @param {string} where the message, for errors
 * @throws {TypeError} for anything else
 * @returns {number}
 */
function timeOf(timestamp, where) {
  if (timestamp === undefined || timestamp === null) return NaN;
  const isDecimal = typeof timestamp === 'string' && /^\d{1,16}$/.test(timestamp);
  const time = /** @type {number} */ (isDecimal ? Number(timestamp) : timestamp);
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new TypeError(
      `${where}.timestamp must be ms since 1970, a whole number or its decimal text, got ${shown(timestamp)}`,
    );
  }
  if (time === 0) throw new TypeError(`${where}.timestamp must not be 0: the client would send the time of now`);
  return time;
}

/**
 * Packs a user's message.
 *
 * @param {InstanceType<typeof Packer>} packer
 * @param {any} message
 * @param {string[]} trace
 * @param {number} index
 * @throws {TypeError} naming the field that is wrong
 */
function addMessage(packer, message, trace, index) {
  const where = `messages[${index}]`;
  if (typeof message !== 'object' || message === null) throw new TypeError('messages must hold objects');
  if (message.value === undefined)
    throw new TypeError(`${where}.value must be given; null is the tombstone that deletes a key`);
  const { value, type } = encodeValue(message.value);
  const headers = flatHeaders(message.headers);
  const has = (/** @type {string} */ name) =>
    message.headers !== undefined && message.headers !== null && name in message.headers;
  if (type !== undefined && !has('content-type')) headers.push('content-type', type);
  for (let i = 0; i < trace.length; i += 2) if (!has(trace[i])) headers.push(trace[i], trace[i + 1]);
  const partition = integer(message, 'partition', { fallback: -1, min: 0 });
  packer.add(bytes(message.key, `${where}.key`), value, headers, timeOf(message.timestamp, where), partition);
}

/**
 * Returns the result of each message.
 *
 * @param {string} topic
 * @param {number} count
 * @param {SendEvent} event
 * @throws {KafkaError} that carries the results, if a message failed
 * @returns {SendResult[]}
 */
function outcomes(topic, count, { failures, offsets = new Float64Array(2 * count) }) {
  /** @type {SendResult[]} */
  const results = Array.from({ length: count }, (_, i) => ({
    topic,
    partition: offsets[2 * i],
    offset: String(offsets[2 * i + 1]),
  }));
  if (!failures) return results;
  for (const { index, error } of failures) results[index] = { topic, error: adopt(error) };
  const first = adopt(failures[0].error);
  throw new KafkaError(`${failures.length} of ${count} messages for ${topic} were not delivered: ${first.message}`, {
    code: first.code,
    retriable: first.retriable,
    fatal: first.fatal,
    results,
  });
}

/**
 * Makes a producer. Resolves when a broker has answered.
 *
 * @param {Config} config
 * @returns {Promise<KafkaProducer>}
 */
async function createKafkaProducer(config) {
  const { clientId = 'dsp-producer', producerConfig } = config ?? {};
  const mapped = clientProperties(false, { brokers: config?.brokers, clientId }, producerConfig);
  const timeout = integer(config, 'connectTimeoutMs', { fallback: 10_000, min: 1 });
  warnUnknown('createKafkaProducer', config, ['brokers', 'clientId', 'producerConfig', 'connectTimeoutMs']);
  const client = new ProducerClient(mapped, { config: producerConfig });
  try {
    await client.connect(timeout);
  } catch (error) {
    await client.close(0);
    throw error;
  }
  return new KafkaProducer(client, clientId);
}

module.exports = { createKafkaProducer, ProducerClient, metricsOf };
