'use strict';

const native = require('../../native/addon.js');
const { checkFloat32Array, checkNumber, checkOptions, nameOf, shown, wayOut } = require('../../common/arguments.js');
const { getDefaultDesign } = require('./design.js');
const { suggestMethods } = require('../../native/suggestions.js');

/**
 * @param {string} where the method, for messages
 * @param {unknown} samples
 * @returns {Float32Array}
 * @throws {TypeError} for other types
 */
function samplesOf(where, samples) {
  if (samples instanceof Float32Array) return checkFloat32Array(`${where}: input`, samples);
  const got = `${nameOf(samples)}${wayOut(samples, 'Float32Array')}`;
  throw new TypeError(`${where}: expected Float32Array, got ${got}`);
}

/**
 * The native filter behind a filter.
 *
 * @typedef {import('../../native/exports.js').NativeFir & import('../../native/exports.js').NativeIir} Native
 */

/** @typedef {{ new (key: symbol, filter: Native): Filter, name: string }} Creatable a class with `create…` methods */

/** The key of the constructors: only the static creators have it. */
const CREATOR = Symbol('creator');

/** The common part of FIR and IIR filters of one channel. */
class Filter {
  /** @type {Native} */
  _native;

  /** @param {symbol} key @param {Native} filter */
  constructor(key, filter) {
    if (key !== CREATOR) throw new TypeError(`${new.target.name} has no public constructor: use its create methods`);
    this._native = filter;
  }

  /** @param {Float32Array} input */
  async process(input) {
    const output = new Float32Array(samplesOf(`${this.constructor.name}.process`, input));
    this._native.process(output);
    return output;
  }

  /** @param {number} input */
  async processSample(input) {
    if (typeof input !== 'number') {
      throw new TypeError(`${this.constructor.name}.processSample: expected number, got ${shown(input)}`);
    }
    return this._native.processSample(input);
  }

  /** @param {Float32Array} signal */
  async filtfilt(signal) {
    return this._native.filtfilt(samplesOf(`${this.constructor.name}.filtfilt`, signal));
  }

  /** @param {unknown} frequencies Hz */
  frequencyResponse(frequencies) {
    return this._native.frequencyResponse(frequencies);
  }

  /** @param {unknown} frequencies Hz */
  groupDelay(frequencies) {
    return this._native.groupDelay(frequencies);
  }

  reset() {
    this._native.reset();
  }
}

/**
 * Adds a static method for each name to a class; the method makes a filter of the native class.
 *
 * @param {Creatable} target
 * @param {new (method: string, options: unknown, design: string) => any} Native
 * @param {string[]} names
 */
function addCreators(target, Native, names) {
  for (const name of names) {
    const create = {
      /** @param {unknown} options */
      [name](options) {
        return new target(CREATOR, new Native(name, options, getDefaultDesign()));
      },
    }[name];
    Object.defineProperty(target, name, { configurable: true, writable: true, value: create });
  }
}

const methods = native.filterMethods();

class FirFilter extends Filter {
  getCoefficients() {
    return this._native.taps();
  }

  getOrder() {
    return this._native.taps().length - 1;
  }
}
addCreators(FirFilter, native.NativeFir, methods.fir);

class IirFilter extends Filter {
  getBCoefficients() {
    return this._native.b();
  }

  getACoefficients() {
    return this._native.a();
  }

  getSections() {
    return this._native.sections();
  }

  getOrder() {
    return this._native.order();
  }

  isStable() {
    return this._native.isStable();
  }
}
addCreators(IirFilter, native.NativeIir, methods.iir);

suggestMethods(FirFilter, 'FirFilter');
suggestMethods(IirFilter, 'IirFilter');

class AdaptiveLMSFilter {
  #native;

  /** @param {number} numTaps @param {object} [options] */
  constructor(numTaps, options) {
    this.#native = new native.NativeLms(numTaps, options);
  }

  /** @param {number} numChannels */
  init(numChannels) {
    this.#native.init(numChannels);
  }

  /**
   * @param {Float32Array} input
   * @param {Float32Array} desired
   * @param {Float32Array} output
   * @param {Float32Array} error
   * @param {boolean} [adapt]
   */
  process(input, desired, output, error, adapt = true) {
    for (const [name, array] of Object.entries({ input, desired, output, error })) {
      checkFloat32Array(`AdaptiveLMSFilter.process: ${name}`, array);
    }
    if (typeof adapt !== 'boolean') {
      throw new TypeError(`AdaptiveLMSFilter.process: adapt must be a boolean, got ${shown(adapt)}`);
    }
    this.#native.process(input, desired, output, error, adapt);
  }

  /** @param {Float32Array} input @param {Float32Array} output */
  filter(input, output) {
    checkFloat32Array('AdaptiveLMSFilter.filter: input', input);
    this.#native.filter(input, checkFloat32Array('AdaptiveLMSFilter.filter: output', output));
  }

  reset() {
    this.#native.reset();
  }

  /** @param {number} channel */
  getWeights(channel) {
    return this.#native.weights(channel);
  }

  /** @param {number} channel @param {Float32Array} weights */
  setWeights(channel, weights) {
    this.#native.setWeights(channel, checkFloat32Array('AdaptiveLMSFilter.setWeights: weights', weights));
  }

  /** @param {number} mu */
  setLearningRate(mu) {
    this.#native.setLearningRate(mu);
  }

  getLearningRate() {
    return this.#native.learningRate();
  }

  getNumTaps() {
    return this.#native.taps();
  }
}

/**
 * Returns a function that designs `count` bands of an order between the ends of a range.
 *
 * @param {import('../../../index.js').FilterScale} scale
 * @param {number} order
 * @param {number} lowest lower end of the range unless one is given, Hz
 */
function bank(scale, order, lowest) {
  /**
   * @param {number} count
   * @param {number} sampleRate Hz
   * @param {[low: number, high: number]} [range] Hz
   * @param {{ design?: import('../../../index.js').FilterDesign }} [options]
   */
  return (count, sampleRate, range, options) => {
    const frequencyRange = range ?? [lowest, checkNumber('FilterBankDesign: sampleRate', sampleRate) / 2];
    const { design } = checkOptions('FilterBankDesign: options', options);
    return FilterBankDesign.design({ scale, count, sampleRate, frequencyRange, order, design });
  };
}

class FilterBankDesign {
  /** @param {object} options */
  static design(options) {
    return native.designFilterBank(options, getDefaultDesign());
  }

  /** @param {object} options */
  static getBoundaries(options) {
    return native.filterBankBoundaries(options);
  }

  static createMel = bank('mel', 2, 0);
  static createBark = bank('bark', 2, 0);
  static createLog = bank('log', 3, 20);
  static createLinear = bank('linear', 2, 0);
}

module.exports = {
  FirFilter,
  Fir: FirFilter,
  IirFilter,
  Iir: IirFilter,
  AdaptiveLMSFilter,
  FilterBankDesign,
};
