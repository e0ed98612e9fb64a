'use strict';

const { shown } = require('../common/arguments.js');

/**
 * Keeps the newest `capacity` entries; a push on a full buffer overwrites the oldest. Memory grows with what is
 * pushed, so that a large capacity costs nothing until it is used. Entries are never looked into.
 */
class CircularLogBuffer {
  #capacity;
  /** @type {any[]} */
  #entries = [];
  #oldest = 0;

  /**
   * @param {number} [capacity] entries kept, a positive integer (32)
   * @throws {RangeError} when the capacity is anything else
   */
  constructor(capacity = 32) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`CircularLogBuffer: capacity must be a positive integer, got ${shown(capacity)}`);
    }
    this.#capacity = capacity;
  }

  /** @param {any} entry */
  push(entry) {
    if (this.#entries.length < this.#capacity) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** @returns {any[]} the entries, oldest first; the buffer is empty afterwards */
  flush() {
    const entries = this.#entries;
    const start = this.#oldest;
    this.clear();
    return start === 0 ? entries : entries.slice(start).concat(entries.slice(0, start));
  }

  /** @returns {boolean} */
  hasEntries() {
    return this.#entries.length > 0;
  }

  /** @returns {number} */
  size() {
    return this.#entries.length;
  }

  clear() {
    this.#entries = [];
    this.#oldest = 0;
  }
}

module.exports = { CircularLogBuffer };
