// ---- Filters from coefficients ------------------------------------------------------------------

/** Numbers in a plain or a typed array. */
export type NumberList = number[] | Signal;

/** Second-order sections: rows `[b0, b1, b2, a0, a1, a2]`. */
export type SecondOrderSections = NumberList[];

/** A transfer function: numerator and denominator, the lowest delay (or the highest power of s) first. */
export interface TransferFunction {
  /** Numerator. */
  b: Float64Array;
  /** Denominator; `a[0]` is 1. */
  a: Float64Array;
}

/** Complex numbers, or real ones as a list. */
export type ComplexList = NumberList | { real: NumberList; imag: NumberList };

/** A filter as zeros, poles and gain. Complex roots come in conjugate pairs. */
export interface ZerosPolesGain {
  /** Zeros. Default none. */
  zeros?: ComplexList;
  /** Poles. Default none. */
  poles?: ComplexList;
  /** Gain. Default 1. */
  gain?: number;
}

/** Zeros, poles and gain as they are returned. */
export interface ComplexRoots {
  /** Zeros. */
  zeros: { real: Float64Array; imag: Float64Array };
  /** Poles. */
  poles: { real: Float64Array; imag: Float64Array };
  /** Gain. */
  gain: number;
}

/** A transfer function with `a[0]` = 1, without zeros in front. */
export function normalize(b: NumberList, a: NumberList): TransferFunction;
/**
 * Zeros, poles and gain of a transfer function, roots by rising real part. A root of multiplicity m is exact to about
 * the m-th root of a rounding (1e-8 for a double one).
 */
export function tf2zpk(b: NumberList, a: NumberList): ComplexRoots;
/** Second-order sections of a transfer function, by its roots (see `tf2zpk` for their exactness). */
export function tf2sos(b: NumberList, a: NumberList): Float64Array[];
/** The transfer function of zeros, poles and gain. @throws RangeError if complex roots have no conjugate partner */
export function zpk2tf(zpk: ZerosPolesGain): TransferFunction;
/**
 * Second-order sections of zeros, poles and gain: the poles nearest to the unit circle come last, each with the zeros
 * nearest to them. @throws RangeError if complex roots have no conjugate partner
 */
export function zpk2sos(zpk: ZerosPolesGain): Float64Array[];
/** Zeros, poles and gain of sections, two of each a section. */
export function sos2zpk(sos: SecondOrderSections): ComplexRoots;
/** The transfer function of sections. */
export function sos2tf(sos: SecondOrderSections): TransferFunction;

/** `x` through the filter B(z)/A(z), from rest. */
export function lfilter(b: NumberList, a: NumberList, x: Signal, options?: { zi?: undefined }): Float64Array;
/** `x` through the filter B(z)/A(z) with the delays `zi`; `zf` are the delays to go on with. */
export function lfilter(
  b: NumberList, a: NumberList, x: Signal, options: { zi: NumberList },
): { y: Float64Array; zf: Float64Array };
/** {@link lfilter} on a worker thread. */
export function lfilterAsync(
  b: NumberList,
  a: NumberList,
  x: Signal,
  options?: { zi?: undefined },
): Promise<Float64Array>;
/** {@link lfilter} with delays on a worker thread. */
export function lfilterAsync(
  b: NumberList, a: NumberList, x: Signal, options: { zi: NumberList },
): Promise<{ y: Float64Array; zf: Float64Array }>;
/** `x` through the sections, from rest. */
export function sosfilt(sos: SecondOrderSections, x: Signal, options?: { zi?: undefined }): Float64Array;
/** `x` through the sections with the delays `zi`, two a section; `zf` are the delays to go on with. */
export function sosfilt(
  sos: SecondOrderSections, x: Signal, options: { zi: NumberList[] },
): { y: Float64Array; zf: Float64Array[] };
/** {@link sosfilt} on a worker thread. */
export function sosfiltAsync(sos: SecondOrderSections, x: Signal, options?: { zi?: undefined }): Promise<Float64Array>;
/** {@link sosfilt} with delays on a worker thread. */
export function sosfiltAsync(
  sos: SecondOrderSections, x: Signal, options: { zi: NumberList[] },
): Promise<{ y: Float64Array; zf: Float64Array[] }>;
/** The delays after an endless input of 1: times `x[0]`, the `zi` with which `lfilter` begins without a transient. */
export function lfilterZi(b: NumberList, a: NumberList): Float64Array;
/** The delays of sections after an endless input of 1. */
export function sosfiltZi(sos: SecondOrderSections): Float64Array[];
/** The delays after past outputs `y` and inputs `x`, the latest first. */
export function lfiltic(b: NumberList, a: NumberList, y: NumberList, x?: NumberList): Float64Array;

/** Extension of a signal in `filtfilt` and `sosfiltfilt`. */
export interface PaddingOptions {
  /** Default `"odd"`: the reflection about the end point. null is `"none"`. */
  padtype?: "odd" | "even" | "constant" | "none" | null;
  /** Samples added at either end. Default three times the filter's length. */
  padlen?: number;
}

/** Options of `filtfilt`. */
export interface FiltfiltOptions extends PaddingOptions {
  /** `"gust"`: no extension, but the states for which both orders of the two passes agree. Default `"pad"`. */
  method?: "pad" | "gust";
  /** Samples after which the response of the filter counts as over (`"gust"`). Default: the whole signal. */
  irlen?: number;
}

/** `x` through the filter forwards and backwards: no phase, the magnitude response squared. */
export function filtfilt(b: NumberList, a: NumberList, x: Signal, options?: FiltfiltOptions): Float64Array;
/** {@link filtfilt} on a worker thread. */
export function filtfiltAsync(
  b: NumberList,
  a: NumberList,
  x: Signal,
  options?: FiltfiltOptions,
): Promise<Float64Array>;
/** `x` through sections forwards and backwards. */
export function sosfiltfilt(sos: SecondOrderSections, x: Signal, options?: PaddingOptions): Float64Array;
/** {@link sosfiltfilt} on a worker thread. */
export function sosfiltfiltAsync(sos: SecondOrderSections, x: Signal, options?: PaddingOptions): Promise<Float64Array>;

/** Frequencies of a digital filter's response. */
export interface ResponseOptions {
  /** A number of evenly spaced frequencies (default 512), or the frequencies in the unit of `sampleRate`. */
  worN?: number | NumberList;
  /** Up to the sample rate instead of half of it. Default false. */
  whole?: boolean;
  /** Hz. Default 2π: frequencies are in radians per sample. */
  sampleRate?: number;
  /** Whether the last frequency is half the sample rate. Default false. */
  includeNyquist?: boolean;
}

/** Response of B(z)/A(z); `a` is 1 unless given. */
export function freqz(b: NumberList, a?: NumberList, options?: ResponseOptions): ComplexSpectrum;
/** Response of second-order sections. */
export function sosfreqz(sos: SecondOrderSections, options?: ResponseOptions): ComplexSpectrum;
/** Response of a digital filter's zeros, poles and gain. */
export function freqzZpk(zpk: ZerosPolesGain, options?: ResponseOptions): ComplexSpectrum;
/**
 * Response of an analog filter B(s)/A(s) at frequencies in rad/s: those given, or `worN` (default 200) around its
 * corners.
 */
export function freqs(b: NumberList, a: NumberList, options?: { worN?: number | NumberList }): ComplexSpectrum;
/** Group delay in samples of B(z)/A(z); `a` is 1 unless given. */
export function groupDelay(
  b: NumberList, a?: NumberList, options?: ResponseOptions,
): { frequencies: Float64Array; delay: Float64Array };

// ---- Orders, prototypes and designs --------------------------------------------------------------

/** Options of `buttord`, `cheb1ord`, `cheb2ord` and `ellipord`. */
export interface OrderOptions {
  /** Edges are in rad/s. Default false. */
  analog?: boolean;
  /** Hz. Default 2: edges are parts of half the sample rate. */
  sampleRate?: number;
}

/** The lowest order that meets a specification. */
export interface LowestOrder {
  /** The order. */
  order: number;
  /** The edge or the two edges to design with, in the unit of `wp`. */
  wn: number | Float64Array;
}

/**
 * The lowest order of a Butterworth filter that loses at most `gpass` dB in the pass-band up to `wp` and at least
 * `gstop` dB in the stop-band from `ws`; a band has two edges.
 */
export function buttord(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number, options?: OrderOptions,
): LowestOrder;
/** The lowest order of a Chebyshev filter of type I. */
export function cheb1ord(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number, options?: OrderOptions,
): LowestOrder;
/** The lowest order of a Chebyshev filter of type II. */
export function cheb2ord(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number, options?: OrderOptions,
): LowestOrder;
/** The lowest order of an elliptic filter. */
export function ellipord(
  wp: number | NumberList, ws: number | NumberList, gpass: number, gstop: number, options?: OrderOptions,
): LowestOrder;

/** Analog Butterworth low-pass of an order from 1 to 100, −3 dB at 1 rad/s. */
export function buttap(order: number): ComplexRoots;
/** Analog Chebyshev low-pass of type I with `rp` dB of ripple up to 1 rad/s. */
export function cheb1ap(order: number, rp: number): ComplexRoots;
/** Analog Chebyshev low-pass of type II with `rs` dB of attenuation from 1 rad/s. */
export function cheb2ap(order: number, rs: number): ComplexRoots;
/** Analog elliptic low-pass with `rp` dB of ripple up to 1 rad/s and `rs` dB of attenuation. */
export function ellipap(order: number, rp: number, rs: number): ComplexRoots;
/** Analog Bessel low-pass of an order from 1 to 20. `norm`: the normalization at 1 rad/s, default `"phase"`. */
export function besselap(order: number, options?: { norm?: "phase" | "mag" | "delay" }): ComplexRoots;

/** An analog low-pass with its edge moved from 1 to `wo` rad/s (default 1). */
export function lp2lp(b: NumberList, a: NumberList, wo?: number): TransferFunction;
/** The high-pass with its edge at `wo` rad/s of an analog low-pass with its edge at 1. */
export function lp2hp(b: NumberList, a: NumberList, wo?: number): TransferFunction;
/** The band-pass around `wo` of width `bw` rad/s of an analog low-pass with its edge at 1. */
export function lp2bp(b: NumberList, a: NumberList, wo?: number, bw?: number): TransferFunction;
/** The band-stop around `wo` of width `bw` rad/s of an analog low-pass with its edge at 1. */
export function lp2bs(b: NumberList, a: NumberList, wo?: number, bw?: number): TransferFunction;
/** The digital filter of an analog one by the bilinear transform at a sample rate in Hz (default 1). */
export function bilinear(b: NumberList, a: NumberList, sampleRate?: number): TransferFunction;

/** A second-order filter that takes `w0` out; its −3 dB band is `w0 / q` wide. `sampleRate` 2 unless given. */
export function iirnotch(w0: number, q: number, options?: { sampleRate?: number }): TransferFunction;
/** A second-order filter that lets `w0` through; its −3 dB band is `w0 / q` wide. `sampleRate` 2 unless given. */
export function iirpeak(w0: number, q: number, options?: { sampleRate?: number }): TransferFunction;
/** Notches or peaks at the multiples of `w0`, a whole fraction of the sample rate (2 unless given). */
export function iircomb(
  w0: number, q: number, options?: { ftype?: "notch" | "peak"; sampleRate?: number; passZero?: boolean },
): TransferFunction;

// ---- Waveforms ----------------------------------------------------------------------------------

/** Course of the frequency of a `chirp`. */
export interface ChirpOptions {
  /** Default `"linear"`. */
  method?: "linear" | "quadratic" | "logarithmic" | "hyperbolic";
  /** Phase at time 0 in degrees. Default 0. */
  phi?: number;
  /** Whether the parabola of a quadratic sweep has its vertex at time 0 (default) or at `t1`. */
  vertexZero?: boolean;
}

/** A cosine of `f0` Hz at time 0 and `f1` Hz at time `t1`, at the times `t` in seconds. */
export function chirp(t: Signal, f0: number, t1: number, f1: number, options?: ChirpOptions): Float64Array;
/** A cosine whose frequency in Hz is a polynomial of time, the highest power first; `phi` is its phase in degrees. */
export function sweepPoly(t: Signal, poly: NumberList, options?: { phi?: number }): Float64Array;

/** Options of `gausspulse`. */
export interface GaussPulseOptions {
  /** Centre frequency in Hz. Default 1000. */
  fc?: number;
  /** Bandwidth as a part of `fc`. Default 0.5. */
  bw?: number;
  /** Level in dB at which the bandwidth is measured. Default −6. */
  bwr?: number;
  /** Level in dB at which the pulse counts as over (`"cutoff"`). Default −60. */
  tpr?: number;
}

/** The time in seconds at which the pulse counts as over. */
export function gausspulse(t: "cutoff", options?: GaussPulseOptions): number;
/** A cosine under a Gaussian envelope, the same in quadrature, and the envelope. */
export function gausspulse(
  t: Signal, options?: GaussPulseOptions,
): { real: Float64Array; imag: Float64Array; envelope: Float64Array };
/** Sawtooth of period 2π: rises within the part `width` (default 1) of it, falls in the rest. */
export function sawtooth(t: Signal, width?: number): Float64Array;
/** Square wave of period 2π: 1 within the part `duty` (default 0.5) of it, −1 in the rest. */
export function square(t: Signal, duty?: number): Float64Array;
/** Zeros with a 1 at `index` (default 0) or in the middle. */
export function unitImpulse(length: number, index?: number | "mid"): Float64Array;
/** A maximum length sequence of a register of 2 to 32 bits, and the register to go on with. */
export function maxLenSeq(
  nbits: number, options?: { state?: NumberList; length?: number },
): { sequence: Float64Array; state: Float64Array };
