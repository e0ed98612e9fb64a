'use strict';

const { CircularLogBuffer } = require('./circular-log-buffer.js');
const { CIRCUIT_BREAKER_CONFIGS, CircuitBreaker, CircuitState } = require('./circuit-breaker.js');
const logger = require('./logger/index.js');
const { TopicRouter, TopicRouterBuilder, createTopicRouter } = require('./topic-router.js');
const { generateTraceparent, getTracingContext, tracingContext, withTracingContext } = require('./tracing.js');

module.exports = {
  ...logger,
  CIRCUIT_BREAKER_CONFIGS,
  CircuitBreaker,
  CircuitState,
  CircularLogBuffer,
  TopicRouter,
  TopicRouterBuilder,
  createTopicRouter,
  generateTraceparent,
  getTracingContext,
  tracingContext,
  withTracingContext,
};
