'use strict';

const { CircularLogBuffer } = require('./circular-log-buffer.js');
const { compileTopicFilter } = require('./topic-filter.js');

const PRIORITY = { debug: 2, info: 5, warn: 7, error: 9 };
/** Log entries kept for `onLogBatch` until the end of a call; the oldest give way. */
const POOLED = 32;

/** What `pipeline(callbacks)` registers: calls the user's functions in the documented order. */
class Observers {
  #callbacks;
  #passes;
  #pool;

  constructor(callbacks) {
    this.#callbacks = callbacks ?? {};
    this.#passes = compileTopicFilter(this.#callbacks.topicFilter);
    this.#pool = new CircularLogBuffer(POOLED);
  }

  #log(level, message, context) {
    const { onLog, onLogBatch } = this.#callbacks;
    if (!onLog && !onLogBatch) return;
    const topic = `pipeline.${level}`;
    if (!this.#passes(topic)) return;
    if (onLogBatch) {
      const timestamp = performance.now();
      this.#pool.push({ topic, level, message, context, timestamp, priority: PRIORITY[level] });
    }
    onLog?.(topic, level, message, context);
  }

  #flush() {
    const { onLogBatch } = this.#callbacks;
    if (onLogBatch && this.#pool.hasEntries()) onLogBatch(this.#pool.flush());
  }

  started(call, stages) {
    const mode = call.rate ? 'sample-based' : 'time-based';
    const context = { sampleCount: call.samples.length, channels: call.channels, stages, mode };
    this.#log('debug', 'Starting pipeline processing', context);
  }

  completed(samples, stage, since) {
    const { onBatch, onSample, onStageComplete } = this.#callbacks;
    onBatch?.({ stage, samples, startIndex: 0, count: samples.length });
    if (onSample) for (let i = 0; i < samples.length; i++) onSample(samples[i], i, stage);
    const durationMs = performance.now() - since;
    onStageComplete?.(stage, durationMs);
    this.#log('info', 'Pipeline processing completed', { durationMs, sampleCount: samples.length });
    this.#flush();
  }

  failed(error, stage) {
    this.#callbacks.onError?.(stage, error);
    const context = { error: error?.message ?? String(error), stack: error?.stack };
    this.#log('error', 'Pipeline processing failed', context);
    this.#flush();
  }
}

module.exports = { Observers };
