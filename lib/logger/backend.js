'use strict';

const { CircuitBreaker, CircuitOpenError, CIRCUIT_BREAKER_CONFIGS } = require('../circuit-breaker.js');
const { Semaphore } = require('../semaphore.js');
const { entryOf } = require('./entry.js');
const { HttpSender } = require('./http.js');
const { checkLevel, rankOf } = require('./levels.js');

const SCHEMA = 'dspx/log/v1';
const MAX_REQUESTS = 5;
const TIMEOUT_MS = 10_000;
const MAX_BUFFERED = 10_000;
const SHORTEST_SECRET = 6;
/** The longest delay that a Node timer can hold, ms. */
const MAX_DELAY = 2 ** 31 - 1;

/** @returns {number} the option, or its default when it is absent or 0 */
function positiveOption(config, name, fallback) {
  const value = config[name] || fallback;
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(`${name} must be a positive number, got ${String(config[name])}`);
  }
  return Math.min(value, MAX_DELAY);
}

/**
 * What all network handlers share: configuration, circuit breaker, sending, counters.
 *
 * @typedef {object} BackendDefinition
 * @property {string} name of the handler, for `handlerErrors`
 * @property {string} label of the backend, for messages
 * @property {'critical' | 'standard' | 'noncritical'} preset of the circuit breaker
 * @property {string | undefined | false} missing what to warn of when the configuration is not complete
 * @property {(outcome: import('./http.js').Outcome, http: string) => string | undefined} explain a failed request
 */
class Backend {
  #definition;
  #minRank;
  #secret;
  #sender;
  #breaker;
  #warnedOfOverflow = false;
  logsDropped = 0;

  /**
   * @param {BackendDefinition} definition
   * @param {import('../..').BackendConfig} config
   */
  constructor(definition, config) {
    this.#definition = definition;
    this.#secret = config.apiKey;
    this.#minRank = config.minLevel === undefined ? -1 : rankOf(checkLevel(config.minLevel, 'minLevel'));
    this.#sender = new HttpSender(positiveOption(config, 'timeoutMs', TIMEOUT_MS));
    this.maxBuffered = Math.ceil(positiveOption(config, 'maxBuffered', MAX_BUFFERED));
    if (config.circuitBreaker !== false) {
      const settings = config.circuitBreaker ?? CIRCUIT_BREAKER_CONFIGS[definition.preset];
      this.#breaker = new CircuitBreaker(definition.label, settings);
    }
    if (definition.missing) console.warn(definition.missing);
  }

  /**
   * @param {import('../..').LogEntry} entry
   * @returns {boolean} false: filtered, or dropped because there is nowhere to send it to
   */
  takes(entry) {
    const rank = rankOf(entry.level);
    if (rank >= 0 && rank < this.#minRank) return false;
    if (this.#definition.missing) this.logsDropped++;
    return !this.#definition.missing;
  }

  /**
   * One request of the circuit breaker.
   *
   * @template T
   * @param {() => Promise<T>} fn
   * @returns {Promise<T>}
   */
  guard(fn) {
    return this.#breaker ? this.#breaker.execute(fn) : fn();
  }

  /** @param {import('./http.js').Request} request @returns {Promise<import('./http.js').Outcome>} */
  send(request) {
    return this.#sender.send(request);
  }

  /**
   * @param {import('./http.js').Outcome} outcome
   * @throws {Error} when the request failed; the text holds no API key
   */
  check(outcome) {
    if (outcome.ok) return;
    const http = `HTTP ${outcome.status} - ${this.#withoutKey(outcome.statusText)}`;
    const reason = this.#definition.explain(outcome, http) ?? (outcome.status === undefined ? outcome.failure : http);
    const text = reason.startsWith(this.#definition.label) ? reason : `${this.#definition.label}: ${reason}`;
    const error = new Error(text);
    if (outcome.code) error.code = outcome.code;
    if (outcome.status) error.status = outcome.status;
    throw error;
  }

  /** A server may repeat what it was sent. A very short key is no secret, and would be found in any text. */
  #withoutKey(text = '') {
    return this.#secret?.length >= SHORTEST_SECRET ? text.replaceAll(this.#secret, '***') : text;
  }

  /** Counts logs that are gone because the backend is too slow or away, and says so once per bad spell. */
  dropped(count) {
    if (count === 0) return;
    this.logsDropped += count;
    if (this.#warnedOfOverflow) return;
    this.#warnedOfOverflow = true;
    console.warn(`${this.#definition.label} handler: more than ${this.maxBuffered} logs are waiting, dropping the oldest`);
  }

  /** Nothing waits any more: the next overflow is news again. */
  caughtUp() {
    this.#warnedOfOverflow = false;
  }

  /**
   * Makes a function the handler that users see.
   *
   * @param {(log: any, raw?: any) => Promise<void>} handler
   * @param {{ flush: () => Promise<void>, close?: () => Promise<void>, queueSize: () => number }} parts
   * @returns {import('../..').HandlerWithCircuitBreaker}
   */
  attach(handler, { flush, close = flush, queueSize }) {
    Object.defineProperty(handler, 'name', { value: this.#definition.name });
    const metrics = () => ({
      totalRetries: this.#sender.totalRetries,
      queueSize: queueSize(),
      logsDropped: this.logsDropped,
    });
    Object.assign(handler, { flush, close, metrics });
    if (this.#breaker) {
      handler.getCircuitBreakerStats = () => this.#breaker.getStats();
      handler.resetCircuitBreaker = () => this.#breaker.reset();
    }
    return handler;
  }
}

/**
 * A handler that sends each log at once, at most 5 at a time. Its `flush` waits for what is under way.
 *
 * @param {BackendDefinition & { request: (entry: import('../..').LogEntry, raw: any) => import('./http.js').Request }} definition
 * @param {import('../..').BackendConfig} config
 * @returns {import('../..').HandlerWithCircuitBreaker}
 */
function createDirectHandler(definition, config) {
  const backend = new Backend(definition, config);
  const slots = new Semaphore(MAX_REQUESTS, backend.maxBuffered);
  const underWay = new Set();

  async function deliver(entry, raw) {
    if (!(await new Promise((granted) => slots.acquire(granted)))) {
      backend.dropped(1);
      return;
    }
    try {
      await backend.guard(async () => backend.check(await backend.send(definition.request(entry, raw))));
      if (slots.size === 1) backend.caughtUp();
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) throw error;
      backend.logsDropped++;
      console.debug(`${definition.label} handler: Circuit OPEN, log dropped`);
    } finally {
      slots.release();
    }
  }

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
