'use strict';

const { oneLine } = require('./text.js');

/**
 * Checks of what callers pass in. Each refusal is a TypeError or RangeError that names the argument, the rule and the
 * value.
 */

/**
 * Returns what a value is, for error messages: `null`, a primitive's type, or the name of its class.
 *
 * @param {unknown} value
 * @returns {string}
 */
function nameOf(value) {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    if (Array.isArray(value)) return 'an array';
    const { name } = value.constructor;
    return typeof name === 'string' && /^[\w$]{1,64}$/.test(name) ? name : 'object';
  } catch {
    return 'object'; // without a constructor, or with one that throws
  }
}

/**
 * Returns a value for a message: at most 100 characters, and never the inside of an object.
 *
 * @param {unknown} value
 * @returns {string}
 */
function shown(value) {
  if (typeof value === 'string') {
    return value.length > 100 ? `a string of ${value.length} characters` : `"${oneLine(value)}"`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return oneLine(String(value).slice(0, 100));
  const name = nameOf(value);
  if (name === 'an array') return name;
  if (name === 'Object') return 'an object';
  return `${/^[AEIOaeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

/**
 * Returns a value for a message as {@link shown} does, but short texts without quotes.
 *
 * @param {unknown} value
 * @returns {string}
 */
const unquoted = (value) => (typeof value === 'string' && value.length <= 100 ? oneLine(value) : shown(value));

// ---- numbers ------------------------------------------------------------------------------------

/**
 * Whether a value is a positive, finite number.
 *
 * @param {unknown} value
 * @returns {value is number}
 */
const isPositive = (value) => typeof value === 'number' && value > 0 && value < Infinity;

/**
 * Whether a value is a positive integer.
 *
 * @param {unknown} value
 * @returns {value is number}
 */
const isPositiveInteger = (value) => Number.isInteger(value) && /** @type {number} */ (value) >= 1;

/**
 * Returns a sample rate in Hz, or another quantity for which the same holds: a positive, finite number.
 *
 * @param {string} name the argument, with the function where it helps: `createDspPipeline: sampleRate`
 * @param {unknown} value
 * @param {(value: unknown) => string} [show] writes the value in the message
 * @returns {number}
 * @throws {TypeError} for anything else
 */
function checkPositive(name, value, show = unquoted) {
  if (isPositive(value)) return value;
  throw new TypeError(`${name} must be a positive number, got ${show(value)}`);
}

/**
 * Returns a count, such as that of channels.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {number}
 * @throws {TypeError} for anything but a positive integer
 */
function checkPositiveInteger(name, value) {
  if (isPositiveInteger(value)) return value;
  throw new TypeError(`${name} must be a positive integer, got ${shown(value)}`);
}

/**
 * Returns a number, which may be any.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {number}
 * @throws {TypeError} for other types
 */
function checkNumber(name, value) {
  if (typeof value === 'number') return value;
  throw new TypeError(`${name} must be a number, got ${shown(value)}`);
}

/**
 * Returns a finite number.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {number}
 * @throws {TypeError} for other types
 * @throws {RangeError} for NaN and infinities
 */
function checkFinite(name, value) {
  const number = checkNumber(name, value);
  if (Number.isFinite(number)) return number;
  throw new RangeError(`${name} must be a finite number, got ${number}`);
}

/**
 * Returns options, which may be left out.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {any} an object, empty where there is none
 * @throws {TypeError} for anything but an object, `null` and `undefined`
 */
function checkOptions(name, value) {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value)) return value;
  throw new TypeError(`${name} must be an object, got ${shown(value)}`);
}

// ---- arrays and functions -----------------------------------------------------------------------

/**
 * Returns how a value of another type becomes an array of the type that is wanted, empty where nothing helps.
 *
 * @param {unknown} value
 * @param {string} wanted name of the type
 */
function wayOut(value, wanted) {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    return `: convert with ${wanted}.from(…, Number)`;
  }
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return isList ? `: convert with ${wanted}.from(…)` : '';
}

/**
 * Returns an array whose memory is there, and nobody else's.
 *
 * @template {Float32Array | Float64Array | BigInt64Array} T
 * @param {string} name
 * @param {T} array
 * @returns {T}
 * @throws {TypeError} if other threads may write to it while it is read, or its memory was transferred
 */
function checkMemory(name, array) {
  if (array.buffer instanceof SharedArrayBuffer) {
    throw new TypeError(
      `${name} must not lie in a SharedArrayBuffer, which other threads may write: pass slice() of it`,
    );
  }
  if (array.length === 0 && isDetached(array)) {
    throw new TypeError(`${name} is gone: its ArrayBuffer was transferred (it is detached)`);
  }
  if (array.length === 0 && isOutOfBounds(array)) {
    throw new TypeError(`${name} is gone: its ArrayBuffer was made too short for it`);
  }
  return array;
}

/** @param {ArrayBufferView} array */
function isDetached({ buffer }) {
  try {
    return new Uint8Array(buffer) === null;
  } catch {
    return true;
  }
}

/** @param {Float32Array | Float64Array | BigInt64Array} array one without samples */
function isOutOfBounds(array) {
  try {
    array.at(0);
    return false;
  } catch {
    return true;
  }
}

/**
 * @param {string} name with the function: `sum: x`
 * @param {unknown} value
 * @returns {Float32Array} the value
 * @throws {TypeError} for anything but a Float32Array of this thread's memory
 */
function checkFloat32Array(name, value) {
  if (value instanceof Float32Array) return checkMemory(name, value);
  throw new TypeError(`${name} must be a Float32Array, got ${nameOf(value)}${wayOut(value, 'Float32Array')}`);
}

/**
 * @param {string} name
 * @param {unknown[]} list
 * @returns {number[]} the list
 * @throws {TypeError} if it holds anything but numbers
 */
function checkNumbers(name, list) {
  // An index, not `every`: holes are no numbers.
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] === 'number') continue;
    throw new TypeError(`${name} must hold numbers, got ${shown(list[i])} at index ${i}`);
  }
  return /** @type {number[]} */ (list);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @throws {TypeError} for anything but a function
 */
function checkFunction(name, value) {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${shown(value)}`);
}

// ---- options by name ----------------------------------------------------------------------------

/**
 * @typedef {Record<string, any> | null | undefined} Options options that a caller gave: of any type until they are
 *   checked
 */

/**
 * Returns an integer option.
 *
 * @template {number | undefined} Fallback
 * @param {Options} options
 * @param {string} name
 * @param {{ fallback?: Fallback, min?: number, max?: number, zeroIsAbsent?: boolean }} rule `fallback` stands for an
 *   absent option; `min` is 0 and `max` 2³¹ − 1 unless given
 * @returns {number | Fallback}
 * @throws {TypeError} if it is not in range
 */
function integer(options, name, { fallback, min = 0, max = 2 ** 31 - 1, zeroIsAbsent = false }) {
  const value = options?.[name];
  if (value === undefined || value === null || (zeroIsAbsent && value === 0)) return /** @type {Fallback} */ (fallback);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new TypeError(`${name} must be an integer from ${min} to ${max}, got ${shown(value)}`);
  }
  return value;
}

/**
 * Returns an option that is one of some texts.
 *
 * @template {string} Choice
 * @param {Options} options
 * @param {string} name
 * @param {readonly Choice[]} choices
 * @param {Choice} [fallback] stands for an absent option
 * @returns {Choice}
 * @throws {TypeError} for any other
 */
function choice(options, name, choices, fallback) {
  const value = options?.[name] ?? fallback;
  if (!choices.includes(value)) throw new TypeError(`${name} must be ${choices.join(', ')}, got ${shown(value)}`);
  return value;
}

/**
 * Returns an option that is a function, or `undefined` where it is absent.
 *
 * @param {Options} options
 * @param {string} name
 * @returns {any}
 * @throws {TypeError} for anything else
 */
function callback(options, name) {
  const value = options?.[name];
  if (value !== undefined && value !== null && typeof value !== 'function') {
    throw new TypeError(`${name} must be a function`);
  }
  return value ?? undefined;
}

/**
 * Whether a value is a non-empty array of non-empty strings.
 *
 * @param {unknown} list
 * @returns {list is string[]}
 */
function isListOfStrings(list) {
  return Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string' && item.trim() !== '');
}

/**
 * Returns a text that librdkafka and stores take, such as the name of a topic.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 * @throws {TypeError} for anything but a non-empty string without NUL
 */
function text(value, name) {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new TypeError(`${name} must be a non-empty string`);
}

module.exports = {
  callback,
  checkFinite,
  checkFloat32Array,
  checkFunction,
  checkMemory,
  checkNumber,
  checkNumbers,
  checkOptions,
  checkPositive,
  checkPositiveInteger,
  choice,
  integer,
  isListOfStrings,
  isPositive,
  isPositiveInteger,
  nameOf,
  shown,
  text,
  unquoted,
  wayOut,
};
