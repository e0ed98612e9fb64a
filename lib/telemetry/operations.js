'use strict';

const { channel } = require('#node').diagnosticsChannel;
const otel = require('./opentelemetry.js');

/**
 * Reports of the package's work to the outside: one message per finished operation on a `diagnostics_channel`,
 * and spans and metrics when an OpenTelemetry SDK is registered. In the code that works it looks so:
 *
 * ```js
 * const op = telemetry.process.active ? telemetry.process.begin({ stages: 3, samples: 512 }) : undefined;
 * try { …; op?.end({ samplesOut: 512 }); } catch (error) { op?.fail(error); throw error; }
 * ```
 *
 * When nobody listens that is one branch: `begin` is not called, nothing is allocated.
 */

/**
 * @typedef {import('./opentelemetry.js').InstrumentDefinition} InstrumentDefinition
 * @typedef {import('./opentelemetry.js').Attributes} Attributes
 * @typedef {import('./opentelemetry.js').TraceHeaders} TraceHeaders
 */

/**
 * Fields of an operation, as they appear on its channel.
 *
 * @typedef {Record<string, unknown> & {
 *   topic?: string, groupId?: string, clientId?: string, partition?: number, offset?: string, key?: string | null,
 *   messages?: number, pipeline?: string, samples?: number }} Fields
 */

/**
 * A kind of operation in the terms of OpenTelemetry.
 *
 * @typedef {object} Definition
 * @property {(fields: Fields) => string} spanName
 * @property {'INTERNAL' | 'PRODUCER' | 'CONSUMER'} spanKind
 * @property {(fields: Fields) => Attributes} attributes of its span
 * @property {(fields: Fields) => Attributes} labels of its metrics
 * @property {InstrumentDefinition} duration
 * @property {(InstrumentDefinition & { of: (fields: Fields) => number | undefined }) | undefined} counter
 */

/**
 * @param {string} name
 * @param {string} description
 * @param {number[]} buckets upper bounds, s
 * @returns {InstrumentDefinition}
 */
const seconds = (name, description, buckets) => ({
  type: 'histogram',
  name,
  description,
  unit: 's',
  advice: { explicitBucketBoundaries: buckets },
});
/**
 * @param {string} name
 * @param {string} unit
 * @param {string} description
 * @returns {InstrumentDefinition}
 */
const count = (name, unit, description) => ({ type: 'counter', name, unit, description });

/** The bounds, s, of messaging durations, from the semantic conventions for messaging. */
const MESSAGING_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** The bounds, s, of the durations of calls: microseconds for a block of samples, seconds for a recording. */
const PROCESS_BUCKETS = [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

/**
 * @param {string} operation
 * @param {Fields} fields
 */
const messagingCommon = (operation, { topic, groupId }) => ({
  'messaging.system': 'kafka',
  'messaging.operation.name': operation,
  'messaging.destination.name': topic,
  'messaging.consumer.group.name': groupId,
});

/** @param {string} operation @returns {(fields: Fields) => Attributes} */
const messagingSpan = (operation) => (fields) => ({
  ...messagingCommon(operation, fields),
  'messaging.operation.type': operation,
  'messaging.client.id': fields.clientId,
  'messaging.destination.partition.id': fields.partition === undefined ? undefined : String(fields.partition),
  'messaging.kafka.offset': fields.offset === undefined ? undefined : Number(fields.offset),
  'messaging.kafka.message.key': fields.key ?? undefined,
  'messaging.batch.message_count': (fields.messages ?? 1) > 1 ? fields.messages : undefined,
});

/**
 * `{ stageCount: 2 }` → `{ 'dspx.stage_count': 2 }`, for operations without conventions of their own.
 *
 * @param {Fields} fields
 * @returns {Attributes}
 */
const ownAttributes = (fields) =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([key, value]) => [
        `dspx.${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
        /** @type {string | number | boolean} */ (value),
      ]),
  );

/** @param {string} kind @returns {Definition} */
const own = (kind) => ({
  spanName: () => `dspx.${kind}`,
  spanKind: 'INTERNAL',
  attributes: ownAttributes,
  labels: () => ({}),
  duration: seconds(`dspx.${kind}.duration`, `Duration of dspx ${kind}`, PROCESS_BUCKETS),
  counter: undefined,
});

/** @satisfies {Record<string, Definition>} */
const DEFINITIONS = {
  process: {
    ...own('process'),
    labels: ({ pipeline }) => ({ 'dspx.pipeline': pipeline }),
    duration: seconds('dspx.process.duration', 'Duration of one process call', PROCESS_BUCKETS),
    counter: { ...count('dspx.process.samples', '{sample}', 'Samples processed'), of: ({ samples }) => samples },
  },
  'kafka:produce': {
    spanName: ({ topic }) => `send ${topic}`,
    spanKind: 'PRODUCER',
    attributes: messagingSpan('send'),
    labels: (fields) => messagingCommon('send', fields),
    duration: seconds('messaging.client.operation.duration', 'Duration of a send, until delivered', MESSAGING_BUCKETS),
    counter: {
      ...count('messaging.client.sent.messages', '{message}', 'Messages sent'),
      of: ({ messages }) => messages ?? 1,
    },
  },
  'kafka:consume': {
    spanName: ({ topic }) => `process ${topic}`,
    spanKind: 'CONSUMER',
    attributes: messagingSpan('process'),
    labels: (fields) => messagingCommon('process', fields),
    duration: seconds('messaging.process.duration', 'Duration of a message handler', MESSAGING_BUCKETS),
    counter: {
      ...count('messaging.client.consumed.messages', '{message}', 'Messages delivered to handlers'),
      of: ({ messages }) => messages ?? 1,
    },
  },
  'stream:checkpoint': own('stream.checkpoint'),
  'state:save': own('state.save'),
  'state:load': own('state.load'),
};

/** @param {Attributes} object */
const withoutUndefined = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** One kind of operation: `process`, `kafka:produce`, … */
class OperationKind {
  /** @param {string} kind @param {Definition} definition */
  constructor(kind, definition) {
    this.definition = definition;
    this.channel = channel(`dspx:${kind}`);
  }

  /** Whether anybody listens: to be asked before gathering the fields for `begin`. */
  get active() {
    return this.channel.hasSubscribers || otel.listening();
  }

  /**
   * @param {Fields} fields of the operation
   * @param {TraceHeaders[]} [parents] trace headers of the messages it is about
   * @returns {Operation}
   */
  begin(fields, parents) {
    return new Operation(this, fields, parents);
  }

  /** Reports an operation that has just ended, elsewhere. @param {Fields} fields @param {number} ms that it took */
  ended(fields, ms) {
    new Operation(this, fields, undefined, ms).end();
  }
}

/** An operation under way. End it once, with `end` or `fail`. */
class Operation {
  #kind;
  #fields;
  #start;
  #startTime;
  /** @type {import('./opentelemetry.js').StartedSpan | undefined} */
  #span;

  /**
   * @param {OperationKind} kind
   * @param {Fields} fields
   * @param {TraceHeaders[]} [parents]
   * @param {number} [ago] ms since it began
   */
  constructor(kind, fields, parents, ago = 0) {
    this.#kind = kind;
    this.#fields = fields;
    this.#start = performance.now() - ago;
    this.#startTime = Date.now() - ago;
    if (!otel.listening()) return;
    const { spanName, spanKind, attributes } = kind.definition;
    const batch = (fields.messages ?? 1) > 1;
    const startTime = ago > 0 ? this.#startTime : undefined;
    this.#span = otel.startSpan(spanName(fields), spanKind, withoutUndefined(attributes(fields)), parents, {
      batch,
      startTime,
    });
  }

  /** Runs `fn` with the operation's span as the active one. @template T @param {() => T} fn @returns {T} */
  run(fn) {
    return this.#span ? otel.runWith(this.#span, fn) : fn();
  }

  /** @returns {TraceHeaders} headers that carry the trace on, `{}` when nobody traces */
  headers() {
    return this.#span ? otel.headersOf(this.#span) : {};
  }

  /** @param {Fields} [result] further fields, known only now */
  end(result) {
    this.#finish(result);
  }

  /** @param {unknown} error @param {Fields} [result] */
  fail(error, result) {
    this.#finish(result, error);
  }

  /** @param {Fields} [result] @param {unknown} [error] */
  #finish(result, error) {
    const durationMs = performance.now() - this.#start;
    const fields = { ...this.#fields, ...result };
    const { definition, channel: out } = this.#kind;
    const errorType = error === undefined ? undefined : errorTypeOf(error);
    if (this.#span) {
      otel.endSpan(this.#span, withoutUndefined({ ...definition.attributes(fields), 'error.type': errorType }), error);
    }
    if (otel.listening()) {
      const labels = withoutUndefined({ ...definition.labels(fields), 'error.type': errorType });
      otel.measure(definition.duration, durationMs / 1000, labels);
      if (definition.counter) {
        const { of, ...counter } = definition.counter;
        otel.measure(counter, of(fields) ?? 0, labels);
      }
    }
    if (out.hasSubscribers) out.publish({ ...fields, startTime: this.#startTime, durationMs, error });
  }
}

/**
 * Returns the value of `error.type`: a code, else the name of the class.
 *
 * @param {unknown} error
 */
function errorTypeOf(error) {
  const { code, name } = /** @type {{ code?: unknown, name?: unknown }} */ (error ?? {});
  return String(code ?? name ?? 'Error');
}

/** @param {keyof typeof DEFINITIONS} kind */
const operationKind = (kind) => new OperationKind(kind, DEFINITIONS[kind]);

module.exports = {
  process: operationKind('process'),
  produce: operationKind('kafka:produce'),
  consume: operationKind('kafka:consume'),
  checkpoint: operationKind('stream:checkpoint'),
  saveState: operationKind('state:save'),
  loadState: operationKind('state:load'),
};
