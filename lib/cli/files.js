'use strict';

/** Reading and writing signals. */

const { createReadStream, createWriteStream, statSync, writeSync } = require('node:fs');
const { extname } = require('node:path');
const { Readable } = require('node:stream');
const { pipeline: connect } = require('node:stream/promises');
const { csvOptions } = require('./csv-options.js');
const { csvText, headerText } = require('../files/csv.js');
const { Replacement, isPlain } = require('./replacement.js');
const { openRecording } = require('../files/recording.js');
const { wavHeader } = require('../files/wav.js');
const { writeRecording } = require('../files/write-recording.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {string} Format one of {@link READ} or {@link WRITTEN} */
/**
 * A signal that is read from a file; a file of bare samples knows neither channels nor rate.
 *
 * @typedef {object} SignalInput
 * @property {number} [channels]
 * @property {number} [sampleRate] Hz
 * @property {string[]} [labels] of the channels
 * @property {AsyncIterable<Float32Array | Buffer>} blocks
 */
/** @typedef {{ channels: number, sampleRate: number | undefined, labels: string[] | undefined }} OutputShape */

/** @type {Record<string, Format>} */
const FORMATS = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.wav': 'wav',
  '.f32': 'f32',
  '.raw': 'f32',
  '.bin': 'f32',
  '.edf': 'edf',
  '.bdf': 'bdf',
  '.hea': 'wfdb',
  '.npy': 'npy',
  '.aif': 'aiff',
  '.aiff': 'aiff',
  '.caf': 'caf',
  '.flac': 'flac',
  '.ogg': 'ogg',
  '.mp3': 'mp3',
};
const READ = ['csv', 'wav', 'f32', 'edf', 'bdf', 'wfdb', 'npy', 'aiff', 'caf', 'flac', 'ogg', 'mp3'];
const WRITTEN = ['csv', 'wav', 'f32', 'edf', 'bdf', 'npy'];
/** Formats that can be written into a stream. */
const STREAMED = ['csv', 'wav', 'f32'];
const CHUNK = 1 << 18;

/**
 * Returns the format named by an option, else by the file's extension.
 *
 * @param {string} file
 * @param {string | undefined} given
 * @param {string} option
 * @throws {UsageError} for unknown formats
 * @returns {Format}
 */
function formatOf(file, given, option) {
  const format = given ?? FORMATS[extname(file).toLowerCase()];
  const known = option === 'in-format' ? READ : WRITTEN;
  if (known.includes(format)) return format;
  const names = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
  throw new UsageError(
    given !== undefined
      ? `--${option} must be ${names}, got "${given}"`
      : format === undefined
        ? `${file}: the format is not known by the extension; --${option} says it (${known.join(', ')})`
        : `${file}: ${format} is read, not written`,
  );
}

/**
 * Yields the bytes of a file, or of standard input for `-`; `onBytes` gets the number of bytes so far.
 *
 * @param {string} file
 * @param {(done: number) => void} onBytes
 * @returns {AsyncGenerator<Buffer, void, undefined>}
 */
async function* bytesOf(file, onBytes) {
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK });
  let done = 0;
  for await (const chunk of source) {
    yield chunk;
    done += chunk.length;
    onBytes(done);
  }
}

/**
 * @param {string} file
 * @param {Format} format
 * @param {import('./csv-options.js').CsvOptions & { onBytes?: (done: number) => void, from?: number, to?: number }} [options]
 * @returns {Promise<SignalInput>}
 */
async function openInput(file, format, { onBytes = () => {}, from, to, ...csv } = {}) {
  if (format === 'f32') return { blocks: bytesOf(file, onBytes) };
  const own = format === 'csv' ? csvOptions(csv) : {};
  const recording = await openRecording(file, { format: /** @type {any} */ (format), ...own });
  const { sampleRate } = recording;
  const channels = recording.channels.filter((channel) => channel.sampleRate === sampleRate);
  const labels = channels.map(({ label }) => label);
  const blocks = partOf(recording, channels.length, { from, to }, (part) => onBytes(part * sizeOf(file)));
  return { channels: channels.length, sampleRate, labels: labels.some(Boolean) ? labels : undefined, blocks };
}

/**
 * Gives the blocks of a recording between two times.
 *
 * @param {Awaited<ReturnType<typeof openRecording>>} recording
 * @param {number} channels
 * @param {{ from?: number, to?: number }} seconds
 * @param {(part: number) => void} onPart is told which part of it has been given
 */
async function* partOf(recording, channels, { from = 0, to = Infinity }, onPart) {
  const rate = recording.sampleRate ?? 1;
  const [first, last] = [from, to].map((seconds) => (seconds === Infinity ? Infinity : Math.round(seconds * rate)));
  let frame = first;
  try {
    for await (const block of recording.blocks({ from: first, to: last, precision: 'float32' })) {
      yield/** @type {Float32Array} */ (block);
      frame += /** @type {Float32Array} */ (block).length / channels;
      onPart(frame / (recording.frames ?? Infinity));
    }
  } finally {
    recording.close();
  }
}

/**
 * Returns the bytes in a file; 0 where that is not known.
 *
 * @param {string} file
 */
function sizeOf(file) {
  return file === '-' ? 0 : statSync(file).size;
}

/** @type {Record<Format, (samples: Float32Array, channels: number) => string | Buffer>} */
const ENCODERS = {
  csv: (samples, channels) => csvText(samples, channels),
  wav: (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
  f32: (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
};

/**
 * @param {AsyncIterable<Float32Array>} blocks
 * @param {Format} format
 * @param {OutputShape} shape
 * @param {{ samples: number }} written
 */
async function* encoded(blocks, format, { channels, sampleRate, labels }, written) {
  if (format === 'csv' && labels) yield headerText(labels);
  if (format === 'wav') yield wavHeader(channels, Number(sampleRate), Infinity);
  for await (const block of blocks) {
    if (block.length % channels) {
      throw new UsageError(
        `a result of ${block.length} samples is no multiple of ${channels} channels: ` +
          '--out-channels says how many there are',
      );
    }
    written.samples += block.length;
    yield ENCODERS[format](block, channels);
  }
}

/**
 * Writes all bytes: one call may write only some.
 *
 * @param {number} descriptor
 * @param {string | Buffer} data
 */
function writeAll(descriptor, data) {
  let rest = typeof data === 'string' ? Buffer.from(data) : data;
  while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
}

/**
 * Writes the size into the header, now that it is known.
 *
 * @param {number} descriptor
 * @param {OutputShape} shape
 * @param {number} samples
 */
function patchHeader(descriptor, shape, samples) {
  const head = wavHeader(shape.channels, Number(shape.sampleRate), 4 * samples);
  writeSync(descriptor, head, 0, head.length, 0);
}

/**
 * Writes a recording through the native writer. Resolves to the number of samples.
 *
 * @param {string} file
 * @param {Format} format
 * @param {AsyncIterable<Float32Array>} blocks
 * @param {OutputShape} shape
 * @param {number} [bits]
 */
async function writeWhole(file, format, blocks, { channels, sampleRate, labels }, bits) {
  const described = labels?.map((label) => ({ label })) ?? channels;
  const options = { format, sampleRate, channels: described, bits };
  const written = await writeRecording(file, blocks, /** @type {any} */ (options));
  const { frames } = /** @type {{ frames: number }} */ (written);
  return frames * channels;
}

/**
 * Writes all blocks; a file appears only when it is complete. Resolves to the number of samples.
 *
 * @param {string} file
 * @param {Format} format
 * @param {AsyncIterable<Float32Array>} blocks
 * @param {OutputShape} shape
 * @param {number} [bits] of the integers of a wav or f32 output
 * @returns {Promise<number>}
 */
async function writeOutput(file, format, blocks, shape, bits) {
  if (!STREAMED.includes(format) || (bits !== undefined && isPlain(file))) {
    return writeWhole(file, format, blocks, shape, bits);
  }
  if (bits !== undefined) throw new UsageError('--bits needs a file as output');
  const written = { samples: 0 };
  const chunks = encoded(blocks, format, shape, written);
  if (!isPlain(file)) {
    const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
    await connect(source, file === '-' ? process.stdout : createWriteStream(file), { end: file !== '-' });
    return written.samples;
  }
  const replacement = new Replacement(file);
  try {
    for await (const chunk of chunks) writeAll(replacement.descriptor, chunk);
    if (format === 'wav') patchHeader(replacement.descriptor, shape, written.samples);
    replacement.commit();
  } finally {
    replacement.discard();
  }
  return written.samples;
}

module.exports = { formatOf, openInput, sizeOf, writeOutput };
