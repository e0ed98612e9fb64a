'use strict';

/** Reading and writing signals: csv, wav, raw float32. */

const { createReadStream, createWriteStream, statSync, writeSync } = require('node:fs');
const { extname } = require('node:path');
const { Readable } = require('node:stream');
const { pipeline: connect } = require('node:stream/promises');
const { csvText, headerText, readCsv } = require('../files/csv.js');
const { Replacement, isPlain } = require('./replacement.js');
const { readWav, wavHeader } = require('../files/wav.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {'csv' | 'wav' | 'f32'} Format */
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
};
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
  if (format === 'csv' || format === 'wav' || format === 'f32') return format;
  throw new UsageError(
    given === undefined
      ? `${file}: the format is not known by the extension; --${option} says it (csv, wav, f32)`
      : `--${option} must be csv, wav or f32, got "${given}"`,
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
 * @param {import('../files/csv.js').CsvOptions & { onBytes?: (done: number) => void }} [options]
 * @returns {Promise<import('../files/csv.js').SignalInput>}
 */
async function openInput(file, format, { onBytes = () => {}, ...csv } = {}) {
  const bytes = bytesOf(file, onBytes);
  if (format === 'csv') return readCsv(bytes, file, csv);
  return format === 'wav' ? readWav(bytes, file) : { blocks: bytes };
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
 * Writes all blocks; a file appears only when it is complete. Resolves to the number of samples.
 *
 * @param {string} file
 * @param {Format} format
 * @param {AsyncIterable<Float32Array>} blocks
 * @param {OutputShape} shape
 * @returns {Promise<number>}
 */
async function writeOutput(file, format, blocks, shape) {
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
