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
