// ---- Biosignals ---------------------------------------------------------------------------------

/** Options of {@link hrv}. */
export interface HrvOptions {
  /** Hz of the signal in which the peaks are. Default 1000. */
  sampleRate?: number;
  /** What the values are: samples of `peaks`, or `rr` intervals in ms. Default `auto`: values that rise are peaks. */
  input?: 'auto' | 'peaks' | 'rr';
  /** Which numbers: `linear` are time and frequency. Default `all`. */
  domains?: 'all' | 'linear' | 'time' | 'frequency' | 'nonlinear';
  /** How the spectrum is estimated. Default `welch`. */
  psdMethod?: 'welch' | 'lomb';
}

/**
 * Heart rate variability with the columns of NeuroKit2 0.3 (`HRV_MeanNN`, `HRV_RMSSD`, `HRV_LFHF`, `HRV_SampEn` …) from the samples
 * of R peaks or from intervals in ms, where one that is not finite is a gap. A number that cannot be had is NaN.
 * @throws {RangeError} fewer than three intervals, one that is not above 0, or more than 20,000 of them for non-linear numbers
 */
export function hrv(peaks: Signal, options?: HrvOptions): Record<string, number>;
/** {@link hrv} on a worker thread. */
export function hrvAsync(peaks: Signal, options?: HrvOptions): Promise<Record<string, number>>;
