// ---- Timing of timestamps ---------------------------------------------------------------------
// Times in milliseconds; a BigInt64Array holds nanoseconds.

/** One interval between timestamps. */
export interface DriftStatistics {
  deltaMs: number;
  expectedMs: number;
  /** |deltaMs − expectedMs| */
  absoluteDrift: number;
  /** absoluteDrift in percent of expectedMs. */
  relativeDrift: number;
  /** Number of the later timestamp since the detector began, from 0. */
  sampleIndex: number;
  currentTimestamp: number;
  previousTimestamp: number;
}

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
  samplesProcessed: number;
  driftEventsCount: number;
  minDelta: number;
  maxDelta: number;
  averageDelta: number;
  stdDevDelta: number;
  /** Largest absolute drift. */
  maxDriftObserved: number;
}

/** Compares the intervals of a stream of timestamps with the one expected. */
export class DriftDetector {
  constructor(options?: DriftDetectorOptions);
  processSample(timestamp: number): void;
  /** @param stride feeds every stride-th timestamp (one per frame, where the channels of a frame share it); default 1 */
  processBatch(timestamps: Float32Array | Float64Array | BigInt64Array, stride?: number): void;
  getMetrics(): TimingMetrics;
  /** Back to the start, the previous timestamp included. */
  reset(): void;
  getExpectedSampleRate(): number;
}

export interface GapDetection {
  startIndex: number;
  endIndex: number;
  durationMs: number;
  /** Samples that are missing. */
  expectedSamples: number;
  timestampBefore: number;
  timestampAfter: number;
}

/** Intervals longer than `gapThreshold` (default 2) times the expected one. */
export function detectGaps(timestamps: Float32Array | Float64Array | BigInt64Array, expectedSampleRate: number, gapThreshold?: number): GapDetection[];

export interface MonotonicityViolation {
  index: number;
  currentTimestamp: number;
  previousTimestamp: number;
  violation: "backwards" | "duplicate";
}

/** Timestamps that are not later than the one before. */
export function validateMonotonicity(timestamps: Float32Array | Float64Array | BigInt64Array): MonotonicityViolation[];

export interface SampleRateEstimate {
  /** Hz. */
  estimatedRate: number;
  averageInterval: number;
  stdDevInterval: number;
  /** stdDevInterval / averageInterval */
  coefficientOfVariation: number;
  /** By coefficientOfVariation: below 0.01, 0.05, 0.15, 0.3, or above. */
  regularity: "excellent" | "good" | "fair" | "poor" | "irregular";
}

/** Mean rate and regularity of timestamps. */
export function estimateSampleRate(timestamps: Float32Array | Float64Array | BigInt64Array): SampleRateEstimate;
