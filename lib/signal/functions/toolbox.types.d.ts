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
 * Zeros, poles and gain of a transfer function, roots by rising real part. A root of multiplicity m is exact to about the
 * m-th root of a rounding (1e-8 for a double one).
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
export function lfilterAsync(b: NumberList, a: NumberList, x: Signal, options?: { zi?: undefined }): Promise<Float64Array>;
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

/** How `filtfilt` and `sosfiltfilt` extend a signal. */
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
export function filtfiltAsync(b: NumberList, a: NumberList, x: Signal, options?: FiltfiltOptions): Promise<Float64Array>;
/** `x` through sections forwards and backwards. */
export function sosfiltfilt(sos: SecondOrderSections, x: Signal, options?: PaddingOptions): Float64Array;
/** {@link sosfiltfilt} on a worker thread. */
export function sosfiltfiltAsync(sos: SecondOrderSections, x: Signal, options?: PaddingOptions): Promise<Float64Array>;

/** Where a digital filter's response is computed. */
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
/** Response of an analog filter B(s)/A(s) at frequencies in rad/s: those given, or `worN` (default 200) around its corners. */
export function freqs(b: NumberList, a: NumberList, options?: { worN?: number | NumberList }): ComplexSpectrum;
/** Group delay in samples of B(z)/A(z); `a` is 1 unless given. */
export function groupDelay(
  b: NumberList, a?: NumberList, options?: ResponseOptions,
): { frequencies: Float64Array; delay: Float64Array };
