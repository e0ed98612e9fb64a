const fc = require('fast-check');
const { createDspPipeline } = require('../..');

const f32 = (...values) => new Float32Array(values);
const run = (pipeline, samples, channels = 1) =>
  Array.from(pipeline.processSync(Float32Array.from(samples), { channels }));
const close = (got, expected) => {
  expect(got).toHaveLength(expected.length);
  // Four digits: what the examples of the documentation give.
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 4));
};

describe('worked examples', () => {
  const moving = (windowSize) => ({ mode: 'moving', windowSize });
  test.each([
    ['MovingAverage', moving(3), [1, 2, 3, 4, 5], [1, 1.5, 2, 3, 4]],
    ['MovingAverage', { mode: 'batch' }, [1, 2, 3], [2, 2, 2]],
    ['Rms', moving(3), [3, 4, 0, 6, 8], [3, 3.53553, 2.88675, 4.16333, 5.7735]],
    ['Variance', moving(3), [1, 2, 3, 4], [0, 0.25, 0.66667, 0.66667]],
    ['ZScoreNormalize', moving(3), [1, 2, 3, 4, 5], [0, 1, 1.22474, 1.22474, 1.22474]],
    ['ZScoreNormalize', { mode: 'batch' }, [1, 2, 3, 4, 5], [-1.41421, -0.70711, 0, 0.70711, 1.41421]],
    ['MeanAbsoluteValue', moving(3), [1, -2, 3, -4], [1, 1.5, 2, 3]],
    ['ExponentialMovingAverage', { mode: 'moving', alpha: 0.5 }, [1, 2, 3, 4, 5], [1, 1.5, 2.25, 3.125, 4.0625]],
    ['CumulativeMovingAverage', { mode: 'moving' }, [10, 20, 30], [10, 15, 20]],
    ['Rectify', undefined, [-1, 2], [1, 2]],
    ['Rectify', { mode: 'half' }, [-1, 2], [0, 2]],
    ['Square', undefined, [-3, 2], [9, 4]],
    ['Amplify', { gain: 2.5 }, [1, -2], [2.5, -5]],
    ['ClipDetection', { threshold: 1 }, [0.5, -1, 2], [0, 1, 1]],
    ['WaveformLength', { windowSize: 3 }, [1, 2, 4, 3, 5], [0, 1, 3, 4, 5]],
    ['SlopeSignChange', { windowSize: 5 }, [1, 3, 2, 4, 3, 5], [0, 0, 0, 1, 1, 1]],
    ['WillisonAmplitude', { windowSize: 2, threshold: 1 }, [5, 7, 7, 7], [0, 1, 1, 0]],
    ['LinearRegression', { windowSize: 3, output: 'slope' }, [1, 3, 5, 9], [0, 2, 2, 3]],
    ['LinearRegression', { windowSize: 3, output: 'predictions' }, [1, 3, 5], [0, 3, 5]],
    ['PeakDetection', { threshold: 1, mode: 'batch' }, [0, 2, 0, 1, 0], [0, 1, 0, 1, 0]],
    ['Integrator', { alpha: 0.9 }, [1, 1, 1], [1, 1.9, 2.71]],
    ['Differentiator', undefined, [1, 4, 9], [1, 3, 5]],
  ])('%s %j', (method, params, input, expected) => {
    close(run(createDspPipeline()[method](params), input), expected);
  });

  test('Snr makes one channel of two', () => {
    close(run(createDspPipeline().Snr({ windowSize: 2 }), [1, 0.1, 1, 0.1, 1, 0], 2), [20, 20, 23.0103]);
  });
});

describe('what must not show', () => {
  test('a glitch leaves nothing behind', () => {
    for (const method of ['MovingAverage', 'Rms', 'MeanAbsoluteValue', 'Variance', 'ZScoreNormalize']) {
      const pipeline = createDspPipeline()[method]({ mode: 'moving', windowSize: 4 });
      const clean = createDspPipeline()[method]({ mode: 'moving', windowSize: 4 });
      run(pipeline, [0.001, 1e20, NaN, Infinity]);
      const tail = [0.001, 0.002, 0.003, 0.001, 0.002];
      expect(run(pipeline, tail).slice(3)).toEqual(run(clean, tail).slice(3));
    }
  });

  test('a constant has no variance and no z-score, at any level', () => {
    for (const level of [0.1, 1e7, -3e-20]) {
      const constant = new Array(300).fill(level);
      expect(new Set(run(createDspPipeline().Variance({ mode: 'moving', windowSize: 100 }), constant))).toEqual(
        new Set([0]),
      );
      const scores = createDspPipeline().ZScoreNormalize({ mode: 'moving', windowSize: 7, epsilon: 0 });
      expect(new Set(run(scores, constant))).toEqual(new Set([0]));
    }
  });
});

describe('states', () => {
  const stages = (pipeline) => pipeline
    .MovingAverage({ mode: 'moving', windowSize: 5 })
    .Variance({ mode: 'moving', windowDuration: 30 })
    .ExponentialMovingAverage({ mode: 'moving', alpha: 0.2 })
    .Integrator({ alpha: 0.5 })
    .WaveformLength({ windowSize: 70 })
    .LinearRegression({ windowSize: 6, output: 'residuals' })
    .MeanAbsoluteValue({ mode: 'moving', windowDuration: 0.1 });
  const input = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i));

  test.each(['json', 'toon'])('a stream goes on exactly after a %s state', async (format) => {
    const whole = stages(createDspPipeline());
    const expected = whole.processSyncCopy(input, { channels: 2, sampleRate: 360 });
    const first = stages(createDspPipeline());
    const head = first.processSyncCopy(input.slice(0, 154), { channels: 2, sampleRate: 360 });
    const second = stages(createDspPipeline());
    await second.loadState(await first.saveState({ format }));
    const tail = second.processSyncCopy(input.slice(154), { channels: 2, sampleRate: 360 });
    expect(f32(...head, ...tail)).toEqual(expected);
  });
});

describe('bad input', () => {
  test.each([
    [
      'MovingAverage',
      { mode: 'moving', windowSize: -1 },
      TypeError,
      'MovingAverage: windowSize must be a positive integer',
    ],
    [
      'MovingAverage',
      { mode: 'moving', windowSize: 0, windowDuration: 50 },
      TypeError,
      'windowSize must be a positive integer',
    ],
    ['Rms', { mode: 'moving' }, TypeError, 'RMS: either windowSize or windowDuration must be specified'],
    [
      'Variance',
      { mode: 'moving', windowDuration: NaN },
      TypeError,
      'Variance: windowDuration must be positive, got NaN',
    ],
    ['ZScoreNormalize', { mode: 'batch', epsilon: -1 }, TypeError, 'Z-Score Normalize: epsilon must be non-negative'],
    ['MeanAbsoluteValue', { mode: 'x' }, TypeError, 'mode must be'],
    ['ExponentialMovingAverage', { mode: 'moving' }, TypeError, 'alpha is required'],
    ['Amplify', { gain: 0 }, Error, 'Amplify: gain must be positive, got 0'],
    ['Amplify', undefined, TypeError, 'parameters'],
    ['ClipDetection', {}, RangeError, 'threshold must be > 0'],
    ['SlopeSignChange', { windowSize: 3, threshold: -1 }, TypeError, 'SlopeSignChange: threshold must be non-negative'],
    ['LinearRegression', { windowSize: 1, output: 'slope' }, TypeError, 'window size must be at least 2'],
    ['Snr', { windowSize: 2.5 }, TypeError, 'SNR windowSize'],
    ['PeakDetection', { threshold: 0, windowSize: 4 }, RangeError, 'windowSize must be an odd integer >= 3'],
    ['Integrator', { alpha: 2 }, TypeError, 'Integrator alpha must be in range (0, 1]'],
  ])('%s %j', (method, params, type, message) => {
    const pipeline = createDspPipeline();
    const call = () => pipeline[method](params);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
    expect(pipeline.listState().stageCount).toBe(0);
  });

  const methods = [
    'MovingAverage',
    'Rms',
    'Variance',
    'ZScoreNormalize',
    'MeanAbsoluteValue',
    'ExponentialMovingAverage',
    'CumulativeMovingAverage',
    'Rectify',
    'Square',
    'Amplify',
    'ClipDetection',
    'WaveformLength',
    'SlopeSignChange',
    'WillisonAmplitude',
    'LinearRegression',
    'Snr',
    'PeakDetection',
    'Integrator',
    'Differentiator',
  ];
  const number = fc.oneof(
    fc.double(),
    fc.integer({ min: -2, max: 100 }),
    fc.constantFrom(2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, 1e-60, 1e300, -0),
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: number },
    fc.constantFrom('moving', 'batch', 'slope', 'half', null, undefined),
    fc.anything(),
  );
  const params = fc.record(
    {
      mode: value,
      windowSize: value,
      windowDuration: value,
      alpha: value,
      threshold: value,
      gain: value,
      epsilon: value,
      output: value,
      minPeakDistance: value,
      domain: value,
    },
    { requiredKeys: [] },
  );

  test('parameters are taken or refused with a typed error, and what runs survives its own state', async () => {
    const silent = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const failed = jest.spyOn(console, 'error').mockImplementation(() => {});
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        params,
        fc.array(fc.float(), { maxLength: 40 }),
        async (method, argument, samples) => {
          const pipeline = createDspPipeline();
          try {
            pipeline[method](argument);
          } catch (error) {
            expect(error.name).toMatch(/^(Type|Range)?Error$/);
            expect(error.message).toMatch(/must|require|either|range|at least/);
            return;
          }
          const input = Float32Array.from([...samples, ...samples]);
          pipeline.processSyncCopy(input, { channels: 2 });
          const state = await pipeline.saveState().catch((error) => error);
          if (state instanceof Error) {
            expect(state.message).toMatch(/too large for a state/);
            return;
          }
          const resumed = createDspPipeline();
          expect(await resumed.loadState(state)).toBe(true);
          expect(resumed.processSyncCopy(input, { channels: 2 })).toEqual(
            pipeline.processSyncCopy(input, { channels: 2 }),
          );
        },
      ),
      { numRuns: 1000 },
    );
    silent.mockRestore();
    failed.mockRestore();
  });
});
