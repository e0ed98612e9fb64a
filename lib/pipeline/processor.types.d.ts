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

  // @stages
}

/** The design that filters use unless the call or the pipeline says otherwise; it belongs to the thread. */
export function setDefaultDesign(design: FilterDesign): void;
/** `"standard"` unless set. */
export function getDefaultDesign(): FilterDesign;
