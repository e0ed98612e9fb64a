'use strict';

/** At most `limit` holders at once; the others wait in the order they came. */
class Slots {
  #free;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} limit */
  constructor(limit) {
    this.#free = limit;
  }

  /** Whether somebody waits. */
  get isWanted() {
    return this.#waiting.length > 0;
  }

  /** Takes a slot at once, if there is one. */
  tryAcquire() {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** @returns {Promise<void>} */
  async acquire() {
    if (!this.tryAcquire()) await /** @type {Promise<void>} */ (new Promise((resolve) => this.#waiting.push(resolve)));
  }

  release() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

module.exports = { Slots };
