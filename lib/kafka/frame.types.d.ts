/** Samples of one message. */
export interface SampleFrame {
  /** Interleaved. */
  data: Float32Array;
  /** Channels, interleaved in `data`. */
  channels: number;
  /** Hz */
  sampleRate: number | null;
  /** Time of the first frame, ms since 1970. */
  t0: number | null;
  /** Time of each frame, ms since 1970. */
  timestamps: Float64Array | null;
}

/** Writes samples as a binary frame (`application/x-dspx-f32`). */
export function encodeFrame(
  data: Float32Array,
  options?: { channels?: number; sampleRate?: number; t0?: number; timestamps?: Float64Array | number[] },
): Buffer;

/** Reads a binary frame. */
export function decodeFrame(bytes: Buffer | Uint8Array): SampleFrame;
