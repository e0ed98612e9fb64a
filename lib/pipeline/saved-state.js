'use strict';

/** Saving and loading of states. */

const { checkOptions, shown, unquoted } = require('../common/arguments.js');
const telemetry = require('../telemetry/operations.js');

/**
 * Returns the format that `saveState` is asked for.
 *
 * @param {unknown} options
 * @returns {'json' | 'toon'}
 * @throws {TypeError} for any other text or type
 */
function formatOfState(options) {
  const { format = 'json' } = checkOptions('saveState: options', options);
  if (format === 'json' || format === 'toon') return format;
  throw new TypeError(`saveState: format must be "json" or "toon", got ${shown(format)}`);
}

/**
 * @param {unknown} match
 * @param {unknown} strict
 * @throws {TypeError} for options that `loadState` does not have
 */
function checkLoadOptions(match, strict) {
  if (match !== 'position' && match !== 'id') {
    throw new TypeError(`loadState: match must be "position" or "id", got ${unquoted(match)}`);
  }
  if (typeof strict !== 'boolean') throw new TypeError(`loadState: strict must be a boolean, got ${unquoted(strict)}`);
}

/**
 * Returns a binary state, which knows the order of stages only.
 *
 * @param {Uint8Array} state
 * @param {unknown} match
 * @throws {TypeError} if stages are to be found by their ids
 */
function checkBinary(state, match) {
  if (match === 'id') throw new TypeError('loadState: match "id" needs a JSON state, a binary one holds no ids');
  return state;
}

/**
 * @param {unknown} state
 * @returns {Uint8Array}
 * @throws {TypeError} for anything but a view or buffer that holds bytes
 */
function stateBytes(state) {
  /** @type {Uint8Array | undefined} */
  let bytes;
  // Where the memory was transferred there are no bytes.
  if (ArrayBuffer.isView(state) && state.byteLength > 0) {
    bytes = new Uint8Array(state.buffer, state.byteOffset, state.byteLength);
  } else if (state instanceof ArrayBuffer && state.byteLength > 0) bytes = new Uint8Array(state);
  if (!bytes?.length) throw new TypeError(`loadState: Expected state JSON string or Buffer, got ${shown(state)}`);
  return bytes;
}

/**
 * Returns the text of bytes that are JSON, as a client of Redis hands them out, else the bytes. No binary state begins
 * with a brace.
 *
 * @param {Uint8Array} bytes
 * @returns {string | Uint8Array}
 */
function jsonOrBytes(bytes) {
  const first = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return bytes[first] === 0x7b ? new TextDecoder().decode(bytes) : bytes;
}

/**
 * Returns a state as it is given to the native side: JSON as text, a binary one as bytes.
 *
 * @param {unknown} state
 * @returns {string | Uint8Array}
 * @throws {TypeError} if it is neither text nor bytes
 */
const readState = (state) => (typeof state === 'string' ? state : jsonOrBytes(stateBytes(state)));

/**
 * Loads a state into a native pipeline, or throws and changes nothing.
 *
 * @param {import('../native/exports.js').NativePipeline} pipeline
 * @param {import('../../index.js').FilterDesign} design of filters that the state does not tell in full
 * @param {unknown} state
 * @param {import('../../index.js').LoadStateOptions} [options]
 * @returns {string[]} warnings of stages that were left out
 */
function loadState(pipeline, design, state, options) {
  const { match = 'position', strict = false } = checkOptions('loadState: options', options);
  checkLoadOptions(match, strict);
  pipeline.setDesign(design);
  const saved = readState(state);
  if (typeof saved === 'string') return pipeline.loadJson(saved, match === 'id', strict);
  return pipeline.loadToon(checkBinary(saved, match), strict);
}

/**
 * Returns what `work` returns. Failures are deterministic, so there is nothing to retry: they are printed once and
 * thrown.
 *
 * @template T
 * @param {'saveState' | 'loadState'} name
 * @param {string} pipeline the label of its stages
 * @param {() => T} work
 * @returns {T}
 */
function reported(name, pipeline, work) {
  const kind = telemetry[name];
  const operation = kind.active ? kind.begin({ pipeline }) : undefined;
  try {
    const result = work();
    operation?.end();
    return result;
  } catch (error) {
    operation?.fail(error);
    console.error(`[DspProcessor] ${name} failed: ${/** @type {Error} */ (error).message}`);
    throw error;
  }
}

module.exports = { formatOfState, loadState, reported };
