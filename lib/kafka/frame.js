'use strict';
const addon = require('../native/addon.js');
const { native } = require('../common/streaming-errors.js');

const FRAME_TYPE = 'application/x-dspx-f32';
const F32_TYPE = 'application/x-f32';

/**
 * Writes samples as a binary frame.
 * @param {Float32Array} data interleaved samples
 * @param {{ channels?: number, sampleRate?: number, t0?: number, timestamps?: Float64Array | number[] }} [options]
 * @returns {Buffer}
 */
function encodeFrame(data, options = {}) {
  if (Object.prototype.toString.call(data) !== '[object Float32Array]') {
    throw new TypeError('frame: data must be a Float32Array');
  }
  const { channels, sampleRate, t0, timestamps } = options ?? {};
  for (const [name, value] of Object.entries({ channels, sampleRate, t0 })) {
    if (value !== undefined && value !== null && typeof value !== 'number') {
      throw new TypeError(`frame: ${name} must be a number`);
    }
  }
  const count = timestamps?.length;
  if (count !== undefined && count > data.length) {
    throw new RangeError(`frame: timestamps must be at most as many as samples (${data.length}), got ${count}`);
  }
  const times = timestamps === undefined || timestamps === null ? undefined : Array.from(timestamps, Number);
  return native(() => addon.encodeFrame(data, channels ?? undefined, sampleRate ?? undefined, t0 ?? undefined, times));
}

/**
 * Reads a binary frame.
 * @param {Buffer | Uint8Array} bytes
 * @returns {{ data: Float32Array, channels: number, sampleRate: number | null, t0: number | null, timestamps:
 *   Float64Array | null }}
 */
function decodeFrame(bytes) {
  if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') {
    throw new TypeError('frame: a Buffer or Uint8Array is needed');
  }
  const { data, channels, sampleRate, t0, timestamps } = native(() => addon.decodeFrame(bytes));
  return { data, channels, sampleRate: sampleRate ?? null, t0: t0 ?? null, timestamps: timestamps ?? null };
}

/**
 * Whether a value is a SampleFrame: samples with their channels, rate and times.
 *
 * @param {any} value
 */
function isFrame(value) {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && ArrayBuffer.isView(value.data);
}

module.exports = { encodeFrame, decodeFrame, isFrame, FRAME_TYPE, F32_TYPE };
