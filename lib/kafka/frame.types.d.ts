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
