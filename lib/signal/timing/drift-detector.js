'use strict';
/**
 * Timing of a stream of timestamps (milliseconds): drift against a nominal rate, gaps, order, estimated rate.
 *
 * These stay in JavaScript: the detector calls user code for each sample, and the helpers make objects from a handful
 * of subtractions, which costs less than a call across the native border.
 */

const {
  checkFinite,
  checkMemory,
  checkNumbers,
  checkOptions,
  checkPositive,
  nameOf,
  shown,
  wayOut,
} = require('../../common/arguments.js');
const { checkDesign, getDefaultDesign } = require('../filter/design.js');

/** @typedef {import('../../../index.js').DriftDetectorOptions} DriftDetectorOptions */
/** @typedef {import('../../../index.js').Timestamps} Timestamps */

/** @type {(statistics: import('../../../index.js').DriftStatistics) => void} */
const noop = () => {};

/**
 * Returns timestamps as something to index: floats are milliseconds as they are, a BigInt64Array holds nanoseconds.
 *
 * @param {unknown} timestamps
 * @param {string} who the function, for messages
 * @throws {TypeError} for other types
 * @throws {RangeError} for a stamp that is not finite: no order, gap or rate follows from it
 * @returns {ArrayLike<number>}
 */
function milliseconds(timestamps, who) {
  const name = `${who}: timestamps`;
  if (timestamps instanceof BigInt64Array) {
    return Float64Array.from(checkMemory(name, timestamps), (t) => Number(t) / 1e6);
  }
  const stamps = floatsOf(timestamps, name);
  for (let i = 0; i < stamps.length; i++) {
    if (!Number.isFinite(stamps[i])) throw new RangeError(`${name} must be finite, got ${stamps[i]} at index ${i}`);
  }
  return stamps;
}

/** @param {unknown} timestamps @param {string} name @returns {ArrayLike<number>} @throws {TypeError} for other types */
function floatsOf(timestamps, name) {
  if (timestamps instanceof Float64Array || timestamps instanceof Float32Array) return checkMemory(name, timestamps);
  if (Array.isArray(timestamps)) return checkNumbers(name, timestamps);
  const got = `${nameOf(timestamps)}${wayOut(timestamps, 'Float64Array')}`;
  throw new TypeError(`${name} must be a Float64Array, Float32Array, BigInt64Array or number[], got ${got}`);
}

/**
 * Returns a listener, which does nothing where there is none.
 *
 * @param {string} name
 * @param {unknown} listener
 * @returns {typeof noop}
 * @throws {TypeError} for anything but a function
 */
function listenerOf(name, listener) {
  if (listener === undefined || listener === null) return noop;
  if (typeof listener === 'function') return /** @type {typeof noop} */ (listener);
  throw new TypeError(`DriftDetector: ${name} must be a function, got ${shown(listener)}`);
}

/** @param {unknown} threshold percent @returns {number} @throws {TypeError | RangeError} unless it is 0 or more */
function thresholdOf(threshold) {
  const percent = checkFinite('DriftDetector: driftThreshold', threshold);
  if (percent >= 0) return percent;
  throw new RangeError(`DriftDetector: driftThreshold must be at least 0, got ${percent}`);
}

/**
 * Returns mean and population standard deviation of `n` values from their sums, the variance kept from going below 0.
 *
 * @param {number} sum
 * @param {number} sumOfSquares
 * @param {number} n
 * @returns {[mean: number, deviation: number]}
 */
function meanAndDeviation(sum, sumOfSquares, n) {
  const mean = sum / n;
  return [mean, Math.sqrt(Math.max(0, sumOfSquares / n - mean * mean))];
}

class DriftDetector {
  #rate;
  #threshold;
  #onDrift;
  #onTiming;
  #previous = 0;
  #samples = 0;
  #events = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #min = Infinity;
  #max = -Infinity;
  /** Largest absolute drift, ms. */
  #worst = 0;

  /** @param {DriftDetectorOptions} [options] */
  constructor(options) {
    const given = checkOptions('DriftDetector: options', options);
    const { expectedSampleRate = 1000, driftThreshold = 10, onDriftDetected, onTimingMeasured } = given;
    this.#rate = checkPositive('DriftDetector: expectedSampleRate', expectedSampleRate);
    this.#threshold = thresholdOf(driftThreshold);
    this.#onDrift = listenerOf('onDriftDetected', onDriftDetected);
    this.#onTiming = listenerOf('onTimingMeasured', onTimingMeasured);
    this.reset();
  }

  /**
   * Changes the threshold and the listener of drift; the running metrics and the last timestamp stay.
   *
   * @param {Pick<DriftDetectorOptions, 'driftThreshold' | 'onDriftDetected'>} options
   */
  _configure({ driftThreshold = 10, onDriftDetected }) {
    this.#threshold = thresholdOf(driftThreshold);
    this.#onDrift = listenerOf('onDriftDetected', onDriftDetected);
  }

  /** @param {number} timestamp ms @throws {TypeError | RangeError} for anything but a finite number */
  processSample(timestamp) {
    this.#add(checkFinite('DriftDetector: timestamp', timestamp));
  }

  /** @param {number} timestamp ms */
  #add(timestamp) {
    const sampleIndex = this.#samples++;
    if (sampleIndex > 0) {
      try {
        this.#measure(timestamp, sampleIndex);
      } finally {
        this.#previous = timestamp;
      }
    } else {
      this.#previous = timestamp;
    }
  }

  /** @param {number} currentTimestamp @param {number} sampleIndex */
  #measure(currentTimestamp, sampleIndex) {
    const previousTimestamp = this.#previous;
    const deltaMs = currentTimestamp - previousTimestamp;
    const expectedMs = 1000 / this.#rate;
    const absoluteDrift = Math.abs(deltaMs - expectedMs);
    const relativeDrift = (absoluteDrift / expectedMs) * 100;
    this.#sum += deltaMs;
    this.#sumOfSquares += deltaMs * deltaMs;
    if (deltaMs < this.#min) this.#min = deltaMs;
    if (deltaMs > this.#max) this.#max = deltaMs;
    if (absoluteDrift > this.#worst) this.#worst = absoluteDrift;
    const drifted = relativeDrift > this.#threshold;
    if (!drifted && this.#onTiming === noop) return;
    const stats = {
      deltaMs,
      expectedMs,
      absoluteDrift,
      relativeDrift,
      sampleIndex,
      currentTimestamp,
      previousTimestamp,
    };
    this.#onTiming(stats);
    if (drifted) {
      this.#events++;
      this.#onDrift(stats);
    }
  }

  /**
   * Feeds every `stride`-th timestamp (one per frame where the channels of a frame share it).
   *
   * @param {Timestamps} timestamps
   * @param {number} [stride]
   * @throws {TypeError} when `stride` is not a number, or `timestamps` no array
   * @throws {RangeError} when `stride` is not a positive integer: the loop would not end, or read between the stamps
   */
  processBatch(timestamps, stride = 1) {
    const t = milliseconds(timestamps, 'DriftDetector');
    if (typeof stride !== 'number') throw new TypeError(`DriftDetector: stride must be a number, got ${shown(stride)}`);
    if (!Number.isSafeInteger(stride) || stride < 1) {
      throw new RangeError(`DriftDetector: stride must be a positive integer, got ${stride}`);
    }
    for (let i = 0; i < t.length; i += stride) this.#add(t[i]);
  }

  getMetrics() {
    const intervals = this.#samples - 1;
    const [averageDelta, stdDevDelta] =
      intervals > 0 ? meanAndDeviation(this.#sum, this.#sumOfSquares, intervals) : [0, 0];
    return {
      samplesProcessed: this.#samples,
      driftEventsCount: this.#events,
      minDelta: this.#min === Infinity ? 0 : this.#min,
      maxDelta: this.#max === -Infinity ? 0 : this.#max,
      averageDelta,
      stdDevDelta,
      maxDriftObserved: this.#worst,
    };
  }

  reset() {
    this.#previous = 0;
    this.#samples = this.#events = this.#sum = this.#sumOfSquares = this.#worst = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  getExpectedSampleRate() {
    return this.#rate;
  }
}

/**
 * @param {string} name of the function
 * @param {{ design?: unknown } | undefined} options
 * @returns {boolean} whether dspx's numbers are wanted
 */
function isDspx(name, options) {
  const { design } = checkOptions(`${name}: options`, options);
  return (design === undefined ? getDefaultDesign() : checkDesign(design)) === 'dspx';
}

/**
 * Lists the intervals longer than `gapThreshold` nominal ones. The samples missing in one are rounded: stamps jitter.
 *
 * @param {Timestamps} timestamps
 * @param {number} expectedSampleRate Hz
 * @param {number} [gapThreshold] intervals
 * @param {{ design?: import('../../../index.js').FilterDesign }} [options] `"dspx"` rounds down
 */
function detectGaps(timestamps, expectedSampleRate, gapThreshold = 2, options) {
  const round = isDspx('detectGaps', options) ? Math.floor : Math.round;
  const t = milliseconds(timestamps, 'detectGaps');
  const expectedMs = 1000 / checkPositive('detectGaps: expectedSampleRate', expectedSampleRate);
  checkPositive('detectGaps: gapThreshold', gapThreshold);
  const gaps = [];
  for (let i = 1; i < t.length; i++) {
    const durationMs = t[i] - t[i - 1];
    if (durationMs > gapThreshold * expectedMs) {
      gaps.push({
        startIndex: i - 1,
        endIndex: i,
        durationMs,
        expectedSamples: Math.max(0, round(durationMs / expectedMs) - 1),
        timestampBefore: t[i - 1],
        timestampAfter: t[i],
      });
    }
  }
  return gaps;
}

/** @param {Timestamps} timestamps */
function validateMonotonicity(timestamps) {
  const t = milliseconds(timestamps, 'validateMonotonicity');
  const violations = [];
  for (let i = 1; i < t.length; i++) {
    if (t[i] <= t[i - 1]) {
      violations.push({
        index: i,
        currentTimestamp: t[i],
        previousTimestamp: t[i - 1],
        violation: t[i] < t[i - 1] ? 'backwards' : 'duplicate',
      });
    }
  }
  return violations;
}

/**
 * Upper bounds of the coefficient of variation of the intervals, by name.
 *
 * @type {[bound: number, name: import('../../../index.js').SampleRateEstimate['regularity']][]}
 */
const REGULARITY = [
  [0.01, 'excellent'],
  [0.05, 'good'],
  [0.15, 'fair'],
  [0.3, 'poor'],
];

/** @param {Float64Array} values at least one; sorted in place */
function median(values) {
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/**
 * Estimates the rate from the median interval: a pause, or a few lost samples, do not change it. Mean, deviation and
 * regularity are of all intervals.
 *
 * @param {Timestamps} timestamps
 * @param {{ design?: import('../../../index.js').FilterDesign }} [options] `"dspx"` takes the mean interval
 * @returns {import('../../../index.js').SampleRateEstimate}
 */
function estimateSampleRate(timestamps, options) {
  const usesMean = isDspx('estimateSampleRate', options);
  const t = milliseconds(timestamps, 'estimateSampleRate');
  if (t.length < 2) {
    return {
      estimatedRate: 0,
      averageInterval: 0,
      stdDevInterval: 0,
      coefficientOfVariation: 0,
      regularity: 'irregular',
    };
  }
  let sum = 0;
  let sumOfSquares = 0;
  const intervals = new Float64Array(t.length - 1);
  for (let i = 1; i < t.length; i++) {
    const delta = t[i] - t[i - 1];
    intervals[i - 1] = delta;
    sum += delta;
    sumOfSquares += delta * delta;
  }
  const [averageInterval, stdDevInterval] = meanAndDeviation(sum, sumOfSquares, t.length - 1);
  const coefficientOfVariation = averageInterval > 0 ? stdDevInterval / averageInterval : Infinity;
  const regularity = REGULARITY.find(([bound]) => coefficientOfVariation < bound)?.[1] ?? 'irregular';
  const estimatedRate = 1000 / (usesMean ? averageInterval : median(intervals));
  return { estimatedRate, averageInterval, stdDevInterval, coefficientOfVariation, regularity };
}

module.exports = { DriftDetector, detectGaps, validateMonotonicity, estimateSampleRate };
