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
