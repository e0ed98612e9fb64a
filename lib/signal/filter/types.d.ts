/** Types of `filter`. */
export type FilterType = "fir" | "iir" | "butterworth" | "chebyshev" | "bessel" | "elliptic" | "biquad";
/** Modes of `filter`; which type has which is in `FilterOptions`. */
export type FilterMode =
  | "lowpass"
  | "highpass"
  | "bandpass"
  | "bandstop"
  | "notch"
  | "peak"
  | "peaking"
  | "lowshelf"
  | "highshelf"
  | "allpass";
/** One band of `FilterBank`: `b` and `a` (a1 … aN, without a0), or second-order sections, or both if they agree. */
export type FilterDefinition = FilterCoefficients | { sos: number[][] };

/** Frequency scale of a filter bank. */
export type FilterScale = "linear" | "log" | "mel" | "bark";
/** Family of a filter bank's band-passes. */
export type FilterBankType = "butterworth" | "chebyshev";

/** Coefficients of a recursive filter. */
export interface FilterCoefficients {
  /** b0 … bM. */
  b: number[];
  /** a1 … aN, without the leading 1. */
  a: number[];
  /** Second-order sections `[b0, b1, b2, 1, a1, a2]`, in the order in which they run. */
  sos?: number[][];
}

/** The result of `frequencyResponse`, one number per frequency. */
export interface FrequencyResponse {
  /** |H|. */
  magnitude: Float64Array;
  /** arg H in radians, between −π and π. */
  phase: Float64Array;
}

/** A low- or high-pass by windowed FIR. */
export interface FirLowHighOptions {
  /** Edge (−6 dB) in Hz, between 0 and half the sample rate. */
  cutoffFrequency: number;
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Number of taps, 2 to 1,048,576; a high-pass needs an odd number and raises an even one. */
  order: number;
  /** Default `"hamming"`. */
  windowType?: "hamming" | "hann" | "blackman" | "bartlett";
  /** Default: that of `setDefaultDesign`. */
  design?: FilterDesign;
}

/** A band-pass or band-stop by windowed FIR. */
export interface FirBandOptions extends Omit<FirLowHighOptions, "cutoffFrequency"> {
  /** Lower edge in Hz. */
  lowCutoffFrequency: number;
  /** Upper edge in Hz. */
  highCutoffFrequency: number;
}

/** An FIR filter by its attenuation and transition width: the Kaiser window (`scipy.signal.kaiserord`, `firwin`). */
export interface FirKaiserOptions {
  /** Default `"lowpass"`. */
  mode?: "lowpass" | "highpass" | "bandpass" | "bandstop";
  /** Edge in Hz of a low- or high-pass. */
  cutoffFrequency?: number;
  /** Lower edge in Hz of a band filter. */
  lowCutoffFrequency?: number;
  /** Upper edge in Hz of a band filter. */
  highCutoffFrequency?: number;
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Attenuation of the stop-band in dB, 8 to 1000; the ripple of the pass-band is as small. */
  attenuationDb: number;
  /** Width of the transition in Hz. */
  transitionWidth: number;
}

/** An equiripple FIR filter (`scipy.signal.remez`). */
export interface FirOptimalOptions {
  /** Number of taps, 3 to 1024. */
  order: number;
  /** Pairs of ascending band edges in Hz; between two bands there is a transition. */
  bandEdges: number[];
  /** The gain wanted in each band (the slope per cycle/sample for a differentiator). */
  desired: number[];
  /** Weight of the error in each band, above 0. Default 1. */
  weights?: number[];
  /** Hz. Default 1, so that edges are fractions of the sample rate. */
  sampleRate?: number;
  /** Default `"bandpass"`: any bands with constant gain. */
  type?: "bandpass" | "differentiator" | "hilbert";
  /** Grid points per coefficient, 1 to 64. Default 16. */
  gridDensity?: number;
}

/** The methods of both filter classes. Each filter has one channel and keeps its state from call to call. */
interface SingleFilter {
  /** Filters into a new array. @throws TypeError (rejects) unless it gets a `Float32Array` */
  process(input: Float32Array): Promise<Float32Array>;
  /** The output for one sample, in the same stream as `process`. @throws TypeError (rejects) unless it gets a number */
  processSample(input: number): Promise<number>;
  /**
   * The whole signal forwards and backwards: magnitude squared, no phase. Padding and initial conditions are SciPy's
   * defaults (`sosfiltfilt`, `filtfilt`). The state does not change.
   * @throws RangeError (rejects) if the signal is not longer than the padding
   */
  filtfilt(signal: Float32Array): Promise<Float32Array>;
  /** Magnitude and phase at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  frequencyResponse(frequencies: number[] | Float32Array | Float64Array): FrequencyResponse;
  /** Group delay in samples at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  groupDelay(frequencies: number[] | Float32Array | Float64Array): Float64Array;
  /** Restores the state before the first sample. */
  reset(): void;
}

/** A finite impulse response filter of one channel, made by one of its creators. */
export class FirFilter implements SingleFilter {
  private constructor();
  /**
   * Passes frequencies below `cutoffFrequency` (`scipy.signal.firwin`).
   * @throws Error if frequency, order or window is out of range
   */
  static createLowPass(options: FirLowHighOptions): FirFilter;
  /**
   * Passes frequencies above `cutoffFrequency`; the number of taps is odd.
   * @throws Error as createLowPass
   */
  static createHighPass(options: FirLowHighOptions): FirFilter;
  /**
   * Passes frequencies between the edges.
   * @throws Error as createLowPass
   */
  static createBandPass(options: FirBandOptions): FirFilter;
  /**
   * Stops frequencies between the edges.
   * @throws Error as createLowPass
   */
  static createBandStop(options: FirBandOptions): FirFilter;
  /**
   * Finds taps and window for an attenuation and a transition width (`kaiserord`).
   * @throws Error if it would take too many taps
   */
  static createKaiser(options: FirKaiserOptions): FirFilter;
  /**
   * The Parks–McClellan filter (`scipy.signal.remez`).
   * @throws Error for bands that overlap or do not converge
   */
  static createOptimal(options: FirOptimalOptions): FirFilter;
  /** Filters into a new array; the state continues. @throws TypeError (rejects) unless it gets a `Float32Array` */
  process(input: Float32Array): Promise<Float32Array>;
  /**
   * Returns the output for one sample, in the same stream as `process`.
   * @throws TypeError (rejects) unless it gets a number
   */
  processSample(input: number): Promise<number>;
  /**
   * Filters the whole signal forwards and backwards, without phase shift.
   * @throws RangeError (rejects) if the signal is not longer than the padding
   */
  filtfilt(signal: Float32Array): Promise<Float32Array>;
  /** Returns magnitude and phase at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  frequencyResponse(frequencies: number[] | Float32Array | Float64Array): FrequencyResponse;
  /** Returns the group delay in samples at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  groupDelay(frequencies: number[] | Float32Array | Float64Array): Float64Array;
  /** Restores the state before the first sample. */
  reset(): void;
  /** Returns the taps in float64. */
  getCoefficients(): number[];
  /** Returns the number of taps − 1. */
  getOrder(): number;
}

/** Another name of `FirFilter`. */
export const Fir: typeof FirFilter;
/** Short for {@link FirFilter}. */
export type Fir = FirFilter;
