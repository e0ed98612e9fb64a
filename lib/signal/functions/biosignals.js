'use strict';
/** Functions for biosignals: at once, or (`…Async`) on a worker thread. */

const { call, callAsync } = require('../../native/call.js');

/** Names here, and those of the core where they differ. */
const FUNCTIONS = {
  bandPower: 'bandPower',
  ecgClean: 'ecgClean',
  ecgPeaks: 'ecgPeaks',
  ecgRate: 'signalRate',
  edaPeaks: 'edaPeaks',
  edaPhasic: 'edaPhasic',
  emgActivation: 'emgActivation',
  emgAmplitude: 'emgAmplitude',
  emgClean: 'emgClean',
  hrv: 'hrv',
  ppgClean: 'ppgClean',
  ppgPeaks: 'ppgPeaks',
  rspClean: 'rspClean',
  rspPeaks: 'rspPeaks',
  rspRate: 'signalRate',
  signalFixPeaks: 'signalFixPeaks',
  signalRate: 'signalRate',
};

/**
 * Returns a list of numbers, such as samples of peaks, as a Float64Array; anything else as it is.
 *
 * @param {unknown} value
 */
function listed(value) {
  const isList = value instanceof Uint32Array || value instanceof Int32Array;
  const isArray = Array.isArray(value) && value.every((x) => typeof x === 'number');
  return isList || isArray ? Float64Array.from(/** @type {ArrayLike<number>} */ (value)) : value;
}

for (const [name, core] of Object.entries(FUNCTIONS)) {
  const later = `${name}Async`;
  exports[name] = {
    [name]: (/** @type {unknown} */ x, /** @type {unknown} */ options) => call(core, listed(x), options),
  }[name];
  exports[later] = {
    [later]: async (/** @type {unknown} */ x, /** @type {unknown} */ options) => callAsync(core, listed(x), options),
  }[later];
}

exports.ecgQuality = (/** @type {unknown} */ ecg, /** @type {unknown} */ peaks, /** @type {unknown} */ options) =>
  call('ecgQuality', listed(ecg), listed(peaks), options);
exports.ecgQualityAsync = async (
  /** @type {unknown} */ ecg,
  /** @type {unknown} */ peaks,
  /** @type {unknown} */ options,
) => callAsync('ecgQuality', listed(ecg), listed(peaks), options);
