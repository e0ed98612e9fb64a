'use strict';

const { CircularLogBuffer } = require('./circular-log-buffer.js');
const { CircuitOpenError } = require('./circuit-breaker.js');
const { Backend, SCHEMA, positiveOption } = require('./backend.js');
const { details, entryOf, epochNs, textOf } = require('./entry.js');
const { mergeHeaders } = require('./http.js');
const { withoutEndSlash } = require('./prometheus.js');

/** @typedef {import('../../index.js').LogEntry} LogEntry */

const BATCH_SIZE = 100;
const FLUSH_INTERVAL = 5000;

/**
 * Returns the time (ns), the line, and the details as structured metadata.
 *
 * @param {LogEntry} entry
 * @param {boolean} asMetadata
 * @returns {[time: string, line: string, metadata?: Record<string, string>]}
 */
function streamEntry(entry, asMetadata) {
  const time = epochNs(entry.timestamp);
  const metadata = Object.entries(details(entry));
  if (metadata.length === 0) return [time, entry.message];
  if (!asMetadata) return [time, `${entry.message} ${JSON.stringify(Object.fromEntries(metadata))}`];
  return [time, entry.message, Object.fromEntries(metadata.map(([key, value]) => [key, textOf(value)]))];
}

/**
 * Returns one stream per set of labels, in time order.
 *
 * @param {LogEntry[]} entries
 * @param {boolean} asMetadata
 * @returns {object[]} one stream per set of labels, in time order
 */
function streamsOf(entries, asMetadata) {
  const streams = new Map();
  for (const entry of entries) {
    const labels = { job: 'dsp-pipeline', level: entry.level, topic: entry.topic || 'unknown', schema: SCHEMA };
    const key = JSON.stringify(labels);
    if (!streams.has(key)) streams.set(key, { stream: labels, values: [] });
    streams.get(key).values.push(streamEntry(entry, asMetadata));
  }
  const byTime = (/** @type {string[]} */ [a], /** @type {string[]} */ [b]) => Number(BigInt(a) - BigInt(b));
  for (const { values } of streams.values()) values.sort(byTime);
  return [...streams.values()];
}

/** @param {import('./http.js').Outcome} outcome */
const refusesMetadata = ({ status, body }) => status === 400 && /structured.?metadata/i.test(body ?? '');

/**
 * Sends logs to Grafana Loki in batches. Labels are job, level, topic and schema; the context goes as structured
 * metadata, so that it adds no streams. What could not be sent stays in the buffer for the next time.
 *
 * @param {import('../../index.js').BackendConfig} [config] `endpoint` of Loki
 * @returns {import('../../index.js').HandlerWithCircuitBreaker}
 */
function createLokiHandler(config = {}) {
  const endpoint = withoutEndSlash(config.endpoint);
  const batchSize = positiveOption(config, 'batchSize', BATCH_SIZE);
  const flushInterval = positiveOption(config, 'flushInterval', FLUSH_INTERVAL);
  const backend = new Backend(
    {
      name: 'lokiHandler',
      label: 'Loki',
      preset: 'standard',
      missing: !endpoint && 'Loki handler: endpoint not configured, logs are dropped',
      explain: ({ status }) =>
        status === 401 || status === 403
          ? `Loki authentication failed (${status}): check apiKey, and X-Scope-OrgID in config.headers for a tenant`
          : undefined,
    },
    config,
  );
  const headers = mergeHeaders(
    mergeHeaders({ 'Content-Type': 'application/json' }, config.headers),
    config.apiKey ? { Authorization: `Bearer ${config.apiKey}` } : {},
  );
  const buffer = new CircularLogBuffer(backend.maxBuffered);
  let asMetadata = true;
  let sending = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** The flush under way, and the one after it that all who ask meanwhile share. @type {Promise<void> | undefined} */
  let running;
  /** @type {Promise<void> | undefined} */
  let following;

  /** @param {LogEntry} entry */
  function keep(entry) {
    backend.dropped(buffer.size() === backend.maxBuffered ? 1 : 0);
    buffer.push(entry);
  }

  function startTimer() {
    timer ??= setTimeout(flushQuietly, flushInterval).unref();
  }

  function stopTimer() {
    clearTimeout(timer);
    timer = undefined;
  }

  /** @param {LogEntry[]} entries */
  const push = (entries) =>
    backend.send({
      url: `${endpoint}/loki/api/v1/push`,
      headers,
      body: JSON.stringify({ streams: streamsOf(entries, asMetadata) }),
    });

  /** @param {LogEntry[]} entries */
  async function post(entries) {
    const outcome = await push(entries);
    if (!asMetadata || !refusesMetadata(outcome)) return outcome;
    asMetadata = false;
    return push(entries);
  }

  /**
   * Puts logs back before those that have come since; those beyond the buffer's capacity are dropped.
   *
   * @param {LogEntry[]} entries
   */
  function putBack(entries) {
    if (entries.length > 0) for (const entry of [...entries, ...buffer.flush()]) keep(entry);
  }

  function takeBatch() {
    const batch = buffer.flush();
    sending = batch.length;
    return batch;
  }

  async function flushOnce() {
    stopTimer();
    if (!buffer.hasEntries()) return;
    try {
      const refusal = await backend.deliver(takeBatch, post, putBack);
      backend.caughtUp();
      if (refusal) throw refusal;
    } finally {
      sending = 0;
      if (buffer.hasEntries()) startTimer();
    }
  }

  /**
   * One flush at a time; a second call waits for the one under way and then for what came after.
   *
   * @returns {Promise<void>}
   */
  function flush() {
    if (!running) {
      running = flushOnce().finally(() => {
        running = undefined;
      });
      return running;
    }
    following ??= running
      .catch(() => {}) // reported to those who wait for it
      .then(() => {
        following = undefined;
        return flush();
      });
    return following;
  }

  async function flushQuietly() {
    try {
      await flush();
    } catch (error) {
      if (error instanceof CircuitOpenError) console.debug('Loki handler: Circuit OPEN, logs stay in the buffer');
      else console.error('Loki handler error:', error);
    }
  }

  async function close() {
    try {
      await flush();
    } finally {
      stopTimer();
    }
  }

  /** @param {unknown} log @param {LogEntry} [raw] */
  const handler = async (log, raw) => {
    const entry = entryOf(log, raw);
    if (!backend.takes(entry)) return;
    keep(entry);
    if (buffer.size() >= batchSize) await flushQuietly();
    else startTimer();
  };
  return backend.attach(handler, { flush, close, queueSize: () => buffer.size() + sending });
}

module.exports = { createLokiHandler };
