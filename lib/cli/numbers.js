'use strict';

const { UsageError } = require('../common/usage-error.js');

/** @typedef {Record<string, any>} Values the options of a command line: texts and flags by name */

/**
 * Returns a number option within bounds, or `fallback` where it is not given.
 *
 * @template {number | undefined} [Fallback=undefined]
 * @param {Values} values
 * @param {string} name
 * @param {{ min?: number, integer?: boolean, fallback?: Fallback }} [rule]
 * @returns {number | Fallback}
 * @throws {UsageError} if it is not within bounds
 */
function numberOption(values, name, { min = -Infinity, integer = false, fallback } = {}) {
  const text = values[name];
  if (text === undefined) return /** @type {Fallback} */ (fallback);
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < min || (integer && !Number.isInteger(value))) {
    const kind = integer ? 'an integer' : 'a number';
    throw new UsageError(`--${name} must be ${kind}${min === -Infinity ? '' : `, ${min} or more`}, got "${text}"`);
  }
  return value;
}

module.exports = { numberOption };
