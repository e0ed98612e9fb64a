'use strict';

const { CircuitBreaker, CircuitOpenError, CIRCUIT_BREAKER_CONFIGS } = require('./circuit-breaker.js');
const { Semaphore } = require('../common/semaphore.js');
const { entryOf } = require('./entry.js');
const { HttpSender } = require('./http.js');
const { checkLevel, rankOf } = require('./levels.js');
const { secretMask } = require('./secrets.js');
const { oneLine, show } = require('../common/text.js');

const SCHEMA = 'dspx/log/v1';
const MAX_REQUESTS = 5;
const TIMEOUT_MS = 10_000;
const MAX_BUFFERED = 10_000;
/** The longest delay that a Node timer can hold, ms. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Returns an option, at most `MAX_DELAY`, or its default when it is absent or 0.
 *
 * @param {Record<string, any>} config
 * @param {'timeoutMs' | 'maxBuffered' | 'batchSize' | 'flushInterval'} name
 * @param {number} fallback
 * @returns {number}
 */
function positiveOption(config, name, fallback) {
  const value = config[name] || fallback;
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(`${name} must be a positive number, got ${show(value)}`);
  }
  return Math.min(value, MAX_DELAY);
}

/**
 * Returns the settings that are given, and the preset's for the others.
 *
 * @param {unknown} given
 * @param {BackendDefinition['preset']} preset
 * @returns {import('../../index.js').CircuitBreakerConfig}
 */
function breakerSettings(given, preset) {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw new TypeError(`circuitBreaker must be an object or false, got ${show(given)}`);
  }
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...CIRCUIT_BREAKER_CONFIGS[preset], ...Object.fromEntries(set) };
}

/**
 * Checks what goes into requests as text. Messages hold the types of values only: they may be secrets.
 *
 * @param {Record<string, any>} config
 * @throws {TypeError} when it is no text
 */
function checkTexts({ apiKey, endpoint, headers }) {
  /** @param {string} name @param {unknown} value */
  const check = (name, value) => {
    const isText = value === undefined || value === null || ['string', 'number'].includes(typeof value);
    if (isText || (name === 'endpoint' ? value instanceof URL : Buffer.isBuffer(value))) return;
    throw new TypeError(
      `${name} must be a string, got ${Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`}`,
    );
  };
  check('apiKey', apiKey);
  check('endpoint', endpoint);
  if (headers === undefined) return;
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw new TypeError('headers must be an object of strings');
  }
  for (const [name, value] of Object.entries(headers)) check(`headers.${oneLine(name).slice(0, 100)}`, value);
}

/** @typedef {import('./http.js').Outcome} Outcome */

/**
 * The common part of all network handlers: configuration, circuit breaker, sending, counters.
 *
 * @typedef {object} BackendDefinition
 * @property {string} name of the handler, for `handlerErrors`
 * @property {string} label of the backend, for messages
 * @property {'critical' | 'standard' | 'noncritical'} preset of the circuit breaker
 * @property {string | undefined | false} missing what to warn of when the configuration is not complete
 * @property {(outcome: Outcome, http: string) => string | undefined} explain a failed request
 */
class Backend {
  #definition;
  #minRank;
  #masked;
  #sender;
  /** @type {InstanceType<typeof CircuitBreaker> | undefined} */
  #breaker;
  #warnedOfOverflow = false;
  logsDropped = 0;

  /**
   * @param {BackendDefinition} definition
   * @param {import('../../index.js').BackendConfig} config
   */
  constructor(definition, config) {
    this.#definition = definition;
    checkTexts(config);
    this.#masked = secretMask(config);
    this.#minRank = config.minLevel === undefined ? -1 : rankOf(checkLevel(config.minLevel, 'minLevel'));
    this.#sender = new HttpSender(positiveOption(config, 'timeoutMs', TIMEOUT_MS));
    this.maxBuffered = Math.ceil(positiveOption(config, 'maxBuffered', MAX_BUFFERED));
    if (config.circuitBreaker !== false) {
      this.#breaker = new CircuitBreaker(definition.label, breakerSettings(config.circuitBreaker, definition.preset));
    }
    if (definition.missing) console.warn(definition.missing);
  }

  /**
   * @param {import('../../index.js').LogEntry} entry
   * @returns {boolean} false: filtered, or dropped because there is nowhere to send it to
   */
  takes(entry) {
    const rank = rankOf(entry.level);
    if (rank >= 0 && rank < this.#minRank) return false;
    if (this.#definition.missing) this.logsDropped++;
    return !this.#definition.missing;
  }

  /** @param {import('./http.js').Request} request @returns {Promise<Outcome>} */
  send(request) {
    return this.#sender.send(request);
  }

  /**
   * Sends entries in as few requests as the backend takes. Those that it refuses for their content are counted in
   * `logsDropped`: a backend that answers so is there, hence that is no failure for the circuit breaker.
   *
   * @template T
   * @param {() => T[]} take gives the entries; not called while the circuit is open
   * @param {(entries: T[]) => Promise<Outcome>} post sends them in one request
   * @param {(entries: T[]) => void} [keep] takes what is to be sent again after a failure
   * @returns {Promise<Error | undefined>} why logs were refused
   * @throws {Error} when the circuit is open, or the backend did not take the logs for another reason
   */
  async deliver(take, post, keep) {
    let refusal;
    const attempt = async () => {
      const entries = take();
      const delivered = await HttpSender.deliver(entries, post);
      const count = delivered.refused.length;
      this.logsDropped += count;
      if (count > 0) {
        const dropped = entries.length === 1 ? 'the log is dropped' : `${count} of ${entries.length} logs are dropped`;
        refusal = this.#errorOf(/** @type {Outcome} */ (delivered.refusal), `; ${dropped}`);
      }
      keep?.(delivered.unsent);
      if (delivered.failure) throw this.#errorOf(delivered.failure);
    };
    await (this.#breaker ? this.#breaker.execute(attempt) : attempt());
    return refusal;
  }

  /**
   * Returns why a request failed, as an error whose text holds no API key.
   *
   * @param {Outcome} outcome
   * @param {string} [consequence]
   * @returns {Error}
   */
  #errorOf(outcome, consequence = '') {
    // A server may repeat what it was sent, and may answer with anything.
    const http = `HTTP ${outcome.status} - ${oneLine(this.#masked(outcome.statusText ?? ''))}`;
    const reason =
      this.#definition.explain(outcome, http) ?? (outcome.status === undefined ? String(outcome.failure) : http);
    const text = reason.startsWith(this.#definition.label) ? reason : `${this.#definition.label}: ${reason}`;
    const error = new Error(text + consequence);
    const { code, status } = outcome;
    return Object.assign(error, code ? { code } : {}, status ? { status } : {});
  }

  /**
   * Counts logs that are gone because the backend is too slow or away, and says so once per bad spell.
   *
   * @param {number} count
   */
  dropped(count) {
    if (count === 0) return;
    this.logsDropped += count;
    if (this.#warnedOfOverflow) return;
    this.#warnedOfOverflow = true;
    console.warn(
      `${this.#definition.label} handler: more than ${this.maxBuffered} logs are waiting, dropping the oldest`,
    );
  }

  /** Ends a bad spell: nothing waits any more, and the next overflow is warned of again. */
  caughtUp() {
    this.#warnedOfOverflow = false;
  }

  /**
   * Makes a function the handler that users see.
   *
   * @param {(log: any, raw?: any) => Promise<void>} handler
   * @param {{ flush: () => Promise<void>, close?: () => Promise<void>, queueSize: () => number }} parts
   * @returns {import('../../index.js').HandlerWithCircuitBreaker}
   */
  attach(handler, { flush, close = flush, queueSize }) {
    Object.defineProperty(handler, 'name', { value: this.#definition.name });
    const metrics = () => ({
      totalRetries: this.#sender.totalRetries,
      queueSize: queueSize(),
      logsDropped: this.logsDropped,
    });
    const breaker = this.#breaker;
    const ofBreaker = breaker && {
      getCircuitBreakerStats: () => breaker.getStats(),
      resetCircuitBreaker: () => breaker.reset(),
    };
    return Object.assign(handler, { flush, close, metrics }, ofBreaker);
  }
}

/**
 * A handler that sends each log at once, at most 5 at a time. Its `flush` waits for what is under way.
 *
 * @param {BackendDefinition & { request: (entry: import('../../index.js').LogEntry, raw: any) =>
 *   import('./http.js').Request }} definition
 * @param {import('../../index.js').BackendConfig} config
 * @returns {import('../../index.js').HandlerWithCircuitBreaker}
 */
function createDirectHandler(definition, config) {
  const backend = new Backend(definition, config);
  const slots = new Semaphore(MAX_REQUESTS, backend.maxBuffered);
  const underWay = new Set();

  /** @param {import('../../index.js').LogEntry} entry @param {unknown} raw */
  async function deliver(entry, raw) {
    if (!(await new Promise((granted) => slots.acquire(granted)))) {
      backend.dropped(1);
      return;
    }
    try {
      const refusal = await backend.deliver(
        () => [entry],
        async () => backend.send(definition.request(entry, raw)),
      );
      if (refusal) throw refusal;
      if (slots.size === 1) backend.caughtUp();
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) throw error;
      backend.logsDropped++;
      console.debug(`${definition.label} handler: Circuit OPEN, log dropped`);
    } finally {
      slots.release();
    }
  }

  /** @param {unknown} log @param {unknown} [raw] */
  const handler = async (log, raw) => {
    const entry = entryOf(log, raw);
    if (!backend.takes(entry)) return;
    const delivery = deliver(entry, raw ?? log);
    underWay.add(delivery);
    try {
      await delivery;
    } finally {
      underWay.delete(delivery);
    }
  };
  return backend.attach(handler, {
    // Its caller has been told of each failure already.
    flush: async () => void (await Promise.allSettled(underWay)),
    queueSize: () => slots.size,
  });
}

module.exports = { Backend, SCHEMA, createDirectHandler, positiveOption };
