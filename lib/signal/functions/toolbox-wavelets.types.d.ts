// ---- Wavelets -------------------------------------------------------------------------------------------

/** How a signal goes on beyond its ends, by PyWavelets' names. */
export type WaveletMode =
  | "symmetric" | "zero" | "constant" | "periodic" | "smooth" | "periodization" | "reflect" | "antisymmetric"
  | "antireflect";

/** Approximation and detail of one level. */
export interface WaveletLevel<List = Float64Array> {
  /** Low-pass coefficients. */
  approximation: List;
  /** High-pass coefficients. */
  detail: List;
}

/** One level of a wavelet transform, PyWavelets' `dwt` (`dwt` is dspx's). */
export function dwtLevel(x: Signal, wavelet: string, options?: { mode?: WaveletMode }): WaveletLevel;
/** {@link dwtLevel} on a worker thread. */
export function dwtLevelAsync(x: Signal, wavelet: string, options?: { mode?: WaveletMode }): Promise<WaveletLevel>;
/** The signal of one level. */
export function idwt(level: WaveletLevel<NumberList>, wavelet: string, options?: { mode?: WaveletMode }): Float64Array;
/** {@link idwt} on a worker thread. */
export function idwtAsync(
  level: WaveletLevel<NumberList>, wavelet: string, options?: { mode?: WaveletMode },
): Promise<Float64Array>;
/** Levels until a signal of `length` samples is shorter than the wavelet's filters. */
export function dwtMaxLevel(length: number, wavelet: string): number;
/** Approximation of the last level and the details from that to the first. `level` is `dwtMaxLevel` unless given. */
export function wavedec(x: Signal, wavelet: string, options?: { mode?: WaveletMode; level?: number }): Float64Array[];
/** {@link wavedec} on a worker thread. */
export function wavedecAsync(
  x: Signal, wavelet: string, options?: { mode?: WaveletMode; level?: number },
): Promise<Float64Array[]>;
/** The signal of what `wavedec` returns; one sample more for an odd number of them. */
export function waverec(coefficients: NumberList[], wavelet: string, options?: { mode?: WaveletMode }): Float64Array;
/** {@link waverec} on a worker thread. */
export function waverecAsync(
  coefficients: NumberList[], wavelet: string, options?: { mode?: WaveletMode },
): Promise<Float64Array>;
/** Stationary wavelet transform of a multiple of 2^`level` samples, the last level first. */
export function swt(x: Signal, wavelet: string, options?: { level?: number }): WaveletLevel[];
/** {@link swt} on a worker thread. */
export function swtAsync(x: Signal, wavelet: string, options?: { level?: number }): Promise<WaveletLevel[]>;
/** The signal of what `swt` returns. */
export function iswt(levels: WaveletLevel<NumberList>[], wavelet: string): Float64Array;
/** {@link iswt} on a worker thread. */
export function iswtAsync(levels: WaveletLevel<NumberList>[], wavelet: string): Promise<Float64Array>;
/** Coefficients near 0 moved to 0 or replaced by `substitute` (default 0). */
export function threshold(
  x: Signal, value: number, options?: { mode?: "soft" | "hard" | "garrote" | "greater" | "less"; substitute?: number },
): Float64Array;
/** {@link threshold} on a worker thread. */
export function thresholdAsync(
  x: Signal, value: number, options?: { mode?: "soft" | "hard" | "garrote" | "greater" | "less"; substitute?: number },
): Promise<Float64Array>;
/** The filters of a discrete wavelet. */
export function waveletFilters(
  wavelet: string,
): { decLo: Float64Array; decHi: Float64Array; recLo: Float64Array; recHi: Float64Array };
/** The names of the 106 discrete wavelets. */
export function wavelist(): string[];
