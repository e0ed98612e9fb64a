'use strict';

const zeroCounts = () => ({
  logsProcessed: 0,
  logsFailed: 0,
  totalRetries: 0,
  flushCount: 0,
  averageFlushTimeMs: 0,
  /** @type {Map<string, number>} */
  handlerErrors: new Map(),
});

/** The counters of a logger and all its children. They stand still while metrics are off. */
class LoggerCounters {
  #handlers;
  #enabled;
  #counts = zeroCounts();
  /** The counters of the handlers at the last reset: their own are not ours to reset. */
  #handlersBefore = { totalRetries: 0, logsDropped: 0 };

  /** @param {import('../../index.js').HandlerWithFlush[]} handlers @param {boolean} enabled */
  constructor(handlers, enabled) {
    this.#handlers = handlers;
    this.#enabled = enabled;
  }

  processed() {
    if (this.#enabled) this.#counts.logsProcessed++;
  }

  /** @param {string} [handler] the name of the handler that failed */
  failed(handler) {
    if (!this.#enabled) return;
    this.#counts.logsFailed++;
    if (handler) this.#counts.handlerErrors.set(handler, (this.#counts.handlerErrors.get(handler) ?? 0) + 1);
  }

  retried() {
    if (this.#enabled) this.#counts.totalRetries++;
  }

  /** @param {number} durationMs */
  flushed(durationMs) {
    if (!this.#enabled) return;
    const counts = this.#counts;
    counts.flushCount++;
    counts.averageFlushTimeMs += (durationMs - counts.averageFlushTimeMs) / counts.flushCount;
  }

  /** @returns {import('../../index.js').LoggerMetrics} */
  snapshot() {
    const { handlerErrors, ...counts } = this.#counts;
    const copy = { ...counts, queueSize: 0, logsDropped: 0, handlerErrors: new Map(handlerErrors) };
    if (!this.#enabled) return copy;
    const theirs = this.#handlerTotals();
    copy.totalRetries += theirs.totalRetries - this.#handlersBefore.totalRetries;
    copy.logsDropped = theirs.logsDropped - this.#handlersBefore.logsDropped;
    copy.queueSize = theirs.queueSize;
    return copy;
  }

  reset() {
    this.#counts = zeroCounts();
    this.#handlersBefore = this.#handlerTotals();
  }

  #handlerTotals() {
    const totals = { totalRetries: 0, queueSize: 0, logsDropped: 0 };
    for (const handler of new Set(this.#handlers)) {
      const metrics = reported(handler);
      for (const key of /** @type {(keyof typeof totals)[]} */ (Object.keys(totals)))
        totals[key] += metrics?.[key] ?? 0;
    }
    return totals;
  }
}

/**
 * Returns a handler's own counters, `undefined` where it has none.
 *
 * @param {import('../../index.js').HandlerWithFlush} handler
 */
function reported(handler) {
  try {
    return handler.metrics?.();
  } catch {
    return undefined; // a handler's fault must not hide the other counters
  }
}

module.exports = { LoggerCounters };
