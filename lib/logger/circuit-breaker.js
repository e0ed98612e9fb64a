'use strict';

const { checkFunction, shown } = require('../common/arguments.js');

/** @typedef {import('../../index.js').CircuitState} State */

const CircuitState = /** @type {typeof import('../../index.js').CircuitState} */ (
  /** @type {unknown} */ (Object.freeze({ CLOSED: 'closed', OPEN: 'open', HALF_OPEN: 'half_open' }))
);

/**
 * Presets: `critical` for alerts that must get through, `noncritical` for what may be skipped early.
 * `timeout` in ms, `errorPercentageThreshold` in percent.
 */
const CIRCUIT_BREAKER_CONFIGS = {
  critical: {
    failureThreshold: 10,
    successThreshold: 3,
    timeout: 60000,
    volumeThreshold: 20,
    errorPercentageThreshold: 70,
  },
  standard: {
    failureThreshold: 5,
    successThreshold: 2,
    timeout: 30000,
    volumeThreshold: 10,
    errorPercentageThreshold: 50,
  },
  noncritical: {
    failureThreshold: 3,
    successThreshold: 1,
    timeout: 15000,
    volumeThreshold: 5,
    errorPercentageThreshold: 30,
  },
};

/** The error percentage looks at this many requests (or `volumeThreshold`, if that is more) … */
const MIN_WINDOW = 100;
/** … but never at more than this, so that no configuration makes the window grow without bound. */
const MAX_WINDOW = 100_000;

/** Refused without a call. Its name is `Error`, as callers expect. */
class CircuitOpenError extends Error {}

/**
 * Stops calling a service that fails: after enough failures (CLOSED → OPEN) calls are refused at once; when `timeout`
 * has passed, one call at a time is let through (HALF_OPEN), and enough successes close the circuit again.
 */
class CircuitBreaker {
  #name;
  #config;
  /** @type {State} */
  #state = CircuitState.CLOSED;
  #failureCount = 0;
  #successCount = 0;
  #requestCount = 0;
  #lastFailureTime = 0;
  #nextAttemptTime = 0;
  #probing = false;
  /** Outcomes of the newest requests of this closed phase, a ring: true = failed. @type {boolean[]} */
  #outcomes = [];
  #oldestOutcome = 0;
  #failedOutcomes = 0;
  /** Rises with every change of state: a call that ends in a later phase says nothing about that phase. */
  #phase = 0;

  /**
   * @param {string} name appears in messages
   * @param {import('../../index.js').CircuitBreakerConfig} config
   * @throws {TypeError} when a threshold is not a number
   */
  constructor(name, config) {
    const thresholds = /** @type {(keyof typeof config)[]} */ (Object.keys(CIRCUIT_BREAKER_CONFIGS.standard));
    for (const key of thresholds) {
      const value = config?.[key];
      if (typeof value !== 'number' || Number.isNaN(value)) {
        throw new TypeError(`CircuitBreaker: ${key} must be a number, got ${shown(value)}`);
      }
    }
    this.#name = name;
    this.#config = { ...config };
  }

  /**
   * Calls `fn` unless the circuit is open; results and errors pass through unchanged.
   *
   * @template T
   * @param {() => Promise<T> | T} fn it must settle: a call that hangs keeps a half-open circuit waiting for it
   * @returns {Promise<T>}
   */
  async execute(fn) {
    checkFunction('CircuitBreaker.execute: fn', fn);
    if (this.#state === CircuitState.OPEN && Date.now() >= this.#nextAttemptTime) {
      this.#successCount = 0;
      this.#enter(CircuitState.HALF_OPEN);
    }
    if (this.#state === CircuitState.OPEN || this.#probing) throw this.#refusal();

    const phase = this.#phase;
    this.#probing = this.#state === CircuitState.HALF_OPEN;
    let result;
    try {
      result = await fn();
    } catch (error) {
      if (phase === this.#phase) this.#failed();
      throw error;
    }
    if (phase === this.#phase) this.#succeeded();
    return result;
  }

  getState() {
    return this.#state;
  }

  /** @returns {import('../../index.js').CircuitBreakerStats} */
  getStats() {
    return {
      name: this.#name,
      state: this.#state,
      failureCount: this.#failureCount,
      successCount: this.#successCount,
      requestCount: this.#requestCount,
      errorPercentage: this.#errorPercentage(),
      lastFailureTime: this.#lastFailureTime,
      nextAttemptTime: this.#nextAttemptTime,
    };
  }

  /** Closes the circuit and forgets everything. */
  reset() {
    this.#failureCount = this.#successCount = this.#requestCount = 0;
    this.#lastFailureTime = this.#nextAttemptTime = 0;
    this.#enter(CircuitState.CLOSED);
  }

  #succeeded() {
    this.#probing = false;
    this.#requestCount++;
    this.#failureCount = 0;
    if (this.#state === CircuitState.CLOSED) {
      this.#note(false);
    } else if (++this.#successCount >= this.#config.successThreshold) {
      this.#successCount = this.#requestCount = 0;
      this.#enter(CircuitState.CLOSED);
    }
  }

  #failed() {
    this.#probing = false;
    this.#requestCount++;
    this.#failureCount++;
    this.#lastFailureTime = Date.now();
    if (this.#state === CircuitState.HALF_OPEN) {
      this.#successCount = 0;
      this.#open();
      return;
    }
    this.#note(true);
    const { volumeThreshold, failureThreshold, errorPercentageThreshold } = this.#config;
    if (this.#requestCount < volumeThreshold) return;
    if (this.#failureCount >= failureThreshold || this.#errorPercentage() >= errorPercentageThreshold) {
      this.#failureCount = this.#requestCount = 0;
      this.#open();
    }
  }

  #open() {
    this.#nextAttemptTime = Date.now() + this.#config.timeout;
    this.#enter(CircuitState.OPEN);
  }

  /** @param {State} state */
  #enter(state) {
    this.#phase++;
    this.#probing = false;
    this.#outcomes = [];
    this.#oldestOutcome = this.#failedOutcomes = 0;
    if (state !== this.#state) console.debug(`[CircuitBreaker:${this.#name}] ${this.#state} -> ${state}`);
    this.#state = state;
  }

  /**
   * Counts the outcome of a request of this closed phase.
   *
   * @param {boolean} failed
   */
  #note(failed) {
    const window = Math.min(Math.max(MIN_WINDOW, this.#config.volumeThreshold), MAX_WINDOW);
    if (this.#outcomes.length < window) {
      this.#outcomes.push(failed);
    } else {
      this.#failedOutcomes -= Number(this.#outcomes[this.#oldestOutcome]);
      this.#outcomes[this.#oldestOutcome] = failed;
      this.#oldestOutcome = (this.#oldestOutcome + 1) % this.#outcomes.length;
    }
    this.#failedOutcomes += Number(failed);
  }

  #errorPercentage() {
    return this.#outcomes.length === 0 ? 0 : (this.#failedOutcomes / this.#outcomes.length) * 100;
  }

  #refusal() {
    const seconds = Math.max(0, Math.ceil((this.#nextAttemptTime - Date.now()) / 1000));
    return new CircuitOpenError(`[CircuitBreaker:${this.#name}] Circuit OPEN - failing fast. Retry in ${seconds}s`);
  }
}

module.exports = { CircuitBreaker, CircuitOpenError, CircuitState, CIRCUIT_BREAKER_CONFIGS };
