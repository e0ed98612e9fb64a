const fc = require('fast-check');
const { createDspPipeline } = require('../..');

const align = (params) => createDspPipeline().TimeAlignment(params);

test('irregular frames come out on a grid', async () => {
  const out = await align({ targetSampleRate: 100 }).process(
    Float32Array.of(0, 5, 20, 30),
    Float32Array.of(0, 5, 20, 30),
  );
  expect(out).toEqual(Float32Array.of(0, 10, 20, 30));
});

test('milliseconds and nanoseconds since 1970 keep their precision', () => {
  const at = [0, 4, 15, 20].map((ms) => 1.7e12 + ms);
  const want = Float32Array.of(0, 10, 20);
  const samples = () => Float32Array.of(0, 4, 15, 20);
  expect(align({ targetSampleRate: 100 }).processSync(samples(), Float64Array.from(at))).toEqual(want);
  const nanoseconds = BigInt64Array.from(at, (ms) => BigInt(ms) * 1_000_000n);
  expect(align({ targetSampleRate: 100 }).processSync(samples(), nanoseconds)).toEqual(want);
});

test.each([
  ['zero-fill', [0, 1, 0, 0, 0, 9, 10]],
  ['zeroFill', [0, 1, 0, 0, 0, 9, 10]],
  ['hold', [0, 1, 1, 1, 1, 9, 10]],
  ['interpolate', [0, 1, 3, 5, 7, 9, 10]],
  ['extrapolate', [0, 1, 2, 3, 4, 9, 10]],
])('gaps are filled by %s', (gapPolicy, want) => {
  const out = align({ targetSampleRate: 100, gapPolicy }).processSync(
    Float32Array.of(0, 1, 9, 10),
    Float32Array.of(0, 10, 50, 60),
  );
  expect(Array.from(out)).toEqual(want);
});

test('a gap can be an error, after which the pipeline goes on', async () => {
  const pipeline = align({ targetSampleRate: 100, gapPolicy: 'error' });
  const gap = () => pipeline.process(Float32Array.of(1, 2), Float32Array.of(0, 100));
  await expect(gap()).rejects.toThrow('TimeAlignmentStage: Gap detected at output index 1, targetTime=10');
  expect(await pipeline.process(Float32Array.of(1, 2), Float32Array.of(0, 10))).toEqual(Float32Array.of(1, 2));
});

test('stamps that cannot be used and output that cannot be held', async () => {
  const pipeline = align({ targetSampleRate: 1e7 });
  const run = (...stamps) => pipeline.process(new Float32Array(stamps.length), Float64Array.from(stamps));
  await expect(pipeline.process(new Float32Array(2))).rejects.toThrow('TimeAlignment stage requires timestamps');
  await expect(run(0, NaN)).rejects.toThrow(/timestamp is not finite/);
  await expect(run(1, 0)).rejects.toThrow(/timestamp is before the first/);
  await expect(run(0, 1e12)).rejects.toThrow(RangeError);
  await expect(run(0, 1e300)).rejects.toThrow();
  expect((await run(3, 3)).length).toBe(1);
});

test('a wrong parameter is named', () => {
  const refused = (params) => expect(() => align(params));
  refused({}).toThrow('TimeAlignment: targetSampleRate must be positive, got undefined');
  refused({ targetSampleRate: 10, gapThreshold: 0.5 }).toThrow(/gapThreshold must be >= 1/);
  refused({ targetSampleRate: 10, interpolationMethod: 'nearest' }).toThrow(/interpolationMethod must be/);
  refused({ targetSampleRate: 1e300 }).toThrow(RangeError);
});

test('any stamps give a bounded result or a typed error', () => {
  const stamp = fc.oneof(
    fc.double({ min: -1e4, max: 1e4 }),
    fc.constantFrom(0, 1, 1, 2, NaN, Infinity, -Infinity, 1e300, 1.7e9),
  );
  const params = fc.record({
    targetSampleRate: fc.constantFrom(1e-30, 0.1, 3, 1000),
    interpolationMethod: fc.constantFrom('linear', 'cubic', 'sinc'),
    gapPolicy: fc.constantFrom('interpolate', 'zero-fill', 'hold', 'extrapolate', 'error'),
    gapThreshold: fc.constantFrom(1, 2, 1e300),
    driftCompensation: fc.constantFrom('none', 'regression', 'pll'),
  });
  fc.assert(fc.property(params, fc.array(stamp, { maxLength: 40 }), (given, stamps) => {
    try {
      const out = align(given).processSync(new Float32Array(stamps.length).fill(1), Float64Array.from(stamps));
      expect(out.length).toBeLessThan(1e9);
    } catch (error) {
      expect(error.message).toMatch(/^TimeAlignmentStage: /);
    }
  }), { numRuns: 500 });
});

test('a rate beyond the precision of the times ends', () => {
  const run = (...stamps) =>
    align({ targetSampleRate: 1e30 }).processSync(new Float32Array(stamps.length), Float64Array.from(stamps));
  expect(run(5)).toHaveLength(1);
  expect(run(1.7e12)).toHaveLength(1);
});
