'use strict';

/** Complex numbers as two arrays, and their magnitudes, powers and phases. */

const native = require('../../native/addon.js');
const { checkFloat32Array, checkPositive, shown } = require('../../common/arguments.js');

/** @typedef {import('../../../index.js').ComplexArray} ComplexArray */

const MAX_SIZE = native.maxFftSize();

/**
 * Returns real and imaginary parts of `length` bins, to be filled.
 *
 * @param {number} length
 * @returns {ComplexArray}
 */
const spectrumOf = (length) => ({ real: new Float32Array(length), imag: new Float32Array(length) });

/**
 * Returns the parts of a complex argument, of `length` values if that is given. They are read once: a getter might give
 * other arrays the next time.
 *
 * @param {string} where the method, for messages
 * @param {unknown} x
 * @param {number} [length]
 * @returns {ComplexArray}
 * @throws {TypeError} for other types and lengths
 */
function checkComplex(where, x, length) {
  if (typeof x !== 'object' || x === null) {
    throw new TypeError(`${where}: complex input must be an object { real, imag }, got ${shown(x)}`);
  }
  const { real, imag } = /** @type {Partial<ComplexArray>} */ (x);
  if (!(real instanceof Float32Array && imag instanceof Float32Array)) {
    throw new TypeError(`${where}: real and imag must be Float32Arrays, got ${shown(real)} and ${shown(imag)}`);
  }
  checkFloat32Array(`${where}: real`, real);
  checkFloat32Array(`${where}: imag`, imag);
  if (length === undefined) {
    if (real.length !== imag.length) throw new TypeError(`${where}: real and imag must have the same length`);
  } else if (real.length !== length || imag.length !== length) {
    const found = `${real.length} and ${imag.length}`;
    throw new TypeError(`${where}: real and imag must match FFT size: ${length} values, got ${found}`);
  }
  return { real, imag };
}

/**
 * Returns the frequencies of the first `count` bins of a transform, Hz.
 *
 * @param {number} count
 * @param {unknown} sampleRate Hz
 * @param {number} size of the transform
 * @returns {Float32Array}
 * @throws {TypeError} for a sample rate that is no number
 */
function frequencies(count, sampleRate, size) {
  const rate = checkPositive('getFrequencyBins: sample rate', sampleRate);
  const bins = new Float32Array(count);
  for (let k = 0; k < count; k++) bins[k] = (k * rate) / size;
  return bins;
}

/** The number of bins up to which a loop takes less time than a call into the addon. */
const SHORT = 64;

/**
 * A quantity of each bin: how the addon computes it of all bins, and this side of one.
 *
 * @typedef {object} BinQuantity
 * @property {string} name the method, for messages
 * @property {(re: Float32Array, im: Float32Array, out: Float32Array) => void} ofAll
 * @property {(re: number, im: number) => number} ofOne
 */

/** @type {Record<'magnitude' | 'power' | 'phase', BinQuantity>} */
const PER_BIN = {
  magnitude: { name: 'getMagnitude', ofAll: native.magnitude, ofOne: (re, im) => Math.sqrt(re * re + im * im) },
  power: { name: 'getPower', ofAll: native.power, ofOne: (re, im) => re * re + im * im },
  phase: { name: 'getPhase', ofAll: native.phase, ofOne: (re, im) => Math.atan2(im, re) },
};

/**
 * Returns a quantity of each bin.
 *
 * @param {BinQuantity} quantity
 * @param {unknown} spectrum
 * @returns {Float32Array}
 * @throws {TypeError} if it is not complex
 */
function perBin({ name, ofAll, ofOne }, spectrum) {
  const { real, imag } = checkComplex(name, spectrum);
  const out = new Float32Array(real.length);
  if (out.length > SHORT) ofAll(real, imag, out);
  else for (let k = 0; k < out.length; k++) out[k] = ofOne(real[k], imag[k]);
  return out;
}

module.exports = { MAX_SIZE, PER_BIN, checkComplex, frequencies, perBin, spectrumOf };
