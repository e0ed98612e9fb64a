'use strict';

/** Fourier transforms of a sliding window. */

const native = require('../../native/addon.js');
const { checkFloat32Array, checkNumber, checkOptions, isPositiveInteger, shown } = require('../../common/arguments.js');
const { MAX_SIZE, PER_BIN, frequencies, perBin, spectrumOf } = require('./complex.js');
const { SlidingBuffer } = require('./sliding-buffer.js');

/**
 * @typedef {import('../../../index.js').ComplexArray} ComplexArray
 * @typedef {import('./complex.js').BinQuantity} BinQuantity
 */

/** @param {ComplexArray} spectrum */
const copyOf = ({ real, imag }) => ({ real: real.slice(), imag: imag.slice() });

const MODES = ['moving', 'batched'];

class MovingFftProcessor {
  #size;
  #hop;
  #moving;
  #bins;
  #buffer;
  #fill = 0;
  #counter = 0;
  #native;
  /** The spectrum that `getMagnitudeSpectrum` and its kin report; none before the first. @type {ComplexArray | null} */
  #last = null;

  /** @param {ConstructorParameters<typeof import('../../../index.js').MovingFftProcessor>[0]} options */
  constructor(options) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`MovingFftProcessor: options must be an object, got ${shown(options)}`);
    }
    const {
      fftSize,
      hopSize = 0,
      mode = 'batched',
      windowType = 'hann',
      realInput = true,
    } = checkOptions('MovingFftProcessor: options', options);
    if (!isPositiveInteger(fftSize)) throw new TypeError(`FFT size must be a positive integer, got ${shown(fftSize)}`);
    if (fftSize > MAX_SIZE) throw new RangeError(`FFT size must be at most ${MAX_SIZE}, got ${fftSize}`);
    if (typeof hopSize === 'number' && hopSize > fftSize) {
      throw new TypeError(`Hop size cannot exceed FFT size ${fftSize}, got ${hopSize}`);
    }
    if (!isPositiveInteger(hopSize) && hopSize !== 0) {
      throw new TypeError(`hop size must be a positive integer, got ${shown(hopSize)}`);
    }
    if (!MODES.includes(mode)) throw new TypeError(`mode must be 'moving' or 'batched', got ${shown(mode)}`);
    if (typeof realInput !== 'boolean') throw new TypeError(`realInput must be a boolean, got ${shown(realInput)}`);
    this.#size = fftSize;
    this.#hop = hopSize || fftSize;
    this.#moving = mode === 'moving';
    this.#bins = realInput ? (fftSize >> 1) + 1 : fftSize;
    this.#buffer = new SlidingBuffer(fftSize);
    this.#native = new native.NativeFrames(fftSize);
    this.setWindowType(windowType);
  }

  /** @param {string} type @throws {TypeError} for an unknown window */
  setWindowType(type) {
    if (typeof type !== 'string') throw new TypeError(`window type must be a string, got ${shown(type)}`);
    // No name is as long.
    if (type.length > 64 || !this.#native.setWindow(type)) throw new TypeError(`Invalid window type ${shown(type)}`);
  }

  /** @param {number} sample @returns {ComplexArray | null} the spectrum, if one is due */
  addSample(sample) {
    checkNumber('addSample: sample', sample);
    const due = this.#untilDue() === 1;
    this.#buffer.pushOne(sample);
    this.#count(1, due);
    if (!due) return null;
    this.#last = this.#spectrum();
    return copyOf(this.#last);
  }

  /**
   * @param {Float32Array} samples
   * @param {((spectrum: ComplexArray, bins: number) => void) | null} [callback]
   * @returns {number} the spectra that became due
   */
  addSamples(samples, callback) {
    checkFloat32Array('addSamples: samples', samples);
    if (callback !== undefined && callback !== null && typeof callback !== 'function') {
      throw new TypeError(`addSamples: callback must be a function, got ${shown(callback)}`);
    }
    let spectra = 0;
    for (let at = 0; at < samples.length; ) {
      const until = this.#untilDue();
      const end = Math.min(samples.length, at + until);
      const due = end - at === until;
      this.#buffer.push(samples.subarray(at, end));
      this.#count(end - at, due);
      at = end;
      if (!due) break;
      spectra++;
      if (callback) {
        this.#last = this.#spectrum();
        callback(copyOf(this.#last), this.#bins);
      } else if (samples.length - at < this.#untilDue()) {
        // Nobody sees the spectra before the last one.
        this.#last = this.#spectrum();
      }
    }
    return spectra;
  }

  /** Returns how many more samples the next spectrum needs. */
  #untilDue() {
    const counted = this.#moving ? 1 : this.#hop - this.#counter;
    return Math.max(1, this.#size - this.#fill, counted);
  }

  /** @param {number} n samples that came @param {boolean} due whether a spectrum is */
  #count(n, due) {
    this.#fill = Math.min(this.#fill + n, 2 * this.#size);
    this.#counter = due ? 0 : this.#counter + n;
  }

  #spectrum() {
    const spectrum = spectrumOf(this.#bins);
    this.#native.run(this.#buffer.view(), spectrum.real, spectrum.imag);
    return spectrum;
  }

  computeSpectrum() {
    if (!this.isReady()) throw new Error(`Insufficient samples: ${this.#fill} of ${this.#size}`);
    return this.#spectrum();
  }

  reset() {
    this.#buffer.clear();
    this.#fill = 0;
    this.#counter = 0;
  }

  getFftSize() {
    return this.#size;
  }

  getSpectrumSize() {
    return this.#bins;
  }

  getHopSize() {
    return this.#hop;
  }

  getFillLevel() {
    return this.#fill;
  }

  isReady() {
    return this.#fill >= this.#size;
  }

  /** @param {BinQuantity} quantity */
  #report(quantity) {
    return this.#last ? perBin(quantity, this.#last) : new Float32Array(this.#bins);
  }

  getMagnitudeSpectrum() {
    return this.#report(PER_BIN.magnitude);
  }

  getPowerSpectrum() {
    return this.#report(PER_BIN.power);
  }

  getPhaseSpectrum() {
    return this.#report(PER_BIN.phase);
  }

  /** @param {number} sampleRate Hz */
  getFrequencyBins(sampleRate) {
    return frequencies(this.#bins, sampleRate, this.#size);
  }
}

module.exports = { MovingFftProcessor };
