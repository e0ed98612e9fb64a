'use strict';

/** How long the same cause is told once, ms. */
const PERIOD_MS = 60_000;
/** Causes that are remembered at most. */
const MAX_CAUSES = 1000;

/** A cause without what changes from one report of it to the next: times, and how many were not told. */
const causeOf = ({ code, message }) =>
  `${code} ${message.replace(/\s*\((?:after|\d+ identical)[^)]*\)/g, '').replace(/\d+(?:\.\d+)?\s*ms\b/g, 'ms')}`;

/** Tells what is news from what a client has reported within the last minute: an outage repeats itself many times a second. */
class Reports {
  #told = new Map();

  /** Whether an error's cause has not been told within a minute, or since the last `forget()`. */
  isNews(error) {
    const now = performance.now();
    const cause = causeOf(error);
    const last = this.#told.get(cause);
    if (last !== undefined && now - last < PERIOD_MS) return false;
    if (this.#told.size >= MAX_CAUSES) this.#told.clear();
    this.#told.set(cause, now);
    return true;
  }

  /** Whether nothing has been told that could repeat itself. */
  get isEmpty() {
    return this.#told.size === 0;
  }

  /** The outage is over: the next is told at once. */
  forget() {
    this.#told.clear();
  }
}

module.exports = { Reports };
