'use strict';

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
    return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value).slice(0, 100);
}

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
function checkPositive(name, value, show = String) {
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
  throw new TypeError(`${name} must be a positive integer, got ${String(value)}`);
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
  throw new TypeError(`${name} must be a number`);
}

// ---- arrays and functions -----------------------------------------------------------------------

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {Float32Array} the value
 * @throws {TypeError} for anything but a Float32Array
 */
function checkFloat32Array(name, value) {
  if (value instanceof Float32Array) return value;
  throw new TypeError(`${name} must be a Float32Array`);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @throws {TypeError} for anything but a function
 */
function checkFunction(name, value) {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${typeof value}`);
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
  checkFloat32Array,
  checkFunction,
  checkNumber,
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
};
