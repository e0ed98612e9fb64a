'use strict';

const { shown } = require('../common/arguments.js');

/** @typedef {import('../../index.js').LogLevel} LogLevel */

/** In rising order: the index is the rank. @type {LogLevel[]} */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * Returns the place of a level in rising order of urgency, −1 for anything else.
 *
 * @param {unknown} level
 */
const rankOf = (level) => LEVELS.indexOf(/** @type {LogLevel} */ (level));

/**
 * Returns a level.
 *
 * @param {unknown} level
 * @param {string} where names the option in the message
 * @returns {LogLevel}
 * @throws {TypeError} when it is none
 */
function checkLevel(level, where) {
  if (rankOf(level) < 0) throw new TypeError(`${where}: unknown log level, got ${shown(level)}`);
  return /** @type {LogLevel} */ (level);
}

/** The names of our levels at each backend. */
const SEVERITY_MAPPINGS = {
  pagerduty: { trace: 'info', debug: 'info', info: 'info', warn: 'warning', error: 'error', fatal: 'critical' },
  datadog: { trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'emergency' },
  syslog: { trace: '7', debug: '7', info: '6', warn: '4', error: '3', fatal: '0' },
};

module.exports = { LEVELS, SEVERITY_MAPPINGS, checkLevel, rankOf };
