'use strict';

/** Whole signals through one stage. */

const { checkFloat32Array } = require('../../common/arguments.js');
const { call, callAsync } = require('../../native/call.js');

/** The number of multiplications and additions up to which a signal is computed in the calling thread (about 50 µs). */
const SHORT_WORK = 200_000;

/**
 * @param {Float32Array} signal
 * @param {import('../../../index.js').WaveletType} wavelet
 * @returns {Promise<Float32Array>}
 */
async function dwt(signal, wavelet) {
  checkFloat32Array('dwt: Signal', signal);
  return (signal.length * 16 > SHORT_WORK ? callAsync : call)('dwt', signal, wavelet);
}

/**
 * @param {Float32Array} signal
 * @param {number} [windowSize] samples
 * @param {number} [hopSize] samples
 * @returns {Promise<Float32Array>}
 */
async function hilbertEnvelope(signal, windowSize = 512, hopSize) {
  checkFloat32Array('hilbertEnvelope: Signal', signal);
  const isNumeric = typeof windowSize === 'number' && typeof (hopSize ?? 1) === 'number';
  const long = isNumeric && signal.length * (1 + windowSize / (hopSize ?? windowSize / 2)) > SHORT_WORK;
  return (long ? callAsync : call)('hilbertEnvelope', signal, windowSize, hopSize);
}

module.exports = { dwt, hilbertEnvelope };
