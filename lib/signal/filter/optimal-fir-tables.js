'use strict';

const { checkFinite, checkOptions, shown } = require('../../common/arguments.js');
const { checkDesign, getDefaultDesign } = require('./design.js');
const halves = require('./optimal-fir.json');

/** @typedef {Record<string, number[]>} Tables */

/**
 * Returns whole tables: all are symmetric and of odd length, and the file holds the taps up to the centre.
 *
 * @template {Tables} T
 * @param {T} tables
 * @returns {Record<keyof T, Float32Array>}
 */
function unfold(tables) {
  const whole = (/** @type {number[]} */ half) => Float32Array.from([...half, ...half.slice(0, -1).reverse()]);
  const entries = Object.entries(tables).map(([name, half]) => [name, whole(half)]);
  return /** @type {Record<keyof T, Float32Array>} */ (Object.fromEntries(entries));
}

const OPTIMAL_LOWPASS_COEFFS = unfold(halves.OPTIMAL_LOWPASS_COEFFS);
const OPTIMAL_HIGHPASS_COEFFS = unfold(halves.OPTIMAL_HIGHPASS_COEFFS);
const OPTIMAL_BANDPASS_COEFFS = unfold(halves.OPTIMAL_BANDPASS_COEFFS);
const OPTIMAL_NOTCH_COEFFS = unfold(halves.OPTIMAL_NOTCH_COEFFS);
const DSPX_NOTCH_COEFFS = unfold(halves.DSPX_NOTCH_COEFFS);

/** @param {number} cutoff of the sample rate */
function getOptimalLowpass(cutoff) {
  checkFinite('getOptimalLowpass: cutoff', cutoff);
  const { cutoff_0_1, cutoff_0_2, cutoff_0_3, cutoff_0_4 } = OPTIMAL_LOWPASS_COEFFS;
  if (cutoff <= 0.15) return cutoff_0_1;
  if (cutoff <= 0.25) return cutoff_0_2;
  return cutoff <= 0.35 ? cutoff_0_3 : cutoff_0_4;
}

/** @param {number} cutoff of the sample rate */
function getOptimalHighpass(cutoff) {
  checkFinite('getOptimalHighpass: cutoff', cutoff);
  const { cutoff_0_1, cutoff_0_2, cutoff_0_3 } = OPTIMAL_HIGHPASS_COEFFS;
  if (cutoff <= 0.15) return cutoff_0_1;
  return cutoff <= 0.25 ? cutoff_0_2 : cutoff_0_3;
}

const BANDS = [
  { low: 0.15, high: 0.35, taps: OPTIMAL_BANDPASS_COEFFS.band_0_15_0_35 },
  { low: 0.2, high: 0.4, taps: OPTIMAL_BANDPASS_COEFFS.band_0_2_0_4 },
  { low: 0.25, high: 0.45, taps: OPTIMAL_BANDPASS_COEFFS.band_0_25_0_45 },
];

/** @param {number} low of the sample rate @param {number} high of the sample rate */
function getOptimalBandpass(low, high) {
  checkFinite('getOptimalBandpass: low', low);
  checkFinite('getOptimalBandpass: high', high);
  const distance = (/** @type {(typeof BANDS)[number]} */ band) =>
    Math.abs(band.low - low) + Math.abs(band.high - high);
  // Edges as near as rounding tells count as a tie, which the first wins.
  return BANDS.reduce((best, band) => (distance(band) < distance(best) - 1e-12 ? band : best)).taps;
}

/**
 * @param {number} sampleRate Hz
 * @param {50 | 60} [lineFreq] Hz
 * @param {{ design?: import('../../../index.js').FilterDesign }} [options]
 * @returns {Float32Array}
 */
function getPowerLineNotch(sampleRate, lineFreq = 60, options = {}) {
  const asked = checkOptions('getPowerLineNotch: options', options).design;
  const design = asked === undefined ? getDefaultDesign() : checkDesign(asked);
  const tables = design === 'dspx' ? DSPX_NOTCH_COEFFS : OPTIMAL_NOTCH_COEFFS;
  if (sampleRate === 1000) return tables[`${lineFreq === 60 ? 60 : 50}_hz_notch_at_1000_hz_sampling`];
  if (sampleRate === 500 && lineFreq === 60) return tables['60_hz_notch_at_500_hz_sampling'];
  const rates = `${shown(sampleRate)} Hz / ${shown(lineFreq)} Hz`;
  throw new Error(`No pre-computed notch filter for ${rates}. Use a biquad notch instead.`);
}

module.exports = {
  OPTIMAL_LOWPASS_COEFFS,
  OPTIMAL_HIGHPASS_COEFFS,
  OPTIMAL_BANDPASS_COEFFS,
  OPTIMAL_NOTCH_COEFFS,
  DSPX_NOTCH_COEFFS,
  getOptimalLowpass,
  getOptimalHighpass,
  getOptimalBandpass,
  getPowerLineNotch,
};
