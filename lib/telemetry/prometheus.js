'use strict';

/** `handlerMs` → `handler_ms` @param {string} name */
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The fields that are gauges; all others are counters since creation. */
const GAUGES = new Set([
  'queued',
  'queuedBytes',
  'buffered',
  'inFlight',
  'paused',
  'stalled',
  'lag',
  'keys',
  'lagSeconds',
]);

/**
 * @typedef {object} Summary
 * @property {number} count
 * @property {number} sum
 * @property {number} [p50]
 * @property {number} [p95]
 * @property {number} [p99]
 */

/** @type {[keyof Summary, number][]} */
const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
];

/**
 * Returns metrics as Prometheus text. Fields that are neither numbers nor summaries are left out.
 * @param {string} prefix first part of each name
 * @param {string} kind second part
 * @param {Record<string, number | Summary>} metrics
 * @returns {string}
 */
function prometheus(prefix, kind, metrics) {
  const lines = [];
  for (const [field, value] of Object.entries(metrics)) {
    const name = `${prefix}_${kind}_${snake(field)}`;
    if (typeof value === 'number') {
      const gauge = GAUGES.has(field);
      const full = gauge ? name : `${name}_total`;
      lines.push(`# TYPE ${full} ${gauge ? 'gauge' : 'counter'}`, `${full} ${value}`);
    } else if (typeof value?.count === 'number') {
      lines.push(`# TYPE ${name} summary`);
      for (const [key, quantile] of QUANTILES) {
        if (typeof value[key] === 'number') lines.push(`${name}{quantile="${quantile}"} ${value[key]}`);
      }
      lines.push(`${name}_sum ${value.sum}`, `${name}_count ${value.count}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Durations in ms: count and sum of all, quantiles of the newest 1024. */
class Durations {
  #recent = new Float64Array(1024);
  #count = 0;
  #sum = 0;

  /** @param {number} ms */
  add(ms) {
    this.#recent[this.#count++ & 1023] = ms;
    this.#sum += ms;
  }

  /** @returns {Required<Summary>} */
  summary() {
    const sorted = this.#recent.slice(0, Math.min(this.#count, 1024)).sort();
    const at = (/** @type {number} */ q) =>
      sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
    return { count: this.#count, sum: this.#sum, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

module.exports = { prometheus, Durations };
