'use strict';

/** Helpers around transforms: lengths, decibels, the A weighting. */

const {
  checkFloat32Array,
  checkNumber,
  checkPositive,
  isPositiveInteger,
  shown,
} = require('../../common/arguments.js');
const { MAX_SIZE } = require('./complex.js');

/** 12194², and the other corners of the A weighting, in Hz² (IEC 61672-1). */
const A_WEIGHTING = [12194 ** 2, 20.6 ** 2, 107.7 ** 2, 737.9 ** 2];

const FftUtils = {
  /** @param {number} n */
  nextPowerOfTwo(n) {
    const least = checkNumber('nextPowerOfTwo: n', n);
    if (!(least <= 2 ** 53)) throw new RangeError(`nextPowerOfTwo: n must be a number up to 2^53, got ${least}`);
    let power = 1;
    while (power < least) power *= 2;
    return power;
  },

  /** @param {number} n */
  isPowerOfTwo(n) {
    return isPositiveInteger(n) && n <= 2 ** 53 && FftUtils.nextPowerOfTwo(n) === n;
  },

  /** @param {Float32Array} x */
  padToPowerOfTwo(x) {
    checkFloat32Array('padToPowerOfTwo: signal', x);
    return FftUtils.zeroPad(x, FftUtils.nextPowerOfTwo(x.length));
  },

  /** @param {Float32Array} x @param {number} length */
  zeroPad(x, length) {
    checkFloat32Array('zeroPad: signal', x);
    if (!(typeof length === 'number' && length <= MAX_SIZE)) {
      throw new RangeError(`zeroPad: length must be a number up to ${MAX_SIZE}, got ${shown(length)}`);
    }
    if (x.length >= length) return x;
    const padded = new Float32Array(Math.ceil(length));
    padded.set(x);
    return padded;
  },

  /** @param {Float32Array} magnitudes @param {number} sampleRate Hz @param {number} fftSize */
  findPeakFrequency(magnitudes, sampleRate, fftSize) {
    checkFloat32Array('findPeakFrequency: magnitudes', magnitudes);
    checkPositive('findPeakFrequency: sampleRate', sampleRate);
    checkPositive('findPeakFrequency: fftSize', fftSize);
    let peak = 0;
    for (let k = 1; k < magnitudes.length; k++) if (magnitudes[k] > magnitudes[peak]) peak = k;
    return (peak * sampleRate) / fftSize;
  },

  /** @param {Float32Array} magnitudes @param {number} [reference] */
  toDecibels(magnitudes, reference = 1) {
    checkFloat32Array('toDecibels: magnitudes', magnitudes);
    checkPositive('toDecibels: reference', reference);
    return magnitudes.map((v) => 20 * Math.log10(Math.max(v, 1e-10) / reference));
  },

  /** @param {Float32Array} magnitudes @param {Float32Array} frequencies Hz */
  applyAWeighting(magnitudes, frequencies) {
    checkFloat32Array('applyAWeighting: magnitudes', magnitudes);
    checkFloat32Array('applyAWeighting: frequencies', frequencies);
    if (frequencies.length !== magnitudes.length) {
      const found = `${magnitudes.length} and ${frequencies.length}`;
      throw new RangeError(`applyAWeighting: magnitudes and frequencies must have the same length, got ${found}`);
    }
    const [high, low, low2, low3] = A_WEIGHTING;
    return magnitudes.map((v, k) => {
      const f2 = frequencies[k] ** 2;
      return (v * high * f2 * f2) / ((f2 + low) * Math.sqrt((f2 + low2) * (f2 + low3)) * (f2 + high));
    });
  },
};

module.exports = { FftUtils };
