// ---- Rates, convolutions and smoothing --------------------------------------------------------------

/** How a signal goes on beyond its ends; `"constant"` is 0. */
export type UpfirdnMode =
  | "constant" | "symmetric" | "edge" | "smooth" | "wrap" | "reflect" | "antisymmetric" | "antireflect" | "line";

/** Options of `convolve` and `correlate`. */
export interface ConvolveOptions {
  /** All of it (default), the middle as long as the first signal, or where both overlap completely. */
  mode?: "full" | "same" | "valid";
  /** By its sums, by transforms, or by what takes less time (default). */
  method?: "auto" | "direct" | "fft";
}

/** Options of `resamplePoly`. */
export interface ResamplePolyOptions {
  /** The window of the low-pass, or the taps themselves. Default `["kaiser", 5]`. */
  window?: WindowSpec;
  /** What stands beyond the ends: 0 (default), a level of the signal, or an extension of it. */
  padtype?: UpfirdnMode | "mean" | "median" | "maximum" | "minimum";
}

/** Options of `decimate`. */
export interface DecimateOptions {
  /** Order of the filter. Default 8, of an FIR filter 20 `q`. */
  n?: number;
  /** A Chebyshev filter of type I (default) or a windowed FIR filter. */
  ftype?: "iir" | "fir";
  /** Without delay: forwards and backwards, or centred. Default true. */
  zeroPhase?: boolean;
}

/** Options of `envelope`. */
export interface EnvelopeOptions {
  /** First bin of the band, and the one after its last (null: up to half the sample rate). Default `[1, null]`. */
  band?: [low: number | null, high: number | null];
  /** Places at which the envelope is computed. Default: as many as samples. */
  nOut?: number;
  /** The square of the envelope. Default false. */
  squared?: boolean;
  /** The rest that is returned: below the band (default), all outside of it, or none. */
  residual?: "lowpass" | "all" | "none" | null;
}

/** Options of `whittakerHenderson`. */
export interface WhittakerHendersonOptions {
  /** The weight of the roughness, or `"reml"` (default): the one of restricted maximum likelihood. */
  lamb?: number | "reml";
  /** Order of the differences whose squares are the roughness, 1 to 12. Default 2. */
  order?: number;
  /** Weights of the samples; 0 for those that are to be filled in. Default 1. */
  weights?: NumberList;
}

/** `up − 1` zeros between the samples, the taps `h`, and every `down`-th sample of that. */
export function upfirdn(
  h: NumberList, x: Signal, options?: { up?: number; down?: number; mode?: UpfirdnMode },
): Float64Array;
/** {@link upfirdn} on a worker thread. */
export function upfirdnAsync(
  h: NumberList, x: Signal, options?: { up?: number; down?: number; mode?: UpfirdnMode },
): Promise<Float64Array>;
/** `x` at `up / down` times its rate by a linear-phase filter without delay. */
export function resamplePoly(x: Signal, up: number, down: number, options?: ResamplePolyOptions): Float64Array;
/** {@link resamplePoly} on a worker thread. */
export function resamplePolyAsync(
  x: Signal, up: number, down: number, options?: ResamplePolyOptions,
): Promise<Float64Array>;
/** `num` samples of the period that `x` is one of, by its spectrum; `window` weights the spectrum. */
export function resample(x: Signal, num: number, options?: { window?: WindowSpec | null }): Float64Array;
/** {@link resample} on a worker thread. */
export function resampleAsync(x: Signal, num: number, options?: { window?: WindowSpec | null }): Promise<Float64Array>;
/** Every `q`-th sample of `x` behind a low-pass. */
export function decimate(x: Signal, q: number, options?: DecimateOptions): Float64Array;
/** {@link decimate} on a worker thread. */
export function decimateAsync(x: Signal, q: number, options?: DecimateOptions): Promise<Float64Array>;
/** Linear convolution `Σ x[k]·y[n−k]`. */
export function convolve(x: Signal, y: Signal, options?: ConvolveOptions): Float64Array;
/** {@link convolve} on a worker thread. */
export function convolveAsync(x: Signal, y: Signal, options?: ConvolveOptions): Promise<Float64Array>;
/** {@link convolve} by transforms. */
export function fftconvolve(x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" }): Float64Array;
/** {@link fftconvolve} on a worker thread. */
export function fftconvolveAsync(
  x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" },
): Promise<Float64Array>;
/** {@link convolve} by transforms of blocks (overlap-add). */
export function oaconvolve(x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" }): Float64Array;
/** {@link oaconvolve} on a worker thread. */
export function oaconvolveAsync(
  x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" },
): Promise<Float64Array>;
/** Linear correlation `Σ x[k]·y[k−lag]`; `correlationLags` says the lags. */
export function correlate(x: Signal, y: Signal, options?: ConvolveOptions): Float64Array;
/** {@link correlate} on a worker thread. */
export function correlateAsync(x: Signal, y: Signal, options?: ConvolveOptions): Promise<Float64Array>;
/** The lags of `correlate` for signals of these lengths. */
export function correlationLags(
  length1: number, length2: number, options?: { mode?: "full" | "same" | "valid" },
): Float64Array;
/** Quotient and remainder of `signal` and `divisor` as polynomials. */
export function deconvolve(signal: Signal, divisor: Signal): { quotient: Float64Array; remainder: Float64Array };
/** {@link deconvolve} on a worker thread. */
export function deconvolveAsync(
  signal: Signal, divisor: Signal,
): Promise<{ quotient: Float64Array; remainder: Float64Array }>;
/** Wiener's filter by mean and variance of `size` samples (default 3) around each; `noise` is the noise's variance. */
export function wiener(x: Signal, options?: { size?: number; noise?: number | null }): Float64Array;
/** {@link wiener} on a worker thread. */
export function wienerAsync(x: Signal, options?: { size?: number; noise?: number | null }): Promise<Float64Array>;
/** The median of `kernelSize` samples (odd, default 3) around each, zeros beyond the ends, in float64. */
export function medfilt(x: Signal, kernelSize?: number): Float64Array;
/** {@link medfilt} on a worker thread. */
export function medfiltAsync(x: Signal, kernelSize?: number): Promise<Float64Array>;
/**
 * The sample of a rank (0 is the smallest) among those around each where `domain` (of odd length, or that length) is
 * not 0.
 */
export function orderFilter(x: Signal, domain: number | Signal, rank: number): Float64Array;
/** {@link orderFilter} on a worker thread. */
export function orderFilterAsync(x: Signal, domain: number | Signal, rank: number): Promise<Float64Array>;
/** The analytic signal of `x` with zeros up to `n` samples, or of its first `n`. */
export function hilbert(x: Signal, n?: number): { real: Float64Array; imag: Float64Array };
/** {@link hilbert} on a worker thread. */
export function hilbertAsync(x: Signal, n?: number): Promise<{ real: Float64Array; imag: Float64Array }>;
/** Envelope of a band of `x`, and the rest. */
export function envelope(
  x: Signal, options?: EnvelopeOptions,
): { envelope: Float64Array; residual: Float64Array | null };
/** {@link envelope} on a worker thread. */
export function envelopeAsync(
  x: Signal, options?: EnvelopeOptions,
): Promise<{ envelope: Float64Array; residual: Float64Array | null }>;
/** The smooth signal that minimises `Σ w (y − x)² + lamb Σ (Δᵖx)²` (Eilers, 2003), and `lamb`. */
export function whittakerHenderson(x: Signal, options?: WhittakerHendersonOptions): { x: Float64Array; lamb: number };
/** {@link whittakerHenderson} on a worker thread. */
export function whittakerHendersonAsync(
  x: Signal, options?: WhittakerHendersonOptions,
): Promise<{ x: Float64Array; lamb: number }>;
// ---- Peaks and irregular times ------------------------------------------------------------------------

/** Options of `argrelmax`, `argrelmin` and `argrelextrema`. */
export interface ExtremaOptions {
  /** Neighbours on either side that are compared. Default 1. */
  order?: number;
  /** Beyond the ends stand the end samples (default) or the other end. */
  mode?: "clip" | "wrap";
}

/** Options of `findPeaksCwt`. */
export interface FindPeaksCwtOptions {
  /** How far a ridge may move at each width. Default: a quarter of the width. */
  maxDistances?: NumberList;
  /** Widths without a maximum after which a ridge has ended. Default: the first width. */
  gapThresh?: number;
  /** The fewest widths of a ridge. Default: a quarter of them. */
  minLength?: number;
  /** The least ratio of signal and noise. Default 1. */
  minSnr?: number;
  /** The percentile that counts as noise. Default 10. */
  noisePerc?: number;
  /** Samples over which the noise is taken. Default: a twentieth of the signal. */
  windowSize?: number;
}

/** Options of `lombscargle`. */
export interface LombScargleOptions {
  /** Squared amplitudes times a quarter of the samples (default), parts of the variance (true), or complex amplitudes. */
  normalize?: boolean | "power" | "normalize" | "amplitude";
  /** Weights of the samples. Default 1. */
  weights?: NumberList;
  /** Whether a mean is fitted with each sine. Default false. */
  floatingMean?: boolean;
}

/** Indices of samples greater than their neighbours. */
export function argrelmax(x: Signal, options?: ExtremaOptions): Float64Array;
/** {@link argrelmax} on a worker thread. */
export function argrelmaxAsync(x: Signal, options?: ExtremaOptions): Promise<Float64Array>;
/** Indices of samples less than their neighbours. */
export function argrelmin(x: Signal, options?: ExtremaOptions): Float64Array;
/** {@link argrelmin} on a worker thread. */
export function argrelminAsync(x: Signal, options?: ExtremaOptions): Promise<Float64Array>;
/** Indices of samples that compare so with their neighbours. */
export function argrelextrema(
  x: Signal, comparator: "greater" | "greaterEqual" | "less" | "lessEqual", options?: ExtremaOptions,
): Float64Array;
/** {@link argrelextrema} on a worker thread. */
export function argrelextremaAsync(
  x: Signal, comparator: "greater" | "greaterEqual" | "less" | "lessEqual", options?: ExtremaOptions,
): Promise<Float64Array>;
/** Prominences and bases of samples of `x`. */
export function peakProminences(
  x: Signal, peaks: NumberList | Uint32Array, options?: { wlen?: number | null },
): { prominences: Float64Array; leftBases: Float64Array; rightBases: Float64Array };
/** {@link peakProminences} on a worker thread. */
export function peakProminencesAsync(
  x: Signal, peaks: NumberList | Uint32Array, options?: { wlen?: number | null },
): Promise<{ prominences: Float64Array; leftBases: Float64Array; rightBases: Float64Array }>;
/** Widths of samples of `x` at `relHeight` (default 0.5) of their prominence. */
export function peakWidths(
  x: Signal, peaks: NumberList | Uint32Array, options?: { relHeight?: number; wlen?: number | null },
): { widths: Float64Array; widthHeights: Float64Array; leftIps: Float64Array; rightIps: Float64Array };
/** {@link peakWidths} on a worker thread. */
export function peakWidthsAsync(
  x: Signal, peaks: NumberList | Uint32Array, options?: { relHeight?: number; wlen?: number | null },
): Promise<{ widths: Float64Array; widthHeights: Float64Array; leftIps: Float64Array; rightIps: Float64Array }>;
/** Peaks as ridges of a transform with Mexican hats of rising `widths` in samples (Du and others, 2006). */
export function findPeaksCwt(x: Signal, widths: NumberList, options?: FindPeaksCwtOptions): Float64Array;
/** {@link findPeaksCwt} on a worker thread. */
export function findPeaksCwtAsync(x: Signal, widths: NumberList, options?: FindPeaksCwtOptions): Promise<Float64Array>;
/** Periodogram of samples `y` at any times `x`, at angular frequencies in radians per unit of time. */
export function lombscargle(
  x: Signal,
  y: Signal,
  freqs: NumberList,
  options?: LombScargleOptions & { normalize?: boolean | "power" | "normalize" },
): Float64Array;
/** {@link lombscargle} on a worker thread. */
export function lombscargleAsync(
  x: Signal,
  y: Signal,
  freqs: NumberList,
  options?: LombScargleOptions & { normalize?: boolean | "power" | "normalize" },
): Promise<Float64Array>;
/** Complex amplitudes of samples at any times. */
export function lombscargle(
  x: Signal, y: Signal, freqs: NumberList, options: LombScargleOptions & { normalize: "amplitude" },
): { real: Float64Array; imag: Float64Array };
/** How much events keep to a period: length (1 for one phase) and angle of the mean of their phases. */
export function vectorstrength(events: NumberList, period: number): { strength: number; phase: number };
