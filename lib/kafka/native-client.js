'use strict';
const { setInterval, clearInterval, setTimeout, clearTimeout } = require('#node').timers;
const { adopt } = require('../common/streaming-errors.js');

/** @typedef {() => Promise<{ value: string, principal?: string, lifetime?: number }>} TokenProvider */

let holders = 0;
/** @type {NodeJS.Timeout | undefined} */
let timer;

/** Keeps the process alive until the returned function is called. Nothing else in a Kafka client does. */
function keepAlive() {
  if (holders++ === 0) timer = setInterval(() => {}, 2 ** 30);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    if (--holders === 0) clearInterval(timer);
  };
}

/** Calls of a native client that are answered by an event with their id. */
class Calls {
  /**
   * @type {Map<number, { resolve: (value: any) => void, reject: (reason: unknown) => void, release: () => void }>}
   */
  #pending = new Map();
  #nextId = 1;

  /** Keeps the process alive until the returned function is called. */
  hold() {
    return keepAlive();
  }

  /**
   * Starts a call; the promise holds the process until it settles.
   *
   * @param {(id: number) => void} start
   * @returns {Promise<any>} the event that answers, or what `settle` was given
   */
  make(start) {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const call = { resolve, reject, release: keepAlive() };
      this.#pending.set(id, call);
      try {
        start(id);
      } catch (error) {
        this.#pending.delete(id);
        call.release();
        reject(error);
      }
    });
  }

  /**
   * Settles the call that an event answers.
   *
   * @param {{ id?: number, error?: import('../native/exports.js').NativeFailure }} event
   * @param {unknown} [value]
   */
  settle(event, value = event) {
    const call = this.#pending.get(Number(event.id));
    if (!call) return;
    this.#pending.delete(Number(event.id));
    call.release();
    if (event.error) call.reject(adopt(event.error));
    else call.resolve(value);
  }
}

/**
 * Asks the user's `oauthBearerProvider` for a token and hands it over.
 *
 * @param {{ supplyToken(value: string | undefined, principal: string, lifetimeMs: number): void }} client
 * @param {TokenProvider | undefined} provider
 */
async function supplyToken(client, provider) {
  try {
    const { value, principal = 'user', lifetime } = await /** @type {TokenProvider} */ (provider)();
    if (typeof value !== 'string') throw new TypeError('oauthBearerProvider must give { value: string }');
    const end = lifetime !== undefined && Number.isFinite(lifetime) ? lifetime : Date.now() + 3_600_000;
    client.supplyToken(value, principal, end);
  } catch (error) {
    client.supplyToken(undefined, String(/** @type {Error | undefined} */ (error)?.message ?? error), 0);
  }
}

/**
 * Waits for `promise` at most `ms`; true = it settled in time.
 *
 * @param {Promise<unknown>} promise
 * @param {number} ms
 * @returns {Promise<boolean>}
 */
function within(promise, ms) {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve(false), ms);
    const settled = () => {
      clearTimeout(timeout);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}

module.exports = { keepAlive, Calls, supplyToken, within };
