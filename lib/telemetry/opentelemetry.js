'use strict';

const { parseTraceparent } = require('./tracing.js');

/**
 * Where `@opentelemetry/api` 1.x keeps what an SDK has registered, so that all copies of it in a process agree. As
 * long as nothing is here nobody traces or measures, and the package need not even be loaded.
 */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

const NAME = 'dspx-rs';

/** The package; null when it is not installed. */
let api;
/** The tracer and the instruments of the SDK that is registered now. */
const current = { traceProvider: undefined, tracer: undefined, meterProvider: undefined, instruments: new Map() };

/** @returns {boolean} does an SDK listen? */
function listening() {
  const registered = globalThis[REGISTERED];
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

/** What the SDK or its exporters throw must not reach the signal path. */
function quietly(fn) {
  try {
    return fn();
  } catch (error) {
    api?.diag.error('dspx-rs', error);
    return undefined;
  }
}

function tracer() {
  const provider = globalThis[REGISTERED].trace;
  if (provider === undefined) return undefined;
  if (current.traceProvider !== provider) {
    current.traceProvider = provider;
    current.tracer = api.trace.getTracer(NAME);
  }
  return current.tracer;
}

/** @returns {{ add?: Function, record?: Function } | undefined} the counter or histogram that the definition describes */
function instrument({ type, name, ...options }) {
  const provider = globalThis[REGISTERED].metrics;
  if (provider === undefined) return undefined;
  if (current.meterProvider !== provider) {
    current.meterProvider = provider;
    current.instruments = new Map();
  }
  if (!current.instruments.has(name)) {
    const meter = api.metrics.getMeter(NAME);
    const make = type === 'counter' ? meter.createCounter : meter.createHistogram;
    current.instruments.set(name, make.call(meter, name, options));
  }
  return current.instruments.get(name);
}

/** @returns {object | undefined} the span context that a message's headers name */
function remote({ traceparent, tracestate }) {
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
 * @param {Record<string, any>} attributes
 * @param {{ traceparent?: string, tracestate?: string }[]} [parents]
 * @param {{ batch?: boolean, startTime?: number }} [more] links instead of a parent; when it began (epoch ms), unless now
 * @returns {{ span: any, context: any } | undefined} nothing when nobody traces
 */
function startSpan(name, kind, attributes, parents = [], { batch = parents.length > 1, startTime } = {}) {
  if (!load()) return undefined;
  return quietly(() => {
    const active = api.context.active();
    const origins = parents.map(remote).filter((origin) => origin !== undefined);
    const parent = !batch && origins.length > 0 ? api.trace.setSpanContext(active, origins[0]) : active;
    const links = batch ? origins.map((context) => ({ context })) : undefined;
    const span = tracer()?.startSpan(name, { kind: api.SpanKind[kind], attributes, links, startTime }, parent);
    return span && { span, context: api.trace.setSpan(parent, span) };
  });
}

/** @param {{ span: any }} started @param {Record<string, any>} attributes @param {Error} [error] */
function endSpan({ span }, attributes, error) {
  quietly(() => {
    span.setAttributes(attributes);
    if (error !== undefined) {
      span.recordException(error);
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: error?.message });
    }
    span.end();
  });
}

/** @param {object} definition of the instrument @param {number} value @param {Record<string, any>} attributes */
function measure(definition, value, attributes) {
  if (!load()) return;
  quietly(() => {
    const target = instrument(definition);
    target?.[definition.type === 'counter' ? 'add' : 'record'](value, attributes);
  });
}

/** @template T @param {{ context: any }} started @param {() => T} fn @returns {T} */
const runWith = (started, fn) => api.context.with(started.context, fn);

/** @returns {{ traceparent?: string, tracestate?: string }} the headers that carry the span on */
function headersOf({ span }) {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  if (!parseTraceparent(traceparent)) return {};
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** @returns {{ traceId?: string, spanId?: string }} of the active span, `{}` without one */
function activeIds() {
  if (!listening() || !load()) return {};
  const context = api.trace.getActiveSpan()?.spanContext();
  return context && api.isSpanContextValid(context) ? { traceId: context.traceId, spanId: context.spanId } : {};
}

module.exports = { activeIds, endSpan, headersOf, listening, measure, runWith, startSpan };
