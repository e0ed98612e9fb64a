'use strict';

/** Pipelines as values: as JSON, as text, and made from JSON. */

const native = require('../native/addon.js');
const { nearest } = require('../native/suggestions.js');

const stages = new Map(native.stages().map((stage) => [stage.method, stage]));

/** The most stages of a definition: a list without entries may claim to have 2³². */
const MAX_STAGES = 10_000;

/**
 * Returns a typed array as the list that JSON has, any other value as it is.
 *
 * @param {unknown} value
 */
const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(/** @type {any} */ (value)) : value);

/**
 * Returns a stage as a definition has it.
 *
 * @param {import('../native/exports.js').StageDefinition} stage
 * @param {number} index
 * @returns {import('../../index.js').StageDefinition}
 * @throws {Error} if its parameters are not known
 */
function stageToJson({ method, params, id }, index) {
  if (params === undefined) {
    throw new Error(
      `toJSON: stage ${index + 1} (${method}) was built from a saved state, which does not hold its parameters`,
    );
  }
  const entries = Object.entries(/** @type {object} */ (params)).map(([key, value]) => [key, plain(value)]);
  const all = id === undefined || id === null ? entries : [['id', id], ...entries];
  // A method that the core knows, with its parameters.
  return /** @type {any} */ ({ [method]: Object.fromEntries(all) });
}

/**
 * Returns parameters with typed arrays, which JSON does not have, where the stage takes them.
 *
 * @param {import('../native/exports.js').StageInfo} stage
 * @param {unknown} params
 */
function withTypedArrays({ float32Arrays }, params) {
  if (params === null || typeof params !== 'object' || Array.isArray(params)) return params;
  const typed = (/** @type {string} */ key, /** @type {unknown} */ value) =>
    Array.isArray(value) && float32Arrays.includes(key) ? Float32Array.from(value) : value;
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, typed(key, value)]));
}

/**
 * `"Rectify"` or `{ "Rectify": { … } }` → `[method, params]`
 *
 * @param {any} entry
 * @param {string} where names the stage in errors
 * @returns {[method: string, params: unknown]}
 */
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

/**
 * Returns a definition in its long form; its stages are not looked at.
 *
 * @param {any} definition
 * @returns {{ stages: unknown[], sampleRate?: number, design?: import('../../index.js').FilterDesign, channels?:
 *   number }}
 * @throws {TypeError} if it is neither a list nor an object with a list `stages`
 */
function readDocument(definition) {
  const document = Array.isArray(definition) ? { stages: definition } : definition;
  if (document === null || typeof document !== 'object' || !Array.isArray(document.stages)) {
    throw new TypeError('A definition must be a list of stages or an object with a list "stages"');
  }
  if (document.stages.length > MAX_STAGES) {
    throw new RangeError(`A definition has at most ${MAX_STAGES} stages, got ${document.stages.length}`);
  }
  return document;
}

/**
 * Returns the rows of `describe()`.
 *
 * @param {InstanceType<typeof import('./stage-list.js').StageList>} stages
 */
function describeStages({ native: pipeline, labels }) {
  const latencies = pipeline.latency(null).stages;
  const sizes = pipeline.stateSizes();
  return pipeline.definitions().map(({ method, id, params }, index) => ({
    method,
    id: id ?? undefined,
    params,
    label: labels[index],
    latency: latencies[index],
    stateSize: sizes[index],
  }));
}

module.exports = { describeStages, readDocument, readStage, stageToJson };
