'use strict';

const { checkPositive } = require('../common/arguments.js');
const native = require('../native/addon.js');

/** @typedef {import('../native/exports.js').NativePipeline} NativePipeline */

/** Nanoseconds that a sample takes to be copied for the result, when its memory is in no cache near by. */
const COPY_NS = 0.3;
/** Samples below which the cost of a call hides the cost of its samples. */
const MIN_MEASURED = 256;

/** The stages of a pipeline: the native object, and what this side needs to know of it. */
class StageList {
  /** @type {NativePipeline} */
  native = new native.NativePipeline();
  /** The label of each stage. @type {string[]} */
  labels = [];
  /** The id of each stage, `undefined` where it has none. @type {(string | undefined)[]} */
  ids = [];
  /** Whether calls must bring timestamps, and whole frames. */
  needs = { timestamps: false, wholeFrames: true };
  /** The duration per sample, ns: estimated from the stages, then measured. */
  #cost = 0;

  get length() {
    return this.labels.length;
  }

  /** The labels of all stages, for callbacks and logs. */
  get label() {
    return this.length > 0 ? this.labels.join(' → ') : 'pipeline';
  }

  /** The ratio of output samples (of the last stage) to input samples. */
  get ratio() {
    return this.native.latency(null).ratio;
  }

  /**
   * Returns how late the output is.
   *
   * @param {unknown} sampleRate Hz, at the input
   * @param {unknown} frequency Hz, of the component that is asked for; for all if `undefined`
   * @returns {import('../../index.js').PipelineLatency}
   * @throws {TypeError} for anything but positive numbers, and for a frequency without a rate
   */
  latency(sampleRate, frequency) {
    const rate = sampleRate === undefined ? undefined : checkPositive('latency: sampleRate', sampleRate);
    if (frequency === undefined) return latencyAt(this.native, null, rate);
    const hertz = checkPositive('latency: frequency', frequency);
    if (rate === undefined) throw new TypeError('latency: frequency needs sampleRate');
    return latencyAt(this.native, hertz / rate, rate);
  }

  /**
   * Notes a stage that was appended to the native pipeline.
   *
   * @param {string} label
   * @param {string | undefined} id
   */
  appended(label, id) {
    this.labels.push(label);
    this.ids.push(id);
    this.changed();
  }

  /** Asks the native side again for what depends on the stages and their states. */
  changed() {
    this.needs = { timestamps: this.native.needsTimestamps(), wholeFrames: !this.native.takesIncompleteFrames() };
    this.#cost = this.native.costHint();
  }

  /** @returns {StageList} the same stages with copies of their states */
  copy() {
    const copy = new StageList();
    copy.native = this.native.copy();
    copy.labels = [...this.labels];
    copy.ids = [...this.ids];
    copy.changed();
    return copy;
  }

  /** Frees the native stages. */
  drop() {
    this.native = new native.NativePipeline();
  }

  /**
   * @param {number} length samples
   * @param {boolean} isCopy whether the result stays where the samples are
   * @returns {number} nanoseconds that the calling thread would be held, as an estimate
   */
  duration(length, isCopy) {
    return length * (isCopy ? this.#cost : this.#cost + COPY_NS);
  }

  /**
   * Updates the estimate with the measured duration of a call.
   *
   * @param {number} length samples
   * @param {number} nanoseconds
   */
  learn(length, nanoseconds) {
    if (length >= MIN_MEASURED) this.#cost += 0.25 * (nanoseconds / length - this.#cost);
  }
}

/**
 * @param {NativePipeline} pipeline
 * @param {number | null} frequency cycles per sample
 * @param {number | undefined} rate Hz
 */
function latencyAt(pipeline, frequency, rate) {
  const { samples } = pipeline.latency(frequency);
  return { samples, ms: rate === undefined ? undefined : (samples * 1000) / rate };
}

module.exports = { StageList };
