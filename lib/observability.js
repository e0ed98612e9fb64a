'use strict';

const { CircularLogBuffer } = require('./circular-log-buffer.js');
const { CIRCUIT_BREAKER_CONFIGS, CircuitBreaker, CircuitState } = require('./circuit-breaker.js');
const { JSONFormatter, TextFormatter } = require('./logger/formatters.js');
const { SEVERITY_MAPPINGS } = require('./logger/levels.js');
const { Logger } = require('./logger/logger.js');
const { createCloudWatchHandler } = require('./logger/cloudwatch.js');
const { createConsoleHandler } = require('./logger/console.js');
const { createDatadogHandler } = require('./logger/datadog.js');
const { createLokiHandler } = require('./logger/loki.js');
const { createMockHandler } = require('./logger/mock.js');
const { createPagerDutyHandler } = require('./logger/pagerduty.js');
const { createPrometheusHandler } = require('./logger/prometheus.js');
const { createNativeLogHandler, setLogLevel, startFromEnvironment } = require('./native-log.js');
const { TopicRouter, TopicRouterBuilder, createTopicRouter } = require('./topic-router.js');
const { generateTraceparent, getTracingContext, tracingContext, withTracingContext } = require('./tracing.js');

startFromEnvironment();

module.exports = {
  CIRCUIT_BREAKER_CONFIGS,
  CircuitBreaker,
  CircuitState,
  CircularLogBuffer,
  JSONFormatter,
  Logger,
  SEVERITY_MAPPINGS,
  TextFormatter,
  TopicRouter,
  TopicRouterBuilder,
  createCloudWatchHandler,
  createConsoleHandler,
  createDatadogHandler,
  createLokiHandler,
  createMockHandler,
  createNativeLogHandler,
  createPagerDutyHandler,
  createPrometheusHandler,
  createTopicRouter,
  generateTraceparent,
  getTracingContext,
  setLogLevel,
  tracingContext,
  withTracingContext,
};
