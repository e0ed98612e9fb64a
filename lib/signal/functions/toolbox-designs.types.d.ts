// ---- Designs of FIR and recursive filters ---------------------------------------------------------

/** Options of `firwin`. */
export interface FirwinOptions {
  /** Width of the transitions in the unit of `cutoff`: then the window is the Kaiser window that meets it. */
  width?: number;
  /** A window of `getWindow`, or `numtaps` samples. Default `"hamming"`. */
  window?: WindowSpec;
  /** Whether 0 Hz passes, or the kind of band. Default true. */
  passZero?: boolean | "lowpass" | "highpass" | "bandpass" | "bandstop";
  /** Whether the gain is exactly 1 in the middle of the first band (or at its end at 0 or half the sample rate). Default true. */
  scale?: boolean;
  /** Hz. Default 2: frequencies are parts of half the sample rate. */
  sampleRate?: number;
}

/** Options of `firwin2`. */
export interface Firwin2Options {
  /** Points of the grid on which the gain is interpolated. Default: the power of two from `numtaps` on, plus 1. */
  nfreqs?: number;
  /** A window of `getWindow`, or `numtaps` samples; null is none. Default `"hamming"`. */
  window?: WindowSpec | null;
  /** Antisymmetric taps (a phase of 90°). Default false. */
  antisymmetric?: boolean;
  /** Hz. Default 2. */
  sampleRate?: number;
}

/** Options of `remez`. */
export interface RemezOptions {
  /** The weight of the error in each band. Default 1. */
  weight?: NumberList;
  /** What is approximated: gains, a slope, or gains with a phase of 90°. Default `"bandpass"`. */
  type?: "bandpass" | "differentiator" | "hilbert";
  /** Points of the grid for each coefficient. Default 16. */
  gridDensity?: number;
  /** Hz. Default 1. */
  sampleRate?: number;
}

/** Options of `minimumPhase`. */
export interface MinimumPhaseOptions {
  /** `"hilbert"` is for equiripple filters with gains of 0 and 1. Default `"homomorphic"`. */
  method?: "homomorphic" | "hilbert";
  /** Points of the transforms. Default: a power of two of at least 200 times the taps. */
  nFft?: number;
  /** Half the taps and the square root of the magnitude response (default), or as many taps and the same response. */
  half?: boolean;
}

/** Options of `savgolCoeffs`. */
export interface SavgolCoeffsOptions {
  /** Order of the derivative. Default 0. */
  deriv?: number;
  /** Distance of the samples. Default 1. */
  delta?: number;
  /** Place in the window at which the polynomial is evaluated. Default: its middle. */
  pos?: number;
  /** The order of the weights: of a filter (newest sample first) or of a dot product. Default `"conv"`. */
  use?: "conv" | "dot";
}

/** Options of `iirfilter`. */
export interface IirfilterOptions {
  /** Ripple of the pass-band in dB (`"cheby1"`, `"ellip"`). */
  rp?: number;
  /** Attenuation of the stop-band in dB (`"cheby2"`, `"ellip"`). */
  rs?: number;
  /** Default `"bandpass"`. */
  btype?: "lowpass" | "highpass" | "bandpass" | "bandstop";
  /** An analog filter with edges in rad/s. Default false. */
  analog?: boolean;
  /** Default `"butter"`. */
  ftype?: "butter" | "cheby1" | "cheby2" | "ellip" | "bessel";
  /** Hz. Default 2: edges are parts of half the sample rate. */
  sampleRate?: number;
}

/** Options of `iirdesign`. */
export interface IirdesignOptions {
  /** An analog filter with edges in rad/s. Default false. */
  analog?: boolean;
  /** Default `"ellip"`. */
  ftype?: "butter" | "cheby1" | "cheby2" | "ellip";
  /** Hz. Default 2. */
  sampleRate?: number;
}

/**
 * FIR taps of bands between the rising frequencies `cutoff`: the ideal response, windowed (Oppenheim and Schafer,
 * section 7.5).
 */
export function firwin(numtaps: number, cutoff: number | NumberList, options?: FirwinOptions): Float64Array;
/**
 * FIR taps of a gain given at rising frequencies from 0 to half the sample rate, lines in between; a jump is a
 * frequency given twice.
 */
export function firwin2(numtaps: number, freq: NumberList, gain: NumberList, options?: Firwin2Options): Float64Array;
/**
 * FIR taps (an odd number) of least squares: `desired` has a gain for each edge of `bands`, with lines between both of
 * a band.
 */
export function firls(
  numtaps: number, bands: NumberList, desired: NumberList, options?: { weight?: NumberList; sampleRate?: number },
): Float64Array;
/** {@link firls} on a worker thread. */
export function firlsAsync(
  numtaps: number, bands: NumberList, desired: NumberList, options?: { weight?: NumberList; sampleRate?: number },
): Promise<Float64Array>;
/**
 * Equiripple FIR taps (Parks and McClellan): `desired` has a gain for each band. @throws Error if the exchange does
 * not settle
 */
export function remez(numtaps: number, bands: NumberList, desired: NumberList, options?: RemezOptions): Float64Array;
/** {@link remez} on a worker thread. */
export function remezAsync(
  numtaps: number, bands: NumberList, desired: NumberList, options?: RemezOptions,
): Promise<Float64Array>;
/** Minimum-phase taps of linear-phase taps. */
export function minimumPhase(h: NumberList, options?: MinimumPhaseOptions): Float64Array;
/** {@link minimumPhase} on a worker thread. */
export function minimumPhaseAsync(h: NumberList, options?: MinimumPhaseOptions): Promise<Float64Array>;
/** Attenuation in dB of a Kaiser window's filter with a transition of `width` (1 is half the sample rate). */
export function kaiserAtten(numtaps: number, width: number): number;
/** The Kaiser window's β for an attenuation in dB. */
export function kaiserBeta(attenuation: number): number;
/**
 * Taps and β of a Kaiser window's filter for a ripple in dB and a transition of `width` (1 is half the sample rate).
 */
export function kaiserord(ripple: number, width: number): { numtaps: number; beta: number };
/** Weights of a Savitzky-Golay filter of any window length. */
export function savgolCoeffs(windowLength: number, polyOrder: number, options?: SavgolCoeffsOptions): Float64Array;
/** A recursive filter of an order from 1 to 100 (`"bessel"`: to 20) with the edge or edges `wn`. */
export function iirfilter(
  order: number, wn: number | NumberList, options?: IirfilterOptions & { output?: "ba" },
): TransferFunction;
/** The same as zeros, poles and gain. */
export function iirfilter(
  order: number, wn: number | NumberList, options: IirfilterOptions & { output: "zpk" },
): ComplexRoots;
/** The same as second-order sections; for digital filters. */
export function iirfilter(
  order: number, wn: number | NumberList, options: IirfilterOptions & { output: "sos" },
): Float64Array[];
/** The recursive filter of the lowest order that meets a specification (see `ellipord`). */
export function iirdesign(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number,
  options?: IirdesignOptions & { output?: "ba" },
): TransferFunction;
/** The same as zeros, poles and gain. */
export function iirdesign(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number,
  options: IirdesignOptions & { output: "zpk" },
): ComplexRoots;
/** The same as second-order sections. */
export function iirdesign(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number,
  options: IirdesignOptions & { output: "sos" },
): Float64Array[];
/**
 * The gammatone filter of a frequency (Slaney, 1993): taps, or a recursive filter of eight poles. `sampleRate` 2
 * unless given.
 */
export function gammatone(
  frequency: number, ftype: "fir" | "iir", options?: { order?: number; numtaps?: number; sampleRate?: number },
): TransferFunction;
/** An analog low-pass with its edge moved from 1 to `wo` rad/s (default 1). */
export function lp2lpZpk(zpk: ZerosPolesGain, wo?: number): ComplexRoots;
/** The high-pass with its edge at `wo` rad/s of an analog low-pass. */
export function lp2hpZpk(zpk: ZerosPolesGain, wo?: number): ComplexRoots;
/** The band-pass around `wo` of width `bw` rad/s of an analog low-pass. */
export function lp2bpZpk(zpk: ZerosPolesGain, wo?: number, bw?: number): ComplexRoots;
/** The band-stop around `wo` of width `bw` rad/s of an analog low-pass. */
export function lp2bsZpk(zpk: ZerosPolesGain, wo?: number, bw?: number): ComplexRoots;
/** The digital filter of an analog one by the bilinear transform at a sample rate in Hz (default 1). */
export function bilinearZpk(zpk: ZerosPolesGain, sampleRate?: number): ComplexRoots;
