'use strict';
/** A log as a Kafka message: key, value, headers. */
const { LEVELS } = require('../../logger/levels.js');
const { generateTraceparent } = require('../../telemetry/tracing.js');

/** @typedef {import('../../../index.js').LogEntry} LogEntry */

const SCHEMA = 'dspx/log/v1';
/** The characters that JSON has to escape, and all others that are not plain. */
const NOT_PLAIN = /[^ !#-[\]-~]/;

/** @param {unknown} value */
const isWord = (value) => value === undefined || typeof value === 'string';
/** @param {string} text */
const quoted = (text) => (text.length > 256 || NOT_PLAIN.test(text) ? JSON.stringify(text) : `"${text}"`);
/** @param {string} name @param {string | undefined} text */
const field = (name, text) => (text === undefined ? '' : `,"${name}":${quoted(text)}`);

/**
 * Returns the value of a log's message: JSON with fixed keys in a fixed order, whatever the log holds.
 *
 * @param {LogEntry} log
 * @returns {string}
 */
function logJson(log) {
  const { level, message, topic, context, timestamp, traceId, spanId, correlationId } = log;
  const isUsual =
    typeof level === 'string' &&
    isWord(message) &&
    isWord(topic) &&
    isWord(traceId) &&
    isWord(spanId) &&
    isWord(correlationId) &&
    Number.isFinite(timestamp);
  return (
    (isUsual && usualValueOf(log)) ||
    anyValueOf({ level, message, topic, context, timestamp, traceId, spanId, correlationId })
  );
}

/**
 * Returns the text that `JSON.stringify` gives for fields of the usual types, in half the time; undefined where the
 * context has none.
 *
 * @param {LogEntry} log
 * @returns {string | undefined}
 */
function usualValueOf({ level, message, topic, context, timestamp, traceId, spanId, correlationId }) {
  let text = '';
  if (context !== undefined) {
    let json;
    try {
      json = JSON.stringify(context);
    } catch {
      return undefined;
    }
    if (json !== undefined) text = `,"context":${json}`;
  }
  const head = `{"schema":"${SCHEMA}","level":${quoted(level)}${field('message', message)}${field('topic', topic)}`;
  const ids = field('traceId', traceId) + field('spanId', spanId) + field('correlationId', correlationId);
  return `${head}${text},"timestamp":${timestamp}${ids}}`;
}

/** @param {object} fields @returns {string} */
function anyValueOf(fields) {
  /** @type {Record<string, unknown>} */
  const value = { schema: SCHEMA, ...fields };
  try {
    return JSON.stringify(value);
  } catch (error) {
    value.context = `[Unable to stringify: ${/** @type {Error | undefined} */ (error)?.message ?? error}]`;
  }
  try {
    return JSON.stringify(value);
  } catch {
    const text = (/** @type {unknown} */ part) => (part === undefined ? undefined : String(part));
    return JSON.stringify(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, text(part)])));
  }
}

/** @param {string[]} headers */
const joined = (headers) => ({ text: headers.join(''), lengths: headers.map((part) => part.length) });
/** @param {string} level */
const headersOfLevel = (level) => ['content-type', 'application/json', 'level', level];
const PLAIN_HEADERS = new Map(LEVELS.map((level) => [level, joined(headersOfLevel(level))]));

/** @param {LogEntry} log */
function headersOf({ level, traceId, spanId, correlationId }) {
  const plain = !traceId && !spanId && !correlationId && PLAIN_HEADERS.get(level);
  if (plain) return plain;
  const headers = headersOfLevel(String(level));
  if (traceId) headers.push('trace-id', String(traceId));
  if (spanId) headers.push('span-id', String(spanId));
  if (correlationId) headers.push('correlation-id', String(correlationId));
  const traceparent = traceId ? generateTraceparent(traceId, spanId) : undefined;
  if (traceparent) headers.push('traceparent', traceparent);
  return joined(headers);
}

/**
 * Returns the time of a log's message in whole ms since 1970, NaN for now: a log is not lost because its time is none,
 * and no negative time goes out, which Kafka's readers do not take for one. The JSON keeps what the log holds.
 *
 * @param {unknown} timestamp
 */
function messageTime(timestamp) {
  const time = typeof timestamp === 'number' ? Math.floor(timestamp) : NaN;
  return Number.isSafeInteger(time) && time > 0 ? time : NaN;
}

/**
 * Packs a log.
 *
 * @param {InstanceType<typeof import('./message-packer.js').Packer>} packer
 * @param {LogEntry} log
 */
function addLog(packer, log) {
  const { topic, timestamp } = log;
  const { text, lengths } = headersOf(log);
  packer.addText(topic ? String(topic) : 'default', logJson(log), text, lengths, messageTime(timestamp));
}

module.exports = { addLog, logJson };
