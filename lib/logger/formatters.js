'use strict';

const { oneLine } = require('../common/text.js');
const { isoTime, textOf } = require('./entry.js');

/**
 * Returns the beginning of a line: `[time] LEVEL [topic] [trace:id]`.
 *
 * @param {import('../../index.js').LogEntry} log
 * @param {string} level
 * @param {string} topic
 * @returns {string}
 */
function lineHead(log, level, topic) {
  const trace = log.traceId ? ` [trace:${oneLine(String(log.traceId).slice(0, 8))}]` : '';
  return `[${isoTime(log.timestamp)}] ${oneLine(level)} [${oneLine(topic)}]${trace}`;
}

/** Leaves entries as they are: handlers make JSON of them. */
class JSONFormatter {
  /** @template T @param {T} log @returns {T} the very same object */
  format(log) {
    return log;
  }
}

/**
 * One line per entry, and a second one for a context: `[time] LEVEL [topic] [trace:id] message`. Line breaks and
 * control characters are written as escapes, so that no text of a log looks like another log, or commands a terminal.
 */
class TextFormatter {
  /** @param {import('../../index.js').LogEntry} log @returns {string} */
  format(log) {
    const level = textOf(log.level).toUpperCase().padEnd(5);
    const line = `${lineHead(log, level, log.topic || 'default')} ${oneLine(textOf(log.message))}`;
    if (!log.context || Object.keys(log.context).length === 0) return line;
    return `${line}\n  Context: ${oneLine(textOf(log.context))}`;
  }
}

module.exports = { JSONFormatter, TextFormatter, lineHead };
