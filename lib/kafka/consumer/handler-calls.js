'use strict';
const { setTimeout, clearTimeout } = require('#node').timers;
const telemetry = require('../../telemetry/operations.js');
const { withTracingContext } = require('../../telemetry/tracing.js');
const { decode } = require('./message.js');
const { Durations } = require('../../telemetry/prometheus.js');
const { contextOf } = require('../trace-headers.js');

const isPromise = (value) => typeof value?.then === 'function';

/** The trace headers of a message, for a link to its producer. */
function parentOf({ headers }) {
  if (!headers?.traceparent) return undefined;
  return { traceparent: String(headers.traceparent), tracestate: headers.tracestate && String(headers.tracestate) };
}

/** Calls the user's handlers; what fails goes to `failures`. Handlers give (a promise of) true for done, false for over. */
class Handling {
  #settings;
  #failures;
  handled = 0;
  handlerMs = new Durations();

  constructor(settings, failures) {
    this.#settings = settings;
    this.#failures = failures;
  }

  /** Handles what the partition has at hand. */
  from(partition) {
    const { onBatch, batch, partitionConcurrency } = this.#settings;
    if (onBatch) return partition.inBatches(batch, this.#decodeForBatch, this.#handleBatch);
    if (partitionConcurrency > 1) return partition.inLanes(partitionConcurrency, this.#handleMessage);
    return partition.inOrder(this.#handleMessage);
  }

  #handleMessage = (partition, segment, i) => {
    const message = decode(segment, i);
    if (message.error) return this.#failures.poison(partition, message);
    const traced = segment.isTraced(i);
    const messages = [message];
    const call = () => this.#settings.onMessage(message);
    return this.#attempt(partition, messages, this.#observed(partition, messages, traced, call));
  };

  #handleBatch = (partition, messages) => {
    const high = Math.max(partition.high, Number(messages.at(-1).offset) + 1);
    const context = { ...partition.place, highWatermark: String(high) };
    const call = () => this.#settings.onBatch(messages, context);
    return this.#attempt(
      partition,
      messages,
      this.#observed(partition, messages, messages[0].headers !== undefined, call),
    );
  };

  /** A message for a batch; null = leave it out, undefined = the batch ends before it. */
  #decodeForBatch = (partition, segment, i, isFirst) => {
    const message = decode(segment, i);
    if (!message.error) return message;
    if (!isFirst) return undefined;
    return this.#failures.poison(partition, message).then((done) => (done ? null : undefined));
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
    this.#note(messages.length, start);
    return true;
  }

  async #settle(partition, messages, call, result, start) {
    try {
      await this.#bounded(result);
    } catch (error) {
      return this.#retry(partition, messages, call, error);
    }
    this.#note(messages.length, start);
    return true;
  }

  #retry(partition, messages, call, cause) {
    const again = async () => {
      const start = performance.now();
      await this.#bounded(Promise.resolve(call()));
      this.#note(messages.length, start);
    };
    return this.#failures.retry(partition, messages, again, cause);
  }

  #note(count, start) {
    this.handled += count;
    this.handlerMs.add(performance.now() - start);
  }

  /** `promise`, or a rejection past `handlerTimeoutMs`. */
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

module.exports = { Handling };
