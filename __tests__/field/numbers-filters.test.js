const { createDspPipeline, FirFilter } = require('../..');

const constant = (n, value) => new Float32Array(n).fill(value);
const sine = (n, frequency, rate) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * frequency * i) / rate));
const noise = (n) => Float32Array.from({ length: n }, (_, i) => ((i * i * 7919 + i * 104729) % 2003) / 1001.5 - 1);
const join = (parts) => Float32Array.from(parts.flatMap((part) => [...part]));
const chunks = (x, size) =>
  Array.from({ length: Math.ceil(x.length / size) }, (_, k) => x.subarray(k * size, (k + 1) * size));
const run = (pipeline, x, size = x.length) =>
  join(chunks(x, size).map((part) => pipeline.processSync(part.slice(), {})));
const bits = (x) => [...new Int32Array(x.buffer, x.byteOffset, x.length)];

/** Makes a call of each part of `x` with its stamps, which are those of frames. */
const stamped = (pipeline, x, times, size) =>
  join(
    chunks(x, size).map((part, k) =>
      pipeline.processSync(part.slice(), Float64Array.from(times.slice(k * size, k * size + part.length)), {
        channels: 1,
      }),
    ),
  );

describe('a bad sample before an FFT convolution', () => {
  const fir = { type: 'fir', mode: 'lowpass', order: 101, sampleRate: 1000, cutoffFrequency: 40 };
  const makers = {
    filter: () => createDspPipeline().filter(fir),
    convolution: () => createDspPipeline().convolution({ kernel: noise(101), method: 'auto' }),
  };

  test.each(Object.entries(makers))('%s: touches the outputs of its own taps, whatever the cutting', (_, make) => {
    const clean = run(make(), constant(8192, 0.5));
    for (const bad of [NaN, Infinity, -Infinity, 3e38]) {
      const x = constant(8192, 0.5);
      x[4096] = bad;
      const whole = run(make(), x);
      // FFT and direct sums agree to 3e-7 of the largest magnitude, which is below 20.
      const touched = [...whole.keys()].filter((n) => !(Math.abs(whole[n] - clean[n]) < 6e-6));
      expect([touched[0], touched.at(-1)]).toEqual([4096, 4196]);
      for (const size of [32, 1000, 5000]) {
        const cut = run(make(), x, size);
        expect([...cut.keys()].filter((n) => Number.isNaN(cut[n]))).toEqual(
          [...whole.keys()].filter((n) => Number.isNaN(whole[n])),
        );
      }
    }
  });

  test('FirFilter: 101 NaN for one', () => {
    const filter = FirFilter.createLowPass({ cutoffFrequency: 40, sampleRate: 1000, order: 101 });
    const x = constant(8192, 0.5);
    x[4096] = NaN;
    const y = filter.processSync ? filter.processSync(x) : filter.process(x);
    return Promise.resolve(y).then((out) => {
      const touched = [...out.keys()].filter((n) => Number.isNaN(out[n]));
      expect([touched.length, touched[0], touched.at(-1)]).toEqual([101, 4096, 4196]);
    });
  });
});

test.each([
  ['Interpolate', { factor: 12, sampleRate: 100 }],
  ['Resample', { upFactor: 13, downFactor: 11, sampleRate: 100 }],
  ['Resample', { upFactor: 12, downFactor: 5, sampleRate: 100 }],
  ['Resample', { upFactor: 2, downFactor: 7, sampleRate: 100 }],
  ['ResampleTo', { inputRate: 100, outputRate: 118.3 }],
])('%s %j: a constant stays constant in every phase', (method, params) => {
  const y = run(createDspPipeline()[method](params), constant(2000, 4000));
  // Behind the filter's start-up.
  const settled = y.subarray(y.length >> 1);
  expect(Math.max(...settled.map((v) => Math.abs(v / 4000 - 1)))).toBeLessThan(1e-4);
});

test.each([2, 5, 13, 20, 50])('Decimate by %i puts a tone at 0.9 of the new rate 55 dB down', (factor) => {
  const level = (params) => {
    const y = run(createDspPipeline().Decimate({ factor, sampleRate: 1000, ...params }), sine(40_000, 0.9 / factor, 1));
    const settled = y.subarray(100);
    return 10 * Math.log10(2 * settled.reduce((sum, v) => sum + v * v, 0) / settled.length);
  };
  expect(level({})).toBeLessThan(-55);
  // dspx's filter on request.
  if (factor === 20) expect(level({ quality: 'dspx' })).toBeCloseTo(-21.6, 1);
});

test('HilbertEnvelope in the middle of its window', () => {
  const pipeline = createDspPipeline().HilbertEnvelope({ windowSize: 64, hopSize: 1, align: 'center' });
  expect(pipeline.latency().samples).toBe(31);
  const envelope = run(pipeline, sine(2000, 10, 250)).subarray(63);
  expect(Math.min(...envelope)).toBeGreaterThan(0.977);
  expect(Math.max(...envelope)).toBeLessThan(1.001);
});

describe('irregular stamps', () => {
  const times = Array.from({ length: 180 }, (_, k) => 1.7e12 + k * 10 + (k * 7919) % 7 + (k > 90 ? 200 : 0));

  test.each([
    ['Interpolate', { factor: 3, sampleRate: 100 }],
    ['Decimate', { factor: 4, sampleRate: 100 }],
    ['Resample', { upFactor: 3, downFactor: 2, sampleRate: 100 }],
    ['ResampleTo', { inputRate: 100, outputRate: 118.3 }],
    ['TimeAlignment', { targetSampleRate: 130 }],
    ['TimeAlignment', { targetSampleRate: 130, interpolationMethod: 'cubic' }],
  ])('behind %s %j calls of one frame give the bits of one call', async (method, params) => {
    const make = () => createDspPipeline()[method](params).MovingAverage({ mode: 'moving', windowDuration: 65 });
    const whole = bits(stamped(make(), noise(180), times, 180));
    for (const size of [1, 7, 90]) expect(bits(stamped(make(), noise(180), times, size))).toEqual(whole);
    const first = make();
    const start = stamped(first, noise(180).subarray(0, 77), times.slice(0, 77), 77);
    const second = createDspPipeline();
    await second.loadState(await first.saveState());
    expect([...bits(start), ...bits(stamped(second, noise(180).subarray(77), times.slice(77), 50))]).toEqual(whole);
  });
});

describe('TimeAlignment', () => {
  const align = (params) => createDspPipeline().TimeAlignment({ targetSampleRate: 100, ...params });

  test('reports the frames of a clock that was set back', () => {
    const pipeline = align({});
    const late = [];
    pipeline.on('outOfOrder', (event) => late.push([event.sample, event.behind]));
    const times = [0, 10, 20, 30, 5, 15, 25, 40];
    const y = stamped(pipeline, Float32Array.of(0, 1, 2, 3, -1, -1, -1, 4), times, 3);
    expect([...y]).toEqual([0, 1, 2, 3, 4]);
    expect(late).toEqual([[4, 25], [5, 15], [6, 5]]);
  });

  test('refuses a jump, and times that single precision cannot hold', () => {
    expect(() => stamped(align({}), constant(2, 1), [0, 2e8], 2)).toThrow(RangeError);
    const epoch = Float32Array.from({ length: 100 }, (_, k) => 1.7e12 + 10 * k);
    expect(() => align({}).processSync(constant(100, 1), epoch, { channels: 1 })).toThrow(
      /Float32Array.*pass a Float64Array/s,
    );
  });

  test('cubic follows a parabola', async () => {
    const pipeline = align({ targetSampleRate: 2000, interpolationMethod: 'cubic', gapThreshold: 10 });
    const y = [...stamped(pipeline, Float32Array.of(0, 1, 4), [0, 1, 2], 3), ...(await pipeline.finish()).samples];
    expect(y).toEqual([0, 0.25, 1, 2.25, 4]);
  });
});

test('ResampleTo takes the ratio of the decimal numbers', () => {
  const length = (params) =>
    run(createDspPipeline().ResampleTo({ inputRate: 100, outputRate: 99.7, ...params }), noise(5000)).length;
  expect(length({})).toBe(4985);
  expect(length({ ratio: 'binary' })).toBe(4986);
});
