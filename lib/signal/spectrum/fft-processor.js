'use strict';

/** Fourier transforms of one frame. */

const native = require('../../native/addon.js');
const { checkFloat32Array, isPositiveInteger, shown } = require('../../common/arguments.js');
const { callAsync } = require('../../native/call.js');
const { MAX_SIZE, PER_BIN, checkComplex, frequencies, perBin, spectrumOf } = require('./complex.js');

/** @typedef {import('../../../index.js').ComplexArray} ComplexArray */

/**
 * @param {string} where the method, for messages
 * @param {unknown} x
 * @param {number} length
 * @returns {Float32Array} the samples
 * @throws {TypeError} for other types and lengths
 */
function checkSamples(where, x, length) {
  const samples = checkFloat32Array(`${where}: Input`, x);
  if (samples.length === length) return samples;
  throw new TypeError(`${where}: Input length must match FFT size: ${length} samples, got ${samples.length}`);
}

/** @param {Float32Array} a @param {Float32Array} b @returns {boolean} whether they share memory */
const overlap = (a, b) =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/**
 * Lets `compute` fill the arrays `results`. Native code must not write where it reads: those that overlap `inputs` or
 * each other are filled by way of others.
 *
 * @param {Float32Array[]} results
 * @param {Float32Array[]} inputs
 * @param {(...results: any[]) => void} compute
 */
function computeInto(results, inputs, compute) {
  const isApart = results.every((x, i) => [...inputs, ...results.slice(0, i)].every((other) => !overlap(x, other)));
  if (isApart) return compute(...results);
  const fresh = results.map((x) => new Float32Array(x.length));
  compute(...fresh);
  results.forEach((x, i) => x.set(fresh[i]));
}

/**
 * Transforms up to this size use arrays that the addon keeps: copying takes less time than handing arrays over the
 * border.
 */
const MAX_SHARED = 2048;

class FftProcessor {
  #size;
  #half;
  #native;
  /**
   * Arrays that the addon keeps; they must never be returned to callers.
   *
   * @type {(ComplexArray & { samples: Float32Array }) | null}
   */
  #shared = null;

  /** @param {number} size */
  constructor(size) {
    if (typeof size !== 'number') throw new TypeError(`FFT size must be a number, got ${shown(size)}`);
    if (!isPositiveInteger(size)) throw new TypeError(`FFT size must be a positive integer, got ${size}`);
    if (size > MAX_SIZE) throw new RangeError(`FFT size must be at most ${MAX_SIZE}, got ${size}`);
    this.#size = size;
    this.#half = (size >> 1) + 1;
    this.#native = new native.NativeFft(size);
  }

  /** Returns the arrays that the addon keeps, `null` for long transforms. */
  #getShared() {
    if (this.#shared === null && this.#size <= MAX_SHARED) {
      const shared = { samples: new Float32Array(this.#size), ...spectrumOf(this.#half) };
      this.#native.setShared(shared.samples, shared.real, shared.imag);
      this.#shared = shared;
    }
    return this.#shared;
  }

  /** @param {Float32Array} x @param {ComplexArray} [out] @returns {ComplexArray} */
  rfft(x, out) {
    checkSamples('rfft', x, this.#size);
    const target = out === undefined ? undefined : checkComplex('rfft', out, this.#half);
    const shared = this.#getShared();
    if (shared === null) {
      const spectrum = target ?? spectrumOf(this.#half);
      computeInto([spectrum.real, spectrum.imag], [x], (real, imag) => this.#native.rfft(x, real, imag));
      return out ?? spectrum;
    }
    shared.samples.set(x);
    this.#native.rfftShared();
    if (!target) return { real: new Float32Array(shared.real), imag: new Float32Array(shared.imag) };
    target.real.set(shared.real);
    target.imag.set(shared.imag);
    return /** @type {ComplexArray} */ (out);
  }

  /** @param {ComplexArray} spectrum @param {Float32Array} [out] @returns {Float32Array} */
  irfft(spectrum, out) {
    const { real, imag } = checkComplex('irfft', spectrum, this.#half);
    if (out !== undefined) checkSamples('irfft', out, this.#size);
    const shared = this.#getShared();
    if (shared === null) {
      const samples = out ?? new Float32Array(this.#size);
      computeInto([samples], [real, imag], (x) => this.#native.irfft(real, imag, x));
      return samples;
    }
    shared.real.set(real);
    shared.imag.set(imag);
    this.#native.irfftShared();
    if (out === undefined) return new Float32Array(shared.samples);
    out.set(shared.samples);
    return out;
  }

  /** @param {ComplexArray} x @param {ComplexArray} [out] */
  dft(x, out) {
    return this.#complex('dft', x, out);
  }

  /** @param {ComplexArray} spectrum @param {ComplexArray} [out] */
  idft(spectrum, out) {
    return this.#complex('idft', spectrum, out);
  }

  /** @param {'dft' | 'idft'} method @param {ComplexArray} x @param {ComplexArray} [out] @returns {ComplexArray} */
  #complex(method, x, out) {
    const { real, imag } = checkComplex(method, x, this.#size);
    const result = out === undefined ? spectrumOf(this.#size) : checkComplex(method, out, this.#size);
    computeInto([result.real, result.imag], [real, imag], (re, im) => this.#native[method](real, imag, re, im));
    return out ?? result;
  }

  /** @param {Float32Array} x @param {ComplexArray} [out] */
  rdft(x, out) {
    return this.rfft(x, out);
  }

  /** @param {ComplexArray} spectrum @param {Float32Array} [out] */
  irdft(spectrum, out) {
    return this.irfft(spectrum, out);
  }

  /** @param {ComplexArray} x @param {ComplexArray} [out] */
  fft(x, out) {
    this.#checkPowerOfTwo();
    return this.dft(x, out);
  }

  /** @param {ComplexArray} spectrum @param {ComplexArray} [out] */
  ifft(spectrum, out) {
    this.#checkPowerOfTwo();
    return this.idft(spectrum, out);
  }

  /** @param {Float32Array} x @returns {Promise<ComplexArray>} */
  async rfftAsync(x) {
    return callAsync('rfft', checkSamples('rfftAsync', x, this.#size));
  }

  /** @param {ComplexArray} spectrum @returns {Promise<Float32Array>} */
  async irfftAsync(spectrum) {
    return callAsync('irfft', checkComplex('irfftAsync', spectrum, this.#half), this.#size);
  }

  /** @param {ComplexArray} x @returns {Promise<ComplexArray>} */
  async dftAsync(x) {
    return callAsync('dft', checkComplex('dftAsync', x, this.#size));
  }

  /** @param {ComplexArray} spectrum @returns {Promise<ComplexArray>} */
  async idftAsync(spectrum) {
    return callAsync('idft', checkComplex('idftAsync', spectrum, this.#size));
  }

  #checkPowerOfTwo() {
    if (!this.isPowerOfTwo())
      throw new Error(`fft and ifft need a power-of-2 size, got ${this.#size}: use dft and idft`);
  }

  getSize() {
    return this.#size;
  }

  getHalfSize() {
    return this.#half;
  }

  isPowerOfTwo() {
    return (this.#size & (this.#size - 1)) === 0;
  }

  /** @param {ComplexArray} spectrum */
  getMagnitude(spectrum) {
    return perBin(PER_BIN.magnitude, spectrum);
  }

  /** @param {ComplexArray} spectrum */
  getPhase(spectrum) {
    return perBin(PER_BIN.phase, spectrum);
  }

  /** @param {ComplexArray} spectrum */
  getPower(spectrum) {
    return perBin(PER_BIN.power, spectrum);
  }

  /** @param {number} sampleRate Hz */
  getFrequencyBins(sampleRate) {
    return frequencies(this.isPowerOfTwo() ? this.#half : this.#size, sampleRate, this.#size);
  }
}

module.exports = { FftProcessor };
