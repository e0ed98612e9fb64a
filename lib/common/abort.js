'use strict';

const { nameOf } = require('./arguments.js');

/**
 * Returns a getter of `AbortSignal.prototype`: Node's own, whatever an object that looks like a signal has under its
 * name.
 *
 * @param {'aborted' | 'reason'} name
 */
function prototypeGetter(name) {
  const { get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(AbortSignal.prototype, name));
  return /** @type {(this: unknown) => any} */ (get);
}

const isAbortedNow = prototypeGetter('aborted');
const reasonNow = prototypeGetter('reason');
const { addEventListener, removeEventListener } = EventTarget.prototype;

/**
 * Whether Node itself takes the value for a signal, in whichever realm it was made.
 *
 * @param {unknown} value
 * @returns {value is AbortSignal}
 */
function isSignal(value) {
  try {
    isAbortedNow.call(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns `signal` if it is one or not given.
 *
 * @param {unknown} signal
 * @param {string} where the function or method, for the message
 * @returns {AbortSignal | undefined}
 * @throws {TypeError} for anything else: something that only looks like a signal may never fire, or fire twice
 */
function checkSignal(signal, where) {
  if (signal === undefined || isSignal(signal)) return signal;
  throw new TypeError(`${where}: signal must be an AbortSignal, got ${nameOf(signal)}`);
}

/**
 * @param {AbortSignal | undefined} signal
 * @throws the signal's reason, if it is given and has aborted
 */
function throwIfAborted(signal) {
  if (signal && isAbortedNow.call(signal)) throw reasonNow.call(signal);
}

/**
 * Calls `stop(reason)` once when the signal aborts (now, if it has).
 *
 * @param {AbortSignal} signal
 * @param {(reason: unknown) => void} stop
 * @returns {() => void} takes the listener away again
 */
function onAbort(signal, stop) {
  // An event that somebody else dispatches at the signal is no abort.
  const listener = () => {
    if (!isAbortedNow.call(signal)) return;
    release();
    stop(reasonNow.call(signal));
  };
  const release = () => removeEventListener.call(signal, 'abort', listener);
  addEventListener.call(signal, 'abort', listener);
  listener();
  return release;
}

module.exports = { checkSignal, onAbort, throwIfAborted };
