'use strict';

/** What a value is, for error messages. */
const nameOf = (x) => (x === null ? 'null' : typeof x === 'object' ? (x.constructor?.name ?? 'object') : typeof x);

/** @returns {AbortSignal | undefined} `signal`, if it is one or not given @throws TypeError for anything else */
function checkSignal(signal, where) {
  if (signal === undefined || typeof signal?.throwIfAborted === 'function') return signal;
  throw new TypeError(`${where}: signal must be an AbortSignal, got ${nameOf(signal)}`);
}

/** Calls `stop` once when the signal aborts (now, if it has); returns what takes the listener away again. */
function onAbort(signal, stop) {
  if (signal.aborted) {
    stop();
    return () => {};
  }
  signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

module.exports = { checkSignal, nameOf, onAbort };
