'use strict';

/** How long the same cause is reported once, ms. */
const PERIOD_MS = 60_000;
/** Causes that are remembered at most. */
const MAX_CAUSES = 1000;

/**
 * Returns an error's cause without the parts that change from one report to the next: times, and the number of reports
 * that were left out.
 *
 * @param {{ code?: unknown, message: string }} error
 */
const causeOf = ({ code, message }) =>
  `${code} ${message.replace(/\s*\((?:after|\d+ identical)[^)]*\)/g, '').replace(/\d+(?:\.\d+)?\s*ms\b/g, 'ms')}`;

/** Remembers the causes that were reported within the last minute: an outage repeats itself many times a second. */
class ErrorReports {
  /** @type {Map<string, number>} */
  #reported = new Map();

  /**
   * Whether an error's cause has not been reported within a minute, or since the last `clear()`.
   *
   * @param {{ code?: unknown, message: string }} error
   */
  isNew(error) {
    const now = performance.now();
    const cause = causeOf(error);
    const last = this.#reported.get(cause);
    if (last !== undefined && now - last < PERIOD_MS) return false;
    if (this.#reported.size >= MAX_CAUSES) this.#reported.clear();
    this.#reported.set(cause, now);
    return true;
  }

  /** Whether nothing has been reported that could repeat itself. */
  get isEmpty() {
    return this.#reported.size === 0;
  }

  /** Clears all causes after an outage, so that the next one is reported at once. */
  clear() {
    this.#reported.clear();
  }
}

module.exports = { ErrorReports };
