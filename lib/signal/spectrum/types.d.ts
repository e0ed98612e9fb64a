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

/** Samples, as float32 or float64. */
export type Signal = Float32Array | Float64Array;

/** A window function of SciPy by name, with parameters, or as samples. */
export type WindowSpec = string | [name: string, ...parameters: Array<number | number[]>] | Signal;

/** How a signal is cut into segments and scaled. */
export interface SegmentOptions {
  /** Hz. Default 1. */
  sampleRate?: number;
  /** Default `"hann"` (`periodogram`: `"boxcar"`; `spectrogram`: `["tukey", 0.25]`). */
  window?: WindowSpec;
  /** Samples in a segment. Default 256, or the whole signal if that is shorter. */
  nperseg?: number;
  /** Samples that neighbouring segments share. Default half a segment (`spectrogram`: an eighth). */
  noverlap?: number;
  /** Length of the transform, at least `nperseg`. */
  nfft?: number;
  /** What is removed from each segment. Default `"constant"`; `stft`: `"none"`. */
  detrend?: "constant" | "linear" | "none" | false;
  /** `"density"` (units²/Hz) or `"spectrum"` (units²). */
  scaling?: "density" | "spectrum" | "psd";
  /** How segments are put together. Default `"mean"`. */
  average?: "mean" | "median";
  /** false: all `nfft` bins. Default true. */
  onesided?: boolean;
}

/** Real numbers by frequency. */
export interface PowerSpectrum {
  /** Hz, ascending. */
  frequencies: Float64Array;
  /** Units² per Hz, or units² with `scaling: "spectrum"`. */
  power: Float64Array;
}

/** Complex numbers by frequency. */
export interface ComplexSpectrum {
  /** Hz, ascending. */
  frequencies: Float64Array;
  /** Real parts. */
  real: Float64Array;
  /** Imaginary parts. */
  imag: Float64Array;
}

/** Complex numbers, segment after segment, `frequencies.length` of them each. */
export interface ComplexSpectrogram extends ComplexSpectrum {
  /** Seconds: the middles of the segments. */
  times: Float64Array;
}

/** Real numbers, segment after segment, `frequencies.length` of them each. */
export interface RealSpectrogram {
  /** Hz, ascending. */
  frequencies: Float64Array;
  /** Seconds: the middles of the segments. */
  times: Float64Array;
  /** Segment after segment. */
  values: Float64Array;
}

/** Options of `stft` and `istft`. */
export interface StftOptions extends SegmentOptions {
  /** Whether half a segment of zeros is put at either end (taken away by `istft`). Default true. */
  centred?: boolean;
  /** Whether zeros are added up to a whole number of segments. Default true. */
  padded?: boolean;
}

/** Power spectral density by Welch's method. */
export function welch(x: Signal, options?: SegmentOptions): PowerSpectrum;
/** {@link welch} on a worker thread. */
export function welchAsync(x: Signal, options?: SegmentOptions): Promise<PowerSpectrum>;
/** Power spectral density of the whole signal as one segment. */
export function periodogram(x: Signal, options?: SegmentOptions): PowerSpectrum;
/** {@link periodogram} on a worker thread. */
export function periodogramAsync(x: Signal, options?: SegmentOptions): Promise<PowerSpectrum>;
/** Cross spectral density, conj(X)·Y. */
export function csd(x: Signal, y: Signal, options?: SegmentOptions): ComplexSpectrum;
/** {@link csd} on a worker thread. */
export function csdAsync(x: Signal, y: Signal, options?: SegmentOptions): Promise<ComplexSpectrum>;
/** Magnitude-squared coherence, 0…1. */
export function coherence(x: Signal, y: Signal, options?: SegmentOptions): { frequencies: Float64Array; coherence: Float64Array };
/** {@link coherence} on a worker thread. */
export function coherenceAsync(
  x: Signal, y: Signal, options?: SegmentOptions,
): Promise<{ frequencies: Float64Array; coherence: Float64Array }>;
/** Spectra over time; mode `"psd"` unless given. */
export function spectrogram(x: Signal, options: SegmentOptions & { mode: "complex" }): ComplexSpectrogram;
/** Spectra over time as real numbers. */
export function spectrogram(x: Signal, options?: SegmentOptions & { mode?: "psd" | "magnitude" | "angle" | "phase" }): RealSpectrogram;
/** {@link spectrogram} on a worker thread. */
export function spectrogramAsync(x: Signal, options: SegmentOptions & { mode: "complex" }): Promise<ComplexSpectrogram>;
/** {@link spectrogram} on a worker thread. */
export function spectrogramAsync(
  x: Signal, options?: SegmentOptions & { mode?: "psd" | "magnitude" | "angle" | "phase" },
): Promise<RealSpectrogram>;
/** Short-time Fourier transform of a whole signal, to be inverted by `istft`. (For streams: the pipeline's `stft`.) */
export function stft(x: Signal, options?: StftOptions): ComplexSpectrogram;
/** {@link stft} on a worker thread. */
export function stftAsync(x: Signal, options?: StftOptions): Promise<ComplexSpectrogram>;
/** The signal of an `stft` with the same options, by overlap-add. @throws RangeError if windows leave gaps (see `checkNola`) */
export function istft(spectra: { real: Signal; imag: Signal }, options?: StftOptions): Float32Array;
/** {@link istft} on a worker thread. */
export function istftAsync(spectra: { real: Signal; imag: Signal }, options?: StftOptions): Promise<Float32Array>;
/** Whether overlapping windows add up to a constant. */
export function checkCola(window: WindowSpec, nperseg: number, noverlap: number, tolerance?: number): boolean;
/** Whether overlapping windows leave no gap, so that `istft` is exact. */
export function checkNola(window: WindowSpec, nperseg: number, noverlap: number, tolerance?: number): boolean;
/**
 * One of SciPy's 25 window functions.
 * @param fftBins true (default): periodic, for spectra; false: symmetric, for filters
 */
export function getWindow(window: Exclude<WindowSpec, Signal>, n: number, fftBins?: boolean): Float64Array;

/** Sums `Σ x[n]·e^(−2πjfn/sampleRate)` at any frequencies (Hz). */
export function goertzel(
  x: Signal, frequencies: number | number[] | Signal, options?: { sampleRate?: number },
): { real: Float64Array; imag: Float64Array; power: Float64Array };
/** {@link goertzel} on a worker thread. */
export function goertzelAsync(
  x: Signal, frequencies: number | number[] | Signal, options?: { sampleRate?: number },
): Promise<{ real: Float64Array; imag: Float64Array; power: Float64Array }>;
/** Chirp z-transform at `m` points `a·w^(−k)`; the default is once around the unit circle. */
export function czt(
  x: Signal | { real: Signal; imag: Signal }, options?: { m?: number; w?: [re: number, im: number]; a?: [re: number, im: number] },
): { real: Float64Array; imag: Float64Array };
/** {@link czt} on a worker thread. */
export function cztAsync(
  x: Signal | { real: Signal; imag: Signal }, options?: { m?: number; w?: [re: number, im: number]; a?: [re: number, im: number] },
): Promise<{ real: Float64Array; imag: Float64Array }>;
/** A finely resolved part of a spectrum, from `band[0]` to below `band[1]` Hz. */
export function zoomFft(
  x: Signal | { real: Signal; imag: Signal }, band: [number, number], options?: { m?: number; sampleRate?: number; endpoint?: boolean },
): ComplexSpectrum;
/** {@link zoomFft} on a worker thread. */
export function zoomFftAsync(
  x: Signal | { real: Signal; imag: Signal }, band: [number, number], options?: { m?: number; sampleRate?: number; endpoint?: boolean },
): Promise<ComplexSpectrum>;
/** The analytic signal of the whole signal: itself and its Hilbert transform. */
export function analyticSignal(x: Signal): { real: Float64Array; imag: Float64Array };
/** {@link analyticSignal} on a worker thread. */
export function analyticSignalAsync(x: Signal): Promise<{ real: Float64Array; imag: Float64Array }>;

/** Options of `melFilterBank`; defaults are librosa's. */
export interface MelFilterBankOptions {
  /** Hz. Default 22050. */
  sampleRate?: number;
  /** Length of the transform. Default 2048. */
  nFft?: number;
  /** Bands. Default 128. */
  nMels?: number;
  /** Lower edge in Hz. Default 0. */
  fMin?: number;
  /** Upper edge in Hz. Default half the sample rate. */
  fMax?: number;
  /** HTK's mel scale instead of Slaney's. Default false. */
  htk?: boolean;
  /** `"slaney"` (default): filters of equal area; null: of peak 1. */
  norm?: "slaney" | null;
}

/** Options of `calculateMelSpectrogram`; defaults are librosa's. */
export interface MelOptions extends MelFilterBankOptions {
  /** Samples from frame to frame. Default 512. */
  hopLength?: number;
  /** Window length. Default `nFft`. */
  winLength?: number;
  /** Default `"hann"`. */
  window?: Exclude<WindowSpec, Signal>;
  /** Whether frame t is centred at sample t·hopLength. Default true. */
  center?: boolean;
  /** Exponent of the magnitude. Default 2. */
  power?: number;
}

/** Numbers frame after frame, `numCoefficients` of them each. */
export interface FrameMatrix {
  /** Frame after frame, `numCoefficients` each. */
  values: Float64Array;
  /** Frames. */
  numFrames: number;
  /** Bands or coefficients of a frame. */
  numCoefficients: number;
}

/** Weights for the stage `melSpectrogram`, row after row: `nMels` rows of floor(nFft/2)+1 (`librosa.filters.mel`). */
export function melFilterBank(options?: MelFilterBankOptions): Float32Array;
/** Mel bands of every frame (`librosa.feature.melspectrogram`). */
export function calculateMelSpectrogram(x: Signal, options?: MelOptions): FrameMatrix;
/** {@link calculateMelSpectrogram} on a worker thread. */
export function calculateMelSpectrogramAsync(x: Signal, options?: MelOptions): Promise<FrameMatrix>;
/** Cepstral coefficients of every frame (`librosa.feature.mfcc`). */
export function calculateMfcc(x: Signal, options?: MelOptions & { nMfcc?: number; lifter?: number }): FrameMatrix;
/** {@link calculateMfcc} on a worker thread. */
export function calculateMfccAsync(x: Signal, options?: MelOptions & { nMfcc?: number; lifter?: number }): Promise<FrameMatrix>;

// ---- Filters and peaks of whole signals -------------------------------------------------------

/** How a signal goes on beyond its ends (names of scipy.ndimage). */
export type EdgeMode = "constant" | "nearest" | "mirror" | "reflect" | "wrap";

/** Savitzky-Golay filter, centred. `mode` is `"interp"` unless given: the ends are read off the first and last polynomial. */
export function savgolFilter(
  x: Signal, windowLength: number, polyOrder: number, options?: { deriv?: number; delta?: number; mode?: "interp" | EdgeMode },
): Float32Array;
/** {@link savgolFilter} on a worker thread. */
export function savgolFilterAsync(
  x: Signal, windowLength: number, polyOrder: number, options?: { deriv?: number; delta?: number; mode?: "interp" | EdgeMode },
): Promise<Float32Array>;
/** Median of `windowSize` (odd) samples around each one; beyond the ends zeros unless `mode` says otherwise. */
export function medianFilter(x: Signal, windowSize: number, options?: { mode?: EdgeMode }): Float32Array;
/** {@link medianFilter} on a worker thread. */
export function medianFilterAsync(x: Signal, windowSize: number, options?: { mode?: EdgeMode }): Promise<Float32Array>;

/** A lower bound, or both. */
export type Bounds = number | [low: number | null, high: number | null];

/** Conditions of `findPeaks` (`scipy.signal.find_peaks`); null is no bound, but the property is reported. */
export interface PeakConditions {
  /** Height of the sample. */
  height?: Bounds | null;
  /** Vertical distance to both neighbouring samples. */
  threshold?: Bounds | null;
  /** Samples between peaks, ≥ 1: of two that are nearer the lower one goes. */
  distance?: number;
  /** How far a peak stands out: down to the higher one of its bases. */
  prominence?: Bounds | null;
  /** Width in samples, at `relHeight` of the prominence. */
  width?: Bounds | null;
  /** Samples of a flat top. */
  plateauSize?: Bounds | null;
  /** Window in samples in which the bases of a peak are looked for. */
  wlen?: number;
  /** Share of the prominence below the top at which the width is measured. Default 0.5. */
  relHeight?: number;
}

/** Peaks, and the properties that the conditions ask for. */
export interface Peaks {
  /** Indices, ascending. */
  peaks: Uint32Array;
  /** Samples of each flat top. */
  plateauSizes?: Float64Array;
  /** First sample of each flat top. */
  leftEdges?: Uint32Array;
  /** Last sample of each flat top. */
  rightEdges?: Uint32Array;
  /** The samples at the peaks. */
  peakHeights?: Float64Array;
  /** Height above the left neighbour. */
  leftThresholds?: Float64Array;
  /** Height above the right neighbour. */
  rightThresholds?: Float64Array;
  /** How far each stands out. */
  prominences?: Float64Array;
  /** Index of the lowest sample to the left, up to a higher peak. */
  leftBases?: Uint32Array;
  /** Index of the lowest sample to the right, up to a higher peak. */
  rightBases?: Uint32Array;
  /** Widths in samples. */
  widths?: Float64Array;
  /** Heights at which the widths were measured. */
  widthHeights?: Float64Array;
  /** Where each width begins, in samples, interpolated. */
  leftIps?: Float64Array;
  /** Where each width ends, in samples, interpolated. */
  rightIps?: Float64Array;
}

/** Samples, or middles of plateaus, that are higher than what is beside them. */
export function findPeaks(x: Signal, conditions?: PeakConditions): Peaks;
/** {@link findPeaks} on a worker thread. */
export function findPeaksAsync(x: Signal, conditions?: PeakConditions): Promise<Peaks>;

// ---- Features ---------------------------------------------------------------------------------

/** Hjorth's parameters. */
export interface HjorthParameters {
  /** Variance. */
  activity: number;
  /** `√(var x′ / var x)` */
  mobility: number;
  /** Mobility of x′ over mobility of x. */
  complexity: number;
}

/** Parameters of a running Hjorth analysis. */
export interface HjorthParams {
  /** Samples in the window. */
  windowSize: number;
}

/** Shape of a magnitude spectrum. */
export interface SpectralFeatures {
  /** Centre of gravity in Hz. */
  centroid: number;
  /** Frequency in Hz below which the given share of the magnitudes lies. */
  rolloff: number;
  /** Euclidean distance to the spectrum before. */
  flux: number;
}

/** Parameters of the spectral features. */
export interface SpectralFeaturesParams {
  /** Hz. */
  sampleRate: number;
  /** Percent. Default 85. */
  rolloffPercentage?: number;
}

/** Parameters of Shannon's entropy. */
export interface EntropyParams {
  /** Samples in the window. */
  windowSize?: number;
  /** Bins of the histogram. Default 256. */
  numBins?: number;
}

/** Parameters of the sample entropy. */
export interface SampleEntropyParams {
  /** Template length. Default 2. */
  m?: number;
  /** Tolerance. Default 0.2 standard deviations. */
  r?: number;
}

/** Parameters of the approximate entropy. */
export interface ApproximateEntropyParams {
  /** Template length. Default 2. */
  m?: number;
  /** Tolerance. Default 0.2 standard deviations. */
  r?: number;
}

/** @throws Error for fewer than 3 samples */
export function calculateHjorthParameters(signal: Float32Array): HjorthParameters;
/** Centre of gravity in Hz; bin i of n stands at i·sampleRate/(2n). */
export function calculateSpectralCentroid(magnitudes: Float32Array, sampleRate: number): number;
/** Frequency of the first bin at which the running sum reaches `percentage` (85) percent of the total. */
export function calculateSpectralRolloff(magnitudes: Float32Array, sampleRate: number, percentage?: number): number;
/** Euclidean distance; 0 without a previous spectrum of the same length. */
export function calculateSpectralFlux(current: Float32Array, previous: Float32Array | null): number;
/** Centroid, roll-off and flux at once. */
export function calculateSpectralFeatures(
  magnitudes: Float32Array, sampleRate: number, previous?: Float32Array | null, rolloffPercentage?: number,
): SpectralFeatures;
/** Entropy in bits of the histogram in `numBins` (256) bins from the smallest to the largest value. */
export function calculateShannonEntropy(signal: Float32Array, numBins?: number): number;
/** `−ln(A/B)` for templates of `m` (2) samples and tolerance `r` (0.2 standard deviations). @throws Error if too short */
export function calculateSampleEntropy(signal: Float32Array, m?: number, r?: number): number;
/** {@link calculateSampleEntropy} on a worker thread. */
export function calculateSampleEntropyAsync(signal: Float32Array, m?: number, r?: number): Promise<number>;
/** `φ(m) − φ(m+1)`. @throws Error if too short */
export function calculateApproximateEntropy(signal: Float32Array, m?: number, r?: number): number;
/** {@link calculateApproximateEntropy} on a worker thread. */
export function calculateApproximateEntropyAsync(signal: Float32Array, m?: number, r?: number): Promise<number>;

/** Hjorth's parameters of the last `windowSize` samples. */
export class HjorthTracker {
  constructor(windowSize: number);
  /** null until there are as many samples. */
  update(sample: number): HjorthParameters | null;
  /** Forgets all samples. */
  reset(): void;
}

/** Shannon's entropy of the last `windowSize` samples. */
export class EntropyTracker {
  constructor(windowSize: number, numBins?: number);
  /** null until there are as many samples. */
  update(sample: number): number | null;
  /** Forgets all samples. */
  reset(): void;
}

/** Spectral features of one spectrum after another. */
export class SpectralFeaturesTracker {
  /** Features of a spectrum; the flux is against the one before. */
  calculate(magnitudes: Float32Array, sampleRate: number, rolloffPercentage?: number): SpectralFeatures;
  /** Forgets the spectrum before. */
  reset(): void;
}

/** Wavelets that `WaveletTransform` and `dwt` know; `"db1"` is `"haar"`. */
export type WaveletType = "haar" | "db1" | "db2" | "db3" | "db4" | "db5" | "db6" | "db7" | "db8" | "db9" | "db10";
/** One level of the wavelet transform: floor(n/2) approximation coefficients, then the details. */
export function dwt(signal: Float32Array, wavelet: WaveletType): Promise<Float32Array>;
/** The signal through a fresh `HilbertEnvelope` stage. */
export function hilbertEnvelope(signal: Float32Array, windowSize?: number, hopSize?: number): Promise<Float32Array>;

// ---- Sums, correlations, channels -------------------------------------------------------------

/** Options of `detrend`. */
export interface DetrendOptions {
  /** Default `"linear"`. */
  type?: "linear" | "constant";
}

/** Reserved. */
export interface AutocorrelationOptions {
  [key: string]: unknown;
}

/** Reserved. */
export interface CrossCorrelationOptions {
  [key: string]: unknown;
}

/** `Σ a·b` in float64. @throws RangeError for arrays of different length */
export function dotProduct(a: Float32Array, b: Float32Array): number;
/** `Σ x` in float64. */
export function sum(x: Float32Array): number;
/** `Σ x²` in float64. */
export function sumOfSquares(x: Float32Array): number;
/** The signal without its mean, or without its least-squares line (default). */
export function detrend(signal: Float32Array, options?: DetrendOptions): Float32Array;
/** `r[k] = Σ x[i]·x[i+k]`, k = 0…n−1. */
export function autocorrelation(signal: Float32Array, options?: AutocorrelationOptions): Float32Array;
/** {@link autocorrelation} on a worker thread. */
export function autocorrelationAsync(signal: Float32Array): Promise<Float32Array>;
/** `r[k] = Σ x[i]·y[i+k]`, k = 0…n−1: a y that is k late peaks at k. */
export function crossCorrelation(x: Float32Array, y: Float32Array, options?: CrossCorrelationOptions): Float32Array;
/** {@link crossCorrelation} on a worker thread. */
export function crossCorrelationAsync(x: Float32Array, y: Float32Array): Promise<Float32Array>;

/** The functions above, and channels of interleaved samples. */
export class DspUtils {
  /** {@link dotProduct} */
  static dotProduct: typeof dotProduct;
  /** {@link sum} */
  static sum: typeof sum;
  /** {@link sumOfSquares} */
  static sumOfSquares: typeof sumOfSquares;
  /** {@link detrend} */
  static detrend: typeof detrend;
  /** {@link autocorrelation} */
  static autocorrelation: typeof autocorrelation;
  /** {@link crossCorrelation} */
  static crossCorrelation: typeof crossCorrelation;
  /** One array per channel to one of frames. */
  static interleave(planar: Float32Array[]): Float32Array;
  /** The other way round. */
  static deinterleave(interleaved: Float32Array, channels: number): Float32Array[];
  /** A copy of one channel. */
  static getChannel(interleaved: Float32Array, channels: number, channel: number): Float32Array;
}
