'use strict';

/** Log entries as the handlers need them: from what a Logger or a router passes to plain fields. */

/** Set by a Logger for its entries: the user's severity map, which the network handlers prefer to their own. */
const severityMaps = new WeakMap();

/** The last millisecond that a Date can hold. */
const MAX_DATE = 8.64e15;

/** Milliseconds from here on, seconds below (2001-09-09 in ms, the year 33658 in s). */
const SECONDS_BELOW = 1e12;

const isEntry = (value) => typeof value?.message === 'string' && typeof value?.level === 'string';

/**
 * The entry to send, from a handler's two arguments: a string from a formatter becomes the message, an entry from a
 * formatter (one that removes secrets, say) is taken as it is, for anything else there is the unformatted entry.
 * Its texts are texts, so that no odd value can spoil the request that it shares with others.
 *
 * @param {unknown} log what the formatter made
 * @param {import('../..').LogEntry} [raw] the unformatted entry
 * @returns {import('../..').LogEntry}
 */
function entryOf(log, raw) {
  const entry = typeof log === 'string' ? { ...raw, message: log } : isEntry(log) ? log : (raw ?? { message: log, ...log });
  const { level = 'info', message, topic, context, timestamp, traceId, spanId, correlationId } = entry;
  return {
    level: textOf(level),
    message: textOf(message),
    topic: optionalText(topic),
    context,
    timestamp,
    traceId: optionalText(traceId),
    spanId: optionalText(spanId),
    correlationId: optionalText(correlationId),
  };
}

const optionalText = (value) => (value === undefined || value === null ? undefined : textOf(value));

/** @returns {string} the backend's word for the level: the Logger's severity map, else the backend's own, else `other` */
function severityOf(level, raw, own, other) {
  return severityMaps.get(raw)?.[level] ?? own[level] ?? other;
}

/** @returns {number} whole epoch milliseconds; a number up to 1e12 counts as seconds, no number as now */
function epochMs(timestamp) {
  if (typeof timestamp !== 'number') return Date.now();
  const ms = Math.floor(timestamp > SECONDS_BELOW ? timestamp : timestamp * 1000);
  return Math.abs(ms) <= MAX_DATE ? ms : Date.now();
}

/** @returns {string} epoch nanoseconds, exactly: a double could not hold them */
const epochNs = (timestamp) => String(BigInt(epochMs(timestamp)) * 1_000_000n);

/** @returns {string} ISO 8601 in UTC with milliseconds, of epoch milliseconds */
function isoTime(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'invalid time' : date.toISOString();
}

/** @returns {Record<string, any>} the context's own entries; what is no plain container goes under `context` */
function contextFields(context) {
  if (context === undefined || context === null) return {};
  return typeof context === 'object' && !Array.isArray(context) ? { ...context } : { context };
}

/** @returns {any} the context, or the sentence that stands for one that JSON cannot hold */
function jsonContext(context) {
  try {
    JSON.stringify(context);
    return context;
  } catch (error) {
    return `[Unable to stringify: ${error?.message ?? error}]`;
  }
}

/** @returns {string} a value as text: objects as JSON */
function textOf(value) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch (error) {
    return `[Unable to stringify: ${error?.message ?? error}]`;
  }
}

module.exports = {
  contextFields, entryOf, epochMs, epochNs, isoTime, jsonContext, severityMaps, severityOf, textOf,
};
