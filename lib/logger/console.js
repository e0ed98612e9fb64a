'use strict';

const { isoTime } = require('./entry.js');

const COLOURS = { trace: '90', debug: '36', info: '32', warn: '33', error: '31', fatal: '35;1' };
const RESET = '\x1b[0m';

/**
 * Prints entries with `console.log`, coloured by level. A string, already formatted, is printed as it is.
 *
 * @param {import('../..').BackendConfig} [_config] not used
 * @returns {import('../..').HandlerWithFlush}
 */
function createConsoleHandler(_config) {
  return function consoleHandler(log) {
    if (typeof log === 'string') {
      console.log(log);
      return;
    }
    const colour = Object.hasOwn(COLOURS, log.level) ? `\x1b[${COLOURS[log.level]}m` : '';
    const trace = log.traceId ? ` [trace:${log.traceId.slice(0, 8)}]` : '';
    const head = `[${isoTime(log.timestamp)}] [${String(log.level).toUpperCase()}] [${log.topic || 'unknown'}]${trace}`;
    console.log(`${colour}${head}${RESET} ${log.message}`);
    if (log.context && Object.keys(log.context).length > 0) console.log(`${colour}  Context:${RESET}`, log.context);
  };
}

module.exports = { createConsoleHandler };
