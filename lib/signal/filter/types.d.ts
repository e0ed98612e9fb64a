/** Types of `filter`. */
export type FilterType = "fir" | "iir" | "butterworth" | "chebyshev" | "bessel" | "elliptic" | "biquad";
/** Modes of `filter`; which type has which is in `FilterOptions`. */
export type FilterMode = "lowpass" | "highpass" | "bandpass" | "bandstop" | "notch" | "peak" | "peaking" | "lowshelf" | "highshelf" | "allpass";
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

/** What `frequencyResponse` returns, one number per frequency. */
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
  /** Hz. */
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
  /** Hz. */
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
  /** Pairs of rising band edges in Hz; what lies between two bands is a transition. */
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

/** What both filter classes do. Each filter is one channel and keeps its state from call to call. */
interface SingleFilter {
  /** Filters into a new array. @throws TypeError (rejects) unless it gets a `Float32Array` */
  process(input: Float32Array): Promise<Float32Array>;
  /** The output for one sample, in the same stream as `process`. @throws TypeError (rejects) unless it gets a number */
  processSample(input: number): Promise<number>;
  /**
   * The whole signal forwards and backwards: magnitude squared, no phase. Padding and initial conditions are SciPy's defaults
   * (`sosfiltfilt`, `filtfilt`). The state does not change.
   * @throws RangeError (rejects) if the signal is not longer than the padding
   */
  filtfilt(signal: Float32Array): Promise<Float32Array>;
  /** Magnitude and phase at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  frequencyResponse(frequencies: number[] | Float32Array | Float64Array): FrequencyResponse;
  /** Group delay in samples at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  groupDelay(frequencies: number[] | Float32Array | Float64Array): Float64Array;
  /** Forgets all samples. */
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
  /**
   * Filters into a new array; the state goes on.
   * @throws TypeError (rejects) unless it gets a `Float32Array`
   */
  process(input: Float32Array): Promise<Float32Array>;
  /**
   * The output for one sample, in the same stream as `process`.
   * @throws TypeError (rejects) unless it gets a number
   */
  processSample(input: number): Promise<number>;
  /**
   * The whole signal forwards and backwards: no phase.
   * @throws RangeError (rejects) if the signal is not longer than the padding
   */
  filtfilt(signal: Float32Array): Promise<Float32Array>;
  /**
   * Magnitude and phase at frequencies in Hz.
   * @throws TypeError unless it gets finite numbers
   */
  frequencyResponse(frequencies: number[] | Float32Array | Float64Array): FrequencyResponse;
  /**
   * Group delay in samples at frequencies in Hz.
   * @throws TypeError unless it gets finite numbers
   */
  groupDelay(frequencies: number[] | Float32Array | Float64Array): Float64Array;
  /** Forgets all samples. */
  reset(): void;
  /** The taps in float64. */
  getCoefficients(): number[];
  /** Number of taps − 1. */
  getOrder(): number;
}

/** Another name of `FirFilter`. */
export const Fir: typeof FirFilter;
/** Short for {@link FirFilter}. */
export type Fir = FirFilter;

/** Options that all creators of `IirFilter` have. */
export interface IirCommonOptions {
  /** Hz. */
  sampleRate: number;
  /** Default: that of `setDefaultDesign`. Filters that the original does not have ignore it. */
  design?: FilterDesign;
}
/** One edge. */
export interface IirLowHighOptions extends IirCommonOptions {
  /** Hz, between 0 and half the sample rate. */
  cutoffFrequency: number;
}
/** Two edges. */
export interface IirBandOptions extends IirCommonOptions {
  /** Hz. */
  lowCutoffFrequency: number;
  /** Hz. */
  highCutoffFrequency: number;
}
/** A centre. */
export interface IirCenterOptions extends IirCommonOptions {
  /** Hz, between 0 and half the sample rate. */
  centerFrequency: number;
}
/** Order of a classic filter: 1 to 20; band filters have twice as many poles. */
export interface OrderOption {
  /** Order, 1 to 20 (a band filter has twice as many poles). */
  order: number;
}
/** Chebyshev filters. */
export interface ChebyshevOptions extends OrderOption {
  /** Ripple of the pass-band in dB (type 1), above 0 and at most 3. Default 0.5. */
  rippleDb?: number;
  /** The same, as `filter` calls it. */
  ripple?: number;
  /** 1: ripple in the pass-band; 2: in the stop-band. Default 1. */
  chebyshevType?: 1 | 2;
  /** Attenuation of the stop-band in dB (type 2). Default 40. */
  stopbandDb?: number;
}
/** Elliptic filters. */
export interface EllipticOptions extends OrderOption {
  /** Ripple of the pass-band in dB, above 0 and at most 3. Default 0.5. */
  rippleDb?: number;
  /** The same, as `filter` calls it. */
  ripple?: number;
  /** Attenuation of the stop-band in dB. Default 40. */
  stopbandDb?: number;
}
/** Bessel filters. */
export interface BesselOptions extends OrderOption {
  /** What is normal at the edge: −3.01 dB, the midpoint of the phase, or the delay at 0 Hz. Default `"mag"`. */
  norm?: "mag" | "phase" | "delay";
}
/** Quality of a biquad, above 0. Default √½. */
export interface QOption {
  /** Quality: centre frequency over bandwidth. Default 1/√2. */
  Q?: number;
  /** The same, as `filter` calls it. */
  q?: number;
}
/** Quality of a section that has no usual one, under either name: centre frequency over bandwidth, above 0. */
export type NeededQ = { Q: number } | { q: number };
/** Gain of a peak or shelf in dB, under either name. */
export type NeededGain = { gainDb: number } | { gain: number };

/** A recursive filter of one channel, made by one of its creators. */
export class IirFilter implements SingleFilter {
  private constructor();
  /** One pole: −3 dB at `cutoffFrequency`, 6 dB an octave beyond. */
  static createFirstOrderLowPass(options: IirLowHighOptions): IirFilter;
  /** One pole: −3 dB at `cutoffFrequency`, 6 dB an octave below. */
  static createFirstOrderHighPass(options: IirLowHighOptions): IirFilter;
  /** `scipy.signal.butter`. */
  static createButterworthLowPass(options: IirLowHighOptions & OrderOption): IirFilter;
  /** Butterworth, passes frequencies above the edge. */
  static createButterworthHighPass(options: IirLowHighOptions & OrderOption): IirFilter;
  /** Butterworth, passes frequencies between the edges. */
  static createButterworthBandPass(options: IirBandOptions & OrderOption): IirFilter;
  /** Butterworth, stops frequencies between the edges. */
  static createButterworthBandStop(options: IirBandOptions & OrderOption): IirFilter;
  /** `scipy.signal.cheby1`, `cheby2`. */
  static createChebyshevLowPass(options: IirLowHighOptions & ChebyshevOptions): IirFilter;
  /** Chebyshev, passes frequencies above the edge. */
  static createChebyshevHighPass(options: IirLowHighOptions & ChebyshevOptions): IirFilter;
  /** Chebyshev, passes frequencies between the edges. */
  static createChebyshevBandPass(options: IirBandOptions & ChebyshevOptions): IirFilter;
  /** Chebyshev, stops frequencies between the edges. */
  static createChebyshevBandStop(options: IirBandOptions & ChebyshevOptions): IirFilter;
  /** `scipy.signal.bessel`. */
  static createBesselLowPass(options: IirLowHighOptions & BesselOptions): IirFilter;
  /** Bessel, passes frequencies above the edge. */
  static createBesselHighPass(options: IirLowHighOptions & BesselOptions): IirFilter;
  /** Bessel, passes frequencies between the edges. */
  static createBesselBandPass(options: IirBandOptions & BesselOptions): IirFilter;
  /** Bessel, stops frequencies between the edges. */
  static createBesselBandStop(options: IirBandOptions & BesselOptions): IirFilter;
  /** `scipy.signal.ellip`. */
  static createEllipticLowPass(options: IirLowHighOptions & EllipticOptions): IirFilter;
  /** Elliptic, passes frequencies above the edge. */
  static createEllipticHighPass(options: IirLowHighOptions & EllipticOptions): IirFilter;
  /** Elliptic, passes frequencies between the edges. */
  static createEllipticBandPass(options: IirBandOptions & EllipticOptions): IirFilter;
  /** Elliptic, stops frequencies between the edges. */
  static createEllipticBandStop(options: IirBandOptions & EllipticOptions): IirFilter;
  /** Audio EQ cookbook. */
  static createPeakingEQ(options: IirCenterOptions & NeededQ & NeededGain): IirFilter;
  /** Audio EQ cookbook: `gainDb` below the edge. */
  static createLowShelf(options: IirLowHighOptions & QOption & NeededGain): IirFilter;
  /** Audio EQ cookbook: `gainDb` above the edge. */
  static createHighShelf(options: IirLowHighOptions & QOption & NeededGain): IirFilter;
  /** Audio EQ cookbook low-pass, with a resonance of `Q`. */
  static createBiquadLowPass(options: IirLowHighOptions & QOption): IirFilter;
  /** Audio EQ cookbook high-pass, with a resonance of `Q`. */
  static createBiquadHighPass(options: IirLowHighOptions & QOption): IirFilter;
  /** By centre and Q (cookbook), or by two edges (`butter` of order 1). */
  static createBiquadBandPass(options: (IirCenterOptions & QOption) | IirBandOptions): IirFilter;
  /** Audio EQ cookbook notch: takes out the centre frequency. */
  static createNotch(options: (IirCenterOptions & QOption) | IirBandOptions): IirFilter;
  /** Audio EQ cookbook all-pass: turns the phase, by 180° at the centre. */
  static createAllPass(options: IirCenterOptions & QOption): IirFilter;
  /** `scipy.signal.iirnotch`: exactly centre/Q wide between the −3 dB points. */
  static createIirNotch(options: IirCenterOptions & NeededQ): IirFilter;
  /** `scipy.signal.iirpeak`: exactly centre/Q wide between the −3 dB points. */
  static createIirPeak(options: IirCenterOptions & NeededQ): IirFilter;
  /**
   * Filters into a new array; the state goes on.
   * @throws TypeError (rejects) unless it gets a `Float32Array`
   */
  process(input: Float32Array): Promise<Float32Array>;
  /**
   * The output for one sample, in the same stream as `process`.
   * @throws TypeError (rejects) unless it gets a number
   */
  processSample(input: number): Promise<number>;
  /**
   * The whole signal forwards and backwards: no phase.
   * @throws RangeError (rejects) if the signal is not longer than the padding
   */
  filtfilt(signal: Float32Array): Promise<Float32Array>;
  /**
   * Magnitude and phase at frequencies in Hz.
   * @throws TypeError unless it gets finite numbers
   */
  frequencyResponse(frequencies: number[] | Float32Array | Float64Array): FrequencyResponse;
  /**
   * Group delay in samples at frequencies in Hz.
   * @throws TypeError unless it gets finite numbers
   */
  groupDelay(frequencies: number[] | Float32Array | Float64Array): Float64Array;
  /** Forgets all samples. */
  reset(): void;
  /** b0 … bM of the whole filter. */
  getBCoefficients(): number[];
  /** a1 … aN of the whole filter, without the leading 1. */
  getACoefficients(): number[];
  /** Rows `[b0, b1, b2, 1, a1, a2]`, in the order in which they run. */
  getSections(): number[][];
  /** Number of poles. */
  getOrder(): number;
  /** Whether every pole lies strictly inside the unit circle. */
  isStable(): boolean;
}

/** Another name of `IirFilter`. */
export const Iir: typeof IirFilter;
/** Short for {@link IirFilter}. */
export type Iir = IirFilter;

/** Least-mean-squares adaptive filters, one per channel. */
export class AdaptiveLMSFilter {
  /**
   * @param numTaps 1 to 1,048,576
   * @param options `mu`: step size in (0, 1], default 0.01; `lambda`: leak in [0, 1), default 0; `normalized`: divide the step by
   *   the input power; `layout`: whether channel c is a part of each array (`"planar"`, the default) or every C-th element
   */
  constructor(
    numTaps: number,
    options?: { mu?: number; lambda?: number; normalized?: boolean; layout?: "planar" | "interleaved" },
  );
  /** Sets the number of channels; those that stay keep their state. Needed before the first `process` or `filter`. */
  init(numChannels: number): void;
  /** Writes the outputs and the errors `desired − output`, and adapts the weights unless `adapt` is `false`. */
  process(input: Float32Array, desired: Float32Array, output: Float32Array, error: Float32Array, adapt?: boolean): void;
  /** Writes the outputs; the weights stay. */
  filter(input: Float32Array, output: Float32Array): void;
  /** Zero weights, no history. */
  reset(): void;
  /** A copy of a channel's weights, the newest sample's first. */
  getWeights(channel: number): Float32Array;
  /**
   * Sets the weights of a channel.
   * @throws Error for a channel that is not there or another number of weights
   */
  setWeights(channel: number, weights: Float32Array): void;
  /**
   * Sets the step size, > 0.
   * @throws Error otherwise
   */
  setLearningRate(mu: number): void;
  /** The step size. */
  getLearningRate(): number;
  /** The number of weights of a channel. */
  getNumTaps(): number;
}

/** What `FilterBankDesign.design` takes. */
export interface FilterBankOptions {
  /** The scale on which the bands are equally wide. */
  scale: FilterScale;
  /** Number of bands, 1 to 65,536. */
  count: number;
  /** Hz. */
  sampleRate: number;
  /** Lowest and highest edge in Hz. */
  frequencyRange: [number, number];
  /** Default `"butterworth"`. */
  type?: FilterBankType;
  /** 1 to 20, default 2; each band has twice as many poles. */
  order?: number;
  /** Ripple of Chebyshev bands in dB, above 0 and at most 3. Default 0.5. */
  rippleDb?: number;
  /** The same, as `filter` calls it. */
  ripple?: number;
  /** Default: that of `setDefaultDesign`. */
  design?: FilterDesign;
}

/** Designs the bands of `FilterBank`. */
export class FilterBankDesign {
  /**
   * Coefficients of each band, the lowest first.
   * @throws Error for ranges beyond half the sample rate, TypeError for wrong types
   */
  static design(options: FilterBankOptions): FilterCoefficients[];
  /** The `count + 1` edges in Hz. */
  static getBoundaries(options: FilterBankOptions): number[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createMel(count: number, sampleRate: number, range?: [number, number], options?: { design?: FilterDesign }): FilterCoefficients[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createBark(count: number, sampleRate: number, range?: [number, number], options?: { design?: FilterDesign }): FilterCoefficients[];
  /** Order 3, from 20 Hz to half the sample rate unless a range is given. */
  static createLog(count: number, sampleRate: number, range?: [number, number], options?: { design?: FilterDesign }): FilterCoefficients[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createLinear(count: number, sampleRate: number, range?: [number, number], options?: { design?: FilterDesign }): FilterCoefficients[];
}

/** Optimal (equiripple) low-pass taps; names are fractions of the sample rate. */
export const OPTIMAL_LOWPASS_COEFFS: Readonly<Record<"cutoff_0_1" | "cutoff_0_2" | "cutoff_0_3" | "cutoff_0_4", Float32Array>>;
/** Optimal high-pass taps. */
export const OPTIMAL_HIGHPASS_COEFFS: Readonly<Record<"cutoff_0_1" | "cutoff_0_2" | "cutoff_0_3", Float32Array>>;
/** Optimal band-pass taps. */
export const OPTIMAL_BANDPASS_COEFFS: Readonly<Record<"band_0_15_0_35" | "band_0_2_0_4" | "band_0_25_0_45", Float32Array>>;
/** Names of the notch tables. */
export type NotchTable = "60_hz_notch_at_1000_hz_sampling" | "50_hz_notch_at_1000_hz_sampling" | "60_hz_notch_at_500_hz_sampling";
/** Optimal notch taps at the line frequency (±1 Hz, with ±13 Hz of transition; a narrow notch is a biquad). */
export const OPTIMAL_NOTCH_COEFFS: Readonly<Record<NotchTable, Float32Array>>;
/** The notch tables of dspx 1.4, at twice the line frequency. */
export const DSPX_NOTCH_COEFFS: Readonly<Record<NotchTable, Float32Array>>;
/** The low-pass table whose edge is nearest to `cutoff` (a fraction of the sample rate). */
export function getOptimalLowpass(cutoff: number): Float32Array;
/** The high-pass table whose edge is nearest to `cutoff` (a fraction of the sample rate). */
export function getOptimalHighpass(cutoff: number): Float32Array;
/** The band-pass table whose edges are nearest. */
export function getOptimalBandpass(low: number, high: number): Float32Array;
/** The notch table for a power line. @throws Error if there is none for this rate and frequency */
export function getPowerLineNotch(sampleRate: number, lineFreq?: 50 | 60, options?: { design?: FilterDesign }): Float32Array;
