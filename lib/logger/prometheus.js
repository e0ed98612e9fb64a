'use strict';

const { SCHEMA, createDirectHandler } = require('./backend.js');
const { contextFields, textOf } = require('./entry.js');
const { mergeHeaders } = require('./http.js');

/** @param {unknown} url */
const withoutEndSlash = (url) => (typeof url === 'string' || url instanceof URL ? String(url).replace(/\/+$/, '') : '');

/**
 * Returns a valid name: other characters become `_`, and one stands before a leading digit.
 *
 * @param {string} text
 * @param {RegExp} forbidden
 * @returns {string}
 */
function cleanName(text, forbidden) {
  return text.replace(forbidden, '_').replace(/^(?=\d|$)/, '_');
}

/** @param {string} text */
const escapeValue = (text) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

/**
 * Returns label names and values in order; a name that is taken already gets `_` appended.
 *
 * @param {Record<string, unknown>} context
 * @returns {[string, string][]}
 */
function labelsOf(context) {
  const labels = new Map([['schema', SCHEMA]]);
  for (const [key, value] of Object.entries(context)) {
    if (key === 'value' || value === undefined) continue;
    let name = cleanName(key, /[^a-zA-Z0-9_]/g);
    while (labels.has(name)) name += '_';
    labels.set(name, textOf(value));
  }
  labels.delete('schema');
  return [...labels, ['schema', SCHEMA]];
}

/**
 * Returns an entry in the Prometheus text format: one sample, no timestamp (a Pushgateway refuses them).
 *
 * @param {import('../../index.js').LogEntry} entry
 * @returns {string}
 */
function expose(entry) {
  const name = cleanName(entry.topic || 'pipeline_metric', /[^a-zA-Z0-9_:]/g);
  const context = contextFields(entry.context);
  const labels = labelsOf(context).map(([label, text]) => `${label}="${escapeValue(text)}"`);
  return `${name}{${labels.join(',')}} ${Number.isFinite(context.value) ? context.value : 1}\n`;
}

/**
 * Pushes each log as a sample to a Prometheus Pushgateway: the topic names the metric, `context.value` is its value
 * (1 without), the rest of the context its labels.
 *
 * @param {import('../../index.js').BackendConfig} [config] `endpoint` of the Pushgateway
 * @returns {import('../../index.js').HandlerWithCircuitBreaker}
 */
function createPrometheusHandler(config = {}) {
  const endpoint = withoutEndSlash(config.endpoint);
  return createDirectHandler(
    {
      name: 'prometheusHandler',
      label: 'Prometheus',
      preset: 'noncritical',
      missing: !endpoint && 'Prometheus handler: endpoint not configured, logs are dropped',
      explain({ status, code }) {
        if (status === 401 || status === 403) {
          return `Prometheus authentication failed (${status}): put credentials into config.headers`;
        }
        return code === 'ECONNREFUSED'
          ? `Prometheus Pushgateway unreachable at ${withoutSecrets(endpoint)}`
          : undefined;
      },
      request: (entry) => ({
        url: `${endpoint}/metrics/job/dsp_pipeline`,
        headers: mergeHeaders({ 'Content-Type': 'text/plain' }, config.headers),
        body: expose(entry),
      }),
    },
    config,
  );
}

/**
 * Returns a URL without user, password and query.
 *
 * @param {string} url
 * @returns {string}
 */
function withoutSecrets(url) {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

module.exports = { createPrometheusHandler, withoutEndSlash };
