'use strict';

const { CircularLogBuffer } = require('./circular-log-buffer.js');
const { CIRCUIT_BREAKER_CONFIGS, CircuitBreaker, CircuitState } = require('./circuit-breaker.js');
const { JSONFormatter, TextFormatter } = require('./formatters.js');
const { SEVERITY_MAPPINGS } = require('./levels.js');
const { lazy } = require('../common/lazy.js');
const { Logger } = require('./logger.js');
const { TopicRouter, TopicRouterBuilder, createTopicRouter } = require('./topic-router.js');
const {
  generateTraceparent,
  getTracingContext,
  tracingContext,
  withTracingContext,
} = require('../telemetry/tracing.js');

const createCloudWatchHandler = lazy('createCloudWatchHandler', () => require('./cloudwatch.js'));
const createConsoleHandler = lazy('createConsoleHandler', () => require('./console.js'));
const createDatadogHandler = lazy('createDatadogHandler', () => require('./datadog.js'));
const createLokiHandler = lazy('createLokiHandler', () => require('./loki.js'));
const createMockHandler = lazy('createMockHandler', () => require('./mock.js'));
const createNativeLogHandler = lazy('createNativeLogHandler', () => require('./native-log.js'));
const createPagerDutyHandler = lazy('createPagerDutyHandler', () => require('./pagerduty.js'));
const createPrometheusHandler = lazy('createPrometheusHandler', () => require('./prometheus.js'));
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
