// ---- Fourier transforms -----------------------------------------------------------------------

/** Complex numbers as two arrays of one length. */
export interface ComplexArray {
  /** Real parts. */
  real: Float32Array;
  /** Imaginary parts. */
  imag: Float32Array;
}

/** Window functions of frames: symmetric (denominator N − 1), not normalised. */
export type WindowType = "none" | "hann" | "hamming" | "blackman" | "bartlett";

/** `"moving"`: a spectrum for every sample; `"batched"`: one every `hopSize` samples. */
export type FftMode = "moving" | "batched";

/**
 * Fourier transforms of one length N, any length. Forward unscaled, inverse with 1/N. A half spectrum has floor(N/2)+1 bins.
 * The error is below 1e-6 of the largest magnitude. Results are new arrays; inputs are never changed.
 */
export class FftProcessor {
  /** @throws TypeError unless `size` is an integer ≥ 1, RangeError above 2^26 */
  constructor(size: number);
  /**
   * N complex samples to N bins; N must be a power of two.
   *
   * Every transform takes arrays for its result as the last argument, fills and returns them; they may be those of the input.
   * Without, it makes new ones, which takes longer than a short transform itself.
   */
  fft(x: ComplexArray, out?: ComplexArray): ComplexArray;
  /** The inverse of `fft`. */
  ifft(spectrum: ComplexArray, out?: ComplexArray): ComplexArray;
  /** N complex samples to N bins, for every N. */
  dft(x: ComplexArray, out?: ComplexArray): ComplexArray;
  /** The inverse of `dft`. */
  idft(spectrum: ComplexArray, out?: ComplexArray): ComplexArray;
  /** N real samples to a half spectrum. */
  rfft(x: Float32Array, out?: ComplexArray): ComplexArray;
  /** The inverse of `rfft`; imaginary parts at DC and (N even) at Nyquist do not count. */
  irfft(spectrum: ComplexArray, out?: Float32Array): Float32Array;
  /** The same as `rfft`. */
  rdft(x: Float32Array, out?: ComplexArray): ComplexArray;
  /** The same as `irfft`. */
  irdft(spectrum: ComplexArray, out?: Float32Array): Float32Array;
  /** `rfft` on a worker thread, for long transforms. */
  rfftAsync(x: Float32Array): Promise<ComplexArray>;
  /** `irfft` on a worker thread. */
  irfftAsync(spectrum: ComplexArray): Promise<Float32Array>;
  /** `dft` on a worker thread. */
  dftAsync(x: ComplexArray): Promise<ComplexArray>;
  /** `idft` on a worker thread. */
  idftAsync(spectrum: ComplexArray): Promise<ComplexArray>;
  /** The length that it was made for. */
  getSize(): number;
  /** floor(N/2)+1 */
  getHalfSize(): number;
  /** Is the length a power of two? */
  isPowerOfTwo(): boolean;
  /** `sqrt(re² + im²)` of each bin of a spectrum of any length. */
  getMagnitude(spectrum: ComplexArray): Float32Array;
  /** `atan2(im, re)` of each bin. */
  getPhase(spectrum: ComplexArray): Float32Array;
  /** `re² + im²` of each bin. */
  getPower(spectrum: ComplexArray): Float32Array;
  /** `k·sampleRate/N`: for the half spectrum if N is a power of two, else for all N bins. */
  getFrequencyBins(sampleRate: number): Float32Array;
}

/** Spectra of the last `fftSize` samples of a stream, which may come in pieces of any size. */
export class MovingFftProcessor {
  constructor(options: {
    /** Samples in a frame: an integer ≥ 1. */
    fftSize: number;
    /** Samples from spectrum to spectrum in batched mode, 1…fftSize. Default, and 0: `fftSize`. */
    hopSize?: number;
    /** Default `"batched"`. */
    mode?: FftMode;
    /** Default `"hann"`. */
    windowType?: WindowType;
    /** false: all N bins instead of the half spectrum. Default true. */
    realInput?: boolean;
  });
  /** The spectrum that is due with this sample, or null. */
  addSample(sample: number): ComplexArray | null;
  /** Calls back at once with each spectrum that becomes due; returns how many did. */
  addSamples(samples: Float32Array, callback?: (spectrum: ComplexArray, size: number) => void): number;
  /** The spectrum of the last `fftSize` samples; changes nothing. */
  computeSpectrum(): ComplexArray;
  /** Forgets the samples; the last spectrum stays. */
  reset(): void;
  /** Samples of a transform. */
  getFftSize(): number;
  /** Bins of a spectrum: fftSize/2 + 1. */
  getSpectrumSize(): number;
  /** Samples between two spectra. */
  getHopSize(): number;
  /** Samples held, 2·fftSize at most. */
  getFillLevel(): number;
  /** Is the window full? */
  isReady(): boolean;
  /** Takes effect with the next spectrum. */
  setWindowType(type: WindowType): void;
  /** Of the last spectrum that became due; zeros before the first. */
  getMagnitudeSpectrum(): Float32Array;
  /** Squared magnitudes of the latest window. */
  getPowerSpectrum(): Float32Array;
  /** Phases of the latest window, radians. */
  getPhaseSpectrum(): Float32Array;
  /** Frequency of each bin, Hz. */
  getFrequencyBins(sampleRate: number): Float32Array;
}

/** Half spectra of many signals, on several threads. */
export class FftBatchProcessor {
  constructor(options?: {
    /** At most; 0 (default) stands for half the logical CPUs. */
    numThreads?: number;
    /** Whether results are kept for signals that come again. Default true. */
    enableCache?: boolean;
    /** Results kept, the least recently used first to go. Default 128. */
    cacheSize?: number;
  });
  /** One half spectrum per signal, of any length ≥ 1. */
  processBatch(signals: Array<{ input: Float32Array }>): ComplexArray[];
  /** The same without holding the event loop. */
  processBatchAsync(signals: Array<{ input: Float32Array }>): Promise<ComplexArray[]>;
  /** hits/(hits+misses), 0 if there are none. */
  getCacheHitRate(): number;
  /** Transforms found in the cache (`hits`) and made (`misses`); `hitRate` is the share of the former. */
  getCacheStats(): { hits: number; misses: number; hitRate: number };
  /** Empties the cache and sets its counters to 0. */
  clearCache(): void;
  /** Threads that it uses. */
  getNumThreads(): number;
}

/** Helpers around transforms. Inputs are never changed. */
export const FftUtils: {
  /** The smallest 2^k ≥ n; 1 for n ≤ 1. */
  nextPowerOfTwo(n: number): number;
  isPowerOfTwo(n: number): boolean;
  /** The signal itself if its length is a power of two, else a copy with zeros at the end. */
  padToPowerOfTwo(signal: Float32Array): Float32Array;
  /** The signal itself if it is as long, else a copy with zeros at the end. */
  zeroPad(signal: Float32Array, length: number): Float32Array;
  /** Frequency in Hz of the first bin of the largest value. */
  findPeakFrequency(magnitudes: Float32Array, sampleRate: number, fftSize: number): number;
  /** `20·log10(max(v, 1e-10)/reference)`; the default reference is 1. */
  toDecibels(magnitudes: Float32Array, reference?: number): Float32Array;
  /** Magnitudes weighted as the ear does at 40 phon, without the customary 2 dB. */
  applyAWeighting(magnitudes: Float32Array, frequencies: Float32Array): Float32Array;
};

// ---- Spectral estimation ----------------------------------------------------------------------
// Names, defaults and scalings of scipy.signal. Every function has a form that ends in Async and runs on a worker thread.
