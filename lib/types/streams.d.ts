/**
 * Samples on their way into a pipeline: float32, interleaved. Bytes are little-endian and may be cut anywhere. The object
 * form carries the time of each sample and holds whole frames.
 */
export type SampleChunk =
  | Float32Array
  | Uint8Array
  | ArrayBuffer
  | { samples: Float32Array; timestamps?: Timestamps };

/** Options of `iterate`. `signal` ends it with the signal's reason, also while the source keeps silent. */
export interface ChunkOptions extends ProcessOptions {}

/** Options of `stream`. */
export interface PipelineStreamOptions extends ChunkOptions {
  /** Both sides in object mode: any `SampleChunk` in, a `Float32Array` a chunk out. Default `false`: bytes. */
  objectMode?: boolean;
  /** Any `SampleChunk` in; `highWaterMark` counts chunks, not bytes. Default `false`. */
  writableObjectMode?: boolean;
  /** A `Float32Array` for each chunk that gave one. Default `false`: bytes. */
  readableObjectMode?: boolean;
  /** What may wait on either side before `write` returns false: bytes, or chunks in object mode. Default: Node's. */
  highWaterMark?: number;
}

/** Options of `webStream`. */
export interface PipelineWebStreamOptions extends ChunkOptions {
  /** What comes out: `Float32Array`s (default) or their bytes. */
  output?: "samples" | "bytes";
}
