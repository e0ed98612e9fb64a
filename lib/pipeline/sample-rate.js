'use strict';

const { checkPositive } = require('../common/arguments.js');

/**
 * @param {number} a Hz
 * @param {number} b Hz
 * @returns {boolean} whether they differ by rounding only, as ratios of resamplers do
 */
const isSameRate = (a, b) => Math.abs(a - b) <= 1e-9 * Math.abs(b);

/** The sample rate in Hz that a pipeline was made for: at its input and behind its stages. */
class PipelineRate {
  /** The rate at the input, Hz; `undefined` for a pipeline without one. @type {number | undefined} */
  #input;
  /**
   * A point at which the rate is known (the input, or behind an alignment in time), and the samples there per sample of
   * the input.
   */
  #known = { rate: 0, ratio: 1 };
  #hasWarned = false;

  /** @param {unknown} rate @throws {TypeError} for anything but a positive number or `undefined` */
  constructor(rate) {
    if (rate === undefined) return;
    this.#input = checkPositive('createDspPipeline: sampleRate', rate);
    this.#known.rate = this.#input;
  }

  /** The rate at the input, Hz; `undefined` for a pipeline without one. */
  get input() {
    return this.#input;
  }

  /**
   * Returns the rate behind the last stage.
   *
   * @param {number} ratio samples behind the last stage per sample of the input
   */
  behind(ratio) {
    return (this.#known.rate * ratio) / this.#known.ratio;
  }

  /**
   * Records the rate after the last stage, which has changed it.
   *
   * @param {number} rate
   * @param {number} ratio
   */
  set(rate, ratio) {
    this.#known = { rate, ratio };
  }

  /** @param {PipelineRate} other @returns {this} with what is known of the other one */
  takeFrom(other) {
    this.#known = other.#known;
    return this;
  }

  /**
   * Warns of a stage whose parameters give another rate than its input has.
   *
   * @param {string} method
   * @param {unknown} rate that the stage is told
   * @param {number} own that its input has
   */
  checkStage(method, rate, own) {
    if (typeof rate !== 'number' || isSameRate(rate, own)) return;
    this.#warn(`its samples come at ${own} Hz at this place, and ${method} is told ${rate} Hz`);
  }

  /**
   * Returns the rate of a call, 0 where neither it nor the pipeline has one; warns where they differ.
   *
   * @param {number} rate that the call says, 0 for none
   * @returns {number}
   */
  ofCall(rate) {
    if (this.#input === undefined) return rate;
    if (rate === 0) return this.#input;
    if (!isSameRate(rate, this.#input)) this.#warn(`a call says ${rate} Hz: filters pass other frequencies then`);
    return rate;
  }

  /** Warns once that a call or a stage has another rate. @param {string} difference */
  #warn(difference) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const text = `The pipeline was made for ${this.#input} Hz; ${difference}`;
    process.emitWarning(text, { code: 'DSPX_SAMPLE_RATE', type: 'DspxWarning' });
  }
}

/**
 * Returns parameters with the sample rate that they leave to the pipeline.
 *
 * @param {({ sampleRate?: number } & Record<string, unknown>) | null | undefined} params
 * @param {number} sampleRate Hz
 */
function withRate(params, sampleRate) {
  if (params === undefined) return { sampleRate };
  if (params === null || typeof params !== 'object' || params.sampleRate !== undefined) return params;
  return { ...params, sampleRate };
}

module.exports = { PipelineRate, withRate };
