'use strict';

/** In rising order: the index is the rank. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const rankOf = (level) => LEVELS.indexOf(level);

/**
 * @param {unknown} level
 * @param {string} where names the option in the message
 * @returns {string} the level
 * @throws {TypeError} when it is none
 */
function checkLevel(level, where) {
  if (rankOf(level) < 0) throw new TypeError(`${where}: unknown log level, got ${String(level)}`);
  return /** @type {string} */ (level);
}

/** What each backend calls our levels. */
const SEVERITY_MAPPINGS = {
  pagerduty: { trace: 'info', debug: 'info', info: 'info', warn: 'warning', error: 'error', fatal: 'critical' },
  datadog: { trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error', fatal: 'emergency' },
  syslog: { trace: '7', debug: '7', info: '6', warn: '4', error: '3', fatal: '0' },
};

module.exports = { LEVELS, SEVERITY_MAPPINGS, checkLevel, rankOf };
