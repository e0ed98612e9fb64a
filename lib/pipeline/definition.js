'use strict';

/** Pipelines as values: as JSON, as text, and made from JSON. */

const native = require('../native/addon.js');
const { nearest } = require('../native/suggestions.js');

const stages = new Map(native.stages().map((stage) => [stage.method, stage]));

/** Typed arrays as lists, which JSON has. */
const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(/** @type {any} */ (value)) : value);

function stageToJson({ method, params, id }, index) {
  if (params === undefined) {
    throw new Error(
      `toJSON: stage ${index + 1} (${method}) was built from a saved state, which does not hold its parameters`,
    );
  }
  const entries = Object.entries(params).map(([key, value]) => [key, plain(value)]);
  return { [method]: Object.fromEntries(id === undefined || id === null ? entries : [['id', id], ...entries]) };
}

/** Parameters that a stage takes as typed arrays, which JSON does not have. */
function withTypedArrays({ float32Arrays }, params) {
  if (params === null || typeof params !== 'object' || Array.isArray(params)) return params;
  const typed = (key, value) => Array.isArray(value) && float32Arrays.includes(key);
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typed(key, value) ? Float32Array.from(value) : value]),
  );
}

/** `"Rectify"` or `{ "Rectify": { … } }` → `[method, params]`; `where` names it in errors. */
function splitEntry(entry, where) {
  if (typeof entry === 'string') return [entry, undefined];
  const keys = entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? Object.keys(entry) : [];
  if (keys.length !== 1) throw new TypeError(`${where} must be "Method" or { "Method": { parameters } }`);
  return [keys[0], entry[keys[0]]];
}

/**
 * Reads an entry of a definition: the method of its stage, and the parameters as the method takes them.
 *
 * @param {unknown} entry
 * @param {string} where names the stage in errors
 */
function readStage(entry, where) {
  const [method, params] = splitEntry(entry, where);
  const stage = stages.get(method);
  if (!stage) {
    const near = nearest(method, [...stages.keys()]);
    throw new TypeError(`${where}: there is no stage "${method}"${near ? `; did you mean "${near}"?` : ''}`);
  }
  return { method, params: withTypedArrays(stage, params) };
}

/** Checks what a definition is before its stages are read. */
function readDocument(definition) {
  const document = Array.isArray(definition) ? { stages: definition } : definition;
  if (document === null || typeof document !== 'object' || !Array.isArray(document.stages)) {
    throw new TypeError('A definition must be a list of stages or an object with a list "stages"');
  }
  return document;
}

module.exports = { readDocument, readStage, stageToJson };
