'use strict';

const { shown } = require('../common/arguments.js');

/**
 * Checks that options are plain values, which cross to the native side as JSON: texts, finite numbers, truth values.
 *
 * @param {string} label the function, for errors
 * @param {object} options
 * @param {(name: string, value: unknown) => boolean} [isOther] whether another value is taken
 * @throws {TypeError} for any other value
 */
function checkPlain(label, options, isOther = () => false) {
  for (const [name, value] of Object.entries(options)) {
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    const isPlain = value === undefined || isNumber || typeof value === 'string' || typeof value === 'boolean';
    if (!isPlain && !isOther(name, value)) throw new TypeError(`${label}: ${name} cannot be ${shown(value)}`);
  }
}

module.exports = { checkPlain };
