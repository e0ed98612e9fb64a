// ---- Features of frames ---------------------------------------------------------------------------

/** Frames of samples, with librosa's defaults. */
export interface FrameOptions {
  /** Samples of a frame. Default 2048. */
  frameLength?: number;
  /** Samples from frame to frame. Default 512. */
  hopLength?: number;
  /** Whether frame k is centred on sample k·`hopLength` (default) or begins there. */
  center?: boolean;
}

/** Spectra of frames, with librosa's defaults. */
export interface FrameSpectrumOptions {
  /** Hz. Default 22050. */
  sampleRate?: number;
  /** Samples of a frame. Default 2048. */
  nFft?: number;
  /** Samples from frame to frame. Default 512. */
  hopLength?: number;
  /** Whether frame k is centred on sample k·`hopLength` (default) or begins there. */
  center?: boolean;
  /** A periodic window of `getWindow`, or `nFft` samples. Default `"hann"`. */
  window?: WindowSpec;
}

/** Options of `spectralContrast`. */
export interface SpectralContrastOptions extends FrameSpectrumOptions {
  /** Where the first octave begins, in Hz. Default 200. */
  fMin?: number;
  /** Octaves from there. Default 6. */
  nBands?: number;
  /** The part of a band's bins that count as peaks, and as valleys. Default 0.02. */
  quantile?: number;
  /** The difference of magnitudes instead of decibels. Default false. */
  linear?: boolean;
}

/** The root of the mean square of each frame. */
export function rms(x: Signal, options?: FrameOptions): Float64Array;
/** {@link rms} on a worker thread. */
export function rmsAsync(x: Signal, options?: FrameOptions): Promise<Float64Array>;
/**
 * The part of each frame's samples whose sign differs from that of the one before; within `threshold` (default 1e-10)
 * a sample is 0.
 */
export function zeroCrossingRate(x: Signal, options?: FrameOptions & { threshold?: number }): Float64Array;
/** {@link zeroCrossingRate} on a worker thread. */
export function zeroCrossingRateAsync(
  x: Signal, options?: FrameOptions & { threshold?: number },
): Promise<Float64Array>;
/** The mean frequency in Hz of each frame's magnitudes. */
export function spectralCentroid(x: Signal, options?: FrameSpectrumOptions): Float64Array;
/** {@link spectralCentroid} on a worker thread. */
export function spectralCentroidAsync(x: Signal, options?: FrameSpectrumOptions): Promise<Float64Array>;
/** How far in Hz each frame's magnitudes lie around the centroid: the p-th root of the mean p-th power (default 2). */
export function spectralBandwidth(x: Signal, options?: FrameSpectrumOptions & { p?: number }): Float64Array;
/** {@link spectralBandwidth} on a worker thread. */
export function spectralBandwidthAsync(
  x: Signal, options?: FrameSpectrumOptions & { p?: number },
): Promise<Float64Array>;
/** The frequency in Hz below which the part `rollPercent` (default 0.85) of each frame's magnitudes lies. */
export function spectralRolloff(x: Signal, options?: FrameSpectrumOptions & { rollPercent?: number }): Float64Array;
/** {@link spectralRolloff} on a worker thread. */
export function spectralRolloffAsync(
  x: Signal, options?: FrameSpectrumOptions & { rollPercent?: number },
): Promise<Float64Array>;
/**
 * Geometric by arithmetic mean of each frame's magnitudes to a power (default 2), each at least `amin` (default
 * 1e-10).
 */
export function spectralFlatness(
  x: Signal, options?: FrameSpectrumOptions & { power?: number; amin?: number },
): Float64Array;
/** {@link spectralFlatness} on a worker thread. */
export function spectralFlatnessAsync(
  x: Signal, options?: FrameSpectrumOptions & { power?: number; amin?: number },
): Promise<Float64Array>;
/**
 * Peaks less valleys in dB of octaves of each frame (Jiang and others, 2002): an array of `nBands + 1` bands, a value
 * a frame each.
 */
export function spectralContrast(x: Signal, options?: SpectralContrastOptions): Float64Array[];
/** {@link spectralContrast} on a worker thread. */
export function spectralContrastAsync(x: Signal, options?: SpectralContrastOptions): Promise<Float64Array[]>;
/**
 * A derivative of features over frames: Savitzky and Golay's of an order (default 1) over `width` frames (odd, default
 * 9).
 */
export function delta(
  x: Signal, options?: { width?: number; order?: number; mode?: "interp" | "nearest" | "mirror" | "constant" | "wrap" },
): Float64Array;
/** {@link delta} on a worker thread. */
export function deltaAsync(
  x: Signal, options?: { width?: number; order?: number; mode?: "interp" | "nearest" | "mirror" | "constant" | "wrap" },
): Promise<Float64Array>;
/** `x[n] − coef·x[n−1]` (default 0.97), begun on the line through the first two samples. */
export function preemphasis(x: Signal, options?: { coef?: number }): Float64Array;
/** {@link preemphasis} on a worker thread. */
export function preemphasisAsync(x: Signal, options?: { coef?: number }): Promise<Float64Array>;
/** The signal of which `preemphasis` makes `x`. */
export function deemphasis(x: Signal, options?: { coef?: number }): Float64Array;
/** {@link deemphasis} on a worker thread. */
export function deemphasisAsync(x: Signal, options?: { coef?: number }): Promise<Float64Array>;
/** The mean increase in dB of mel bands from frame to frame; options of `calculateMelSpectrogram`. */
export function onsetStrength(x: Signal, options?: MelOptions): Float64Array;
/** {@link onsetStrength} on a worker thread. */
export function onsetStrengthAsync(x: Signal, options?: MelOptions): Promise<Float64Array>;
