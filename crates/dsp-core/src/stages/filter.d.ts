
/** Types of `filter`. */
export type FilterType = "fir" | "iir" | "butterworth" | "chebyshev" | "bessel" | "biquad";
/** Modes of `filter`; which type has which is in `FilterOptions`. */
export type FilterMode = "lowpass" | "highpass" | "bandpass" | "bandstop" | "notch" | "peak" | "peaking" | "lowshelf" | "highshelf" | "allpass";
/** Options that all types of `filter` have. Frequencies are in Hz, between 0 and half the sample rate. */
export interface BaseFilterOptions {
  /** Sample rate in Hz. */
  sampleRate: number;
  /** What passes. */
  mode: FilterMode;
  /** Edge of a low- or high-pass, centre of a biquad. */
  cutoffFrequency?: number;
  /** Lower edge of a band-pass, band-stop or notch. */
  lowCutoffFrequency?: number;
  /** Upper edge of a band-pass, band-stop or notch. */
  highCutoffFrequency?: number;
  /** `false`: every call starts at rest. Default `true`. */
  stateful?: boolean;
  /** Default: that of the pipeline, else that of `setDefaultDesign`. */
  design?: FilterDesign;
}
/** Windowed FIR (`scipy.signal.firwin`): lowpass, highpass, bandpass, bandstop, notch. */
export interface FirFilterOptions extends BaseFilterOptions {
  /** Finite impulse response, windowed. */
  type: "fir";
  /** Number of taps, 2 to 1,048,576. */
  order: number;
  /** Default `"hamming"`. */
  windowType?: "hamming" | "hann" | "blackman" | "bartlett";
}
/** The same filters as `"butterworth"`. */
export interface IirFilterOptions extends BaseFilterOptions {
  /** Butterworth. */
  type: "iir";
  /** 1 to 20. */
  order: number;
}
/** Butterworth (`scipy.signal.butter`): lowpass, highpass, bandpass, bandstop, notch. */
export interface ButterworthFilterOptions extends BaseFilterOptions {
  /** Flat in the pass-band. */
  type: "butterworth";
  /** 1 to 20. Band filters have twice as many poles. */
  order: number;
}
/** Chebyshev (`scipy.signal.cheby1`, `cheby2`): lowpass, highpass, bandpass, bandstop, notch. */
export interface ChebyshevFilterOptions extends BaseFilterOptions {
  /** Steep, with ripple. */
  type: "chebyshev";
  /** 1 to 20. Band filters have twice as many poles. */
  order: number;
  /** Ripple of the pass-band in dB (type 1), above 0 and at most 3. Default 0.5. */
  ripple?: number;
  /** 1: ripple in the pass-band; 2: in the stop-band. Default 1. */
  chebyshevType?: 1 | 2;
  /** Attenuation of the stop-band in dB (type 2). Default 40. */
  stopbandDb?: number;
}
/** Bessel (`scipy.signal.bessel`): lowpass, highpass, bandpass, bandstop, notch. */
export interface BesselFilterOptions extends BaseFilterOptions {
  /** Even delay in the pass-band. */
  type: "bessel";
  /** 1 to 20. Band filters have twice as many poles. */
  order: number;
  /** What is normal at the edge: `"mag"` −3.01 dB, `"phase"` the midpoint of the phase, `"delay"` the delay at 0 Hz. Default `"mag"`. */
  norm?: "mag" | "phase" | "delay";
}
/** Audio EQ cookbook, order 2: all modes. */
export interface BiquadFilterOptions extends BaseFilterOptions {
  /** One section of the Audio EQ cookbook. */
  type: "biquad";
  /** Quality, above 0. Default √½. */
  q?: number;
  /** Gain of a peak or shelf in dB. Default 0. */
  gain?: number;
}
/** Options of `filter`. */
export type FilterOptions =
  | FirFilterOptions
  | IirFilterOptions
  | ButterworthFilterOptions
  | ChebyshevFilterOptions
  | BesselFilterOptions
  | BiquadFilterOptions;
method {
  /**
   * FIR, Butterworth, Chebyshev, Bessel and cookbook filters, each channel by itself, state kept from call to call.
   * A loaded state brings its own coefficients.
   * @throws Error if an option is missing or out of range
   */
  filter(options: FilterOptions): this;
}
