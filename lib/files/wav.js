'use strict';

/**
 * WAV (RIFF/WAVE): PCM of 16, 24 and 32 bits and float32, also as WAVE_FORMAT_EXTENSIBLE. After "Multimedia Programming
 * Interface and Data Specifications 1.0" (IBM, Microsoft 1991) and "Multiple Channel Audio Data and WAVE Files"
 * (Microsoft 2001).
 */

const { UsageError } = require('../common/usage-error.js');

/**
 * @typedef {{ channels: number, sampleRate: number, bytes: number, decode: (bytes: Buffer, at: number) => number }}
 *   WavFormat with the bytes of a sample
 */

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** The size in the header of a data chunk whose length was not known when writing began. */
const UNKNOWN = 0xffffffff;
/** Chunks before the samples (metadata) are read up to this many bytes. */
const MAX_HEADER = 1 << 24;

/**
 * How the samples of a format are read: full scale is ±1.
 *
 * @type {Record<string, (bytes: Buffer, at: number) => number>}
 */
const DECODERS = {
  [`${PCM}/16`]: (bytes, at) => bytes.readInt16LE(at) / 0x8000,
  [`${PCM}/24`]: (bytes, at) => bytes.readIntLE(at, 3) / 0x800000,
  [`${PCM}/32`]: (bytes, at) => bytes.readInt32LE(at) / 0x80000000,
  [`${FLOAT}/32`]: (bytes, at) => bytes.readFloatLE(at),
};

/**
 * @param {Buffer} body
 * @param {string} name of the file
 * @returns {WavFormat}
 */
function readFormat(body, name) {
  if (body.length < 16) throw new UsageError(`${name}: the fmt chunk is too short`);
  const tag = body.readUInt16LE(0);
  const bits = body.readUInt16LE(14);
  const format = tag === EXTENSIBLE && body.length >= 26 ? body.readUInt16LE(24) : tag;
  const decode = DECODERS[`${format}/${bits}`];
  if (!decode) throw new UsageError(`${name}: format ${format} with ${bits} bits is not PCM 16, 24, 32 or float 32`);
  const channels = body.readUInt16LE(2);
  const sampleRate = body.readUInt32LE(4);
  if (channels === 0 || sampleRate === 0) throw new UsageError(`${name}: ${channels} channels at ${sampleRate} Hz`);
  return { channels, sampleRate, bytes: bits / 8, decode };
}

/**
 * Returns the number of bytes of samples from `offset` on. A recorder that was cut off, or wrote into a pipe, has
 * left both sizes as they were at its start: the data ends with the file then.
 *
 * @param {Buffer} head
 * @param {number} offset
 * @param {number} size
 */
function dataSize(head, offset, size) {
  if (size === UNKNOWN) return Infinity;
  const riffEnd = 8 + head.readUInt32LE(4);
  return size === 0 && riffEnd <= offset ? Infinity : size;
}

/**
 * Finds the samples.
 *
 * @param {Buffer} head
 * @param {string} name of the file
 * @returns {{ format: WavFormat, offset: number, size: number } | null} null while `head` does not reach the samples
 */
function parseHead(head, name) {
  if (head.length < 12) return null;
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') {
    throw new UsageError(`${name}: this is no RIFF/WAVE file`);
  }
  let format;
  for (let at = 12; at + 8 <= head.length; ) {
    const id = head.toString('latin1', at, at + 4);
    const size = head.readUInt32LE(at + 4);
    if (id === 'data') {
      if (!format) throw new UsageError(`${name}: the data chunk comes before the fmt chunk`);
      return { format, offset: at + 8, size: dataSize(head, at + 8, size) };
    }
    if (id === 'fmt ' && at + 8 + size <= head.length) format = readFormat(head.subarray(at + 8, at + 8 + size), name);
    at += 8 + size + (size % 2);
    if (at > MAX_HEADER) throw new UsageError(`${name}: no samples in the first ${MAX_HEADER} bytes`);
  }
  return null;
}

/** @param {Buffer} bytes @param {WavFormat} format */
function decodeSamples(bytes, { bytes: width, decode }) {
  return Float32Array.from({ length: bytes.length / width }, (_, i) => decode(bytes, i * width));
}

/**
 * @param {AsyncIterable<Buffer>} input
 * @param {string} name of the file
 * @returns {Promise<import('./csv.js').SignalInput>}
 */
async function readWav(input, name) {
  const chunks = input[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let found = null;
  while (!found) {
    const { done, value } = await chunks.next();
    if (done) throw new UsageError(`${name}: the file ends before its samples`);
    head = Buffer.concat([head, value]);
    found = parseHead(head, name);
  }
  const { format, offset, size } = found;
  return { ...format, blocks: wavBlocks(head.subarray(offset), chunks, format, size) };
}

/**
 * @param {Buffer} first
 * @param {AsyncIterator<Buffer>} chunks
 * @param {WavFormat} format
 * @param {number} size bytes
 */
async function* wavBlocks(first, chunks, format, size) {
  const frame = format.bytes * format.channels;
  let left = size;
  for (let bytes = first; ; ) {
    if (bytes.length > left) bytes = bytes.subarray(0, left);
    const whole = bytes.length - (bytes.length % frame);
    left -= whole;
    if (whole) yield decodeSamples(bytes.subarray(0, whole), format);
    if (left < frame) return;
    const { done, value } = await chunks.next();
    if (done) return; // a recording that was cut off: what is there is read
    bytes = Buffer.concat([bytes.subarray(whole), value]);
  }
}

const HEADER_BYTES = 58;

/**
 * Returns the head of a float32 file with `dataBytes` of samples.
 *
 * @param {number} channels
 * @param {number} sampleRate Hz
 * @param {number} dataBytes
 */
function wavHeader(channels, sampleRate, dataBytes) {
  const head = Buffer.alloc(HEADER_BYTES);
  const frame = 4 * channels;
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(Math.min(UNKNOWN, HEADER_BYTES - 8 + dataBytes), 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(18, 16);
  head.writeUInt16LE(FLOAT, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * frame, 28);
  head.writeUInt16LE(frame, 32);
  head.writeUInt16LE(32, 34);
  head.write('fact', 38, 'latin1');
  head.writeUInt32LE(4, 42);
  head.writeUInt32LE(Math.min(UNKNOWN, Math.floor(dataBytes / frame)), 46);
  head.write('data', 50, 'latin1');
  head.writeUInt32LE(Math.min(UNKNOWN, dataBytes), 54);
  return head;
}

module.exports = { readWav, wavHeader };
