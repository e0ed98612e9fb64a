'use strict';

const { CircularLogBuffer } = require('../logger/circular-log-buffer.js');
const { compileTopicFilter } = require('../logger/topic-filter.js');

const PRIORITY = { debug: 2, info: 5, warn: 7, error: 9 };
/** The number of log entries kept for `onLogBatch` until the end of a call; the oldest are dropped. */
const POOLED = 32;

/**
 * @typedef {import('../../index.js').PipelineCallbacks} Callbacks
 */

/** The functions that `pipeline(callbacks)` registers; calls them in the documented order. */
class PipelineCallbacks {
  #callbacks;
  #passes;
  #pool;

  /** @param {Callbacks | null | undefined} callbacks */
  constructor(callbacks) {
    this.#callbacks = callbacks ?? {};
    this.#passes = compileTopicFilter(this.#callbacks.topicFilter);
    this.#pool = new CircularLogBuffer(POOLED);
  }

  /** @param {'onLog' | 'onLogBatch' | 'onBatch' | 'onStageComplete' | 'onError'} name @param {...any} values */
  #call(name, ...values) {
    const functions = /** @type {Record<string, ((...values: any[]) => unknown) | undefined>} */ (this.#callbacks);
    reportRejection(name, functions[name]?.(...values));
  }

  /** @param {keyof typeof PRIORITY} level @param {string} message @param {object} context */
  #log(level, message, context) {
    const { onLog, onLogBatch } = this.#callbacks;
    if (!onLog && !onLogBatch) return;
    const topic = `pipeline.${level}`;
    if (!this.#passes(topic)) return;
    if (onLogBatch) {
      // Not performance.now(): backends would date such logs to 1970.
      const timestamp = Date.now();
      this.#pool.push({ topic, level, message, context, timestamp, priority: PRIORITY[level] });
    }
    this.#call('onLog', topic, level, message, context);
  }

  #flush() {
    if (this.#callbacks.onLogBatch && this.#pool.hasEntries()) this.#call('onLogBatch', this.#pool.flush());
  }

  /** @param {import('./call-arguments.js').Call} call @param {number} stages */
  started(call, stages) {
    const mode = call.rate ? 'sample-based' : 'time-based';
    const context = { sampleCount: call.length, channels: call.channels, stages, mode };
    this.#log('debug', 'Starting pipeline processing', context);
  }

  /**
   * @param {Float32Array} samples
   * @param {string} stage label of all stages
   * @param {number} since when the call began, ms
   */
  completed(samples, stage, since) {
    this.#call('onBatch', { stage, samples, startIndex: 0, count: samples.length });
    if (this.#callbacks.onSample) {
      for (let i = 0; i < samples.length; i++) {
        reportRejection('onSample', this.#callbacks.onSample?.(samples[i], i, stage));
      }
    }
    const durationMs = performance.now() - since;
    this.#call('onStageComplete', stage, durationMs);
    this.#log('info', 'Pipeline processing completed', { durationMs, sampleCount: samples.length });
    this.#flush();
  }

  /**
   * Reports the error that the call will throw; a callback that fails meanwhile must not take its place.
   *
   * @param {unknown} error
   * @param {string} stage label of all stages
   */
  failed(error, stage) {
    const { message = String(error), stack } = /** @type {Partial<Error>} */ (error ?? {});
    const context = { error: message, stack };
    isolated('onError', () => this.#call('onError', stage, error));
    isolated('onLog', () => this.#log('error', 'Pipeline processing failed', context));
    isolated('onLogBatch', () => this.#flush());
  }
}

/**
 * A promise that a callback returned is not waited for; its rejection is printed, since nobody else would see it.
 *
 * @param {string} name the callback
 * @param {any} result
 */
function reportRejection(name, result) {
  if (typeof result?.then !== 'function') return;
  result.then(undefined, (/** @type {unknown} */ error) => printFailure(name, error));
}

/** @param {string} name @param {unknown} error */
function printFailure(name, error) {
  console.error(`Callback error in ${name}:`, error);
}

/** @param {string} name @param {() => void} report */
function isolated(name, report) {
  try {
    report();
  } catch (error) {
    printFailure(name, error);
  }
}

module.exports = { PipelineCallbacks };
