'use strict';

/** The way of samples into a job for a worker thread and back: copies, since JavaScript may free arrays at any time. */

const { setImmediate } = require('#node').timers;
const { detached } = require('./sample-formats.js');

/**
 * @typedef {import('./call-arguments.js').Call} Call
 * @typedef {import('./sample-formats.js').Conversion} Conversion
 * @typedef {import('../native/exports.js').Job} Job
 */

/** Samples copied in or out at once: in some 25 µs. */
const PIECE = 1 << 16;
/** Milliseconds of copying after which the event loop has its turn. */
const COPYING_MS = 0.07;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A call on its way into a job; many samples in several turns of the event loop, so that it is not held. */
class Filling {
  #job;
  #call;
  #from = 0;

  /** @param {Job} job @param {Call} call */
  constructor(job, call) {
    this.#job = job;
    this.#call = call;
  }

  /**
   * Copies for one turn.
   *
   * @returns {boolean} whether all is copied
   * @throws {TypeError} if the samples were transferred meanwhile
   */
  copy() {
    const { length } = this.#call;
    checkPresent(this.#call);
    const end = performance.now() + COPYING_MS;
    do this.#copyPiece(Math.min(length, this.#from + PIECE));
    while (this.#from < length && performance.now() < end);
    return this.#from === length;
  }

  /** @param {number} to */
  #copyPiece(to) {
    const { samples, conversion, times } = this.#call;
    const from = this.#from;
    this.#from = to;
    if (times) this.#job.writeTimes(times.subarray(from, to));
    if (samples) {
      this.#job.write(samples.subarray(from, to));
    } else {
      const { bytes, size, format } = /** @type {Conversion} */ (conversion);
      this.#job.writeEncoded(bytes.subarray(from * size, to * size), format);
    }
  }
}

/**
 * Copies a job's result into the caller's array, in pieces.
 *
 * @param {Job} job
 * @param {Float32Array} samples
 */
async function readBack(job, samples) {
  let end = performance.now() + COPYING_MS;
  for (let from = 0; from < samples.length; from += PIECE) {
    if (performance.now() >= end) {
      await nextTurn();
      end = performance.now() + COPYING_MS;
    }
    job.read(samples.subarray(from, from + PIECE), from);
  }
}

/**
 * @param {Call} call
 * @throws {TypeError} if its samples were transferred while it waited
 */
function checkPresent({ samples, conversion, length }) {
  const present = samples ? samples.length : conversion && conversion.bytes.length / conversion.size;
  if (present !== length) throw detached();
}

module.exports = { Filling, checkPresent, nextTurn, readBack };
