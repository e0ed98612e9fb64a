// Written by "npm run types" from the types in lib/ and the registered stages; edit those.

/// <reference types="node" />

/** Prints who and what this package is built on, and returns the text. */
export function credits(): string;

/** Prints two heart beats, and returns the picture. */
export function egg(): string;

/** Types of `filter`. */
export type FilterType = "fir" | "iir" | "butterworth" | "chebyshev" | "bessel" | "elliptic" | "biquad";
/** Modes of `filter`; which type has which is in `FilterOptions`. */
export type FilterMode =
  | "lowpass"
  | "highpass"
  | "bandpass"
  | "bandstop"
  | "notch"
  | "peak"
  | "peaking"
  | "lowshelf"
  | "highshelf"
  | "allpass";
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

/** The result of `frequencyResponse`, one number per frequency. */
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
  /** Sample rate in Hz. */
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
  /** Sample rate in Hz. */
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
  /** Pairs of ascending band edges in Hz; between two bands there is a transition. */
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

/** The methods of both filter classes. Each filter has one channel and keeps its state from call to call. */
interface SingleFilter {
  /** Filters into a new array. @throws TypeError (rejects) unless it gets a `Float32Array` */
  process(input: Float32Array): Promise<Float32Array>;
  /** The output for one sample, in the same stream as `process`. @throws TypeError (rejects) unless it gets a number */
  processSample(input: number): Promise<number>;
  /**
   * The whole signal forwards and backwards: magnitude squared, no phase. Padding and initial conditions are SciPy's
   * defaults (`sosfiltfilt`, `filtfilt`). The state does not change.
   * @throws RangeError (rejects) if the signal is not longer than the padding
   */
  filtfilt(signal: Float32Array): Promise<Float32Array>;
  /** Magnitude and phase at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  frequencyResponse(frequencies: number[] | Float32Array | Float64Array): FrequencyResponse;
  /** Group delay in samples at frequencies in Hz. @throws TypeError unless it gets finite numbers */
  groupDelay(frequencies: number[] | Float32Array | Float64Array): Float64Array;
  /** Restores the state before the first sample. */
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
  /** Returns the taps in float64. */
  getCoefficients(): number[];
  /** Returns the number of taps − 1. */
  getOrder(): number;
}

/** Another name of `FirFilter`. */
export const Fir: typeof FirFilter;
/** Short for {@link FirFilter}. */
export type Fir = FirFilter;

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

/** Least-mean-squares adaptive filters, one per channel. */
export class AdaptiveLMSFilter {
  /**
   * @param numTaps 1 to 1,048,576
   * @param options `mu`: step size in (0, 1], default 0.01; `lambda`: leak in [0, 1), default 0; `normalized`: divide
   *   the step by the input power; `layout`: whether channel c is a part of each array (`"planar"`, the default) or
   *   every C-th element
   */
  constructor(
    numTaps: number,
    options?: { mu?: number; lambda?: number; normalized?: boolean; layout?: "planar" | "interleaved" },
  );
  /** Sets the number of channels; those that stay keep their state. Needed before the first `process` or `filter`. */
  init(numChannels: number): void;
  /** Writes the outputs and the errors `desired − output`, and adapts the weights unless `adapt` is `false`. */
  process(input: Float32Array, desired: Float32Array, output: Float32Array, error: Float32Array, adapt?: boolean): void;
  /** Writes the outputs; the weights do not change. */
  filter(input: Float32Array, output: Float32Array): void;
  /** Restores zero weights and no history. */
  reset(): void;
  /** Returns a copy of a channel's weights, the newest sample's first. */
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
  /** Returns the step size. */
  getLearningRate(): number;
  /** Returns the number of weights of a channel. */
  getNumTaps(): number;
}

/** Options of `FilterBankDesign.design`. */
export interface FilterBankOptions {
  /** The scale on which the bands are equally wide. */
  scale: FilterScale;
  /** Number of bands, 1 to 65,536. */
  count: number;
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Lowest and highest edge in Hz. */
  frequencyRange: [number, number];
  /** Default `"butterworth"`. */
  type?: FilterBankType;
  /** 1 to 20, default 2; each band has twice as many poles. */
  order?: number;
  /** Ripple of Chebyshev bands in dB, above 0 and at most 3. Default 0.5. */
  rippleDb?: number;
  /** Ripple under its name in `filter`. */
  ripple?: number;
  /** Default: that of `setDefaultDesign`. */
  design?: FilterDesign;
}

/** Designs the bands of `FilterBank`. */
export class FilterBankDesign {
  /**
   * Returns the coefficients of each band, the lowest first.
   * @throws Error for ranges beyond half the sample rate, TypeError for wrong types
   */
  static design(options: FilterBankOptions): FilterCoefficients[];
  /** Returns the `count + 1` edges in Hz. */
  static getBoundaries(options: FilterBankOptions): number[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createMel(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createBark(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
  /** Order 3, from 20 Hz to half the sample rate unless a range is given. */
  static createLog(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
  /** Order 2, from 0 Hz to half the sample rate unless a range is given. */
  static createLinear(
    count: number,
    sampleRate: number,
    range?: [number, number],
    options?: { design?: FilterDesign },
  ): FilterCoefficients[];
}

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

/** Options of `createKafkaStream`. */
export interface KafkaStreamConfig {
  /** Consumer group, and first part of the scopes in the store: 1 to 128 characters of `[A-Za-z0-9._-]`. */
  applicationId: string;
  /** Addresses, `host:port`. */
  brokers: string[];
  /** Options of both clients. */
  client?: Record<string, unknown>;
  /** Options of the consumer alone. */
  consumer?: Record<string, unknown>;
  /** Options of the producer alone. */
  producer?: Record<string, unknown>;
  /** The source of samples. */
  input: {
    topics: string[];
    /** Default `auto`: by content type, then by the first bytes, else JSON. */
    codec?: "auto" | "json" | "dspx" | "f32";
    /**
     * Source of a state's key; default: the message key, and messages without one share one state per partition.
     * `json:user.id` or `json:/user/id` (a JSON pointer) is a member of the JSON value. A message without the header or
     * the member cannot be processed: `onPoison`.
     */
    key?: "key" | `header:${string}` | `json:${string}`;
    /** Default for messages that do not contain it. */
    channels?: number;
    sampleRate?: number;
    /**
     * Which message is the last of its key's stream: one without a value (`tombstone`), or one with a header. What is still
     * inside the stages comes out, with the last events, and the state is removed; the next message begins anew. Default: none.
     */
    finishOn?: "tombstone" | `header:${string}`;
    /** Default `earliest`; only where neither a state nor an offset exists. */
    startFrom?: "earliest" | "latest";
  };
  /** A template: its stages, not its state; copied for each key. It must have neither taps nor callbacks. */
  pipeline: DspProcessor;
  /** The target of results; without it only the states are kept. */
  output?: {
    topic: string;
    /** Default: that of the input. */
    codec?: "json" | "dspx" | "f32";
    /** Partition of outputs. Default `key`; `input` needs as many partitions as the input. */
    partition?: "key" | "input";
    headers?: Record<string, string>;
    /** Whether results without samples are sent; default false. */
    emitEmpty?: boolean;
  } | null;
  /** Where the events go that the stages emit: one message each, of JSON, with the guarantee of the outputs. */
  events?: {
    topic: string;
    /** The one that there is. */
    codec?: "json";
    /** Keys of the messages. Default `key`: that of the input message; `state`: that of the state, as `input.key` says; `none`. */
    key?: "key" | "state" | "none";
    /** Which types of events; default all that the stages emit. */
    types?: (keyof PipelineEvents)[];
    /** Default `key`; `input` needs as many partitions as the input. */
    partition?: "key" | "input";
    headers?: Record<string, string>;
  } | null;
  /** Where states are kept. */
  store: StateStore;
  /** Default `at-least-once`. `exactly-once`: outputs and offsets in Kafka's transactions; Kafka ≥ 2.5. */
  guarantee?: "at-least-once" | "exactly-once";
  /**
   * Sends the records of checkpoints to this compacted topic, too (default `<applicationId>-changelog`); an empty or
   * outdated store is filled from it. The topic is created if it does not exist; it must have as many partitions as the
   * input.
   */
  changelog?: { topic?: string };
  /** The times at which states are saved and offsets committed. */
  checkpoint?: {
    /** Longest time between checkpoints in ms. Default 1000; with `exactly-once` 200. */
    intervalMs?: number;
    /** Largest number of messages between checkpoints. Default 5000. */
    everyMessages?: number;
    /** Longest time for the last checkpoint of a partition in ms; default 10000. */
    timeoutMs?: number;
  };
  /**
   * Largest number of states in memory per partition; default 10000. Stored states beyond it leave memory, least
   * recently used first.
   */
  maxKeysInMemory?: number;
  /** Bounds of reading ahead: default 1000 messages per partition, 16 MiB in all. */
  prefetch?: { messages?: number; bytes?: number };
  /** Partitions that compute at once; default: the number of cores. */
  workers?: number;
  /**
   * Action for messages that cannot be processed; default `dlq` with a `deadLetterTopic`, else `fail`: the partition
   * stalls.
   */
  onPoison?: "dlq" | "skip" | "fail";
  /** Topic for messages that cannot be processed. */
  deadLetterTopic?: string;
  /** Action when the next messages are no longer in the log; default `fail`. */
  onDataLoss?: "fail" | "reset" | "continue";
  /** Action when the group has an offset whose states are not in the store; default `fail`. */
  onMissingState?: "fail" | "reset";
  /**
   * The stored states belong to another pipeline; default `fail`. `migrate`: stages with the same id (without one: of the same
   * type, in order) and the same parameters go on from their states, others start fresh; event `migrated` for each key.
   */
  onDefinitionChange?: "fail" | "reset" | "migrate";
  /** Somebody else has set the group's offset; default `state`: on from the states (with `exactly-once`: `fail`). `group`: fresh states at that offset. */
  onOffsetMismatch?: "state" | "group" | "fail";
  /** Action when the topic has another number of partitions; default `fail`. */
  onPartitionCountChange?: "fail" | "continue";
  /**
   * Name of the owner of the states, as others see it; default: the name of the host. With `exactly-once` no two
   * instances may share it.
   */
  instanceId?: string;
  /** Id of a static member of the group, which may restart without a rebalance. */
  groupInstanceId?: string;
  /**
   * Who distributes the partitions of the group: `classic`, its members, or `consumer` (KIP-848, Kafka 4.0 and newer),
   * the brokers, which then also set the session time-out. Default `classic`.
   */
  groupProtocol?: "classic" | "consumer";
  /**
   * Rule of the distribution. With `classic`: `cooperative-sticky` (default), `range`, `roundrobin`; with `consumer`:
   * `uniform` or `range`, default that of the broker.
   */
  assignor?: "cooperative-sticky" | "range" | "roundrobin" | "uniform";
  /** Longest time for the last checkpoint of revoked partitions in ms. Default 10000. */
  revokeTimeoutMs?: number;
  /** Longest wait of `start()` for a broker, and for topics that do not exist, in ms. Default 10000. */
  connectTimeoutMs?: number;
  /**
   * Number of replacements of the clients within 10 minutes, after fatal errors, before the stream has failed; default
   * 10.
   */
  maxRestarts?: number;
  /** Whether outputs continue the trace of their input; default true. */
  tracing?: boolean;
}

/** The current state of a stream. */
export interface KafkaStreamStatus {
  /** State of the whole stream. */
  state: "created" | "starting" | "running" | "rebalancing" | "degraded" | "stopping" | "stopped" | "failed";
  /** Whether it works, for a liveness probe. */
  healthy: boolean;
  /** Reason of the failure. */
  error?: string;
  /** Its partitions, with the state of each. */
  partitions: {
    topic: string;
    partition: number;
    state: "acquiring" | "restoring" | "running" | "paused" | "revoking" | "stalled" | "fenced";
    reason?: string;
    epoch: number;
    /** Offset of the next message. */
    position: string;
    /** Offset of the last checkpoint. */
    checkpointed: string;
    /** Distance to the end of the log in messages, as far as it is known. */
    lag: number;
    /** States in memory. */
    keys: number;
    /** States that have changed since the last checkpoint. */
    dirty: number;
    /** Time of the last checkpoint in ms since 1970. */
    lastCheckpointMs: number | null;
  }[];
}

/** Counters of a stream since its creation. */
export interface KafkaStreamMetrics {
  /** Messages read. */
  messages: number;
  /** Samples in them. */
  samplesIn: number;
  /** Samples written. */
  samplesOut: number;
  /** Messages written. */
  emitted: number;
  /** Events written. */
  events: number;
  /** Messages read again that were in their state already. */
  replaySkipped: number;
  /** Messages that could not be processed. */
  poison: number;
  /** Keys in memory. */
  keys: number;
  /** Keys whose states were read from the store. */
  keysLoaded: number;
  /** Keys whose states were those of a former pipeline (`onDefinitionChange: 'migrate'`). */
  keysMigrated: number;
  /** Keys whose stream has ended (`input.finishOn`). */
  keysFinished: number;
  /** Keys that left memory. */
  keysEvicted: number;
  /** Checkpoints that were saved. */
  checkpoints: number;
  /** Checkpoints that failed. */
  checkpointErrors: number;
  /** Bytes in them. */
  checkpointBytes: number;
  /** Number of checkpoints, and the sum of their durations in ms. */
  checkpointMs: { count: number; sum: number };
  /** Partitions that were restored. */
  restores: number;
  /** Number of restores, and the sum of their durations in ms. */
  restoreMs: { count: number; sum: number };
  /** How many times another owner acquired a partition's states. */
  fenced: number;
  /** How many times the clients were replaced after a fatal error. */
  restarts: number;
  /** Transactions committed (`exactly-once`). */
  transactionsCommitted: number;
  /** Transactions aborted (`exactly-once`). */
  transactionsAborted: number;
  /** Distance to the ends of the logs in messages. */
  lag: number;
  /** Age of the last message in seconds, if there is lag: that of the partition with the largest. */
  lagSeconds: number;
  /** The counters by partition. */
  perPartition: (TopicPartition & Record<string, number | string>)[];
}

/** The value of a message in the topic of events (`events` of `createKafkaStream`), as JSON. */
export type KafkaStreamEvent = {
  [T in keyof PipelineEvents]: Omit<PipelineEvents[T], "data" | "id"> & {
    /** Key of the state as text; null for messages without one, missing where it is no UTF-8 text. */
    key?: string | null;
    /** `id` of the stage, where it has one. */
    id?: string;
    /** Where the event has an array: its numbers, null for those that JSON cannot hold. */
    data?: (number | null)[];
  };
}[keyof PipelineEvents];

/**
 * Consumes topics, sends every message through the pipeline of its key, produces what comes out. Events: `state`,
 * `assigned`, `restored`, `revoked`, `lost`, `checkpoint`, `store-rollback`, `migrated`, `fenced`, `stalled`, `dlq`, `error`.
 */
export interface KafkaStream extends NodeJS.EventEmitter {
  /**
   * Joins the group; resolves when the first assignment is restored. Rejects if no broker answers in time or the group
   * cannot be joined: then the stream has failed.
   */
  start(): Promise<void>;
  /** Makes a last checkpoint, leaves the group and frees the clients. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Begins no more messages. */
  pause(): Promise<void>;
  /** Continues, also where a partition has stalled. */
  resume(): Promise<void>;
  /** Makes a checkpoint of every partition now. */
  checkpoint(): Promise<void>;
  /** Returns the current state. */
  status(): KafkaStreamStatus;
  /** Returns the counters since it was made. */
  metrics(): KafkaStreamMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
  /** Returns the state of a key as TOON: the one in memory, else the stored one; null if there is none. */
  state(key: string | null, options?: { topic?: string; partition?: number }): Promise<Buffer | null>;
}

/** Makes a stream; it does nothing until `start()`. */
export function createKafkaStream(config: KafkaStreamConfig): KafkaStream;

// ---- Training of spatial transforms -----------------------------------------------------------
// All matrices are column-major: row c of column k is `matrix[k·numChannels + c]`. Data are interleaved frames, and are
// not changed. At most 1,024 channels. The `…Async` forms check their arguments and copy the data at once, compute on a
// worker thread, and reject where the others throw.

/** Principal components, as `PcaTransform` takes them. */
export interface PcaResult {
  /** Mean of each channel. */
  mean: Float32Array;
  /** Unit eigenvectors of the covariance, one per column; the largest entry of each is positive. */
  pcaMatrix: Float32Array;
  /** Variances along the components, descending. */
  eigenvalues: Float32Array;
  /** Each eigenvalue's share of their sum. */
  explainedVariance: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Components: columns of the matrix. */
  numComponents: number;
}

/** A whitening map, as `WhiteningTransform` takes it. */
export interface WhiteningResult {
  /** Mean of each channel. */
  mean: Float32Array;
  /** Symmetric (zero-phase, ZCA): `V·diag(1/√(λ + regularization))·Vᵀ`. */
  whiteningMatrix: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Components: columns of the matrix. */
  numComponents: number;
  /** Number added to each variance. */
  regularization: number;
}

/** An unmixing map, as `IcaTransform` takes it. */
export interface IcaResult {
  /** Mean of each channel. */
  mean: Float32Array;
  /** One unmixing vector per column. Order and sign are arbitrary, but the same for the same data. */
  icaMatrix: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Components: columns of the matrix. */
  numComponents: number;
  /** Whether the last iteration changed the map by less than the tolerance. */
  converged: boolean;
  /** Number of iterations. */
  iterations: number;
}

/** Common spatial patterns, as `CspTransform` takes them. */
export interface CspResult {
  /** One spatial filter v per column, with `vᵀS₂v = 1`. */
  cspMatrix: Float32Array;
  /** Variance of class 1 relative to class 2 behind each filter, descending. */
  eigenvalues: Float32Array;
  /** Mean of the two classes' means. */
  mean: Float32Array;
  /** Channels of the training data. */
  numChannels: number;
  /** Filters: columns of the matrix. */
  numFilters: number;
}

/** Weights of a side-lobe canceller, as `GscPreprocessor` takes them. */
export interface BeamformerWeightsResult {
  /** `1/√N` for each of the N channels. */
  steeringWeights: Float32Array;
  /** N × (N − 1): orthonormal columns, orthogonal to the weights. */
  blockingMatrix: Float32Array;
  /** Channels of the array. */
  numChannels: number;
  /** The geometry that was given. */
  geometry: "linear" | "circular" | "planar";
  /** The angle that was given, in degrees. */
  targetAngleDeg: number;
}

/**
 * Principal components of interleaved frames: eigenvectors of the covariance (divided by n − 1).
 * @throws TypeError if an argument is not as described, or there are fewer frames than channels
 */
export function calculatePca(interleavedData: Float32Array, numChannels: number): PcaResult;
/** {@link calculatePca} on a worker thread. */
export function calculatePcaAsync(interleavedData: Float32Array, numChannels: number): Promise<PcaResult>;

/**
 * A map that makes channels uncorrelated and of unit variance.
 * @param regularization added to every eigenvalue, > 0, default 1e-5
 * @throws TypeError if an argument is not as described, or there are fewer frames than channels
 * @throws RangeError if `regularization` is not positive
 */
export function calculateWhitening(
  interleavedData: Float32Array,
  numChannels: number,
  regularization?: number,
): WhiteningResult;
/** {@link calculateWhitening} on a worker thread. */
export function calculateWhiteningAsync(
  interleavedData: Float32Array,
  numChannels: number,
  regularization?: number,
): Promise<WhiteningResult>;

/**
 * Independent components by FastICA (g = tanh) on whitened data.
 * @param maxIterations an integer ≥ 1, default 200 (more than 100,000 are not done)
 * @param tolerance largest change of an entry, up to sign, that counts as converged: > 0, default 1e-4
 * @throws TypeError if an argument is not as described, or there are fewer than 5 frames per channel
 * @throws RangeError if `tolerance` is not positive
 */
export function calculateIca(
  interleavedData: Float32Array,
  numChannels: number,
  maxIterations?: number,
  tolerance?: number,
): IcaResult;
/** {@link calculateIca} on a worker thread. */
export function calculateIcaAsync(
  interleavedData: Float32Array,
  numChannels: number,
  maxIterations?: number,
  tolerance?: number,
): Promise<IcaResult>;

/**
 * Spatial filters that tell two classes apart by their variance: `S₁v = λS₂v`.
 * @param numFilters how many, from 1 to numChannels (the default)
 * @throws TypeError if an argument is not as described, or a class has fewer than two frames
 * @throws RangeError if `numFilters` is out of range
 */
export function calculateCommonSpatialPatterns(
  dataClass1: Float32Array,
  dataClass2: Float32Array,
  numChannels: number,
  numFilters?: number,
): CspResult;
/** {@link calculateCommonSpatialPatterns} on a worker thread. */
export function calculateCommonSpatialPatternsAsync(
  dataClass1: Float32Array,
  dataClass2: Float32Array,
  numChannels: number,
  numFilters?: number,
): Promise<CspResult>;

/**
 * Weights for an array steered to broadside. Real weights cannot steer a narrow-band array: geometry, angle and spacing
 * are checked and handed back, and do not change the weights.
 * @param numChannels from 2 to 4,096
 * @param elementSpacing in wavelengths, > 0, default 0.5
 * @throws RangeError if `numChannels` or `elementSpacing` is out of range
 * @throws TypeError if `arrayGeometry` is unknown or the angle is not finite
 */
export function calculateBeamformerWeights(
  numChannels: number,
  arrayGeometry: "linear" | "circular" | "planar",
  targetAngleDeg: number,
  elementSpacing?: number,
): BeamformerWeightsResult;

// ---- Logs -------------------------------------------------------------------------------------

/** From the least to the most urgent. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Parts separated by dots, such as `pipeline.stage.rms.error`. */
export type LogTopic = string;

/** 10 is most urgent. */
export type LogPriority = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** Data of a log. Backends get it as JSON, as labels or as structured metadata. */
export interface LogContext {
  /** The stage or pipeline of the log. */
  stage?: string;
  /** Time of the event in ms since 1970. */
  timestamp?: number;
  [key: string]: any;
}

/** One log. */
export interface LogEntry {
  /** Dotted topic, such as `pipeline.error`. */
  topic?: LogTopic;
  /** Severity. */
  level: LogLevel;
  /** The text. */
  message: string;
  /** Data of the log. */
  context?: LogContext;
  /** Time in ms since 1970. (The network handlers take numbers up to 1e12 as seconds.) */
  timestamp: number;
  /** Absent counts as 1. */
  priority?: LogPriority;
  /** W3C trace id, 32 hexadecimal digits. */
  traceId?: string;
  /** W3C span id, 16 hexadecimal digits. */
  spanId?: string;
  /** Id that connects the logs of one request. */
  correlationId?: string;
}

/** Turns an entry into the first argument of handlers. */
export interface Formatter {
  /** A string becomes the message of the network handlers; an entry is sent instead of the original one. */
  format(log: LogEntry): any;
}

/** Leaves entries as they are (the default): returns the very same object. */
export class JSONFormatter implements Formatter {
  /** The entry itself: handlers make the JSON. */
  format(log: LogEntry): LogEntry;
}

/** One line, `[ISO time] LEVEL [topic] [trace:id] message`, and a second one for a context. Never throws. */
export class TextFormatter implements Formatter {
  /** One line of text: time, level, topic, message, context. */
  format(log: LogEntry): string;
}

/** A backend's names of the log levels. */
export interface SeverityMapping {
  /** Name of `trace`. */
  trace?: string;
  /** Name of `debug`. */
  debug?: string;
  /** Name of `info`. */
  info?: string;
  /** Name of `warn`. */
  warn?: string;
  /** Name of `error`. */
  error?: string;
  /** Name of `fatal`. */
  fatal?: string;
}

/** The words of PagerDuty and Datadog, and syslog's numbers. */
export const SEVERITY_MAPPINGS: {
  pagerduty: Required<SeverityMapping>;
  datadog: Required<SeverityMapping>;
  syslog: Required<SeverityMapping>;
};

/** Receives logs: of a Logger, or of a TopicRouter's route. */
export interface HandlerWithFlush {
  /** Called with `log`, the result of the formatter, and `raw`, the unformatted entry (absent when a router calls). */
  (log: LogEntry, raw?: LogEntry): Promise<void> | void;
  /** Sends what is buffered, or waits for what is under way. */
  flush?: () => Promise<void>;
  /** Flushes, and frees the handler's resources. */
  close?: () => Promise<void>;
  /** Returns counters of the handler; `Logger.getMetrics()` adds them up. */
  metrics?: () => Partial<LoggerMetrics>;
}

/** A handler of this package that talks to a backend. */
export interface HandlerWithCircuitBreaker extends HandlerWithFlush {
  /** Absent with `circuitBreaker: false`. */
  getCircuitBreakerStats?: () => CircuitBreakerStats;
  /** Closes the circuit at once. Absent with `circuitBreaker: false`. */
  resetCircuitBreaker?: () => void;
}

/** Counters of a Logger with all its children; all 0 without `enableMetrics`. */
export interface LoggerMetrics {
  /** Logs that passed level and sampling. */
  logsProcessed: number;
  /** Failures of handlers and formatters, and logs of an unknown level. */
  logsFailed: number;
  /** Retries of network requests, and calls of `incrementRetries`. */
  totalRetries: number;
  /** Calls of `flushAll`. */
  flushCount: number;
  /** Mean duration of these, ms. */
  averageFlushTimeMs: number;
  /** Logs that handlers hold now: buffered, waiting, or being sent. */
  queueSize: number;
  /** Logs that handlers dropped: buffer full, circuit open, refused for good, or no backend configured. */
  logsDropped: number;
  /** Failures by the handler's function name (`anonymous` without one). */
  handlerErrors: Map<string, number>;
}

/** The probability, 0 to 1, that a log of that level passes. Without a rate all do. */
export interface SamplingConfig {
  /** For `trace`. */
  trace?: number;
  /** For `debug`. */
  debug?: number;
  /** For `info`. */
  info?: number;
  /** For `warn`. */
  warn?: number;
  /** For `error`. */
  error?: number;
  /** For `fatal`. */
  fatal?: number;
}

/** Options of a Logger. */
export interface LoggerOptions {
  /** Gets an entry (topic `logger.handler.error`) for each handler that failed. Default: the console handler. */
  fallbackHandler?: (log: LogEntry) => void;
  /** Preferred by the network handlers to their own words for levels. */
  severityMapping?: SeverityMapping;
  /** Count. Default `false`. */
  enableMetrics?: boolean;
  /** Default `JSONFormatter`. */
  formatter?: Formatter;
  /** Shares of logs that pass, by level. Default: all. */
  sampling?: SamplingConfig;
  /** Lower levels are dropped. Default `"trace"`: none. */
  minLevel?: LogLevel;
  /**
   * On SIGINT and SIGTERM flush (5 s at most), then exit with 130 or 143, unless someone else listens for the
   * signal. One listener for all loggers. Default `false`.
   */
  autoShutdown?: boolean;
}

/** Passes logs to handlers. A handler's failure never reaches the caller. */
export class Logger {
  /** @throws TypeError for an unknown level, a handler that is no function, or a sampling rate that is no number */
  constructor(handlers: HandlerWithFlush[], options?: LoggerOptions);
  /**
   * Resolves when every handler has settled; never rejects because of one. Trace ids come from the tracing context,
   * else from OpenTelemetry's active span.
   * @param topic default `"default"`
   */
  log(level: LogLevel, message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `trace`; resolves when the handlers are done, never rejects. */
  trace(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `debug`; resolves when the handlers are done, never rejects. */
  debug(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `info`; resolves when the handlers are done, never rejects. */
  info(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `warn`; resolves when the handlers are done, never rejects. */
  warn(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `error`; resolves when the handlers are done, never rejects. */
  error(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `fatal`; resolves when the handlers are done, never rejects. */
  fatal(message: string, topic?: string, context?: any): Promise<void>;
  /** @throws TypeError for an unknown level */
  setMinLevel(level: LogLevel): void;
  /** The lowest level that passes. */
  getMinLevel(): LogLevel;
  /** Adds 1 to `totalRetries`. */
  incrementRetries(): void;
  /** A copy. */
  getMetrics(): LoggerMetrics;
  /** Sets all counters to 0. */
  resetMetrics(): void;
  /** The mapping that was given. */
  getSeverityMapping(): SeverityMapping | undefined;
  /** Flushes every handler at once; prints errors, never rejects. */
  flushAll(): Promise<void>;
  /** A logger over the same handlers, with a copy of the settings. Topics become `prefix.topic`; prefixes add up. */
  child(topicPrefix: string): Logger;
}

// ---- Handlers ---------------------------------------------------------------------------------

/** Options of the network handlers. */
export interface BackendConfig {
  /** URL of the backend. */
  endpoint?: string;
  /** Routing key, token or API key. Never shown in messages. */
  apiKey?: string;
  /** Further headers; they win over the built-in ones (but not over Loki's `Authorization` from `apiKey`). */
  headers?: Record<string, string>;
  /** Loki: logs that trigger a push. Default 100. */
  batchSize?: number;
  /** Loki: ms until a smaller batch is pushed. Default 5000. */
  flushInterval?: number;
  /**
   * Settings that replace those of the preset: `critical` (PagerDuty), `standard` (Loki, Datadog), `noncritical`
   * (Prometheus, CloudWatch).
   */
  circuitBreaker?: Partial<CircuitBreakerConfig> | false;
  /** Limit of one attempt in ms. Default 10,000. */
  timeoutMs?: number;
  /** Logs that may wait; beyond it the oldest are dropped and counted. Default 10,000. */
  maxBuffered?: number;
  /** Lower levels are not sent. Default: all are. */
  minLevel?: LogLevel;
}

/** Prints with `console.log`, coloured by level. `config` is not used. */
export function createConsoleHandler(config?: BackendConfig): HandlerWithFlush;

/** Collects logs in memory, for tests. */
export function createMockHandler(onLog?: (log: LogEntry) => void): {
  handler: (log: LogEntry) => void;
  /** A new array of what was stored, in order. */
  getLogs: () => LogEntry[];
  /** Empties the store; returns what was in it. */
  clear: () => LogEntry[];
};

/**
 * Opens an incident (Events API v2) per log: `endpoint` and `apiKey` (the routing key). Without them it warns and
 * drops. Its promise rejects when a log could not be sent, after at most three attempts.
 */
export function createPagerDutyHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/**
 * Pushes each log to a Pushgateway (`endpoint`): the topic names the metric, `context.value` is its value, the rest
 * labels.
 */
export function createPrometheusHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Pushes logs to Loki (`endpoint`) in batches. What could not be sent stays buffered; `flush()` rejects then. */
export function createLokiHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Sends `PutLogEvents` to a signing proxy: `endpoint` and `apiKey` (the Authorization header). */
export function createCloudWatchHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Sends logs to Datadog's intake: `apiKey`, and `endpoint` for another site than datadoghq.com. */
export function createDatadogHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

// ---- Circuit breaker --------------------------------------------------------------------------

/** Conditions for opening and closing a circuit. */
export interface CircuitBreakerConfig {
  /** Number of consecutive failures that opens the circuit. */
  failureThreshold: number;
  /** Number of successes that closes it again. */
  successThreshold: number;
  /** Time in ms until a first call is let through again; 0: at once. */
  timeout: number;
  /** Number of requests before it may open. */
  volumeThreshold: number;
  /** Percentage of failures among the last max(100, volumeThreshold) requests that opens it. */
  errorPercentageThreshold: number;
}

/** States of a circuit. */
export enum CircuitState {
  /** Requests pass. */
  CLOSED = "closed",
  /** Requests are refused until the time-out is over. */
  OPEN = "open",
  /** One request at a time passes, to see whether it works again. */
  HALF_OPEN = "half_open",
}

/** Counters of a circuit breaker. */
export interface CircuitBreakerStats {
  /** The name that was given. */
  name: string;
  /** The state now. */
  state: CircuitState;
  /** Failures in a row. */
  failureCount: number;
  /** Successes since the circuit became half-open. */
  successCount: number;
  /** Requests since it last closed or opened. */
  requestCount: number;
  /** Failures in percent of the recent requests. */
  errorPercentage: number;
  /** Epoch ms; 0: never. */
  lastFailureTime: number;
  /** Epoch ms; 0: never opened. */
  nextAttemptTime: number;
}

/** Stops calling what fails, and tries again after a time with one call at a time. */
export class CircuitBreaker {
  /** @throws TypeError when a threshold is not a number */
  constructor(name: string, config: CircuitBreakerConfig);
  /**
   * Calls `fn`, whose result or error passes through.
   * @throws Error `[CircuitBreaker:name] Circuit OPEN - failing fast. Retry in Ns` without a call, while it is open
   */
  execute<T>(fn: () => Promise<T> | T): Promise<T>;
  /** The state now. */
  getState(): CircuitState;
  /** State and counters now. */
  getStats(): CircuitBreakerStats;
  /** Closes the circuit and resets all counters. */
  reset(): void;
}

/** Presets. */
export const CIRCUIT_BREAKER_CONFIGS: {
  critical: CircuitBreakerConfig;
  standard: CircuitBreakerConfig;
  noncritical: CircuitBreakerConfig;
};

// ---- Tracing ----------------------------------------------------------------------------------

/** The identity of a piece of work, which follows it through its promises, into logs and Kafka headers. */
export interface TracingContext {
  /** W3C trace id, 32 hexadecimal digits. */
  traceId?: string;
  /** W3C span id, 16 hexadecimal digits. */
  spanId?: string;
  /** Id that connects the logs of one request. */
  correlationId?: string;
}

/** The storage of the current context. */
export const tracingContext: import("node:async_hooks").AsyncLocalStorage<TracingContext>;

/** Returns the current context; `{}` outside any. */
export function getTracingContext(): TracingContext;

/** Runs `fn`, and what it starts, in `context`; returns what it returns. A nested call replaces the context whole. */
export function withTracingContext<T>(context: TracingContext, fn: () => T): T;

/** `00-<traceId>-<spanId>-01`, or nothing unless the ids are 32 and 16 hex digits and not all zeros. */
export function generateTraceparent(traceId?: string, spanId?: string): string | undefined;

// ---- Topic router -----------------------------------------------------------------------------

/** Called with the entries of a route. A throw or rejection is counted and printed. */
export type RouteHandler = (log: LogEntry) => Promise<void> | void;

/** Returns whether a topic matches. */
export type PatternMatcher = (topic: string) => boolean;

/** Options of a route. */
export interface RouteOptions {
  /** Name in metrics and messages. */
  name?: string;
  /**
   * Largest number of concurrent executions; others wait in order (at most 10,000, then the oldest are dropped).
   * Default 0: no limit.
   */
  concurrency?: number;
  /** Whether executions are measured. Default `false`. */
  trackMetrics?: boolean;
  /** Lowest accepted priority. Default 1. */
  minPriority?: LogPriority;
  /** Highest accepted priority. Default 10. */
  maxPriority?: LogPriority;
}

/** Measurements of a route. Durations in ms, without the wait for a slot. */
export interface RouteMetrics {
  /** `unnamed` without a name. */
  name: string;
  /** The pattern of the route, as text. */
  pattern: string;
  /** Calls of the handler. */
  executionCount: number;
  /** Sum of their durations in ms. */
  totalDuration: number;
  /** Their mean duration, ms. */
  averageDuration: number;
  /** The shortest, ms. */
  minDuration: number;
  /** The longest, ms. */
  maxDuration: number;
  /** Calls that failed. */
  errorCount: number;
  /** Entries dropped because too many were waiting. */
  dropped: number;
  /** Epoch ms. */
  lastExecuted?: number;
}

/** A route of a router. */
export interface Route {
  /** Pattern that a topic must match. */
  pattern: RegExp;
  /** Called with the entries. */
  handler: RouteHandler;
  /** The name that was given. */
  name?: string;
  /** The options that were given. */
  options: RouteOptions;
  /** Counters; durations in ms, `lastExecuted` in epoch ms. */
  metrics: {
    count: number;
    totalDuration: number;
    minDuration: number;
    maxDuration: number;
    errorCount: number;
    dropped: number;
    lastExecuted?: number;
  };
  /** Present with a limit of concurrent calls: how many run or wait. */
  semaphore?: { readonly size: number };
}

/** Sends logs to handlers by topic and priority: every route that matches gets the entry. */
export class TopicRouter {
  /**
   * @param pattern a string is compiled as a regular expression, which matches anywhere unless anchored
   * @throws SyntaxError for a bad pattern; TypeError for a handler that is no function; RangeError for a bad
   *   concurrency
   */
  addRoute(pattern: RegExp | string, handler: RouteHandler, nameOrOptions?: string | RouteOptions): this;
  /** Resolves when all matching routes are done; never rejects because of a handler. Without a topic: nothing. */
  route(log: LogEntry): Promise<void>;
  /** Routes all at once. */
  routeBatch(logs: LogEntry[]): Promise<void>;
  /** Removes all routes. */
  clearRoutes(): void;
  /** Returns the routes, in order. */
  getRoutes(): Route[];
  /** Returns the metrics of the routes with `trackMetrics`, in the order of the routes. */
  getMetrics(): RouteMetrics[];
  /** Sets the counters of all routes to 0. */
  resetMetrics(): void;
}

/** Builds a router by the pipeline's own topics. A name in the options wins over the method's. */
export class TopicRouterBuilder {
  /** `pipeline.error` and `pipeline.….error` */
  errors(handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.….performance` */
  performance(handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.stage.<stageName>.…`; the name is taken literally. */
  stage(stageName: string, handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.alert…` */
  alerts(handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.debug…` */
  debug(handler: RouteHandler, options?: RouteOptions): this;
  /** Every entry, not only those without another route. */
  default(handler: RouteHandler, options?: RouteOptions): this;
  /** A route with a custom pattern. */
  custom(pattern: RegExp | string, handler: RouteHandler, nameOrOptions?: string | RouteOptions): this;
  /** Returns the router, the same one each time. */
  build(): TopicRouter;
}

/** A new builder. */
export function createTopicRouter(): TopicRouterBuilder;

/** Keeps the newest `capacity` entries. */
export class CircularLogBuffer {
  /**
   * @param capacity a positive integer, default 32
   * @throws RangeError for any other
   */
  constructor(capacity?: number);
  /** Overwrites the oldest entry when full. */
  push(entry: LogEntry): void;
  /** Returns the entries, oldest first, and empties the buffer. */
  flush(): LogEntry[];
  /** Returns whether there are entries. */
  hasEntries(): boolean;
  /** Returns the number of entries. */
  size(): number;
  /** Removes all entries. */
  clear(): void;
}

// ---- The native side --------------------------------------------------------------------------

/** A listener to the events of the Rust side. */
export interface NativeLogHandler {
  /** Passes on the waiting events at once. */
  flush(): Promise<void>;
  /** Passes on the waiting events, and stops listening. */
  close(): void;
  /** `queued`: events that wait (4096 at most); `dropped`: those that did not fit, which the log reports as well. */
  metrics(): { delivered: number; queued: number; dropped: number };
}

/**
 * Sets what the Rust side (Kafka, Redis, state) reports, for the whole process. Until then `off`, or what the
 * environment variable `DSPX_LOG` says, which also prints to stderr as long as no logger listens.
 * @throws TypeError for an unknown level
 */
export function setLogLevel(level: LogLevel | "off"): void;

/**
 * Brings the events of the Rust side into a Logger, under topics such as `native.kafka.consumer`. Keeps no process
 * alive. If no level was set, sets `info`.
 * @throws TypeError when the logger has no `log` method
 */
export function createNativeLogHandler(
  logger: Pick<Logger, "log">,
  options?: { /** Default `"native"`. */ topicPrefix?: string },
): NativeLogHandler;

/** Options of `createDspPipeline`. */
export interface StateResilienceConfig {
  /** Accepted for compatibility: failures to save or load are deterministic, so nothing is tried twice. */
  maxRetries?: number;
  /** If loading fails, clear the state and resolve to `false` instead of rejecting. Default `false`. */
  fallbackOnLoadFailure?: boolean;
  /** Design of the filters of this pipeline; default: that of `setDefaultDesign`. */
  design?: FilterDesign;
  /**
   * Frames per second (Hz) at the input, > 0. Calls and stages that say none have this one; for a stage behind a change
   * of rate it is that of its input, `sampleRate · ratio`. Where a call or a stage says another, the pipeline warns
   * once (`process.emitWarning`, code `DSPX_SAMPLE_RATE`).
   */
  sampleRate?: number;
}

/**
 * Options of every stage. Each key that is not a parameter is reported once in a process (`process.emitWarning`, code
 * `DSPX_UNKNOWN_OPTION`).
 */
export interface StageOptions {
  /** Name of the stage in events and saved states: 1 to 100 bytes, unique in its pipeline. */
  id?: string;
}

/** A method that appends a stage. */
export type StageMethod = keyof StageParameters;

/** A value as JSON has it: typed arrays as lists of numbers. */
export type JsonParameter<Value> = Value extends Float32Array | Float64Array ? number[] : Value;

/** Parameters of a stage as JSON has them. */
export type JsonParameters<Parameters> = Parameters extends unknown
  ? { [Name in keyof Parameters]: JsonParameter<Parameters[Name]> }
  : never;

/** A stage as JSON: its method alone, or `{ "Method": { parameters } }`. */
export type StageDefinition =
  | StageMethod
  | { [Method in StageMethod]: { [Key in Method]: JsonParameters<StageParameters[Method]> } }[StageMethod];

/** A pipeline as JSON, which `npx dspx-rs run` reads as well. */
export interface PipelineDefinition {
  /** Location of the JSON Schema (`dspx-rs/pipeline.schema.json`), for editors. */
  $schema?: string;
  /** Frames per second (Hz) at the input; see `createDspPipeline`. */
  sampleRate?: number;
  /** Interleaved channels, for the command line. Pipelines take it from their calls. */
  channels?: number;
  /** Design of the filters; see `createDspPipeline`. */
  design?: FilterDesign;
  /** The stages, in order. */
  stages: StageDefinition[];
}

/** One stage in `describe()`. */
export interface StageDescription {
  /** The method that appended it. */
  method: StageMethod;
  /** Its name, if it has one. */
  id: string | undefined;
  /** Its parameters, defaults included; `undefined` if it was built from a saved state, which does not hold them. */
  params: object | undefined;
  /** Its label in taps, callbacks and logs. */
  label: string;
  /** Delay of its output in samples of its own input; for filters in the middle of the pass-band. */
  latency: number;
  /** Size of its state in the format `"toon"`, in bytes. */
  stateSize: number;
}

/** The result of `latency()`. */
export interface PipelineLatency {
  /** Delay in samples of the pipeline's input; it may be fractional. */
  samples: number;
  /** `1000 · samples / sampleRate` in milliseconds; `undefined` without a sample rate. */
  ms: number | undefined;
}

/** The properties of every event. */
export interface StageEvent {
  /** Place of the stage in the pipeline, from 0. */
  stage: number;
  /** The stage's `id`; `undefined` if it has none. */
  id: string | undefined;
  /** Channel at the stage's input, from 0. */
  channel: number;
  /**
   * Frame at the stage's input since the stream began, from 0: exact up to 2⁵³, whatever the cutting. It counts on
   * after `loadState`, and from 0 after `finish` and `clearState`.
   */
  sample: number;
  /**
   * Time of that frame in milliseconds: its timestamp where the call has any, else by the sample rate, as in `process`.
   */
  time: number;
}

/** Samples, and the events that became known with them. */
export interface SamplesAndEvents<Samples = Float32Array> {
  /** Output of the last stage. */
  samples: Samples;
  /** The events stage by stage, those of a stage in the order in which they became known, then by channel. */
  events: PipelineEvent[];
}

/** `"standard"`: as SciPy designs; `"dspx"`: the numbers of dspx 1.4. */
export type FilterDesign = "standard" | "dspx";

/**
 * A format of samples: 16-bit or 32-bit integers, G.711 codes, float32 or float64. Full scale of integers is −1 … 1.
 */
export type SampleFormat = "s16" | "s32" | "mulaw" | "alaw" | "f32" | "f64";

/** The array in which a call gives each format. */
export interface SampleArrays {
  /** 16-bit integers. */
  s16: Int16Array;
  /** 32-bit integers. */
  s32: Int32Array;
  /** Codes of the G.711 µ-law. */
  mulaw: Uint8Array;
  /** Codes of the G.711 A-law. */
  alaw: Uint8Array;
  /** float32. */
  f32: Float32Array;
  /** float64. */
  f64: Float64Array;
}

/** The input of a call in each format: interleaved, one array per channel, or as little-endian bytes. */
export interface SampleInputs {
  /** 16-bit integers. */
  s16: Int16Array | Int16Array[] | Uint8Array;
  /** 32-bit integers. */
  s32: Int32Array | Int32Array[] | Uint8Array;
  /** Codes of the G.711 µ-law. */
  mulaw: Uint8Array | Uint8Array[];
  /** Codes of the G.711 A-law. */
  alaw: Uint8Array | Uint8Array[];
  /** float32. */
  f32: Float32Array | Float32Array[] | Uint8Array;
  /** float64. */
  f64: Float64Array | Float64Array[] | number[] | Uint8Array;
}

/** Arrays whose type says their format: a call with `output` takes them without `format`. */
export type TypedSamples =
  | Int16Array
  | Int32Array
  | Float64Array
  | number[]
  | Int16Array[]
  | Int32Array[]
  | Float64Array[];

/** The arguments after the samples in a call with `format`. */
export type FormatArguments<Format extends SampleFormat, Output extends SampleFormat> =
  | [options: ProcessOptions<Output, Format> & { format: Format }]
  | [timestamps: Timestamps, options: ProcessOptions<Output, Format> & { format: Format }];

/** The arguments after the samples in a call with `output` and without `format`. */
export type OutputArguments<Output extends SampleFormat> =
  | [options: ProcessOptions<Output, never> & { output: Output }]
  | [timestamps: Timestamps, options: ProcessOptions<Output, never> & { output: Output }];

/** Options of the process family. Unknown keys are ignored. */
export interface ProcessOptions<Output extends SampleFormat = "f32", Format extends SampleFormat = "f32"> {
  /** Interleaved channels: an integer ≥ 1, default 1 (for planar input: the number of arrays). */
  channels?: number;
  /** Frames per second (Hz), > 0. Sets the times of calls without timestamps; without it frames are 1 ms apart. */
  sampleRate?: number;
  /** Compare explicit timestamps with `sampleRate`. Default `false`. */
  enableDriftDetection?: boolean;
  /** Relative drift in percent above which `onDriftDetected` is called. Default 10. */
  driftThreshold?: number;
  /** Called for each interval that drifts. */
  onDriftDetected?: (statistics: DriftStatistics) => void;
  /**
   * Takes a waiting `process` or `processCopy` call out of the queue: it rejects with the signal's reason and has
   * changed nothing. A call that has begun runs to its end.
   */
  signal?: AbortSignal;
  /**
   * Format of the input. Without it the input is float32, or, in a call with `output`, what its type says. With any
   * other format the input stays as it is.
   */
  format?: Format;
  /**
   * Format of the result, default `"f32"`. Integers and G.711 codes: the nearest one, 0 for NaN, the end of the range
   * for what is outside of it. With any other format the input stays as it is.
   */
  output?: Output;
  /**
   * Add noise of triangular distribution, as high as one step of the format, before samples are rounded. It depends on
   * the number of samples since the stream began only. Default `false`; not for `"f32"` and `"f64"`.
   */
  dither?: boolean;
}

/** Times of all samples: milliseconds, or nanoseconds in a `BigInt64Array`. */
export type Timestamps = Float32Array | Float64Array | BigInt64Array;

/** Called with the samples after the stages that existed when it was registered. */
export type TapCallback = (samples: Float32Array, stageName: string) => void;

/** A result, as `onBatch` receives it. */
export interface SampleBatch {
  /** Label of the pipeline: its stages joined by `" → "`. */
  stage: string;
  /** The array that the call returns. */
  samples: Float32Array;
  /** Always 0. */
  startIndex: number;
  /** Number of samples. */
  count: number;
}

/** Callbacks of a pipeline. All run on the JavaScript thread after the native work, once per call. */
export interface PipelineCallbacks {
  /** Called with each sample of a result, at the cost of a call per sample. */
  onSample?: (value: number, index: number, stage: string) => void;
  /** Called with each result. */
  onBatch?: (batch: SampleBatch) => void;
  /** Called at the end of each successful call. */
  onStageComplete?: (stage: string, durationMs: number) => void;
  /** Called with a failure of a stage or of one of these callbacks; the call fails as well. */
  onError?: (stage: string, error: Error) => void;
  /** Called with each log line at once. */
  onLog?: (topic: string, level: LogLevel, message: string, context?: LogContext) => void;
  /** Called with the log lines of a call at its end (at most 32, the newest). */
  onLogBatch?: (logs: LogEntry[]) => void;
  /** Topics passed to the two log callbacks; `*` stands for one or more characters other than a dot. */
  topicFilter?: string | string[];
}

/** One stage in `listState()`. Keys that do not apply are absent. */
export interface StageSummary {
  /** Place in the pipeline, from 0. */
  index: number;
  /** Type in saved states, such as `movingAverage`. */
  type: string;
  /** Samples in its window. */
  windowSize?: number;
  /** Number of channels that it was made for. */
  numChannels?: number;
  /** Its mode, such as `moving`. */
  mode?: string;
  /** Samples in the window of the first channel. */
  bufferSize?: number;
  /** Number of channels that it has state for. */
  channelCount?: number;
}

/** Options of `loadState`. */
export interface LoadStateOptions {
  /**
   * Which stage takes which state. `"position"` (default): stage by stage in order. `"id"`: the next one
   * of the same type and `id`, which may be none; stages that find no state begin anew, and states of others are left.
   */
  match?: "position" | "id";
  /** Refuse a state that is not of these stages with these parameters, all of them. Default `false`. */
  strict?: boolean;
  /** Ends the wait for the calls before it. */
  signal?: AbortSignal;
}

/** The result of `listState()`. */
export interface PipelineStateSummary {
  /** Number of stages. */
  stageCount: number;
  /** Time in seconds since 1970. */
  timestamp: number;
  /** The stages, in order. */
  stages: StageSummary[];
}

/** Makes a pipeline without stages. */
export function createDspPipeline(config?: StateResilienceConfig): DspProcessor;
/** Other ways to make a pipeline. */
export namespace createDspPipeline {
  /**
   * Makes a pipeline of what `toJSON()` gave, parsed, or of a list of stages.
   * @throws TypeError for what is no definition or names a stage that there is not; what a stage says of its parameters
   */
  function from(definition: PipelineDefinition | StageDefinition[]): DspProcessor;
}

/**
 * A sequence of stages over interleaved float32 samples. Stage methods append a stage and return the pipeline. Calls
 * take effect in the order in which they were made.
 */
export class DspProcessor {
  private constructor();

  /**
   * Runs the stages over `input`, which is overwritten with what comes out of the last stage before the first one that
   * changes the length; leave it alone until the promise settles. Short blocks are computed before this returns, long
   * ones on a worker thread.
   * @returns a new array with the result, interleaved
   * @throws TypeError (as a rejection) for wrong types, RangeError if the length is no multiple of `channels` or bytes
   *   are no whole samples, Error if the pipeline is disposed, more than 1,024 calls wait, or a stage fails
   */
  process<O extends SampleFormat = "f32">(
    input: Float32Array | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): Promise<SampleArrays[O]>;
  /**
   * With the time of each sample.
   * @see process(input, options)
   */
  process<O extends SampleFormat = "f32">(
    input: Float32Array | Float32Array[],
    timestamps: Timestamps,
    options?: ProcessOptions<O> | null,
  ): Promise<SampleArrays[O]>;
  /**
   * With samples of another format, which stay as they are.
   * @see process(input, options)
   */
  process<F extends SampleFormat, O extends SampleFormat = "f32">(
    input: SampleInputs[F],
    ...rest: FormatArguments<F, O>
  ): Promise<SampleArrays[O]>;
  /**
   * With samples whose type says their format, which stay as they are.
   * @see process(input, options)
   */
  process<O extends SampleFormat>(input: TypedSamples, ...rest: OutputArguments<O>): Promise<SampleArrays[O]>;
  /**
   * As `process`, on a copy: `input` (without `format` and `output` anything that `new Float32Array` takes) stays as it
   * is.
   */
  processCopy<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): Promise<SampleArrays[O]>;
  /**
   * With the time of each sample.
   * @see processCopy(input, options)
   */
  processCopy<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    timestamps: Timestamps,
    options?: ProcessOptions<O> | null,
  ): Promise<SampleArrays[O]>;
  /**
   * With samples of another format, which stay as they are.
   * @see processCopy(input, options)
   */
  processCopy<F extends SampleFormat, O extends SampleFormat = "f32">(
    input: SampleInputs[F],
    ...rest: FormatArguments<F, O>
  ): Promise<SampleArrays[O]>;
  /**
   * With samples whose type says their format, which stay as they are.
   * @see processCopy(input, options)
   */
  processCopy<O extends SampleFormat>(input: TypedSamples, ...rest: OutputArguments<O>): Promise<SampleArrays[O]>;
  /**
   * As `process`, in the calling thread. Returns `input` itself unless a stage changed the length or the format is
   * another.
   * @throws as `process` rejects; Error `/busy/` while a call is pending
   */
  processSync<O extends SampleFormat = "f32">(
    input: Float32Array | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): SampleArrays[O];
  /**
   * With the time of each sample.
   * @see processSync(input, options)
   */
  processSync<O extends SampleFormat = "f32">(
    input: Float32Array | Float32Array[],
    timestamps: Timestamps,
    options?: ProcessOptions<O> | null,
  ): SampleArrays[O];
  /**
   * With samples of another format, which stay as they are.
   * @see processSync(input, options)
   */
  processSync<F extends SampleFormat, O extends SampleFormat = "f32">(
    input: SampleInputs[F],
    ...rest: FormatArguments<F, O>
  ): SampleArrays[O];
  /**
   * With samples whose type says their format, which stay as they are.
   * @see processSync(input, options)
   */
  processSync<O extends SampleFormat>(input: TypedSamples, ...rest: OutputArguments<O>): SampleArrays[O];
  /** As `processSync`, on a copy. */
  processSyncCopy<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): SampleArrays[O];
  /**
   * With the time of each sample.
   * @see processSyncCopy(input, options)
   */
  processSyncCopy<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    timestamps: Timestamps,
    options?: ProcessOptions<O> | null,
  ): SampleArrays[O];
  /**
   * With samples of another format, which stay as they are.
   * @see processSyncCopy(input, options)
   */
  processSyncCopy<F extends SampleFormat, O extends SampleFormat = "f32">(
    input: SampleInputs[F],
    ...rest: FormatArguments<F, O>
  ): SampleArrays[O];
  /**
   * With samples whose type says their format, which stay as they are.
   * @see processSyncCopy(input, options)
   */
  processSyncCopy<O extends SampleFormat>(input: TypedSamples, ...rest: OutputArguments<O>): SampleArrays[O];

  /**
   * As `process`, with the events that became known in this call. Handlers of `on` are called as well.
   * @returns the samples that `process` gives, and the events
   * @throws as `process` rejects
   */
  processEvents<O extends SampleFormat = "f32">(
    input: Float32Array | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): Promise<SamplesAndEvents<SampleArrays[O]>>;
  /**
   * With the time of each sample.
   * @see processEvents(input, options)
   */
  processEvents<O extends SampleFormat = "f32">(
    input: Float32Array | Float32Array[],
    timestamps: Timestamps,
    options?: ProcessOptions<O> | null,
  ): Promise<SamplesAndEvents<SampleArrays[O]>>;
  /**
   * With samples of another format, which stay as they are.
   * @see processEvents(input, options)
   */
  processEvents<F extends SampleFormat, O extends SampleFormat = "f32">(
    input: SampleInputs[F],
    ...rest: FormatArguments<F, O>
  ): Promise<SamplesAndEvents<SampleArrays[O]>>;
  /**
   * With samples whose type says their format, which stay as they are.
   * @see processEvents(input, options)
   */
  processEvents<O extends SampleFormat>(
    input: TypedSamples,
    ...rest: OutputArguments<O>
  ): Promise<SamplesAndEvents<SampleArrays[O]>>;
  /**
   * Processes the chunks of `source` as the loop asks for them, then ends the stream with `finish`:
   * `for await (const event of pipeline.events(source)) …`. Leaving the loop ends the source, not the stream.
   * @returns the events of all stages, chunk by chunk
   * @throws as `processEvents`, from the loop; TypeError, from the loop, for a source that is no iterable
   */
  events(
    source: AsyncIterable<Float32Array | Float32Array[]> | Iterable<Float32Array | Float32Array[]>,
    options?: ProcessOptions<SampleFormat>,
  ): AsyncGenerator<PipelineEvent, void, undefined>;
  /**
   * With samples of another format.
   * @see events(source, options)
   */
  events<F extends SampleFormat>(
    source: AsyncIterable<SampleInputs[F]> | Iterable<SampleInputs[F]>,
    options: ProcessOptions<SampleFormat, F> & { format: F },
  ): AsyncGenerator<PipelineEvent, void, undefined>;
  /**
   * Ends the stream: gives what the stages still hold inside, as if silence followed, and the last events. Waits for
   * the calls before it. Then the pipeline is as new: a second `finish` gives nothing.
   * @returns the rest of the samples in the format `output` (default `"f32"`), dithered as `process` does, and the
   *   events
   * @throws TypeError (as a rejection) for wrong options, RangeError if the rest is too long for one call, Error if the
   *   pipeline is disposed or a stage fails; after an error of a stage the pipeline is as new, too
   */
  finish<O extends SampleFormat = "f32">(
    options?: { output?: O; dither?: boolean } | null,
  ): Promise<SamplesAndEvents<SampleArrays[O]>>;
  /**
   * Calls `handler` for each event of a type, in order, when the call in which it became known has ended: before the
   * promise resolves, before `processSync` returns. One that throws is printed, and the others are called.
   * @throws TypeError if no stage has events of the type, or the handler is no function
   */
  on<Type extends keyof PipelineEvents>(type: Type, handler: (event: PipelineEvents[Type]) => void): this;
  /** Calls a handler no more; one that was not registered changes nothing. */
  off<Type extends keyof PipelineEvents>(type: Type, handler: (event: PipelineEvents[Type]) => void): this;
  /**
   * How late the output is: the sum over the stages of `latency / ratio`, where `ratio` is that of the rate at the
   * stage's input to that of the pipeline's. Filters whose delay depends on the frequency give their group delay at
   * `frequency` (Hz, needs a sample rate), else in the middle of the pass-band.
   * @returns samples of the input, and milliseconds at `sampleRate` (Hz, default: the pipeline's)
   * @throws TypeError if one of them is no positive number, or `frequency` comes without a sample rate
   */
  latency(options?: { sampleRate?: number; frequency?: number }): PipelineLatency;

  /** Registers a callback at the present end of the stages. The last one gets the very array that the call returns. */
  tap(callback: TapCallback): this;
  /** Replaces the pipeline's callbacks. */
  pipeline(callbacks: PipelineCallbacks): this;

  /** Returns the state of all stages as JSON text. */
  saveState(options: { format: "json"; signal?: AbortSignal }): Promise<string>;
  /** Returns the state in dspx's binary format, TOON: smaller and faster. */
  saveState(options: { format: "toon"; signal?: AbortSignal }): Promise<Buffer>;
  /** The state of all stages: JSON text unless the format is `"toon"`. Its type is dspx's where no format is given. */
  saveState(options?: { format?: "json" | "toon"; signal?: AbortSignal }): Promise<string | Buffer>;
  /**
   * Loads a state: text is JSON, bytes are TOON. All or nothing. `signal` ends the wait for the calls before it.
   * @returns `true`; `false` if it failed and `fallbackOnLoadFailure` is set
   * @throws TypeError (as a rejection) for wrong options and for `match: "id"` with a binary state, which holds no ids;
   *   Error for a state that is damaged or, with `strict`, does not fit
   */
  loadState(state: string | Buffer | Uint8Array | ArrayBuffer, options?: LoadStateOptions): Promise<boolean>;
  /** Resets all stages and the clock. */
  clearState(): void;
  /**
   * The pipeline as JSON: sample rate, design, and the stages with all their parameters, but no state. What
   * `JSON.stringify(pipeline)` writes, and what `createDspPipeline.from` reads.
   * @throws Error if a stage was built from a saved state, which does not hold its parameters, or the pipeline is
   *   disposed
   */
  toJSON(): PipelineDefinition;
  /** Describes the stages, in order. @throws Error `/busy/` while a call is pending, or if the pipeline is disposed */
  describe(): StageDescription[];
  /**
   * Returns a pipeline of the same stages in the same state, which continues independently. Taps, handlers and
   * callbacks are not copied.
   * @throws Error `/busy/` while a call is pending, or if the pipeline is disposed
   */
  clone(): DspProcessor;
  /** Describes the stages and their state, without samples. */
  listState(): PipelineStateSummary;
  /** Releases the stages; every later call except `tap`, `pipeline` and `dispose` fails. */
  dispose(): void;
  /** `dispose()`, for `using pipeline = createDspPipeline()`. */
  [Symbol.dispose](): void;
  /** Waits for the pending calls, then disposes: `await using pipeline = createDspPipeline()`. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * The pipeline as a Node stream. Takes samples as bytes (little-endian, cut anywhere) or as arrays of the format,
   * gives bytes, or arrays with `readableObjectMode`. Calls of one chunk follow another, with back-pressure. The end of
   * the input ends the pipeline's stream, as `finish` does, unless `finish` is `false`.
   * @throws TypeError for wrong options. The stream fails with RangeError if the input ends inside a frame, TypeError
   *   for other chunks, the error of a stage, or an AbortError
   */
  stream(options?: PipelineStreamOptions): import("node:stream").Transform;
  /**
   * The pipeline as a Web stream: the same chunks in, arrays or bytes out.
   * @throws TypeError for wrong options
   */
  webStream<F extends SampleFormat = "f32">(
    options?: PipelineWebStreamOptions<F>,
  ): import("node:stream/web").TransformStream<SampleChunk<F>, any>;
  /**
   * Processes the chunks of `source` (an array, a generator, a Node or Web stream …) as the loop asks for them:
   * `for await (const block of pipeline.iterate(source)) …`. Leaving the loop ends the source.
   * @returns the result of each chunk that gave one
   * @throws as `stream`, from the loop; TypeError at once for wrong options or a source that is no iterable
   */
  iterate<F extends SampleFormat = "f32", O extends SampleFormat = "f32">(
    source: AsyncIterable<SampleChunk<F>> | Iterable<SampleChunk<F>>,
    options?: ChunkOptions<F, O>,
  ): AsyncGenerator<SampleArrays[O], void, undefined>;

  /**
   * Mean of the samples in the window: `y[n] = Σx / N`; until the window is full, of those seen so far. A full window
   * delays by (N − 1)/2 samples.
   * @throws TypeError if `mode`, `windowSize` or `windowDuration` is not as described
   */
  MovingAverage(params: MovingAverageParams): this;
  /**
   * Root mean square of the samples in the window: `y[n] = √(Σx² / N)`.
   * @throws TypeError if `mode`, `windowSize` or `windowDuration` is not as described
   */
  Rms(params: RmsParams): this;
  /**
   * Mean of the absolute values in the window: `y[n] = Σ|x| / N`.
   * @throws TypeError if `mode`, `windowSize` or `windowDuration` is not as described
   */
  MeanAbsoluteValue(params: MeanAbsoluteValueParams): this;
  /**
   * Population variance of the samples in the window: `y[n] = Σ(x − x̄)² / N`.
   * @throws TypeError if `mode`, `windowSize` or `windowDuration` is not as described
   */
  Variance(params: VarianceParams): this;
  /**
   * Standard score of each sample in its window: `y[n] = (x[n] − x̄) / √v`, 0 where the deviation is below `epsilon`.
   * @throws TypeError if `mode`, `windowSize`, `windowDuration` or `epsilon` is not as described
   */
  ZScoreNormalize(params: ZScoreNormalizeParams): this;
  /**
   * Path of the signal in the window: the sum of the last `windowSize` values of `|x[n] − x[n−1]|`.
   * @throws TypeError if `windowSize` is not as described
   */
  WaveformLength(params: WaveformLengthParams): this;
  /**
   * 1 if the slope changes its sign at one of the last `windowSize` samples, else 0.
   * @throws TypeError if `windowSize` or `threshold` is not as described
   */
  SlopeSignChange(params: SlopeSignChangeParams): this;
  /**
   * 1 if one of the last `windowSize` samples differs from its predecessor by more than `threshold`, else 0.
   * @throws TypeError if `windowSize` or `threshold` is not as described
   */
  WillisonAmplitude(params: WillisonAmplitudeParams): this;
  /**
   * Least-squares line through the samples in the window: its slope per sample, its value at the oldest sample
   * (`intercept`) or at the newest (`predictions`), or the newest sample minus the latter (`residuals`).
   * @throws TypeError if `windowSize` or `output` is not as described
   */
  LinearRegression(params: LinearRegressionParams): this;
  /**
   * Signal-to-noise ratio in dB of channel 0 to channel 1, from −100 to 100. Two channels go in, one comes out.
   * @throws TypeError if `windowSize` is not as described
   */
  Snr(params: SnrParams): this;
  /**
   * Median of the last `windowSize` samples of each channel, of those so far until there are as many.
   * @throws TypeError if `windowSize` is not as described
   */
  MedianFilter(params: MedianFilterParams): this;
  /**
   * Rectification: `|x|`, or `max(x, 0)`. Stateless.
   * @throws TypeError if `mode` is not as described
   */
  Rectify(params?: RectifyParams): this;
  /** Square of each sample: `y = x²`. Stateless. */
  Square(params?: StageOptions): this;
  /**
   * Amplification: `y = gain·x`. Stateless.
   * @throws Error if `gain` is not as described
   */
  Amplify(params: AmplifyParams): this;
  /**
   * FIR, Butterworth, Chebyshev, Bessel, elliptic and cookbook filters, each channel by itself, state kept from call
   * to call. A loaded state brings its own coefficients.
   * @throws Error if an option is missing or out of range
   * @throws TypeError if `type`, `mode`, `sampleRate`, `cutoffFrequency`, `lowCutoffFrequency`, `highCutoffFrequency`, `stateful`, `initial`, `design`, `order`, `windowType`, `order`, `ripple`, `chebyshevType`, `stopbandDb`, `ripple`, `stopbandDb`, `norm`, `q` or `gain` is not as described
   */
  filter(params: FilterOptions): this;
  /**
   * Every input channel through every band; all bands of the first channel come out first.
   * @throws TypeError, Error if a definition cannot be used
   * @throws TypeError if `definitions` is not as described
   * @throws RangeError if `inputChannels` is not as described
   */
  FilterBank(params: FilterBankParams): this;
  /**
   * Convolution with a fixed kernel, each channel by itself.
   * @throws TypeError if `kernel`, `mode`, `method`, `autoThreshold`, `operation` or `warmup` is not as described
   */
  convolution(params: ConvolutionParams): this;
  /**
   * Savitzky-Golay smoothing or differentiation, (windowLength − 1)/2 samples late.
   * @throws RangeError if `windowLength` is even or above 4095, `polyOrder` too high, or `delta` 0
   * @throws TypeError if `windowLength`, `polyOrder`, `deriv` or `delta` is not as described
   */
  SavgolFilter(params: SavgolFilterParams): this;
  /**
   * Exponential moving average: `y[n] = α·x[n] + (1 − α)·y[n−1]`, `y[0] = x[0]`.
   * @throws TypeError if `alpha` or `mode` is not as described
   */
  ExponentialMovingAverage(params: ExponentialMovingAverageParams): this;
  /**
   * Mean of all samples so far: `y[n] = (x[0] + … + x[n]) / (n + 1)`.
   * @throws TypeError if `mode` is not as described
   */
  CumulativeMovingAverage(params: CumulativeMovingAverageParams): this;
  /**
   * Leaky integrator: `y[n] = x[n] + α·y[n−1]`, `y[−1] = 0`. Continues from call to call.
   * @throws TypeError if `alpha` is not as described
   */
  Integrator(params?: IntegratorParams): this;
  /** First difference: `y[n] = x[n] − x[n−1]`, with `x[−1] = 0`. Continues from call to call. */
  Differentiator(params?: StageOptions): this;
  /**
   * Least-mean-squares noise cancellation: channel 0 is the input, channel 1 the desired signal, both come out as the error.
   * Processing takes exactly 2 channels.
   * @throws RangeError if `numTaps` is above 1,048,576
   * @throws TypeError if `numTaps` is not as described
   * @throws RangeError if `learningRate` or `lambda` is not as described
   * @throws Error if `normalized` is not as described
   */
  LmsFilter(params: LmsFilterParams): this;
  /**
   * Recursive least squares noise cancellation: channel 0 is the input, channel 1 the desired signal, both come out as the
   * error. Processing takes exactly 2 channels.
   * @throws RangeError if `numTaps` is above 4096
   * @throws TypeError if `design` or `numTaps` is not as described
   * @throws RangeError if `lambda` or `delta` is not as described
   */
  RlsFilter(params: RlsFilterParams): this;
  /**
   * Tracks positions with a constant-velocity model. The time between frames is that of explicit timestamps, else
   * 1/sampleRate, else 1/360 s. Processing takes one channel per dimension.
   * @throws Error if `dimensions`, `processNoise`, `measurementNoise` or `initialError` is not as described
   * @throws TypeError if `missing` is not as described
   */
  KalmanFilter(params?: KalmanFilterParams): this;
  /**
   * Fills in samples that are no finite numbers, before filters that one NaN would spoil for ever. `RestoreGaps` puts NaN
   * back behind the filters.
   * @throws TypeError if `policy` is `"interpolate"` and there is no `maxLength`
   * @throws TypeError if `policy`, `maxLength`, `beyond` or `start` is not as described
   */
  Gaps(params?: GapsParams): this;
  /**
   * NaN where samples were missing in front of the nearest `Gaps`, as late as the filters between are.
   * @throws Error if there is no `Gaps` in front, or a stage between gives another number of samples
   * @throws TypeError if `delay` is not as described
   */
  RestoreGaps(params?: RestoreGapsParams): this;
  /**
   * 1 at local maxima of at least `threshold`, 0 elsewhere. In moving mode the verdict on the last sample of a call is
   * output 0 of the next call.
   * @throws RangeError if `threshold`, `windowSize`, `minPeakDistance`, `distance`, `prominence`, `wlen` or `plateauSize` is not as described
   * @throws TypeError if `mode` or `domain` is not as described
   */
  PeakDetection(params: PeakDetectionParams): this;
  /**
   * 1 where `|x| ≥ threshold`, else 0.
   * @throws RangeError if `threshold` is not as described
   */
  ClipDetection(params: ClipDetectionParams): this;
  /**
   * Heart beats of electrocardiograms as events `beat` at the R peaks, each channel a lead by itself, in any unit and
   * polarity. The samples pass unchanged.
   * @throws {TypeError} Samples come with timestamps, and no `sampleRate` is given.
   * @throws {RangeError} The sample rate of a call is outside 50…1,000,000 Hz.
   * @throws RangeError if `lag` or `sampleRate` is not as described
   */
  EcgBeats(params?: EcgBeatsParams): this;
  /**
   * Heart rate variability of a running window of beats as events `hrv`, from electrocardiograms, each channel a lead by
   * itself. The samples pass unchanged. All columns come from the function `hrv` and the events of `EcgBeats`.
   * @throws {TypeError} Both windows are given; samples come with timestamps, and no `sampleRate` is given.
   * @throws {RangeError} The sample rate of a call is outside 50…1,000,000 Hz.
   * @throws TypeError if `windowBeats`, `windowSeconds` or `every` is not as described
   * @throws RangeError if `lag` or `sampleRate` is not as described
   */
  Hrv(params?: HrvParams): this;
  /**
   * Raises the sample rate by a whole factor, with a Hamming-windowed sinc against the images. Delays by
   * (order − 1)/2 output samples.
   * @throws RangeError if the filter would be too long
   * @throws TypeError if `factor`, `sampleRate`, `order` or `quality` is not as described
   */
  Interpolate(params: InterpolateParams): this;
  /**
   * Lowers the sample rate by a whole factor, behind a Hamming-windowed sinc against aliasing. Delays by
   * (order − 1)/2 input samples. A call may give no output at all: frames are counted across calls.
   * @throws RangeError if the filter would be too long
   * @throws TypeError if `factor`, `sampleRate`, `order` or `quality` is not as described
   */
  Decimate(params: DecimateParams): this;
  /**
   * Changes the sample rate by upFactor/downFactor (reduced first). n input frames of a stream give ⌈n·up/down⌉.
   * @throws TypeError if `order` is given with a quality that takes none
   * @throws RangeError if the filter would be too long
   * @throws TypeError if `upFactor`, `downFactor`, `sampleRate`, `order` or `quality` is not as described
   */
  Resample(params: ResampleParams): this;
  /**
   * Resamples between any two rates, also such without a simple ratio. Never drifts: output m stands at input position
   * m · inputRate/outputRate, exactly.
   * @throws RangeError if the rates are too far apart (a filter of more than a million taps, or more than 2²⁰
   * samples of one)
   * @throws TypeError if `inputRate`, `outputRate`, `quality` or `ratio` is not as described
   */
  ResampleTo(params: ResampleToParams): this;
  /**
   * Puts irregularly sampled frames on a regular grid that begins at the stream's first timestamp. `process` must be
   * given timestamps; `finish` gives what is left at the end. Frames whose clock was set back are left out, with an event
   * `outOfOrder` for each.
   * @throws RangeError if the rate is below 1e-30 or above 1e30; from `process`, at a step of more than `maxGap`, and
   * at times in a Float32Array that cannot tell the grid's points apart
   * @throws TypeError if `targetSampleRate`, `gapThreshold`, `interpolationMethod`, `gapPolicy`, `driftCompensation`, `grid` or `maxGap` is not as described
   */
  TimeAlignment(params: TimeAlignmentParams): this;
  /**
   * Fourier transform of whole frames of each channel; changes the length. What does not fill a frame is
   * dropped. Moving mode keeps the length and places its frames as `stft` does.
   * @throws TypeError if `size`, `mode`, `hopSize`, `type`, `output`, `forward` or `lastFrame` is not as described
   */
  fft(params: fftParams): this;
  /**
   * Short-time Fourier transform of a sliding window. The length of the data stays: frames that end in a
   * call stand one after the other at its beginning, frames of different channels not interleaved; the
   * rest is 0.
   * @throws TypeError if `windowSize`, `hopSize`, `method`, `type`, `output`, `window`, `forward` or `lastFrame` is not as described
   */
  stft(params: stftParams): this;
  /**
   * Weighted sums of the bins of every frame: `out[band] = Σ_bin W[band][bin]·in[bin]`; changes the
   * length.
   * @throws RangeError if the matrix has another size than `numMelBands × numBins`
   * @throws TypeError if `filterbankMatrix`, `numBins`, `numMelBands` or `lastFrame` is not as described
   */
  melSpectrogram(params: MelSpectrogramParams): this;
  /**
   * Cepstral coefficients of mel bands: the orthonormal DCT-II of their logarithms, liftered; changes
   * the length.
   * @throws RangeError if there are more coefficients than bands
   * @throws TypeError if `numMelBands`, `numCoefficients`, `useLogEnergy`, `lifterCoefficient` or `lastFrame` is not as described
   */
  mfcc(params: MfccParams): this;
  /**
   * One level of the wavelet transform of each channel, call by call: floor(n/2) approximation
   * coefficients, then the details.
   * @throws TypeError if `wavelet` is not as described
   */
  WaveletTransform(params: WaveletTransformParams): this;
  /**
   * Envelope of a sliding window, every `hopSize` samples; the samples between, and those before the
   * window is full, pass unchanged. With `align: 'center'` it is read in the middle of the window, where it is right
   * within a few percent, and all samples are ⌊(windowSize − 1)/2⌋ late; at the newest sample, the default, it is not.
   * @throws TypeError if `windowSize`, `hopSize` or `align` is not as described
   */
  HilbertEnvelope(params: HilbertEnvelopeParams): this;
  /**
   * Projects every frame onto principal components: `y_k = Σ_c pcaMatrix[k·C + c]·(x_c − mean_c)`. The
   * channel count stays; channels without a component become 0.
   * @throws RangeError if there are more components than channels; TypeError if lengths do not fit
   * @throws TypeError if `pcaMatrix`, `mean`, `numChannels` or `numComponents` is not as described
   */
  PcaTransform(params: PcaTransformParams): this;
  /**
   * Unmixes every frame: `y_k = Σ_c icaMatrix[k·C + c]·(x_c − mean_c)`. The channel count stays;
   * channels without a component become 0.
   * @throws TypeError if there are more components than channels, or lengths do not fit
   * @throws TypeError if `icaMatrix`, `mean`, `numChannels` or `numComponents` is not as described
   */
  IcaTransform(params: IcaTransformParams): this;
  /**
   * Whitens every frame: `y_k = Σ_c whiteningMatrix[k·C + c]·(x_c − mean_c)`. The channel count stays;
   * channels without a component become 0.
   * @throws TypeError if there are more components than channels, or lengths do not fit
   * @throws TypeError if `whiteningMatrix`, `mean`, `numChannels` or `numComponents` is not as described
   */
  WhiteningTransform(params: WhiteningTransformParams): this;
  /**
   * Applies spatial filters to every frame: `y_k = Σ_c cspMatrix[k·C + c]·(x_c − mean_c)`. The channel
   * count stays; channels without a filter become 0.
   * @throws RangeError if there are more filters than channels; Error if lengths do not fit
   * @throws TypeError if `cspMatrix`, `mean`, `numChannels` or `numFilters` is not as described
   */
  CspTransform(params: CspTransformParams): this;
  /**
   * Channel 0 becomes the sum of the noise references, channel 1 the weighted sum of the channels, the
   * others 0. Follow it with `ChannelSelector({ numInputChannels: C, numOutputChannels: 2 })` and an
   * adaptive filter.
   * @throws Error if the length of an array does not fit
   * @throws RangeError if `numChannels` is not as described
   * @throws TypeError if `steeringWeights` or `blockingMatrix` is not as described
   */
  GscPreprocessor(params: GscPreprocessorParams): this;
  /**
   * Keeps the first channels of every frame; the stages behind see the new channel count.
   * @throws RangeError if `numInputChannels` or `numOutputChannels` is not as described
   */
  ChannelSelector(params: ChannelSelectorParams): this;
  /**
   * Picks channels by index, in the given order; the stages behind see the new channel count.
   * @throws RangeError if an index is not below `numInputChannels`, or there are too many
   * @throws Error if `channels` is not as described
   * @throws RangeError if `numInputChannels` is not as described
   */
  ChannelSelect(params: ChannelSelectParams): this;
  /**
   * Builds the output channels from input channels; the stages behind see the new channel count.
   * @throws RangeError if an index is not below `numInputChannels`, or there are too many
   * @throws Error if `mapping` is not as described
   * @throws RangeError if `numInputChannels` is not as described
   */
  ChannelMerge(params: ChannelMergeParams): this;
}

/** The design that filters use unless the call or the pipeline says otherwise; it belongs to the thread. */
export function setDefaultDesign(design: FilterDesign): void;
/** `"standard"` unless set. */
export function getDefaultDesign(): FilterDesign;

/** The result of a call of branches: samples and events of each branch, by its name. */
export interface BranchResults<Name extends string, Samples = Float32Array> {
  /** Output of each branch. */
  outputs: Record<Name, Samples>;
  /** The events of each branch, ordered as those of a pipeline. */
  events: Record<Name, PipelineEvent[]>;
}

/** Branches as JSON: the definition of each pipeline, by its name. */
export interface BranchDefinitions {
  /** The pipelines. */
  branches: Record<string, PipelineDefinition>;
}

/**
 * Several pipelines on the same input, made by `branch`: one call, one state, outputs and events by name. An error of
 * one branch begins with its name; the others have processed the call then.
 */
export class Branches<Name extends string = string> {
  private constructor();
  /** The names, in the order in which they were given. */
  readonly names: Name[];
  /** Sends the samples, which do not change, through every pipeline. @throws as `processCopy` of a pipeline rejects */
  process<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): Promise<Record<Name, SampleArrays[O]>>;
  /**
   * With the time of each sample.
   * @see process(input, options)
   */
  process<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    timestamps: Timestamps,
    options?: ProcessOptions<O> | null,
  ): Promise<Record<Name, SampleArrays[O]>>;
  /**
   * With samples of another format.
   * @see process(input, options)
   */
  process<F extends SampleFormat, O extends SampleFormat = "f32">(
    input: SampleInputs[F],
    ...rest: FormatArguments<F, O>
  ): Promise<Record<Name, SampleArrays[O]>>;
  /** As `process`, in the calling thread. @throws as `processSyncCopy` of a pipeline */
  processSync<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): Record<Name, SampleArrays[O]>;
  /** As `process`, with the events of each branch. */
  processEvents<O extends SampleFormat = "f32">(
    input: ArrayLike<number> | Float32Array[],
    options?: ProcessOptions<O> | null,
  ): Promise<BranchResults<Name, SampleArrays[O]>>;
  /** Ends the stream of every pipeline, as `finish` of a pipeline does. @throws as that rejects */
  finish<O extends SampleFormat = "f32">(
    options?: { output?: O; dither?: boolean } | null,
  ): Promise<BranchResults<Name, SampleArrays[O]>>;
  /**
   * The channels of all outputs of a call side by side, in the order of the names.
   * @throws TypeError unless there is a `Float32Array` for each branch, RangeError if they have different numbers of
   *   frames
   */
  merge(outputs: Record<Name, Float32Array>): { samples: Float32Array; channels: number };
  /** Returns the latency of each branch. @throws TypeError for wrong options */
  latency(options?: { sampleRate?: number; frequency?: number }): Record<Name, PipelineLatency>;
  /** Returns the state of all branches as one JSON text. */
  saveState(options?: { format?: "json"; signal?: AbortSignal }): Promise<string>;
  /** Returns the state of all branches as bytes: smaller and faster. */
  saveState(options: { format: "toon"; signal?: AbortSignal }): Promise<Buffer>;
  /**
   * Loads a state that `saveState` gave: all branches, or none. With `match: "id"` branches of the same name take
   * theirs, stage by stage as `loadState` of a pipeline says, and others start anew; else the names must be the same.
   * @throws as `loadState` of a pipeline rejects; Error if a pipeline is processing
   */
  loadState(state: string | Buffer | Uint8Array, options?: LoadStateOptions): Promise<boolean>;
  /** Resets all pipelines. */
  clearState(): void;
  /** Returns the definitions of all pipelines, which `branch.from` reads. */
  toJSON(): BranchDefinitions;
  /** Returns branches of the same pipelines in the same states, which continue independently. */
  clone(): Branches<Name>;
  /** Disposes all pipelines. */
  dispose(): void;
}

/**
 * Makes branches of pipelines, which are copied with their states; handlers, taps and callbacks stay behind.
 * @throws TypeError unless it gets an object of pipelines, RangeError for a name that is empty or above 100 bytes and
 *   for no or more than 1,024 branches
 */
export const branch: {
  <Name extends string>(pipelines: Record<Name, DspProcessor>): Branches<Name>;
  /** Branches from what their `toJSON()` wrote. @throws as `branch` and `createDspPipeline.from` */
  from(definition: BranchDefinitions): Branches;
};

// ---- Fourier transforms -----------------------------------------------------------------------

/** Complex numbers as two arrays of one length. */
export interface ComplexArray {
  /** Real parts. */
  real: Float32Array;
  /** Imaginary parts. */
  imag: Float32Array;
}

/** Window functions of frames: symmetric (denominator N − 1), not normalised. */
export type WindowType = "none" | "hann" | "hamming" | "blackman" | "bartlett";

/** `"moving"`: a spectrum for every sample; `"batched"`: one every `hopSize` samples. */
export type FftMode = "moving" | "batched";

/**
 * Fourier transforms of one length N, any length. Forward unscaled, inverse with 1/N. A half spectrum has floor(N/2)+1
 * bins. The error is below 1e-6 of the largest magnitude. Results are new arrays; inputs are never changed.
 */
export class FftProcessor {
  /** @throws TypeError unless `size` is an integer ≥ 1, RangeError above 2^26 */
  constructor(size: number);
  /**
   * N complex samples to N bins; N must be a power of two.
   *
   * Every transform takes arrays for its result as the last argument, fills and returns them; they may be those of the
   * input. Without, it makes new ones, which takes longer than a short transform itself.
   */
  fft(x: ComplexArray, out?: ComplexArray): ComplexArray;
  /** The inverse of `fft`. */
  ifft(spectrum: ComplexArray, out?: ComplexArray): ComplexArray;
  /** N complex samples to N bins, for every N. */
  dft(x: ComplexArray, out?: ComplexArray): ComplexArray;
  /** The inverse of `dft`. */
  idft(spectrum: ComplexArray, out?: ComplexArray): ComplexArray;
  /** N real samples to a half spectrum. */
  rfft(x: Float32Array, out?: ComplexArray): ComplexArray;
  /** The inverse of `rfft`; imaginary parts at DC and (N even) at Nyquist do not count. */
  irfft(spectrum: ComplexArray, out?: Float32Array): Float32Array;
  /** The same as `rfft`. */
  rdft(x: Float32Array, out?: ComplexArray): ComplexArray;
  /** The same as `irfft`. */
  irdft(spectrum: ComplexArray, out?: Float32Array): Float32Array;
  /** `rfft` on a worker thread, for long transforms. */
  rfftAsync(x: Float32Array): Promise<ComplexArray>;
  /** `irfft` on a worker thread. */
  irfftAsync(spectrum: ComplexArray): Promise<Float32Array>;
  /** `dft` on a worker thread. */
  dftAsync(x: ComplexArray): Promise<ComplexArray>;
  /** `idft` on a worker thread. */
  idftAsync(spectrum: ComplexArray): Promise<ComplexArray>;
  /** Returns the length of the transform. */
  getSize(): number;
  /** Returns floor(N/2)+1. */
  getHalfSize(): number;
  /** Returns whether the length is a power of two. */
  isPowerOfTwo(): boolean;
  /** `sqrt(re² + im²)` of each bin of a spectrum of any length. */
  getMagnitude(spectrum: ComplexArray): Float32Array;
  /** `atan2(im, re)` of each bin. */
  getPhase(spectrum: ComplexArray): Float32Array;
  /** `re² + im²` of each bin. */
  getPower(spectrum: ComplexArray): Float32Array;
  /** `k·sampleRate/N`: for the half spectrum if N is a power of two, else for all N bins. */
  getFrequencyBins(sampleRate: number): Float32Array;
}

/** Spectra of the last `fftSize` samples of a stream, which may come in pieces of any size. */
export class MovingFftProcessor {
  constructor(options: {
    /** Samples in a frame: an integer ≥ 1. */
    fftSize: number;
    /** Samples from spectrum to spectrum in batched mode, 1…fftSize. Default, and 0: `fftSize`. */
    hopSize?: number;
    /** Default `"batched"`. */
    mode?: FftMode;
    /** Default `"hann"`. */
    windowType?: WindowType;
    /** false: all N bins instead of the half spectrum. Default true. */
    realInput?: boolean;
  });
  /** Adds a sample and returns the spectrum that is due with it, or null. */
  addSample(sample: number): ComplexArray | null;
  /** Adds samples and calls back at once with each spectrum that becomes due; returns how many did. */
  addSamples(samples: Float32Array, callback?: (spectrum: ComplexArray, size: number) => void): number;
  /** Returns the spectrum of the last `fftSize` samples; changes nothing. */
  computeSpectrum(): ComplexArray;
  /** Removes the samples; the last spectrum is kept. */
  reset(): void;
  /** Returns the length of the transform. */
  getFftSize(): number;
  /** Returns the number of bins of a spectrum: fftSize/2 + 1. */
  getSpectrumSize(): number;
  /** Returns the number of samples between two spectra. */
  getHopSize(): number;
  /** Returns the number of samples held, at most 2·fftSize. */
  getFillLevel(): number;
  /** Returns whether the window is full. */
  isReady(): boolean;
  /** Sets the window function for the next spectra. */
  setWindowType(type: WindowType): void;
  /** Returns the magnitudes of the last spectrum that became due; zeros before the first. */
  getMagnitudeSpectrum(): Float32Array;
  /** Returns the squared magnitudes of the last spectrum. */
  getPowerSpectrum(): Float32Array;
  /** Returns the phases of the last spectrum in radians. */
  getPhaseSpectrum(): Float32Array;
  /** Returns the frequency of each bin in Hz. */
  getFrequencyBins(sampleRate: number): Float32Array;
}

/** Half spectra of many signals, on several threads. */
export class FftBatchProcessor {
  constructor(options?: {
    /** Largest number of threads; 0 (default) stands for half the logical CPUs. */
    numThreads?: number;
    /** Whether results are cached for repeated signals. Default true. */
    enableCache?: boolean;
    /** Number of cached results; the least recently used one is dropped first. Default 128. */
    cacheSize?: number;
  });
  /** Returns one half spectrum per signal; signals may have any length ≥ 1. */
  processBatch(signals: Array<{ input: Float32Array }>): ComplexArray[];
  /** Does the same without blocking the event loop. */
  processBatchAsync(signals: Array<{ input: Float32Array }>): Promise<ComplexArray[]>;
  /** Returns hits/(hits+misses), 0 if there are none. */
  getCacheHitRate(): number;
  /**
   * Returns the numbers of transforms found in the cache (`hits`) and computed (`misses`); `hitRate` is the share of
   * the former.
   */
  getCacheStats(): { hits: number; misses: number; hitRate: number };
  /** Empties the cache and sets its counters to 0. */
  clearCache(): void;
  /** Returns the number of threads. */
  getNumThreads(): number;
}

/** Helpers around transforms. Inputs are never changed. */
export const FftUtils: {
  /** The smallest 2^k ≥ n; 1 for n ≤ 1. */
  nextPowerOfTwo(n: number): number;
  isPowerOfTwo(n: number): boolean;
  /** The signal itself if its length is a power of two, else a copy with zeros at the end. */
  padToPowerOfTwo(signal: Float32Array): Float32Array;
  /** The signal itself if it is as long, else a copy with zeros at the end. */
  zeroPad(signal: Float32Array, length: number): Float32Array;
  /** Frequency in Hz of the first bin of the largest value. */
  findPeakFrequency(magnitudes: Float32Array, sampleRate: number, fftSize: number): number;
  /** `20·log10(max(v, 1e-10)/reference)`; the default reference is 1. */
  toDecibels(magnitudes: Float32Array, reference?: number): Float32Array;
  /** Magnitudes weighted as the ear does at 40 phon, without the customary 2 dB. */
  applyAWeighting(magnitudes: Float32Array, frequencies: Float32Array): Float32Array;
};

// ---- Spectral estimation ----------------------------------------------------------------------
// Names, defaults and scalings of scipy.signal. Every function has a form that ends in Async and runs on a worker
// thread.

/** Samples, as float32 or float64. */
export type Signal = Float32Array | Float64Array;

/** A window function of SciPy by name, with parameters, or as samples. */
export type WindowSpec = string | [name: string, ...parameters: Array<number | number[]>] | Signal;

/** Segmentation of a signal, and scaling. */
export interface SegmentOptions {
  /** Hz. Default 1. */
  sampleRate?: number;
  /** Default `"hann"` (`periodogram`: `"boxcar"`; `spectrogram`: `["tukey", 0.25]`). */
  window?: WindowSpec;
  /** Samples in a segment. Default 256, or the whole signal if that is shorter. */
  nperseg?: number;
  /** Samples that neighbouring segments share. Default half a segment (`spectrogram`: an eighth). */
  noverlap?: number;
  /** Length of the transform, at least `nperseg`. */
  nfft?: number;
  /** Trend removed from each segment. Default `"constant"`; `stft`: `"none"`. */
  detrend?: "constant" | "linear" | "none" | false;
  /** `"density"` (units²/Hz) or `"spectrum"` (units²). */
  scaling?: "density" | "spectrum" | "psd";
  /** Combination of the segments. Default `"mean"`. */
  average?: "mean" | "median";
  /**
   * false: all `nfft` bins in the order of the transform, 0 and the positive frequencies before the negative ones (that
   * of `numpy.fft.fftfreq`). Default true: the half spectrum.
   */
  onesided?: boolean;
}

/** Real numbers by frequency. */
export interface PowerSpectrum {
  /** Hz: ascending; with `onesided: false` 0 and the positive ones, then the negative ones. */
  frequencies: Float64Array;
  /** Units² per Hz, or units² with `scaling: "spectrum"`. */
  power: Float64Array;
}

/** Complex numbers by frequency. */
export interface ComplexSpectrum {
  /** Hz: ascending; with `onesided: false` 0 and the positive ones, then the negative ones. */
  frequencies: Float64Array;
  /** Real parts. */
  real: Float64Array;
  /** Imaginary parts. */
  imag: Float64Array;
}

/** Complex numbers, segment after segment, `frequencies.length` of them each. */
export interface ComplexSpectrogram extends ComplexSpectrum {
  /** Seconds: the middles of the segments. */
  times: Float64Array;
}

/** Real numbers, segment after segment, `frequencies.length` of them each. */
export interface RealSpectrogram {
  /** Hz: ascending; with `onesided: false` 0 and the positive ones, then the negative ones. */
  frequencies: Float64Array;
  /** Seconds: the middles of the segments. */
  times: Float64Array;
  /** Segment after segment. */
  values: Float64Array;
}

/** The result of `stft`: spectra, with the settings that `istft` needs. */
export interface StftSpectra extends ComplexSpectrogram {
  /** Samples of the signal. */
  length?: number;
  /** Samples in a segment. */
  nperseg?: number;
  /** Samples that neighbouring segments share. */
  noverlap?: number;
  /** Length of the transform. */
  nfft?: number;
  /** Whether there are only half spectra. */
  onesided?: boolean;
}

/** Options of `stft` and `istft`. */
export interface StftOptions extends SegmentOptions {
  /** Whether half a segment of zeros is added at either end (and removed by `istft`). Default true. */
  centred?: boolean;
  /** Whether zeros are added up to a whole number of segments. Default true. */
  padded?: boolean;
}

/** Power spectral density by Welch's method. */
export function welch(x: Signal, options?: SegmentOptions): PowerSpectrum;
/** {@link welch} on a worker thread. */
export function welchAsync(x: Signal, options?: SegmentOptions): Promise<PowerSpectrum>;
/** Power spectral density of the whole signal as one segment. */
export function periodogram(x: Signal, options?: SegmentOptions): PowerSpectrum;
/** {@link periodogram} on a worker thread. */
export function periodogramAsync(x: Signal, options?: SegmentOptions): Promise<PowerSpectrum>;
/** Cross spectral density, conj(X)·Y. */
export function csd(x: Signal, y: Signal, options?: SegmentOptions): ComplexSpectrum;
/** {@link csd} on a worker thread. */
export function csdAsync(x: Signal, y: Signal, options?: SegmentOptions): Promise<ComplexSpectrum>;
/** Magnitude-squared coherence, 0…1. */
export function coherence(
  x: Signal,
  y: Signal,
  options?: SegmentOptions,
): { frequencies: Float64Array; coherence: Float64Array };
/** {@link coherence} on a worker thread. */
export function coherenceAsync(
  x: Signal, y: Signal, options?: SegmentOptions,
): Promise<{ frequencies: Float64Array; coherence: Float64Array }>;
/** Spectra over time; mode `"psd"` unless given. */
export function spectrogram(x: Signal, options: SegmentOptions & { mode: "complex" }): ComplexSpectrogram;
/** Spectra over time as real numbers. */
export function spectrogram(
  x: Signal,
  options?: SegmentOptions & { mode?: "psd" | "magnitude" | "angle" | "phase" },
): RealSpectrogram;
/** {@link spectrogram} on a worker thread. */
export function spectrogramAsync(x: Signal, options: SegmentOptions & { mode: "complex" }): Promise<ComplexSpectrogram>;
/** {@link spectrogram} on a worker thread. */
export function spectrogramAsync(
  x: Signal, options?: SegmentOptions & { mode?: "psd" | "magnitude" | "angle" | "phase" },
): Promise<RealSpectrogram>;
/** Short-time Fourier transform of a whole signal, to be inverted by `istft`. (For streams: the pipeline's `stft`.) */
export function stft(x: Signal, options?: StftOptions): StftSpectra;
/** {@link stft} on a worker thread. */
export function stftAsync(x: Signal, options?: StftOptions): Promise<StftSpectra>;
/** Options of `istft`; absent ones are taken from the spectra. */
export interface IstftOptions extends StftOptions {
  /**
   * Length of the result in samples. Default: that of the signal of `stft` if there are no options, else all that the
   * segments cover.
   */
  length?: number;
}
/** Spectra for `istft`: the result of `stft`, or real and imaginary parts alone. */
export type IstftInput = { real: Signal; imag: Signal } & Partial<StftSpectra>;
/**
 * The signal of an `stft` with the same window, by overlap-add.
 * @throws RangeError if windows leave gaps (see `checkNola`)
 */
export function istft(spectra: IstftInput, options?: IstftOptions): Float32Array;
/** {@link istft} on a worker thread. */
export function istftAsync(spectra: IstftInput, options?: IstftOptions): Promise<Float32Array>;
/** Whether overlapping windows add up to a constant. */
export function checkCola(window: WindowSpec, nperseg: number, noverlap: number, tolerance?: number): boolean;
/** Whether overlapping windows leave no gap, so that `istft` is exact. */
export function checkNola(window: WindowSpec, nperseg: number, noverlap: number, tolerance?: number): boolean;
/**
 * One of SciPy's 25 window functions.
 * @param fftBins true (default): periodic, for spectra; false: symmetric, for filters
 */
export function getWindow(window: Exclude<WindowSpec, Signal>, n: number, fftBins?: boolean): Float64Array;

/** Sums `Σ x[n]·e^(−2πjfn/sampleRate)` at any frequencies (Hz). */
export function goertzel(
  x: Signal, frequencies: number | number[] | Signal, options?: { sampleRate?: number },
): { real: Float64Array; imag: Float64Array; power: Float64Array };
/** {@link goertzel} on a worker thread. */
export function goertzelAsync(
  x: Signal, frequencies: number | number[] | Signal, options?: { sampleRate?: number },
): Promise<{ real: Float64Array; imag: Float64Array; power: Float64Array }>;
/** Chirp z-transform at `m` points `a·w^(−k)`; the default is once around the unit circle. */
export function czt(
  x: Signal | { real: Signal; imag: Signal },
  options?: { m?: number; w?: [re: number, im: number]; a?: [re: number, im: number] },
): { real: Float64Array; imag: Float64Array };
/** {@link czt} on a worker thread. */
export function cztAsync(
  x: Signal | { real: Signal; imag: Signal },
  options?: { m?: number; w?: [re: number, im: number]; a?: [re: number, im: number] },
): Promise<{ real: Float64Array; imag: Float64Array }>;
/** A finely resolved part of a spectrum, from `band[0]` to below `band[1]` Hz. */
export function zoomFft(
  x: Signal | { real: Signal; imag: Signal },
  band: [number, number],
  options?: { m?: number; sampleRate?: number; endpoint?: boolean },
): ComplexSpectrum;
/** {@link zoomFft} on a worker thread. */
export function zoomFftAsync(
  x: Signal | { real: Signal; imag: Signal },
  band: [number, number],
  options?: { m?: number; sampleRate?: number; endpoint?: boolean },
): Promise<ComplexSpectrum>;
/** The analytic signal of the whole signal: itself and its Hilbert transform. */
export function analyticSignal(x: Signal): { real: Float64Array; imag: Float64Array };
/** {@link analyticSignal} on a worker thread. */
export function analyticSignalAsync(x: Signal): Promise<{ real: Float64Array; imag: Float64Array }>;

/** Options of `melFilterBank`; defaults are librosa's. */
export interface MelFilterBankOptions {
  /** Hz. Default 22050. */
  sampleRate?: number;
  /** Length of the transform. Default 2048. */
  nFft?: number;
  /** Bands. Default 128. */
  nMels?: number;
  /** Lower edge in Hz. Default 0. */
  fMin?: number;
  /** Upper edge in Hz. Default half the sample rate. */
  fMax?: number;
  /** HTK's mel scale instead of Slaney's. Default false. */
  htk?: boolean;
  /** `"slaney"` (default): filters of equal area; null: of peak 1. */
  norm?: "slaney" | null;
}

/** Options of `calculateMelSpectrogram`; defaults are librosa's. */
export interface MelOptions extends MelFilterBankOptions {
  /** Samples from frame to frame. Default 512. */
  hopLength?: number;
  /** Window length. Default `nFft`. */
  winLength?: number;
  /** Default `"hann"`. */
  window?: Exclude<WindowSpec, Signal>;
  /** Whether frame t is centred at sample t·hopLength. Default true. */
  center?: boolean;
  /** Exponent of the magnitude. Default 2. */
  power?: number;
}

/** Numbers frame after frame, `numCoefficients` of them each. */
export interface FrameMatrix {
  /** Frame after frame, `numCoefficients` each. */
  values: Float64Array;
  /** Frames. */
  numFrames: number;
  /** Bands or coefficients of a frame. */
  numCoefficients: number;
}

/** Weights for the stage `melSpectrogram`, row after row: `nMels` rows of floor(nFft/2)+1 (`librosa.filters.mel`). */
export function melFilterBank(options?: MelFilterBankOptions): Float32Array;
/** Mel bands of every frame (`librosa.feature.melspectrogram`). */
export function calculateMelSpectrogram(x: Signal, options?: MelOptions): FrameMatrix;
/** {@link calculateMelSpectrogram} on a worker thread. */
export function calculateMelSpectrogramAsync(x: Signal, options?: MelOptions): Promise<FrameMatrix>;
/** Cepstral coefficients of every frame (`librosa.feature.mfcc`). */
export function calculateMfcc(x: Signal, options?: MelOptions & { nMfcc?: number; lifter?: number }): FrameMatrix;
/** {@link calculateMfcc} on a worker thread. */
export function calculateMfccAsync(
  x: Signal,
  options?: MelOptions & { nMfcc?: number; lifter?: number },
): Promise<FrameMatrix>;

// ---- Filters and peaks of whole signals -------------------------------------------------------

/** Extension of a signal beyond its ends (names of scipy.ndimage). */
export type EdgeMode = "constant" | "nearest" | "mirror" | "reflect" | "wrap";

/**
 * Savitzky-Golay filter, centred. `mode` is `"interp"` unless given: the ends are read off the first and last
 * polynomial.
 */
export function savgolFilter(
  x: Signal,
  windowLength: number,
  polyOrder: number,
  options?: { deriv?: number; delta?: number; mode?: "interp" | EdgeMode },
): Float32Array;
/** {@link savgolFilter} on a worker thread. */
export function savgolFilterAsync(
  x: Signal,
  windowLength: number,
  polyOrder: number,
  options?: { deriv?: number; delta?: number; mode?: "interp" | EdgeMode },
): Promise<Float32Array>;
/** Median of `windowSize` (odd) samples around each one; beyond the ends zeros unless `mode` says otherwise. */
export function medianFilter(x: Signal, windowSize: number, options?: { mode?: EdgeMode }): Float32Array;
/** {@link medianFilter} on a worker thread. */
export function medianFilterAsync(x: Signal, windowSize: number, options?: { mode?: EdgeMode }): Promise<Float32Array>;

/** A lower bound, or both. */
export type Bounds = number | [low: number | null, high: number | null];

/** Conditions of `findPeaks` (`scipy.signal.find_peaks`); null sets no bound, but the property is returned. */
export interface PeakConditions {
  /** Height of the sample. */
  height?: Bounds | null;
  /** Vertical distance to both neighbouring samples. */
  threshold?: Bounds | null;
  /** Least distance between peaks in samples, ≥ 1: of two closer ones the lower is dropped. */
  distance?: number;
  /** How far a peak stands out: down to the higher one of its bases. */
  prominence?: Bounds | null;
  /** Width in samples, at `relHeight` of the prominence. */
  width?: Bounds | null;
  /** Samples of a flat top. */
  plateauSize?: Bounds | null;
  /** Window in samples within which the bases of a peak are searched. */
  wlen?: number;
  /** Share of the prominence below the top at which the width is measured. Default 0.5. */
  relHeight?: number;
}

/** Peaks, and the properties that have conditions. */
export interface Peaks {
  /** Indices, ascending. */
  peaks: Uint32Array;
  /** Samples of each flat top. */
  plateauSizes?: Float64Array;
  /** First sample of each flat top. */
  leftEdges?: Uint32Array;
  /** Last sample of each flat top. */
  rightEdges?: Uint32Array;
  /** The samples at the peaks. */
  peakHeights?: Float64Array;
  /** Height above the left neighbour. */
  leftThresholds?: Float64Array;
  /** Height above the right neighbour. */
  rightThresholds?: Float64Array;
  /** How far each stands out. */
  prominences?: Float64Array;
  /** Index of the lowest sample to the left, up to a higher peak. */
  leftBases?: Uint32Array;
  /** Index of the lowest sample to the right, up to a higher peak. */
  rightBases?: Uint32Array;
  /** Widths in samples. */
  widths?: Float64Array;
  /** Heights at which the widths were measured. */
  widthHeights?: Float64Array;
  /** Where each width begins, in samples, interpolated. */
  leftIps?: Float64Array;
  /** Where each width ends, in samples, interpolated. */
  rightIps?: Float64Array;
}

/** Finds samples, or middles of plateaus, that are higher than their neighbours. */
export function findPeaks(x: Signal, conditions?: PeakConditions): Peaks;
/** {@link findPeaks} on a worker thread. */
export function findPeaksAsync(x: Signal, conditions?: PeakConditions): Promise<Peaks>;

// ---- Features ---------------------------------------------------------------------------------

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

// ---- Rates, convolutions and smoothing --------------------------------------------------------------

/** How a signal goes on beyond its ends; `"constant"` is 0. */
export type UpfirdnMode =
  | "constant" | "symmetric" | "edge" | "smooth" | "wrap" | "reflect" | "antisymmetric" | "antireflect" | "line";

/** Options of `convolve` and `correlate`. */
export interface ConvolveOptions {
  /** All of it (default), the middle as long as the first signal, or where both overlap completely. */
  mode?: "full" | "same" | "valid";
  /** By its sums, by transforms, or by what takes less time (default). */
  method?: "auto" | "direct" | "fft";
}

/** Options of `resamplePoly`. */
export interface ResamplePolyOptions {
  /** The window of the low-pass, or the taps themselves. Default `["kaiser", 5]`. */
  window?: WindowSpec;
  /** What stands beyond the ends: 0 (default), a level of the signal, or an extension of it. */
  padtype?: UpfirdnMode | "mean" | "median" | "maximum" | "minimum";
}

/** Options of `decimate`. */
export interface DecimateOptions {
  /** Order of the filter. Default 8, of an FIR filter 20 `q`. */
  n?: number;
  /** A Chebyshev filter of type I (default) or a windowed FIR filter. */
  ftype?: "iir" | "fir";
  /** Without delay: forwards and backwards, or centred. Default true. */
  zeroPhase?: boolean;
}

/** Options of `envelope`. */
export interface EnvelopeOptions {
  /** First bin of the band, and the one after its last (null: up to half the sample rate). Default `[1, null]`. */
  band?: [low: number | null, high: number | null];
  /** Places at which the envelope is computed. Default: as many as samples. */
  nOut?: number;
  /** The square of the envelope. Default false. */
  squared?: boolean;
  /** The rest that is returned: below the band (default), all outside of it, or none. */
  residual?: "lowpass" | "all" | "none" | null;
}

/** Options of `whittakerHenderson`. */
export interface WhittakerHendersonOptions {
  /** The weight of the roughness, or `"reml"` (default): the one of restricted maximum likelihood. */
  lamb?: number | "reml";
  /** Order of the differences whose squares are the roughness, 1 to 12. Default 2. */
  order?: number;
  /** Weights of the samples; 0 for those that are to be filled in. Default 1. */
  weights?: NumberList;
}

/** `up − 1` zeros between the samples, the taps `h`, and every `down`-th sample of that. */
export function upfirdn(
  h: NumberList, x: Signal, options?: { up?: number; down?: number; mode?: UpfirdnMode },
): Float64Array;
/** {@link upfirdn} on a worker thread. */
export function upfirdnAsync(
  h: NumberList, x: Signal, options?: { up?: number; down?: number; mode?: UpfirdnMode },
): Promise<Float64Array>;
/** `x` at `up / down` times its rate by a linear-phase filter without delay. */
export function resamplePoly(x: Signal, up: number, down: number, options?: ResamplePolyOptions): Float64Array;
/** {@link resamplePoly} on a worker thread. */
export function resamplePolyAsync(
  x: Signal, up: number, down: number, options?: ResamplePolyOptions,
): Promise<Float64Array>;
/** `num` samples of the period that `x` is one of, by its spectrum; `window` weights the spectrum. */
export function resample(x: Signal, num: number, options?: { window?: WindowSpec | null }): Float64Array;
/** {@link resample} on a worker thread. */
export function resampleAsync(x: Signal, num: number, options?: { window?: WindowSpec | null }): Promise<Float64Array>;
/** Every `q`-th sample of `x` behind a low-pass. */
export function decimate(x: Signal, q: number, options?: DecimateOptions): Float64Array;
/** {@link decimate} on a worker thread. */
export function decimateAsync(x: Signal, q: number, options?: DecimateOptions): Promise<Float64Array>;
/** Linear convolution `Σ x[k]·y[n−k]`. */
export function convolve(x: Signal, y: Signal, options?: ConvolveOptions): Float64Array;
/** {@link convolve} on a worker thread. */
export function convolveAsync(x: Signal, y: Signal, options?: ConvolveOptions): Promise<Float64Array>;
/** {@link convolve} by transforms. */
export function fftconvolve(x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" }): Float64Array;
/** {@link fftconvolve} on a worker thread. */
export function fftconvolveAsync(
  x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" },
): Promise<Float64Array>;
/** {@link convolve} by transforms of blocks (overlap-add). */
export function oaconvolve(x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" }): Float64Array;
/** {@link oaconvolve} on a worker thread. */
export function oaconvolveAsync(
  x: Signal, y: Signal, options?: { mode?: "full" | "same" | "valid" },
): Promise<Float64Array>;
/** Linear correlation `Σ x[k]·y[k−lag]`; `correlationLags` says the lags. */
export function correlate(x: Signal, y: Signal, options?: ConvolveOptions): Float64Array;
/** {@link correlate} on a worker thread. */
export function correlateAsync(x: Signal, y: Signal, options?: ConvolveOptions): Promise<Float64Array>;
/** The lags of `correlate` for signals of these lengths. */
export function correlationLags(
  length1: number, length2: number, options?: { mode?: "full" | "same" | "valid" },
): Float64Array;
/** Quotient and remainder of `signal` and `divisor` as polynomials. */
export function deconvolve(signal: Signal, divisor: Signal): { quotient: Float64Array; remainder: Float64Array };
/** {@link deconvolve} on a worker thread. */
export function deconvolveAsync(
  signal: Signal, divisor: Signal,
): Promise<{ quotient: Float64Array; remainder: Float64Array }>;
/** Wiener's filter by mean and variance of `size` samples (default 3) around each; `noise` is the noise's variance. */
export function wiener(x: Signal, options?: { size?: number; noise?: number | null }): Float64Array;
/** {@link wiener} on a worker thread. */
export function wienerAsync(x: Signal, options?: { size?: number; noise?: number | null }): Promise<Float64Array>;
/** The median of `kernelSize` samples (odd, default 3) around each, zeros beyond the ends, in float64. */
export function medfilt(x: Signal, kernelSize?: number): Float64Array;
/** {@link medfilt} on a worker thread. */
export function medfiltAsync(x: Signal, kernelSize?: number): Promise<Float64Array>;
/**
 * The sample of a rank (0 is the smallest) among those around each where `domain` (of odd length, or that length) is
 * not 0.
 */
export function orderFilter(x: Signal, domain: number | Signal, rank: number): Float64Array;
/** {@link orderFilter} on a worker thread. */
export function orderFilterAsync(x: Signal, domain: number | Signal, rank: number): Promise<Float64Array>;
/** The analytic signal of `x` with zeros up to `n` samples, or of its first `n`. */
export function hilbert(x: Signal, n?: number): { real: Float64Array; imag: Float64Array };
/** {@link hilbert} on a worker thread. */
export function hilbertAsync(x: Signal, n?: number): Promise<{ real: Float64Array; imag: Float64Array }>;
/** Envelope of a band of `x`, and the rest. */
export function envelope(
  x: Signal, options?: EnvelopeOptions,
): { envelope: Float64Array; residual: Float64Array | null };
/** {@link envelope} on a worker thread. */
export function envelopeAsync(
  x: Signal, options?: EnvelopeOptions,
): Promise<{ envelope: Float64Array; residual: Float64Array | null }>;
/** The smooth signal that minimises `Σ w (y − x)² + lamb Σ (Δᵖx)²` (Eilers, 2003), and `lamb`. */
export function whittakerHenderson(x: Signal, options?: WhittakerHendersonOptions): { x: Float64Array; lamb: number };
/** {@link whittakerHenderson} on a worker thread. */
export function whittakerHendersonAsync(
  x: Signal, options?: WhittakerHendersonOptions,
): Promise<{ x: Float64Array; lamb: number }>;
// ---- Peaks and irregular times ------------------------------------------------------------------------

/** Options of `argrelmax`, `argrelmin` and `argrelextrema`. */
export interface ExtremaOptions {
  /** Neighbours on either side that are compared. Default 1. */
  order?: number;
  /** Beyond the ends stand the end samples (default) or the other end. */
  mode?: "clip" | "wrap";
}

/** Options of `findPeaksCwt`. */
export interface FindPeaksCwtOptions {
  /** How far a ridge may move at each width. Default: a quarter of the width. */
  maxDistances?: NumberList;
  /** Widths without a maximum after which a ridge has ended. Default: the first width. */
  gapThresh?: number;
  /** The fewest widths of a ridge. Default: a quarter of them. */
  minLength?: number;
  /** The least ratio of signal and noise. Default 1. */
  minSnr?: number;
  /** The percentile that counts as noise. Default 10. */
  noisePerc?: number;
  /** Samples over which the noise is taken. Default: a twentieth of the signal. */
  windowSize?: number;
}

/** Options of `lombscargle`. */
export interface LombScargleOptions {
  /** Squared amplitudes times a quarter of the samples (default), parts of the variance (true), or complex amplitudes. */
  normalize?: boolean | "power" | "normalize" | "amplitude";
  /** Weights of the samples. Default 1. */
  weights?: NumberList;
  /** Whether a mean is fitted with each sine. Default false. */
  floatingMean?: boolean;
}

/** Indices of samples greater than their neighbours. */
export function argrelmax(x: Signal, options?: ExtremaOptions): Float64Array;
/** {@link argrelmax} on a worker thread. */
export function argrelmaxAsync(x: Signal, options?: ExtremaOptions): Promise<Float64Array>;
/** Indices of samples less than their neighbours. */
export function argrelmin(x: Signal, options?: ExtremaOptions): Float64Array;
/** {@link argrelmin} on a worker thread. */
export function argrelminAsync(x: Signal, options?: ExtremaOptions): Promise<Float64Array>;
/** Indices of samples that compare so with their neighbours. */
export function argrelextrema(
  x: Signal, comparator: "greater" | "greaterEqual" | "less" | "lessEqual", options?: ExtremaOptions,
): Float64Array;
/** {@link argrelextrema} on a worker thread. */
export function argrelextremaAsync(
  x: Signal, comparator: "greater" | "greaterEqual" | "less" | "lessEqual", options?: ExtremaOptions,
): Promise<Float64Array>;
/** Prominences and bases of samples of `x`. */
export function peakProminences(
  x: Signal, peaks: NumberList | Uint32Array, options?: { wlen?: number | null },
): { prominences: Float64Array; leftBases: Float64Array; rightBases: Float64Array };
/** {@link peakProminences} on a worker thread. */
export function peakProminencesAsync(
  x: Signal, peaks: NumberList | Uint32Array, options?: { wlen?: number | null },
): Promise<{ prominences: Float64Array; leftBases: Float64Array; rightBases: Float64Array }>;
/** Widths of samples of `x` at `relHeight` (default 0.5) of their prominence. */
export function peakWidths(
  x: Signal, peaks: NumberList | Uint32Array, options?: { relHeight?: number; wlen?: number | null },
): { widths: Float64Array; widthHeights: Float64Array; leftIps: Float64Array; rightIps: Float64Array };
/** {@link peakWidths} on a worker thread. */
export function peakWidthsAsync(
  x: Signal, peaks: NumberList | Uint32Array, options?: { relHeight?: number; wlen?: number | null },
): Promise<{ widths: Float64Array; widthHeights: Float64Array; leftIps: Float64Array; rightIps: Float64Array }>;
/** Peaks as ridges of a transform with Mexican hats of rising `widths` in samples (Du and others, 2006). */
export function findPeaksCwt(x: Signal, widths: NumberList, options?: FindPeaksCwtOptions): Float64Array;
/** {@link findPeaksCwt} on a worker thread. */
export function findPeaksCwtAsync(x: Signal, widths: NumberList, options?: FindPeaksCwtOptions): Promise<Float64Array>;
/** Periodogram of samples `y` at any times `x`, at angular frequencies in radians per unit of time. */
export function lombscargle(
  x: Signal,
  y: Signal,
  freqs: NumberList,
  options?: LombScargleOptions & { normalize?: boolean | "power" | "normalize" },
): Float64Array;
/** {@link lombscargle} on a worker thread. */
export function lombscargleAsync(
  x: Signal,
  y: Signal,
  freqs: NumberList,
  options?: LombScargleOptions & { normalize?: boolean | "power" | "normalize" },
): Promise<Float64Array>;
/** Complex amplitudes of samples at any times. */
export function lombscargle(
  x: Signal, y: Signal, freqs: NumberList, options: LombScargleOptions & { normalize: "amplitude" },
): { real: Float64Array; imag: Float64Array };
/** How much events keep to a period: length (1 for one phase) and angle of the mean of their phases. */
export function vectorstrength(events: NumberList, period: number): { strength: number; phase: number };

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

// ---- Features of frames ---------------------------------------------------------------------------

/** Frames of samples, with librosa's defaults. */
export interface FrameOptions {
  /** Samples of a frame. Default 2048. */
  frameLength?: number;
  /** Samples from frame to frame. Default 512. */
  hopLength?: number;
  /** Whether frame k is centred on sample k·`hopLength` (default) or begins there. */
  center?: boolean;
}

/** Spectra of frames, with librosa's defaults. */
export interface FrameSpectrumOptions {
  /** Hz. Default 22050. */
  sampleRate?: number;
  /** Samples of a frame. Default 2048. */
  nFft?: number;
  /** Samples from frame to frame. Default 512. */
  hopLength?: number;
  /** Whether frame k is centred on sample k·`hopLength` (default) or begins there. */
  center?: boolean;
  /** A periodic window of `getWindow`, or `nFft` samples. Default `"hann"`. */
  window?: WindowSpec;
}

/** Options of `spectralContrast`. */
export interface SpectralContrastOptions extends FrameSpectrumOptions {
  /** Where the first octave begins, in Hz. Default 200. */
  fMin?: number;
  /** Octaves from there. Default 6. */
  nBands?: number;
  /** The part of a band's bins that count as peaks, and as valleys. Default 0.02. */
  quantile?: number;
  /** The difference of magnitudes instead of decibels. Default false. */
  linear?: boolean;
}

/** The root of the mean square of each frame. */
export function rms(x: Signal, options?: FrameOptions): Float64Array;
/** {@link rms} on a worker thread. */
export function rmsAsync(x: Signal, options?: FrameOptions): Promise<Float64Array>;
/**
 * The part of each frame's samples whose sign differs from that of the one before; within `threshold` (default 1e-10)
 * a sample is 0.
 */
export function zeroCrossingRate(x: Signal, options?: FrameOptions & { threshold?: number }): Float64Array;
/** {@link zeroCrossingRate} on a worker thread. */
export function zeroCrossingRateAsync(
  x: Signal, options?: FrameOptions & { threshold?: number },
): Promise<Float64Array>;
/** The mean frequency in Hz of each frame's magnitudes. */
export function spectralCentroid(x: Signal, options?: FrameSpectrumOptions): Float64Array;
/** {@link spectralCentroid} on a worker thread. */
export function spectralCentroidAsync(x: Signal, options?: FrameSpectrumOptions): Promise<Float64Array>;
/** How far in Hz each frame's magnitudes lie around the centroid: the p-th root of the mean p-th power (default 2). */
export function spectralBandwidth(x: Signal, options?: FrameSpectrumOptions & { p?: number }): Float64Array;
/** {@link spectralBandwidth} on a worker thread. */
export function spectralBandwidthAsync(
  x: Signal, options?: FrameSpectrumOptions & { p?: number },
): Promise<Float64Array>;
/** The frequency in Hz below which the part `rollPercent` (default 0.85) of each frame's magnitudes lies. */
export function spectralRolloff(x: Signal, options?: FrameSpectrumOptions & { rollPercent?: number }): Float64Array;
/** {@link spectralRolloff} on a worker thread. */
export function spectralRolloffAsync(
  x: Signal, options?: FrameSpectrumOptions & { rollPercent?: number },
): Promise<Float64Array>;
/**
 * Geometric by arithmetic mean of each frame's magnitudes to a power (default 2), each at least `amin` (default
 * 1e-10).
 */
export function spectralFlatness(
  x: Signal, options?: FrameSpectrumOptions & { power?: number; amin?: number },
): Float64Array;
/** {@link spectralFlatness} on a worker thread. */
export function spectralFlatnessAsync(
  x: Signal, options?: FrameSpectrumOptions & { power?: number; amin?: number },
): Promise<Float64Array>;
/**
 * Peaks less valleys in dB of octaves of each frame (Jiang and others, 2002): an array of `nBands + 1` bands, a value
 * a frame each.
 */
export function spectralContrast(x: Signal, options?: SpectralContrastOptions): Float64Array[];
/** {@link spectralContrast} on a worker thread. */
export function spectralContrastAsync(x: Signal, options?: SpectralContrastOptions): Promise<Float64Array[]>;
/**
 * A derivative of features over frames: Savitzky and Golay's of an order (default 1) over `width` frames (odd, default
 * 9).
 */
export function delta(
  x: Signal, options?: { width?: number; order?: number; mode?: "interp" | "nearest" | "mirror" | "constant" | "wrap" },
): Float64Array;
/** {@link delta} on a worker thread. */
export function deltaAsync(
  x: Signal, options?: { width?: number; order?: number; mode?: "interp" | "nearest" | "mirror" | "constant" | "wrap" },
): Promise<Float64Array>;
/** `x[n] − coef·x[n−1]` (default 0.97), begun on the line through the first two samples. */
export function preemphasis(x: Signal, options?: { coef?: number }): Float64Array;
/** {@link preemphasis} on a worker thread. */
export function preemphasisAsync(x: Signal, options?: { coef?: number }): Promise<Float64Array>;
/** The signal of which `preemphasis` makes `x`. */
export function deemphasis(x: Signal, options?: { coef?: number }): Float64Array;
/** {@link deemphasis} on a worker thread. */
export function deemphasisAsync(x: Signal, options?: { coef?: number }): Promise<Float64Array>;
/** The mean increase in dB of mel bands from frame to frame; options of `calculateMelSpectrogram`. */
export function onsetStrength(x: Signal, options?: MelOptions): Float64Array;
/** {@link onsetStrength} on a worker thread. */
export function onsetStrengthAsync(x: Signal, options?: MelOptions): Promise<Float64Array>;

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

/** Hjorth's parameters. */
export interface HjorthParameters {
  /** Variance. */
  activity: number;
  /** `√(var x′ / var x)` */
  mobility: number;
  /** Mobility of x′ over mobility of x. */
  complexity: number;
}

/** Parameters of a running Hjorth analysis. */
export interface HjorthParams {
  /** Samples in the window. */
  windowSize: number;
}

/** Shape of a magnitude spectrum. */
export interface SpectralFeatures {
  /** Centre of gravity in Hz. */
  centroid: number;
  /** Frequency in Hz below which the given share of the magnitudes lies. */
  rolloff: number;
  /** Euclidean distance to the previous spectrum. */
  flux: number;
}

/** Parameters of the spectral features. */
export interface SpectralFeaturesParams {
  /** Sample rate in Hz. */
  sampleRate: number;
  /** Percent. Default 85. */
  rolloffPercentage?: number;
}

/** Parameters of Shannon's entropy. */
export interface EntropyParams {
  /** Samples in the window. */
  windowSize?: number;
  /** Bins of the histogram. Default 256. */
  numBins?: number;
}

/** Parameters of the sample entropy. */
export interface SampleEntropyParams {
  /** Template length. Default 2. */
  m?: number;
  /** Tolerance. Default 0.2 standard deviations. */
  r?: number;
}

/** Parameters of the approximate entropy. */
export interface ApproximateEntropyParams {
  /** Template length. Default 2. */
  m?: number;
  /** Tolerance. Default 0.2 standard deviations. */
  r?: number;
}

/** @throws Error for fewer than 3 samples */
export function calculateHjorthParameters(signal: Float32Array): HjorthParameters;
/** Centre of gravity in Hz; bin i of n stands at i·sampleRate/(2n). */
export function calculateSpectralCentroid(magnitudes: Float32Array, sampleRate: number): number;
/** Frequency of the first bin at which the running sum reaches `percentage` (85) percent of the total. */
export function calculateSpectralRolloff(magnitudes: Float32Array, sampleRate: number, percentage?: number): number;
/** Euclidean distance; 0 without a previous spectrum of the same length. */
export function calculateSpectralFlux(current: Float32Array, previous: Float32Array | null): number;
/** Centroid, roll-off and flux at once. */
export function calculateSpectralFeatures(
  magnitudes: Float32Array, sampleRate: number, previous?: Float32Array | null, rolloffPercentage?: number,
): SpectralFeatures;
/** Entropy in bits of the histogram in `numBins` (256) bins from the smallest to the largest value. */
export function calculateShannonEntropy(signal: Float32Array, numBins?: number): number;
/**
 * `−ln(A/B)` for the N − m templates of `m` (2) samples and tolerance `r` (0.2 standard deviations); NaN for a signal
 * that holds one. `design: "dspx"`: one template less in A. @throws Error if too short
 */
export function calculateSampleEntropy(
  signal: Float32Array, m?: number, r?: number | null, options?: { design?: FilterDesign },
): number;
/** {@link calculateSampleEntropy} on a worker thread. */
export function calculateSampleEntropyAsync(
  signal: Float32Array, m?: number, r?: number | null, options?: { design?: FilterDesign },
): Promise<number>;
/** `φ(m) − φ(m+1)`. @throws Error if too short */
export function calculateApproximateEntropy(signal: Float32Array, m?: number, r?: number): number;
/** {@link calculateApproximateEntropy} on a worker thread. */
export function calculateApproximateEntropyAsync(signal: Float32Array, m?: number, r?: number): Promise<number>;

/** Hjorth's parameters of the last `windowSize` samples. */
export class HjorthTracker {
  constructor(windowSize: number);
  /** Adds a sample and returns the parameters; null until the window is full. */
  update(sample: number): HjorthParameters | null;
  /** Restores the state before the first sample. */
  reset(): void;
}

/** Shannon's entropy of the last `windowSize` samples. */
export class EntropyTracker {
  constructor(windowSize: number, numBins?: number);
  /** Adds a sample and returns the entropy in bits; null until the window is full. */
  update(sample: number): number | null;
  /** Restores the state before the first sample. */
  reset(): void;
}

/** Spectral features of one spectrum after another. */
export class SpectralFeaturesTracker {
  /** Returns the features of a spectrum; the flux is relative to the previous one. */
  calculate(magnitudes: Float32Array, sampleRate: number, rolloffPercentage?: number): SpectralFeatures;
  /** Removes the previous spectrum. */
  reset(): void;
}

/** Wavelets of `WaveletTransform` and `dwt`; `"db1"` is `"haar"`. */
export type WaveletType = "haar" | "db1" | "db2" | "db3" | "db4" | "db5" | "db6" | "db7" | "db8" | "db9" | "db10";
/** One level of the wavelet transform: floor(n/2) approximation coefficients, then the details. */
export function dwt(signal: Float32Array, wavelet: WaveletType): Promise<Float32Array>;
/** Filters the signal by a new `HilbertEnvelope` stage. */
export function hilbertEnvelope(signal: Float32Array, windowSize?: number, hopSize?: number): Promise<Float32Array>;

// ---- Sums, correlations, channels -------------------------------------------------------------

/** Options of `detrend`. */
export interface DetrendOptions {
  /** Default `"linear"`. */
  type?: "linear" | "constant";
}

/** Reserved. */
export interface AutocorrelationOptions {
  [key: string]: unknown;
}

/** Reserved. */
export interface CrossCorrelationOptions {
  [key: string]: unknown;
}

/** `Σ a·b` in float64. @throws RangeError for arrays of different length */
export function dotProduct(a: Float32Array, b: Float32Array): number;
/** `Σ x` in float64. */
export function sum(x: Float32Array): number;
/** `Σ x²` in float64. */
export function sumOfSquares(x: Float32Array): number;
/** The signal without its mean, or without its least-squares line (default). */
export function detrend(signal: Float32Array, options?: DetrendOptions): Float32Array;
/** `r[k] = Σ x[i]·x[i+k]`, k = 0…n−1. */
export function autocorrelation(signal: Float32Array, options?: AutocorrelationOptions): Float32Array;
/** {@link autocorrelation} on a worker thread. */
export function autocorrelationAsync(signal: Float32Array): Promise<Float32Array>;
/** `r[k] = Σ x[i]·y[i+k]`, k = 0…n−1: a y that is k late peaks at k. */
export function crossCorrelation(x: Float32Array, y: Float32Array, options?: CrossCorrelationOptions): Float32Array;
/** {@link crossCorrelation} on a worker thread. */
export function crossCorrelationAsync(x: Float32Array, y: Float32Array): Promise<Float32Array>;

/** The functions above, and functions for channels of interleaved samples. */
export class DspUtils {
  /** {@link dotProduct} */
  static dotProduct: typeof dotProduct;
  /** {@link sum} */
  static sum: typeof sum;
  /** {@link sumOfSquares} */
  static sumOfSquares: typeof sumOfSquares;
  /** {@link detrend} */
  static detrend: typeof detrend;
  /** {@link autocorrelation} */
  static autocorrelation: typeof autocorrelation;
  /** {@link crossCorrelation} */
  static crossCorrelation: typeof crossCorrelation;
  /** Returns the interleaved samples of one array per channel. */
  static interleave(planar: Float32Array[]): Float32Array;
  /** Returns one array per channel of interleaved samples. */
  static deinterleave(interleaved: Float32Array, channels: number): Float32Array[];
  /** A copy of one channel. */
  static getChannel(interleaved: Float32Array, channels: number, channel: number): Float32Array;
}

// ---- Kafka and state stores ---------------------------------------------------------------------

/**
 * Options of a Kafka client, named as in kafkajs. A key with a dot is a property of librdkafka, is passed as it is and
 * wins over everything else.
 */
export interface KafkaClientOptions {
  /** Name of the client towards the brokers. */
  clientId?: string;
  /** Addresses, `host:port`; they take precedence over `brokers` beside these options. */
  brokers?: string[];
  /** TLS: true, or certificates as PEM. */
  ssl?: boolean | {
    ca?: string | Buffer | (string | Buffer)[]; cert?: string | Buffer; key?: string | Buffer; passphrase?: string;
    rejectUnauthorized?: boolean;
  };
  /** Login: `plain`, `scram-sha-256`, `scram-sha-512`, or `oauthbearer` with a function that returns a token. */
  sasl?:
    | { mechanism: string; username: string; password: string }
    | {
      mechanism: "oauthbearer";
      oauthBearerProvider?: () => Promise<{ value: string; principal?: string; lifetime?: number }>;
    };
  /** Longest time for a connection, in ms. */
  connectionTimeout?: number;
  /** Longest time for a request, in ms. */
  requestTimeout?: number;
  /** Retries of requests (producer), and pauses between them in ms. */
  retry?: { retries?: number; initialRetryTime?: number; maxRetryTime?: number };
  /**
   * As in kafkajs: 0 nothing, 1 error, 2 warn, 4 info, 5 debug. If it is set, the client's log lines go to
   * `console.error`; the native log (`createNativeLogHandler`) has them in any case.
   */
  logLevel?: number;
  /** Time in ms within which new topics and partitions are noticed: 10 to 3,600,000. Default 300,000. */
  metadataMaxAge?: number;
  /** Location of this client, for reading from the nearest replica. */
  rackId?: string;
  /**
   * Whether the broker may create topics that do not exist: default true for producers, false for consumers and
   * streams.
   */
  allowAutoTopicCreation?: boolean;
  /** Who distributes the partitions of a group: its members, or the brokers (KIP-848). Default `classic`. */
  groupProtocol?: "classic" | "consumer";
  /** ms without a heartbeat after which a member counts as gone. Default 30,000. */
  sessionTimeout?: number;
  /** ms between heartbeats. Default 3,000. */
  heartbeatInterval?: number;
  /** Longest time in ms that a member may take for a rebalance. */
  rebalanceTimeout?: number;
  /** Largest number of bytes per partition and fetch. */
  maxBytesPerPartition?: number;
  /** Number of bytes that a fetch waits for. */
  minBytes?: number;
  /** Largest number of bytes per fetch. */
  maxBytes?: number;
  /** Longest time in ms that a fetch waits for `minBytes`. */
  maxWaitTimeInMs?: number;
  /** Whether messages of open transactions are read. Default false. */
  readUncommitted?: boolean;
  /** Id of a static member of the group. */
  groupInstanceId?: string;
  /**
   * Whether retries never write twice. Default true, unless `acks`, `retry.retries: 0` or `maxInFlightRequests` above 5
   * exclude it.
   */
  idempotent?: boolean;
  /** Largest number of requests under way. */
  maxInFlightRequests?: number;
  /** Replicas that must have a message: -1 or `"all"` (default), 1, 0. */
  acks?: number | "all";
  /** Codec of batches. Default none. */
  compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd" | 0 | 1 | 2 | 3 | 4;
  /** Time in ms after which an open transaction is aborted. */
  transactionTimeout?: number;
  [property: string]: any;
}

/** Options of `createKafkaProducerHandler`. */
export interface KafkaProducerConfig {
  /** Addresses of some brokers, `host:port`. */
  brokers: string[];
  /** Topic for the logs. */
  topic: string;
  /** Default `dsp-pipeline`. */
  clientId?: string;
  /** Options of the client. */
  producerConfig?: KafkaClientOptions;
  /** Number of logs that triggers a flush; default 100. */
  batchSize?: number;
  /** Time from the first waiting log to a flush in ms; default 5000. */
  flushInterval?: number;
  /** Default: the preset `standard`. One flush is one request. */
  circuitBreaker?: CircuitBreakerConfig | false;
  /** Logs kept while Kafka is not reachable; beyond it the oldest are dropped. Default 10000. */
  maxBuffered?: number;
  /** Longest time of one flush in ms; default 10000. */
  flushTimeoutMs?: number;
  /** Lowest level that is sent. Default: all. */
  minLevel?: LogLevel;
}

/** Counters of a Logger handler for Kafka. */
export interface KafkaHandlerMetrics {
  /** Logs accepted. */
  messages: number;
  /** Bytes accepted. */
  bytes: number;
  /** Logs that brokers have acknowledged. */
  delivered: number;
  /** Logs that could not be delivered. */
  deliveryErrors: number;
  /** Messages in the client. */
  queued: number;
  /** Logs that wait for a flush. */
  buffered: number;
  /** Logs dropped because the buffer was full. */
  dropped: number;
  /** Flushes. */
  flushes: number;
  /** Number of deliveries, and the sum of their durations in ms. */
  deliveryMs: { count: number; sum: number };
}

/** A handler for the Logger that sends logs to a Kafka topic in batches. It connects with the first flush. */
export function createKafkaProducerHandler(config: KafkaProducerConfig): HandlerWithCircuitBreaker & {
  prometheus(prefix?: string): string;
};

/** A message from Kafka. Properties that are expensive to compute are computed when they are first read. */
export interface KafkaMessage {
  /** Its topic. */
  readonly topic: string;
  /** Its partition. */
  readonly partition: number;
  /** Offset, as decimal text. */
  readonly offset: string;
  /** Key as text; null without one. */
  key: string | null;
  /** The decoded value: parsed JSON, a `SampleFrame`, a `Float32Array` or a `Buffer`. */
  value: any;
  /** Headers; an array if a name occurs several times. */
  headers?: Record<string, Buffer | Buffer[]>;
  /** Time in ms since 1970, as decimal text. */
  readonly timestamp: string;
  /** Bytes of the key; null without one. */
  rawKey: Buffer | null;
  /** Bytes of the value; null for a tombstone. */
  rawValue: Buffer | null;
}

/** A partition of a topic. */
export interface TopicPartition {
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
}

/** The actions that `onError` may request. */
export type ErrorAction = "retry" | "skip" | "dlq" | "stop";

/** The place and the message of an error. */
export interface FailureContext {
  /** Kind of the operation that failed. */
  kind: "handler" | "decode" | "connection" | "rebalance" | "dlq";
  /** The topic, if it is about one. */
  topic?: string;
  /** The partition, if it is about one. */
  partition?: number;
  /** The offset, if it is about a message. */
  offset?: string;
  /** Number of the attempt. */
  attempt?: number;
  /** The message. */
  message?: KafkaMessage;
}

/** Encoding of values. `auto`: by content type, then by the first bytes, else JSON. */
export type KafkaCodec = "auto" | "json" | "dspx" | "f32" | "raw";

/** Options of `createKafkaConsumer`. Either `onMessage` or `onBatch` is required. */
export interface KafkaConsumerConfig {
  /** Addresses, `host:port`. */
  brokers: string[];
  /** The consumer group. */
  groupId: string;
  /** Topics to read: names, or regular expressions that begin with `^`. */
  topics: string[];
  /** Default `dsp-consumer`. */
  clientId?: string;
  /** Options of the client. */
  consumerConfig?: KafkaClientOptions;
  /** Whether to begin at the beginning of a partition without a committed offset. Default false: at its end. */
  fromBeginning?: boolean;
  /** Called with one message at a time, in the order of its partition. Excludes `onBatch`. */
  onMessage?: (message: KafkaMessage) => Promise<void> | void;
  /** Called with messages of one partition, in order. Excludes `onMessage`. */
  onBatch?: (batch: KafkaMessage[], context: TopicPartition & { highWatermark: string }) => Promise<void> | void;
  /** Called with every error; for a message its result decides what to do. */
  onError?: (error: Error, context?: FailureContext) => void | ErrorAction | Promise<void | ErrorAction>;
  /** How values are decoded. Default `auto`. */
  codec?: KafkaCodec;
  /** Size of batches for `onBatch`; defaults 500 messages and 5 ms. */
  batch?: { maxMessages?: number; maxWaitMs?: number };
  /** Number of partitions handled at once; default 1. */
  concurrency?: number;
  /** Number of handlers at once within a partition; messages of one key stay in order. Default 1. */
  partitionConcurrency?: number;
  /** Bounds of the queues: messages per partition (1000), bytes in all (16 MiB). */
  prefetch?: { messages?: number; bytes?: number };
  /** Time in ms after which a message counts as failed; default 0: never. */
  handlerTimeoutMs?: number;
  /** Attempts of a handler (default 5) and pauses between them: 200 ms at first, doubled up to 30,000 ms, ± 20 %. */
  retry?: { attempts?: number; initialMs?: number; maxMs?: number; factor?: number; jitter?: number };
  /** Topic for messages that have failed for good. */
  deadLetterTopic?: string | ((topic: string) => string);
  /** Action when the attempts are used up; default `dlq` with a `deadLetterTopic`, else `stop`. */
  onExhausted?: "dlq" | "stop" | "skip";
  /** Action for a message that cannot be decoded; default `dlq` with a `deadLetterTopic`, else `skip`. */
  onPoison?: "dlq" | "stop" | "skip";
  /**
   * Whether progress is committed automatically. Default true. With false only `commit()` and `commitOffsets()` commit.
   */
  autoCommit?: boolean;
  /** Time between automatic commits in ms. Default 1000. */
  autoCommitIntervalMs?: number;
  /**
   * Who distributes the partitions of the group: `classic`, its members, or `consumer` (KIP-848, Kafka 4.0 and newer),
   * the brokers, which then also set the session time-out. Default `classic`. A group changes by a rolling restart.
   */
  groupProtocol?: "classic" | "consumer";
  /**
   * Rule of the distribution. With `classic`: `cooperative-sticky` (default), `range`, `roundrobin`; with `consumer`:
   * `uniform` or `range`, default that of the broker.
   */
  assignor?: "cooperative-sticky" | "range" | "roundrobin" | "uniform";
  /** Static membership: a restart within the session moves no partitions. */
  groupInstanceId?: string;
  /**
   * Longest wait of `createKafkaConsumer` for a broker, and of `run()` for topics that do not exist, in ms. Default
   * 10,000.
   */
  connectTimeoutMs?: number;
  /** Longest wait of `disconnect()` for handlers in ms. Default 30,000. */
  shutdownTimeoutMs?: number;
  /** Longest wait of a rebalance for handlers in ms. Default 10,000. */
  revokeTimeoutMs?: number;
  /** Called with newly assigned partitions; reading them begins when its promise has resolved. */
  onAssigned?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Called with partitions to be revoked; they are given up when its promise has resolved. */
  onRevoked?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Called with partitions that have already been assigned to another member. */
  onLost?: (partitions: TopicPartition[]) => void;
}

/** Counters of a consumer since it was made. */
export interface KafkaConsumerMetrics {
  /** Messages received. */
  messages: number;
  /** Bytes received. */
  bytes: number;
  /** Messages handled. */
  handled: number;
  /** Messages whose handler failed for good. */
  failed: number;
  /** Repeated attempts. */
  retried: number;
  /** Messages sent to the dead letters. */
  deadLettered: number;
  /** Messages skipped. */
  skipped: number;
  /** Messages that could not be decoded. */
  decodeErrors: number;
  /** Commits of offsets. */
  commits: number;
  /** Commits that failed. */
  commitErrors: number;
  /** Rebalances. */
  rebalances: number;
  /** Messages in handlers now. */
  inFlight: number;
  /** Messages that wait for handlers now. */
  queued: number;
  /** Bytes of these. */
  queuedBytes: number;
  /** Partitions paused now. */
  paused: number;
  /** Partitions that stopped at a message. */
  stalled: number;
  /** Distance to the ends of the partitions in messages. */
  lag: number;
  /** Durations of handlers in ms. */
  handlerMs: { count: number; sum: number; p50: number; p95: number; p99: number };
}

/** The current state of a consumer. */
export interface KafkaConsumerStatus {
  /** Its state. */
  state: "created" | "running" | "paused" | "rebalancing" | "stopping" | "closed";
  /** Whether it is running with no partition stalled. */
  healthy: boolean;
  /** Its partitions, with the state of each. */
  partitions: (TopicPartition & {
    state: "running" | "paused" | "retrying" | "stalled";
    queued: number;
    inFlight: number;
  })[];
}

/** Events: assigned, revoked, lost, stalled, dlq, error, closed. */
export interface KafkaConsumer extends NodeJS.EventEmitter {
  /**
   * Joins the group; resolves when the first partitions are assigned and their start is known. Rejects with
   * `UNKNOWN_TOPIC_OR_PART` if one of the topics does not exist within `connectTimeoutMs`. After a rejection the
   * consumer is disconnected.
   */
  run(): Promise<void>;
  /** Starts no more handlers; without a list for all partitions, including those assigned later. */
  pause(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /** Undoes `pause` for the listed partitions, or for all, and retries stalled partitions. */
  resume(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /**
   * Waits for running handlers, commits what is done, and leaves the group. Called within a handler it resolves at
   * once, and all of this follows when the handler has ended.
   */
  disconnect(): Promise<void>;
  /** Continues at another position of an assigned partition. */
  seek(to: TopicPartition & { offset: string | "beginning" | "end" | { timestamp: number } }): Promise<void>;
  /**
   * Commits everything that is done. Rejects with `_ASSIGNMENT_LOST` if, since the last call, partitions were lost
   * before the progress in them was committed.
   */
  commit(): Promise<void>;
  /**
   * Commits these offsets, each that of the next message to be read, whatever has been handled; `commit()` and
   * `autoCommit` commit the offsets of what is handled. Rejects with `_ASSIGNMENT_LOST`, without a commit, if one of
   * the partitions is not assigned.
   */
  commitOffsets(offsets: (TopicPartition & { offset: string | number; metadata?: string | null })[]): Promise<void>;
  /** Returns the assigned partitions. */
  assignment(): TopicPartition[];
  /**
   * Returns the distance to the end by partition, as of the last fetch and the last statistics (every second). `lag`
   * counts messages that are not done; offsets before `high` that are not messages, such as transaction markers, are
   * not counted.
   */
  lag(): Promise<(TopicPartition & { committed: string | null; position: string; high: string; lag: number })[]>;
  /** Returns the current state. */
  status(): KafkaConsumerStatus;
  /** Returns the counters since it was made. */
  metrics(): KafkaConsumerMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
}

/** Makes a consumer. Resolves when a broker has answered. */
export function createKafkaConsumer(config: KafkaConsumerConfig): Promise<KafkaConsumer>;

/** Samples of one message. */
export interface SampleFrame {
  /** Interleaved samples. */
  data: Float32Array;
  /** Number of channels in `data`. */
  channels: number;
  /** Sample rate in Hz. */
  sampleRate: number | null;
  /** Time of the first frame, ms since 1970. */
  t0: number | null;
  /** Time of each frame, ms since 1970. */
  timestamps: Float64Array | null;
}

/** Encodes samples as a binary frame (`application/x-dspx-f32`). */
export function encodeFrame(
  data: Float32Array,
  options?: { channels?: number; sampleRate?: number; t0?: number; timestamps?: Float64Array | number[] },
): Buffer;

/** Decodes a binary frame. */
export function decodeFrame(bytes: Buffer | Uint8Array): SampleFrame;

/** A message to send. */
export interface KafkaOutgoingMessage {
  /** Key, which determines the partition: equal keys go to the same one. */
  key?: string | Buffer | null;
  /** Text, bytes, samples (as float32), a frame of samples, or null for a tombstone. */
  value: string | Buffer | Float32Array | Partial<SampleFrame> & { data: Float32Array } | null;
  /** Headers; several values under one name are kept apart. */
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  /** Number of the partition, instead of the one that the key determines. */
  partition?: number;
  /** Time as an integer of ms since 1970, above 0, or its decimal text; default: the current time. */
  timestamp?: number | string | null;
}

/** Counters of a producer since it was made. */
export interface KafkaProducerMetrics {
  /** Messages accepted. */
  messages: number;
  /** Bytes accepted. */
  bytes: number;
  /** Messages acknowledged. */
  delivered: number;
  /** Messages that could not be delivered. */
  deliveryErrors: number;
  /** Messages in the client. */
  queued: number;
  /** Number of deliveries, and the sum of their durations in ms. */
  deliveryMs: { count: number; sum: number };
}

/** A producer; made by `createKafkaProducer`. */
export interface KafkaProducer {
  /** Resolves once the broker has every message; waits while the local queue is full. */
  send(request: { topic: string; messages: KafkaOutgoingMessage[] }): Promise<(TopicPartition & { offset: string })[]>;
  /** Waits for the delivery of everything sent so far; default 10 s. */
  flush(timeoutMs?: number): Promise<void>;
  /** Sends what is queued, then closes the producer. */
  close(): Promise<void>;
  /** Returns the counters since it was made. */
  metrics(): KafkaProducerMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
}

/** Makes a producer. Resolves when a broker has answered. */
export function createKafkaProducer(config: {
  brokers: string[]; clientId?: string; producerConfig?: KafkaClientOptions; connectTimeoutMs?: number;
}): Promise<KafkaProducer>;

/** A Kafka cluster inside this process, for demos, examples and tests. All its data is in memory. */
export interface EmbeddedKafka {
  /** Its addresses. */
  readonly brokers: string[];
  /** Options for fast clients in other processes; clients of this process use them automatically. */
  readonly clientConfig: KafkaClientOptions;
  /** Creates a topic. */
  createTopic(name: string, partitions?: number): void;
  /** Disconnects a broker; without an id all of them. */
  brokerDown(id?: number): void;
  /** Reconnects a broker; without an id all of them. */
  brokerUp(id?: number): void;
  /** Delays answers by this number of ms. */
  setLatency(ms: number, id?: number): void;
  /** Makes another broker the leader of a partition. */
  moveLeader(topic: string, partition: number, id: number): void;
  /** Answers the next requests of a kind with these codes; `_TRANSPORT` closes the connection. */
  failNext(api: string, errors: string[]): void;
  /** Returns the received requests, with their API, broker and time (ms). */
  requests(): { api: string; broker: number; at: number }[];
  /** Discards the received requests. */
  clearRequests(): void;
  /** Ends the cluster; its data are lost. */
  close(): Promise<void>;
}

/** Starts a Kafka cluster inside this process. */
export function createEmbeddedKafka(options?: {
  brokers?: number; topics?: (string | { name: string; partitions?: number })[]; rebalanceDelayMs?: number;
}): Promise<EmbeddedKafka>;

/** A failure that Kafka or its client reports. */
export class KafkaError extends Error {
  /** librdkafka's name without prefix, such as `TOPIC_AUTHORIZATION_FAILED` or `_ALL_BROKERS_DOWN`. */
  code: string;
  /** Whether the same call may succeed later. */
  retriable: boolean;
  /** Whether the client is unusable from now on. */
  fatal: boolean;
  /** Of a failed `send`: the outcome of each message. */
  results?: (TopicPartition & { offset: string } | { topic: string; error: KafkaError })[];
}

/** A handler failed; `cause` is what it threw. */
export class KafkaHandlerError extends Error {
  /** `HANDLER`. */
  code: string;
  /** The error that the handler threw. */
  cause: unknown;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Its offset. */
  offset: string;
  /** Number of attempts. */
  attempts: number;
}

/** A message cannot be decoded. */
export class KafkaDecodeError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Its offset. */
  offset: string;
  /** Why it cannot be decoded. */
  reason: string;
}

/** A state store failed. */
export class StateStoreError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Whether the same call may succeed later. */
  retriable: boolean;
}

/** A scope belongs to a later owner. */
export class StateFencedError extends Error {
  /** Error code, for programs. */
  code: string;
  /** The scope that both owners write. */
  scope: string;
  /** Epoch of this owner. */
  ours: number;
  /** Epoch of the later owner. */
  theirs: number;
  /** Name of the later owner. */
  owner: string;
}

/** The file of an embedded store is damaged, or is not a database. */
export class StateCorruptedError extends StateStoreError {
  /** Error code, for programs. */
  code: "CORRUPT";
  /** Path of the file. */
  path: string;
}
/** The folder of an embedded store belongs to another process. */
export class StateLockedError extends Error {
  /** Error code, for programs. */
  code: string;
}

/** The pipeline differs from the one that wrote the state. */
export class StateDefinitionError extends Error {
  /** Error code, for programs. */
  code: string;
}

/** Messages that the stream has yet to process are no longer in the log. */
export class StreamDataLossError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Offset at which the state continues. */
  wanted: string;
  /** First offset in the log. */
  low: string;
  /** Offset after the last one in the log. */
  high: string;
}

/** The state of a partition is not in this store. */
export class StreamStateMissingError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Id of the store that has no states for it. */
  store: string;
}

/** The last saved data of a scope (a partition of a stream). */
export interface StateManifest {
  /** Number of the owner; it increases with every acquisition. */
  epoch: number;
  /** Owner that wrote it. */
  owner: string;
  /** Offset up to which the states hold. */
  nextOffset: string | null;
  /** Number of the checkpoint. */
  seq: number;
  /** Hash of the pipeline. */
  definition: string;
  /** The guarantee of the stream. */
  guarantee: string;
  /** Partitions of the topic. */
  partitions: number;
  /** Id of the store in which it was written. */
  storeId: string;
  /** Time in ms since 1970. */
  updatedAt: number;
}

/** The state of a key. */
export interface StateRecord {
  /** Its bytes. */
  state: Buffer;
  /** Encoding of the state. */
  format: "toon" | "json";
  /** The offset up to which it holds. */
  offset: string | null;
  /** Version, which increases with every write. */
  version: number;
  /** The epoch in which it was written. */
  epoch: number;
  /** Hash of the pipeline. */
  definition: string;
  /** Time in ms since 1970. */
  updatedAt: number;
}

/** The right to write a scope, until another owner acquires it. */
export interface StateLease {
  /** Name of the scope. */
  scope: string;
  /** Epoch of the owner. */
  epoch: number;
  /** Name of the owner. */
  owner: string;
  /** Manifest of the scope; null if it is new. */
  manifest: StateManifest | null;
}

/** A state to write. */
export interface StateEntry {
  /** Its key. */
  key: string | Buffer;
  /** Its bytes or text. */
  state: Buffer | string;
  /** Encoding of the state. Default by type. */
  format?: "toon" | "json";
  /** The offset up to which it holds. */
  offset?: string | null;
  /** `alternate` keeps one version beside the new one: the newest, or the one with the offset `keep`. */
  slot?: "only" | "alternate";
  /** The offset of an older version to keep. */
  keep?: string | null;
}

/** Counters of a store since it was opened. */
export interface StateStoreMetrics {
  /** States read. */
  reads: number;
  /** States written. */
  writes: number;
  /** Bytes read. */
  bytesRead: number;
  /** Bytes written. */
  bytesWritten: number;
  /** Writes refused because another owner has acquired the scope. */
  fenced: number;
  /** Calls that failed. */
  errors: number;
  /** Connections made after the first one. */
  reconnects: number;
  /** Number of calls, and the sum of their durations in ms. */
  latencyMs: { count: number; sum: number };
}

/** Stores states: one manifest per scope and one record per key, fenced by epochs. */
export interface StateStore {
  /** Kind of the store. */
  readonly kind: "redis" | "embedded" | "memory";
  /** Id of the store, drawn when it was first used. */
  readonly storeId: string;
  /** Acquires a scope: from then on no former owner can write. */
  acquire(scope: string, owner: string): Promise<StateLease>;
  /** Returns the versions of a key, newest first. */
  get(scope: string, key: string | Buffer): Promise<StateRecord[]>;
  /** Returns the versions of several keys, the newest of each first. */
  getMany(scope: string, keys: (string | Buffer)[]): Promise<StateRecord[][]>;
  /** Writes states and manifest as one. @throws StateFencedError if another owner has acquired the scope */
  put(lease: StateLease, batch: {
    entries: StateEntry[];
    manifest?: { nextOffset?: string; seq: number; definition: string; guarantee: string; partitions: number };
  }): Promise<void>;
  /** Writes `state` (null deletes) if `expectedVersion` is the current version; 0 = it does not exist. */
  compareAndSet(
    scope: string,
    key: string | Buffer,
    expectedVersion: number,
    state: Buffer | string | null,
    options?: { ttlMs?: number },
  ): Promise<{ ok: boolean; version: number }>;
  /** Iterates over all states of a scope. */
  scan(scope: string): AsyncIterable<{ key: Buffer; record: StateRecord }>;
  /** Removes a key, or a whole scope; resolves to the number of removed states. */
  remove(scope: string, key?: string | Buffer): Promise<number>;
  /** Gives a lease back: nothing can be written with it any more. */
  release(lease: StateLease): Promise<void>;
  /** Resolves to the time of an answer in ms. */
  ping(): Promise<number>;
  /** Returns the counters since it was opened. */
  metrics(): StateStoreMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
  /** Closes the store. */
  close(): Promise<void>;
}

/** A store in memory, for tests. */
export function createMemoryStateStore(): StateStore;

/** A store in a folder of this machine; one process at a time. */
export function createEmbeddedStateStore(config: {
  path: string;
  /**
   * When a write is complete. `fsync` (default): on disk. `os`: survives the end of the process, but not a power
   * failure.
   */
  durability?: "fsync" | "os";
  ttlMs?: number; cacheBytes?: number;
}): Promise<StateStore>;

/** Options of `createRedisStateStore`. */
export interface RedisStateStoreConfig {
  /**
   * `redis(s)://`, `valkey(s)://`, `redis+unix://`, `redis(s)+cluster://h1:p,h2:p`,
   * `redis+sentinel://h1:p,h2:p/master`.
   */
  url: string;
  /** Prefix of every key. Default `dspx`. */
  prefix?: string;
  /** Time in ms after which states that are not written expire; 0 (default): never. */
  ttlMs?: number;
  /** Login. */
  username?: string;
  /** Login. */
  password?: string;
  /** Number of the database. Default 0. */
  db?: number;
  /** Certificates as PEM, for `rediss:`. */
  tls?: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized?: boolean };
  /** Longest time for connecting in ms. Default 5,000. */
  connectTimeoutMs?: number;
  /** Longest time for a command in ms. Default 2,000. */
  commandTimeoutMs?: number;
  /** Pauses before connecting again, from `initialMs` (100) to `maxMs` (5,000). */
  reconnect?: { initialMs?: number; maxMs?: number };
  /** Time in ms for which a call is repeated. Default 30,000. */
  retryForMs?: number;
  /** Largest number of bytes written in one command. Default 1 MiB. */
  chunkBytes?: number;
  /** Largest number of keys in one command. Default 256. */
  chunkKeys?: number;
  /** Compression of states. Default `none`. */
  compression?: "none" | "zstd";
  /** Number of replicas that must have received a write. Default 0. */
  waitReplicas?: number;
}

/** A store in Redis (6 or newer) or Valkey. */
export function createRedisStateStore(config: RedisStateStoreConfig): Promise<StateStore>;

/**
 * Samples on their way into a pipeline, interleaved: float32, or the array of the option `format`. Bytes are
 * little-endian and may be cut anywhere. The object form carries the time of each sample and holds whole frames.
 */
export type SampleChunk<Format extends SampleFormat = "f32"> =
  | SampleArrays[Format]
  | Uint8Array
  | ArrayBuffer
  | { samples: SampleArrays[Format]; timestamps?: Timestamps };

/** Options of `iterate`. `signal` ends it with the signal's reason, also while the source keeps silent. */
export interface ChunkOptions<Format extends SampleFormat = "f32", Output extends SampleFormat = "f32">
  extends ProcessOptions<Output, Format> {
  /**
   * Whether the end of the input is that of the pipeline's stream: what the stages hold back comes out, as by `finish`,
   * and the pipeline is as new. Default `true`; `false` for an input that is one part of a longer stream.
   */
  finish?: boolean;
}

/** Options of `stream`. */
export interface PipelineStreamOptions extends ChunkOptions<SampleFormat, SampleFormat> {
  /**
   * Both sides in object mode: any `SampleChunk` in, an array of the output's format a chunk out. Default `false`:
   * bytes.
   */
  objectMode?: boolean;
  /** Any `SampleChunk` in; `highWaterMark` counts chunks, not bytes. Default `false`. */
  writableObjectMode?: boolean;
  /** An array of the output's format for each chunk that gave one. Default `false`: bytes. */
  readableObjectMode?: boolean;
  /**
   * Amount that may be queued on either side before `write` returns false: bytes, or chunks in object mode. Default:
   * Node's.
   */
  highWaterMark?: number;
}

/** Options of `webStream`. */
export interface PipelineWebStreamOptions<Format extends SampleFormat = "f32">
  extends Omit<ChunkOptions<Format, SampleFormat>, "output"> {
  /** The chunks of the output: `Float32Array`s (default), their bytes, or arrays of another format. */
  output?: "samples" | "bytes" | SampleFormat;
}

// ---- Timing of timestamps ---------------------------------------------------------------------
// Times in milliseconds; a BigInt64Array holds nanoseconds.

/** One interval between timestamps. */
export interface DriftStatistics {
  /** The interval, ms. */
  deltaMs: number;
  /** The interval at the expected rate, ms. */
  expectedMs: number;
  /** |deltaMs − expectedMs| */
  absoluteDrift: number;
  /** absoluteDrift in percent of expectedMs. */
  relativeDrift: number;
  /** Number of the later timestamp since the detector began, from 0. */
  sampleIndex: number;
  /** Its end, ms. */
  currentTimestamp: number;
  /** Its beginning, ms. */
  previousTimestamp: number;
}

/** Options of {@link DriftDetector}. */
export interface DriftDetectorOptions {
  /** Hz, default 1000. */
  expectedSampleRate?: number;
  /** Percent above which an interval counts as drift, default 10. */
  driftThreshold?: number;
  /** Called for each interval that drifts. */
  onDriftDetected?: (statistics: DriftStatistics) => void;
  /** Called for every interval. */
  onTimingMeasured?: (statistics: DriftStatistics) => void;
}

/** All intervals of a {@link DriftDetector} so far; ms. */
export interface TimingMetrics {
  /** Timestamps seen. */
  samplesProcessed: number;
  /** Intervals that drifted. */
  driftEventsCount: number;
  /** Shortest interval. */
  minDelta: number;
  /** Longest interval. */
  maxDelta: number;
  /** Mean interval. */
  averageDelta: number;
  /** Standard deviation of the intervals. */
  stdDevDelta: number;
  /** Largest absolute drift. */
  maxDriftObserved: number;
}

/** Compares the intervals of a stream of timestamps with the one expected. */
export class DriftDetector {
  constructor(options?: DriftDetectorOptions);
  /** Takes the next timestamp, ms. */
  processSample(timestamp: number): void;
  /**
   * Takes several timestamps.
   * @param stride feeds every stride-th timestamp (one per frame, where the channels of a frame share it); default 1
   */
  processBatch(timestamps: Float32Array | Float64Array | BigInt64Array, stride?: number): void;
  /** Returns the metrics of all intervals so far. */
  getMetrics(): TimingMetrics;
  /** Restores the initial state, without a previous timestamp. */
  reset(): void;
  /** Returns the expected sample rate in Hz. */
  getExpectedSampleRate(): number;
}

/** An interval between timestamps that is too long. */
export interface GapDetection {
  /** Index of the timestamp before. */
  startIndex: number;
  /** Index of the timestamp after. */
  endIndex: number;
  /** The interval, ms. */
  durationMs: number;
  /** Samples that are missing. */
  expectedSamples: number;
  /** Its beginning, ms. */
  timestampBefore: number;
  /** Its end, ms. */
  timestampAfter: number;
}

/**
 * Intervals longer than `gapThreshold` (default 2) times the expected one, the missing samples rounded
 * (`design: "dspx"`: rounded down). @throws RangeError for a stamp that is not finite
 */
export function detectGaps(
  timestamps: Timestamps | number[],
  expectedSampleRate: number,
  gapThreshold?: number,
  options?: { design?: FilterDesign },
): GapDetection[];

/** A timestamp that is not later than the one before. */
export interface MonotonicityViolation {
  /** Its index. */
  index: number;
  /** The timestamp, ms. */
  currentTimestamp: number;
  /** The one before, ms. */
  previousTimestamp: number;
  /** Earlier than the one before, or the same. */
  violation: "backwards" | "duplicate";
}

/** Timestamps that are not later than the one before. @throws RangeError for a stamp that is not finite */
export function validateMonotonicity(timestamps: Timestamps | number[]): MonotonicityViolation[];

/** The result of `estimateSampleRate`. */
export interface SampleRateEstimate {
  /** Hz: 1000 over the median interval (`design: "dspx"`: over the mean one). */
  estimatedRate: number;
  /** Mean interval, ms. */
  averageInterval: number;
  /** Standard deviation of the intervals, ms. */
  stdDevInterval: number;
  /** stdDevInterval / averageInterval */
  coefficientOfVariation: number;
  /** By coefficientOfVariation: below 0.01, 0.05, 0.15, 0.3, or above. */
  regularity: "excellent" | "good" | "fair" | "poor" | "irregular";
}

/**
 * Rate and regularity of timestamps; a pause does not change the rate.
 * @throws RangeError for a stamp that is not finite
 */
export function estimateSampleRate(
  timestamps: Timestamps | number[],
  options?: { design?: FilterDesign },
): SampleRateEstimate;

// ---- Recordings in files ----------------------------------------------------------------------

/** A path, the bytes of a file, or a stream of them (kept in a temporary file while the recording is open). */
export type RecordingSource = string | URL | Uint8Array | AsyncIterable<Uint8Array>;

/** Formats that are read. */
export type RecordingFormat = "wav" | "edf" | "bdf" | "wfdb" | "aiff" | "caf" | "flac" | "ogg" | "mp3" | "csv" | "npy" | "raw";

/** How a file is read where it does not say so itself. */
export interface OpenRecordingOptions {
  /** By default found from the first bytes, else from the extension. */
  format?: RecordingFormat;
  /** csv: columns that are channels, by name or by number from 1: `"ecg,3"`. */
  columns?: string;
  /** csv: character between the cells. */
  delimiter?: string;
  /** csv: decimal mark. */
  decimal?: "." | ",";
  /** csv: whether the first row names the columns. */
  header?: boolean;
  /** csv: column of times, by name or number from 1; `"none"`: there is none. */
  time?: string;
  /** csv: unit of a time column of numbers. */
  timeUnit?: "s" | "ms" | "us" | "ns";
  /** raw: `"int8"` to `"int64"`, `"uint8"` to `"uint64"`, `"float16"`, `"float32"` (default), `"float64"`. */
  encoding?: string;
  /** raw: whether the most significant byte comes first. */
  bigEndian?: boolean;
  /** raw: number of channels, default 1. */
  channels?: number;
  /** raw: Hz. */
  sampleRate?: number;
  /** raw: bytes before the samples. */
  offset?: number;
  /** raw: physical value of one step, default 1. */
  gain?: number;
  /** raw: whether all samples of a channel come before those of the next. */
  planar?: boolean;
}

/** One channel of a recording. */
export interface RecordingChannel {
  /** Name, empty where the file has none. */
  label: string;
  /** Physical unit, empty where the file has none; audio has full scale ±1. */
  unit: string;
  /** Hz, where the file says it. */
  sampleRate?: number;
  /** Samples in the file, where it says so. */
  frames?: number;
  /** Physical value of one step of the stored numbers. */
  gain: number;
  /** Physical value of the stored number 0. */
  offset: number;
  /** Filters that were applied before, as the file says. */
  prefilter: string;
  /** Kind of the sensor, as the file says. */
  transducer: string;
}

/** A note about a moment or a stretch of a recording. */
export interface RecordingAnnotation {
  /** Seconds from the first sample. */
  onset: number;
  /** Seconds. */
  duration?: number;
  /** The note; of WFDB annotations the code: `N`, `V`, `+`. */
  text?: string;
  /** Further text of WFDB annotations: `(AFIB`. */
  aux?: string;
  /** Channel of WFDB annotations. */
  channel?: number;
}

/** A stretch without samples. */
export interface RecordingGap {
  /** Frame before which samples are missing. */
  frame: number;
  /** Missing time, s. */
  duration: number;
}

/** Which part of a recording is read, and how. */
export interface BlockOptions {
  /** Frames of a block, default 4096. */
  frames?: number;
  /** Channels of one sample rate, by position from 0 or by label; all of the main rate by default. */
  channels?: number | string | (number | string)[];
  /** First frame, default 0. */
  from?: number;
  /** Frame behind the last. */
  to?: number;
  /** By default float64 where the file has more than 24 bits. */
  precision?: "float32" | "float64";
  /** Gives `{ frame, samples, times }` with times in ms, as `process` takes them. */
  times?: boolean;
}

/** A block with the times of its frames. */
export interface TimedBlock {
  /** Its first frame. */
  frame: number;
  /** Interleaved samples. */
  samples: Float32Array | Float64Array;
  /** Milliseconds from the first frame of the recording, where the file says a rate or times. */
  times?: Float64Array;
}

/** An open recording, made by {@link openRecording}. */
export interface Recording {
  /** `wav`, `edf`, `edf+c`, `bdf+d`, `wfdb`, `csv`, `flac` and so on. */
  readonly format: string;
  /** How samples are stored: `int16`, `mu-law`, `text` and so on. */
  readonly encoding: string;
  /** Hz, of the channels that are read by default; undefined where the file does not say it. */
  readonly sampleRate?: number;
  /** Frames of the channels that are read by default; undefined where only reading to the end tells. */
  readonly frames?: number;
  /** All channels, also those of other sample rates. */
  readonly channels: RecordingChannel[];
  /** Start in local time, or with the zone that the file says: `2011-04-04T12:57:02`. */
  readonly start?: string;
  /** Whether samples have more than 24 significant bits. */
  readonly wide: boolean;
  /** Further fields: patient, recording, comment. */
  readonly notes: Record<string, string>;
  /** What is wrong with the file, where its samples can be read all the same. */
  readonly warnings: string[];
  /** Gives interleaved samples, block by block. @throws RecordingError where the file is damaged */
  blocks(options: BlockOptions & { times: true }): AsyncGenerator<TimedBlock, void, undefined>;
  /** The same without the times of the samples. @throws RecordingError where the file is damaged */
  blocks(options?: BlockOptions): AsyncGenerator<Float32Array | Float64Array, void, undefined>;
  /** Resolves to all samples, interleaved. */
  readAll(options?: Omit<BlockOptions, "times">): Promise<Float32Array | Float64Array>;
  /** Resolves to all annotations; EDF+ and BDF+ files are read to their end for it. */
  annotations(): Promise<RecordingAnnotation[]>;
  /** Resolves to the stretches without samples. */
  gaps(): Promise<RecordingGap[]>;
  /** Closes the file. */
  close(): void;
}

/** Opens a recording and reads its header. @throws RecordingError if it cannot be read, RangeError for a wrong option */
export function openRecording(source: RecordingSource, options?: OpenRecordingOptions): Promise<Recording>;

/** Interleaved samples, or blocks of them. */
export type RecordingData =
  | Float32Array
  | Float64Array
  | Iterable<Float32Array | Float64Array>
  | AsyncIterable<Float32Array | Float64Array>;

/** What is written besides the samples. */
export interface WriteRecordingOptions {
  /** By default from the extension. `"edf+"` and `"bdf+"` write annotations also where there are none. */
  format?: "wav" | "edf" | "edf+" | "bdf" | "bdf+" | "csv" | "npy" | "raw";
  /** Hz. */
  sampleRate?: number;
  /** Number of channels (default 1), or what is known of each; `range`: of the integers of EDF and BDF. */
  channels?: number | { label?: string; unit?: string; range?: [number, number]; prefilter?: string; transducer?: string }[];
  /** Names of the channels. */
  labels?: string[];
  /** wav, raw: integers of 8, 16, 24 or 32 bits; float32 by default. */
  bits?: 8 | 16 | 24 | 32;
  /** How samples are stored, instead of `bits`: `"float32"`, `"float64"`, `"int16"` and so on. */
  encoding?: string;
  /** Adds triangular noise of one step before rounding to integers. */
  dither?: boolean;
  /** Notes, for EDF and BDF. */
  annotations?: RecordingAnnotation[];
  /** Stretches without samples, for EDF and BDF. */
  gaps?: RecordingGap[];
  /** Start, for EDF and BDF: `2011-04-04T12:57:02`. */
  start?: string;
  /** Who was recorded, for EDF and BDF. */
  patient?: string;
  /** Which recording it is, for EDF and BDF. */
  recording?: string;
  /** csv: character between the cells. */
  delimiter?: string;
  /** csv: decimal mark. */
  decimal?: "." | ",";
  /** csv: begins with a column of seconds. */
  time?: boolean;
}

/** Writes a recording; the file appears when it is complete. @throws RecordingError if it cannot be written, RangeError for a wrong option */
export function writeRecording(path: string | URL, data: RecordingData, options?: WriteRecordingOptions): Promise<{ frames: number }>;

/** A recording cannot be read or written. */
export class RecordingError extends Error {
  /** `DAMAGED`, `UNSUPPORTED` or `IO`. */
  code: "DAMAGED" | "UNSUPPORTED" | "IO";
  /** The file. */
  file?: string;
  /** Place in the file, bytes from its start. */
  byte?: number;
  /** Line of a text file, from 1. */
  line?: number;
  /** Number of the operating system's error. */
  errno?: number;
}

/** Parameters of `MovingAverage`. */
export interface MovingAverageParams extends StageOptions {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /**
   * Window length in samples per channel. An integer ≥ 1. Default: in moving mode one of `windowSize` and `windowDuration` is needed.
   */
  windowSize?: number;
  /**
   * Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. Above 0.
   */
  windowDuration?: number;
}

/** Parameters of `Rms`. */
export interface RmsParams extends StageOptions {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /**
   * Window length in samples per channel. An integer ≥ 1. Default: in moving mode one of `windowSize` and `windowDuration` is needed.
   */
  windowSize?: number;
  /**
   * Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. Above 0.
   */
  windowDuration?: number;
}

/** Parameters of `MeanAbsoluteValue`. */
export interface MeanAbsoluteValueParams extends StageOptions {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /**
   * Window length in samples per channel. An integer ≥ 1. Default: in moving mode one of `windowSize` and `windowDuration` is needed.
   */
  windowSize?: number;
  /**
   * Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. Above 0.
   */
  windowDuration?: number;
}

/** Parameters of `Variance`. */
export interface VarianceParams extends StageOptions {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /**
   * Window length in samples per channel. An integer ≥ 1. Default: in moving mode one of `windowSize` and `windowDuration` is needed.
   */
  windowSize?: number;
  /**
   * Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. Above 0.
   */
  windowDuration?: number;
}

/** Parameters of `ZScoreNormalize`. */
export interface ZScoreNormalizeParams extends StageOptions {
  /** `"batch"`: over each channel of a call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /**
   * Window length in samples per channel. An integer ≥ 1. Default: in moving mode one of `windowSize` and `windowDuration` is needed.
   */
  windowSize?: number;
  /**
   * Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. Above 0.
   */
  windowDuration?: number;
  /** Standard deviations below it give 0. At least 0. Default `0.000001`. */
  epsilon?: number;
}

/** Parameters of `WaveformLength`. */
export interface WaveformLengthParams extends StageOptions {
  /** Differences in the window. An integer ≥ 1. */
  windowSize: number;
}

/** Parameters of `SlopeSignChange`. */
export interface SlopeSignChangeParams extends StageOptions {
  /** Samples in the window. An integer ≥ 1. */
  windowSize: number;
  /**
   * Threshold of the product of two neighbouring differences, in squared units of the signal. At least 0. Default `0`.
   */
  threshold?: number;
}

/** Parameters of `WillisonAmplitude`. */
export interface WillisonAmplitudeParams extends StageOptions {
  /** Samples in the window. An integer ≥ 1. */
  windowSize: number;
  /**
   * Threshold of the difference between two neighbouring samples, in units of the signal. At least 0. Default `0`.
   */
  threshold?: number;
}

/** Parameters of `LinearRegression`. */
export interface LinearRegressionParams extends StageOptions {
  /** Samples in the window. An integer ≥ 2. */
  windowSize: number;
  /** Property of the line that is output for each sample. */
  output: "slope" | "intercept" | "residuals" | "predictions";
}

/** Parameters of `Snr`. */
export interface SnrParams extends StageOptions {
  /** Frames in the window. An integer ≥ 1. */
  windowSize: number;
}

/** Parameters of `MedianFilter`. */
export interface MedianFilterParams extends StageOptions {
  /** Samples in the window. An integer from 1 to 67,108,864. */
  windowSize: number;
}

/** Parameters of `Rectify`. */
export interface RectifyParams extends StageOptions {
  /** `"full"`: `|x|`; `"half"`: negative samples become 0. Default `"full"`. */
  mode?: "full" | "half";
}

/** Parameters of `Amplify`. */
export interface AmplifyParams extends StageOptions {
  /** Factor. Above 0. Default `1`. */
  gain?: number;
}

/** The members that all FilterOptions share. */
export interface BaseFilterOptions extends StageOptions {
  /** Band of the filter. */
  mode: "lowpass" | "highpass" | "bandpass" | "bandstop" | "notch" | "peak" | "peaking" | "lowshelf" | "highshelf" | "allpass";
  /** Sample rate in Hz. Above 0. Default: that of the pipeline at this stage. */
  sampleRate?: number;
  /** Edge of a low-pass, high-pass or shelf, centre of a biquad, in Hz. Above 0. */
  cutoffFrequency?: number;
  /** Lower edge of a band-pass, band-stop or notch in Hz. Above 0. */
  lowCutoffFrequency?: number;
  /** Upper edge of a band-pass, band-stop or notch in Hz. Above 0. */
  highCutoffFrequency?: number;
  /** `false`: every call starts at rest. Default `true`. */
  stateful?: boolean;
  /**
   * Assumed input before the first sample: zeros, or with `"steady"` that sample repeated, so that a constant causes no transient (`scipy.signal.sosfilt_zi` times the first sample of each channel). Default `"rest"`.
   */
  initial?: "rest" | "steady";
  /** Default: that of the pipeline, else that of `setDefaultDesign`. */
  design?: "standard" | "dspx";
}
/** Windowed FIR (`scipy.signal.firwin`): lowpass, highpass, bandpass, bandstop, notch. */
export interface FirFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "fir";
  /**
   * Number of taps; a high-pass or band-stop needs an odd number and raises an even one. An integer from 2 to 1,048,576.
   */
  order: number;
  /** Window. Default `"hamming"`. */
  windowType?: "hamming" | "hann" | "blackman" | "bartlett" | null;
}
/** The same filters as `"butterworth"`. */
export interface IirFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "iir";
  /** Order. Band filters have twice as many poles. An integer from 1 to 20. */
  order: number;
}
/** Butterworth (`scipy.signal.butter`), flat in the pass-band: lowpass, highpass, bandpass, bandstop, notch. */
export interface ButterworthFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "butterworth";
  /** Order. Band filters have twice as many poles. An integer from 1 to 20. */
  order: number;
}
/**
 * Chebyshev (`scipy.signal.cheby1`, `cheby2`), steep, with ripple: lowpass, highpass, bandpass, bandstop, notch.
 */
export interface ChebyshevFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "chebyshev";
  /** Order. Band filters have twice as many poles. An integer from 1 to 20. */
  order: number;
  /** Ripple of the pass-band in dB (type 1). 0 < x ≤ 3. Default `0.5`. */
  ripple?: number;
  /** 1: ripple in the pass-band; 2: in the stop-band. An integer from 1 to 2. Default `1`. */
  chebyshevType?: number;
  /** Attenuation of the stop-band in dB (type 2). 0 < x ≤ 1000. Default `40`. */
  stopbandDb?: number;
}
/** Bessel (`scipy.signal.bessel`), of even delay in the pass-band: lowpass, highpass, bandpass, bandstop, notch. */
export interface BesselFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "bessel";
  /** Order. Band filters have twice as many poles. An integer from 1 to 20. */
  order: number;
  /**
   * Normalization at the edge: `"mag"` −3.01 dB, `"phase"` the midpoint of the phase, `"delay"` the delay at 0 Hz. Default `"mag"`.
   */
  norm?: "mag" | "phase" | "delay";
}
/**
 * Elliptic (`scipy.signal.ellip`), steepest, with ripple in both bands: lowpass, highpass, bandpass, bandstop, notch.
 */
export interface EllipticFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "elliptic";
  /** Order. Band filters have twice as many poles. An integer from 1 to 20. */
  order: number;
  /** Ripple of the pass-band in dB. 0 < x ≤ 3. Default `0.5`. */
  ripple?: number;
  /** Attenuation of the stop-band in dB. 0 < x ≤ 1000. */
  stopbandDb: number;
}
/** A section of the Audio EQ Cookbook, order 2: all modes. */
export interface BiquadFilterOptions extends BaseFilterOptions {
  /** Family of the filter. */
  type: "biquad";
  /** Quality: centre over bandwidth. Above 0. Default `0.7071067811865476`. */
  q?: number;
  /** Gain of a peak or shelf in dB. Default `0`. */
  gain?: number;
}
/** Options of `filter`. Frequencies are in Hz, between 0 and half the sample rate. */
export type FilterOptions =
  | FirFilterOptions
  | IirFilterOptions
  | ButterworthFilterOptions
  | ChebyshevFilterOptions
  | BesselFilterOptions
  | EllipticFilterOptions
  | BiquadFilterOptions;

/** Parameters of `FilterBank`. */
export interface FilterBankParams extends StageOptions {
  /** The bands, as `FilterBankDesign` makes them. */
  definitions: FilterDefinition[];
  /** Number of input channels. An integer ≥ 1. */
  inputChannels: number;
}

/** Parameters of `convolution`. */
export interface ConvolutionParams extends StageOptions {
  /** The kernel, at least one number; held in float32. */
  kernel: Float32Array | Float64Array | number[];
  /**
   * `"moving"`: streaming, as long as the input; `"batch"`: only where the kernel fits, each call by itself. Default `"moving"`.
   */
  mode?: "moving" | "batch" | null;
  /** `"auto"`: direct up to `autoThreshold` taps, else FFT where it is cheaper. Default `"auto"`. */
  method?: "auto" | "direct" | "fft" | null;
  /** Largest number of taps that `"auto"` sums directly. Default `64`. */
  autoThreshold?: number;
  /**
   * Whether the kernel is reversed (convolution) or not (correlation). Default: moving `"convolution"`, batch `"correlation"`.
   */
  operation?: "convolution" | "correlation";
  /** First outputs of a moving stream: 0, or partial sums. Default: `"zero"` if direct, `"partial"` by FFT. */
  warmup?: "zero" | "partial";
}

/** Parameters of `SavgolFilter`. */
export interface SavgolFilterParams extends StageOptions {
  /** Samples in the window: an odd number up to 4095. An integer ≥ 1. */
  windowLength: number;
  /** Order of the polynomial, below `windowLength` and at most 30. An integer ≥ 0. */
  polyOrder: number;
  /** Order of the derivative; 0 is the smoothed signal. An integer ≥ 0. Default `0`. */
  deriv?: number;
  /** Distance of the samples, for derivatives; not 0. Default `1`. */
  delta?: number;
}

/** Parameters of `ExponentialMovingAverage`. */
export interface ExponentialMovingAverageParams extends StageOptions {
  /** Weight of the new sample. 0 < x ≤ 1. */
  alpha: number;
  /** `"batch"` starts anew in each call; `"moving"` continues from call to call. */
  mode: "batch" | "moving";
}

/** Parameters of `CumulativeMovingAverage`. */
export interface CumulativeMovingAverageParams extends StageOptions {
  /** `"batch"` starts anew in each call; `"moving"` continues from call to call. */
  mode: "batch" | "moving";
}

/** Parameters of `Integrator`. */
export interface IntegratorParams extends StageOptions {
  /** Factor of the last output; 1 gives the running sum. 0 < x ≤ 1. Default `0.99`. */
  alpha?: number;
}

/** Parameters of `LmsFilter`. */
export interface LmsFilterParams extends StageOptions {
  /** Number of weights, at most 1,048,576. An integer ≥ 1. */
  numTaps: number;
  /** Step size. 0 < x ≤ 1. Default `0.01`. */
  learningRate?: number;
  /** Leak: the weights shrink by `learningRate·lambda` per sample. 0 ≤ x < 1. Default `0`. */
  lambda?: number;
  /** Whether the step is divided by the input power. Default `false`. */
  normalized?: boolean;
}

/** Parameters of `RlsFilter`. */
export interface RlsFilterParams extends StageOptions {
  /**
   * Whose start-up the filter has: until `numTaps` samples have come, the zeros that stand for the missing ones lie before them, in dspx's design behind them. Default: that of the pipeline, else that of `setDefaultDesign`.
   */
  design?: "standard" | "dspx";
  /** Number of weights, at most 4096. An integer ≥ 1. */
  numTaps: number;
  /** Forgetting factor. 0.000001 ≤ x ≤ 1. */
  lambda: number;
  /**
   * Initial uncertainty: P = delta·I (textbooks: I/delta). A large one means a fast start. Above 0. Default `0.01`.
   */
  delta?: number;
}

/** Parameters of `KalmanFilter`. */
export interface KalmanFilterParams extends StageOptions {
  /** Number of dimensions, one channel each. An integer from 1 to 10. Default `2`. */
  dimensions?: number;
  /** Variance added to position and velocity per frame. Above 0. Default `0.00001`. */
  processNoise?: number;
  /** Variance of a measurement. Above 0. Default `0.01`. */
  measurementNoise?: number;
  /** Initial variance of position and velocity. Above 0. Default `1`. */
  initialError?: number;
  /**
   * Handling of a measurement that is not a finite number: with `"nan"` position and velocity become NaN for good; with `"predict"` the dimension continues without it, as it moved before, and its variances grow. Default `"nan"`.
   */
  missing?: "nan" | "predict";
}

/** Parameters of `Gaps`. */
export interface GapsParams extends StageOptions {
  /**
   * Replacement of a missing sample: the last one before the gap, the straight line to the first one after it (every output is `maxLength` samples late), or NaN. Default `"hold"`.
   */
  policy?: "hold" | "interpolate" | "nan";
  /**
   * Largest number of samples of a gap that are filled; a longer gap is not interpolated at all. An integer from 1 to 1,048,576. Default: no limit; `"interpolate"` needs one.
   */
  maxLength?: number;
  /** Replacement in the rest of longer gaps: NaN, or the last sample before the gap. Default `"nan"`. */
  beyond?: "nan" | "hold";
  /** Value that is held before the first sample. Default `0`. */
  start?: number;
}

/** Parameters of `RestoreGaps`. */
export interface RestoreGapsParams extends StageOptions {
  /**
   * Delay of the filters in samples. 0 ≤ x ≤ 1,048,576. Default: the latency of the stages between `Gaps` and this one.
   */
  delay?: number;
}

/** Parameters of `PeakDetection`. */
export interface PeakDetectionParams extends StageOptions {
  /** Smallest height of a peak. At least 0. */
  threshold: number;
  /** `"moving"` continues from call to call; `"batch"` takes each call by itself. Default `"moving"`. */
  mode?: "moving" | "batch";
  /** Kind of samples, for information; does not change the result. Default `"time"`. */
  domain?: "time" | "frequency";
  /** Samples that a peak must exceed, itself included. Moving mode always uses 3. An odd integer ≥ 3. Default `3`. */
  windowSize?: number;
  /** Smallest distance between peaks in samples. An integer ≥ 1. Default `1`. */
  minPeakDistance?: number;
  /**
   * Least distance in samples between the peaks that are events, as in `findPeaks`: of two closer ones the lower is dropped. With this or one of the next three options, events follow the rules of `findPeaks`; samples do not change. An integer from 1 to 65536.
   */
  distance?: number;
  /** Least prominence of the peaks that are events, as in `findPeaks`; needs `wlen`. At least 0. */
  prominence?: number;
  /**
   * Window in samples around a peak within which the bases of its prominence are searched; raised to an odd number. An integer from 2 to 65536.
   */
  wlen?: number;
  /** Least number of equal samples on top of the peaks that are events, which are at the middle. An integer ≥ 1. */
  plateauSize?: number;
}

/** Parameters of `ClipDetection`. */
export interface ClipDetectionParams extends StageOptions {
  /** Smallest magnitude that counts as clipped. Above 0. */
  threshold: number;
}

/** Parameters of `EcgBeats`. */
export interface EcgBeatsParams extends StageOptions {
  /** Longest time from an R peak to its event in milliseconds. 250 ≤ x ≤ 1000. Default `300`. */
  lag?: number;
  /** Sample rate in Hz. 50 ≤ x ≤ 1,000,000. Default: that of the call or of the pipeline, else 1000. */
  sampleRate?: number;
}

/** Parameters of `Hrv`. */
export interface HrvParams extends StageOptions {
  /** Beats in the window. An integer from 4 to 1500. Default: 60, unless `windowSeconds` is given. */
  windowBeats?: number;
  /** Seconds of the window, instead of beats. 5 ≤ x ≤ 300. */
  windowSeconds?: number;
  /** Beats from one event to the next. An integer from 1 to 1500. Default `10`. */
  every?: number;
  /** Milliseconds from an R peak to what is told of it at most. 250 ≤ x ≤ 1000. Default `300`. */
  lag?: number;
  /** Sample rate in Hz. 50 ≤ x ≤ 1,000,000. Default: that of the call or of the pipeline, else 1000. */
  sampleRate?: number;
}

/** Parameters of `Interpolate`. */
export interface InterpolateParams extends StageOptions {
  /** Number of output samples per input sample. An integer ≥ 2. */
  factor: number;
  /**
   * Sample rate of the input in Hz. Kept in saved states; changes no sample. Above 0. Default: that of the pipeline at this stage.
   */
  sampleRate?: number;
  /** Taps of a Hamming window: odd. An odd integer ≥ 3. Default: 51, and 10·factor + 1 for factors above 13. */
  order?: number;
  /**
   * The low-pass. `"standard"`: a Hamming window of `order` taps, a constant stays constant. `"dspx"`: the same with ripple. `"high"`, `"max"`, `"voice"`: as long as it takes for 125, 140 and 90 dB; these take no `order`. Default: `"standard"`; a loaded state of dspx goes on with `"dspx"`.
   */
  quality?: "standard" | "dspx" | "high" | "max" | "voice";
}

/** Parameters of `Decimate`. */
export interface DecimateParams extends StageOptions {
  /** Number of input samples per output sample. An integer ≥ 2. */
  factor: number;
  /**
   * Sample rate of the input in Hz. Kept in saved states; changes no sample. Above 0. Default: that of the pipeline at this stage.
   */
  sampleRate?: number;
  /** Taps of a Hamming window: odd. An odd integer ≥ 3. Default: 20·factor + 1, with quality `"dspx"` 51. */
  order?: number;
  /**
   * The low-pass. `"standard"`, `"dspx"`: a Hamming window of `order` taps. `"high"`, `"max"`, `"voice"`: as long as it takes for 125, 140 and 90 dB of stop-band attenuation; these take no `order`. Default: `"standard"`; a loaded state of dspx goes on with `"dspx"`.
   */
  quality?: "standard" | "dspx" | "high" | "max" | "voice";
}

/** Parameters of `Resample`. */
export interface ResampleParams extends StageOptions {
  /** Numerator of the ratio. An integer ≥ 1. */
  upFactor: number;
  /** Denominator of the ratio. An integer ≥ 1. */
  downFactor: number;
  /**
   * Sample rate of the input in Hz. Kept in saved states; changes no sample. Above 0. Default: that of the pipeline at this stage.
   */
  sampleRate?: number;
  /**
   * Taps of a Hamming window: odd. An odd integer ≥ 3. Default: where the rate is lowered 20·max(up, down) + 1 of the reduced ratio, else (with quality `"dspx"` always) 51, and 10·max(up, down) + 1 where it has a term above 13.
   */
  order?: number;
  /**
   * The low-pass. `"standard"`: a Hamming window of `order` taps, a constant stays constant. `"dspx"`: the same with ripple. `"high"`, `"max"`, `"voice"`: as long as it takes for 125, 140 and 90 dB of stop-band attenuation, flat up to 0.45 (`"voice"` 0.4) of the lower rate; these take no `order`. Default: `"standard"`; a loaded state of dspx goes on with `"dspx"`.
   */
  quality?: "standard" | "dspx" | "high" | "max" | "voice";
}

/** Parameters of `ResampleTo`. */
export interface ResampleToParams extends StageOptions {
  /** Sample rate of the input in Hz. Above 0. */
  inputRate: number;
  /** Sample rate of the output in Hz. Above 0. */
  outputRate: number;
  /**
   * Stop-band attenuation: `"high"` 125 dB, `"max"` 140 dB, flat up to 0.45 of the lower rate; `"voice"` 90 dB, flat up to 0.4, half the latency. Default `"high"`.
   */
  quality?: "high" | "max" | "voice";
  /**
   * Whether the ratio is that of the rates as decimal numbers, or of the float64 numbers closest to them. Default: `"decimal"`; a loaded state that does not say goes on with `"binary"`.
   */
  ratio?: "decimal" | "binary";
}

/** Parameters of `TimeAlignment`. */
export interface TimeAlignmentParams extends StageOptions {
  /** Rate of the grid in Hz. Above 0. */
  targetSampleRate: number;
  /** An interval longer than this times the expected one is a gap. At least 1. Default `2`. */
  gapThreshold?: number;
  /** Interpolation between two frames. Default `"linear"`. */
  interpolationMethod?: "linear" | "cubic" | "sinc";
  /** Output inside a gap; with `"error"` the call fails. Default `"interpolate"`. */
  gapPolicy?: "error" | "zero-fill" | "hold" | "interpolate" | "extrapolate" | "zeroFill";
  /**
   * Estimate of the input's rate, and so of the expected interval. `"none"`: that of the target. Default `"none"`.
   */
  driftCompensation?: "none" | "regression" | "pll";
  /** Extent of one grid: the whole stream, however it is cut, or as in dspx each call. Default `"stream"`. */
  grid?: "stream" | "call";
  /**
   * Longest step between two timestamps of a stream in milliseconds, forwards or backwards; a longer one is an error. Above 0. Default `3600000`.
   */
  maxGap?: number;
}

/** Parameters of `fft`. */
export interface fftParams extends StageOptions {
  /** Samples in a frame; a power of two for `"fft"` and `"rfft"`. An integer from 1 to 67,108,864. */
  size: number;
  /**
   * `"batch"`: each call by itself, frame after frame, no window function; `"moving"`: an `stft` with a Hann window. Default `"batch"`.
   */
  mode?: "batch" | "moving";
  /** Samples from frame to frame in moving mode, at most `size`. An integer ≥ 1. Default: half the size. */
  hopSize?: number;
  /** `rfft`, `rdft`: half spectra of floor(N/2) + 1 bins; `fft`, `dft`: all N. Default `"rfft"`. */
  type?: "fft" | "dft" | "rfft" | "rdft";
  /** Output for each bin. Default `"magnitude"`. */
  output?: "complex" | "magnitude" | "power" | "phase";
  /** false: the inverse, from real and imaginary parts one after the other to samples. Default `true`. */
  forward?: boolean;
  /**
   * Handling of a frame that is incomplete at the end of the stream, at `finish()`, in moving mode: it is dropped, or padded with zeros. Default `"drop"`.
   */
  lastFrame?: "drop" | "pad";
}

/** Parameters of `stft`. */
export interface stftParams extends StageOptions {
  /** Samples in a frame. An integer from 1 to 67,108,864. */
  windowSize: number;
  /** Samples from frame to frame, at most `windowSize`. An integer ≥ 1. Default: half the window. */
  hopSize?: number;
  /** `"fft"` wants a power of two. Both give the same numbers. Default: whichever fits the window. */
  method?: "fft" | "dft";
  /** `"real"`: half spectra of floor(N/2) + 1 bins; `"complex"`: all N bins. Default `"real"`. */
  type?: "real" | "complex";
  /** Output for each bin. `"complex"` gives real and imaginary part one after the other. Default `"magnitude"`. */
  output?: "complex" | "magnitude" | "power" | "phase";
  /** Window function, symmetric and not normalised. Default `"hann"`. */
  window?: "none" | "hann" | "hamming" | "blackman" | "bartlett";
  /** false, with `"complex"`: the inverse transform. Default `true`. */
  forward?: boolean;
  /**
   * Handling of a frame that is incomplete at the end of the stream, at `finish()`: it is dropped, or padded with zeros. Default `"drop"`.
   */
  lastFrame?: "drop" | "pad";
}

/** Parameters of `melSpectrogram`. */
export interface MelSpectrogramParams extends StageOptions {
  /** Weights, row after row: `numMelBands` rows of `numBins`; for one, see `melFilterBank`. Copied. */
  filterbankMatrix: Float32Array;
  /** Numbers in a frame: bins of a magnitude or power spectrum. An integer from 1 to 67,108,864. */
  numBins: number;
  /** Number of output bands of a frame. An integer from 1 to 67,108,864. */
  numMelBands: number;
  /**
   * Handling of a frame that is incomplete at the end of the stream, at `finish()`: it is dropped, or padded with zeros. Default `"drop"`.
   */
  lastFrame?: "drop" | "pad";
}

/** Parameters of `mfcc`. */
export interface MfccParams extends StageOptions {
  /** Numbers in a frame. An integer from 1 to 67,108,864. */
  numMelBands: number;
  /**
   * Number of output coefficients of a frame, at most `numMelBands`. An integer from 1 to 67,108,864. Default `13`.
   */
  numCoefficients?: number | null;
  /** Whether the natural logarithm of the bands is taken (of x + 1e-10). Default `true`. */
  useLogEnergy?: boolean | null;
  /** Q of the lifter `1 + (Q/2)·sin(πk/Q)`; 0 is none. At least 0. Default `0`. */
  lifterCoefficient?: number | null;
  /**
   * Handling of a frame that is incomplete at the end of the stream, at `finish()`: it is dropped, or padded with zeros. Default `"drop"`.
   */
  lastFrame?: "drop" | "pad";
}

/** Parameters of `WaveletTransform`. */
export interface WaveletTransformParams extends StageOptions {
  /** The wavelet; `"db1"` is `"haar"`. */
  wavelet: "haar" | "db1" | "db2" | "db3" | "db4" | "db5" | "db6" | "db7" | "db8" | "db9" | "db10" | null;
}

/** Parameters of `HilbertEnvelope`. */
export interface HilbertEnvelopeParams extends StageOptions {
  /** Samples in the window. An integer from 1 to 67,108,864. */
  windowSize: number | null;
  /**
   * Samples from envelope to envelope, at most `windowSize`; with 1, every sample is one. An integer ≥ 1. Default: half the window.
   */
  hopSize?: number;
  /**
   * The sample of the window at which the envelope is read. `"newest"`: the last one, without lag, where the envelope of a steady sine swings by more than half. `"center"`: the middle one, where it is right within a few percent, ⌊(windowSize − 1)/2⌋ samples late; the samples that pass are as late. Default `"newest"`.
   */
  align?: "newest" | "center";
}

/** Parameters of `PcaTransform`. */
export interface PcaTransformParams extends StageOptions {
  /** The components, column-major: channel c of component k is `pcaMatrix[k·numChannels + c]`. Copied. */
  pcaMatrix: Float32Array;
  /** Mean of each channel, which is subtracted first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. An integer ≥ 1. */
  numChannels: number;
  /** Components to compute, at most C. The other channels become 0. An integer ≥ 1. */
  numComponents: number;
}

/** Parameters of `IcaTransform`. */
export interface IcaTransformParams extends StageOptions {
  /** The unmixing vectors, column-major: channel c of component k is `icaMatrix[k·numChannels + c]`. Copied. */
  icaMatrix: Float32Array;
  /** Mean of each channel, which is subtracted first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. An integer ≥ 1. */
  numChannels: number;
  /** Components to compute, at most C. The other channels become 0. An integer ≥ 1. */
  numComponents: number;
}

/** Parameters of `WhiteningTransform`. */
export interface WhiteningTransformParams extends StageOptions {
  /** The whitening matrix, column-major. Copied. */
  whiteningMatrix: Float32Array;
  /** Mean of each channel, which is subtracted first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. An integer ≥ 1. */
  numChannels: number;
  /** Components to compute, at most C. The other channels become 0. An integer ≥ 1. */
  numComponents: number;
}

/** Parameters of `CspTransform`. */
export interface CspTransformParams extends StageOptions {
  /** The spatial filters, column-major: channel c of filter k is `cspMatrix[k·numChannels + c]`. Copied. */
  cspMatrix: Float32Array;
  /** Mean of each channel, which is subtracted first. Copied. */
  mean: Float32Array;
  /** Channels of the input, C. An integer ≥ 1. */
  numChannels: number;
  /** Filters to compute, at most C. The other channels become 0. An integer ≥ 1. */
  numFilters: number;
}

/** Parameters of `GscPreprocessor`. */
export interface GscPreprocessorParams extends StageOptions {
  /** Channels of the input, C. An integer ≥ 2. */
  numChannels: number;
  /** One weight per channel. Copied. */
  steeringWeights: Float32Array;
  /** C × (C − 1), column-major: channel c of noise reference j is `blockingMatrix[j·C + c]`. Copied. */
  blockingMatrix: Float32Array;
}

/** Parameters of `ChannelSelector`. */
export interface ChannelSelectorParams extends StageOptions {
  /** Channels of the input. An integer ≥ 1. */
  numInputChannels: number;
  /** Number of channels that are kept, the first ones. An integer ≥ 1. */
  numOutputChannels: number;
}

/** Parameters of `ChannelSelect`. */
export interface ChannelSelectParams extends StageOptions {
  /** Input channels that are kept, by index from 0, in the order of the output. Repeats are allowed. */
  channels: number[];
  /** Channels of the input. An integer ≥ 1. */
  numInputChannels: number;
}

/** Parameters of `ChannelMerge`. */
export interface ChannelMergeParams extends StageOptions {
  /** The input channel, by index from 0, of every output channel. Repeats are allowed. */
  mapping: number[];
  /** Channels of the input. An integer ≥ 1. */
  numInputChannels: number;
}

/** The parameters of each stage, by the method that appends it. */
export interface StageParameters {
  /** Of `MovingAverage`. */
  MovingAverage: MovingAverageParams;
  /** Of `Rms`. */
  Rms: RmsParams;
  /** Of `MeanAbsoluteValue`. */
  MeanAbsoluteValue: MeanAbsoluteValueParams;
  /** Of `Variance`. */
  Variance: VarianceParams;
  /** Of `ZScoreNormalize`. */
  ZScoreNormalize: ZScoreNormalizeParams;
  /** Of `WaveformLength`. */
  WaveformLength: WaveformLengthParams;
  /** Of `SlopeSignChange`. */
  SlopeSignChange: SlopeSignChangeParams;
  /** Of `WillisonAmplitude`. */
  WillisonAmplitude: WillisonAmplitudeParams;
  /** Of `LinearRegression`. */
  LinearRegression: LinearRegressionParams;
  /** Of `Snr`. */
  Snr: SnrParams;
  /** Of `MedianFilter`. */
  MedianFilter: MedianFilterParams;
  /** Of `Rectify`. */
  Rectify: RectifyParams;
  /** Of `Square`. */
  Square: StageOptions;
  /** Of `Amplify`. */
  Amplify: AmplifyParams;
  /** Of `filter`. */
  filter: FilterOptions;
  /** Of `FilterBank`. */
  FilterBank: FilterBankParams;
  /** Of `convolution`. */
  convolution: ConvolutionParams;
  /** Of `SavgolFilter`. */
  SavgolFilter: SavgolFilterParams;
  /** Of `ExponentialMovingAverage`. */
  ExponentialMovingAverage: ExponentialMovingAverageParams;
  /** Of `CumulativeMovingAverage`. */
  CumulativeMovingAverage: CumulativeMovingAverageParams;
  /** Of `Integrator`. */
  Integrator: IntegratorParams;
  /** Of `Differentiator`. */
  Differentiator: StageOptions;
  /** Of `LmsFilter`. */
  LmsFilter: LmsFilterParams;
  /** Of `RlsFilter`. */
  RlsFilter: RlsFilterParams;
  /** Of `KalmanFilter`. */
  KalmanFilter: KalmanFilterParams;
  /** Of `Gaps`. */
  Gaps: GapsParams;
  /** Of `RestoreGaps`. */
  RestoreGaps: RestoreGapsParams;
  /** Of `PeakDetection`. */
  PeakDetection: PeakDetectionParams;
  /** Of `ClipDetection`. */
  ClipDetection: ClipDetectionParams;
  /** Of `EcgBeats`. */
  EcgBeats: EcgBeatsParams;
  /** Of `Hrv`. */
  Hrv: HrvParams;
  /** Of `Interpolate`. */
  Interpolate: InterpolateParams;
  /** Of `Decimate`. */
  Decimate: DecimateParams;
  /** Of `Resample`. */
  Resample: ResampleParams;
  /** Of `ResampleTo`. */
  ResampleTo: ResampleToParams;
  /** Of `TimeAlignment`. */
  TimeAlignment: TimeAlignmentParams;
  /** Of `fft`. */
  fft: fftParams;
  /** Of `stft`. */
  stft: stftParams;
  /** Of `melSpectrogram`. */
  melSpectrogram: MelSpectrogramParams;
  /** Of `mfcc`. */
  mfcc: MfccParams;
  /** Of `WaveletTransform`. */
  WaveletTransform: WaveletTransformParams;
  /** Of `HilbertEnvelope`. */
  HilbertEnvelope: HilbertEnvelopeParams;
  /** Of `PcaTransform`. */
  PcaTransform: PcaTransformParams;
  /** Of `IcaTransform`. */
  IcaTransform: IcaTransformParams;
  /** Of `WhiteningTransform`. */
  WhiteningTransform: WhiteningTransformParams;
  /** Of `CspTransform`. */
  CspTransform: CspTransformParams;
  /** Of `GscPreprocessor`. */
  GscPreprocessor: GscPreprocessorParams;
  /** Of `ChannelSelector`. */
  ChannelSelector: ChannelSelectorParams;
  /** Of `ChannelSelect`. */
  ChannelSelect: ChannelSelectParams;
  /** Of `ChannelMerge`. */
  ChannelMerge: ChannelMergeParams;
}

/**
 * The slope changes its sign by more than the threshold, at the sample between the two slopes.
 * Emitted by `SlopeSignChange`.
 */
export interface SlopeSignChangeEvent extends StageEvent {
  /** The type of the event. */
  type: "slopeSignChange";
}

/**
 * A run of missing samples, at its first, of any length.
 * Emitted by `Gaps`.
 */
export interface GapEvent extends StageEvent {
  /** The type of the event. */
  type: "gap";
  /** Samples that were missing. */
  length: number;
  /** How many of them were filled in. */
  filled: number;
}

/**
 * A local maximum that reaches the threshold, at the maximum; of a plateau, at its middle.
 * Emitted by `PeakDetection`.
 */
export interface PeakEvent extends StageEvent {
  /** The type of the event. */
  type: "peak";
  /** Height of the peak, in units of the signal. */
  value: number;
  /** Equal samples on top. */
  plateauSize?: number;
  /** Prominence within `wlen`, in units of the signal. */
  prominence?: number;
}

/**
 * A run of clipped samples, at its first. One of more than 4096 samples comes in parts of as many.
 * Emitted by `ClipDetection`.
 */
export interface ClipEvent extends StageEvent {
  /** The type of the event. */
  type: "clip";
  /** Samples in the run. */
  length: number;
  /** Largest magnitude in the run, in units of the signal. */
  value: number;
}

/**
 * A heart beat, at its R peak.
 * Emitted by `EcgBeats`.
 */
export interface BeatEvent extends StageEvent {
  /** The type of the event. */
  type: "beat";
  /** Height of the R peak above the line before it, in units of the signal. */
  amplitude: number;
  /** 0…1: how far the beat stands above what a beat had to reach. */
  confidence: number;
}

/**
 * Heart rate variability of the window that ends with this beat.
 * Emitted by `Hrv`.
 */
export interface HrvEvent extends StageEvent {
  /** The type of the event. */
  type: "hrv";
  /** Intervals in the window. */
  beats: number;
  /** Their mean in ms. */
  meanNN: number;
  /** Their standard deviation in ms. */
  sdnn: number;
  /** Root of the mean square of differences of successive intervals in ms. */
  rmssd: number;
  /** Percent of differences above 50 ms. */
  pnn50: number;
  /** Beats a minute. */
  rate: number;
}

/**
 * A frame whose timestamp is before that of an earlier one, so that it is left out; once for all channels.
 * Emitted by `TimeAlignment`.
 */
export interface OutOfOrderEvent extends StageEvent {
  /** The type of the event. */
  type: "outOfOrder";
  /** By how many milliseconds it is before the latest timestamp so far. */
  behind: number;
}

/**
 * The numbers of one whole frame of a channel, at the frame's last sample.
 * Emitted by `fft`, `stft`, `melSpectrogram`, `mfcc`.
 */
export interface FrameEvent extends StageEvent {
  /** The type of the event. */
  type: "frame";
  /** The numbers of the frame: of a spectrum, real and imaginary part of each bin one after the other if complex. */
  data: Float32Array;
}

/** The events of pipelines by their type. */
export interface PipelineEvents {
  /** See `SlopeSignChangeEvent`. */
  slopeSignChange: SlopeSignChangeEvent;
  /** See `GapEvent`. */
  gap: GapEvent;
  /** See `PeakEvent`. */
  peak: PeakEvent;
  /** See `ClipEvent`. */
  clip: ClipEvent;
  /** See `BeatEvent`. */
  beat: BeatEvent;
  /** See `HrvEvent`. */
  hrv: HrvEvent;
  /** See `OutOfOrderEvent`. */
  outOfOrder: OutOfOrderEvent;
  /** See `FrameEvent`. */
  frame: FrameEvent;
}

/** An event of a pipeline: `type` says which. */
export type PipelineEvent = PipelineEvents[keyof PipelineEvents];
