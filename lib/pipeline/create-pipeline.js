'use strict';

const { checkOptions } = require('../common/arguments.js');
const native = require('../native/addon.js');
const { suggestMethods } = require('../native/suggestions.js');
const { readDocument, readStage } = require('./definition.js');
const { CREATOR, DspProcessor } = require('./processor.js');

/** @typedef {import('../../index.js').DspProcessor} Pipeline a pipeline with the methods of all stages */
/** @typedef {InstanceType<typeof DspProcessor>} Processor */

/**
 * Adds methods to the prototype of pipelines.
 *
 * @param {Record<string, Function> & ThisType<Processor>} methods
 */
function addMethods(methods) {
  for (const [name, value] of Object.entries(methods)) addMethod(name, value);
}

/** @param {PropertyKey} name @param {unknown} value */
function addMethod(name, value) {
  Object.defineProperty(DspProcessor.prototype, name, { configurable: true, writable: true, value });
}

/**
 * Returns parameters with the design that they leave to the pipeline.
 *
 * @param {any} params checked by the stage
 * @param {import('../../index.js').FilterDesign} design
 */
function withDesign(params, design) {
  if (params === null || typeof params !== 'object' || params.design !== undefined) return params;
  return { ...params, design };
}

/**
 * The parameters with which stages compute as dspx does, in a pipeline of its design.
 *
 * @type {Record<string, Record<string, string>>}
 */
const OF_DSPX = {
  Interpolate: { quality: 'dspx' },
  Decimate: { quality: 'dspx' },
  Resample: { quality: 'dspx' },
  ResampleTo: { ratio: 'binary' },
  TimeAlignment: { grid: 'call' },
};

for (const { method } of native.stages()) {
  addMethods({
    /** @param {any} params checked by the stage */
    [method](params) {
      const isOfDspx = OF_DSPX[method] && this._design === 'dspx' && params !== null && typeof params === 'object';
      return this._add(method, isOfDspx ? { ...OF_DSPX[method], ...params } : params);
    },
  });
}

/** The stages that take the design of their pipeline. */
addMethods({
  /** @param {unknown} params */
  RlsFilter(params) {
    return this._add('RlsFilter', withDesign(params, this._design));
  },
  /** @param {unknown} options */
  filter(options) {
    try {
      this._checkCanAdd('filter');
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new Error(`Failed to add filter stage to pipeline: ${message}`, { cause: error });
    }
    return this._add('filter', withDesign(options, this._design));
  },
});

suggestMethods(DspProcessor.prototype, 'A pipeline');

/** `using` and `await using`, where this Node knows them. @type {Record<string, Function> & ThisType<Processor>} */
const disposers = {
  dispose() {
    return this.dispose();
  },
  _disposeWhenIdle() {
    return this._disposeWhenIdle();
  },
};
if (Symbol.dispose) addMethod(Symbol.dispose, disposers.dispose);
if (Symbol.asyncDispose) addMethod(Symbol.asyncDispose, disposers._disposeWhenIdle);

/**
 * @param {import('../../index.js').StateResilienceConfig} [config]
 * @returns {Pipeline} a pipeline without stages
 */
function createDspPipeline(config) {
  return /** @type {Pipeline} */ (
    /** @type {unknown} */ (new DspProcessor(CREATOR, { ...checkOptions('createDspPipeline: config', config) }))
  );
}

/**
 * Makes the pipeline that `toJSON()` has written down, or a person: a list of stages, each `"Method"` or
 * `{ "Method": { parameters } }`, or an object with such a list `stages` and `sampleRate`, `design`.
 *
 * @param {unknown} definition
 * @returns {Pipeline}
 */
createDspPipeline.from = function from(definition) {
  const { stages, sampleRate, design } = readDocument(definition);
  const pipeline = createDspPipeline({ sampleRate, design });
  stages.forEach((entry, index) => {
    const { method, params } = readStage(entry, `stage ${index + 1}`);
    appendStage(pipeline, method, params);
  });
  return pipeline;
};

/**
 * Appends a stage by the name of its method.
 *
 * @param {Pipeline} pipeline
 * @param {string} method one that `readStage` has found
 * @param {unknown} params checked by the stage
 */
function appendStage(pipeline, method, params) {
  const methods = /** @type {Record<string, (params: unknown) => Pipeline>} */ (/** @type {unknown} */ (pipeline));
  methods[method](params);
}

module.exports = { DspProcessor, appendStage, createDspPipeline };
