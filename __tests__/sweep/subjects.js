'use strict';

/**
 * What the sweep calls: every exported function, class, method and stage, each with arguments that are right. The sweep
 * replaces one of these at a time, or one option of an object among them.
 */

const dspx = require('../../index.js');
const { addServices, CLIENTS, HANDLERS, LOG_CLASSES, PLAIN } = require('./services.js');

const signal = (n = 64) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * i));
const spectrum = (n = 33) => ({ real: signal(n), imag: signal(n) });
const times = (n = 64) => Float64Array.from({ length: n }, (_, i) => i * 4);
const beats = () => Float64Array.from({ length: 20 }, (_, i) => i * 200 + (i % 3) * 7);
const noop = () => {};

const sections = () => [[0.5, 0.5, 0, 1, 0, 0]];
const doubles = (n = 64) => Float64Array.from(signal(n));
const roots = () => ({ zeros: { real: [-1], imag: [0] }, poles: { real: [0.5], imag: [0] }, gain: 1 });
/** Filters by their coefficients, orders, prototypes and waveforms, by SciPy's names. */
const TOOLBOX = {
  normalize: () => [[2, 2], [2, -1]],
  tf2zpk: () => [[1, 1], [1, -0.5]],
  tf2sos: () => [[1, 1], [1, -0.5]],
  zpk2tf: () => [roots()],
  zpk2sos: () => [roots()],
  sos2zpk: () => [sections()],
  sos2tf: () => [sections()],
  lfilter: () => [[1], [1, -0.5], doubles(), { zi: [0] }],
  lfilterZi: () => [[0.5, 0.5], [1, -0.2]],
  lfiltic: () => [[1], [1, -0.5], [4], [1]],
  sosfilt: () => [sections(), doubles(), { zi: [[0, 0]] }],
  sosfiltZi: () => [sections()],
  filtfilt: () => [[0.5, 0.5], [1], doubles(), { padtype: 'odd', padlen: 3, method: 'pad' }],
  sosfiltfilt: () => [sections(), doubles(), { padtype: 'odd', padlen: 3 }],
  freqz: () => [[0.5, 0.5], [1], { worN: 16, sampleRate: 250 }],
  sosfreqz: () => [sections(), { worN: 16, sampleRate: 250 }],
  freqzZpk: () => [roots(), { worN: 16, sampleRate: 250 }],
  freqs: () => [[1], [1, 1], { worN: [1, 2] }],
  groupDelay: () => [[1, 2, 1], [1], { worN: 16, sampleRate: 250 }],
  buttord: () => [40, 60, 1, 40, { sampleRate: 250 }],
  cheb1ord: () => [40, 60, 1, 40, { sampleRate: 250 }],
  cheb2ord: () => [40, 60, 1, 40, { sampleRate: 250 }],
  ellipord: () => [40, 60, 1, 40, { sampleRate: 250 }],
  buttap: () => [3],
  cheb1ap: () => [3, 1],
  cheb2ap: () => [3, 40],
  ellipap: () => [4, 1, 40],
  besselap: () => [3, { norm: 'phase' }],
  lp2lp: () => [[1], [1, 1], 5],
  lp2hp: () => [[1], [1, 1], 5],
  lp2bp: () => [[1], [1, 1], 3, 2],
  lp2bs: () => [[1], [1, 1], 3, 2],
  bilinear: () => [[1], [1, 1], 0.5],
  iirnotch: () => [50, 30, { sampleRate: 500 }],
  iirpeak: () => [50, 30, { sampleRate: 500 }],
  iircomb: () => [50, 30, { sampleRate: 500 }],
  chirp: () => [doubles(16), 1, 1, 4, { method: 'linear', phi: 0 }],
  sweepPoly: () => [doubles(16), [1, 2], { phi: 0 }],
  gausspulse: () => [doubles(16), { fc: 40 }],
  sawtooth: () => [doubles(16), 0.5],
  square: () => [doubles(16), 0.5],
  unitImpulse: () => [16, 3],
  maxLenSeq: () => [4, {}],
  firwin: () => [31, [0.2, 0.4], { window: 'hann', passZero: false, scale: true, sampleRate: 2 }],
  firwin2: () => [31, [0, 0.5, 1], [1, 1, 0], { nfreqs: 65, window: 'hann', sampleRate: 2 }],
  firls: () => [21, [0, 0.3, 0.4, 1], [1, 1, 0, 0], { weight: [1, 2], sampleRate: 2 }],
  remez: () => [21, [0, 0.1, 0.2, 0.5], [1, 0], { weight: [1, 2], type: 'bandpass', gridDensity: 16, sampleRate: 1 }],
  minimumPhase: () => [[0.1, 0.2, 0.4, 0.2, 0.1], { method: 'homomorphic', nFft: 512, half: true }],
  kaiserAtten: () => [31, 0.1],
  kaiserBeta: () => [65],
  kaiserord: () => [65, 0.1],
  savgolCoeffs: () => [5, 2, { deriv: 1, delta: 0.5, pos: 1, use: 'conv' }],
  iirfilter: () => [3, 0.3, { btype: 'lowpass', ftype: 'ellip', rp: 1, rs: 40, output: 'sos', sampleRate: 2 }],
  iirdesign: () => [0.2, 0.3, 1, 40, { ftype: 'ellip', output: 'sos', sampleRate: 2 }],
  gammatone: () => [440, 'fir', { order: 4, numtaps: 32, sampleRate: 16000 }],
  lp2lpZpk: () => [roots(), 5],
  lp2hpZpk: () => [roots(), 5],
  lp2bpZpk: () => [roots(), 3, 2],
  lp2bsZpk: () => [roots(), 3, 2],
  bilinearZpk: () => [roots(), 0.5],
  upfirdn: () => [[1, 1], doubles(16), { up: 2, down: 3, mode: 'constant' }],
  resamplePoly: () => [doubles(), 2, 3, { window: 'hann', padtype: 'line' }],
  resample: () => [doubles(), 32, { window: 'hann' }],
  decimate: () => [doubles(), 2, { n: 4, ftype: 'iir', zeroPhase: true }],
  convolve: () => [doubles(), doubles(8), { mode: 'same', method: 'auto' }],
  fftconvolve: () => [doubles(), doubles(8), { mode: 'same' }],
  oaconvolve: () => [doubles(), doubles(8), { mode: 'same' }],
  correlate: () => [doubles(), doubles(8), { mode: 'same', method: 'auto' }],
  correlationLags: () => [8, 5, { mode: 'full' }],
  deconvolve: () => [doubles(), Float64Array.of(1, 0.5)],
  wiener: () => [doubles(), { size: 5, noise: 0.1 }],
  medfilt: () => [doubles(), 5],
  orderFilter: () => [doubles(), 5, 2],
  hilbert: () => [doubles(), 32],
  envelope: () => [doubles(), { band: [1, 9], nOut: 64, squared: true, residual: 'all' }],
  whittakerHenderson: () => [doubles(), { lamb: 10, order: 2 }],
  argrelmax: () => [doubles(), { order: 2, mode: 'clip' }],
  argrelmin: () => [doubles(), { order: 2, mode: 'clip' }],
  argrelextrema: () => [doubles(), 'greater', { order: 2, mode: 'clip' }],
  peakProminences: () => [doubles(), [3, 5], { wlen: 9 }],
  peakWidths: () => [doubles(), [3, 5], { relHeight: 0.5, wlen: 9 }],
  findPeaksCwt: () => [doubles(), [1, 2, 3], { minSnr: 1, noisePerc: 10, windowSize: 8, minLength: 1, gapThresh: 2 }],
  lombscargle: () => [times(), doubles(), [0.1, 0.2], { normalize: 'power', floatingMean: true }],
  vectorstrength: () => [[1, 2, 3], 2],
  dwtLevel: () => [doubles(), 'db4', { mode: 'symmetric' }],
  idwt: () => [{ approximation: doubles(8), detail: doubles(8) }, 'db4', { mode: 'symmetric' }],
  dwtMaxLevel: () => [100, 'db4'],
  wavedec: () => [doubles(), 'db4', { mode: 'symmetric', level: 2 }],
  waverec: () => [[doubles(8), doubles(8)], 'db4', { mode: 'symmetric' }],
  swt: () => [doubles(), 'db4', { level: 2 }],
  iswt: () => [[{ approximation: doubles(8), detail: doubles(8) }], 'db4'],
  threshold: () => [doubles(), 0.5, { mode: 'soft', substitute: 0 }],
  waveletFilters: () => ['db4'],
  wavelist: () => [],
  rms: () => [doubles(), { frameLength: 16, hopLength: 8, center: true }],
  zeroCrossingRate: () => [doubles(), { frameLength: 16, hopLength: 8, center: true, threshold: 0.01 }],
  spectralCentroid: () => [doubles(), { sampleRate: 8000, nFft: 32, hopLength: 16, center: true, window: 'hann' }],
  spectralBandwidth: () => [doubles(), { sampleRate: 8000, nFft: 32, hopLength: 16, center: true, window: 'hann', p: 2 }],
  spectralRolloff: () => [doubles(), { sampleRate: 8000, nFft: 32, hopLength: 16, center: true, window: 'hann', rollPercent: 0.5 }],
  spectralFlatness: () => [doubles(), { sampleRate: 8000, nFft: 32, hopLength: 16, center: true, window: 'hann', power: 2, amin: 1e-9 }],
  spectralContrast: () => [doubles(), { sampleRate: 8000, nFft: 64, hopLength: 16, fMin: 500, nBands: 2, quantile: 0.1 }],
  delta: () => [doubles(), { width: 5, order: 1, mode: 'interp' }],
  preemphasis: () => [doubles(), { coef: 0.9 }],
  deemphasis: () => [doubles(), { coef: 0.9 }],
  onsetStrength: () => [doubles(), { sampleRate: 8000, nFft: 32, hopLength: 16, nMels: 4 }],
};

/** Two samples of 16 bits. */
const WAV = 'UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAABA';

/**
 * Right arguments of every exported function.
 * @type {Record<string, () => unknown[]>}
 */
const FUNCTIONS = {
  openRecording: () => [Buffer.from(WAV, 'base64'), { format: 'wav' }],
  writeRecording: () => ['sweep.wav', Float32Array.of(0, 0.5), { sampleRate: 8000, bits: 16, labels: ['a'] }],
  ...TOOLBOX,
  branch: () => [{ loud: dspx.createDspPipeline().Amplify({ gain: 2 }) }],
  analyticSignal: () => [signal()],
  autocorrelation: () => [signal()],
  calculateApproximateEntropy: () => [signal(), 2, 0.2],
  calculateBeamformerWeights: () => [4, 'linear', 30, 0.5],
  calculateCommonSpatialPatterns: () => [signal(), signal(), 2, 2],
  calculateHjorthParameters: () => [signal()],
  calculateIca: () => [signal(), 2, 20, 1e-3],
  calculateMelSpectrogram: () => [
    signal(),
    { sampleRate: 8000, nFft: 32, nMels: 4, hopLength: 16, power: 2, window: 'hann' },
  ],
  calculateMfcc: () => [
    signal(),
    { sampleRate: 8000, nFft: 32, nMels: 6, hopLength: 16, nMfcc: 3, lifter: 2, fMin: 0, fMax: 4000 },
  ],
  calculatePca: () => [signal(), 2],
  calculateSampleEntropy: () => [signal(), 2, 0.2, { design: 'standard' }],
  calculateShannonEntropy: () => [signal(), 8],
  calculateSpectralCentroid: () => [signal(), 1000],
  calculateSpectralFeatures: () => [signal(), 1000, signal(), 85],
  calculateSpectralFlux: () => [signal(), signal()],
  calculateSpectralRolloff: () => [signal(), 1000, 85],
  calculateWhitening: () => [signal(), 2, 1e-5],
  checkCola: () => ['hann', 32, 16, 1e-10],
  checkNola: () => ['hann', 32, 16, 1e-10],
  coherence: () => [signal(), signal(), segments()],
  createDspPipeline: () => [{ sampleRate: 1000, design: 'standard' }],
  crossCorrelation: () => [signal(), signal()],
  csd: () => [signal(), signal(), segments()],
  czt: () => [signal(), { m: 8, w: [1, -0.1], a: [1, 0] }],
  detectGaps: () => [times(), 250, 2],
  detrend: () => [signal(), { type: 'linear' }],
  dotProduct: () => [signal(), signal()],
  dwt: () => [signal(), 'db4'],
  estimateSampleRate: () => [times()],
  findPeaks: () => [
    signal(),
    { height: 0, threshold: 0, distance: 2, prominence: 0.1, width: 1, plateauSize: 1, wlen: 9, relHeight: 0.5 },
  ],
  getOptimalBandpass: () => [0.2, 0.4],
  getOptimalHighpass: () => [0.2],
  getOptimalLowpass: () => [0.2],
  getPowerLineNotch: () => [1000, 60, { design: 'standard' }],
  getWindow: () => [['kaiser', 8.6], 16, true],
  goertzel: () => [signal(), [1, 2], { sampleRate: 250 }],
  hilbertEnvelope: () => [signal(), 16, 4],
  istft: () => [
    spectrum(34),
    { nperseg: 32, noverlap: 16, nfft: 32, window: 'hann', centred: true, onesided: true, length: 16 },
  ],
  medianFilter: () => [signal(), 5, { mode: 'constant' }],
  melFilterBank: () => [{ sampleRate: 8000, nFft: 64, nMels: 4, fMin: 0, fMax: 4000, htk: false, norm: 'slaney' }],
  periodogram: () => [signal(), segments()],
  savgolFilter: () => [signal(), 7, 2, { deriv: 1, delta: 0.5, mode: 'interp' }],
  setDefaultDesign: () => ['standard'],
  spectrogram: () => [signal(), { ...segments(), mode: 'psd' }],
  stft: () => [signal(), { ...segments(), centred: true, padded: true }],
  sum: () => [signal()],
  sumOfSquares: () => [signal()],
  validateMonotonicity: () => [times()],
  welch: () => [signal(), { ...segments(), average: 'median' }],
  bandPower: () => [signal(600), { sampleRate: 100, bands: { alpha: [8, 12] }, window: 2, relative: true }],
  ecgClean: () => [signal(600), { sampleRate: 250, method: 'neurokit' }],
  ecgPeaks: () => [signal(600), { sampleRate: 250, method: 'hamilton', clean: true }],
  ecgQuality: () => [signal(4000), beats(), { sampleRate: 250 }],
  ecgRate: () => [beats(), { sampleRate: 250, desiredLength: 5000 }],
  edaPeaks: () => [signal(600), { amplitudeMin: 0.1 }],
  edaPhasic: () => [signal(600), { sampleRate: 50 }],
  emgActivation: () => [signal(600), { sampleRate: 1000, threshold: 0.5, durationMin: 0.01 }],
  emgAmplitude: () => [signal(600), { sampleRate: 1000 }],
  emgClean: () => [signal(600), { sampleRate: 1000 }],
  hrv: () => [beats(), { sampleRate: 250, input: 'peaks', domains: 'linear', psdMethod: 'welch' }],
  ppgClean: () => [signal(600), { sampleRate: 100 }],
  ppgPeaks: () => [signal(600), { sampleRate: 100, clean: true }],
  rspClean: () => [signal(600), { sampleRate: 50 }],
  rspPeaks: () => [signal(600), { sampleRate: 50, clean: true }],
  rspRate: () => [beats(), { sampleRate: 250, desiredLength: 5000 }],
  signalFixPeaks: () => [beats(), { sampleRate: 250 }],
  signalRate: () => [beats(), { sampleRate: 250, desiredLength: 5000 }],
  zoomFft: () => [signal(), [1, 2], { m: 8, sampleRate: 250, endpoint: false }],
};

function segments() {
  return {
    sampleRate: 250,
    window: 'hann',
    nperseg: 32,
    noverlap: 16,
    nfft: 32,
    detrend: 'constant',
    scaling: 'density',
    onesided: true,
  };
}

/** Exported functions that the sweep does not call, with the reason. */
const EXEMPT = {
  createEmbeddedKafka: 'starts brokers; its options are tested with it',
  credits: 'prints',
  egg: 'prints',
  getDefaultDesign: 'takes no argument',
};

const filterOptions = (more) => ({ cutoffFrequency: 100, sampleRate: 1000, order: 4, ...more });
const bandOptions = (more) => ({
  lowCutoffFrequency: 100,
  highCutoffFrequency: 200,
  sampleRate: 1000,
  order: 4,
  ...more,
});

/** Right options of a static method of `FirFilter` or `IirFilter`. */
function creatorOptions(name) {
  if (name === 'createKaiser')
    return { sampleRate: 1000, cutoffFrequency: 100, transitionWidth: 20, attenuationDb: 40 };
  if (name === 'createOptimal')
    return { sampleRate: 1000, order: 21, bandEdges: [0, 100, 150, 500], desired: [1, 0], weights: [1, 1] };
  const more = {
    ripple: 1,
    attenuation: 40,
    q: 1,
    gain: 3,
    design: 'standard',
    chebyshevType: 1,
    norm: 'mag',
    centerFrequency: 150,
  };
  return /Band(Pass|Stop)$/.test(name) && !/Biquad/.test(name) ? bandOptions(more) : filterOptions(more);
}

const lowPass = () => dspx.IirFilter.createButterworthLowPass(filterOptions());
const windowed = () => dspx.FirFilter.createLowPass(filterOptions({ order: 21 }));
const lms = () => {
  const filter = new dspx.AdaptiveLMSFilter(4, { mu: 0.1 });
  filter.init(2);
  return filter;
};
const pipeline = () => dspx.createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 4 });
const call = {
  channels: 2,
  sampleRate: 250,
  format: undefined,
  output: undefined,
  dither: false,
  enableDriftDetection: true,
  driftThreshold: 10,
};
const window4 = { mode: 'moving', windowSize: 4, numChannels: 1, channels: [{ buffer: [1, 2, 3], runningSum: 6 }] };
const SAVED = JSON.stringify({
  timestamp: 1,
  stages: [{ index: 0, type: 'movingAverage', state: window4 }],
  stageCount: 1,
});
const moving = () =>
  new dspx.MovingFftProcessor({ fftSize: 16, hopSize: 4, mode: 'moving', windowType: 'hann', realInput: true });

/**
 * Classes: how to make one, the arguments of its constructor where it has a public one, and those of its methods.
 * @type {Record<string, { make: () => any, construct?: () => unknown[], methods: Record<string, () => unknown[]> }>}
 */
const CLASSES = {
  ...LOG_CLASSES,
  AdaptiveLMSFilter: {
    make: lms,
    construct: () => [4, { mu: 0.1, lambda: 0, normalized: true, layout: 'planar' }],
    methods: {
      init: () => [2],
      process: () => [signal(), signal(), signal(), signal(), true],
      filter: () => [signal(), signal()],
      getWeights: () => [0],
      setWeights: () => [0, signal(4)],
      setLearningRate: () => [0.1],
    },
  },
  DriftDetector: {
    make: () => new dspx.DriftDetector({ expectedSampleRate: 250 }),
    construct: () => [{ expectedSampleRate: 250, driftThreshold: 10, onDriftDetected: noop, onTimingMeasured: noop }],
    methods: { processSample: () => [4], processBatch: () => [times(), 1] },
  },
  EntropyTracker: {
    make: () => new dspx.EntropyTracker(8, 4),
    construct: () => [8, 4],
    methods: { update: () => [1] },
  },
  HjorthTracker: { make: () => new dspx.HjorthTracker(8), construct: () => [8], methods: { update: () => [1] } },
  SpectralFeaturesTracker: {
    make: () => new dspx.SpectralFeaturesTracker(), methods: { calculate: () => [signal(), 1000, 85] },
  },
  FftProcessor: {
    make: () => new dspx.FftProcessor(64),
    construct: () => [64],
    methods: {
      rfft: () => [signal(), spectrum()],
      irfft: () => [spectrum(), signal()],
      dft: () => [spectrum(64), spectrum(64)],
      idft: () => [spectrum(64), spectrum(64)],
      rdft: () => [signal()],
      irdft: () => [spectrum()],
      fft: () => [spectrum(64)],
      ifft: () => [spectrum(64)],
      rfftAsync: () => [signal()],
      irfftAsync: () => [spectrum()],
      dftAsync: () => [spectrum(64)],
      idftAsync: () => [spectrum(64)],
      getMagnitude: () => [spectrum()],
      getPhase: () => [spectrum()],
      getPower: () => [spectrum()],
      getFrequencyBins: () => [250],
    },
  },
  MovingFftProcessor: {
    make: moving,
    construct: () => [{ fftSize: 16, hopSize: 4, mode: 'moving', windowType: 'hann', realInput: true }],
    methods: {
      setWindowType: () => ['hann'],
      addSample: () => [1],
      addSamples: () => [signal(), noop],
      getFrequencyBins: () => [250],
    },
  },
  FftBatchProcessor: {
    make: () => new dspx.FftBatchProcessor(),
    construct: () => [{ numThreads: 1, enableCache: true, cacheSize: 4 }],
    methods: { processBatch: () => [[{ input: signal() }]], processBatchAsync: () => [[{ input: signal() }]] },
  },
  FirFilter: {
    make: windowed,
    methods: {
      process: () => [signal()],
      processSample: () => [1],
      filtfilt: () => [signal(256)],
      frequencyResponse: () => [[1, 2]],
      groupDelay: () => [[1, 2]],
    },
  },
  IirFilter: {
    make: lowPass,
    methods: {
      process: () => [signal()],
      processSample: () => [1],
      filtfilt: () => [signal(256)],
      frequencyResponse: () => [[1, 2]],
      groupDelay: () => [[1, 2]],
    },
  },
  DspProcessor: {
    make: pipeline,
    methods: {
      process: () => [signal(), times(), { ...call }], processCopy: () => [signal(), times(), { ...call }],
      processSync: () => [signal(), times(), { ...call }], processSyncCopy: () => [signal(), times(), { ...call }],
      processEvents: () => [signal(), { ...call }], finish: () => [{ output: 'f32' }],
      latency: () => [{ sampleRate: 250, frequency: 10 }], saveState: () => [{ format: 'json' }], loadState: () => [SAVED, { match: 'position', strict: false }],
      tap: () => [noop], on: () => ['peak', noop], off: () => ['peak', noop], pipeline: () => [{ onError: noop }],
      stream: () => [{ channels: 1 }], webStream: () => [{ channels: 1 }], iterate: () => [[signal()], { channels: 1 }],
    },
  },
};

/** Static methods that are functions. */
const STATICS = {
  FilterBankDesign: {
    design: () => [
      {
        scale: 'mel',
        count: 3,
        sampleRate: 8000,
        frequencyRange: [100, 3000],
        order: 2,
        type: 'butterworth',
        ripple: 1,
        design: 'standard',
      },
    ],
    getBoundaries: () => [{ scale: 'mel', count: 3, sampleRate: 8000, frequencyRange: [100, 3000] }],
    createMel: () => [3, 8000, [100, 3000], { design: 'standard' }], createBark: () => [3, 8000, [100, 3000], {}],
    createLog: () => [3, 8000, [100, 3000], {}], createLinear: () => [3, 8000, [100, 3000], {}],
  },
  FftUtils: {
    nextPowerOfTwo: () => [5],
    isPowerOfTwo: () => [8],
    padToPowerOfTwo: () => [signal(5)],
    zeroPad: () => [signal(5), 8],
    findPeakFrequency: () => [signal(), 1000, 128],
    toDecibels: () => [signal(), 1],
    applyAWeighting: () => [signal(), signal()],
  },
  DspUtils: {
    interleave: () => [[signal(4), signal(4)]], deinterleave: () => [signal(), 2], getChannel: () => [signal(), 2, 1],
  },
};

/** Right parameters of every stage: those that must be there, and options worth breaking. */
const STAGES = {
  MovingAverage: { mode: 'moving', windowSize: 4 }, Rms: { mode: 'moving', windowSize: 4 },
  MeanAbsoluteValue: { mode: 'moving', windowSize: 4 }, Variance: { mode: 'moving', windowSize: 4 },
  ZScoreNormalize: { mode: 'moving', windowSize: 4, epsilon: 1e-6 }, WaveformLength: { windowSize: 4 },
  SlopeSignChange: { windowSize: 4, threshold: 0.1 }, WillisonAmplitude: { windowSize: 4, threshold: 0.1 },
  LinearRegression: { windowSize: 4, output: 'slope' }, Snr: { windowSize: 4 }, MedianFilter: { windowSize: 4 },
  Gaps: { policy: 'hold', maxLength: 4 }, RestoreGaps: {}, EcgBeats: { lag: 300, sampleRate: 250 },
  Hrv: { windowBeats: 30, every: 5, lag: 300, sampleRate: 250 },
  Rectify: { mode: 'full' }, Square: {}, Amplify: { gain: 2 },
  filter: { type: 'butterworth', mode: 'lowpass', cutoffFrequency: 50, sampleRate: 250, order: 2, stateful: true, design: 'standard' },
  FilterBank: { definitions: [{ b: [1], a: [1] }, { b: [0.5], a: [1] }], inputChannels: 2 },
  convolution: { kernel: [1, 2, 1], mode: 'moving', method: 'auto', autoThreshold: 64, operation: 'convolution', warmup: 'zero' },
  SavgolFilter: { windowLength: 5, polyOrder: 2, deriv: 1, delta: 1 },
  ExponentialMovingAverage: { mode: 'moving', alpha: 0.5 },
  CumulativeMovingAverage: { mode: 'moving' },
  Integrator: { alpha: 0.9 },
  Differentiator: {},
  LmsFilter: { numTaps: 4, learningRate: 0.1, lambda: 0, normalized: true },
  RlsFilter: { numTaps: 4, lambda: 0.99, delta: 1, design: 'standard' },
  KalmanFilter: { dimensions: 2, processNoise: 1e-4, measurementNoise: 1e-2, initialError: 1 },
  PeakDetection: { threshold: 0.1, mode: 'moving', domain: 'time', windowSize: 5, minPeakDistance: 2 },
  ClipDetection: { windowSize: 4, threshold: 0.9 },
  Interpolate: { factor: 2, sampleRate: 250, order: 9 },
  Decimate: { factor: 2, sampleRate: 250, order: 9 },
  Resample: { upFactor: 3, downFactor: 2, sampleRate: 250, order: 9 },
  ResampleTo: { inputRate: 250, outputRate: 300, quality: 'high' },
  TimeAlignment: {
    targetSampleRate: 250,
    interpolationMethod: 'linear',
    gapPolicy: 'interpolate',
    gapThreshold: 2,
    driftCompensation: 'none',
  },
  fft: { size: 8, type: 'rfft', output: 'magnitude', forward: true },
  stft: { windowSize: 8, hopSize: 4, window: 'hann', output: 'magnitude' },
  melSpectrogram: { filterbankMatrix: new Float32Array(2 * 5).fill(0.1), numBins: 5, numMelBands: 2 },
  mfcc: { numMelBands: 4, numCoefficients: 2, lifterCoefficient: 2 }, WaveletTransform: { wavelet: 'db4' },
  HilbertEnvelope: { windowSize: 8, hopSize: 4 },
  PcaTransform: { pcaMatrix: Float32Array.of(1, 0, 0, 1), mean: new Float32Array(2), numChannels: 2, numComponents: 2 },
  IcaTransform: { icaMatrix: Float32Array.of(1, 0, 0, 1), mean: new Float32Array(2), numChannels: 2, numComponents: 2 },
  WhiteningTransform: {
    whiteningMatrix: Float32Array.of(1, 0, 0, 1),
    mean: new Float32Array(2),
    numChannels: 2,
    numComponents: 2,
  },
  CspTransform: { cspMatrix: Float32Array.of(1, 0, 0, 1), mean: new Float32Array(2), numChannels: 2, numFilters: 2 },
  GscPreprocessor: {
    numChannels: 2,
    steeringWeights: Float32Array.of(0.7, 0.7),
    blockingMatrix: Float32Array.of(-0.7, 0.7),
  },
  ChannelSelector: { numInputChannels: 2, numOutputChannels: 1 },
  ChannelSelect: { channels: [1, 0], numInputChannels: 2 },
  ChannelMerge: { mapping: [0, 1, 1], numInputChannels: 2 },
};

const subjects = [];
/** `isFinite` says that right samples give finite numbers. */
const add = (label, args, run, onlyFinite = false) => subjects.push({ label, args, run, isFinite: onlyFinite });

for (const [name, args] of Object.entries(FUNCTIONS)) {
  for (const variant of [name, `${name}Async`]) {
    if (typeof dspx[variant] === 'function') add(variant, args, (given) => dspx[variant](...given));
  }
}
addServices(add);
add('createDspPipeline.from', () => [[{ Amplify: { gain: 2 } }]], (given) => dspx.createDspPipeline.from(...given));
for (const [name, { make, construct, methods }] of Object.entries(CLASSES)) {
  if (construct) add(`new ${name}`, construct, (given) => new dspx[name](...given));
  for (const [method, args] of Object.entries(methods))
    add(`${name}.${method}`, args, (given) => make()[method](...given));
}
for (const [name, methods] of Object.entries(STATICS)) {
  for (const [method, args] of Object.entries(methods))
    add(`${name}.${method}`, args, (given) => dspx[name][method](...given));
}
for (const Class of [dspx.FirFilter, dspx.IirFilter]) {
  for (const method of Object.getOwnPropertyNames(Class).filter((name) => name.startsWith('create'))) {
    const run = (given) => Class[method](...given).frequencyResponse([1, 50]).magnitude;
    add(`${Class.name}.${method}`, () => [creatorOptions(method)], run, true);
  }
}
for (const [method, params] of Object.entries(STAGES)) {
  const options = { channels: 2, sampleRate: 250 };
  const front = () =>
    method === 'RestoreGaps' ? dspx.createDspPipeline().Gaps({ maxLength: 4 }) : dspx.createDspPipeline();
  const run = (given) =>
    front()
      [method](...given)
      .processSync(signal().map(Math.abs), times(), options);
  add(method, () => [{ ...params }], run, true);
}

/** Names of functions that are swept in another way than by `FUNCTIONS`. */
const SERVICES = new Set([...Object.keys(CLIENTS), ...HANDLERS, ...Object.keys(PLAIN), 'createKafkaProducerHandler']);

module.exports = { CLASSES, EXEMPT, FUNCTIONS, SERVICES, STAGES, STATICS, subjects };
