'use strict';

/** Sample formats of calls: what their options ask for, and the bytes of what they bring. */

const { shown } = require('../common/arguments.js');
const native = require('../native/addon.js');

/**
 * @typedef {import('../../index.js').SampleFormat} SampleFormat
 * @typedef {import('../../index.js').SampleArrays[SampleFormat]} SampleArray
 * @typedef {Float32ArrayConstructor | Float64ArrayConstructor | Int16ArrayConstructor | Int32ArrayConstructor
 *   | Uint8ArrayConstructor} SampleArrayConstructor
 * @typedef {{ format?: SampleFormat | null, output?: SampleFormat | null, dither?: boolean }} FormatOptions
 */

/** The typed array of each format. @type {Record<SampleFormat, SampleArrayConstructor>} */
const ARRAYS = {
  s16: Int16Array,
  s32: Int32Array,
  mulaw: Uint8Array,
  alaw: Uint8Array,
  f32: Float32Array,
  f64: Float64Array,
};
/** The native side's number of each format. @type {Map<unknown, number>} */
const INDEX = new Map(native.sampleFormats().map((name, index) => [name, index]));
/** @param {SampleFormat} format */
const indexOf = (format) => /** @type {number} */ (INDEX.get(format));
const NAMES = [...INDEX.keys()].map((name) => `"${name}"`).join(', ');
/** Formats that the type of an array tells; that of bytes could be any. @type {SampleFormat[]} */
const FORMATS_BY_TYPE = ['s16', 's32', 'f32', 'f64'];

/**
 * The conversion that a call asks for.
 *
 * @typedef {object} Conversion
 * @property {Uint8Array} bytes the input
 * @property {number} length its samples
 * @property {number} size bytes of a sample
 * @property {number} format the native side's number of the input's format
 * @property {number} output the same of the result
 * @property {boolean} dither whether noise is added before rounding
 * @property {boolean} isFloat32 whether the result is float32
 */

// ---- messages -----------------------------------------------------------------------------------

/**
 * Returns what a value is, with its article: `a Uint8Array`, `an array`.
 *
 * @param {unknown} value
 */
function describe(value) {
  if (typeof value === 'string') return shown(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (value === null || typeof value !== 'object') return String(value);
  const name = Array.isArray(value) ? 'array' : (value.constructor?.name ?? 'object');
  return `${/^[aeiou]/i.test(name) && !name.startsWith('U') ? 'an' : 'a'} ${name}`;
}

/**
 * Returns a hint at the options that make samples acceptable, empty where none does.
 *
 * @param {unknown} input
 */
function hintFor(input) {
  if (isNumbers(input)) return ' (numbers need format: "f64")';
  const told = FORMATS_BY_TYPE.find((name) => input instanceof ARRAYS[name]);
  if (told) return ` (${describe(input)} needs format: "${told}")`;
  if (input instanceof Uint8Array) return ` (${describe(input)} needs a format: ${NAMES})`;
  return ArrayBuffer.isView(input) ? ` (${describe(input)} has no format of samples)` : '';
}

const detached = () => new TypeError('Input samples are gone: their ArrayBuffer was transferred (it is detached)');

// ---- options ------------------------------------------------------------------------------------

/**
 * Checks a format; `undefined` where there is none.
 *
 * @param {string} name the option, for messages
 * @param {unknown} value
 * @returns {SampleFormat | undefined}
 * @throws {TypeError} for any other text or type
 */
function checkFormat(name, value) {
  if (value === undefined || value === null) return undefined;
  if (!INDEX.has(value)) throw new TypeError(`${name} must be one of ${NAMES}, got ${describe(value)}`);
  return /** @type {SampleFormat} */ (value);
}

/**
 * Returns whether to dither.
 *
 * @param {unknown} dither
 * @param {SampleFormat} output
 * @returns {boolean}
 * @throws {TypeError} for other types, and for outputs that are not rounded
 */
function checkDither(dither, output) {
  if (dither === undefined) return false;
  if (typeof dither !== 'boolean') throw new TypeError(`dither must be a boolean, got ${describe(dither)}`);
  if (dither && (output === 'f32' || output === 'f64')) {
    throw new TypeError(`dither is for outputs that are rounded: "s16", "s32", "mulaw" or "alaw", got "${output}"`);
  }
  return dither;
}

/**
 * Whether a value has options of a format.
 *
 * @param {any} options
 * @returns {options is FormatOptions}
 */
function asksForFormat(options) {
  if (options === null || options === undefined) return false;
  return options.format !== undefined || options.output !== undefined || options.dither !== undefined;
}

// ---- samples ------------------------------------------------------------------------------------

/** @param {unknown} input @returns {input is number[]} whether it is a list that begins with a number */
const isNumbers = (input) => Array.isArray(input) && input.length > 0 && typeof input[0] === 'number';

/**
 * Returns the format that the type of an input tells.
 *
 * @param {unknown} input
 * @returns {SampleFormat}
 * @throws {TypeError} if it tells none
 */
function formatOf(input) {
  if (isNumbers(input)) return 'f64';
  if (Array.isArray(input) && input.length === 0) return 'f32';
  const samples = Array.isArray(input) ? input[0] : input;
  const told = FORMATS_BY_TYPE.find((name) => samples instanceof ARRAYS[name]);
  if (told) return told;
  throw new TypeError(`Input samples must be an array of a sample format, got ${describe(samples)}${hintFor(samples)}`);
}

/**
 * Returns one interleaved array for one array per channel.
 *
 * @template {SampleArrayConstructor} Type
 * @param {unknown[]} channels
 * @param {Type} Type of all of them
 * @returns {InstanceType<Type>}
 * @throws {TypeError} for other types and different lengths
 */
function interleave(channels, Type) {
  for (const channel of channels) {
    if (channel instanceof Type && !(channel.buffer instanceof SharedArrayBuffer)) continue;
    throw new TypeError(`Planar input: all channels must be ${Type.name}s${hintFor(channels)}`);
  }
  const arrays = /** @type {Float32Array[]} */ (channels); // or another type of numbers
  const frames = arrays.length ? arrays[0].length : 0;
  if (arrays.some((channel) => channel.length !== frames)) {
    throw new TypeError('Planar input: all channels must have the same length');
  }
  const count = arrays.length;
  const samples = new Type(frames * count);
  for (let c = 0; c < count; c++) {
    const channel = arrays[c];
    for (let k = 0, i = c; k < frames; k++, i += count) samples[i] = channel[k];
  }
  return /** @type {InstanceType<Type>} */ (samples);
}

/**
 * @param {unknown[]} input
 * @throws {TypeError} if not all of them are numbers
 */
function fromNumbers(input) {
  const at = input.findIndex((x) => typeof x !== 'number');
  if (at >= 0) throw new TypeError(`Input samples must be numbers, got ${describe(input[at])} at index ${at}`);
  return new Float64Array(/** @type {number[]} */ (input));
}

/**
 * Returns the samples of an input as one array of the format, or as bytes.
 *
 * @param {unknown} input
 * @param {SampleFormat} format
 * @returns {SampleArray | Uint8Array}
 * @throws {TypeError} if it holds samples of another format
 */
function arrayOf(input, format) {
  const Type = ARRAYS[format];
  if (format === 'f64' && isNumbers(input)) return fromNumbers(input);
  if (Array.isArray(input)) return interleave(input, Type);
  if (input instanceof Type || input instanceof Uint8Array) return input;
  const arrays = Type === Uint8Array ? 'a Uint8Array' : `${describe(new Type(0))} or a Uint8Array of its bytes`;
  throw new TypeError(`format "${format}" takes ${arrays}, got ${describe(input)}`);
}

/**
 * Returns the bytes of an array, in its memory.
 *
 * @param {ArrayBufferView} array
 * @throws {TypeError} if its memory was transferred, to another thread for example
 */
function bytesOf(array) {
  try {
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  } catch {
    throw detached();
  }
}

// ---- calls --------------------------------------------------------------------------------------

/**
 * @param {unknown} input
 * @param {FormatOptions} options
 * @returns {Conversion | undefined}
 */
function readConversion(input, options) {
  const asked = checkFormat('output', options.output);
  const output = asked ?? 'f32';
  const dither = checkDither(options.dither, output);
  const given = checkFormat('format', options.format);
  if (given === undefined && asked === undefined) return undefined;
  const format = given ?? formatOf(input);
  if (format === 'f32' && output === 'f32' && !(input instanceof Uint8Array)) return undefined;
  const bytes = bytesOf(arrayOf(input, format));
  const size = ARRAYS[format].BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0) {
    throw new RangeError(
      `format "${format}" has ${size} bytes a sample, ` + `and ${bytes.length} bytes are no whole number of samples`,
    );
  }
  const length = bytes.length / size;
  return {
    bytes,
    length,
    size,
    format: indexOf(format),
    output: indexOf(output),
    dither,
    isFloat32: output === 'f32',
  };
}

/**
 * Reads the format that a result is to have.
 *
 * @param {FormatOptions} options
 * @returns {{ output: number, dither: boolean }} `output` is the native side's number of the format
 */
function readOutput(options) {
  const output = checkFormat('output', options.output) ?? 'f32';
  return { output: indexOf(output), dither: checkDither(options.dither, output) };
}

/**
 * Reads the options of a call, which are its second or third argument.
 *
 * @param {unknown} input
 * @param {unknown} second
 * @param {unknown} third
 * @returns {Conversion | undefined} `undefined` for a call that is float32 in and out
 */
function conversionOf(input, second, third) {
  if (asksForFormat(second)) return readConversion(input, second);
  return asksForFormat(third) ? readConversion(input, third) : undefined;
}

module.exports = { ARRAYS, bytesOf, checkDither, checkFormat, conversionOf, detached, hintFor, interleave, readOutput };
