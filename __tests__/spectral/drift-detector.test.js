const { DriftDetector, detectGaps, validateMonotonicity, estimateSampleRate } = require('../../index.js');

test('an interval that is too long or too short is reported', () => {
  const events = [];
  const detector = new DriftDetector({ expectedSampleRate: 100, onDriftDetected: (s) => events.push(s) });
  detector.processBatch(Float64Array.of(0, 10, 25, 35));
  expect(events).toEqual([
    {
      deltaMs: 15,
      expectedMs: 10,
      absoluteDrift: 5,
      relativeDrift: 50,
      sampleIndex: 2,
      currentTimestamp: 25,
      previousTimestamp: 10,
    },
  ]);
  expect(detector.getMetrics()).toMatchObject({ samplesProcessed: 4, driftEventsCount: 1, minDelta: 10, maxDelta: 15 });
  detector.reset();
  expect(detector.getMetrics()).toEqual({
    samplesProcessed: 0,
    driftEventsCount: 0,
    minDelta: 0,
    maxDelta: 0,
    averageDelta: 0,
    stdDevDelta: 0,
    maxDriftObserved: 0,
  });
});

test('timing is measured for every interval, before drift is reported', () => {
  const calls = [];
  const detector = new DriftDetector({
    expectedSampleRate: 1000, onTimingMeasured: () => calls.push('timing'), onDriftDetected: () => calls.push('drift'),
  });
  detector.processBatch(Float64Array.of(0, 1, 3));
  expect(calls).toEqual(['timing', 'timing', 'drift']);
});

test('a callback that throws does not lose the reference', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const detector = new DriftDetector({ onDriftDetected: boom });
  detector.processSample(0);
  expect(() => detector.processSample(50)).toThrow('boom');
  detector.processSample(51);
  expect(detector.getMetrics()).toMatchObject({ samplesProcessed: 3, maxDelta: 50, minDelta: 1 });
});

test('nanoseconds and frames of several channels', () => {
  const detector = new DriftDetector();
  detector.processBatch(BigInt64Array.of(0n, 0n, 1_000_000n, 1_000_000n), 2);
  expect(detector.getMetrics()).toMatchObject({ samplesProcessed: 2, averageDelta: 1, driftEventsCount: 0 });
});

test.each([
  [0, RangeError], [-1, RangeError], [2.5, RangeError], [NaN, RangeError], [Infinity, RangeError],
  [null, TypeError], ['1', TypeError], [1n, TypeError], [Symbol('x'), TypeError], [{}, TypeError],
])('a stride of %p is refused', (stride, type) => {
  const detector = new DriftDetector();
  expect(() => detector.processBatch(Float64Array.of(0, 1, 2), stride)).toThrow(type);
  expect(() => detector.processBatch(Float64Array.of(0, 1, 2), stride)).toThrow(/^DriftDetector: stride must be a /);
  expect(detector.getMetrics().samplesProcessed).toBe(0);
});

test('gaps, order and rate', () => {
  expect(detectGaps(Float32Array.of(1000, 1010, 1050), 100)).toEqual([
    { startIndex: 1, endIndex: 2, durationMs: 40, expectedSamples: 3, timestampBefore: 1010, timestampAfter: 1050 },
  ]);
  expect(validateMonotonicity(Float32Array.of(1, 1, 0)).map((v) => v.violation)).toEqual(['duplicate', 'backwards']);
  expect(estimateSampleRate(Float32Array.of(0, 10, 20))).toMatchObject({ estimatedRate: 100, regularity: 'excellent' });
  expect(estimateSampleRate([])).toMatchObject({ estimatedRate: 0, regularity: 'irregular' });
  for (const f of [detectGaps, validateMonotonicity, estimateSampleRate]) expect(() => f(null, 100)).toThrow(TypeError);
});

test('missing samples are rounded, also at milliseconds since 1970', () => {
  const missing = (...args) => detectGaps(...args).map((gap) => gap.expectedSamples);
  expect(missing([0, 10, 20, 119.9, 130], 100)).toEqual([9]);
  expect(missing([0, 10, 20, 119.9, 130], 100, 2, { design: 'dspx' })).toEqual([8]);
  for (let lost = 2; lost < 4800; lost += 37) {
    const since = 1_700_000_000_000 + 0.1 * lost;
    expect(missing(Float64Array.of(since, since + (1000 / 360) * (lost + 1)), 360)).toEqual([lost]);
  }
});

test('a pause does not change the estimated rate', () => {
  const times = Float64Array.from({ length: 1000 }, (_, i) => i * 4 + (i < 500 ? 0 : 60_000));
  const estimate = estimateSampleRate(times);
  expect(estimate.estimatedRate).toBe(250);
  expect(estimate.regularity).toBe('irregular');
  expect(estimateSampleRate(times, { design: 'dspx' }).estimatedRate).toBeCloseTo(1000 / estimate.averageInterval, 9);
});

test('stamps that are not finite, and arrays of other types, are refused by name', () => {
  for (const f of [detectGaps, validateMonotonicity, estimateSampleRate]) {
    for (const bad of [NaN, Infinity]) {
      expect(() => f(Float64Array.of(0, bad, 2), f === detectGaps ? 100 : undefined)).toThrow(
        new RangeError(`${f.name}: timestamps must be finite, got ${bad} at index 1`),
      );
    }
    expect(() => f(Int16Array.of(0, 1), f === detectGaps ? 100 : undefined)).toThrow(
      `${f.name}: timestamps must be a Float64Array, Float32Array, BigInt64Array or number[], ` +
        `got Int16Array: convert with Float64Array.from(…)`,
    );
  }
  expect(() => detectGaps([0, 1], 0)).toThrow(/^detectGaps: expectedSampleRate must be a positive number, got 0$/);
  expect(() => new DriftDetector({ expectedSampleRate: -1 })).toThrow(/^DriftDetector: expectedSampleRate/);
  expect(() => new DriftDetector({ onDriftDetected: 'x' })).toThrow(
    /^DriftDetector: onDriftDetected must be a function, got "x"$/,
  );
  expect(() => new DriftDetector().processSample(NaN)).toThrow(RangeError);
});
