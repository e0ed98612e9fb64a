/** Options of `createDspPipeline`. */
export interface StateResilienceConfig {
  /** Accepted for compatibility: failures to save or load are deterministic, so nothing is tried twice. */
  maxRetries?: number;
  /** If loading fails, clear the state and resolve to `false` instead of rejecting. Default `false`. */
  fallbackOnLoadFailure?: boolean;
  /** Which numbers the filter designs of this pipeline give; default: that of `setDefaultDesign`. */
  design?: FilterDesign;
}

/** `"standard"`: as SciPy designs; `"dspx"`: the numbers of dspx 1.4. */
export type FilterDesign = "standard" | "dspx";

/** A format of samples: 16-bit or 32-bit integers, G.711 codes, float32 or float64. Full scale of integers is −1 … 1. */
export type SampleFormat = "s16" | "s32" | "mulaw" | "alaw" | "f32" | "f64";

/** The array in which a call gives each format. */
export interface SampleArrays {
  s16: Int16Array;
  s32: Int32Array;
  mulaw: Uint8Array;
  alaw: Uint8Array;
  f32: Float32Array;
  f64: Float64Array;
}

/** What a call takes in each format: interleaved, one array per channel, or as little-endian bytes. */
export interface SampleInputs {
  s16: Int16Array | Int16Array[] | Uint8Array;
  s32: Int32Array | Int32Array[] | Uint8Array;
  mulaw: Uint8Array | Uint8Array[];
  alaw: Uint8Array | Uint8Array[];
  f32: Float32Array | Float32Array[] | Uint8Array;
  f64: Float64Array | Float64Array[] | number[] | Uint8Array;
}

/** Arrays whose type says their format: a call with `output` takes them without `format`. */
export type TypedSamples = Int16Array | Int32Array | Float64Array | number[] | Int16Array[] | Int32Array[] | Float64Array[];

/** What follows the samples of a call with `format`. */
export type FormatArguments<Format extends SampleFormat, Output extends SampleFormat> =
  | [options: ProcessOptions<Output, Format> & { format: Format }]
  | [timestamps: Timestamps, options: ProcessOptions<Output, Format> & { format: Format }];

/** What follows the samples of a call with `output` and without `format`. */
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
   * Takes a waiting `process` or `processCopy` call out of the queue: it rejects with the signal's reason and has changed
   * nothing. A call that has begun runs to its end.
   */
  signal?: AbortSignal;
  /**
   * Format of the input. Without it the input is float32, or, in a call with `output`, what its type says. With any
   * other format the input stays as it is.
   */
  format?: Format;
  /**
   * Format of the result, default `"f32"`. Integers and G.711 codes: the nearest one, 0 for NaN, the end of the range for
   * what is outside of it. With any other format the input stays as it is.
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

/** Sees the samples behind the stages that were there when it was registered. */
export type TapCallback = (samples: Float32Array, stageName: string) => void;

/** A result as `onBatch` gets it. */
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
  /** Each sample of a result. Costs a call per sample. */
  onSample?: (value: number, index: number, stage: string) => void;
  /** Each result. */
  onBatch?: (batch: SampleBatch) => void;
  /** The end of each successful call. */
  onStageComplete?: (stage: string, durationMs: number) => void;
  /** A failure of a stage or of one of these callbacks; the call fails as well. */
  onError?: (stage: string, error: Error) => void;
  /** Each log line at once. */
  onLog?: (topic: string, level: LogLevel, message: string, context?: LogContext) => void;
  /** The log lines of a call at its end (at most 32, the newest). */
  onLogBatch?: (logs: LogEntry[]) => void;
  /** Topics that reach the two log callbacks; `*` stands for one or more characters other than a dot. */
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
  /** Channels that it was made for. */
  numChannels?: number;
  /** Its mode, such as `moving`. */
  mode?: string;
  /** Samples in the window of the first channel. */
  bufferSize?: number;
  /** Channels that it has seen. */
  channelCount?: number;
}

/** What `listState()` returns. */
export interface PipelineStateSummary {
  /** How many stages there are. */
  stageCount: number;
  /** Seconds since 1970. */
  timestamp: number;
  /** The stages, in order. */
  stages: StageSummary[];
}

/** A pipeline without stages. */
export function createDspPipeline(config?: StateResilienceConfig): DspProcessor;

/**
 * A row of stages over interleaved float32 samples. Stage methods append a stage and return the pipeline. Calls take
 * effect in the order in which they were made.
 */
export class DspProcessor {
  private constructor();

  /**
   * Runs the stages over `input`, which is overwritten with what comes out of the last stage before the first one that
   * changes the length; leave it alone until the promise settles. Short blocks are computed before this returns, long
   * ones on a worker thread.
   * @returns a new array with the result, interleaved
   * @throws TypeError (as a rejection) for wrong types, RangeError if the length is no multiple of `channels` or bytes are
   *   no whole samples, Error if the pipeline is disposed, more than 1,024 calls wait, or a stage fails
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
  /** As `process`, on a copy: `input` (without `format` and `output` anything that `new Float32Array` takes) stays as it is. */
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
   * As `process`, in the calling thread. Returns `input` itself unless a stage changed the length or the format is another.
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

  /** Registers a callback at the present end of the stages. The last one gets the very array that the call returns. */
  tap(callback: TapCallback): this;
  /** Replaces the pipeline's callbacks. */
  pipeline(callbacks: PipelineCallbacks): this;

  /** The state of all stages as JSON text. */
  saveState(options: { format: "json"; signal?: AbortSignal }): Promise<string>;
  /** The state in dspx's binary form, TOON: smaller and faster. */
  saveState(options: { format: "toon"; signal?: AbortSignal }): Promise<Buffer>;
  /** The state of all stages: JSON text unless the format is `"toon"`. Its type is dspx's where no format is given. */
  saveState(options?: { format?: "json" | "toon"; signal?: AbortSignal }): Promise<string | Buffer>;
  /**
   * Loads a state: text is JSON, bytes are TOON. All or nothing. `signal` ends the wait for the calls before it.
   * @returns `true`; `false` if it failed and `fallbackOnLoadFailure` is set
   */
  loadState(state: string | Buffer | Uint8Array | ArrayBuffer, options?: { signal?: AbortSignal }): Promise<boolean>;
  /** Resets all stages and the clock. */
  clearState(): void;
  /** What the stages hold, without samples. */
  listState(): PipelineStateSummary;
  /** Releases the stages; every later call but `tap`, `pipeline` and `dispose` fails. */
  dispose(): void;
  /** `dispose()`, for `using pipeline = createDspPipeline()`. */
  [Symbol.dispose](): void;
  /** Waits for the pending calls, then disposes: `await using pipeline = createDspPipeline()`. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * The pipeline as a Node stream. Takes samples as bytes (little-endian, cut anywhere) or as arrays of the format, gives
   * bytes, or arrays with `readableObjectMode`. Calls of one chunk follow another, with back-pressure; what stages
   * hold back at the end stays in the pipeline.
   * @throws TypeError for wrong options. The stream fails with RangeError if the input ends inside a frame, TypeError for
   *   other chunks, the error of a stage, or an AbortError
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

  // @stages
}

/** The design that filters use unless the call or the pipeline says otherwise; it belongs to the thread. */
export function setDefaultDesign(design: FilterDesign): void;
/** `"standard"` unless set. */
export function getDefaultDesign(): FilterDesign;
