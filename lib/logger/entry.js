'use strict';

/** Log entries as the handlers need them: from what a Logger or a router passes to plain fields. */

const { plain } = require('./plain.js');

/** @typedef {import('../../index.js').LogLevel} LogLevel */

/**
 * Set by a Logger for its entries: the user's severity map, which the network handlers prefer to their own.
 *
 * @type {WeakMap<object, import('../../index.js').SeverityMapping>}
 */
const severityMaps = new WeakMap();

/** The last millisecond that a Date can hold. */
const MAX_DATE = 8.64e15;

/** Milliseconds from here on, seconds below (2001-09-09 in ms, the year 33658 in s). */
const SECONDS_BELOW = 1e12;

/** @param {any} value */
const isEntry = (value) => typeof value?.message === 'string' && typeof value?.level === 'string';

/**
 * Returns the entry to send, from a handler's two arguments: a string from a formatter becomes the message, an entry
 * from a formatter (one that removes secrets, say) is taken as it is, for anything else there is the unformatted
 * entry. Its texts are texts, so that no odd value can spoil the request that it shares with others.
 *
 * @param {any} log
 * @param {any} raw the unformatted entry
 * @returns {import('../../index.js').LogEntry}
 */
function entryOf(log, raw) {
  const entry =
    typeof log === 'string' ? { ...raw, message: log } : isEntry(log) ? log : (raw ?? { message: log, ...log });
  const { level = 'info', message, topic, context, timestamp, traceId, spanId, correlationId } = entry;
  return {
    level: /** @type {LogLevel} */ (textOf(level)),
    message: textOf(message),
    topic: optionalText(topic),
    context,
    timestamp,
    traceId: optionalText(traceId),
    spanId: optionalText(spanId),
    correlationId: optionalText(correlationId),
  };
}

/** @param {unknown} value */
const optionalText = (value) => (value === undefined || value === null ? undefined : textOf(value));

/**
 * Returns the backend's word for a level: that of the Logger's severity map, else the backend's own, else `other`.
 *
 * @param {LogLevel} level
 * @param {unknown} raw
 * @param {Record<string, string>} own
 * @param {string} other
 * @returns {string}
 */
function severityOf(level, raw, own, other) {
  return severityMaps.get(/** @type {object} */ (raw))?.[level] ?? own[level] ?? other;
}

/**
 * Returns whole epoch milliseconds; a number up to 1e12 counts as seconds, no number as now.
 *
 * @param {unknown} timestamp
 * @returns {number}
 */
function epochMs(timestamp) {
  if (typeof timestamp !== 'number') return Date.now();
  const ms = Math.floor(timestamp > SECONDS_BELOW ? timestamp : timestamp * 1000);
  return Math.abs(ms) <= MAX_DATE ? ms : Date.now();
}

/**
 * Returns epoch nanoseconds as decimal text, exactly: a double could not hold them.
 *
 * @param {unknown} timestamp
 * @returns {string} epoch nanoseconds, exactly: a double could not hold them
 */
const epochNs = (timestamp) => String(BigInt(epochMs(timestamp)) * 1_000_000n);

/**
 * Returns ISO 8601 in UTC with milliseconds, of epoch milliseconds.
 *
 * @param {number} ms
 * @returns {string}
 */
function isoTime(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'invalid time' : date.toISOString();
}

/**
 * Returns a context's own entries, fit for JSON; a context without any goes under `context`.
 *
 * @param {unknown} context
 * @returns {Record<string, any>}
 */
function contextFields(context) {
  const fields = plain(context);
  if (fields === undefined || fields === null) return {};
  return typeof fields === 'object' && !Array.isArray(fields) ? fields : { context: fields };
}

/**
 * Returns the entries of a log's context, fit for JSON, with the log's own ids; another id of that name in the
 * context goes under `context`.
 *
 * @param {import('../../index.js').LogEntry} entry
 * @returns {Record<string, any>}
 */
function details({ context, traceId, spanId, correlationId }) {
  const ids = Object.entries({ traceId, spanId, correlationId }).filter(([, id]) => id !== undefined);
  return withFixed(contextFields(context), Object.fromEntries(ids));
}

/**
 * Returns `fields` with `fixed`, which win; values that they replace go under `context`.
 *
 * @param {Record<string, any>} fields
 * @param {Record<string, any>} fixed
 * @returns {Record<string, any>}
 */
function withFixed(fields, fixed) {
  const clashing = Object.entries(fields).filter(([key, value]) => Object.hasOwn(fixed, key) && fixed[key] !== value);
  if (clashing.length === 0) return { ...fields, ...fixed };
  return { ...fields, context: { ...contextFields(fields.context), ...Object.fromEntries(clashing) }, ...fixed };
}

/**
 * Returns a value as text: objects as JSON.
 *
 * @param {unknown} value
 * @returns {string}
 */
function textOf(value) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  return JSON.stringify(plain(value)) ?? '';
}

module.exports = {
  contextFields,
  details,
  entryOf,
  epochMs,
  epochNs,
  isoTime,
  severityMaps,
  severityOf,
  textOf,
  withFixed,
};
