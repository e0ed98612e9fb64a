'use strict';
/** The functions of SciPy and librosa: at once, or (`…Async`) on a worker thread. */

const { call, callAsync } = require('../../native/call.js');
const { atOnce, onThread } = require('./by-name.js');

/** @typedef {import('../../../index.js').PeakConditions} PeakConditions */

const INDICES = ['peaks', 'leftEdges', 'rightEdges', 'leftBases', 'rightBases'];

/** Properties of peaks by the condition that asks for them. @type {Partial<Record<keyof PeakConditions, string[]>>} */
const PROPERTIES = {
  plateauSize: ['plateauSizes', 'leftEdges', 'rightEdges'],
  height: ['peakHeights'],
  threshold: ['leftThresholds', 'rightThresholds'],
  prominence: ['prominences', 'leftBases', 'rightBases'],
  width: ['prominences', 'leftBases', 'rightBases', 'widths', 'widthHeights', 'leftIps', 'rightIps'],
};

/**
 * Returns the properties that were asked for, and gives indices as integers.
 *
 * @param {Record<string, Float64Array>} found
 * @param {PeakConditions | undefined} conditions
 */
function peaksAsked(found, conditions) {
  const names = /** @type {(keyof PeakConditions)[]} */ (Object.keys(PROPERTIES));
  const asked = names.filter((name) => conditions?.[name] !== undefined).flatMap((name) => PROPERTIES[name] ?? []);
  const entries = [...new Set(['peaks', ...asked])].map((key) => {
    return [key, INDICES.includes(key) ? new Uint32Array(found[key]) : found[key]];
  });
  return Object.fromEntries(entries);
}

exports.findPeaks = (/** @type {unknown} */ x, /** @type {PeakConditions | undefined} */ conditions) =>
  peaksAsked(call('findPeaks', x, conditions), conditions);
exports.findPeaksAsync = async (/** @type {unknown} */ x, /** @type {PeakConditions | undefined} */ conditions) =>
  peaksAsked(await callAsync('findPeaks', x, conditions), conditions);

// One line a name, so that Node finds it for `import { … }` too. These take too little time for another thread:
exports.checkCola = atOnce('checkCola');
exports.checkNola = atOnce('checkNola');
exports.getWindow = atOnce('getWindow');
exports.melFilterBank = atOnce('melFilterBank');

exports.analyticSignal = atOnce('analyticSignal');
exports.analyticSignalAsync = onThread('analyticSignal');
exports.coherence = atOnce('coherence');
exports.coherenceAsync = onThread('coherence');
exports.csd = atOnce('csd');
exports.csdAsync = onThread('csd');
exports.czt = atOnce('czt');
exports.cztAsync = onThread('czt');
exports.goertzel = atOnce('goertzel');
exports.goertzelAsync = onThread('goertzel');
exports.istft = atOnce('istft');
exports.istftAsync = onThread('istft');
exports.medianFilter = atOnce('medianFilter');
exports.medianFilterAsync = onThread('medianFilter');
exports.calculateMelSpectrogram = atOnce('melSpectrogram', 'calculateMelSpectrogram');
exports.calculateMelSpectrogramAsync = onThread('melSpectrogram', 'calculateMelSpectrogramAsync');
exports.calculateMfcc = atOnce('mfcc', 'calculateMfcc');
exports.calculateMfccAsync = onThread('mfcc', 'calculateMfccAsync');
exports.periodogram = atOnce('periodogram');
exports.periodogramAsync = onThread('periodogram');
exports.savgolFilter = atOnce('savgolFilter');
exports.savgolFilterAsync = onThread('savgolFilter');
exports.spectrogram = atOnce('spectrogram');
exports.spectrogramAsync = onThread('spectrogram');
exports.stft = atOnce('stft');
exports.stftAsync = onThread('stft');
exports.welch = atOnce('welch');
exports.welchAsync = onThread('welch');
exports.zoomFft = atOnce('zoomFft');
exports.zoomFftAsync = onThread('zoomFft');
