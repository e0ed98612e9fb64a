'use strict';
/** Fourier transforms: of one frame, of a sliding window, of many signals; and helpers around them. */

const os = require('#node').os;
const native = require('../../native/addon.js');
const { callAsync } = require('../../native/call.js');

const MAX_SIZE = native.maxFftSize();

const isPositiveInteger = (n) => Number.isInteger(n) && n >= 1;

/** Real and imaginary part of `length` bins, to be filled. */
const spectrumOf = (length) => ({ real: new Float32Array(length), imag: new Float32Array(length) });

/** The parts of a complex argument, of `length` values each if that is given. */
function checkComplex(x, length) {
  if (typeof x !== 'object' || x === null) throw new TypeError('complex input must be an object { real, imag }');
  const { real, imag } = x;
  if (!(real instanceof Float32Array && imag instanceof Float32Array)) {
    throw new TypeError('real and imag must be Float32Arrays');
  }
  if (length === undefined) {
    if (real.length !== imag.length) throw new TypeError('real and imag must have the same length');
  } else if (real.length !== length || imag.length !== length) {
    throw new TypeError(`real and imag must match FFT size: ${length} values, got ${real.length} and ${imag.length}`);
  }
}

function checkSamples(x, length) {
  if (!(x instanceof Float32Array)) throw new TypeError('Input must be a Float32Array');
  if (x.length !== length) throw new TypeError(`Input length must match FFT size: ${length} samples, got ${x.length}`);
}

const overlap = (a, b) =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/**
 * Lets `compute` fill the arrays `results`. Native code must not write where it reads: those that overlap `inputs` or each other are
 * filled by way of others.
 */
function computeInto(results, inputs, compute) {
  const isApart = results.every((x, i) => [...inputs, ...results.slice(0, i)].every((other) => !overlap(x, other)));
  if (isApart) return compute(...results);
  const fresh = results.map((x) => new Float32Array(x.length));
  compute(...fresh);
  results.forEach((x, i) => x.set(fresh[i]));
}

/** Frequencies of `count` bins, `spacing` apart. */
function frequencies(count, sampleRate, size) {
  if (typeof sampleRate !== 'number') throw new TypeError('sample rate must be a number');
  const bins = new Float32Array(count);
  for (let k = 0; k < count; k++) bins[k] = (k * sampleRate) / size;
  return bins;
}

/** Up to this many bins a loop takes less time than a call into the addon. */
const SHORT = 64;

/** What is told of each bin: by the addon, and of one bin here. */
const PER_BIN = {
  magnitude: [native.magnitude, (re, im) => Math.sqrt(re * re + im * im)],
  power: [native.power, (re, im) => re * re + im * im],
  phase: [native.phase, (re, im) => Math.atan2(im, re)],
};

function perBin([many, one], spectrum) {
  checkComplex(spectrum);
  const { real, imag } = spectrum;
  const out = new Float32Array(real.length);
  if (out.length > SHORT) many(real, imag, out);
  else for (let k = 0; k < out.length; k++) out[k] = one(real[k], imag[k]);
  return out;
}

/** Up to this length copying takes less time than handing arrays over the border. */
const MAX_DESK = 2048;

class FftProcessor {
  #size;
  #half;
  #native;
  /** Arrays that the addon knows; nobody else may see them. */
  #desk = null;

  constructor(size) {
    if (typeof size !== 'number') throw new TypeError('FFT size must be a number');
    if (!isPositiveInteger(size)) throw new TypeError(`FFT size must be a positive integer, got ${size}`);
    if (size > MAX_SIZE) throw new RangeError(`FFT size must be at most ${MAX_SIZE}, got ${size}`);
    this.#size = size;
    this.#half = (size >> 1) + 1;
    this.#native = new native.NativeFft(size);
  }

  /** The desk, if this is a short transform. */
  #getDesk() {
    if (this.#desk === null && this.#size <= MAX_DESK) {
      const desk = { samples: new Float32Array(this.#size), ...spectrumOf(this.#half) };
      this.#native.setDesk(desk.samples, desk.real, desk.imag);
      this.#desk = desk;
    }
    return this.#desk;
  }

  rfft(x, out) {
    checkSamples(x, this.#size);
    if (out !== undefined) checkComplex(out, this.#half);
    const desk = this.#getDesk();
    if (desk === null) {
      const spectrum = out ?? spectrumOf(this.#half);
      computeInto([spectrum.real, spectrum.imag], [x], (real, imag) => this.#native.rfft(x, real, imag));
      return spectrum;
    }
    desk.samples.set(x);
    this.#native.rfftDesk();
    if (out === undefined) return { real: new Float32Array(desk.real), imag: new Float32Array(desk.imag) };
    out.real.set(desk.real);
    out.imag.set(desk.imag);
    return out;
  }

  irfft(spectrum, out) {
    checkComplex(spectrum, this.#half);
    if (out !== undefined) checkSamples(out, this.#size);
    const { real, imag } = spectrum;
    const desk = this.#getDesk();
    if (desk === null) {
      const samples = out ?? new Float32Array(this.#size);
      computeInto([samples], [real, imag], (x) => this.#native.irfft(real, imag, x));
      return samples;
    }
    desk.real.set(real);
    desk.imag.set(imag);
    this.#native.irfftDesk();
    if (out === undefined) return new Float32Array(desk.samples);
    out.set(desk.samples);
    return out;
  }

  dft(x, out) {
    return this.#complex('dft', x, out);
  }

  idft(spectrum, out) {
    return this.#complex('idft', spectrum, out);
  }

  #complex(method, x, out) {
    checkComplex(x, this.#size);
    if (out !== undefined) checkComplex(out, this.#size);
    const result = out ?? spectrumOf(this.#size);
    const { real, imag } = x;
    computeInto([result.real, result.imag], [real, imag], (re, im) => this.#native[method](real, imag, re, im));
    return result;
  }

  rdft(x, out) {
    return this.rfft(x, out);
  }

  irdft(spectrum, out) {
    return this.irfft(spectrum, out);
  }

  fft(x, out) {
    this.#checkPowerOfTwo();
    return this.dft(x, out);
  }

  ifft(spectrum, out) {
    this.#checkPowerOfTwo();
    return this.idft(spectrum, out);
  }

  async rfftAsync(x) {
    checkSamples(x, this.#size);
    return callAsync('rfft', x);
  }

  async irfftAsync(spectrum) {
    checkComplex(spectrum, this.#half);
    return callAsync('irfft', { real: spectrum.real, imag: spectrum.imag }, this.#size);
  }

  async dftAsync(x) {
    checkComplex(x, this.#size);
    return callAsync('dft', { real: x.real, imag: x.imag });
  }

  async idftAsync(spectrum) {
    checkComplex(spectrum, this.#size);
    return callAsync('idft', { real: spectrum.real, imag: spectrum.imag });
  }

  #checkPowerOfTwo() {
    if (!this.isPowerOfTwo())
      throw new Error(`fft and ifft need a power-of-2 size, got ${this.#size}: use dft and idft`);
  }

  getSize() {
    return this.#size;
  }

  getHalfSize() {
    return this.#half;
  }

  isPowerOfTwo() {
    return (this.#size & (this.#size - 1)) === 0;
  }

  getMagnitude(spectrum) {
    return perBin(PER_BIN.magnitude, spectrum);
  }

  getPhase(spectrum) {
    return perBin(PER_BIN.phase, spectrum);
  }

  getPower(spectrum) {
    return perBin(PER_BIN.power, spectrum);
  }

  getFrequencyBins(sampleRate) {
    return frequencies(this.isPowerOfTwo() ? this.#half : this.#size, sampleRate, this.#size);
  }
}

/** The last samples of a stream in one piece; grows as they come, to twice the window at most. */
class SlidingBuffer {
  #window;
  #samples = new Float32Array(0);
  #end = 0;

  constructor(window) {
    this.#window = window;
  }

  push(samples) {
    const n = samples.length;
    if (n >= this.#window) {
      this.#room(this.#window, 0);
      this.#samples.set(samples.subarray(n - this.#window));
      this.#end = this.#window;
      return;
    }
    this.#room(n, this.#window - n);
    this.#samples.set(samples, this.#end);
    this.#end += n;
  }

  pushOne(sample) {
    this.#room(1, this.#window - 1);
    this.#samples[this.#end++] = sample;
  }

  /** Makes room for `n` samples behind the last `kept` ones. */
  #room(n, kept) {
    if (this.#end + n <= this.#samples.length) return;
    const keep = Math.min(kept, this.#end);
    const limit = 2 * this.#window;
    if (this.#samples.length < limit) {
      const grown = new Float32Array(Math.min(limit, Math.max(64, 2 * (keep + n))));
      grown.set(this.#samples.subarray(this.#end - keep, this.#end));
      this.#samples = grown;
    } else {
      this.#samples.copyWithin(0, this.#end - keep, this.#end);
    }
    this.#end = keep;
  }

  /** The window, once there are as many samples. */
  view() {
    return this.#samples.subarray(this.#end - this.#window, this.#end);
  }

  clear() {
    this.#end = 0;
  }
}

const MODES = ['moving', 'batched'];

class MovingFftProcessor {
  #size;
  #hop;
  #moving;
  #bins;
  #buffer;
  #fill = 0;
  #counter = 0;
  #native;
  /** The spectrum that `getMagnitudeSpectrum` and its kin report; none before the first. */
  #last = null;

  constructor(options) {
    if (typeof options !== 'object' || options === null)
      throw new TypeError('MovingFftProcessor: options must be an object');
    const { fftSize, hopSize = 0, mode = 'batched', windowType = 'hann', realInput = true } = options;
    if (!isPositiveInteger(fftSize)) throw new TypeError(`FFT size must be a positive integer, got ${fftSize}`);
    if (fftSize > MAX_SIZE) throw new RangeError(`FFT size must be at most ${MAX_SIZE}, got ${fftSize}`);
    if (hopSize > fftSize) throw new TypeError('Hop size cannot exceed FFT size');
    if (!isPositiveInteger(hopSize) && hopSize !== 0)
      throw new TypeError(`hop size must be a positive integer, got ${hopSize}`);
    if (!MODES.includes(mode)) throw new TypeError(`mode must be 'moving' or 'batched', got '${mode}'`);
    this.#size = fftSize;
    this.#hop = hopSize || fftSize;
    this.#moving = mode === 'moving';
    this.#bins = realInput ? (fftSize >> 1) + 1 : fftSize;
    this.#buffer = new SlidingBuffer(fftSize);
    this.#native = new native.NativeFrames(fftSize);
    this.setWindowType(windowType);
  }

  setWindowType(type) {
    if (typeof type !== 'string') throw new TypeError('window type must be a string');
    if (!this.#native.setWindow(type)) throw new TypeError(`Invalid window type '${type}'`);
  }

  addSample(sample) {
    if (typeof sample !== 'number') throw new TypeError('sample must be a number');
    const due = this.#untilDue() === 1;
    this.#buffer.pushOne(sample);
    this.#count(1, due);
    if (!due) return null;
    this.#last = this.#spectrum();
    return { real: this.#last.real.slice(), imag: this.#last.imag.slice() };
  }

  addSamples(samples, callback) {
    if (!(samples instanceof Float32Array)) throw new TypeError('samples must be a Float32Array');
    if (callback !== undefined && callback !== null && typeof callback !== 'function') {
      throw new TypeError('callback must be a function');
    }
    let spectra = 0;
    for (let at = 0; at < samples.length; ) {
      const until = this.#untilDue();
      const end = Math.min(samples.length, at + until);
      const due = end - at === until;
      this.#buffer.push(samples.subarray(at, end));
      this.#count(end - at, due);
      at = end;
      if (!due) break;
      spectra++;
      if (callback) {
        this.#last = this.#spectrum();
        callback({ real: this.#last.real.slice(), imag: this.#last.imag.slice() }, this.#bins);
      } else if (samples.length - at < this.#untilDue()) {
        // Nobody sees the spectra before the last one.
        this.#last = this.#spectrum();
      }
    }
    return spectra;
  }

  /** How many more samples the next spectrum needs. */
  #untilDue() {
    const counted = this.#moving ? 1 : this.#hop - this.#counter;
    return Math.max(1, this.#size - this.#fill, counted);
  }

  #count(n, due) {
    this.#fill = Math.min(this.#fill + n, 2 * this.#size);
    this.#counter = due ? 0 : this.#counter + n;
  }

  #spectrum() {
    const spectrum = spectrumOf(this.#bins);
    this.#native.run(this.#buffer.view(), spectrum.real, spectrum.imag);
    return spectrum;
  }

  computeSpectrum() {
    if (!this.isReady()) throw new Error(`Insufficient samples: ${this.#fill} of ${this.#size}`);
    return this.#spectrum();
  }

  reset() {
    this.#buffer.clear();
    this.#fill = 0;
    this.#counter = 0;
  }

  getFftSize() {
    return this.#size;
  }

  getSpectrumSize() {
    return this.#bins;
  }

  getHopSize() {
    return this.#hop;
  }

  getFillLevel() {
    return this.#fill;
  }

  isReady() {
    return this.#fill >= this.#size;
  }

  #report(what) {
    return this.#last ? perBin(what, this.#last) : new Float32Array(this.#bins);
  }

  getMagnitudeSpectrum() {
    return this.#report(PER_BIN.magnitude);
  }

  getPowerSpectrum() {
    return this.#report(PER_BIN.power);
  }

  getPhaseSpectrum() {
    return this.#report(PER_BIN.phase);
  }

  getFrequencyBins(sampleRate) {
    return frequencies(this.#bins, sampleRate, this.#size);
  }
}

/** Threads that `numThreads: 0` stands for. */
function automaticThreads() {
  const cpus = os.cpus().length;
  return cpus > 0 ? Math.max(1, Math.ceil(cpus / 2)) : 4;
}

class FftBatchProcessor {
  #threads;
  #native;

  constructor(options) {
    const { numThreads = 0, enableCache = true, cacheSize = 128 } = options ?? {};
    if (!(Number.isInteger(numThreads) && numThreads >= 0 && numThreads <= 1024)) {
      throw new TypeError(`numThreads must be an integer from 0 to 1024, got ${numThreads}`);
    }
    if (!(Number.isSafeInteger(cacheSize) && cacheSize >= 0)) {
      throw new TypeError(`cacheSize must be a non-negative integer, got ${cacheSize}`);
    }
    this.#threads = numThreads || automaticThreads();
    this.#native = new native.NativeBatch(this.#threads, enableCache ? cacheSize : -1);
  }

  /** The inputs of a batch, all of them checked. */
  #inputs(signals) {
    if (!Array.isArray(signals)) throw new TypeError('processBatch expects an array of signals');
    return Array.from(signals, (signal) => {
      if (typeof signal !== 'object' || signal === null) throw new TypeError('each signal must be an object');
      const { input } = signal;
      if (input === undefined || input === null) throw new TypeError("each signal must have 'input'");
      if (!(input instanceof Float32Array)) throw new TypeError("'input' must be a Float32Array");
      if (input.length === 0) throw new TypeError("'input' must not be empty");
      if (input.length > MAX_SIZE) throw new RangeError(`'input' must have at most ${MAX_SIZE} samples`);
      return input;
    });
  }

  processBatch(signals) {
    const inputs = this.#inputs(signals);
    const spectra = inputs.map((input) => spectrumOf((input.length >> 1) + 1));
    this.#native.run(
      inputs,
      spectra.flatMap(({ real, imag }) => [real, imag]),
    );
    return spectra;
  }

  async processBatchAsync(signals) {
    const parts = await this.#native.runAsync(this.#inputs(signals));
    return Array.from({ length: parts.length / 2 }, (_, i) => ({ real: parts[2 * i], imag: parts[2 * i + 1] }));
  }

  getCacheStats() {
    const { hits, misses } = this.#native.stats();
    return { hits, misses, hitRate: hits + misses > 0 ? hits / (hits + misses) : 0 };
  }

  getCacheHitRate() {
    return this.getCacheStats().hitRate;
  }

  clearCache() {
    this.#native.clear();
  }

  getNumThreads() {
    return this.#threads;
  }
}

/** 12194², and the other corners of the A weighting, in Hz² (IEC 61672-1). */
const A_WEIGHTING = [12194 ** 2, 20.6 ** 2, 107.7 ** 2, 737.9 ** 2];

function checkArray(x, name) {
  if (!(x instanceof Float32Array)) throw new TypeError(`${name} must be a Float32Array`);
}

const FftUtils = {
  nextPowerOfTwo(n) {
    let power = 1;
    while (power < n) power *= 2;
    return power;
  },

  isPowerOfTwo(n) {
    return isPositiveInteger(n) && FftUtils.nextPowerOfTwo(n) === n;
  },

  padToPowerOfTwo(x) {
    checkArray(x, 'signal');
    return FftUtils.zeroPad(x, FftUtils.nextPowerOfTwo(x.length));
  },

  zeroPad(x, length) {
    checkArray(x, 'signal');
    if (!(typeof length === 'number' && length <= 0xffff_ffff))
      throw new RangeError(`length must be a number below 2^32, got ${length}`);
    if (x.length >= length) return x;
    const padded = new Float32Array(Math.ceil(length));
    padded.set(x);
    return padded;
  },

  findPeakFrequency(magnitudes, sampleRate, fftSize) {
    checkArray(magnitudes, 'magnitudes');
    let peak = 0;
    for (let k = 1; k < magnitudes.length; k++) if (magnitudes[k] > magnitudes[peak]) peak = k;
    return (peak * sampleRate) / fftSize;
  },

  toDecibels(magnitudes, reference = 1) {
    checkArray(magnitudes, 'magnitudes');
    return magnitudes.map((v) => 20 * Math.log10(Math.max(v, 1e-10) / reference));
  },

  applyAWeighting(magnitudes, frequencies) {
    checkArray(magnitudes, 'magnitudes');
    checkArray(frequencies, 'frequencies');
    const [high, low, low2, low3] = A_WEIGHTING;
    return magnitudes.map((v, k) => {
      const f2 = frequencies[k] ** 2;
      return (v * high * f2 * f2) / ((f2 + low) * Math.sqrt((f2 + low2) * (f2 + low3)) * (f2 + high));
    });
  },
};

module.exports = { FftProcessor, MovingFftProcessor, FftBatchProcessor, FftUtils };
