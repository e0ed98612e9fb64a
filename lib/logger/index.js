'use strict';

const { JSONFormatter, TextFormatter } = require('./formatters.js');
const { SEVERITY_MAPPINGS } = require('./levels.js');
const { Logger } = require('./logger.js');
const { createCloudWatchHandler } = require('./cloudwatch.js');
const { createConsoleHandler } = require('./console.js');
const { createDatadogHandler } = require('./datadog.js');
const { createLokiHandler } = require('./loki.js');
const { createMockHandler } = require('./mock.js');
const { createPagerDutyHandler } = require('./pagerduty.js');
const { createPrometheusHandler } = require('./prometheus.js');

module.exports = {
  JSONFormatter,
  Logger,
  SEVERITY_MAPPINGS,
  TextFormatter,
  createCloudWatchHandler,
  createConsoleHandler,
  createDatadogHandler,
  createLokiHandler,
  createMockHandler,
  createPagerDutyHandler,
  createPrometheusHandler,
};
