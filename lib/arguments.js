'use strict';

/**
 * Checks and unpacks what `process` and its kin are called with, in the order in which the documentation lists the
 * errors.
 */

const SAMPLES = 'Input samples must be a Float32Array';

/** Arrays, strings and views: what is meant as samples or times, not as options. */
const isArrayLike = (x) => typeof x === 'string' || Array.isArray(x) || ArrayBuffer.isView(x);

const isTimestamps = (x) => x instanceof Float64Array || x instanceof Float32Array || x instanceof BigInt64Array;

/** One array per channel to one interleaved array. */
function interleave(channels) {
  for (const channel of channels) {
    if (!(channel instanceof Float32Array)) throw new TypeError('Planar input: all channels must be Float32Arrays');
  }
  const frames = channels.length ? channels[0].length : 0;
  if (channels.some((channel) => channel.length !== frames)) {
    throw new TypeError('Planar input: all channels must have the same length');
  }
  const count = channels.length;
  const samples = new Float32Array(frames * count);
  for (let c = 0; c < count; c++) {
    const channel = channels[c];
    for (let k = 0, i = c; k < frames; k++, i += count) samples[i] = channel[k];
  }
  return samples;
}

/** The samples to work on: the caller's array itself, or a copy of it. */
function samplesOf(input, copy) {
  if (Array.isArray(input) && !(copy && input.every((x) => typeof x === 'number'))) return interleave(input);
  if (copy) return new Float32Array(input);
  if (input instanceof Float32Array) return input;
  throw new TypeError(`${SAMPLES}, got ${input === null ? 'null' : typeof input}`);
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

function checkTimes(times, samples) {
  if (times && times.length !== samples.length) {
    throw new Error(`Timestamps length (${times.length}) must match samples length (${samples.length})`);
  }
}

function channelsOf(input, options) {
  const given = options.channels ?? 1;
  const channels = given === 1 && Array.isArray(input) && input.length > 0 && typeof input[0] !== 'number' ? input.length : given;
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
 * @returns {{ input: any, samples: Float32Array, times: any, options: object, channels: number, rate: number }} `rate` is
 *   0 where none was given
 */
function readCall(input, second, third, copy, needs) {
  const samples = samplesOf(input, copy);
  const [times, options] = split(second, third);
  checkTimes(times, samples);
  if (!times && needs.timestamps) throw new TypeError('TimeAlignment stage requires timestamps');
  const channels = channelsOf(input, options);
  const rate = rateOf(options);
  if (needs.wholeFrames && samples.length % channels !== 0) {
    throw new RangeError(`The number of samples (${samples.length}) must be a multiple of channels (${channels})`);
  }
  return { samples, times, options, channels, rate };
}

module.exports = { readCall };
