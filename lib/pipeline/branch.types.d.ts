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
