'use strict';

/** The last samples of a stream in one piece; grows as they come, to twice the window at most. */
class SlidingBuffer {
  #window;
  #samples = new Float32Array(0);
  #end = 0;

  /** @param {number} window samples that are kept */
  constructor(window) {
    this.#window = window;
  }

  /** @param {Float32Array} samples */
  push(samples) {
    const n = samples.length;
    if (n >= this.#window) {
      this.#room(this.#window, 0);
      this.#samples.set(samples.subarray(n - this.#window));
      this.#end = this.#window;
      return;
    }
    this.#room(n, this.#window - n);
    this.#samples.set(samples, this.#end);
    this.#end += n;
  }

  /** @param {number} sample */
  pushOne(sample) {
    this.#room(1, this.#window - 1);
    this.#samples[this.#end++] = sample;
  }

  /** Makes room for `n` samples behind the last `kept` ones. @param {number} n @param {number} kept */
  #room(n, kept) {
    if (this.#end + n <= this.#samples.length) return;
    const keep = Math.min(kept, this.#end);
    const limit = 2 * this.#window;
    if (this.#samples.length < limit) {
      const grown = new Float32Array(Math.min(limit, Math.max(64, 2 * (keep + n))));
      grown.set(this.#samples.subarray(this.#end - keep, this.#end));
      this.#samples = grown;
    } else {
      this.#samples.copyWithin(0, this.#end - keep, this.#end);
    }
    this.#end = keep;
  }

  /** Returns the window, once there are as many samples. */
  view() {
    return this.#samples.subarray(this.#end - this.#window, this.#end);
  }

  clear() {
    this.#end = 0;
  }
}

module.exports = { SlidingBuffer };
