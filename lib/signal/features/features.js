'use strict';

/** Features of signals and spectra. */

const native = require('../../native/addon.js');
const { checkNumber, isPositiveInteger } = require('../../common/arguments.js');
const { call, callAsync } = require('../../native/call.js');

/**
 * Returns a signal as a Float32Array; other numeric arrays are rounded.
 *
 * @param {unknown} x
 * @param {string} name
 * @throws {TypeError} for other types
 * @returns {Float32Array}
 */
function samplesOf(x, name) {
  if (x instanceof Float32Array) return x;
  if (x instanceof Float64Array || Array.isArray(x)) return Float32Array.from(x);
  throw new TypeError(`${name} must be a Float32Array`);
}

/** @param {unknown} sampleRate Hz @throws {TypeError} for anything but a number */
function checkRate(sampleRate) {
  if (typeof sampleRate !== 'number') throw new TypeError(`sampleRate must be a number, got ${typeof sampleRate}`);
}

/** @param {Float32Array} signal */
function calculateHjorthParameters(signal) {
  const x = samplesOf(signal, 'signal');
  if (x.length < 3) throw new Error('Signal must have at least 3 samples');
  return native.hjorthParameters(x);
}

/** @param {Float32Array} magnitudes @param {number} sampleRate Hz */
function calculateSpectralCentroid(magnitudes, sampleRate) {
  checkRate(sampleRate);
  return native.spectralCentroid(samplesOf(magnitudes, 'magnitudes'), sampleRate);
}

/**
 * @param {Float32Array} magnitudes
 * @param {number} sampleRate Hz
 * @param {number} [percentage] of the energy below the frequency that is returned
 */
function calculateSpectralRolloff(magnitudes, sampleRate, percentage = 85) {
  checkRate(sampleRate);
  checkNumber('percentage', percentage);
  return native.spectralRolloff(samplesOf(magnitudes, 'magnitudes'), sampleRate, percentage);
}

/** @param {Float32Array} current magnitudes @param {Float32Array | null | undefined} previous */
function calculateSpectralFlux(current, previous) {
  const magnitudes = samplesOf(current, 'magnitudes');
  if (previous === null || previous === undefined) return 0;
  return native.spectralFlux(magnitudes, samplesOf(previous, 'previous magnitudes'));
}

/**
 * @param {Float32Array} magnitudes
 * @param {number} sampleRate Hz
 * @param {Float32Array | null} [previous]
 * @param {number} [rolloffPercentage]
 */
function calculateSpectralFeatures(magnitudes, sampleRate, previous = null, rolloffPercentage = 85) {
  return {
    centroid: calculateSpectralCentroid(magnitudes, sampleRate),
    rolloff: calculateSpectralRolloff(magnitudes, sampleRate, rolloffPercentage),
    flux: calculateSpectralFlux(magnitudes, previous),
  };
}

/** More bins would take more memory than any histogram is worth. */
const MAX_BINS = 1 << 24;

/** @param {unknown} numBins */
function checkBins(numBins) {
  if (isPositiveInteger(numBins) && numBins <= MAX_BINS) return;
  throw new TypeError(`numBins must be an integer from 1 to ${MAX_BINS}, got ${numBins}`);
}

/** @param {Float32Array} signal @param {number} [numBins] */
function calculateShannonEntropy(signal, numBins = 256) {
  checkBins(numBins);
  return native.shannonEntropy(samplesOf(signal, 'signal'), numBins);
}

/**
 * @param {Float32Array} signal
 * @param {number} m length of the patterns
 * @param {number | undefined} r tolerance
 */
const entropyArguments = (signal, m, r) => [samplesOf(signal, 'signal'), m, r ?? undefined];

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number} [r]
 * @returns {number}
 */
function calculateSampleEntropy(signal, m = 2, r) {
  return call('sampleEntropy', ...entropyArguments(signal, m, r));
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number} [r]
 * @returns {Promise<number>}
 */
async function calculateSampleEntropyAsync(signal, m = 2, r) {
  return callAsync('sampleEntropy', ...entropyArguments(signal, m, r));
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number} [r]
 * @returns {number}
 */
function calculateApproximateEntropy(signal, m = 2, r) {
  return call('approximateEntropy', ...entropyArguments(signal, m, r));
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number} [r]
 * @returns {Promise<number>}
 */
async function calculateApproximateEntropyAsync(signal, m = 2, r) {
  return callAsync('approximateEntropy', ...entropyArguments(signal, m, r));
}

module.exports = {
  calculateApproximateEntropy,
  calculateApproximateEntropyAsync,
  calculateHjorthParameters,
  calculateSampleEntropy,
  calculateSampleEntropyAsync,
  calculateShannonEntropy,
  calculateSpectralCentroid,
  calculateSpectralFeatures,
  calculateSpectralFlux,
  calculateSpectralRolloff,
  checkBins,
};
