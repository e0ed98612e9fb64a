'use strict';

const native = require('../../native/addon.js');
const { getDefaultDesign } = require('./design.js');
const { suggestMethods } = require('../../native/suggestions.js');

function checkSamples(samples) {
  if (!(samples instanceof Float32Array)) throw new TypeError(`Expected Float32Array, got ${typeof samples}`);
  return samples;
}

/** Only the creators make filters. */
const CREATOR = Symbol('creator');

/** What FIR and IIR filters of one channel have in common. */
class Filter {
  /** @protected */
  _native;

  constructor(key, filter) {
    if (key !== CREATOR) throw new TypeError(`${new.target.name} has no public constructor: use its create methods`);
    Object.defineProperty(this, '_native', { value: filter });
  }

  async process(input) {
    const output = new Float32Array(checkSamples(input));
    this._native.process(output);
    return output;
  }

  async processSample(input) {
    if (typeof input !== 'number') throw new TypeError(`Expected number, got ${typeof input}`);
    return this._native.processSample(input);
  }

  async filtfilt(signal) {
    return this._native.filtfilt(checkSamples(signal));
  }

  frequencyResponse(frequencies) {
    return this._native.frequencyResponse(frequencies);
  }

  groupDelay(frequencies) {
    return this._native.groupDelay(frequencies);
  }

  reset() {
    this._native.reset();
  }
}

/** Gives `target` a static method for each name, made by the native class. */
function addCreators(target, Native, names) {
  for (const name of names) {
    const create = {
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

  constructor(numTaps, options) {
    this.#native = new native.NativeLms(numTaps, options);
  }

  init(numChannels) {
    this.#native.init(numChannels);
  }

  process(input, desired, output, error, adapt = true) {
    [input, desired, output, error].forEach(checkSamples);
    this.#native.process(input, desired, output, error, adapt !== false);
  }

  filter(input, output) {
    this.#native.filter(checkSamples(input), checkSamples(output));
  }

  reset() {
    this.#native.reset();
  }

  getWeights(channel) {
    return this.#native.weights(channel);
  }

  setWeights(channel, weights) {
    this.#native.setWeights(channel, checkSamples(weights));
  }

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

/** `count` bands of `order` between the ends of `range`. */
function bank(scale, order, lowest) {
  return (count, sampleRate, range = [lowest, sampleRate / 2], options = {}) =>
    FilterBankDesign.design({ scale, count, sampleRate, frequencyRange: range, order, design: options?.design });
}

class FilterBankDesign {
  static design(options) {
    return native.designFilterBank(options, getDefaultDesign());
  }

  static getBoundaries(options) {
    return native.filterBankBoundaries(options);
  }

  static createMel = bank('mel', 2, 0);
  static createBark = bank('bark', 2, 0);
  static createLog = bank('log', 3, 20);
  static createLinear = bank('linear', 2, 0);
}

/** The parameters with the design that they leave to the pipeline. */
function withDesign(params, design) {
  if (params === null || typeof params !== 'object' || params.design !== undefined) return params;
  return { ...params, design };
}

/** `filter` and `RlsFilter` of a pipeline, which take its design. */
function addFilterMethods(DspProcessor) {
  const methods = {
    RlsFilter(params) {
      return this._add('RlsFilter', withDesign(params, this._design));
    },
    filter(options) {
      try {
        this._checkCanAdd('filter');
      } catch (error) {
        throw new Error(`Failed to add filter stage to pipeline: ${error.message}`, { cause: error });
      }
      return this._add('filter', withDesign(options, this._design));
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(DspProcessor.prototype, name, { configurable: true, writable: true, value });
  }
}

module.exports = {
  FirFilter,
  Fir: FirFilter,
  IirFilter,
  Iir: IirFilter,
  AdaptiveLMSFilter,
  FilterBankDesign,
  addFilterMethods,
};
