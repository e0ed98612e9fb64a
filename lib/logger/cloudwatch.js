'use strict';

const { SCHEMA, createDirectHandler } = require('./backend.js');
const { contextFields, epochMs } = require('./entry.js');
const { mergeHeaders } = require('./http.js');

const SDK = '@aws-sdk/client-cloudwatch-logs';

/**
 * Sends each log to an endpoint that takes CloudWatch's `PutLogEvents`: a proxy that signs requests, since AWS itself
 * takes none without a signature.
 *
 * @param {import('../../index.js').BackendConfig} [config] `endpoint` and `apiKey` (the Authorization header)
 * @returns {import('../../index.js').HandlerWithCircuitBreaker}
 */
function createCloudWatchHandler(config = {}) {
  const { endpoint, apiKey } = config; // both are given where a request is made
  return createDirectHandler(
    {
      name: 'cloudWatchHandler',
      label: 'CloudWatch',
      preset: 'noncritical',
      missing:
        !(endpoint && apiKey) &&
        `CloudWatch handler not configured: set endpoint and apiKey, or use ${SDK} in a handler of your own`,
      explain: ({ status }, http) =>
        status === 403
          ? `CloudWatch authentication failed: ${http}. AWS takes signed requests only: use ${SDK} or a signing proxy`
          : undefined,
      request: (entry) => ({
        url: String(endpoint),
        headers: mergeHeaders(
          {
            'Content-Type': 'application/x-amz-json-1.1',
            'X-Amz-Target': 'Logs_20140328.PutLogEvents',
            Authorization: String(apiKey),
          },
          config.headers,
        ),
        body: JSON.stringify({
          schema: SCHEMA,
          logGroupName: '/dsp-pipeline/logs',
          logStreamName: entry.topic || 'default',
          logEvents: [
            {
              message: JSON.stringify({
                level: entry.level,
                message: entry.message,
                ...contextFields(entry.context),
              }),
              timestamp: epochMs(entry.timestamp),
            },
          ],
        }),
      }),
    },
    config,
  );
}

module.exports = { createCloudWatchHandler };
