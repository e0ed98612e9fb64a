'use strict';
const { setInterval, clearInterval, setTimeout, clearTimeout } = require('#node').timers;
const { adopt } = require('../common/streaming-errors.js');

let holders = 0;
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
  #pending = new Map();
  #nextId = 1;

  /** Keeps the process alive until the returned function is called. */
  hold() {
    return keepAlive();
  }

  /** Starts a call; the promise holds the process until it settles. */
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

  /** Settles the call that an event answers. */
  settle(event, value = event) {
    const call = this.#pending.get(event.id);
    if (!call) return;
    this.#pending.delete(event.id);
    call.release();
    if (event.error) call.reject(adopt(event.error));
    else call.resolve(value);
  }
}

/** Asks the user's `oauthBearerProvider` for a token and hands it over. */
async function supplyToken(client, provider) {
  try {
    const { value, principal = 'user', lifetime } = await provider();
    if (typeof value !== 'string') throw new TypeError('oauthBearerProvider must give { value: string }');
    const end = Number.isFinite(lifetime) ? lifetime : Date.now() + 3_600_000;
    client.supplyToken(value, principal, end);
  } catch (error) {
    client.supplyToken(undefined, String(error?.message ?? error), 0);
  }
}

/** Waits for `promise` at most `ms`; true = it settled in time. */
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
