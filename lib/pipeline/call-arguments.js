'use strict';

const {
  checkFloat32Array,
  checkMemory,
  checkPositive,
  checkPositiveInteger,
  nameOf,
  shown,
} = require('../common/arguments.js');
const { bytesOf, conversionOf, detached, hintFor, interleave } = require('./sample-formats.js');

/**
 * Checks and unpacks the arguments of `process` and its kin, in the order in which the documentation lists the
 * errors.
 */

/**
 * A call, checked.
 *
 * @typedef {object} Call
 * @property {Float32Array | undefined} samples `undefined` where there is a conversion
 * @property {import('./sample-formats.js').Conversion | undefined} conversion
 * @property {number} length samples
 * @property {Timestamps | undefined} times
 * @property {CallOptions} options
 * @property {number} channels
 * @property {number} rate Hz, 0 where none was given
 * @property {{ events: import('../../index.js').PipelineEvent[] }} [collected] takes the events of the call
 */

/** @typedef {import('../../index.js').Timestamps} Timestamps */
/** @typedef {import('../../index.js').ProcessOptions<any, any> & { [name: string]: unknown }} CallOptions */

const SAMPLES = 'Input samples must be a Float32Array';

/** The most channels of a call: those of the core. */
const MAX_CHANNELS = 1 << 16;

/**
 * Whether a value is an array, a string or a view, which is meant as samples or times and not as options.
 *
 * @param {unknown} x
 */
const isArrayLike = (x) => typeof x === 'string' || Array.isArray(x) || ArrayBuffer.isView(x);

/** @param {unknown} x @returns {x is Timestamps} */
const isTimestamps = (x) => x instanceof Float64Array || x instanceof Float32Array || x instanceof BigInt64Array;

/**
 * Returns the samples to work on: the caller's array itself, or a copy of it.
 *
 * @param {any} input
 * @param {boolean} copy
 * @returns {Float32Array}
 * @throws {TypeError} if it holds no float32 samples
 */
function samplesOf(input, copy) {
  if (Array.isArray(input)) {
    const isNumbers = input.length > 0 && typeof input[0] === 'number' && isListOfNumbers(input);
    if (!isNumbers && !(copy && input.length === 0)) return interleave(input, Float32Array);
    if (copy) return Float32Array.from(input);
  }
  // A copy may be made of what other threads write, and of numbers of any type.
  if (copy && isNumeric(input)) return copyOf(input);
  if (input instanceof Float32Array) return checkFloat32Array('Input samples', presentIn(input));
  const what = Array.isArray(input) ? 'an array of numbers' : nameOf(input);
  throw new TypeError(`${SAMPLES}, got ${what}${wayOut(input)}${hintFor(input)}`);
}

/** @param {unknown[]} list @returns {boolean} whether it holds numbers alone, and no holes */
function isListOfNumbers(list) {
  for (let i = 0; i < list.length; i++) if (typeof list[i] !== 'number') return false;
  return true;
}

/** @param {unknown} x @returns {x is Float32Array} whether it is a typed array of numbers, of whatever type */
const isNumeric = (x) =>
  ArrayBuffer.isView(x) && !(x instanceof DataView || x instanceof BigInt64Array || x instanceof BigUint64Array);

/** @param {Float32Array} input @returns {Float32Array} @throws {TypeError} if its memory was transferred or cut off */
function copyOf(input) {
  try {
    return new Float32Array(presentIn(input));
  } catch (error) {
    throw error instanceof RangeError ? error : detached();
  }
}

/** @param {Float32Array} input @throws {TypeError} if its memory was transferred */
function presentIn(input) {
  if (input.length === 0) bytesOf(input);
  return input;
}

/**
 * Returns how an input of another type becomes samples, empty where nothing helps.
 *
 * @param {unknown} input
 */
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

/**
 * `(timestamps, options)` or `(options)` → `[timestamps, options]`
 *
 * @param {unknown} second
 * @param {unknown} third
 * @returns {[Timestamps | undefined, CallOptions]}
 * @throws {TypeError} for other types
 */
function split(second, third) {
  if (isArrayLike(second) && !isTimestamps(second)) {
    const got = shown(second);
    throw new TypeError(`timestamps must be a Float32Array, Float64Array or BigInt64Array, got ${got}`);
  }
  if (isArrayLike(third)) throw new TypeError('options must be an object, got an array');
  const times = isTimestamps(second) ? checkMemory('timestamps', second) : undefined;
  const options = (times ? third : second) ?? {};
  if (typeof options !== 'object') throw new TypeError(`options must be an object, got ${shown(options)}`);
  return [times, /** @type {CallOptions} */ (options)];
}

/**
 * @param {Timestamps | undefined} times
 * @param {number} length samples
 * @throws {Error} if there are more or fewer
 */
function checkTimes(times, length) {
  if (times && times.length !== length) {
    throw new Error(`Timestamps length (${times.length}) must match samples length (${length})`);
  }
}

/** @param {unknown} input @param {CallOptions} options @returns {number} */
function channelsOf(input, options) {
  const given = options.channels ?? 1;
  const channels =
    given === 1 && Array.isArray(input) && input.length > 0 && typeof input[0] !== 'number' ? input.length : given;
  const count = checkPositiveInteger('channels', channels);
  if (count <= MAX_CHANNELS) return count;
  throw new RangeError(`channels must be at most ${MAX_CHANNELS}, got ${count}`);
}

/** @param {CallOptions} options @returns {number} Hz, 0 for none */
function rateOf(options) {
  const rate = options.sampleRate;
  if (rate === undefined || rate === null) return 0;
  return checkPositive('sampleRate', rate);
}

/**
 * Returns the arguments of a call, checked.
 *
 * @param {unknown} input
 * @param {unknown} second
 * @param {unknown} third
 * @param {boolean} copy whether to work on a copy of float32 samples
 * @param {{ timestamps: boolean, wholeFrames: boolean }} needs of the stages
 * @returns {Call}
 * @throws {TypeError | RangeError | Error} in the order in which the documentation lists them
 */
function readCall(input, second, third, copy, needs) {
  const conversion = conversionOf(input, second, third);
  const samples = conversion === undefined ? samplesOf(input, copy) : undefined;
  const { length } = /** @type {{ length: number }} */ (samples ?? conversion);
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
