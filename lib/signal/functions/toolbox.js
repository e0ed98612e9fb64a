'use strict';
/**
 * SciPy's toolbox by its names in camelCase: forms, runs, responses, orders and designs of filters, waveforms,
 * rates, convolutions, peaks and wavelets.
 */

const { call, callAsync } = require('../../native/call.js');
const { atOnce, onThread } = require('./by-name.js');

/**
 * Indices as `findPeaks` returns them, in an array that the core reads.
 *
 * @param {unknown} peaks
 */
const plainIndices = (peaks) => (peaks instanceof Uint32Array ? Float64Array.from(peaks) : peaks);

// One line a name, so that Node finds it for `import { … }` too.

// Forms of a filter
exports.normalize = atOnce('normalize');
exports.sos2tf = atOnce('sos2tf');
exports.sos2zpk = atOnce('sos2zpk');
exports.tf2sos = atOnce('tf2sos');
exports.tf2zpk = atOnce('tf2zpk');
exports.zpk2sos = atOnce('zpk2sos');
exports.zpk2tf = atOnce('zpk2tf');

// Filters from coefficients
exports.filtfilt = atOnce('filtfilt');
exports.filtfiltAsync = onThread('filtfilt');
exports.lfilter = atOnce('lfilter');
exports.lfilterAsync = onThread('lfilter');
exports.lfilterZi = atOnce('lfilterZi');
exports.lfiltic = atOnce('lfiltic');
exports.sosfilt = atOnce('sosfilt');
exports.sosfiltAsync = onThread('sosfilt');
exports.sosfiltZi = atOnce('sosfiltZi');
exports.sosfiltfilt = atOnce('sosfiltfilt');
exports.sosfiltfiltAsync = onThread('sosfiltfilt');

// Responses
exports.freqs = atOnce('freqs');
exports.freqz = atOnce('freqz');
exports.freqzZpk = atOnce('freqzZpk');
exports.groupDelay = atOnce('groupDelay');
exports.sosfreqz = atOnce('sosfreqz');

// Orders, prototypes and designs
exports.besselap = atOnce('besselap');
exports.bilinear = atOnce('bilinear');
exports.buttap = atOnce('buttap');
exports.buttord = atOnce('buttord');
exports.cheb1ap = atOnce('cheb1ap');
exports.cheb1ord = atOnce('cheb1ord');
exports.cheb2ap = atOnce('cheb2ap');
exports.cheb2ord = atOnce('cheb2ord');
exports.ellipap = atOnce('ellipap');
exports.ellipord = atOnce('ellipord');
exports.iircomb = atOnce('iircomb');
exports.iirnotch = atOnce('iirnotch');
exports.iirpeak = atOnce('iirpeak');
exports.lp2bp = atOnce('lp2bp');
exports.lp2bs = atOnce('lp2bs');
exports.lp2hp = atOnce('lp2hp');
exports.lp2lp = atOnce('lp2lp');

// Waveforms
exports.chirp = atOnce('chirp');
exports.gausspulse = atOnce('gausspulse');
exports.maxLenSeq = atOnce('maxLenSeq');
exports.sawtooth = atOnce('sawtooth');
exports.square = atOnce('square');
exports.sweepPoly = atOnce('sweepPoly');
exports.unitImpulse = atOnce('unitImpulse');

// Designs of filters
exports.bilinearZpk = atOnce('bilinearZpk');
exports.firls = atOnce('firls');
exports.firlsAsync = onThread('firls');
exports.firwin = atOnce('firwin');
exports.firwin2 = atOnce('firwin2');
exports.gammatone = atOnce('gammatone');
exports.iirdesign = atOnce('iirdesign');
exports.iirfilter = atOnce('iirfilter');
exports.kaiserAtten = atOnce('kaiserAtten');
exports.kaiserBeta = atOnce('kaiserBeta');
exports.kaiserord = atOnce('kaiserord');
exports.lp2bpZpk = atOnce('lp2bpZpk');
exports.lp2bsZpk = atOnce('lp2bsZpk');
exports.lp2hpZpk = atOnce('lp2hpZpk');
exports.lp2lpZpk = atOnce('lp2lpZpk');
exports.minimumPhase = atOnce('minimumPhase');
exports.minimumPhaseAsync = onThread('minimumPhase');
exports.remez = atOnce('remez');
exports.remezAsync = onThread('remez');
exports.savgolCoeffs = atOnce('savgolCoeffs');

// Rates, convolutions and smoothing
exports.convolve = atOnce('convolve');
exports.convolveAsync = onThread('convolve');
exports.correlate = atOnce('linearCorrelation', 'correlate');
exports.correlateAsync = onThread('linearCorrelation', 'correlateAsync');
exports.correlationLags = atOnce('correlationLags');
exports.decimate = atOnce('decimate');
exports.decimateAsync = onThread('decimate');
exports.deconvolve = atOnce('deconvolve');
exports.deconvolveAsync = onThread('deconvolve');
exports.envelope = atOnce('envelope');
exports.envelopeAsync = onThread('envelope');
exports.fftconvolve = atOnce('fftconvolve');
exports.fftconvolveAsync = onThread('fftconvolve');
exports.hilbert = atOnce('hilbert');
exports.hilbertAsync = onThread('hilbert');
exports.medfilt = atOnce('medfilt');
exports.medfiltAsync = onThread('medfilt');
exports.oaconvolve = atOnce('oaconvolve');
exports.oaconvolveAsync = onThread('oaconvolve');
exports.orderFilter = atOnce('orderFilter');
exports.orderFilterAsync = onThread('orderFilter');
exports.resample = atOnce('resample');
exports.resampleAsync = onThread('resample');
exports.resamplePoly = atOnce('resamplePoly');
exports.resamplePolyAsync = onThread('resamplePoly');
exports.upfirdn = atOnce('upfirdn');
exports.upfirdnAsync = onThread('upfirdn');
exports.whittakerHenderson = atOnce('whittakerHenderson');
exports.whittakerHendersonAsync = onThread('whittakerHenderson');
exports.wiener = atOnce('wiener');
exports.wienerAsync = onThread('wiener');

// Peaks and irregular times
exports.argrelextrema = atOnce('argrelextrema');
exports.argrelextremaAsync = onThread('argrelextrema');
exports.argrelmax = atOnce('argrelmax');
exports.argrelmaxAsync = onThread('argrelmax');
exports.argrelmin = atOnce('argrelmin');
exports.argrelminAsync = onThread('argrelmin');
exports.findPeaksCwt = atOnce('findPeaksCwt');
exports.findPeaksCwtAsync = onThread('findPeaksCwt');
exports.lombscargle = atOnce('lombscargle');
exports.lombscargleAsync = onThread('lombscargle');
exports.peakProminences = (/** @type {unknown} */ x, /** @type {unknown} */ peaks, /** @type {unknown} */ options) =>
  call('peakProminences', x, plainIndices(peaks), options);
exports.peakProminencesAsync = async (
  /** @type {unknown} */ x,
  /** @type {unknown} */ peaks,
  /** @type {unknown} */ options,
) => callAsync('peakProminences', x, plainIndices(peaks), options);
exports.peakWidths = (/** @type {unknown} */ x, /** @type {unknown} */ peaks, /** @type {unknown} */ options) =>
  call('peakWidths', x, plainIndices(peaks), options);
exports.peakWidthsAsync = async (
  /** @type {unknown} */ x,
  /** @type {unknown} */ peaks,
  /** @type {unknown} */ options,
) => callAsync('peakWidths', x, plainIndices(peaks), options);
exports.vectorstrength = atOnce('vectorstrength');

// Wavelets
exports.dwtLevel = atOnce('dwtLevel');
exports.dwtLevelAsync = onThread('dwtLevel');
exports.dwtMaxLevel = atOnce('dwtMaxLevel');
exports.idwt = atOnce('idwt');
exports.idwtAsync = onThread('idwt');
exports.iswt = atOnce('iswt');
exports.iswtAsync = onThread('iswt');
exports.swt = atOnce('swt');
exports.swtAsync = onThread('swt');
exports.threshold = atOnce('threshold');
exports.thresholdAsync = onThread('threshold');
exports.wavedec = atOnce('wavedec');
exports.wavedecAsync = onThread('wavedec');
exports.waveletFilters = atOnce('waveletFilters');
exports.wavelist = atOnce('wavelist');
exports.waverec = atOnce('waverec');
exports.waverecAsync = onThread('waverec');

// Features of frames, by librosa's names
exports.delta = atOnce('delta');
exports.deltaAsync = onThread('delta');
exports.deemphasis = atOnce('deemphasis');
exports.deemphasisAsync = onThread('deemphasis');
exports.onsetStrength = atOnce('onsetStrength');
exports.onsetStrengthAsync = onThread('onsetStrength');
exports.preemphasis = atOnce('preemphasis');
exports.preemphasisAsync = onThread('preemphasis');
exports.rms = atOnce('rms');
exports.rmsAsync = onThread('rms');
exports.spectralBandwidth = atOnce('spectralBandwidth');
exports.spectralBandwidthAsync = onThread('spectralBandwidth');
exports.spectralCentroid = atOnce('spectralCentroid');
exports.spectralCentroidAsync = onThread('spectralCentroid');
exports.spectralContrast = atOnce('spectralContrast');
exports.spectralContrastAsync = onThread('spectralContrast');
exports.spectralFlatness = atOnce('spectralFlatness');
exports.spectralFlatnessAsync = onThread('spectralFlatness');
exports.spectralRolloff = atOnce('spectralRolloff');
exports.spectralRolloffAsync = onThread('spectralRolloff');
exports.zeroCrossingRate = atOnce('zeroCrossingRate');
exports.zeroCrossingRateAsync = onThread('zeroCrossingRate');
