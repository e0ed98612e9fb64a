'use strict';
/**
 * Timing of a stream of timestamps (milliseconds): drift against a nominal rate, gaps, order, estimated rate.
 *
 * These stay in JavaScript: the detector calls user code for each sample, and the helpers make objects from a handful
 * of subtractions, which costs less than a call across the native border.
 */

const { show } = require('../../common/text.js');

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
 * @returns {ArrayLike<number>}
 */
function milliseconds(timestamps, who) {
  if (timestamps instanceof BigInt64Array) return Float64Array.from(timestamps, (t) => Number(t) / 1e6);
  const isIndexed = Array.isArray(timestamps) || (ArrayBuffer.isView(timestamps) && 'length' in timestamps);
  if (isIndexed) return /** @type {ArrayLike<number>} */ (/** @type {unknown} */ (timestamps));
  throw new TypeError(`${who}: timestamps must be a Float32Array, Float64Array or BigInt64Array`);
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
  constructor({
    expectedSampleRate = 1000,
    driftThreshold = 10,
    onDriftDetected = noop,
    onTimingMeasured = noop,
  } = {}) {
    this.#rate = expectedSampleRate;
    this.#threshold = driftThreshold;
    this.#onDrift = onDriftDetected ?? noop;
    this.#onTiming = onTimingMeasured ?? noop;
    this.reset();
  }

  /**
   * Changes the threshold and the listener of drift; the running metrics and the last timestamp stay.
   *
   * @param {Pick<DriftDetectorOptions, 'driftThreshold' | 'onDriftDetected'>} options
   */
  _configure({ driftThreshold = 10, onDriftDetected = noop }) {
    this.#threshold = driftThreshold;
    this.#onDrift = onDriftDetected ?? noop;
  }

  /** @param {number} timestamp ms */
  processSample(timestamp) {
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
    if (typeof stride !== 'number') throw new TypeError(`DriftDetector: stride must be a number, got ${show(stride)}`);
    if (!Number.isSafeInteger(stride) || stride < 1) {
      throw new RangeError(`DriftDetector: stride must be a positive integer, got ${stride}`);
    }
    for (let i = 0; i < t.length; i += stride) this.processSample(t[i]);
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
 * @param {Timestamps} timestamps
 * @param {number} expectedSampleRate Hz
 * @param {number} [gapThreshold] intervals
 */
function detectGaps(timestamps, expectedSampleRate, gapThreshold = 2) {
  const t = milliseconds(timestamps, 'detectGaps');
  const expectedMs = 1000 / expectedSampleRate;
  const gaps = [];
  for (let i = 1; i < t.length; i++) {
    const durationMs = t[i] - t[i - 1];
    if (durationMs > gapThreshold * expectedMs) {
      gaps.push({
        startIndex: i - 1,
        endIndex: i,
        durationMs,
        expectedSamples: Math.floor(durationMs / expectedMs) - 1,
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

/** @param {Timestamps} timestamps @returns {import('../../../index.js').SampleRateEstimate} */
function estimateSampleRate(timestamps) {
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
  for (let i = 1; i < t.length; i++) {
    const delta = t[i] - t[i - 1];
    sum += delta;
    sumOfSquares += delta * delta;
  }
  const [averageInterval, stdDevInterval] = meanAndDeviation(sum, sumOfSquares, t.length - 1);
  const coefficientOfVariation = averageInterval > 0 ? stdDevInterval / averageInterval : Infinity;
  const regularity = REGULARITY.find(([bound]) => coefficientOfVariation < bound)?.[1] ?? 'irregular';
  return { estimatedRate: 1000 / averageInterval, averageInterval, stdDevInterval, coefficientOfVariation, regularity };
}

module.exports = { DriftDetector, detectGaps, validateMonotonicity, estimateSampleRate };
