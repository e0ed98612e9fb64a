/** Samples, as float32 or float64. */
export type Signal = Float32Array | Float64Array;

/** A window function of SciPy by name, with parameters, or as samples. */
export type WindowSpec = string | [name: string, ...parameters: Array<number | number[]>] | Signal;

/** Segmentation of a signal, and scaling. */
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
  /** Trend removed from each segment. Default `"constant"`; `stft`: `"none"`. */
  detrend?: "constant" | "linear" | "none" | false;
  /** `"density"` (units²/Hz) or `"spectrum"` (units²). */
  scaling?: "density" | "spectrum" | "psd";
  /** Combination of the segments. Default `"mean"`. */
  average?: "mean" | "median";
  /**
   * false: all `nfft` bins in the order of the transform, 0 and the positive frequencies before the negative ones (that
   * of `numpy.fft.fftfreq`). Default true: the half spectrum.
   */
  onesided?: boolean;
}

/** Real numbers by frequency. */
export interface PowerSpectrum {
  /** Hz: ascending; with `onesided: false` 0 and the positive ones, then the negative ones. */
  frequencies: Float64Array;
  /** Units² per Hz, or units² with `scaling: "spectrum"`. */
  power: Float64Array;
}

/** Complex numbers by frequency. */
export interface ComplexSpectrum {
  /** Hz: ascending; with `onesided: false` 0 and the positive ones, then the negative ones. */
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
  /** Hz: ascending; with `onesided: false` 0 and the positive ones, then the negative ones. */
  frequencies: Float64Array;
  /** Seconds: the middles of the segments. */
  times: Float64Array;
  /** Segment after segment. */
  values: Float64Array;
}

/** The result of `stft`: spectra, with the settings that `istft` needs. */
export interface StftSpectra extends ComplexSpectrogram {
  /** Samples of the signal. */
  length?: number;
  /** Samples in a segment. */
  nperseg?: number;
  /** Samples that neighbouring segments share. */
  noverlap?: number;
  /** Length of the transform. */
  nfft?: number;
  /** Whether there are only half spectra. */
  onesided?: boolean;
}

/** Options of `stft` and `istft`. */
export interface StftOptions extends SegmentOptions {
  /** Whether half a segment of zeros is added at either end (and removed by `istft`). Default true. */
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
export function coherence(
  x: Signal,
  y: Signal,
  options?: SegmentOptions,
): { frequencies: Float64Array; coherence: Float64Array };
/** {@link coherence} on a worker thread. */
export function coherenceAsync(
  x: Signal, y: Signal, options?: SegmentOptions,
): Promise<{ frequencies: Float64Array; coherence: Float64Array }>;
/** Spectra over time; mode `"psd"` unless given. */
export function spectrogram(x: Signal, options: SegmentOptions & { mode: "complex" }): ComplexSpectrogram;
/** Spectra over time as real numbers. */
export function spectrogram(
  x: Signal,
  options?: SegmentOptions & { mode?: "psd" | "magnitude" | "angle" | "phase" },
): RealSpectrogram;
/** {@link spectrogram} on a worker thread. */
export function spectrogramAsync(x: Signal, options: SegmentOptions & { mode: "complex" }): Promise<ComplexSpectrogram>;
/** {@link spectrogram} on a worker thread. */
export function spectrogramAsync(
  x: Signal, options?: SegmentOptions & { mode?: "psd" | "magnitude" | "angle" | "phase" },
): Promise<RealSpectrogram>;
/** Short-time Fourier transform of a whole signal, to be inverted by `istft`. (For streams: the pipeline's `stft`.) */
export function stft(x: Signal, options?: StftOptions): StftSpectra;
/** {@link stft} on a worker thread. */
export function stftAsync(x: Signal, options?: StftOptions): Promise<StftSpectra>;
/** Options of `istft`; absent ones are taken from the spectra. */
export interface IstftOptions extends StftOptions {
  /**
   * Length of the result in samples. Default: that of the signal of `stft` if there are no options, else all that the
   * segments cover.
   */
  length?: number;
}
/** Spectra for `istft`: the result of `stft`, or real and imaginary parts alone. */
export type IstftInput = { real: Signal; imag: Signal } & Partial<StftSpectra>;
/**
 * The signal of an `stft` with the same window, by overlap-add.
 * @throws RangeError if windows leave gaps (see `checkNola`)
 */
export function istft(spectra: IstftInput, options?: IstftOptions): Float32Array;
/** {@link istft} on a worker thread. */
export function istftAsync(spectra: IstftInput, options?: IstftOptions): Promise<Float32Array>;
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
  x: Signal | { real: Signal; imag: Signal },
  options?: { m?: number; w?: [re: number, im: number]; a?: [re: number, im: number] },
): { real: Float64Array; imag: Float64Array };
/** {@link czt} on a worker thread. */
export function cztAsync(
  x: Signal | { real: Signal; imag: Signal },
  options?: { m?: number; w?: [re: number, im: number]; a?: [re: number, im: number] },
): Promise<{ real: Float64Array; imag: Float64Array }>;
/** A finely resolved part of a spectrum, from `band[0]` to below `band[1]` Hz. */
export function zoomFft(
  x: Signal | { real: Signal; imag: Signal },
  band: [number, number],
  options?: { m?: number; sampleRate?: number; endpoint?: boolean },
): ComplexSpectrum;
/** {@link zoomFft} on a worker thread. */
export function zoomFftAsync(
  x: Signal | { real: Signal; imag: Signal },
  band: [number, number],
  options?: { m?: number; sampleRate?: number; endpoint?: boolean },
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
export function calculateMfccAsync(
  x: Signal,
  options?: MelOptions & { nMfcc?: number; lifter?: number },
): Promise<FrameMatrix>;

// ---- Filters and peaks of whole signals -------------------------------------------------------

/** Extension of a signal beyond its ends (names of scipy.ndimage). */
export type EdgeMode = "constant" | "nearest" | "mirror" | "reflect" | "wrap";

/**
 * Savitzky-Golay filter, centred. `mode` is `"interp"` unless given: the ends are read off the first and last
 * polynomial.
 */
export function savgolFilter(
  x: Signal,
  windowLength: number,
  polyOrder: number,
  options?: { deriv?: number; delta?: number; mode?: "interp" | EdgeMode },
): Float32Array;
/** {@link savgolFilter} on a worker thread. */
export function savgolFilterAsync(
  x: Signal,
  windowLength: number,
  polyOrder: number,
  options?: { deriv?: number; delta?: number; mode?: "interp" | EdgeMode },
): Promise<Float32Array>;
/** Median of `windowSize` (odd) samples around each one; beyond the ends zeros unless `mode` says otherwise. */
export function medianFilter(x: Signal, windowSize: number, options?: { mode?: EdgeMode }): Float32Array;
/** {@link medianFilter} on a worker thread. */
export function medianFilterAsync(x: Signal, windowSize: number, options?: { mode?: EdgeMode }): Promise<Float32Array>;

/** A lower bound, or both. */
export type Bounds = number | [low: number | null, high: number | null];

/** Conditions of `findPeaks` (`scipy.signal.find_peaks`); null sets no bound, but the property is returned. */
export interface PeakConditions {
  /** Height of the sample. */
  height?: Bounds | null;
  /** Vertical distance to both neighbouring samples. */
  threshold?: Bounds | null;
  /** Least distance between peaks in samples, ≥ 1: of two closer ones the lower is dropped. */
  distance?: number;
  /** How far a peak stands out: down to the higher one of its bases. */
  prominence?: Bounds | null;
  /** Width in samples, at `relHeight` of the prominence. */
  width?: Bounds | null;
  /** Samples of a flat top. */
  plateauSize?: Bounds | null;
  /** Window in samples within which the bases of a peak are searched. */
  wlen?: number;
  /** Share of the prominence below the top at which the width is measured. Default 0.5. */
  relHeight?: number;
}

/** Peaks, and the properties that have conditions. */
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

/** Finds samples, or middles of plateaus, that are higher than their neighbours. */
export function findPeaks(x: Signal, conditions?: PeakConditions): Peaks;
/** {@link findPeaks} on a worker thread. */
export function findPeaksAsync(x: Signal, conditions?: PeakConditions): Promise<Peaks>;

// ---- Features ---------------------------------------------------------------------------------
