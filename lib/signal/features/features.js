'use strict';

/** Features of signals and spectra. */

const native = require('../../native/addon.js');
const {
  checkFinite,
  checkFloat32Array,
  checkMemory,
  checkNumbers,
  checkOptions,
  checkPositive,
  isPositiveInteger,
  shown,
} = require('../../common/arguments.js');
const { call, callAsync } = require('../../native/call.js');
const { checkDesign, getDefaultDesign } = require('../filter/design.js');

/**
 * Returns a signal as a Float32Array; other numeric arrays are rounded.
 *
 * @param {unknown} x
 * @param {string} name
 * @throws {TypeError} for other types
 * @returns {Float32Array}
 */
function samplesOf(x, name) {
  if (x instanceof Float64Array) return Float32Array.from(checkMemory(name, x));
  if (Array.isArray(x)) return Float32Array.from(checkNumbers(name, x));
  return checkFloat32Array(name, x);
}

/** @param {Float32Array} signal */
function calculateHjorthParameters(signal) {
  const x = samplesOf(signal, 'calculateHjorthParameters: signal');
  if (x.length < 3) throw new Error(`calculateHjorthParameters: Signal must have at least 3 samples, got ${x.length}`);
  return native.hjorthParameters(x);
}

/** @param {Float32Array} magnitudes @param {number} sampleRate Hz */
function calculateSpectralCentroid(magnitudes, sampleRate) {
  const rate = checkPositive('calculateSpectralCentroid: sampleRate', sampleRate);
  return native.spectralCentroid(samplesOf(magnitudes, 'calculateSpectralCentroid: magnitudes'), rate);
}

/**
 * @param {Float32Array} magnitudes
 * @param {number} sampleRate Hz
 * @param {number} [percentage] of the energy below the frequency that is returned
 */
function calculateSpectralRolloff(magnitudes, sampleRate, percentage = 85) {
  const rate = checkPositive('calculateSpectralRolloff: sampleRate', sampleRate);
  const share = checkFinite('calculateSpectralRolloff: percentage', percentage);
  return native.spectralRolloff(samplesOf(magnitudes, 'calculateSpectralRolloff: magnitudes'), rate, share);
}

/** @param {Float32Array} current magnitudes @param {Float32Array | null | undefined} previous */
function calculateSpectralFlux(current, previous) {
  const magnitudes = samplesOf(current, 'calculateSpectralFlux: magnitudes');
  if (previous === null || previous === undefined) return 0;
  return native.spectralFlux(magnitudes, samplesOf(previous, 'calculateSpectralFlux: previous magnitudes'));
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

/** The largest number of bins of a histogram; bounds its memory. */
const MAX_BINS = 1 << 24;

/** @param {unknown} numBins */
function checkBins(numBins) {
  if (isPositiveInteger(numBins) && numBins <= MAX_BINS) return;
  throw new TypeError(`numBins must be an integer from 1 to ${MAX_BINS}, got ${shown(numBins)}`);
}

/** @param {Float32Array} signal @param {number} [numBins] */
function calculateShannonEntropy(signal, numBins = 256) {
  checkBins(numBins);
  return native.shannonEntropy(samplesOf(signal, 'calculateShannonEntropy: signal'), numBins);
}

/**
 * @param {string} name of the function
 * @param {Float32Array} signal
 * @param {number} m length of the patterns
 * @param {number | null | undefined} r tolerance
 */
const entropyArguments = (name, signal, m, r) => [samplesOf(signal, `${name}: signal`), m, r ?? undefined];

/** @typedef {{ design?: import('../../../index.js').FilterDesign }} DesignOptions */

/** @param {DesignOptions | undefined} options @returns {Required<DesignOptions>} */
function designOf(options) {
  const { design } = checkOptions('calculateSampleEntropy: options', options);
  return { design: design === undefined ? getDefaultDesign() : checkDesign(design) };
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number | null} [r]
 * @param {DesignOptions} [options]
 * @returns {number}
 */
function calculateSampleEntropy(signal, m = 2, r, options) {
  return call('sampleEntropy', ...entropyArguments('calculateSampleEntropy', signal, m, r), designOf(options));
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number | null} [r]
 * @param {DesignOptions} [options]
 * @returns {Promise<number>}
 */
async function calculateSampleEntropyAsync(signal, m = 2, r, options) {
  return callAsync('sampleEntropy', ...entropyArguments('calculateSampleEntropy', signal, m, r), designOf(options));
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number} [r]
 * @returns {number}
 */
function calculateApproximateEntropy(signal, m = 2, r) {
  return call('approximateEntropy', ...entropyArguments('calculateApproximateEntropy', signal, m, r));
}

/**
 * @param {Float32Array} signal
 * @param {number} [m]
 * @param {number} [r]
 * @returns {Promise<number>}
 */
async function calculateApproximateEntropyAsync(signal, m = 2, r) {
  return callAsync('approximateEntropy', ...entropyArguments('calculateApproximateEntropy', signal, m, r));
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
