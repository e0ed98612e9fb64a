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

/** The shortest decimal that reads back as the same float32. */
function shortFloat(x) {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return String(short);
  }
  return String(Number.isFinite(x) ? Number(x.toPrecision(9)) : x);
}

module.exports = { numberOption, shortFloat };
