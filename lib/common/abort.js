'use strict';

const prototypeGetter = (name) => Object.getOwnPropertyDescriptor(AbortSignal.prototype, name).get;

/** Node's own methods, whatever an object that looks like a signal has under these names. */
const isAbortedNow = prototypeGetter('aborted');
const reasonNow = prototypeGetter('reason');
const { addEventListener, removeEventListener } = EventTarget.prototype;

/** What a value is, for error messages: `null`, a primitive's type, or the name of its class. */
function nameOf(value) {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    const { name } = value.constructor;
    return typeof name === 'string' && /^[\w$]{1,64}$/.test(name) ? name : 'object';
  } catch {
    return 'object'; // without a constructor, or with one that throws
  }
}

/** Whether Node itself takes the value for a signal, in whichever realm it was made. */
function isSignal(value) {
  try {
    isAbortedNow.call(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * @returns {AbortSignal | undefined} `signal`, if it is one or not given
 * @throws {TypeError} for anything else: something that only looks like a signal may never fire, or fire twice
 */
function checkSignal(signal, where) {
  if (signal === undefined || isSignal(signal)) return signal;
  throw new TypeError(`${where}: signal must be an AbortSignal, got ${nameOf(signal)}`);
}

/** @throws the signal's reason, if it is given and has aborted */
function throwIfAborted(signal) {
  if (signal && isAbortedNow.call(signal)) throw reasonNow.call(signal);
}

/**
 * Calls `stop(reason)` once when the signal aborts (now, if it has).
 *
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

module.exports = { checkSignal, nameOf, onAbort, throwIfAborted };
