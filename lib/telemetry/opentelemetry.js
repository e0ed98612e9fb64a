'use strict';

const { parseTraceparent } = require('./tracing.js');

/**
 * Where `@opentelemetry/api` 1.x keeps what an SDK has registered, so that all copies of it in a process agree. As
 * long as nothing is here nobody traces or measures, and the package need not even be loaded.
 */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

const NAME = 'dspx-rs';

/** @typedef {import('@opentelemetry/api').Attributes} Attributes */
/** @typedef {{ traceparent?: string, tracestate?: string }} TraceHeaders */
/** @typedef {{ span: import('@opentelemetry/api').Span, context: import('@opentelemetry/api').Context }} StartedSpan */

/**
 * A counter or a histogram, with the options of OpenTelemetry.
 *
 * @typedef {import('@opentelemetry/api').MetricOptions & { type: 'counter' | 'histogram', name: string }}
 *   InstrumentDefinition
 */

/** The package; null when it is not installed. @type {typeof import('@opentelemetry/api') | null | undefined} */
let api;
/**
 * The tracer and the instruments of the SDK that is registered now.
 *
 * @type {{
 *   traceProvider?: object, tracer?: import('@opentelemetry/api').Tracer, meterProvider?: object,
 *   instruments: Map<string, import('@opentelemetry/api').Counter | import('@opentelemetry/api').Histogram> }}
 */
const current = { traceProvider: undefined, tracer: undefined, meterProvider: undefined, instruments: new Map() };

/** @returns {{ trace?: object, metrics?: object } | undefined} what an SDK has registered */
const registrations = () => /** @type {any} */ (globalThis)[REGISTERED];

/** Whether an SDK listens. */
function listening() {
  const registered = registrations();
  return (
    registered !== undefined && (registered.trace !== undefined || registered.metrics !== undefined) && api !== null
  );
}

function load() {
  if (api === undefined) {
    try {
      api = require('@opentelemetry/api');
    } catch {
      api = null; // the peer dependency is optional
    }
  }
  return api;
}

/**
 * Returns what `fn` returns; what the SDK or its exporters throw must not reach the signal path.
 *
 * @template T
 * @param {() => T} fn
 * @returns {T | undefined}
 */
function quietly(fn) {
  try {
    return fn();
  } catch (error) {
    api?.diag.error('dspx-rs', error);
    return undefined;
  }
}

/** @param {typeof import('@opentelemetry/api')} api */
function tracer(api) {
  const provider = registrations()?.trace;
  if (provider === undefined) return undefined;
  if (current.traceProvider !== provider) {
    current.traceProvider = provider;
    current.tracer = api.trace.getTracer(NAME);
  }
  return current.tracer;
}

/**
 * Returns the counter or histogram that a definition describes, `undefined` where nobody measures.
 *
 * @param {typeof import('@opentelemetry/api')} api
 * @param {InstrumentDefinition} definition
 */
function instrument(api, { type, name, ...options }) {
  const provider = registrations()?.metrics;
  if (provider === undefined) return undefined;
  if (current.meterProvider !== provider) {
    current.meterProvider = provider;
    current.instruments = new Map();
  }
  if (!current.instruments.has(name)) {
    const meter = api.metrics.getMeter(NAME);
    const made = type === 'counter' ? meter.createCounter(name, options) : meter.createHistogram(name, options);
    current.instruments.set(name, made);
  }
  return current.instruments.get(name);
}

/**
 * Returns the span context that a message's headers name, `undefined` where they name none.
 *
 * @param {typeof import('@opentelemetry/api')} api
 * @param {TraceHeaders} headers
 * @returns {import('@opentelemetry/api').SpanContext | undefined}
 */
function remote(api, { traceparent, tracestate }) {
  const ids = parseTraceparent(traceparent);
  if (!ids) return undefined;
  return {
    traceId: ids.traceId,
    spanId: ids.spanId,
    traceFlags: ids.sampled ? 1 : 0,
    isRemote: true,
    traceState: tracestate ? api.createTraceState(String(tracestate)) : undefined,
  };
}

/**
 * Starts a span in the active context. The headers of a message make it a child of the span that sent the message;
 * those of a batch are linked.
 *
 * @param {string} name
 * @param {'INTERNAL' | 'PRODUCER' | 'CONSUMER'} kind
 * @param {Attributes} attributes
 * @param {TraceHeaders[]} [parents]
 * @param {{ batch?: boolean, startTime?: number }} [more] links instead of a parent; when it began (epoch ms), unless
 *   now
 * @returns {StartedSpan | undefined} nothing when nobody traces
 */
function startSpan(name, kind, attributes, parents = [], { batch = parents.length > 1, startTime } = {}) {
  const api = load();
  if (!api) return undefined;
  return quietly(() => {
    const active = api.context.active();
    const origins = parents.map((headers) => remote(api, headers)).filter((origin) => origin !== undefined);
    const parent = !batch && origins.length > 0 ? api.trace.setSpanContext(active, origins[0]) : active;
    const links = batch ? origins.map((context) => ({ context })) : undefined;
    const span = tracer(api)?.startSpan(name, { kind: api.SpanKind[kind], attributes, links, startTime }, parent);
    return span && { span, context: api.trace.setSpan(parent, span) };
  });
}

/**
 * @param {StartedSpan} started
 * @param {Attributes} attributes
 * @param {unknown} [error]
 */
function endSpan({ span }, attributes, error) {
  const api = load();
  if (!api) return;
  quietly(() => {
    span.setAttributes(attributes);
    if (error !== undefined) {
      const exception = /** @type {Error} */ (error);
      span.recordException(exception);
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: exception?.message });
    }
    span.end();
  });
}

/**
 * @param {InstrumentDefinition} definition
 * @param {number} value
 * @param {Attributes} attributes
 */
function measure(definition, value, attributes) {
  const api = load();
  if (!api) return;
  quietly(() => {
    const target = instrument(api, definition);
    if (target && 'add' in target) target.add(value, attributes);
    else target?.record(value, attributes);
  });
}

/**
 * Runs `fn` with a span as the active one.
 *
 * @template T
 * @param {StartedSpan} started
 * @param {() => T} fn
 * @returns {T}
 */
const runWith = (started, fn) => (api ? api.context.with(started.context, fn) : fn());

/**
 * Returns the headers that carry a span on, none where its ids are not valid.
 *
 * @param {StartedSpan} started
 * @returns {TraceHeaders}
 */
function headersOf({ span }) {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  if (!parseTraceparent(traceparent)) return {};
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** @returns {{ traceId?: string, spanId?: string }} of the active span, `{}` without one */
function activeIds() {
  const api = listening() ? load() : undefined;
  if (!api) return {};
  const context = api.trace.getActiveSpan()?.spanContext();
  return context && api.isSpanContextValid(context) ? { traceId: context.traceId, spanId: context.spanId } : {};
}

module.exports = { activeIds, endSpan, headersOf, listening, measure, runWith, startSpan };
