/** Optimal (equiripple) low-pass taps; names are fractions of the sample rate. */
export const OPTIMAL_LOWPASS_COEFFS: Readonly<
  Record<"cutoff_0_1" | "cutoff_0_2" | "cutoff_0_3" | "cutoff_0_4", Float32Array>
>;
/** Optimal high-pass taps. */
export const OPTIMAL_HIGHPASS_COEFFS: Readonly<Record<"cutoff_0_1" | "cutoff_0_2" | "cutoff_0_3", Float32Array>>;
/** Optimal band-pass taps. */
export const OPTIMAL_BANDPASS_COEFFS: Readonly<
  Record<"band_0_15_0_35" | "band_0_2_0_4" | "band_0_25_0_45", Float32Array>
>;
/** Names of the notch tables. */
export type NotchTable =
  | "60_hz_notch_at_1000_hz_sampling"
  | "50_hz_notch_at_1000_hz_sampling"
  | "60_hz_notch_at_500_hz_sampling";
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
export function getPowerLineNotch(
  sampleRate: number,
  lineFreq?: 50 | 60,
  options?: { design?: FilterDesign },
): Float32Array;
