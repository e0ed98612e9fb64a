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
