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
 * Fourier transforms of one length N, any length. Forward unscaled, inverse with 1/N. A half spectrum has floor(N/2)+1
 * bins. The error is below 1e-6 of the largest magnitude. Results are new arrays; inputs are never changed.
 */
export class FftProcessor {
  /** @throws TypeError unless `size` is an integer ≥ 1, RangeError above 2^26 */
  constructor(size: number);
  /**
   * N complex samples to N bins; N must be a power of two.
   *
   * Every transform takes arrays for its result as the last argument, fills and returns them; they may be those of the
   * input. Without, it makes new ones, which takes longer than a short transform itself.
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
  /** Returns the length of the transform. */
  getSize(): number;
  /** Returns floor(N/2)+1. */
  getHalfSize(): number;
  /** Returns whether the length is a power of two. */
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
  /** Adds a sample and returns the spectrum that is due with it, or null. */
  addSample(sample: number): ComplexArray | null;
  /** Adds samples and calls back at once with each spectrum that becomes due; returns how many did. */
  addSamples(samples: Float32Array, callback?: (spectrum: ComplexArray, size: number) => void): number;
  /** Returns the spectrum of the last `fftSize` samples; changes nothing. */
  computeSpectrum(): ComplexArray;
  /** Removes the samples; the last spectrum is kept. */
  reset(): void;
  /** Returns the length of the transform. */
  getFftSize(): number;
  /** Returns the number of bins of a spectrum: fftSize/2 + 1. */
  getSpectrumSize(): number;
  /** Returns the number of samples between two spectra. */
  getHopSize(): number;
  /** Returns the number of samples held, at most 2·fftSize. */
  getFillLevel(): number;
  /** Returns whether the window is full. */
  isReady(): boolean;
  /** Sets the window function for the next spectra. */
  setWindowType(type: WindowType): void;
  /** Returns the magnitudes of the last spectrum that became due; zeros before the first. */
  getMagnitudeSpectrum(): Float32Array;
  /** Returns the squared magnitudes of the last spectrum. */
  getPowerSpectrum(): Float32Array;
  /** Returns the phases of the last spectrum in radians. */
  getPhaseSpectrum(): Float32Array;
  /** Returns the frequency of each bin in Hz. */
  getFrequencyBins(sampleRate: number): Float32Array;
}

/** Half spectra of many signals, on several threads. */
export class FftBatchProcessor {
  constructor(options?: {
    /** Largest number of threads; 0 (default) stands for half the logical CPUs. */
    numThreads?: number;
    /** Whether results are cached for repeated signals. Default true. */
    enableCache?: boolean;
    /** Number of cached results; the least recently used one is dropped first. Default 128. */
    cacheSize?: number;
  });
  /** Returns one half spectrum per signal; signals may have any length ≥ 1. */
  processBatch(signals: Array<{ input: Float32Array }>): ComplexArray[];
  /** Does the same without blocking the event loop. */
  processBatchAsync(signals: Array<{ input: Float32Array }>): Promise<ComplexArray[]>;
  /** Returns hits/(hits+misses), 0 if there are none. */
  getCacheHitRate(): number;
  /**
   * Returns the numbers of transforms found in the cache (`hits`) and computed (`misses`); `hitRate` is the share of
   * the former.
   */
  getCacheStats(): { hits: number; misses: number; hitRate: number };
  /** Empties the cache and sets its counters to 0. */
  clearCache(): void;
  /** Returns the number of threads. */
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
// Names, defaults and scalings of scipy.signal. Every function has a form that ends in Async and runs on a worker
// thread.
