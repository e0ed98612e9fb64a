'use strict';
const { setTimeout, clearTimeout } = require('#node').timers;
const telemetry = require('../../telemetry/operations.js');
const { withTracingContext } = require('../../telemetry/tracing.js');
const { decode } = require('./message.js');
const { Durations } = require('../../telemetry/prometheus.js');
const { contextOf } = require('../trace-headers.js');

/**
 * @typedef {import('./options.js').ConsumerSettings} ConsumerSettings
 * @typedef {import('./partition.js').Loop} Partition
 * @typedef {import('./partition.js').Outcome} Outcome
 * @typedef {import('./message.js').Message} Message
 * @typedef {() => unknown} HandlerCall
 */

/** @param {any} value @returns {value is Promise<unknown>} */
const isPromise = (value) => typeof value?.then === 'function';

/**
 * Returns the trace headers of a message, for a link to its producer.
 *
 * @param {Message} message
 */
function parentOf({ headers }) {
  if (!headers?.traceparent) return undefined;
  return { traceparent: String(headers.traceparent), tracestate: headers.tracestate && String(headers.tracestate) };
}

/**
 * Calls the user's handlers; what fails goes to `failures`. Handlers give (a promise of) true for done, false for over.
 */
class HandlerCalls {
  #settings;
  #failures;
  handled = 0;
  handlerMs = new Durations();

  /** @param {ConsumerSettings} settings @param {InstanceType<typeof import('./failures.js').Failures>} failures */
  constructor(settings, failures) {
    this.#settings = settings;
    this.#failures = failures;
  }

  /**
   * Handles the messages that the partition has at hand.
   *
   * @param {Partition} partition
   * @returns {Promise<void>}
   */
  from(partition) {
    const { onBatch, batch, partitionConcurrency } = this.#settings;
    if (onBatch) return partition.inBatches(batch, this.#decodeForBatch, this.#handleBatch);
    if (partitionConcurrency > 1) return partition.concurrently(partitionConcurrency, this.#handleMessage);
    return partition.inOrder(this.#handleMessage);
  }

  /** @type {import('./partition.js').HandleMessage} */
  #handleMessage = (partition, segment, i) => {
    const message = decode(segment, i);
    if ('error' in message) return this.#failures.poison(partition, message);
    const traced = segment.isTraced(i);
    const messages = [message];
    const call = () => this.#settings.onMessage(message);
    return this.#attempt(partition, messages, this.#observed(partition, messages, traced, call));
  };

  /** @type {import('./partition.js').HandleBatch} */
  #handleBatch = (partition, messages) => {
    const high = Math.max(partition.high, Number(messages[messages.length - 1].offset) + 1);
    const context = { ...partition.topicPartition, highWatermark: String(high) };
    const call = () => this.#settings.onBatch(messages, context);
    return this.#attempt(
      partition,
      messages,
      this.#observed(partition, messages, messages[0].headers !== undefined, call),
    );
  };

  /**
   * A message for a batch; null = leave it out, undefined = the batch ends before it.
   *
   * @type {import('./partition.js').DecodeMessage}
   */
  #decodeForBatch = (partition, segment, i, isFirst) => {
    const message = decode(segment, i);
    if (!('error' in message)) return message;
    if (!isFirst) return undefined;
    return this.#failures.poison(partition, message).then((done) => (done ? null : undefined));
  };

  /**
   * Returns `call` within the trace context of the first message, and reported to whoever listens.
   *
   * @param {Partition} partition
   * @param {Message[]} messages
   * @param {boolean} traced whether the first message has trace headers
   * @param {HandlerCall} call
   * @returns {HandlerCall}
   */
  #observed(partition, messages, traced, call) {
    const context = traced ? contextOf(messages[0].headers) : undefined;
    const inContext = context ? () => withTracingContext(context, call) : call;
    if (!telemetry.consume.active) return inContext;
    return async () => {
      const { groupId, clientId } = this.#settings;
      const { offset, key } = messages[0];
      const fields = { ...partition.topicPartition, groupId, clientId, offset, key, messages: messages.length };
      const parents = traced ? messages.map(parentOf).filter((parent) => parent !== undefined) : undefined;
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

  /**
   * Calls the handler; a failure is retried.
   *
   * @param {Partition} partition
   * @param {Message[]} messages
   * @param {HandlerCall} call
   * @returns {Outcome}
   */
  #attempt(partition, messages, call) {
    const start = performance.now();
    let result;
    try {
      result = call();
    } catch (error) {
      return this.#retry(partition, messages, call, error);
    }
    if (isPromise(result)) return this.#settle(partition, messages, call, result, start);
    this.#note(messages.length, start);
    return true;
  }

  /**
   * @param {Partition} partition
   * @param {Message[]} messages
   * @param {HandlerCall} call
   * @param {Promise<unknown>} result
   * @param {number} start
   */
  async #settle(partition, messages, call, result, start) {
    try {
      await this.#bounded(result);
    } catch (error) {
      return this.#retry(partition, messages, call, error);
    }
    this.#note(messages.length, start);
    return true;
  }

  /**
   * @param {Partition} partition
   * @param {Message[]} messages
   * @param {HandlerCall} call
   * @param {unknown} cause
   */
  #retry(partition, messages, call, cause) {
    const again = async () => {
      const start = performance.now();
      await this.#bounded(Promise.resolve(call()));
      this.#note(messages.length, start);
    };
    return this.#failures.retry(partition, messages, again, cause);
  }

  /** @param {number} count messages @param {number} start ms */
  #note(count, start) {
    this.handled += count;
    this.handlerMs.add(performance.now() - start);
  }

  /**
   * Returns `promise`, or a rejection past `handlerTimeoutMs`.
   *
   * @param {Promise<unknown>} promise
   * @returns {Promise<unknown>}
   */
  #bounded(promise) {
    const { handlerTimeoutMs } = this.#settings;
    if (handlerTimeoutMs === 0) return promise;
    return new Promise((resolve, reject) => {
      const expire = () => reject(new Error(`the handler took longer than ${handlerTimeoutMs} ms`));
      const timer = setTimeout(expire, handlerTimeoutMs);
      Promise.resolve(promise)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }
}

module.exports = { HandlerCalls };
