'use strict';
/** W3C trace context in message headers. */
const { getTracingContext, generateTraceparent } = require('../telemetry/tracing.js');

/** @typedef {import('../../index.js').TracingContext} TracingContext */
/** @typedef {import('../telemetry/opentelemetry.js').TraceHeaders} TraceHeaders */

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/**
 * Returns headers for outgoing messages from the current context, as a flat list; those of a span of the sending
 * itself win.
 *
 * @param {TracingContext & TraceHeaders} [context]
 * @param {TraceHeaders} [ofSpan]
 * @returns {string[]}
 */
function traceHeaders(context = getTracingContext(), ofSpan = {}) {
  const headers = [];
  const traceparent = ofSpan.traceparent ?? generateTraceparent(context.traceId, context.spanId);
  const tracestate = ofSpan.traceparent ? ofSpan.tracestate : context.tracestate;
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  if (tracestate) headers.push('tracestate', tracestate);
  if (context.correlationId) headers.push('correlation-id', context.correlationId);
  return headers;
}

/**
 * Returns the context that a message's headers carry, or undefined.
 *
 * @param {Record<string, any> | undefined} headers
 * @returns {(TracingContext & TraceHeaders) | undefined}
 */
function contextOf(headers) {
  const text = (/** @type {string} */ name) => {
    const value = headers?.[name];
    const first = Array.isArray(value) ? value[0] : value;
    return first ? first.toString() : undefined;
  };
  /** @type {TracingContext & TraceHeaders} */
  const context = {};
  const parent = TRACEPARENT.exec(text('traceparent') ?? '');
  if (parent && !/^0+$/.test(parent[1]) && !/^0+$/.test(parent[2])) {
    [, context.traceId, context.spanId] = parent;
  } else {
    context.traceId = text('trace-id');
    context.spanId = text('span-id');
  }
  context.correlationId = text('correlation-id');
  if (text('tracestate')) context.tracestate = text('tracestate');
  return context.traceId || context.correlationId ? context : undefined;
}

module.exports = { traceHeaders, contextOf };
