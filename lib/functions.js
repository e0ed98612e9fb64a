'use strict';
/** Functions of whole signals that the core knows by name: called at once, or (`…Async`) on a worker thread. */

const native = require('./native.js');

const call = (name, ...values) => native.callFunction(name, values);

/** Rejects, never throws: reading the arguments is the one step that happens in the calling thread. */
const callAsync = async (name, ...values) => native.callFunctionAsync(name, values);

const INDICES = ['peaks', 'leftEdges', 'rightEdges', 'leftBases', 'rightBases'];

/** Properties of peaks by the condition that asks for them. */
const PROPERTIES = {
  plateauSize: ['plateauSizes', 'leftEdges', 'rightEdges'],
  height: ['peakHeights'],
  threshold: ['leftThresholds', 'rightThresholds'],
  prominence: ['prominences', 'leftBases', 'rightBases'],
  width: ['prominences', 'leftBases', 'rightBases', 'widths', 'widthHeights', 'leftIps', 'rightIps'],
};

/** Keeps what was asked for, and gives indices as integers. */
function peaksAsked(found, conditions) {
  const asked = Object.keys(PROPERTIES).filter((key) => conditions?.[key] !== undefined).flatMap((key) => PROPERTIES[key]);
  const entries = [...new Set(['peaks', ...asked])].map((key) => {
    return [key, INDICES.includes(key) ? Uint32Array.from(found[key]) : found[key]];
  });
  return Object.fromEntries(entries);
}

/** JavaScript's name, if it is not the core's. */
const RENAMED = { melSpectrogram: 'calculateMelSpectrogram', mfcc: 'calculateMfcc' };

const functions = { findPeaks: (x, conditions) => peaksAsked(call('findPeaks', x, conditions), conditions) };
const asynchronous = {
  findPeaksAsync: async (x, conditions) => peaksAsked(await callAsync('findPeaks', x, conditions), conditions),
};
for (const core of [
  'analyticSignal', 'checkCola', 'checkNola', 'coherence', 'csd', 'czt', 'getWindow', 'goertzel', 'istft', 'medianFilter',
  'melFilterBank', 'melSpectrogram', 'mfcc', 'periodogram', 'savgolFilter', 'spectrogram', 'stft', 'welch', 'zoomFft',
]) {
  const name = RENAMED[core] ?? core;
  functions[name] = { [name]: (...values) => call(core, ...values) }[name];
  if (core.startsWith('check') || core === 'getWindow' || core === 'melFilterBank') continue;
  asynchronous[`${name}Async`] = { [`${name}Async`]: (...values) => callAsync(core, ...values) }[`${name}Async`];
}

module.exports = { call, callAsync, functions: { ...functions, ...asynchronous } };
