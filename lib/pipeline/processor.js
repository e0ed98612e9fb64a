'use strict';

const { AsyncResource } = require('#node').asyncHooks;
const native = require('../native/addon.js');
const { readCall } = require('./call-arguments.js');
const { detached, readOutput } = require('./sample-formats.js');
const { DriftDetector } = require('../signal/timing/drift-detector.js');
const { Observers } = require('./callbacks.js');
const { checkDesign, getDefaultDesign } = require('../signal/filter/design.js');
const telemetry = require('../telemetry/operations.js');
const { checkSignal, onAbort, throwIfAborted } = require('../common/abort.js');
const { addFilterMethods } = require('../signal/filter/filters.js');
const { warnOfUnknownOption } = require('../common/warnings.js');
const { EventHandlers, eventsOf } = require('./events.js');
const { readDocument, readStage, stageToJson } = require('./definition.js');
const { suggestMethods } = require('../native/suggestions.js');

/** Estimated nanoseconds up to which a call is computed in the calling thread. */
const SHORT_NS = 50_000;
/** Samples copied in or out per turn of the event loop. */
const PIECE = 1 << 16;
/** Calls that may wait behind a running one. */
const MAX_WAITING = 1024;

/** Only `createDspPipeline` makes pipelines. */
const CREATOR = Symbol('creator');

const noSnapshots = Object.freeze([]);
const noEvents = Object.freeze([]);
/** Loaded when needed: `node:stream` takes a millisecond. */
const streams = () => require('./chunk-streams.js');
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Times of a call as float64 milliseconds. */
function milliseconds(times) {
  if (times instanceof BigInt64Array) return native.toMilliseconds(times);
  return times instanceof Float64Array ? times : new Float64Array(times);
}

/** @throws {TypeError} for anything but a positive number */
function checkRate(rate) {
  if (typeof rate !== 'number' || !(rate > 0 && rate < Infinity)) {
    throw new TypeError(`createDspPipeline: sampleRate must be a positive number, got ${String(rate)}`);
  }
}

const stages = native.stages();
/** Stages that take the rate of their pipeline where their parameters say none. */
const takesSampleRate = new Set(stages.filter((stage) => stage.takesSampleRate).map(({ method }) => method));

/** Whether two rates in Hz are the same but for rounding: ratios of resamplers are rounded. */
const isSameRate = (a, b) => Math.abs(a - b) <= 1e-9 * Math.abs(b);

/** A row of stages over interleaved samples; made by `createDspPipeline`. */
class DspProcessor {
  #native = new native.NativePipeline();
  #config;
  #labels = [];
  /** The id of each stage, `undefined` where it has none. */
  #ids = [];
  #handlers = new EventHandlers();
  #taps = [];
  #observers = null;
  #drift = null;
  #disposed = false;
  /** What the stages ask of a call. */
  #needs = { timestamps: false, wholeFrames: true };
  /** Calls that were made and have not ended. */
  #pending = 0;
  #queue = [];
  #running = false;
  /** The sample rate of the last call, 0 where none was given. */
  #rate = 0;
  #hasWarnedOfRate = false;
  /** A place at which the rate in Hz is known, for a pipeline that was made for one: the input, or behind an alignment in time. */
  #known = { rate: 0, ratio: 1 };
  /** Nanoseconds per sample: guessed from the stages, then measured. */
  #cost = 0;

  constructor(key, config) {
    if (key !== CREATOR) {
      throw new TypeError('DspProcessor has no public constructor: createDspPipeline() makes a pipeline');
    }
    if (config.design !== undefined) checkDesign(config.design);
    if (config.sampleRate !== undefined) checkRate(config.sampleRate);
    this.#config = config;
    this.#known.rate = config.sampleRate;
  }

  // ---- stages ---------------------------------------------------------------------------------

  /** Appends the stage of a fluent method. @private */
  _add(method, params) {
    this._checkCanAdd(method);
    const own = this.#config.sampleRate !== undefined && takesSampleRate.has(method) ? this.#rateAtEnd() : undefined;
    const { label, warnings, unknownOptions } = this.#native.add(
      method,
      own === undefined ? params : withRate(params, own),
    );
    if (own !== undefined) this.#checkRateOf(method, params, own);
    if (method === 'TimeAlignment') this.#known = { rate: params.targetSampleRate, ratio: this.#ratio() };
    for (const warning of warnings) console.warn(warning);
    for (const option of unknownOptions) warnOfUnknownOption(method, option);
    this.#labels.push(label);
    this.#ids.push(params?.id);
    this.#stagesChanged();
    return this;
  }

  /** The rate behind the last stage, for a pipeline that was made for one. */
  #rateAtEnd() {
    return (this.#known.rate * this.#ratio()) / this.#known.ratio;
  }

  /** Samples behind the last stage per sample of the input. */
  #ratio() {
    return this.#native.latency(null).ratio;
  }

  #checkRateOf(method, params, own) {
    const rate = params?.sampleRate;
    if (typeof rate !== 'number' || isSameRate(rate, own)) return;
    this.#warnOfRate(`its samples come at ${own} Hz at this place, and ${method} is told ${rate} Hz`);
  }

  /** @private */
  _checkCanAdd(method) {
    this.#checkOpen();
    if (this.#pending > 0) throw new Error(`Cannot add stage while processing: ${method}`);
  }

  /** The design that `filter` and `RlsFilter` use unless told otherwise. @private */
  get _design() {
    return this.#config.design ?? getDefaultDesign();
  }

  tap(callback) {
    if (typeof callback !== 'function') throw new TypeError(`tap: callback must be a function, got ${typeof callback}`);
    const place = this.#labels.length;
    this.#taps.push({ callback, place, stage: place ? this.#labels.join(' → ') : 'start' });
    return this;
  }

  on(type, handler) {
    this.#handlers.add(type, handler);
    return this;
  }

  off(type, handler) {
    this.#handlers.remove(type, handler);
    return this;
  }

  pipeline(callbacks) {
    this.#observers = new Observers(callbacks);
    return this;
  }

  /** What a Kafka stream needs: the native pipeline, and whether JavaScript has to run in it. @private */
  get _template() {
    this.#checkOpen();
    const hasCallbacks = this.#taps.length > 0 || this.#observers !== null;
    return { native: this.#native, hasCallbacks, needsTimestamps: this.#needs.timestamps };
  }

  #label() {
    return this.#labels.length ? this.#labels.join(' → ') : 'pipeline';
  }

  #checkOpen() {
    if (this.#disposed) throw new Error('Pipeline is disposed');
  }

  #checkIdle(what) {
    if (this.#pending > 0) throw new Error(`Pipeline is busy: ${what}() cannot wait for the calls before it`);
  }

  #stagesChanged() {
    this.#needs = { timestamps: this.#native.needsTimestamps(), wholeFrames: !this.#native.takesIncompleteFrames() };
    this.#cost = this.#native.costHint();
  }

  // ---- processing -----------------------------------------------------------------------------

  process(input, second, third) {
    return this.#submit(input, second, third, false);
  }

  processCopy(input, second, third) {
    return this.#submit(input, second, third, true);
  }

  async processEvents(input, second, third) {
    const collected = { events: [] };
    const samples = await this.#submit(input, second, third, false, collected);
    return { samples, events: collected.events };
  }

  async *events(source, options) {
    for await (const chunk of source) yield* (await this.processEvents(chunk, options)).events;
    yield* (await this.finish()).events;
  }

  /** Ends the stream: what is still inside comes out, and the pipeline is as new. */
  async finish(options) {
    const { output, dither } = readOutput(options ?? {});
    return this.#inTurn(
      () => {
        this.#checkOpen();
        this.#native.collectEvents();
        let samples;
        let events;
        try {
          samples = this.#native.finishEncoded(this.#rate, output, dither);
        } finally {
          events = eventsOf(this.#native.takeEvents(), this.#ids);
        }
        this.#handlers.tell(events);
        return { samples, events };
      },
      undefined,
      'finish',
    );
  }

  latency({ sampleRate = this.#config.sampleRate, frequency } = {}) {
    this.#checkOpen();
    for (const [name, value] of Object.entries({ sampleRate, frequency })) {
      if (value !== undefined && !(typeof value === 'number' && value > 0 && value < Infinity)) {
        throw new TypeError(`latency: ${name} must be a positive number, got ${String(value)}`);
      }
    }
    if (frequency !== undefined && sampleRate === undefined) throw new TypeError('latency: frequency needs sampleRate');
    const { samples } = this.#native.latency(frequency === undefined ? null : frequency / sampleRate);
    return { samples, ms: sampleRate === undefined ? undefined : (samples * 1000) / sampleRate };
  }

  toJSON() {
    this.#checkOpen();
    const { sampleRate, design } = this.#config;
    return { sampleRate, design, stages: this.#native.definitions().map(stageToJson) };
  }

  describe() {
    this.#checkOpen();
    this.#checkIdle('describe');
    const latencies = this.#native.latency(null).stages;
    const sizes = this.#native.stateSizes();
    return this.#native.definitions().map(({ method, id, params }, index) => ({
      method,
      id: id ?? undefined,
      params,
      label: this.#labels[index],
      latency: latencies[index],
      stateSize: sizes[index],
    }));
  }

  clone() {
    this.#checkOpen();
    this.#checkIdle('clone');
    const copy = new DspProcessor(CREATOR, this.#config);
    copy.#native = this.#native.copy();
    copy.#labels = [...this.#labels];
    copy.#ids = [...this.#ids];
    copy.#known = this.#known;
    copy.#stagesChanged();
    return copy;
  }

  processSync(input, second, third) {
    return this.#atOnce('processSync', input, second, third, false);
  }

  processSyncCopy(input, second, third) {
    return this.#atOnce('processSyncCopy', input, second, third, true);
  }

  #atOnce(name, input, second, third, copy) {
    const call = this.#readCall(input, second, third, copy);
    this.#admit(call, name);
    const done = this.#compute(call);
    return this.#finish(done.output ?? call.samples, done);
  }

  #submit(input, second, third, copy, collected) {
    let call;
    let signal;
    try {
      call = this.#readCall(input, second, third, copy, collected);
      signal = checkSignal(call.options.signal, 'process');
      throwIfAborted(signal);
      this.#admit(call, null);
      if (this.#pending === 0 && this.#isShort(call)) return Promise.resolve(this.#computeShort(call, copy));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#enqueue(() => this.#runInTurn(call, copy), signal);
  }

  /** The arguments of a call; `collected` is where its events go besides the handlers. */
  #readCall(input, second, third, copy, collected) {
    const call = readCall(input, second, third, copy, this.#needs);
    call.collected = collected;
    const own = this.#config.sampleRate;
    if (own !== undefined) {
      if (call.rate === 0) call.rate = own;
      else if (!isSameRate(call.rate, own))
        this.#warnOfRate(`a call says ${call.rate} Hz: filters pass other frequencies then`);
    }
    this.#rate = call.rate;
    return call;
  }

  /** Says once that a call or a stage has another sample rate than the pipeline was made for. */
  #warnOfRate(what) {
    if (this.#hasWarnedOfRate) return;
    this.#hasWarnedOfRate = true;
    const text = `The pipeline was made for ${this.#config.sampleRate} Hz; ${what}`;
    process.emitWarning(text, { code: 'DSPX_SAMPLE_RATE', type: 'DspxWarning' });
  }

  #wantsEvents(call) {
    return call.collected !== undefined || !this.#handlers.isEmpty;
  }

  #takeEvents(call, columns) {
    const events = eventsOf(columns, this.#ids);
    if (call.collected) call.collected.events = events;
    return events;
  }

  /** The last two checks: these are reported to the callbacks as well. */
  #admit(call, syncName) {
    try {
      this.#checkOpen();
      if (syncName) this.#checkIdle(syncName);
      else if (this.#queue.length >= MAX_WAITING) throw new Error(`Pipeline is busy: ${MAX_WAITING} calls are waiting`);
    } catch (error) {
      this.#observers?.started(call, this.#labels.length);
      this.#observers?.failed(error, this.#label());
      throw error;
    }
  }

  #isShort(call) {
    return call.length * this.#cost <= SHORT_NS;
  }

  /** Drift detection and the log of the beginning; gives what `#finish` needs. */
  #begin(call) {
    if (call.options.enableDriftDetection === true && call.times && call.rate) this.#detectDrift(call);
    const operation = telemetry.process.active ? this.#beginOperation(call) : undefined;
    const begun = {
      since: 0,
      observers: this.#observers,
      operation,
      label: '',
      snapshots: noSnapshots,
      output: undefined,
      floats: undefined,
      events: noEvents,
    };
    if (!this.#observers) return begun;
    begun.label = this.#label();
    begun.since = performance.now();
    this.#guard(begun, () => begun.observers.started(call, this.#labels.length));
    return begun;
  }

  #beginOperation({ length, channels, rate }) {
    const stages = this.#labels.length;
    return telemetry.process.begin({ pipeline: this.#label(), stages, channels, sampleRate: rate, samples: length });
  }

  #guard(begun, f) {
    try {
      return f();
    } catch (error) {
      this.#failed(begun, error);
      throw error;
    }
  }

  #failed({ operation, observers, label }, error) {
    operation?.fail(error);
    observers?.failed(error, label);
  }

  #compute(call) {
    const begun = this.#begin(call);
    const { samples, conversion, channels, rate } = call;
    const wantsEvents = this.#wantsEvents(call);
    if (wantsEvents) this.#native.collectEvents();
    else if (!conversion && !call.times && this.#taps.length === 0 && !begun.observers && !begun.operation) {
      begun.output = this.#native.process(samples, channels, rate) ?? undefined;
      return begun;
    }
    return this.#guard(begun, () => {
      const places = this.#tapPlaces();
      const times = call.times && milliseconds(call.times);
      const single = call.times instanceof Float32Array;
      const keep = this.#keepsFloats(conversion, begun);
      try {
        begun.output = conversion
          ? this.#processEncoded(call, times, single, places, keep)
          : (this.#native.processWith(samples, channels, rate, times, single, places) ?? undefined);
      } finally {
        if (wantsEvents) begun.events = this.#takeEvents(call, this.#native.takeEvents());
      }
      takeSnapshots(this.#native, begun, places, keep);
      return begun;
    });
  }

  #processEncoded({ conversion, channels, rate }, times, single, places, keep) {
    const { bytes, format, output, dither } = conversion;
    return this.#native.processEncoded(bytes, format, output, dither, channels, rate, times, single, places, keep);
  }

  /** Whether the result is needed as float32 besides: taps and callbacks see nothing else. */
  #keepsFloats(conversion, { observers }) {
    return conversion !== undefined && !conversion.isFloat32 && (this.#taps.length > 0 || observers !== null);
  }

  #computeShort(call, copy) {
    const start = performance.now();
    const done = this.#compute(call);
    this.#learn(call, (performance.now() - start) * 1e6);
    return this.#finish(done.output ?? (copy ? call.samples : new Float32Array(call.samples)), done);
  }

  #learn(call, nanoseconds) {
    // Below this the cost per call hides the cost per sample.
    if (call.length >= 256) this.#cost += 0.25 * (nanoseconds / call.length - this.#cost);
  }

  async #runInTurn(call, copy) {
    let begun;
    let output;
    try {
      checkPresent(call);
      if (this.#isShort(call)) return this.#computeShort(call, copy);
      begun = this.#begin(call);
      output = await this.#computeOnThread(call, copy, begun);
    } finally {
      this.#pending--;
    }
    return this.#finish(output, begun);
  }

  async #computeOnThread(call, copy, begun) {
    try {
      const places = this.#tapPlaces();
      const { conversion } = call;
      const job = await this.#fill(call);
      const keep = this.#keepsFloats(conversion, begun);
      if (conversion) job.encode(conversion.output, conversion.dither, keep);
      const wantsEvents = this.#wantsEvents(call);
      this.#learn(call, await job.run(this.#native, call.channels, call.rate, places, wantsEvents));
      if (wantsEvents) begun.events = this.#takeEvents(call, job.takeEvents());
      takeSnapshots(job, begun, places, keep);
      if (conversion) return job.takeEncoded();
      if (!copy) await this.#readBack(job, call.samples);
      return job.takeOutput();
    } catch (error) {
      this.#failed(begun, error);
      throw error;
    }
  }

  /** Copies a call into a job; huge ones in pieces, so that the event loop is not held. */
  async #fill(call) {
    const { samples, conversion, length, times } = call;
    const job = new native.Job(length, times !== undefined);
    for (let from = 0; from < length; from += PIECE) {
      if (from > 0) await turn();
      checkPresent(call);
      const to = Math.min(length, from + PIECE);
      if (samples) job.write(samples.subarray(from, to));
      else job.writeEncoded(conversion.bytes.subarray(from * conversion.size, to * conversion.size), conversion.format);
      if (times) job.writeTimes(times.subarray(from, to));
    }
    return job;
  }

  async #readBack(job, samples) {
    for (let from = 0; from < samples.length; from += PIECE) {
      if (from > 0) await turn();
      job.read(samples.subarray(from, from + PIECE), from);
    }
  }

  #detectDrift({ times, rate, channels, options }) {
    if (this.#drift?.getExpectedSampleRate() !== rate) this.#drift = new DriftDetector({ expectedSampleRate: rate });
    this.#drift._configure({ driftThreshold: options.driftThreshold, onDriftDetected: options.onDriftDetected });
    this.#drift.processBatch(milliseconds(times), channels);
  }

  // ---- after the native work ------------------------------------------------------------------

  /** Places before the last stage at which taps want a copy, ascending and once each. */
  #tapPlaces() {
    if (this.#taps.length === 0) return noSnapshots;
    const places = this.#taps.map((tap) => tap.place).filter((place) => place < this.#labels.length);
    return [...new Set(places)].sort((a, b) => a - b);
  }

  #finish(output, begun) {
    const samples = begun.floats ?? output;
    if (this.#taps.length) this.#callTaps(samples, begun.snapshots);
    if (begun.events.length) this.#handlers.tell(begun.events);
    if (begun.observers) this.#guard(begun, () => begun.observers.completed(samples, begun.label, begun.since));
    begun.operation?.end({ samplesOut: output.length });
    return output;
  }

  #callTaps(output, snapshots) {
    const places = this.#tapPlaces();
    for (const { callback, place, stage } of this.#taps) {
      const at = places.indexOf(place);
      try {
        callback(at >= 0 && snapshots[at] ? snapshots[at] : output, stage);
      } catch (error) {
        console.error(`Tap callback error at ${stage}:`, error);
      }
    }
  }

  /** What `console.log` prints: the stages in order. */
  [Symbol.for('nodejs.util.inspect.custom')](_depth, options) {
    const stages = this.#labels.length > 0 ? this.#labels.join(' → ') : 'no stages';
    return `DspProcessor { ${options.stylize(this.#disposed ? 'disposed' : stages, 'special')} }`;
  }

  // ---- streams --------------------------------------------------------------------------------

  stream(options) {
    return streams().stream(this, options);
  }

  webStream(options) {
    return streams().webStream(this, options);
  }

  iterate(source, options) {
    return streams().iterate(this, source, options);
  }

  // ---- the queue ------------------------------------------------------------------------------

  /**
   * Runs `task` when the calls before it have ended, in the tracing context of its caller. The task counts itself out
   * (`#pending--`). A `signal` takes it out of the queue; once it runs, it runs to its end.
   */
  #enqueue(task, signal) {
    this.#pending++;
    return new Promise((resolve, reject) => {
      const entry = { task: AsyncResource.bind(task), resolve, reject, started: undefined };
      this.#queue.push(entry);
      if (signal) entry.started = onAbort(signal, (reason) => this.#withdraw(entry, reason));
      if (!this.#running) this.#drain();
    });
  }

  #withdraw(entry, reason) {
    const place = this.#queue.indexOf(entry);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    this.#pending--;
    entry.reject(reason);
  }

  async #drain() {
    this.#running = true;
    while (this.#queue.length) {
      const { task, resolve, reject, started } = this.#queue.shift();
      started?.();
      try {
        resolve(await task());
      } catch (error) {
        reject(error);
      }
    }
    this.#running = false;
  }

  /** Does `work` at once if nothing is pending, else in its turn. */
  #inTurn(work, options, name) {
    let signal;
    try {
      signal = checkSignal(options?.signal, name);
      throwIfAborted(signal);
      if (this.#pending === 0) return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
    const turn = async () => {
      try {
        return work();
      } finally {
        this.#pending--;
      }
    };
    return this.#enqueue(turn, signal);
  }

  // ---- state ----------------------------------------------------------------------------------

  saveState(options) {
    return this.#inTurn(
      () =>
        this.#reported('saveState', () => {
          this.#checkOpen();
          const now = Date.now() / 1000;
          return options?.format === 'toon' ? this.#native.saveToon(now) : this.#native.saveJson(now);
        }),
      options,
      'saveState',
    );
  }

  loadState(state, options) {
    return this.#inTurn(
      () => {
        try {
          return this.#reported('loadState', () => this.#load(state, options));
        } catch (error) {
          if (this.#disposed || this.#config.fallbackOnLoadFailure !== true) throw error;
          console.warn(`[DspProcessor] loadState failed, the pipeline starts from a cleared state: ${error.message}`);
          this.#native.clear();
          return false;
        }
      },
      options,
      'loadState',
    );
  }

  /** Failures are deterministic, so there is nothing to retry: they are printed once and thrown. */
  #reported(name, work) {
    const operation = telemetry[name].active ? telemetry[name].begin({ pipeline: this.#label() }) : undefined;
    try {
      const result = work();
      operation?.end();
      return result;
    } catch (error) {
      operation?.fail(error);
      console.error(`[DspProcessor] ${name} failed: ${error.message}`);
      throw error;
    }
  }

  #load(state, { match = 'position', strict = false } = {}) {
    this.#checkOpen();
    checkLoadOptions(match, strict);
    this.#native.setDesign(this._design);
    const saved = typeof state === 'string' ? state : jsonOr(bytesOf(state));
    const warnings =
      typeof saved === 'string'
        ? this.#native.loadJson(saved, match === 'id', strict)
        : this.#native.loadToon(binaryState(saved, match), strict);
    for (const warning of warnings) console.warn(warning);
    this.#stagesChanged();
    return true;
  }

  clearState() {
    this.#checkOpen();
    this.#checkIdle('clearState');
    this.#native.clear();
  }

  listState() {
    this.#checkOpen();
    this.#checkIdle('listState');
    const stages = this.#native.list();
    return { stageCount: stages.length, timestamp: Math.floor(Date.now() / 1000), stages };
  }

  dispose() {
    if (this.#disposed) return;
    if (this.#pending > 0) throw new Error('Cannot dispose pipeline: process() is still running');
    this.#disposed = true;
    this.#native = new native.NativePipeline();
  }

  /** Disposes when the calls made so far, and those made meanwhile, have ended. @private */
  async _disposeWhenIdle() {
    while (this.#pending > 0) await this.#inTurn(() => {});
    this.dispose();
  }
}

/** `using` and `await using`, where this Node knows them. */
for (const [symbol, method] of [
  [Symbol.dispose, 'dispose'],
  [Symbol.asyncDispose, '_disposeWhenIdle'],
]) {
  if (!symbol) continue;
  const value = {
    [method]() {
      return this[method]();
    },
  }[method];
  Object.defineProperty(DspProcessor.prototype, symbol, { configurable: true, writable: true, value });
}

/** The parameters with the sample rate that they leave to the pipeline. */
function withRate(params, sampleRate) {
  if (params === undefined) return { sampleRate };
  if (params === null || typeof params !== 'object' || params.sampleRate !== undefined) return params;
  return { ...params, sampleRate };
}

/** Takes the copies that the native side made for taps and callbacks; `keep` says that the last one is the result. */
function takeSnapshots(source, begun, places, keep) {
  if (places.length || keep) begun.snapshots = source.takeSnapshots();
  if (keep) begun.floats = begun.snapshots.pop();
}

/** @throws {TypeError} if the samples of a call were transferred while it waited */
function checkPresent({ samples, conversion, length }) {
  const present = samples ? samples.length : conversion.bytes.length / conversion.size;
  if (present !== length) throw detached();
}

function checkLoadOptions(match, strict) {
  if (match !== 'position' && match !== 'id') {
    throw new TypeError(`loadState: match must be "position" or "id", got ${String(match)}`);
  }
  if (typeof strict !== 'boolean') throw new TypeError(`loadState: strict must be a boolean, got ${String(strict)}`);
}

/** Binary states know the order of stages only. */
function binaryState(state, match) {
  if (match === 'id') throw new TypeError('loadState: match "id" needs a JSON state, a binary one holds no ids');
  return state;
}

function bytesOf(state) {
  const bytes = ArrayBuffer.isView(state)
    ? new Uint8Array(state.buffer, state.byteOffset, state.byteLength)
    : state instanceof ArrayBuffer
      ? new Uint8Array(state)
      : undefined;
  if (!bytes?.length) throw new TypeError('loadState: Expected state JSON string or Buffer');
  return bytes;
}

/** The text of bytes that are JSON, as a client of Redis hands them out; else the bytes. No binary state begins with a brace. */
function jsonOr(bytes) {
  const first = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return bytes[first] === 0x7b ? new TextDecoder().decode(bytes) : bytes;
}

for (const { method } of stages) {
  Object.defineProperty(DspProcessor.prototype, method, {
    configurable: true,
    writable: true,
    value: {
      [method](params) {
        return this._add(method, params);
      },
    }[method],
  });
}

addFilterMethods(DspProcessor);
suggestMethods(DspProcessor.prototype, 'A pipeline');

/**
 * @param {import('../..').StateResilienceConfig} [config]
 * @returns {DspProcessor} a pipeline without stages
 */
function createDspPipeline(config) {
  return new DspProcessor(CREATOR, { ...config });
}

/**
 * Makes the pipeline that `toJSON()` has written down, or a person: a list of stages, each `"Method"` or
 * `{ "Method": { parameters } }`, or an object with such a list `stages` and `sampleRate`, `design`.
 */
createDspPipeline.from = function from(definition) {
  const { stages, sampleRate, design } = readDocument(definition);
  const pipeline = new DspProcessor(CREATOR, { sampleRate, design });
  stages.forEach((entry, index) => {
    const { method, params } = readStage(entry, `stage ${index + 1}`);
    pipeline[method](params);
  });
  return pipeline;
};

module.exports = { DspProcessor, createDspPipeline };
