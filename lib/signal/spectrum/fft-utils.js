'use strict';

/** Helpers around transforms: lengths, decibels, the A weighting. */

const { checkFloat32Array, isPositiveInteger } = require('../../common/arguments.js');

/** 12194², and the other corners of the A weighting, in Hz² (IEC 61672-1). */
const A_WEIGHTING = [12194 ** 2, 20.6 ** 2, 107.7 ** 2, 737.9 ** 2];

const FftUtils = {
  /** @param {number} n */
  nextPowerOfTwo(n) {
    let power = 1;
    while (power < n) power *= 2;
    return power;
  },

  /** @param {number} n */
  isPowerOfTwo(n) {
    return isPositiveInteger(n) && FftUtils.nextPowerOfTwo(n) === n;
  },

  /** @param {Float32Array} x */
  padToPowerOfTwo(x) {
    checkFloat32Array('signal', x);
    return FftUtils.zeroPad(x, FftUtils.nextPowerOfTwo(x.length));
  },

  /** @param {Float32Array} x @param {number} length */
  zeroPad(x, length) {
    checkFloat32Array('signal', x);
    if (!(typeof length === 'number' && length <= 0xffff_ffff))
      throw new RangeError(`length must be a number below 2^32, got ${length}`);
    if (x.length >= length) return x;
    const padded = new Float32Array(Math.ceil(length));
    padded.set(x);
    return padded;
  },

  /** @param {Float32Array} magnitudes @param {number} sampleRate Hz @param {number} fftSize */
  findPeakFrequency(magnitudes, sampleRate, fftSize) {
    checkFloat32Array('magnitudes', magnitudes);
    let peak = 0;
    for (let k = 1; k < magnitudes.length; k++) if (magnitudes[k] > magnitudes[peak]) peak = k;
    return (peak * sampleRate) / fftSize;
  },

  /** @param {Float32Array} magnitudes @param {number} [reference] */
  toDecibels(magnitudes, reference = 1) {
    checkFloat32Array('magnitudes', magnitudes);
    return magnitudes.map((v) => 20 * Math.log10(Math.max(v, 1e-10) / reference));
  },

  /** @param {Float32Array} magnitudes @param {Float32Array} frequencies Hz */
  applyAWeighting(magnitudes, frequencies) {
    checkFloat32Array('magnitudes', magnitudes);
    checkFloat32Array('frequencies', frequencies);
    const [high, low, low2, low3] = A_WEIGHTING;
    return magnitudes.map((v, k) => {
      const f2 = frequencies[k] ** 2;
      return (v * high * f2 * f2) / ((f2 + low) * Math.sqrt((f2 + low2) * (f2 + low3)) * (f2 + high));
    });
  },
};

module.exports = { FftUtils };
