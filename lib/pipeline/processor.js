'use strict';

const { checkOptions } = require('../common/arguments.js');
const { checkSignal, throwIfAborted } = require('../common/abort.js');
const { warnOfUnknownOption } = require('../common/warnings.js');
const native = require('../native/addon.js');
const { checkDesign, getDefaultDesign } = require('../signal/filter/design.js');
const { readCall } = require('./call-arguments.js');
const { CallQueue } = require('./call-queue.js');
const { CallRunner } = require('./call-runner.js');
const { describeStages, stageToJson } = require('./definition.js');
const { PipelineCallbacks } = require('./pipeline-callbacks.js');
const { readOutput } = require('./sample-formats.js');
const { PipelineRate, withRate } = require('./sample-rate.js');
const { formatOfState, loadState, reported } = require('./saved-state.js');
const { StageList } = require('./stage-list.js');

/**
 * @typedef {import('../../index.js').StateResilienceConfig} Config
 * @typedef {import('../../index.js').PipelineEvent} PipelineEvent
 * @typedef {import('../native/exports.js').EncodedArray} EncodedArray
 * @typedef {import('./call-arguments.js').Call} Call
 */

/** Calls that may wait behind a running one. */
const MAX_WAITING = 1024;

/** Only `createDspPipeline` makes pipelines: it alone has this key. */
const CREATOR = Symbol('creator');

/** Loaded when needed: `node:stream` takes a millisecond. */
const chunkStreams = () => require('./chunk-streams.js');

const registeredStages = native.stages();
/** The stages that use the pipeline's sample rate where their parameters give none. */
const takesSampleRate = new Set(registeredStages.filter((stage) => stage.takesSampleRate).map(({ method }) => method));

/** A row of stages over interleaved samples; made by `createDspPipeline`. */
class DspProcessor {
  #config;
  #rate;
  #stages = new StageList();
  #runner = new CallRunner(this.#stages);
  #queue = new CallQueue();
  #isDisposed = false;
  /** The sample rate of the last call, 0 where none was given. */
  #lastRate = 0;

  /**
   * @param {symbol} key
   * @param {Config} config
   */
  constructor(key, config) {
    if (key !== CREATOR) {
      throw new TypeError('DspProcessor has no public constructor: createDspPipeline() makes a pipeline');
    }
    if (config.design !== undefined) checkDesign(config.design);
    this.#config = config;
    this.#rate = new PipelineRate(config.sampleRate);
  }

  // ---- stages ---------------------------------------------------------------------------------

  /**
   * Appends the stage of a fluent method.
   *
   * @internal
   * @param {string} method
   * @param {any} params checked by the stage
   * @returns {this}
   */
  _add(method, params) {
    this._checkCanAdd(method);
    const stages = this.#stages;
    const inherits = this.#rate.input !== undefined && takesSampleRate.has(method);
    const rate = inherits ? this.#rate.behind(stages.ratio) : undefined;
    const own = rate === undefined ? params : withRate(params, rate);
    const { label, warnings, unknownOptions } = stages.native.add(method, own);
    if (rate !== undefined) this.#rate.checkStage(method, params?.sampleRate, rate);
    if (method === 'TimeAlignment') this.#rate.set(params.targetSampleRate, stages.ratio);
    for (const warning of warnings) console.warn(warning);
    for (const option of unknownOptions) warnOfUnknownOption(method, option);
    stages.appended(label, params?.id);
    return this;
  }

  /**
   * @internal
   * @param {string} method
   * @throws {Error} if the pipeline is disposed or processes
   */
  _checkCanAdd(method) {
    this.#checkOpen();
    if (this.#queue.pending > 0) throw new Error(`Cannot add stage while processing: ${method}`);
  }

  /**
   * The design that `filter` and `RlsFilter` use unless told otherwise.
   *
   * @internal
   * @returns {import('../../index.js').FilterDesign}
   */
  get _design() {
    return this.#config.design ?? getDefaultDesign();
  }

  /** @param {import('../../index.js').TapCallback} callback */
  tap(callback) {
    this.#runner.taps.add(callback, this.#stages.labels);
    return this;
  }

  /** @param {string} type @param {(event: any) => void} handler */
  on(type, handler) {
    this.#runner.handlers.add(type, handler);
    return this;
  }

  /** @param {string} type @param {(event: any) => void} handler */
  off(type, handler) {
    this.#runner.handlers.remove(type, handler);
    return this;
  }

  /** @param {import('../../index.js').PipelineCallbacks} callbacks */
  pipeline(callbacks) {
    this.#runner.callbacks = new PipelineCallbacks(callbacks);
    return this;
  }

  /** The native pipeline for a Kafka stream, and what a stream has to refuse. @internal */
  get _template() {
    this.#checkOpen();
    const { native, needs } = this.#stages;
    return { native, hasCallbacks: this.#runner.hasCallbacks, needsTimestamps: needs.timestamps };
  }

  #checkOpen() {
    if (this.#isDisposed) throw new Error('Pipeline is disposed');
  }

  /** @param {string} name the method, which cannot wait */
  #checkIdle(name) {
    if (this.#queue.pending > 0) throw new Error(`Pipeline is busy: ${name}() cannot wait for the calls before it`);
  }

  // ---- processing -----------------------------------------------------------------------------
  // Inputs are of any type until `readCall` has checked them; index.d.ts declares those that are right.

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  process(input, second, third) {
    return this.#submit(input, second, third, false);
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  processCopy(input, second, third) {
    return this.#submit(input, second, third, true);
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  async processEvents(input, second, third) {
    /** @type {{ events: PipelineEvent[] }} */
    const collected = { events: [] };
    const samples = await this.#submit(input, second, third, false, collected);
    return { samples, events: collected.events };
  }

  /**
   * `processEvents` on a copy.
   *
   * @param {unknown} input
   * @param {unknown} [second]
   * @param {unknown} [third]
   */
  async _processCopyEvents(input, second, third) {
    /** @type {{ events: PipelineEvent[] }} */
    const collected = { events: [] };
    const samples = await this.#submit(input, second, third, true, collected);
    return { samples, events: collected.events };
  }

  /** The number of channels of the last call. */
  get _outputChannels() {
    return this.#stages.native.outputChannels();
  }

  /** @param {AsyncIterable<unknown> | Iterable<unknown>} source @param {unknown} [options] */
  async *events(source, options) {
    for await (const chunk of source) yield* (await this.processEvents(chunk, options)).events;
    yield* (await this.finish()).events;
  }

  /**
   * Ends the stream: the samples still inside come out, and the pipeline is as new.
   *
   * @param {import('./sample-formats.js').FormatOptions} [options]
   */
  async finish(options) {
    const { output, dither } = readOutput(checkOptions('finish: options', options));
    const work = () => {
      this.#checkOpen();
      return this.#runner.end(this.#lastRate, output, dither);
    };
    return this.#queue.inTurn(work, undefined, 'finish');
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  processSync(input, second, third) {
    return this.#processSync('processSync', input, second, third, false);
  }

  /** @param {unknown} input @param {unknown} [second] @param {unknown} [third] */
  processSyncCopy(input, second, third) {
    return this.#processSync('processSyncCopy', input, second, third, true);
  }

  /**
   * @param {string} name
   * @param {unknown} input
   * @param {unknown} second
   * @param {unknown} third
   * @param {boolean} copy
   */
  #processSync(name, input, second, third, copy) {
    const call = this.#readCall(input, second, third, copy);
    this.#admit(call, name);
    const run = this.#queue.during(() => this.#runner.compute(call));
    return this.#runner.finish(run.output ?? /** @type {Float32Array} */ (call.samples), run);
  }

  /**
   * @param {unknown} input
   * @param {unknown} second
   * @param {unknown} third
   * @param {boolean} copy
   * @param {Call['collected']} [collected]
   * @returns {Promise<EncodedArray>}
   */
  #submit(input, second, third, copy, collected) {
    /** @type {Call} */
    let call;
    let signal;
    try {
      call = this.#readCall(input, second, third, copy, collected);
      signal = checkSignal(call.options.signal, 'process');
      throwIfAborted(signal);
      this.#admit(call, null);
      if (this.#queue.pending === 0 && this.#runner.canComputeNow(call, copy)) {
        return Promise.resolve(this.#runner.computeShort(call, copy, (work) => this.#queue.during(work)));
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#queue.enqueue(() => this.#runner.computeInTurn(call, copy, () => this.#queue.leave()), signal);
  }

  /**
   * Returns the arguments of a call, checked.
   *
   * @param {unknown} input
   * @param {unknown} second
   * @param {unknown} third
   * @param {boolean} copy
   * @param {Call['collected']} [collected] takes its events besides the handlers
   * @returns {Call}
   */
  #readCall(input, second, third, copy, collected) {
    const call = readCall(input, second, third, copy, this.#stages.needs);
    call.collected = collected;
    call.rate = this.#rate.ofCall(call.rate);
    this.#lastRate = call.rate;
    return call;
  }

  /**
   * The last two checks: these are reported to the callbacks as well.
   *
   * @param {Call} call
   * @param {string | null} syncName the method, if it cannot wait
   */
  #admit(call, syncName) {
    try {
      this.#checkOpen();
      if (syncName) this.#checkIdle(syncName);
      else if (this.#queue.waiting >= MAX_WAITING) {
        throw new Error(`Pipeline is busy: ${MAX_WAITING} calls are waiting`);
      }
    } catch (error) {
      this.#runner.refuse(call, error);
      throw error;
    }
  }

  // ---- streams --------------------------------------------------------------------------------

  /** @param {import('./chunk-streams.js').StreamOptions} [options] */
  stream(options) {
    return chunkStreams().stream(this, checkOptions('stream: options', options));
  }

  /** @param {import('./chunk-streams.js').WebStreamOptions} [options] */
  webStream(options) {
    return chunkStreams().webStream(this, checkOptions('webStream: options', options));
  }

  /** @param {unknown} source @param {import('./chunk-streams.js').ChunkOptions} [options] */
  iterate(source, options) {
    return chunkStreams().iterate(this, source, checkOptions('iterate: options', options));
  }

  // ---- description ----------------------------------------------------------------------------

  /** @param {{ sampleRate?: number, frequency?: number }} [options] */
  latency(options) {
    this.#checkOpen();
    const { sampleRate = this.#config.sampleRate, frequency } = checkOptions('latency: options', options);
    return this.#stages.latency(sampleRate, frequency);
  }

  toJSON() {
    this.#checkOpen();
    const { sampleRate, design } = this.#config;
    return { sampleRate, design, stages: this.#stages.native.definitions().map(stageToJson) };
  }

  describe() {
    this.#checkOpen();
    this.#checkIdle('describe');
    return describeStages(this.#stages);
  }

  clone() {
    this.#checkOpen();
    this.#checkIdle('clone');
    const copy = new DspProcessor(CREATOR, this.#config);
    copy.#stages = this.#stages.copy();
    copy.#runner = new CallRunner(copy.#stages);
    copy.#rate.takeFrom(this.#rate);
    return copy;
  }

  /**
   * Returns the text that `console.log` prints: the stages in order.
   *
   * @param {number} _depth
   * @param {{ stylize(text: string, style: string): string }} options
   */
  [Symbol.for('nodejs.util.inspect.custom')](_depth, options) {
    const stages = this.#stages.length > 0 ? this.#stages.label : 'no stages';
    return `DspProcessor { ${options.stylize(this.#isDisposed ? 'disposed' : stages, 'special')} }`;
  }

  // ---- state ----------------------------------------------------------------------------------

  /** @param {{ format?: 'json' | 'toon', signal?: AbortSignal }} [options] */
  saveState(options) {
    const save = () => {
      this.#checkOpen();
      const now = Date.now() / 1000;
      const { native: pipeline } = this.#stages;
      return formatOfState(options) === 'toon' ? pipeline.saveToon(now) : pipeline.saveJson(now);
    };
    return this.#queue.inTurn(() => reported('saveState', this.#stages.label, save), options, 'saveState');
  }

  /**
   * @param {unknown} state
   * @param {import('../../index.js').LoadStateOptions & { signal?: AbortSignal }} [options]
   */
  loadState(state, options) {
    const load = () => {
      try {
        return reported('loadState', this.#stages.label, () => this.#load(state, options));
      } catch (error) {
        if (this.#isDisposed || this.#config.fallbackOnLoadFailure !== true) throw error;
        const { message } = /** @type {Error} */ (error);
        console.warn(`[DspProcessor] loadState failed, the pipeline starts from a cleared state: ${message}`);
        this.#stages.native.clear();
        return false;
      }
    };
    return this.#queue.inTurn(load, options, 'loadState');
  }

  /** @param {unknown} state @param {import('../../index.js').LoadStateOptions} [options] */
  #load(state, options) {
    this.#checkOpen();
    const warnings = loadState(this.#stages.native, this._design, state, options);
    for (const warning of warnings) console.warn(warning);
    this.#stages.changed();
    return true;
  }

  clearState() {
    this.#checkOpen();
    this.#checkIdle('clearState');
    this.#stages.native.clear();
  }

  listState() {
    this.#checkOpen();
    this.#checkIdle('listState');
    const stages = this.#stages.native.list();
    return { stageCount: stages.length, timestamp: Math.floor(Date.now() / 1000), stages };
  }

  dispose() {
    if (this.#isDisposed) return;
    if (this.#queue.pending > 0) throw new Error('Cannot dispose pipeline: process() is still running');
    this.#isDisposed = true;
    this.#stages.drop();
  }

  /** Disposes when the calls made so far, and those made meanwhile, have ended. @internal */
  async _disposeWhenIdle() {
    while (this.#queue.pending > 0) await this.#queue.inTurn(() => {}, undefined, 'dispose');
    this.dispose();
  }
}

module.exports = { CREATOR, DspProcessor };
