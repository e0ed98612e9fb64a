'use strict';

/**
 * The newest logs, oldest first; beyond `limit` the oldest go.
 *
 * @template T
 */
class Backlog {
  /** @type {any[]} */
  #logs = [];
  #first = 0;
  #limit;
  dropped = 0;

  /** @param {number} limit */
  constructor(limit) {
    this.#limit = limit;
  }

  get size() {
    return this.#logs.length - this.#first;
  }

  /** @param {T} log */
  push(log) {
    this.#logs.push(log);
    if (this.size <= this.#limit) return;
    this.#logs[this.#first++] = undefined;
    this.dropped++;
    if (this.#first > this.#limit) this.#compact();
  }

  /** @returns {T[]} */
  takeAll() {
    this.#compact();
    const logs = this.#logs;
    this.#logs = [];
    return logs;
  }

  /**
   * Puts logs back before all others.
   *
   * @param {T[]} logs
   */
  putBack(logs) {
    const all = logs.concat(this.takeAll());
    const excess = Math.max(0, all.length - this.#limit);
    this.dropped += excess;
    this.#logs = excess === 0 ? all : all.slice(excess);
  }

  #compact() {
    if (this.#first > 0) this.#logs = this.#logs.slice(this.#first);
    this.#first = 0;
  }
}

module.exports = { Backlog };
