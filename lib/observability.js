'use strict';

const { CircularLogBuffer } = require('./circular-log-buffer.js');
const { CIRCUIT_BREAKER_CONFIGS, CircuitBreaker, CircuitState } = require('./circuit-breaker.js');
const { JSONFormatter, TextFormatter } = require('./logger/formatters.js');
const { SEVERITY_MAPPINGS } = require('./logger/levels.js');
const { lazy } = require('./lazy.js');
const { Logger } = require('./logger/logger.js');
const { TopicRouter, TopicRouterBuilder, createTopicRouter } = require('./topic-router.js');
const { generateTraceparent, getTracingContext, tracingContext, withTracingContext } = require('./tracing.js');

const createCloudWatchHandler = lazy('createCloudWatchHandler', () => require('./logger/cloudwatch.js'));
const createConsoleHandler = lazy('createConsoleHandler', () => require('./logger/console.js'));
const createDatadogHandler = lazy('createDatadogHandler', () => require('./logger/datadog.js'));
const createLokiHandler = lazy('createLokiHandler', () => require('./logger/loki.js'));
const createMockHandler = lazy('createMockHandler', () => require('./logger/mock.js'));
const createNativeLogHandler = lazy('createNativeLogHandler', () => require('./native-log.js'));
const createPagerDutyHandler = lazy('createPagerDutyHandler', () => require('./logger/pagerduty.js'));
const createPrometheusHandler = lazy('createPrometheusHandler', () => require('./logger/prometheus.js'));
const setLogLevel = lazy('setLogLevel', () => require('./native-log.js'));

if (process.env.DSPX_LOG) require('./native-log.js').startFromEnvironment();

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
