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
  /** Euclidean distance to the previous spectrum. */
  flux: number;
}

/** Parameters of the spectral features. */
export interface SpectralFeaturesParams {
  /** Sample rate in Hz. */
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
/**
 * `−ln(A/B)` for the N − m templates of `m` (2) samples and tolerance `r` (0.2 standard deviations); NaN for a signal
 * that holds one. `design: "dspx"`: one template less in A. @throws Error if too short
 */
export function calculateSampleEntropy(
  signal: Float32Array, m?: number, r?: number | null, options?: { design?: FilterDesign },
): number;
/** {@link calculateSampleEntropy} on a worker thread. */
export function calculateSampleEntropyAsync(
  signal: Float32Array, m?: number, r?: number | null, options?: { design?: FilterDesign },
): Promise<number>;
/** `φ(m) − φ(m+1)`. @throws Error if too short */
export function calculateApproximateEntropy(signal: Float32Array, m?: number, r?: number): number;
/** {@link calculateApproximateEntropy} on a worker thread. */
export function calculateApproximateEntropyAsync(signal: Float32Array, m?: number, r?: number): Promise<number>;

/** Hjorth's parameters of the last `windowSize` samples. */
export class HjorthTracker {
  constructor(windowSize: number);
  /** Adds a sample and returns the parameters; null until the window is full. */
  update(sample: number): HjorthParameters | null;
  /** Restores the state before the first sample. */
  reset(): void;
}

/** Shannon's entropy of the last `windowSize` samples. */
export class EntropyTracker {
  constructor(windowSize: number, numBins?: number);
  /** Adds a sample and returns the entropy in bits; null until the window is full. */
  update(sample: number): number | null;
  /** Restores the state before the first sample. */
  reset(): void;
}

/** Spectral features of one spectrum after another. */
export class SpectralFeaturesTracker {
  /** Returns the features of a spectrum; the flux is relative to the previous one. */
  calculate(magnitudes: Float32Array, sampleRate: number, rolloffPercentage?: number): SpectralFeatures;
  /** Removes the previous spectrum. */
  reset(): void;
}

/** Wavelets of `WaveletTransform` and `dwt`; `"db1"` is `"haar"`. */
export type WaveletType = "haar" | "db1" | "db2" | "db3" | "db4" | "db5" | "db6" | "db7" | "db8" | "db9" | "db10";
/** One level of the wavelet transform: floor(n/2) approximation coefficients, then the details. */
export function dwt(signal: Float32Array, wavelet: WaveletType): Promise<Float32Array>;
/** Filters the signal by a new `HilbertEnvelope` stage. */
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

/** The functions above, and functions for channels of interleaved samples. */
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
  /** Returns the interleaved samples of one array per channel. */
  static interleave(planar: Float32Array[]): Float32Array;
  /** Returns one array per channel of interleaved samples. */
  static deinterleave(interleaved: Float32Array, channels: number): Float32Array[];
  /** A copy of one channel. */
  static getChannel(interleaved: Float32Array, channels: number, channel: number): Float32Array;
}
