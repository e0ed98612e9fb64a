'use strict';

const { UsageError } = require('../common/usage-error.js');

/** A number option within bounds, or `fallback` where it is not given. */
function numberOption(values, name, { min = -Infinity, integer = false, fallback } = {}) {
  const text = values[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < min || (integer && !Number.isInteger(value))) {
    const kind = integer ? 'an integer' : 'a number';
    throw new UsageError(`--${name} must be ${kind}${min === -Infinity ? '' : `, ${min} or more`}, got "${text}"`);
  }
  return value;
}

module.exports = { numberOption };
