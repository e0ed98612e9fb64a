/** Options that all creators of `IirFilter` have. */
export interface IirCommonOptions {
  /** Sample rate in Hz. */
  sampleRate: number;
  /**
   * Assumed input before the first sample: zeros, or with `"steady"` the first sample repeated
   * (`scipy.signal.sosfilt_zi` times it), also after `reset()`. Default `"rest"`.
   */
  initial?: "rest" | "steady";
  /** Default: that of `setDefaultDesign`. Filters that the original lacks ignore it. */
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
  /** Ripple under its name in `filter`. */
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
  /** Ripple under its name in `filter`. */
  ripple?: number;
  /** Attenuation of the stop-band in dB. Default 40. */
  stopbandDb?: number;
}
/** Bessel filters. */
export interface BesselOptions extends OrderOption {
  /** Normalization at the edge: −3.01 dB, the midpoint of the phase, or the delay at 0 Hz. Default `"mag"`. */
  norm?: "mag" | "phase" | "delay";
}
/** Quality of a biquad, above 0. Default √½. */
export interface QOption {
  /** Quality: centre frequency over bandwidth. Default 1/√2. */
  Q?: number;
  /** Quality under its name in `filter`. */
  q?: number;
}
/** Quality of a section without a default, under either name: centre frequency over bandwidth, above 0. */
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
  /** Returns b0 … bM of the whole filter. */
  getBCoefficients(): number[];
  /** Returns a1 … aN of the whole filter, without the leading 1. */
  getACoefficients(): number[];
  /** Returns the rows `[b0, b1, b2, 1, a1, a2]`, in the order in which they run. */
  getSections(): number[][];
  /** Returns the number of poles. */
  getOrder(): number;
  /** Returns whether every pole lies strictly inside the unit circle. */
  isStable(): boolean;
}

/** Another name of `IirFilter`. */
export const Iir: typeof IirFilter;
/** Short for {@link IirFilter}. */
export type Iir = IirFilter;
