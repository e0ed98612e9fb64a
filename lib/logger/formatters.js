'use strict';

const { isoTime, textOf } = require('./entry.js');

/** Leaves entries as they are: handlers make JSON of them. */
class JSONFormatter {
  /** @template T @param {T} log @returns {T} the very same object */
  format(log) {
    return log;
  }
}

/** One line per entry, and a second one for a context: `[time] LEVEL [topic] [trace:id] message`. */
class TextFormatter {
  /** @param {import('../..').LogEntry} log @returns {string} */
  format(log) {
    const level = String(log.level).toUpperCase().padEnd(5);
    const trace = log.traceId ? ` [trace:${log.traceId.slice(0, 8)}]` : '';
    const line = `[${isoTime(log.timestamp)}] ${level} [${log.topic || 'default'}]${trace} ${log.message}`;
    if (!log.context || Object.keys(log.context).length === 0) return line;
    return `${line}\n  Context: ${textOf(log.context)}`;
  }
}

module.exports = { JSONFormatter, TextFormatter };
