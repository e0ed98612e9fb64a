'use strict';

const native = require('../native/addon.js');
const { DriftDetector } = require('../signal/timing/drift-detector.js');
const telemetry = require('../telemetry/operations.js');
const { EventHandlers, eventsOf } = require('./events.js');
const { Filling, checkPresent, nextTurn, readBack } = require('./job-samples.js');
const { Taps } = require('./taps.js');
const turns = require('./turn-budget.js');

/**
 * @typedef {import('./call-arguments.js').Call} Call
 * @typedef {import('./sample-formats.js').Conversion} Conversion
 * @typedef {import('../native/exports.js').EncodedArray} EncodedArray
 * @typedef {import('../native/exports.js').EventColumns} EventColumns
 * @typedef {import('../../index.js').PipelineEvent} PipelineEvent
 */

/**
 * A call under way.
 *
 * @typedef {object} Run
 * @property {number} since when it began, ms; 0 without callbacks
 * @property {InstanceType<typeof import('./pipeline-callbacks.js').PipelineCallbacks> | null} callbacks
 * @property {ReturnType<typeof telemetry.process.begin> | undefined} operation
 * @property {string} label of all stages; empty without callbacks
 * @property {Float32Array[]} snapshots copies for taps
 * @property {EncodedArray | undefined} output `undefined` where the samples were changed in place
 * @property {Float32Array | undefined} floats the result as float32, where it has another format and taps or callbacks
 * @property {PipelineEvent[]} events
 */

/** Estimated nanoseconds up to which a call is computed in the calling thread. */
const SHORT_NS = 100_000;
/** Estimated nanoseconds up to which a call waits for its turn rather than for a thread, which takes about as long. */
const TINY_NS = 50_000;

const NO_SNAPSHOTS = /** @type {Float32Array[]} */ (Object.freeze(/** @type {unknown[]} */ ([])));
const NO_EVENTS = /** @type {PipelineEvent[]} */ (Object.freeze(/** @type {unknown[]} */ ([])));

/**
 * Returns the times of a call in milliseconds.
 *
 * @param {import('../../index.js').Timestamps} times
 */
function milliseconds(times) {
  if (times instanceof BigInt64Array) return native.toMilliseconds(times);
  return times instanceof Float64Array ? times : new Float64Array(times);
}

/**
 * Returns the times of a call in memory that its samples are not in: they are written while times are read.
 *
 * @param {Float64Array} times
 * @param {Float32Array | undefined} samples
 */
const apartFrom = (times, samples) => (samples && times.buffer === samples.buffer ? times.slice() : times);

/** Sends the samples of calls through the stages, and calls taps, handlers and callbacks. */
class CallRunner {
  taps = new Taps();
  handlers = new EventHandlers();
  /** Those that `pipeline(callbacks)` registered. @type {Run['callbacks']} */
  callbacks = null;
  #stages;
  /** @type {InstanceType<typeof DriftDetector> | null} */
  #drift = null;

  /** @param {InstanceType<typeof import('./stage-list.js').StageList>} stages */
  constructor(stages) {
    this.#stages = stages;
  }

  /** Whether JavaScript has to run between the stages or behind them. */
  get hasCallbacks() {
    return !this.taps.isEmpty || this.callbacks !== null;
  }

  /**
   * Reports a call that is refused before it begins.
   *
   * @param {Call} call
   * @param {unknown} error
   */
  refuse(call, error) {
    this.callbacks?.started(call, this.#stages.length);
    this.callbacks?.failed(error, this.#stages.label);
  }

  /**
   * Computes a call in the calling thread, in the caller's array where there is no conversion. The result is in
   * `output`, or in that array.
   *
   * @param {Call} call
   * @returns {Run}
   */
  compute(call) {
    const run = this.#begin(call);
    const { native: pipeline } = this.#stages;
    const { samples, conversion, channels, rate } = call;
    const wantsEvents = this.#wantsEvents(call);
    if (wantsEvents) pipeline.collectEvents();
    else if (samples && !call.times && this.taps.isEmpty && !run.callbacks && !run.operation) {
      run.output = pipeline.process(samples, channels, rate) ?? undefined;
      return run;
    }
    return this.#guard(run, () => {
      const positions = this.taps.positions(this.#stages.length);
      const times = call.times && apartFrom(milliseconds(call.times), samples);
      const isSingle = call.times instanceof Float32Array;
      const keepsFloats = this.#keepsFloats(conversion, run);
      try {
        if (samples) {
          run.output = pipeline.processWith(samples, channels, rate, times, isSingle, positions) ?? undefined;
        } else {
          run.output = this.#processEncoded(call, times, isSingle, positions, keepsFloats);
        }
      } finally {
        if (wantsEvents) run.events = this.#takeEvents(call, pipeline.takeEvents());
      }
      takeSnapshots(pipeline, run, positions, keepsFloats);
      return run;
    });
  }

  /**
   * Whether a call that nothing waits for can be computed at once: it is short, and this turn has time for it.
   *
   * @param {Call} call
   * @param {boolean} isCopy
   */
  canComputeNow(call, isCopy) {
    const duration = this.#stages.duration(call.length, isCopy);
    return duration <= SHORT_NS && turns.hasTime(duration);
  }

  /**
   * Computes a short call in the calling thread.
   *
   * @param {Call} call
   * @param {boolean} isCopy whether the call's samples are a copy already
   * @param {<T>(work: () => T) => T} [during] runs the work where it does not yet count as a call
   * @returns {EncodedArray}
   */
  computeShort(call, isCopy, during = (work) => work()) {
    const start = performance.now();
    const run = during(() => this.compute(call));
    const computed = performance.now();
    this.#stages.learn(call.length, (computed - start) * 1e6);
    const output = run.output ?? (isCopy ? samplesOf(call) : new Float32Array(samplesOf(call)));
    turns.spend((performance.now() - start) * 1e6);
    return this.finish(output, run);
  }

  /**
   * Computes a call whose turn has come: on a worker thread, unless it is short.
   *
   * @param {Call} call
   * @param {boolean} isCopy whether the call's samples are a copy, so that nothing has to be written back
   * @param {() => void} leave called when the work is done, before user code is
   * @returns {Promise<EncodedArray>}
   */
  async computeInTurn(call, isCopy, leave) {
    let run;
    let output;
    try {
      const duration = this.#stages.duration(call.length, isCopy);
      if (duration <= SHORT_NS) {
        const waits = !turns.hasTime(duration);
        // Beside calls that wait already, longer ones use the other cores.
        const isHere = !waits || duration <= TINY_NS || !turns.isContended();
        if (waits && isHere) await turns.turnFor(duration);
        checkPresent(call);
        if (isHere) return this.computeShort(call, isCopy);
      }
      checkPresent(call);
      run = this.#begin(call);
      output = await this.#computeOnThread(call, isCopy, run);
    } finally {
      leave();
    }
    return this.finish(output, run);
  }

  /**
   * Calls taps, event handlers and callbacks behind the native work, and returns the output.
   *
   * @template {EncodedArray} Output
   * @param {Output} output
   * @param {Run} run
   * @returns {Output}
   */
  finish(output, run) {
    const samples = run.floats ?? /** @type {Float32Array} */ (output);
    if (!this.taps.isEmpty) this.taps.call(samples, run.snapshots, this.#stages.length);
    if (run.events.length) this.handlers.dispatch(run.events);
    const { callbacks } = run;
    if (callbacks) this.#guard(run, () => callbacks.completed(samples, run.label, run.since));
    run.operation?.end({ samplesOut: output.length });
    return output;
  }

  /**
   * Ends the stream: the samples still inside come out, and the stages are as new.
   *
   * @param {number} rate Hz, 0 for none
   * @param {number} format the native side's number of the output's format
   * @param {boolean} dither
   */
  end(rate, format, dither) {
    const { native: pipeline, ids } = this.#stages;
    pipeline.collectEvents();
    /** @type {EncodedArray} */
    let samples;
    /** @type {PipelineEvent[]} */
    let events;
    try {
      samples = pipeline.finishEncoded(rate, format, dither);
    } finally {
      events = eventsOf(pipeline.takeEvents(), ids);
    }
    this.handlers.dispatch(events);
    return { samples, events };
  }

  /** Drift detection and the log of the beginning. @param {Call} call @returns {Run} */
  #begin(call) {
    if (call.options.enableDriftDetection === true && call.times && call.rate) this.#detectDrift(call, call.times);
    const { callbacks } = this;
    /** @type {Run} */
    const run = {
      since: 0,
      callbacks,
      operation: telemetry.process.active ? this.#beginOperation(call) : undefined,
      label: '',
      snapshots: NO_SNAPSHOTS,
      output: undefined,
      floats: undefined,
      events: NO_EVENTS,
    };
    if (!callbacks) return run;
    run.label = this.#stages.label;
    run.since = performance.now();
    this.#guard(run, () => callbacks.started(call, this.#stages.length));
    return run;
  }

  /** @param {Call} call */
  #beginOperation({ length, channels, rate }) {
    const { label, length: stages } = this.#stages;
    return telemetry.process.begin({ pipeline: label, stages, channels, sampleRate: rate, samples: length });
  }

  /**
   * @template T
   * @param {Run} run is told of a failure
   * @param {() => T} work
   * @returns {T}
   */
  #guard(run, work) {
    try {
      return work();
    } catch (error) {
      this.#failed(run, error);
      throw error;
    }
  }

  /** @param {Run} run @param {unknown} error */
  #failed({ operation, callbacks, label }, error) {
    operation?.fail(error);
    callbacks?.failed(error, label);
  }

  /** @param {Call} call */
  #wantsEvents(call) {
    return call.collected !== undefined || !this.handlers.isEmpty;
  }

  /** @param {Call} call @param {EventColumns | null} columns */
  #takeEvents(call, columns) {
    const events = eventsOf(columns, this.#stages.ids);
    if (call.collected) call.collected.events = events;
    return events;
  }

  /**
   * @param {Call} call
   * @param {Float64Array | undefined} times ms
   * @param {boolean} isSingle whether the times came in single precision
   * @param {number[]} positions of taps
   * @param {boolean} keepsFloats
   */
  #processEncoded({ conversion, channels, rate }, times, isSingle, positions, keepsFloats) {
    const { bytes, format, output, dither } = /** @type {Conversion} */ (conversion);
    const { native: pipeline } = this.#stages;
    return pipeline.processEncoded(
      bytes,
      format,
      output,
      dither,
      channels,
      rate,
      times,
      isSingle,
      positions,
      keepsFloats,
    );
  }

  /**
   * Whether the result is needed as float32 besides: taps and callbacks see nothing else.
   *
   * @param {Conversion | undefined} conversion
   * @param {Run} run
   */
  #keepsFloats(conversion, { callbacks }) {
    return conversion !== undefined && !conversion.isFloat32 && (!this.taps.isEmpty || callbacks !== null);
  }

  /** @param {Call} call @param {boolean} isCopy @param {Run} run */
  async #computeOnThread(call, isCopy, run) {
    try {
      const positions = this.taps.positions(this.#stages.length);
      const { conversion } = call;
      const job = new native.Job(call.length, call.times !== undefined);
      const filling = new Filling(job, call);
      while (!filling.copy()) await nextTurn();
      const keepsFloats = this.#keepsFloats(conversion, run);
      if (conversion) job.encode(conversion.output, conversion.dither, keepsFloats);
      const wantsEvents = this.#wantsEvents(call);
      const duration = await job.run(this.#stages.native, call.channels, call.rate, positions, wantsEvents);
      this.#stages.learn(call.length, /** @type {number} */ (duration));
      if (wantsEvents) run.events = this.#takeEvents(call, job.takeEvents());
      takeSnapshots(job, run, positions, keepsFloats);
      if (conversion) return /** @type {EncodedArray} */ (job.takeEncoded());
      if (!isCopy) await readBack(job, samplesOf(call));
      return job.takeOutput();
    } catch (error) {
      this.#failed(run, error);
      throw error;
    }
  }

  /** @param {Call} call @param {import('../../index.js').Timestamps} times */
  #detectDrift({ rate, channels, options }, times) {
    if (this.#drift?.getExpectedSampleRate() !== rate) this.#drift = new DriftDetector({ expectedSampleRate: rate });
    const detector = /** @type {InstanceType<typeof DriftDetector>} */ (this.#drift);
    detector._configure({ driftThreshold: options.driftThreshold, onDriftDetected: options.onDriftDetected });
    detector.processBatch(milliseconds(times), channels);
  }
}

/** @param {Call} call one without a conversion @returns {Float32Array} its samples */
const samplesOf = (call) => /** @type {Float32Array} */ (call.samples);

/**
 * Takes the copies that the native side made for taps and callbacks.
 *
 * @param {{ takeSnapshots(): Float32Array[] }} source
 * @param {Run} run
 * @param {number[]} positions
 * @param {boolean} keepsFloats whether the last copy is the result
 */
function takeSnapshots(source, run, positions, keepsFloats) {
  if (positions.length || keepsFloats) run.snapshots = source.takeSnapshots();
  if (keepsFloats) run.floats = run.snapshots.pop();
}

module.exports = { CallRunner };
