'use strict';

/** The options of the command line for csv input. */

const { UsageError } = require('../common/usage-error.js');

/**
 * @typedef {object} CsvOptions
 * @property {string} [columns]
 * @property {string} [delimiter]
 * @property {string} [decimal]
 * @property {string} [header]
 * @property {string} [time]
 * @property {string} [timeUnit]
 */

/** @type {Record<string, string>} */
const NAMES = { tab: '\t', comma: ',', semicolon: ';', space: ' ', pipe: '|', '\\t': '\t' };
const DECIMALS = ['.', ','];

/**
 * Returns the options of `openRecording` for a csv file.
 *
 * @param {CsvOptions} options
 * @throws {UsageError} for what cannot be meant
 * @returns {import('../../index.js').OpenRecordingOptions}
 */
function csvOptions({ columns, delimiter, decimal, header, time, timeUnit }) {
  const character = delimiter === undefined ? undefined : (NAMES[delimiter] ?? delimiter);
  if (character !== undefined && (character.length !== 1 || /[\r\n"'\d.+-]/.test(character))) {
    const names = 'tab, comma, semicolon, space or pipe';
    throw new UsageError(`--delimiter must be one character, or ${names}, got "${delimiter}"`);
  }
  if (decimal !== undefined && !DECIMALS.includes(decimal)) {
    throw new UsageError(`--decimal must be "." or ",", got "${decimal}"`);
  }
  if (character !== undefined && character === decimal) {
    throw new UsageError(`--delimiter and --decimal are both "${decimal}"`);
  }
  checkChoice(header, 'header', ['yes', 'no']);
  checkChoice(timeUnit, 'time-unit', ['s', 'ms', 'us', 'ns']);
  const known = { columns, delimiter: character, decimal, time, timeUnit };
  return /** @type {any} */ ({ ...known, header: header === undefined ? undefined : header === 'yes' });
}

/**
 * @param {string | undefined} value
 * @param {string} option
 * @param {string[]} choices
 */
function checkChoice(value, option, choices) {
  if (value === undefined || choices.includes(value)) return;
  throw new UsageError(`--${option} must be ${choices.join(' or ')}, got "${value}"`);
}

module.exports = { csvOptions };
