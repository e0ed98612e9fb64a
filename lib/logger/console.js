'use strict';

const { inspect } = require('#node').util;
const { lines, oneLine } = require('../common/text.js');
const { lineHead } = require('./formatters.js');

/** @type {Record<string, string>} */
const COLOURS = { trace: '90', debug: '36', info: '32', warn: '33', error: '31', fatal: '35;1' };
const RESET = '\x1b[0m';

/**
 * Returns a value itself if `console.log` prints it safely, else its text with escapes.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function printable(value) {
  if (typeof value === 'string') return oneLine(value);
  const text = inspect(value);
  const safe = lines(text);
  return safe === text ? value : safe;
}

/**
 * Prints entries with `console.log`, coloured by level; line breaks and control characters in their texts as escapes.
 * A string, already formatted, is printed as it is.
 *
 * @param {import('../../index.js').BackendConfig} [_config] not used
 * @returns {import('../../index.js').HandlerWithFlush}
 */
function createConsoleHandler(_config) {
  return function consoleHandler(log) {
    if (typeof log === 'string') {
      console.log(log);
      return;
    }
    const colour = Object.hasOwn(COLOURS, log.level) ? `\x1b[${COLOURS[log.level]}m` : '';
    const head = lineHead(log, `[${String(log.level).toUpperCase()}]`, log.topic || 'unknown');
    console.log(`${colour}${head}${RESET} ${oneLine(log.message)}`);
    const context = printable(log.context);
    if (context && Object.keys(context).length > 0) console.log(`${colour}  Context:${RESET}`, context);
  };
}

module.exports = { createConsoleHandler };
