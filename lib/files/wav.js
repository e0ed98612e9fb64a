'use strict';

/** The head of a float32 wav that is written piece by piece, also into a stream. */

const FLOAT = 3;
/** Size of a data chunk that a program could not know when it began to write. */
const UNKNOWN = 0xffffffff;
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

module.exports = { wavHeader };
