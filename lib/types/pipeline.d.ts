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

/** Options of the process family. Unknown keys are ignored. */
export interface ProcessOptions {
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
   * @throws TypeError (as a rejection) for wrong types, RangeError if the length is no multiple of `channels`, Error if
   *   the pipeline is disposed, more than 1,024 calls wait, or a stage fails
   */
  process(input: Float32Array | Float32Array[], options?: ProcessOptions | null): Promise<Float32Array>;
  /**
   * With the time of each sample.
   * @see process(input, options)
   */
  process(input: Float32Array | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Promise<Float32Array>;
  /** As `process`, on a copy: `input` (anything that `new Float32Array` takes) stays as it is. */
  processCopy(input: ArrayLike<number> | Float32Array[], options?: ProcessOptions | null): Promise<Float32Array>;
  /**
   * With the time of each sample.
   * @see processCopy(input, options)
   */
  processCopy(input: ArrayLike<number> | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Promise<Float32Array>;
  /**
   * As `process`, in the calling thread. Returns `input` itself unless a stage changed the length.
   * @throws as `process` rejects; Error `/busy/` while a call is pending
   */
  processSync(input: Float32Array | Float32Array[], options?: ProcessOptions | null): Float32Array;
  /**
   * With the time of each sample.
   * @see processSync(input, options)
   */
  processSync(input: Float32Array | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Float32Array;
  /** As `processSync`, on a copy. */
  processSyncCopy(input: ArrayLike<number> | Float32Array[], options?: ProcessOptions | null): Float32Array;
  /**
   * With the time of each sample.
   * @see processSyncCopy(input, options)
   */
  processSyncCopy(input: ArrayLike<number> | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Float32Array;

  /** Registers a callback at the present end of the stages. The last one gets the very array that the call returns. */
  tap(callback: TapCallback): this;
  /** Replaces the pipeline's callbacks. */
  pipeline(callbacks: PipelineCallbacks): this;

  /** The state of all stages as JSON text, or in the binary TOON format. */
  saveState(options?: { format?: "json"; signal?: AbortSignal }): Promise<string>;
  /** The state in dspx's binary form, TOON: smaller and faster. */
  saveState(options: { format: "toon"; signal?: AbortSignal }): Promise<Buffer>;
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
   * The pipeline as a Node stream. Takes float32 samples as bytes (little-endian, cut anywhere) or `Float32Array`s, gives
   * bytes, or `Float32Array`s with `readableObjectMode`. Calls of one chunk follow another, with back-pressure; what stages
   * hold back at the end stays in the pipeline.
   * @throws TypeError for wrong options. The stream fails with RangeError if the input ends inside a frame, TypeError for
   *   other chunks, the error of a stage, or an AbortError
   */
  stream(options?: PipelineStreamOptions): import("node:stream").Transform;
  /**
   * The pipeline as a Web stream: the same chunks in, `Float32Array`s or bytes out.
   * @throws TypeError for wrong options
   */
  webStream(options?: PipelineWebStreamOptions): import("node:stream/web").TransformStream<SampleChunk, any>;
  /**
   * Processes the chunks of `source` (an array, a generator, a Node or Web stream …) as the loop asks for them:
   * `for await (const block of pipeline.iterate(source)) …`. Leaving the loop ends the source.
   * @returns the result of each chunk that gave one
   * @throws as `stream`, from the loop; TypeError at once for wrong options or a source that is no iterable
   */
  iterate(
    source: AsyncIterable<SampleChunk> | Iterable<SampleChunk>,
    options?: ChunkOptions,
  ): AsyncGenerator<Float32Array, void, undefined>;

  // @stages
}

/** The design that filters use unless the call or the pipeline says otherwise; it belongs to the thread. */
export function setDefaultDesign(design: FilterDesign): void;
/** `"standard"` unless set. */
export function getDefaultDesign(): FilterDesign;
