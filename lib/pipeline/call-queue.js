'use strict';

const { AsyncResource } = require('#node').asyncHooks;
const { checkSignal, onAbort, throwIfAborted } = require('../common/abort.js');

/**
 * @typedef {object} WaitingCall
 * @property {() => any} task
 * @property {import('node:async_hooks').AsyncResource | undefined} context that of its caller, if the call waits
 * @property {(result: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {(() => void) | undefined} started takes the listener of its signal away
 */

/** The calls of one pipeline, which take effect in the order in which they were made. */
class CallQueue {
  /** Calls that were made and have not ended. */
  #pending = 0;
  /** @type {WaitingCall[]} */
  #waiting = [];
  #isRunning = false;

  /** The number of calls that were made and have not ended. */
  get pending() {
    return this.#pending;
  }

  /** The number of calls that wait behind a running one. */
  get waiting() {
    return this.#waiting.length;
  }

  /** Counts a call out: a task does so when its work is done, before it calls user code. */
  leave() {
    this.#pending--;
  }

  /**
   * Returns what `work` returns, which counts as a call meanwhile: what it calls of the user's cannot dispose or change
   * the pipeline under it.
   *
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  during(work) {
    this.#pending++;
    try {
      return work();
    } finally {
      this.#pending--;
    }
  }

  /**
   * Runs `task` when the calls before it have ended, in the tracing context of its caller. The task counts itself out
   * (`leave`). A `signal` takes it out of the queue; once it runs, it runs to its end.
   *
   * @template T
   * @param {() => T | Promise<T>} task
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  enqueue(task, signal) {
    this.#pending++;
    return new Promise((resolve, reject) => {
      const context = this.#isRunning ? new AsyncResource('dspx.call') : undefined;
      /** @type {WaitingCall} */
      const call = { task, context, resolve, reject, started: undefined };
      this.#waiting.push(call);
      if (signal) call.started = onAbort(signal, (reason) => this.#withdraw(call, reason));
      if (!this.#isRunning) this.#drain();
    });
  }

  /**
   * Runs `work` at once if no call is pending, else after those made before.
   *
   * @template T
   * @param {() => T} work
   * @param {{ signal?: unknown } | undefined} options of the caller, whose signal takes the call out of the queue
   * @param {string} name the method, for messages
   * @returns {Promise<T>}
   */
  inTurn(work, options, name) {
    let signal;
    try {
      signal = checkSignal(options?.signal, name);
      throwIfAborted(signal);
      if (this.#pending === 0) return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
    const task = async () => {
      try {
        return work();
      } finally {
        this.leave();
      }
    };
    return this.enqueue(task, signal);
  }

  /** @param {WaitingCall} call @param {unknown} reason */
  #withdraw(call, reason) {
    const position = this.#waiting.indexOf(call);
    if (position < 0) return;
    this.#waiting.splice(position, 1);
    this.#pending--;
    call.reject(reason);
  }

  async #drain() {
    this.#isRunning = true;
    for (let call = this.#waiting.shift(); call; call = this.#waiting.shift()) {
      const { task, context, resolve, reject, started } = call;
      started?.();
      try {
        resolve(await (context ? context.runInAsyncScope(task) : task()));
      } catch (error) {
        reject(error);
      }
    }
    this.#isRunning = false;
  }
}

module.exports = { CallQueue };
