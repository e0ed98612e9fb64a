'use strict';
/** Functions for biosignals: at once, or (`…Async`) on a worker thread. */

const { call, callAsync } = require('../../native/call.js');

/** Numbers that a plain array may have; longer signals come as typed arrays. */
const MAX_LISTED = 2 ** 20;

/**
 * Returns a list of numbers, such as samples of peaks, as a Float64Array; anything else as it is.
 *
 * @param {unknown} value
 */
function listed(value) {
  const isList = value instanceof Uint32Array || value instanceof Int32Array;
  const isArray = Array.isArray(value) && value.length <= MAX_LISTED && value.every((x) => typeof x === 'number');
  return isList || isArray ? Float64Array.from(/** @type {ArrayLike<number>} */ (value)) : value;
}

/**
 * @param {string} core the core's name
 * @param {string} [name] this function's
 * @returns {(x: unknown, options?: unknown) => any}
 */
const atOnce = (core, name = core) =>
  ({ [name]: (/** @type {unknown} */ x, /** @type {unknown} */ options) => call(core, listed(x), options) })[name];
/**
 * @param {string} core the core's name
 * @param {string} [name] this function's
 * @returns {(x: unknown, options?: unknown) => Promise<any>}
 */
const onThread = (core, name = `${core}Async`) =>
  ({
    [name]: async (/** @type {unknown} */ x, /** @type {unknown} */ options) => callAsync(core, listed(x), options),
  })[name];

exports.bandPower = atOnce('bandPower');
exports.bandPowerAsync = onThread('bandPower');
exports.ecgClean = atOnce('ecgClean');
exports.ecgCleanAsync = onThread('ecgClean');
exports.ecgPeaks = atOnce('ecgPeaks');
exports.ecgPeaksAsync = onThread('ecgPeaks');
exports.ecgRate = atOnce('signalRate', 'ecgRate');
exports.ecgRateAsync = onThread('signalRate', 'ecgRateAsync');
exports.edaPeaks = atOnce('edaPeaks');
exports.edaPeaksAsync = onThread('edaPeaks');
exports.edaPhasic = atOnce('edaPhasic');
exports.edaPhasicAsync = onThread('edaPhasic');
exports.emgActivation = atOnce('emgActivation');
exports.emgActivationAsync = onThread('emgActivation');
exports.emgAmplitude = atOnce('emgAmplitude');
exports.emgAmplitudeAsync = onThread('emgAmplitude');
exports.emgClean = atOnce('emgClean');
exports.emgCleanAsync = onThread('emgClean');
exports.hrv = atOnce('hrv');
exports.hrvAsync = onThread('hrv');
exports.ppgClean = atOnce('ppgClean');
exports.ppgCleanAsync = onThread('ppgClean');
exports.ppgPeaks = atOnce('ppgPeaks');
exports.ppgPeaksAsync = onThread('ppgPeaks');
exports.rspClean = atOnce('rspClean');
exports.rspCleanAsync = onThread('rspClean');
exports.rspPeaks = atOnce('rspPeaks');
exports.rspPeaksAsync = onThread('rspPeaks');
exports.rspRate = atOnce('signalRate', 'rspRate');
exports.rspRateAsync = onThread('signalRate', 'rspRateAsync');
exports.signalFixPeaks = atOnce('signalFixPeaks');
exports.signalFixPeaksAsync = onThread('signalFixPeaks');
exports.signalRate = atOnce('signalRate');
exports.signalRateAsync = onThread('signalRate');

exports.ecgQuality = (/** @type {unknown} */ ecg, /** @type {unknown} */ peaks, /** @type {unknown} */ options) =>
  call('ecgQuality', listed(ecg), listed(peaks), options);
exports.ecgQualityAsync = async (
  /** @type {unknown} */ ecg,
  /** @type {unknown} */ peaks,
  /** @type {unknown} */ options,
) => callAsync('ecgQuality', listed(ecg), listed(peaks), options);
