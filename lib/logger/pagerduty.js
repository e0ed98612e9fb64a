'use strict';

const { generateTraceparent } = require('../telemetry/tracing.js');
const { SCHEMA, createDirectHandler } = require('./backend.js');
const { details, epochMs, isoTime, severityOf } = require('./entry.js');
const { mergeHeaders } = require('./http.js');
const { SEVERITY_MAPPINGS } = require('./levels.js');

/**
 * Opens a PagerDuty incident (Events API v2) per log. Set `minLevel`, or route only alerts to it.
 *
 * @param {import('../../index.js').BackendConfig} [config] `endpoint` and `apiKey` (the routing key)
 * @returns {import('../../index.js').HandlerWithCircuitBreaker}
 */
function createPagerDutyHandler(config = {}) {
  const { endpoint, apiKey } = config; // both are given where a request is made

  /** @param {import('../../index.js').LogEntry} entry @param {unknown} raw */
  function request(entry, raw) {
    const { level, message, topic, traceId, spanId } = entry;
    return {
      url: String(endpoint),
      headers: mergeHeaders(
        { 'Content-Type': 'application/json', traceparent: generateTraceparent(traceId, spanId) },
        config.headers,
      ),
      body: JSON.stringify({
        schema: SCHEMA,
        routing_key: apiKey,
        event_action: 'trigger',
        payload: {
          summary: message,
          severity: severityOf(level, raw, SEVERITY_MAPPINGS.pagerduty, 'warning'),
          source: topic || 'dsp-pipeline',
          timestamp: isoTime(epochMs(entry.timestamp)),
          custom_details: details(entry),
        },
      }),
    };
  }

  return createDirectHandler(
    {
      name: 'pagerDutyHandler',
      label: 'PagerDuty',
      preset: 'critical',
      missing:
        !(endpoint && apiKey) &&
        'PagerDuty handler not configured: set endpoint and apiKey (the routing_key of the integration)',
      explain: ({ status }) => (status === 401 ? 'PagerDuty authentication failed: Invalid routing_key' : undefined),
      request,
    },
    config,
  );
}

module.exports = { createPagerDutyHandler };
