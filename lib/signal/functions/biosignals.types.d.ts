// ---- Biosignals ---------------------------------------------------------------------------------

/** Options of functions of one signal. */
export interface BiosignalOptions {
  /** Hz of the signal. Default 1000. */
  sampleRate?: number;
}

/** Options of functions that find waves. */
export interface BiosignalPeakOptions extends BiosignalOptions {
  /** Whether the signal is cleaned first. Default false: it has been. */
  clean?: boolean;
}

/** Published methods that find beats of whole electrocardiograms. */
export type EcgMethod = 'neurokit' | 'pantompkins' | 'hamilton' | 'elgendi';

/** Options of {@link ecgClean}. */
export interface EcgCleanOptions extends BiosignalOptions {
  /** For which method. Default `neurokit`. */
  method?: EcgMethod;
}

/** Options of {@link ecgPeaks}. */
export interface EcgPeaksOptions extends BiosignalPeakOptions {
  /** Default `neurokit`. */
  method?: EcgMethod;
}

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

/** Options of {@link signalRate}. */
export interface SignalRateOptions extends BiosignalOptions {
  /** Samples of the result, between which the rate is interpolated. Default: one rate a peak. */
  desiredLength?: number;
}

/** What {@link signalFixPeaks} returns: places in the list of peaks, and the peaks. */
export interface FixedPeaks {
  /** Samples of the corrected peaks. */
  peaks: Float64Array;
  /** Early, late or misplaced peaks. */
  ectopic: Float64Array;
  /** Peaks before which one is missing. */
  missed: Float64Array;
  /** Peaks that are none. */
  extra: Float64Array;
  /** Intervals that are too long or too short. */
  longshort: Float64Array;
}

/** Options of {@link emgActivation}. */
export interface EmgActivationOptions extends BiosignalOptions {
  /** Envelope of an active muscle at least. Default a tenth of its standard deviation. */
  threshold?: number;
  /** Seconds of an activation, and of the rest before it, at least. Default 0.05. */
  durationMin?: number;
}

/** Options of {@link bandPower}. */
export interface BandPowerOptions extends BiosignalOptions {
  /** Bands by name, from and to Hz. Default Delta, Theta, Alpha, Sigma, Beta and Gamma from 0.5 to 40 Hz. */
  bands?: Record<string, [number, number]>;
  /** Seconds of a segment. Default 4. */
  window?: number;
  /** Whether powers are shares of `TotalAbsPow`. Default true. */
  relative?: boolean;
}

/**
 * Heart rate variability with the columns of NeuroKit2 0.3 (`HRV_MeanNN`, `HRV_RMSSD`, `HRV_LFHF`, `HRV_SampEn` …) from the samples
 * of R peaks or from intervals in ms, where one that is not finite is a gap. A number that cannot be had is NaN.
 * @throws {RangeError} fewer than three intervals, one that is not above 0, or more than 20,000 of them for non-linear
 * numbers
 */
export function hrv(peaks: NumberList, options?: HrvOptions): Record<string, number>;
/** {@link hrv} on a worker thread. */
export function hrvAsync(peaks: NumberList, options?: HrvOptions): Promise<Record<string, number>>;
/** A lead as a published method wants it (NeuroKit2's `ecg_clean`). @throws {RangeError} the rate is too low */
export function ecgClean(ecg: NumberList, options?: EcgCleanOptions): Float64Array;
/** {@link ecgClean} on a worker thread. */
export function ecgCleanAsync(ecg: NumberList, options?: EcgCleanOptions): Promise<Float64Array>;
/**
 * Samples of the R peaks of a cleaned lead by a published method (NeuroKit2's `ecg_findpeaks`); all but `neurokit` and `elgendi` find
 * the end of a complex rather than its peak.
 * @throws {RangeError} the rate is too low, or the lead shorter than 0.8 s
 */
export function ecgPeaks(ecg: NumberList, options?: EcgPeaksOptions): Float64Array;
/** {@link ecgPeaks} on a worker thread. */
export function ecgPeaksAsync(ecg: NumberList, options?: EcgPeaksOptions): Promise<Float64Array>;
/**
 * Peaks corrected as Kubios does (Lipponen and Tarvainen 2019; NeuroKit2's `signal_fixpeaks`): beats that were missed,
 * found too often or misplaced. @throws {RangeError} peaks that do not rise
 */
export function signalFixPeaks(peaks: NumberList, options?: BiosignalOptions): FixedPeaks;
/** {@link signalFixPeaks} on a worker thread. */
export function signalFixPeaksAsync(peaks: NumberList, options?: BiosignalOptions): Promise<FixedPeaks>;
/**
 * Beats or breaths a minute at each peak, or at each of `desiredLength` samples (NeuroKit2's `signal_rate`, monotone cubics
 * between peaks); NaN for fewer than four peaks. @throws {RangeError} peaks that do not rise, or a length that ends before the last
 */
export function signalRate(peaks: NumberList, options?: SignalRateOptions): Float64Array;
/** {@link signalRate} on a worker thread. */
export function signalRateAsync(peaks: NumberList, options?: SignalRateOptions): Promise<Float64Array>;
/** {@link signalRate} of R peaks. */
export function ecgRate(peaks: NumberList, options?: SignalRateOptions): Float64Array;
/** {@link ecgRate} on a worker thread. */
export function ecgRateAsync(peaks: NumberList, options?: SignalRateOptions): Promise<Float64Array>;
/** {@link signalRate} of breaths. */
export function rspRate(peaks: NumberList, options?: SignalRateOptions): Float64Array;
/** {@link rspRate} on a worker thread. */
export function rspRateAsync(peaks: NumberList, options?: SignalRateOptions): Promise<Float64Array>;
/** A pulse between 0.5 and 8 Hz (NeuroKit2's `ppg_clean`). @throws {RangeError} the rate is 16 Hz or less */
export function ppgClean(ppg: NumberList, options?: BiosignalOptions): Float64Array;
/** {@link ppgClean} on a worker thread. */
export function ppgCleanAsync(ppg: NumberList, options?: BiosignalOptions): Promise<Float64Array>;
/** Samples of the systolic peaks of a cleaned pulse (Elgendi 2013; NeuroKit2's `ppg_findpeaks`). */
export function ppgPeaks(ppg: NumberList, options?: BiosignalPeakOptions): Float64Array;
/** {@link ppgPeaks} on a worker thread. */
export function ppgPeaksAsync(ppg: NumberList, options?: BiosignalPeakOptions): Promise<Float64Array>;
/** A breath between 0.05 and 3 Hz (NeuroKit2's `rsp_clean`). @throws {RangeError} the rate is 6 Hz or less */
export function rspClean(rsp: NumberList, options?: BiosignalOptions): Float64Array;
/** {@link rspClean} on a worker thread. */
export function rspCleanAsync(rsp: NumberList, options?: BiosignalOptions): Promise<Float64Array>;
/** Samples of the tops (inspiration ends) and bottoms of a cleaned breath (Khodadad 2018; NeuroKit2's `rsp_findpeaks`). */
export function rspPeaks(
  rsp: NumberList, options?: BiosignalPeakOptions,
): { peaks: Float64Array; troughs: Float64Array };
/** {@link rspPeaks} on a worker thread. */
export function rspPeaksAsync(
  rsp: NumberList, options?: BiosignalPeakOptions,
): Promise<{ peaks: Float64Array; troughs: Float64Array }>;
/** Slow and quick parts of a skin conductance, apart at 0.05 Hz (NeuroKit2's `eda_phasic` with `highpass`). */
export function edaPhasic(eda: NumberList, options?: BiosignalOptions): { tonic: Float64Array; phasic: Float64Array };
/** {@link edaPhasic} on a worker thread. */
export function edaPhasicAsync(
  eda: NumberList, options?: BiosignalOptions,
): Promise<{ tonic: Float64Array; phasic: Float64Array }>;
/**
 * Responses in the quick part of a skin conductance: peaks whose prominence is at least `amplitudeMin` (0.1) of the largest
 * (NeuroKit2's `eda_findpeaks`).
 */
export function edaPeaks(
  phasic: NumberList, options?: { amplitudeMin?: number },
): { peaks: Float64Array; amplitudes: Float64Array };
/** {@link edaPeaks} on a worker thread. */
export function edaPeaksAsync(
  phasic: NumberList, options?: { amplitudeMin?: number },
): Promise<{ peaks: Float64Array; amplitudes: Float64Array }>;
/** A muscle's signal above 100 Hz (NeuroKit2's `emg_clean`). @throws {RangeError} the rate is 200 Hz or less */
export function emgClean(emg: NumberList, options?: BiosignalOptions): Float64Array;
/** {@link emgClean} on a worker thread. */
export function emgCleanAsync(emg: NumberList, options?: BiosignalOptions): Promise<Float64Array>;
/** Envelope of a cleaned muscle signal: Teager and Kaiser's energy, rectified and smoothed (NeuroKit2's `emg_amplitude`). */
export function emgAmplitude(emg: NumberList, options?: BiosignalOptions): Float64Array;
/** {@link emgAmplitude} on a worker thread. */
export function emgAmplitudeAsync(emg: NumberList, options?: BiosignalOptions): Promise<Float64Array>;
/** Samples at which a muscle becomes active and rests again, by a threshold of its envelope (NeuroKit2's `emg_activation`). */
export function emgActivation(
  envelope: NumberList, options?: EmgActivationOptions,
): { onsets: Float64Array; offsets: Float64Array };
/** {@link emgActivation} on a worker thread. */
export function emgActivationAsync(
  envelope: NumberList, options?: EmgActivationOptions,
): Promise<{ onsets: Float64Array; offsets: Float64Array }>;
/**
 * Powers of frequency bands as YASA has them (Welch's method, Hamming windows, the median of the segments, Simpson's rule), and
 * `TotalAbsPow` in units², from the lowest edge to the highest. @throws {RangeError} the signal is shorter than a segment
 */
export function bandPower(signal: NumberList, options?: BandPowerOptions): Record<string, number>;
/** {@link bandPower} on a worker thread. */
export function bandPowerAsync(signal: NumberList, options?: BandPowerOptions): Promise<Record<string, number>>;
/**
 * Quality of a cleaned lead at each sample, 0 to 1: how near a beat is to the mean of all (NeuroKit2's `ecg_quality`, `averageQRS`); NaN
 * for fewer than four peaks. @throws {RangeError} peaks that do not rise or lie outside the lead
 */
export function ecgQuality(ecg: NumberList, peaks: NumberList, options?: BiosignalOptions): Float64Array;
/** {@link ecgQuality} on a worker thread. */
export function ecgQualityAsync(ecg: NumberList, peaks: NumberList, options?: BiosignalOptions): Promise<Float64Array>;
