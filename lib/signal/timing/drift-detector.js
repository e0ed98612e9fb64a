'use strict';
/**
 * Timing of a stream of timestamps (milliseconds): drift against a nominal rate, gaps, order, estimated rate.
 *
 * These stay in JavaScript: the detector calls user code for each sample, and the helpers make objects from a handful of
 * subtractions, which costs less than a call across the native border.
 */

const { show } = require('../../common/text.js');

const noop = () => {};

/** Timestamps as something to index: floats are milliseconds as they are, a BigInt64Array holds nanoseconds. */
function milliseconds(timestamps, who) {
  if (timestamps instanceof BigInt64Array) return Float64Array.from(timestamps, (t) => Number(t) / 1e6);
  if (Array.isArray(timestamps) || (ArrayBuffer.isView(timestamps) && timestamps.length !== undefined))
    return timestamps;
  throw new TypeError(`${who}: timestamps must be a Float32Array, Float64Array or BigInt64Array`);
}

/** Mean and population standard deviation of `n` values from their sums, the variance kept from going below 0. */
function meanAndDeviation(sum, sumOfSquares, n) {
  const mean = sum / n;
  return [mean, Math.sqrt(Math.max(0, sumOfSquares / n - mean * mean))];
}

class DriftDetector {
  #rate;
  #threshold;
  #onDrift;
  #onTiming;
  #previous;
  #samples;
  #events;
  #sum;
  #sumOfSquares;
  #min;
  #max;
  #worst;

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

  /** Changes what counts as drift and who hears of it; the running metrics and the last timestamp stay. */
  _configure({ driftThreshold = 10, onDriftDetected = noop }) {
    this.#threshold = driftThreshold;
    this.#onDrift = onDriftDetected ?? noop;
  }

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

/** Upper bounds of the coefficient of variation of the intervals, by name. */
const REGULARITY = [
  [0.01, 'excellent'],
  [0.05, 'good'],
  [0.15, 'fair'],
  [0.3, 'poor'],
];

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
