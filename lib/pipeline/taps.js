'use strict';

const { checkFunction } = require('../common/arguments.js');

/**
 * @typedef {object} Tap
 * @property {import('../../index.js').TapCallback} callback
 * @property {number} position number of stages before it
 * @property {string} stage label of these stages
 */

/** @type {readonly number[]} */
const NO_POSITIONS = Object.freeze([]);

/**
 * The taps of a pipeline: callbacks that see the samples behind the stages that were there when they were registered.
 */
class Taps {
  /** @type {Tap[]} */
  #taps = [];

  get isEmpty() {
    return this.#taps.length === 0;
  }

  /**
   * @param {unknown} callback
   * @param {string[]} labels those of the stages before the tap
   * @throws {TypeError} if it is no function
   */
  add(callback, labels) {
    checkFunction('tap: callback', callback);
    const stage = labels.length > 0 ? labels.join(' → ') : 'start';
    this.#taps.push({ callback: /** @type {Tap['callback']} */ (callback), position: labels.length, stage });
  }

  /**
   * Returns the positions before the last stage at which taps want a copy, ascending and once each.
   *
   * @param {number} stages
   * @returns {number[]}
   */
  positions(stages) {
    if (this.isEmpty) return /** @type {number[]} */ (NO_POSITIONS);
    const positions = this.#taps.map((tap) => tap.position).filter((position) => position < stages);
    return [...new Set(positions)].sort((a, b) => a - b);
  }

  /**
   * Calls all taps. One that throws is reported and keeps no other from being called.
   *
   * @param {Float32Array} output of the last stage
   * @param {readonly Float32Array[]} snapshots copies at the positions
   * @param {number} stages
   */
  call(output, snapshots, stages) {
    const positions = this.positions(stages);
    for (const { callback, position, stage } of this.#taps) {
      const snapshot = snapshots[positions.indexOf(position)];
      try {
        callback(snapshot ?? output, stage);
      } catch (error) {
        console.error(`Tap callback error at ${stage}:`, error);
      }
    }
  }
}

module.exports = { Taps };
