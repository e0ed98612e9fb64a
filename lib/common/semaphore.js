'use strict';

/** At most `limit` holders at once; the rest wait, first in, first out, and at most `maxWaiting` of them. */
class Semaphore {
  #limit;
  #maxWaiting;
  #held = 0;
  /** @type {((granted: boolean) => void)[]} */
  #waiting = [];

  /**
   * @param {number} limit
   * @param {number} maxWaiting beyond it the one that has waited longest is refused
   */
  constructor(limit, maxWaiting) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  /** The number of holders and waiting callers together. */
  get size() {
    return this.#held + this.#waiting.length;
  }

  /**
   * Calls `start(true)` as soon as a slot is free: at once, or from the `release` that frees it, so that the order of
   * the calls is the order in which they start. `start(false)`: refused, to make room for newer ones.
   * @param {(granted: boolean) => void} start
   */
  acquire(start) {
    if (this.#held < this.#limit) {
      this.#held++;
      start(true);
      return;
    }
    this.#waiting.push(start);
    if (this.#waiting.length > this.#maxWaiting) this.#waiting.shift()?.(false);
  }

  /** Releases a slot: the longest-waiting caller gets it directly, so no other can take it first. */
  release() {
    const next = this.#waiting.shift();
    if (next) next(true);
    else this.#held--;
  }
}

module.exports = { Semaphore };
