'use strict';

const { bytesOf, conversionOf, hintFor, interleave } = require('./sample-formats.js');

/**
 * Checks and unpacks what `process` and its kin are called with, in the order in which the documentation lists the
 * errors.
 */

const { nameOf } = require('../common/abort.js');

const SAMPLES = 'Input samples must be a Float32Array';

/** Arrays, strings and views: what is meant as samples or times, not as options. */
const isArrayLike = (x) => typeof x === 'string' || Array.isArray(x) || ArrayBuffer.isView(x);

const isTimestamps = (x) => x instanceof Float64Array || x instanceof Float32Array || x instanceof BigInt64Array;

/** The samples to work on: the caller's array itself, or a copy of it. */
function samplesOf(input, copy) {
  const isNumbers = Array.isArray(input) && input.length > 0 && input.every((x) => typeof x === 'number');
  if (Array.isArray(input) && !isNumbers && !(copy && input.length === 0)) return interleave(input, Float32Array);
  if (copy) return new Float32Array(input);
  if (input instanceof Float32Array) return input;
  const what = Array.isArray(input) ? 'an array of numbers' : nameOf(input);
  throw new TypeError(`${SAMPLES}, got ${what}${wayOut(input)}${hintFor(input)}`);
}

/** How what was given becomes samples. */
function wayOut(input) {
  if (input instanceof BigInt64Array || input instanceof BigUint64Array) {
    return ': Float32Array.from(samples, Number) converts it';
  }
  if (input instanceof Uint8Array || input instanceof DataView || input instanceof ArrayBuffer) {
    return ': new Float32Array(buffer, byteOffset, length) reads bytes as samples';
  }
  if (!Array.isArray(input) && !ArrayBuffer.isView(input)) return '';
  return ': Float32Array.from(samples) converts it, and processCopy and processSyncCopy take it as it is';
}

/** `(timestamps, options)` or `(options)`. */
function split(second, third) {
  if (isArrayLike(second) && !isTimestamps(second)) {
    throw new TypeError('timestamps must be a Float32Array, Float64Array or BigInt64Array');
  }
  if (isArrayLike(third)) throw new TypeError('options must be an object, got an array');
  const times = isTimestamps(second) ? second : undefined;
  const options = (times ? third : second) ?? {};
  if (typeof options !== 'object') throw new TypeError(`options must be an object, got ${typeof options}`);
  return [times, options];
}

function checkTimes(times, length) {
  if (times && times.length !== length) {
    throw new Error(`Timestamps length (${times.length}) must match samples length (${length})`);
  }
}

function channelsOf(input, options) {
  const given = options.channels ?? 1;
  const channels =
    given === 1 && Array.isArray(input) && input.length > 0 && typeof input[0] !== 'number' ? input.length : given;
  if (!Number.isInteger(channels) || channels < 1) {
    throw new TypeError(`channels must be a positive integer, got ${String(channels)}`);
  }
  return channels;
}

function rateOf(options) {
  const rate = options.sampleRate;
  if (rate === undefined || rate === null) return 0;
  if (typeof rate !== 'number' || !(rate > 0 && rate < Infinity)) {
    throw new TypeError(`sampleRate must be a positive number, got ${String(rate)}`);
  }
  return rate;
}

/**
 * @param {{ timestamps: boolean, wholeFrames: boolean }} needs what the stages ask of a call
 * @returns {{ samples: Float32Array | undefined, conversion: ReturnType<typeof conversionOf>, length: number, times: any,
 *   options: object, channels: number, rate: number }} `samples` or `conversion`, and how many samples they are; `rate` is 0
 *   where none was given
 */
function readCall(input, second, third, copy, needs) {
  const conversion = conversionOf(input, second, third);
  const samples = conversion === undefined ? samplesOf(input, copy) : undefined;
  const length = (samples ?? conversion).length;
  // A transferred array says that it is empty.
  if (length === 0 && ArrayBuffer.isView(input)) bytesOf(input);
  const [times, options] = split(second, third);
  checkTimes(times, length);
  if (!times && needs.timestamps) throw new TypeError('TimeAlignment stage requires timestamps');
  const channels = channelsOf(input, options);
  const rate = rateOf(options);
  if (needs.wholeFrames && length % channels !== 0) {
    throw new RangeError(`The number of samples (${length}) must be a multiple of channels (${channels})`);
  }
  return { samples, conversion, length, times, options, channels, rate };
}

module.exports = { readCall };
