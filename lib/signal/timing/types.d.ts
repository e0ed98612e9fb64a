// ---- Timing of timestamps ---------------------------------------------------------------------
// Times in milliseconds; a BigInt64Array holds nanoseconds.

/** One interval between timestamps. */
export interface DriftStatistics {
  /** The interval, ms. */
  deltaMs: number;
  /** The interval at the expected rate, ms. */
  expectedMs: number;
  /** |deltaMs − expectedMs| */
  absoluteDrift: number;
  /** absoluteDrift in percent of expectedMs. */
  relativeDrift: number;
  /** Number of the later timestamp since the detector began, from 0. */
  sampleIndex: number;
  /** Its end, ms. */
  currentTimestamp: number;
  /** Its beginning, ms. */
  previousTimestamp: number;
}

/** Options of {@link DriftDetector}. */
export interface DriftDetectorOptions {
  /** Hz, default 1000. */
  expectedSampleRate?: number;
  /** Percent above which an interval counts as drift, default 10. */
  driftThreshold?: number;
  /** Called for each interval that drifts. */
  onDriftDetected?: (statistics: DriftStatistics) => void;
  /** Called for every interval. */
  onTimingMeasured?: (statistics: DriftStatistics) => void;
}

/** All intervals of a {@link DriftDetector} so far; ms. */
export interface TimingMetrics {
  /** Timestamps seen. */
  samplesProcessed: number;
  /** Intervals that drifted. */
  driftEventsCount: number;
  /** Shortest interval. */
  minDelta: number;
  /** Longest interval. */
  maxDelta: number;
  /** Mean interval. */
  averageDelta: number;
  /** Standard deviation of the intervals. */
  stdDevDelta: number;
  /** Largest absolute drift. */
  maxDriftObserved: number;
}

/** Compares the intervals of a stream of timestamps with the one expected. */
export class DriftDetector {
  constructor(options?: DriftDetectorOptions);
  /** Takes the next timestamp, ms. */
  processSample(timestamp: number): void;
  /**
   * Takes several timestamps.
   * @param stride feeds every stride-th timestamp (one per frame, where the channels of a frame share it); default 1
   */
  processBatch(timestamps: Float32Array | Float64Array | BigInt64Array, stride?: number): void;
  /** Returns the metrics of all intervals so far. */
  getMetrics(): TimingMetrics;
  /** Restores the initial state, without a previous timestamp. */
  reset(): void;
  /** Returns the expected sample rate in Hz. */
  getExpectedSampleRate(): number;
}

/** An interval between timestamps that is too long. */
export interface GapDetection {
  /** Index of the timestamp before. */
  startIndex: number;
  /** Index of the timestamp after. */
  endIndex: number;
  /** The interval, ms. */
  durationMs: number;
  /** Samples that are missing. */
  expectedSamples: number;
  /** Its beginning, ms. */
  timestampBefore: number;
  /** Its end, ms. */
  timestampAfter: number;
}

/**
 * Intervals longer than `gapThreshold` (default 2) times the expected one, the missing samples rounded
 * (`design: "dspx"`: rounded down). @throws RangeError for a stamp that is not finite
 */
export function detectGaps(
  timestamps: Timestamps | number[],
  expectedSampleRate: number,
  gapThreshold?: number,
  options?: { design?: FilterDesign },
): GapDetection[];

/** A timestamp that is not later than the one before. */
export interface MonotonicityViolation {
  /** Its index. */
  index: number;
  /** The timestamp, ms. */
  currentTimestamp: number;
  /** The one before, ms. */
  previousTimestamp: number;
  /** Earlier than the one before, or the same. */
  violation: "backwards" | "duplicate";
}

/** Timestamps that are not later than the one before. @throws RangeError for a stamp that is not finite */
export function validateMonotonicity(timestamps: Timestamps | number[]): MonotonicityViolation[];

/** The result of `estimateSampleRate`. */
export interface SampleRateEstimate {
  /** Hz: 1000 over the median interval (`design: "dspx"`: over the mean one). */
  estimatedRate: number;
  /** Mean interval, ms. */
  averageInterval: number;
  /** Standard deviation of the intervals, ms. */
  stdDevInterval: number;
  /** stdDevInterval / averageInterval */
  coefficientOfVariation: number;
  /** By coefficientOfVariation: below 0.01, 0.05, 0.15, 0.3, or above. */
  regularity: "excellent" | "good" | "fair" | "poor" | "irregular";
}

/**
 * Rate and regularity of timestamps; a pause does not change the rate.
 * @throws RangeError for a stamp that is not finite
 */
export function estimateSampleRate(
  timestamps: Timestamps | number[],
  options?: { design?: FilterDesign },
): SampleRateEstimate;
