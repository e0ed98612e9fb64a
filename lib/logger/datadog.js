'use strict';

const { hostname } = require('#node').os;
const { SCHEMA, createDirectHandler } = require('./backend.js');
const { contextFields, epochMs, severityOf, withFixed } = require('./entry.js');
const { mergeHeaders } = require('./http.js');
const { SEVERITY_MAPPINGS } = require('./levels.js');
const { withoutEndSlash } = require('./prometheus.js');

const INTAKE = 'https://http-intake.logs.datadoghq.com';

/**
 * Returns the body: the fixed fields win, context keys of the same name go under `context`.
 *
 * @param {import('../../index.js').LogEntry} entry
 * @param {unknown} raw
 */
function bodyOf(entry, raw) {
  const fixed = {
    schema: SCHEMA,
    ddsource: 'dsp-pipeline',
    ddtags: `topic:${entry.topic || 'default'},level:${entry.level}`,
    hostname: hostname(),
    message: entry.message,
    service: 'dsp-pipeline',
    status: severityOf(entry.level, raw, SEVERITY_MAPPINGS.datadog, 'info'),
    timestamp: epochMs(entry.timestamp),
    dd: { trace_id: entry.traceId, span_id: entry.spanId },
  };
  return withFixed(contextFields(entry.context), fixed);
}

/**
 * Sends each log to Datadog's log intake.
 *
 * @param {import('../../index.js').BackendConfig} [config] `apiKey`; `endpoint` for another site than datadoghq.com
 * @returns {import('../../index.js').HandlerWithCircuitBreaker}
 */
function createDatadogHandler(config = {}) {
  const { apiKey } = config;
  const endpoint = withoutEndSlash(config.endpoint || INTAKE);
  return createDirectHandler(
    {
      name: 'datadogHandler',
      label: 'Datadog',
      preset: 'standard',
      missing: !apiKey && 'Datadog handler: apiKey not configured, logs are dropped',
      explain: ({ status }, http) =>
        status === 401 || status === 403 ? `Datadog authentication failed: ${http}` : undefined,
      request: (entry, raw) => ({
        url: `${endpoint}/v1/input/${encodeURIComponent(String(apiKey))}`,
        headers: mergeHeaders({ 'Content-Type': 'application/json' }, config.headers),
        body: JSON.stringify(bodyOf(entry, raw)),
      }),
    },
    config,
  );
}

module.exports = { createDatadogHandler };
