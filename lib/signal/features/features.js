'use strict';
/** Features of signals and spectra, running ones, sums and correlations, channels of interleaved samples. */

const native = require('../../native/addon.js');
const { call, callAsync } = require('../../native/call.js');

/** Below this a call into the addon takes longer than the loop. */
const SHORT = 128;

/** Signals as Float32Array; other numeric arrays are rounded. */
function samplesOf(x, name) {
  if (x instanceof Float32Array) return x;
  if (x instanceof Float64Array || Array.isArray(x)) return Float32Array.from(x);
  throw new TypeError(`${name} must be a Float32Array`);
}

function checkRate(sampleRate) {
  if (typeof sampleRate !== 'number') throw new TypeError(`sampleRate must be a number, got ${typeof sampleRate}`);
}

// ---- features -------------------------------------------------------------------------------------

function calculateHjorthParameters(signal) {
  const x = samplesOf(signal, 'signal');
  if (x.length < 3) throw new Error('Signal must have at least 3 samples');
  return native.hjorthParameters(x);
}

function calculateSpectralCentroid(magnitudes, sampleRate) {
  checkRate(sampleRate);
  return native.spectralCentroid(samplesOf(magnitudes, 'magnitudes'), sampleRate);
}

function calculateSpectralRolloff(magnitudes, sampleRate, percentage = 85) {
  checkRate(sampleRate);
  if (typeof percentage !== 'number') throw new TypeError('percentage must be a number');
  return native.spectralRolloff(samplesOf(magnitudes, 'magnitudes'), sampleRate, percentage);
}

function calculateSpectralFlux(current, previous) {
  const magnitudes = samplesOf(current, 'magnitudes');
  if (previous === null || previous === undefined) return 0;
  return native.spectralFlux(magnitudes, samplesOf(previous, 'previous magnitudes'));
}

function calculateSpectralFeatures(magnitudes, sampleRate, previous = null, rolloffPercentage = 85) {
  return {
    centroid: calculateSpectralCentroid(magnitudes, sampleRate),
    rolloff: calculateSpectralRolloff(magnitudes, sampleRate, rolloffPercentage),
    flux: calculateSpectralFlux(magnitudes, previous),
  };
}

/** More bins would take more memory than any histogram is worth. */
const MAX_BINS = 1 << 24;

function checkBins(numBins) {
  if (Number.isInteger(numBins) && numBins >= 1 && numBins <= MAX_BINS) return;
  throw new TypeError(`numBins must be an integer from 1 to ${MAX_BINS}, got ${numBins}`);
}

function calculateShannonEntropy(signal, numBins = 256) {
  checkBins(numBins);
  return native.shannonEntropy(samplesOf(signal, 'signal'), numBins);
}

const entropyArguments = (signal, m, r) => [samplesOf(signal, 'signal'), m, r ?? undefined];

function calculateSampleEntropy(signal, m = 2, r) {
  return call('sampleEntropy', ...entropyArguments(signal, m, r));
}

async function calculateSampleEntropyAsync(signal, m = 2, r) {
  return callAsync('sampleEntropy', ...entropyArguments(signal, m, r));
}

function calculateApproximateEntropy(signal, m = 2, r) {
  return call('approximateEntropy', ...entropyArguments(signal, m, r));
}

async function calculateApproximateEntropyAsync(signal, m = 2, r) {
  return callAsync('approximateEntropy', ...entropyArguments(signal, m, r));
}

// ---- running features -----------------------------------------------------------------------------

/** A feature of the last `windowSize` samples, for every sample once there are as many. */
class WindowTracker {
  #window;
  #samples;
  #end = 0;

  constructor(windowSize) {
    if (!(Number.isInteger(windowSize) && windowSize >= 1 && windowSize <= native.maxFftSize())) {
      throw new TypeError(`windowSize must be a positive integer up to ${native.maxFftSize()}, got ${windowSize}`);
    }
    this.#window = windowSize;
    this.#samples = new Float32Array(2 * windowSize);
  }

  /** The window after a sample, or null. */
  _push(sample) {
    if (typeof sample !== 'number') throw new TypeError('sample must be a number');
    if (this.#end === this.#samples.length) {
      this.#samples.copyWithin(0, this.#end - this.#window + 1, this.#end);
      this.#end = this.#window - 1;
    }
    this.#samples[this.#end++] = sample;
    return this.#end < this.#window ? null : this.#samples.subarray(this.#end - this.#window, this.#end);
  }

  reset() {
    this.#end = 0;
  }
}

class HjorthTracker extends WindowTracker {
  update(sample) {
    const window = this._push(sample);
    return window && calculateHjorthParameters(window);
  }
}

class EntropyTracker extends WindowTracker {
  #numBins;

  constructor(windowSize, numBins = 256) {
    super(windowSize);
    checkBins(numBins);
    this.#numBins = numBins;
  }

  update(sample) {
    const window = this._push(sample);
    return window && native.shannonEntropy(window, this.#numBins);
  }
}

class SpectralFeaturesTracker {
  #previous = null;

  calculate(magnitudes, sampleRate, rolloffPercentage = 85) {
    const features = calculateSpectralFeatures(magnitudes, sampleRate, this.#previous, rolloffPercentage);
    this.#previous = Float32Array.from(magnitudes);
    return features;
  }

  reset() {
    this.#previous = null;
  }
}

// ---- sums and correlations ------------------------------------------------------------------------

function check(x, name) {
  if (!(x instanceof Float32Array)) throw new TypeError(`${name} must be a Float32Array`);
}

function dotProduct(a, b) {
  check(a, 'First argument');
  check(b, 'Second argument');
  if (a.length !== b.length) throw new RangeError(`Array lengths must match, got ${a.length} and ${b.length}`);
  if (a.length >= SHORT) return native.dotProduct(a, b);
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

function sum(x) {
  check(x, 'Argument');
  if (x.length >= SHORT) return native.sum(x);
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i];
  return total;
}

function sumOfSquares(x) {
  check(x, 'Argument');
  if (x.length >= SHORT) return native.sumOfSquares(x);
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * x[i];
  return total;
}

function detrend(signal, options) {
  check(signal, 'Signal');
  const type = options?.type || 'linear';
  if (type !== 'linear' && type !== 'constant')
    throw new TypeError(`type must be 'linear' or 'constant', got '${type}'`);
  const out = new Float32Array(signal.length);
  native.detrend(signal, type === 'linear', out);
  return out;
}

function autocorrelation(signal) {
  check(signal, 'Signal');
  return call('correlate', signal);
}

async function autocorrelationAsync(signal) {
  check(signal, 'Signal');
  return callAsync('correlate', signal);
}

function checkPair(x, y) {
  check(x, 'First signal');
  check(y, 'Second signal');
  if (x.length !== y.length) throw new RangeError(`Signals must have the same length, got ${x.length} and ${y.length}`);
}

function crossCorrelation(x, y) {
  checkPair(x, y);
  return call('correlate', x, y);
}

async function crossCorrelationAsync(x, y) {
  checkPair(x, y);
  return callAsync('correlate', x, y);
}

// ---- whole signals through one stage --------------------------------------------------------------

/** Multiplications and additions up to which a signal is computed in the calling thread: some 50 µs. */
const SHORT_WORK = 200_000;

async function dwt(signal, wavelet) {
  check(signal, 'Signal');
  return (signal.length * 16 > SHORT_WORK ? callAsync : call)('dwt', signal, wavelet);
}

async function hilbertEnvelope(signal, windowSize = 512, hopSize) {
  check(signal, 'Signal');
  const long = signal.length * (1 + windowSize / (hopSize ?? windowSize / 2)) > SHORT_WORK;
  return (long ? callAsync : call)('hilbertEnvelope', signal, windowSize, hopSize);
}

// ---- channels -------------------------------------------------------------------------------------

function interleave(planar) {
  if (!Array.isArray(planar)) throw new Error('Input must be an array of Float32Arrays');
  if (planar.some((channel) => !(channel instanceof Float32Array)))
    throw new TypeError('All channels must be Float32Arrays');
  const channels = planar.length;
  const frames = channels ? planar[0].length : 0;
  if (planar.some((channel) => channel.length !== frames))
    throw new TypeError('All channels must have the same length');
  const out = new Float32Array(frames * channels);
  planar.forEach((channel, c) => {
    for (let i = 0, at = c; i < frames; i++, at += channels) out[at] = channel[i];
  });
  return out;
}

function takeChannel(x, channels, c) {
  const out = new Float32Array(x.length / channels);
  for (let i = 0, at = c; i < out.length; i++, at += channels) out[i] = x[at];
  return out;
}

function deinterleave(x, channelCount) {
  if (!(x instanceof Float32Array)) throw new TypeError('Input must be a Float32Array');
  if (typeof channelCount !== 'number' || channelCount <= 0)
    throw new TypeError('Channel count must be a positive number');
  const channels = Math.trunc(channelCount);
  if (!(channels >= 1)) throw new TypeError('Channel count must be a positive number');
  if (x.length % channels !== 0) throw new RangeError(`Input length (${x.length}) must be divisible by ${channels}`);
  // Nothing to share out: one more array each for an absurd number of channels is refused by its length.
  if (x.length === 0 && channels > 1 << 16) throw new RangeError(`Channel count must be at most ${1 << 16}`);
  return Array.from({ length: channels }, (_, c) => takeChannel(x, channels, c));
}

function getChannel(x, channels, c) {
  check(x, 'Input');
  if (!(Number.isInteger(channels) && channels >= 1)) throw new TypeError('Channel count must be a positive integer');
  if (!(Number.isInteger(c) && c >= 0 && c < channels))
    throw new Error(`Channel ${c} is out of bounds for ${channels} channels`);
  if (x.length % channels !== 0) throw new Error(`Input length (${x.length}) must be divisible by ${channels}`);
  return takeChannel(x, channels, c);
}

class DspUtils {
  static dotProduct = dotProduct;
  static sum = sum;
  static sumOfSquares = sumOfSquares;
  static detrend = detrend;
  static autocorrelation = autocorrelation;
  static crossCorrelation = crossCorrelation;
  static interleave = interleave;
  static deinterleave = deinterleave;
  static getChannel = getChannel;
}

module.exports = {
  calculateHjorthParameters,
  calculateSpectralCentroid,
  calculateSpectralRolloff,
  calculateSpectralFlux,
  calculateSpectralFeatures,
  calculateShannonEntropy,
  calculateSampleEntropy,
  calculateSampleEntropyAsync,
  calculateApproximateEntropy,
  calculateApproximateEntropyAsync,
  HjorthTracker,
  EntropyTracker,
  SpectralFeaturesTracker,
  dotProduct,
  sum,
  sumOfSquares,
  detrend,
  autocorrelation,
  autocorrelationAsync,
  crossCorrelation,
  crossCorrelationAsync,
  dwt,
  hilbertEnvelope,
  DspUtils,
};
