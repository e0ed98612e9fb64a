'use strict';

/** Fourier transforms of many signals, on several threads. */

const os = require('#node').os;
const native = require('../../native/addon.js');
const { checkFloat32Array, checkOptions, shown } = require('../../common/arguments.js');
const { MAX_SIZE, spectrumOf } = require('./complex.js');

/** Signals in one call: more are several calls. */
const MAX_SIGNALS = 1 << 20;

/** Returns the number of threads that `numThreads: 0` stands for. */
function automaticThreads() {
  const cpus = os.cpus().length;
  return cpus > 0 ? Math.max(1, Math.ceil(cpus / 2)) : 4;
}

class FftBatchProcessor {
  #threads;
  #native;

  /** @param {{ numThreads?: number, enableCache?: boolean, cacheSize?: number }} [options] */
  constructor(options) {
    const { numThreads = 0, enableCache = true, cacheSize = 128 } = checkOptions('FftBatchProcessor: options', options);
    if (!(Number.isInteger(numThreads) && numThreads >= 0 && numThreads <= 1024)) {
      throw new TypeError(`numThreads must be an integer from 0 to 1024, got ${shown(numThreads)}`);
    }
    if (!(Number.isSafeInteger(cacheSize) && cacheSize >= 0)) {
      throw new TypeError(`cacheSize must be a non-negative integer, got ${shown(cacheSize)}`);
    }
    if (typeof enableCache !== 'boolean') {
      throw new TypeError(`enableCache must be a boolean, got ${shown(enableCache)}`);
    }
    this.#threads = numThreads || automaticThreads();
    this.#native = new native.NativeBatch(this.#threads, enableCache ? cacheSize : -1);
  }

  /**
   * Returns the inputs of a batch, all of them checked.
   *
   * @param {unknown} signals
   * @returns {Float32Array[]}
   */
  #inputs(signals) {
    if (!Array.isArray(signals)) throw new TypeError(`processBatch expects an array of signals, got ${shown(signals)}`);
    if (signals.length > MAX_SIGNALS) throw new RangeError(`processBatch takes at most ${MAX_SIGNALS} signals`);
    return Array.from(signals, (signal) => {
      if (typeof signal !== 'object' || signal === null)
        throw new TypeError(`each signal must be an object, got ${shown(signal)}`);
      const { input } = signal;
      if (input === undefined || input === null) throw new TypeError("each signal must have 'input'");
      checkFloat32Array("'input'", input);
      if (input.length === 0) throw new TypeError("'input' must not be empty");
      if (input.length > MAX_SIZE) throw new RangeError(`'input' must have at most ${MAX_SIZE} samples`);
      return input;
    });
  }

  /** @param {{ input: Float32Array }[]} signals */
  processBatch(signals) {
    const inputs = this.#inputs(signals);
    const spectra = inputs.map((input) => spectrumOf((input.length >> 1) + 1));
    this.#native.run(
      inputs,
      spectra.flatMap(({ real, imag }) => [real, imag]),
    );
    return spectra;
  }

  /** @param {{ input: Float32Array }[]} signals */
  async processBatchAsync(signals) {
    const parts = /** @type {Float32Array[]} */ (await this.#native.runAsync(this.#inputs(signals)));
    return Array.from({ length: parts.length / 2 }, (_, i) => ({ real: parts[2 * i], imag: parts[2 * i + 1] }));
  }

  getCacheStats() {
    const { hits, misses } = this.#native.stats();
    return { hits, misses, hitRate: hits + misses > 0 ? hits / (hits + misses) : 0 };
  }

  getCacheHitRate() {
    return this.getCacheStats().hitRate;
  }

  clearCache() {
    this.#native.clear();
  }

  getNumThreads() {
    return this.#threads;
  }
}

module.exports = { FftBatchProcessor };
