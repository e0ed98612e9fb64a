'use strict';

/** Several pipelines on the same input: one call, one state, outputs and events by name. */

const { nameOf } = require('../common/arguments.js');
const native = require('../native/addon.js');
const { DspProcessor, createDspPipeline } = require('./create-pipeline.js');

/**
 * @typedef {InstanceType<typeof DspProcessor>} Processor
 * @typedef {import('../../index.js').LoadStateOptions} LoadOptions
 */

/** The key of the constructor: only `branch` has it. */
const CREATOR = Symbol('creator');

/** The class of an error whose text may be made longer; others (reasons of signals) belong to somebody else. */
const CLASSES = [Error, TypeError, RangeError];

/**
 * Returns the error with the name of its branch.
 *
 * @param {string} name
 * @param {unknown} error
 */
function named(name, error) {
  const Class = CLASSES.find((known) => error instanceof Error && error.constructor === known);
  const { message } = /** @type {Error} */ (error);
  return Class ? new Class(`branch "${name}": ${message}`, { cause: error }) : error;
}

/**
 * @param {unknown} pipelines
 * @returns {Record<string, Processor>}
 * @throws {TypeError} for anything but an object of pipelines
 */
function checkPipelines(pipelines) {
  const isObject = pipelines !== null && typeof pipelines === 'object' && !Array.isArray(pipelines);
  if (!isObject || pipelines instanceof DspProcessor) {
    throw new TypeError(`branch: pipelines must be an object of pipelines by name, got ${nameOf(pipelines)}`);
  }
  for (const [name, pipeline] of Object.entries(pipelines)) {
    if (pipeline instanceof DspProcessor) continue;
    throw new TypeError(`branch: "${name}" must be a pipeline of createDspPipeline, got ${nameOf(pipeline)}`);
  }
  native.checkBranchNames(Object.keys(pipelines));
  return /** @type {Record<string, Processor>} */ (pipelines);
}

/** Pipelines by name; made by `branch`. */
class Branches {
  /** @type {Map<string, Processor>} */
  #pipelines;

  /** @param {symbol} key @param {Map<string, Processor>} pipelines */
  constructor(key, pipelines) {
    if (key !== CREATOR) throw new TypeError('Branches has no public constructor: branch() makes one');
    this.#pipelines = pipelines;
  }

  get names() {
    return [...this.#pipelines.keys()];
  }

  /**
   * Resolves to what `work` makes of each pipeline, by name; waits for all, and fails with the first that failed.
   *
   * @template T
   * @param {(pipeline: Processor) => Promise<T>} work
   * @returns {Promise<Record<string, T>>}
   */
  async #each(work) {
    const entries = [...this.#pipelines];
    const results = await Promise.allSettled(entries.map(([, pipeline]) => work(pipeline)));
    const values = entries.map(([name], i) => {
      const result = results[i];
      if (result.status === 'rejected') throw named(name, result.reason);
      return /** @type {const} */ ([name, result.value]);
    });
    return Object.fromEntries(values);
  }

  /**
   * Returns what `work` makes of each pipeline, by name.
   *
   * @template T
   * @param {(pipeline: Processor) => T} work
   * @returns {Record<string, T>}
   */
  #eachNow(work) {
    /** @type {Record<string, T>} */
    const results = {};
    for (const [name, pipeline] of this.#pipelines) {
      try {
        results[name] = work(pipeline);
      } catch (error) {
        throw named(name, error);
      }
    }
    return results;
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  process(input, second, third) {
    return this.#each((pipeline) => pipeline.processCopy(input, second, third));
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  processSync(input, second, third) {
    return this.#eachNow((pipeline) => pipeline.processSyncCopy(input, second, third));
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  async processEvents(input, second, third) {
    return byName(await this.#each((pipeline) => pipeline._processCopyEvents(input, second, third)));
  }

  /** @param {import('./sample-formats.js').FormatOptions} [options] */
  async finish(options) {
    return byName(await this.#each((pipeline) => pipeline.finish(options)));
  }

  /** @param {Record<string, unknown>} outputs */
  merge(outputs) {
    const samples = this.names.map((name) => {
      const output = outputs?.[name];
      if (output instanceof Float32Array) return output;
      const got = `${nameOf(output)} for "${name}"`;
      throw new TypeError(`merge: outputs must hold a Float32Array for each branch, got ${got}`);
    });
    const channels = [...this.#pipelines.values()].map((pipeline) => pipeline._outputChannels);
    return native.mergeBranches(this.names, samples, channels);
  }

  /** @param {{ sampleRate?: number, frequency?: number }} [options] */
  latency(options) {
    return this.#eachNow((pipeline) => pipeline.latency(options));
  }

  /** @param {{ format?: 'json' | 'toon', signal?: AbortSignal }} [options] */
  async saveState(options) {
    const states = Object.entries(await this.#each((pipeline) => pipeline.saveState(options)));
    const parts = states.map(([name, state]) =>
      typeof state === 'string' ? { name, text: state } : { name, bytes: state },
    );
    return options?.format === 'toon' ? native.joinBranchesToon(parts) : native.joinBranchesJson(parts);
  }

  /**
   * All branches or none: states are loaded into copies, which then take the places of the pipelines.
   *
   * @param {unknown} state
   * @param {LoadOptions} [options]
   */
  async loadState(state, options = {}) {
    const states = statesOf(state);
    if (options.match !== 'id') native.checkSameBranches(this.names, [...states.keys()]);
    const copies = new Map();
    for (const [name, pipeline] of this.#pipelines) {
      const copy = pipeline.clone();
      copies.set(name, copy);
      const own = states.get(name);
      try {
        if (own === undefined) copy.clearState();
        else await copy.loadState(own, options);
      } catch (error) {
        throw named(name, error);
      }
    }
    this.#pipelines = copies;
    return true;
  }

  clearState() {
    this.#eachNow((pipeline) => pipeline.clearState());
  }

  toJSON() {
    return { branches: this.#eachNow((pipeline) => pipeline.toJSON()) };
  }

  clone() {
    return new Branches(CREATOR, new Map([...this.#pipelines].map(([name, pipeline]) => [name, pipeline.clone()])));
  }

  dispose() {
    this.#eachNow((pipeline) => pipeline.dispose());
  }
}

/**
 * `{ a: { samples, events }, … }` → `{ outputs: { a: samples, … }, events: { a: events, … } }`
 *
 * @param {Record<string, { samples: unknown, events: unknown[] }>} results
 */
function byName(results) {
  const entries = Object.entries(results);
  return {
    outputs: Object.fromEntries(entries.map(([name, { samples }]) => [name, samples])),
    events: Object.fromEntries(entries.map(([name, { events }]) => [name, events])),
  };
}

/**
 * Returns the state of each branch, by name.
 *
 * @param {unknown} state
 * @returns {Map<string, string | Buffer | undefined>}
 */
function statesOf(state) {
  if (typeof state === 'string') {
    return new Map(native.splitBranchesJson(state).map(({ name, text }) => [name, text]));
  }
  if (!(state instanceof Uint8Array)) {
    throw new TypeError(`loadState: state must be a text or bytes that saveState gave, got ${nameOf(state)}`);
  }
  if (state[0] === 0x7b)
    return statesOf(Buffer.from(state.buffer, state.byteOffset, state.byteLength).toString('utf8'));
  return new Map(native.splitBranchesToon(state).map(({ name, bytes }) => [name, bytes]));
}

/**
 * Makes branches of copies of the pipelines, with their states.
 *
 * @param {unknown} pipelines
 */
function branch(pipelines) {
  const entries = Object.entries(checkPipelines(pipelines));
  return new Branches(CREATOR, new Map(entries.map(([name, pipeline]) => [name, pipeline.clone()])));
}

/**
 * Makes branches from what their `toJSON()` wrote.
 *
 * @param {unknown} definition
 */
branch.from = (definition) => {
  const { branches } = /** @type {{ branches?: unknown }} */ (definition ?? {});
  if (branches === null || typeof branches !== 'object') {
    throw new TypeError('branch.from: a definition must be an object with an object "branches" of pipelines by name');
  }
  const entries = Object.entries(branches ?? {}).map(([name, pipeline]) => [name, createDspPipeline.from(pipeline)]);
  return branch(Object.fromEntries(entries));
};

module.exports = { Branches, branch };
