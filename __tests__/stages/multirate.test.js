const fc = require('fast-check');
const { createDspPipeline } = require('../..');

const tone = (n, cyclesPerSample) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(2 * Math.PI * cyclesPerSample * i));
const noise = (n) => Float32Array.from({ length: n }, (_, i) => ((i * i * 7919) % 2003) / 1001.5 - 1);
const rms = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);

/** The stages with the ratio of their lengths, and parameters that a state is saved for. */
const stages = [
  ['Interpolate', { factor: 3, sampleRate: 1000 }],
  ['Decimate', { factor: 4, sampleRate: 1000 }],
  ['Resample', { upFactor: 3, downFactor: 2, sampleRate: 1000 }],
  ['Resample', { upFactor: 160, downFactor: 147, sampleRate: 44100, quality: 'high' }],
  ['Resample', { upFactor: 1, downFactor: 3, sampleRate: 1000, quality: 'max' }],
  ['ResampleTo', { inputRate: 44100, outputRate: 48000 }],
  ['ResampleTo', { inputRate: 1000, outputRate: 333.3, quality: 'max' }],
];

test('Interpolate gives the documented example', () => {
  const params = { factor: 2, sampleRate: 1000, order: 5, quality: 'dspx' };
  const out = createDspPipeline().Interpolate(params).processSync(Float32Array.of(1, 2, 3));
  [0, 0.3437747, 1, 1.031324, 2, 1.7188734].forEach((want, i) => expect(out[i]).toBeCloseTo(want, 6));
});

test('Decimate counts frames across calls', () => {
  const pipeline = createDspPipeline().Decimate({ factor: 4, sampleRate: 1000 });
  const lengths = [3, 3, 1, 1, 0, 8].map((n) => pipeline.processSync(new Float32Array(n)).length);
  expect(lengths).toEqual([0, 1, 0, 1, 0, 2]);
});

test.each(stages)('%s %j: chunks and a state in between change no bit', async (method, params) => {
  const input = noise(3000);
  const whole = createDspPipeline()[method](params).processSync(input.slice(), { channels: 2 });
  for (const format of ['json', 'toon']) {
    let pipeline = createDspPipeline()[method](params);
    const parts = [];
    for (const [from, to] of [[0, 2], [2, 700], [700, 702], [702, 3000]]) {
      parts.push(...(await pipeline.process(input.slice(from, to), { channels: 2 })));
      const state = await pipeline.saveState({ format });
      pipeline = format === 'json' ? createDspPipeline() : createDspPipeline()[method](params);
      await pipeline.loadState(state);
    }
    expect(Float32Array.from(parts)).toEqual(whole);
  }
});

test.each([
  ['high', 1e-5],
  ['max', 1e-7],
])('quality %s keeps the pass band and takes out what would fold back', (quality, limit) => {
  const run = (frequency) =>
    createDspPipeline()
      .Resample({ upFactor: 1, downFactor: 3, sampleRate: 1000, quality })
      .processSync(tone(6000, frequency))
      .subarray(300);
  // 0.14 and 0.17 cycles per sample: 0.42 and 0.51 of the lower rate.
  expect(rms(run(0.14))).toBeCloseTo(Math.SQRT1_2, 4);
  expect(rms(run(0.17))).toBeLessThan(limit);
});

test('ResampleTo takes rates without a simple ratio', () => {
  const pipeline = createDspPipeline().ResampleTo({ inputRate: 44100.5, outputRate: 48000, quality: 'max' });
  const out = pipeline.processSync(tone(44100, 0.01));
  expect(Math.abs(out.length - (44100 * 48000) / 44100.5)).toBeLessThanOrEqual(1);
  const step = (0.01 * 44100.5) / 48000;
  // The filter delays by 95.47… input samples; compare shapes over a stretch by their correlation.
  const stretch = out.subarray(1000, 3000);
  let [s, c] = [0, 0];
  stretch.forEach((y, i) => {
    s += y * Math.sin(2 * Math.PI * step * i);
    c += y * Math.cos(2 * Math.PI * step * i);
  });
  expect(Math.hypot(s, c) / (stretch.length / 2)).toBeCloseTo(1, 2);
});

test('each parameter is checked with the documented class', () => {
  const pipeline = createDspPipeline();
  const refused = (method, params) => expect(() => pipeline[method](params));
  refused('Interpolate', { factor: 1, sampleRate: 1 }).toThrow(TypeError);
  refused('Decimate', { factor: '3', sampleRate: 1 }).toThrow('Decimate: factor must be an integer >= 2, got 3');
  refused('Resample', { upFactor: 1, downFactor: 0, sampleRate: 1 }).toThrow(
    'Resample: downFactor must be a positive integer, got 0',
  );
  refused('Resample', { upFactor: 1, downFactor: 2, sampleRate: 1, quality: 'best' }).toThrow(
    /Resample: quality must be/,
  );
  refused('Resample', { upFactor: 1, downFactor: 2, sampleRate: 1, quality: 'max', order: 5 }).toThrow(
    /order must be left out/,
  );
  refused('ResampleTo', { inputRate: 1, outputRate: NaN }).toThrow('ResampleTo: outputRate must be positive, got NaN');
  refused('Interpolate', { factor: 1e9, sampleRate: 1 }).toThrow(RangeError);
  refused('Decimate', { factor: 2, sampleRate: 1, order: 2 ** 40 + 1 }).toThrow(RangeError);
  refused('ResampleTo', { inputRate: 1e9, outputRate: 1 }).toThrow(RangeError);
  expect(pipeline.listState().stageCount).toBe(0);
});

test('an output that cannot be held is a RangeError, and the pipeline goes on', async () => {
  const pipeline = createDspPipeline().Interpolate({ factor: 2 ** 40, sampleRate: 1, order: 3 });
  await expect(pipeline.process(new Float32Array(1))).rejects.toThrow(RangeError);
  expect((await pipeline.process(new Float32Array(0))).length).toBe(0);
});

test('damaged states are refused whole', async () => {
  const make = () => createDspPipeline({ maxRetries: 1 }).Resample({ upFactor: 3, downFactor: 2, sampleRate: 1 });
  const quiet = jest.spyOn(console, 'error').mockImplementation(() => {});
  const saved = make();
  saved.processSync(noise(40));
  const state = JSON.parse(await saved.saveState());
  delete state.checksum;
  const value = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, 'NaN', -1, 1e300, 2 ** 53, [], {}),
    fc.array(fc.array(fc.float())),
  );
  const keys = ['upFactor', 'downFactor', 'order', 'stateBuffers', 'stateIndices', 'phaseAccumulators', 'quality'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...keys), value, async (key, bad) => {
      const pipeline = make();
      const damaged = structuredClone(state);
      damaged.stages[0].state[key] = bad;
      await pipeline
        .loadState(JSON.stringify(damaged))
        .catch((error) => expect(error.message).toMatch(/^Failed to load state/));
      expect(pipeline.processSync(noise(10)).length).toBeGreaterThan(0);
    }),
    { numRuns: 150 },
  );
  quiet.mockRestore();
});
