'use strict';

/** Running features: of the last samples, or from one spectrum to the next. */

const native = require('../../native/addon.js');
const { checkNumber, isPositiveInteger, shown } = require('../../common/arguments.js');
const { calculateHjorthParameters, calculateSpectralFeatures, checkBins } = require('./features.js');

/** A feature of the last `windowSize` samples, for every sample once there are as many. */
class WindowTracker {
  #window;
  #samples;
  #end = 0;

  /** @param {number} windowSize */
  constructor(windowSize) {
    if (!(isPositiveInteger(windowSize) && windowSize <= native.maxFftSize())) {
      throw new TypeError(
        `windowSize must be a positive integer up to ${native.maxFftSize()}, got ${shown(windowSize)}`,
      );
    }
    this.#window = windowSize;
    this.#samples = new Float32Array(2 * windowSize);
  }

  /**
   * Returns the window after a sample, `null` while there are too few.
   *
   * @param {unknown} sample
   * @returns {Float32Array | null}
   */
  _push(sample) {
    const value = checkNumber(`${this.constructor.name}: sample`, sample);
    if (this.#end === this.#samples.length) {
      this.#samples.copyWithin(0, this.#end - this.#window + 1, this.#end);
      this.#end = this.#window - 1;
    }
    this.#samples[this.#end++] = value;
    return this.#end < this.#window ? null : this.#samples.subarray(this.#end - this.#window, this.#end);
  }

  reset() {
    this.#end = 0;
  }
}

class HjorthTracker extends WindowTracker {
  /** @param {number} sample */
  update(sample) {
    const window = this._push(sample);
    return window && calculateHjorthParameters(window);
  }
}

class EntropyTracker extends WindowTracker {
  #numBins;

  /** @param {number} windowSize @param {number} [numBins] */
  constructor(windowSize, numBins = 256) {
    super(windowSize);
    checkBins(numBins);
    this.#numBins = numBins;
  }

  /** @param {number} sample */
  update(sample) {
    const window = this._push(sample);
    return window && native.shannonEntropy(window, this.#numBins);
  }
}

class SpectralFeaturesTracker {
  /** @type {Float32Array | null} */
  #previous = null;

  /**
   * @param {Float32Array} magnitudes
   * @param {number} sampleRate Hz
   * @param {number} [rolloffPercentage]
   */
  calculate(magnitudes, sampleRate, rolloffPercentage = 85) {
    const features = calculateSpectralFeatures(magnitudes, sampleRate, this.#previous, rolloffPercentage);
    this.#previous = Float32Array.from(magnitudes);
    return features;
  }

  reset() {
    this.#previous = null;
  }
}

module.exports = { EntropyTracker, HjorthTracker, SpectralFeaturesTracker };
