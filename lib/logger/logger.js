'use strict';

const { shown } = require('../common/arguments.js');
const { activeIds } = require('../telemetry/opentelemetry.js');
const { tracingContext } = require('../telemetry/tracing.js');
const { createConsoleHandler } = require('./console.js');
const { severityMaps } = require('./entry.js');
const { JSONFormatter } = require('./formatters.js');
const { checkLevel, rankOf } = require('./levels.js');
const { LoggerCounters } = require('./counters.js');
const { flushOnShutdown } = require('./shutdown.js');

/** @typedef {import('../../index.js').HandlerWithFlush} Handler */

/** @typedef {import('../../index.js').LogEntry} LogEntry */
/** @typedef {import('../../index.js').LogLevel} LogLevel */

/** @param {unknown} error */
const describe = (error) =>
  error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : String(error);

/**
 * Returns a topic as text, whatever was given for it: a log is not lost for its topic.
 *
 * @param {unknown} topic
 * @returns {string}
 */
const topicText = (topic) => (typeof topic === 'object' || typeof topic === 'symbol' ? shown(topic) : String(topic));

/**
 * Passes log entries to handlers. A handler's failure is counted and given to the fallback handler; it never reaches
 * the caller.
 */
class Logger {
  /** @type {Handler[]} */
  #handlers;
  /** @type {Handler} */
  #fallback;
  /** @type {import('../../index.js').Formatter} */
  #formatter;
  /** @type {import('../../index.js').SamplingConfig} */
  #sampling;
  /** @type {import('../../index.js').SeverityMapping | undefined} */
  #severityMapping;
  /** @type {LogLevel} */
  #minLevel;
  /** @type {InstanceType<typeof LoggerCounters>} */
  #counters;
  #prefix = '';

  /**
   * @param {import('../../index.js').HandlerWithFlush[]} handlers
   * @param {import('../../index.js').LoggerOptions} [options]
   * @throws {TypeError} for an unknown level, handlers that are no functions, or a sampling rate that is no number
   */
  constructor(handlers, options = {}) {
    if (!Array.isArray(handlers)) throw new TypeError(`Logger: handlers must be an array, got ${typeof handlers}`);
    handlers.forEach((handler, i) => {
      if (typeof handler !== 'function') {
        throw new TypeError(`Logger: handlers[${i}] must be a function, got ${typeof handler}`);
      }
    });
    for (const [level, rate] of Object.entries(options.sampling ?? {})) {
      if (rate !== undefined && (typeof rate !== 'number' || Number.isNaN(rate))) {
        throw new TypeError(`Logger: sampling.${level} must be a number, got ${shown(rate)}`);
      }
    }
    this.#handlers = handlers;
    this.#fallback = options.fallbackHandler ?? createConsoleHandler();
    this.#formatter = options.formatter ?? new JSONFormatter();
    this.#sampling = { ...options.sampling };
    this.#severityMapping = options.severityMapping;
    this.#minLevel = checkLevel(options.minLevel ?? 'trace', 'Logger: minLevel');
    this.#counters = new LoggerCounters(handlers, options.enableMetrics === true);
    if (options.autoShutdown) flushOnShutdown(this);
  }

  /**
   * @param {import('../../index.js').LogLevel} level an unknown one is counted as failed
   * @param {string} message
   * @param {string} [topic] `default`
   * @param {any} [context] passed on by reference
   * @returns {Promise<void>} resolves when every handler has settled; never rejects because of one
   */
  async log(level, message, topic, context) {
    const rank = rankOf(level);
    if (rank < 0) {
      this.#counters.failed();
      return;
    }
    if (rank < rankOf(this.#minLevel) || !this.#sampled(level)) return;

    /** @type {import('../../index.js').TracingContext} */
    const ids = tracingContext.getStore() ?? activeIds();
    const { traceId, spanId, correlationId } = ids;
    const entry = {
      level,
      message,
      topic: this.#prefix + topicText(topic || 'default'),
      context,
      timestamp: Date.now(),
      traceId,
      spanId,
      correlationId,
    };
    if (this.#severityMapping) severityMaps.set(entry, this.#severityMapping);
    this.#counters.processed();

    let formatted;
    try {
      formatted = this.#formatter.format(entry);
    } catch (error) {
      this.#handlerFailed('formatter', entry, error);
      return;
    }
    await Promise.all(this.#handlers.map((handler) => this.#deliver(handler, formatted, entry)));
  }

  /**
   * @param {string} message
   * @param {string} [topic]
   * @param {unknown} [context]
   */
  trace(message, topic, context) {
    return this.log('trace', message, topic, context);
  }

  /**
   * @param {string} message
   * @param {string} [topic]
   * @param {unknown} [context]
   */
  debug(message, topic, context) {
    return this.log('debug', message, topic, context);
  }

  /**
   * @param {string} message
   * @param {string} [topic]
   * @param {unknown} [context]
   */
  info(message, topic, context) {
    return this.log('info', message, topic, context);
  }

  /**
   * @param {string} message
   * @param {string} [topic]
   * @param {unknown} [context]
   */
  warn(message, topic, context) {
    return this.log('warn', message, topic, context);
  }

  /**
   * @param {string} message
   * @param {string} [topic]
   * @param {unknown} [context]
   */
  error(message, topic, context) {
    return this.log('error', message, topic, context);
  }

  /**
   * @param {string} message
   * @param {string} [topic]
   * @param {unknown} [context]
   */
  fatal(message, topic, context) {
    return this.log('fatal', message, topic, context);
  }

  /** @param {import('../../index.js').LogLevel} level @throws {TypeError} for an unknown one */
  setMinLevel(level) {
    this.#minLevel = checkLevel(level, 'Logger: minLevel');
  }

  /** @returns {import('../../index.js').LogLevel} */
  getMinLevel() {
    return this.#minLevel;
  }

  /** Adds 1 to `totalRetries`, when metrics are on. */
  incrementRetries() {
    this.#counters.retried();
  }

  /** @returns {import('../../index.js').LoggerMetrics} a copy, of this logger with all its children */
  getMetrics() {
    return this.#counters.snapshot();
  }

  resetMetrics() {
    this.#counters.reset();
  }

  getSeverityMapping() {
    return this.#severityMapping;
  }

  /** Flushes every handler that can, all at once. Errors are printed; never rejects. */
  async flushAll() {
    const start = performance.now();
    await Promise.all(
      [...new Set(this.#handlers)].map(async (handler) => {
        try {
          await handler.flush?.();
        } catch (error) {
          console.error(`Logger: flush of ${handler.name || 'anonymous'} failed:`, error);
        }
      }),
    );
    this.#counters.flushed(performance.now() - start);
  }

  /**
   * A logger over the same handlers with this one's present settings. Its logs count in this one's metrics.
   *
   * @param {string} topicPrefix comes before every topic, with a dot; prefixes of nested children add up
   * @returns {Logger}
   */
  child(topicPrefix) {
    const child = new Logger(this.#handlers, {
      fallbackHandler: this.#fallback,
      formatter: this.#formatter,
      sampling: this.#sampling,
      severityMapping: this.#severityMapping,
      minLevel: this.#minLevel,
    });
    child.#counters = this.#counters;
    child.#prefix = `${this.#prefix}${topicText(topicPrefix)}.`;
    return child;
  }

  /** @param {LogLevel} level */
  #sampled(level) {
    const rate = this.#sampling[level];
    return rate === undefined || Math.random() < rate;
  }

  /**
   * @param {Handler} handler
   * @param {any} formatted
   * @param {LogEntry} entry
   */
  async #deliver(handler, formatted, entry) {
    try {
      await handler(formatted, entry);
    } catch (error) {
      this.#handlerFailed(handler.name || 'anonymous', entry, error);
    }
  }

  /**
   * @param {string} name
   * @param {LogEntry} entry
   * @param {unknown} error
   */
  #handlerFailed(name, entry, error) {
    this.#counters.failed(name);
    const printFailure = (/** @type {unknown} */ cause) => console.error('Logger: the fallback handler failed:', cause);
    try {
      const done = this.#fallback({
        level: 'error',
        topic: 'logger.handler.error',
        message: `Handler error: ${/** @type {Error | undefined} */ (error)?.message || String(error)}`,
        context: { originalLog: entry, error: describe(error) },
        timestamp: Date.now(),
      });
      Promise.resolve(done).catch(printFailure);
    } catch (cause) {
      printFailure(cause);
    }
  }
}

module.exports = { Logger };
