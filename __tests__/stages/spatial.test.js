const fc = require('fast-check');
const dspx = require('../..');

const { createDspPipeline } = dspx;

/** A deterministic source of numbers in [−1, 1). */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** `frames` frames of independent sources, mixed by `matrix` (row by row). */
function mixed(sources, matrix) {
  const [frames, channels] = [sources[0].length, matrix.length];
  return Float32Array.from({ length: frames * channels }, (_, i) => {
    const frame = Math.floor(i / channels);
    return matrix[i % channels].reduce((sum, w, s) => sum + w * sources[s][frame], 0);
  });
}

const channel = (data, c, channels) => data.filter((_, i) => i % channels === c);

function correlation(a, b) {
  const mean = (x) => x.reduce((s, v) => s + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const dot = (x, mx, y, my) => x.reduce((s, v, i) => s + (v - mx) * (y[i] - my), 0);
  return dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb));
}

const sources = (next) => [
  Array.from({ length: 2000 }, (_, i) => Math.sin(i * 0.0713)),
  Array.from({ length: 2000 }, (_, i) => Math.sign(Math.sin(i * 0.0291))),
  Array.from({ length: 2000 }, next),
];

const data = mixed(sources(random(1)), [[1, 0.5, -0.3], [-0.4, 1, 0.2], [0.3, -0.6, 1]]);

test('principal components are orthonormal, and their outputs uncorrelated with the eigenvalues as variances', () => {
  const pca = dspx.calculatePca(data, 3);
  const column = (k) => pca.pcaMatrix.subarray(3 * k, 3 * k + 3);
  for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) {
    expect(column(a).reduce((s, v, i) => s + v * column(b)[i], 0)).toBeCloseTo(a === b ? 1 : 0, 6);
  }
  const out = createDspPipeline().PcaTransform(pca).processSync(data.slice(), { channels: 3 });
  expect(Math.abs(correlation(channel(out, 0, 3), channel(out, 1, 3)))).toBeLessThan(1e-4);
  const variance = channel(out, 0, 3).reduce((s, v) => s + v * v, 0) / 1999;
  expect(variance).toBeCloseTo(pca.eigenvalues[0], 4);
  expect(pca.explainedVariance.reduce((s, v) => s + v, 0)).toBeCloseTo(1, 6);
});

test('fewer components leave zero channels, which a selector drops', () => {
  const pca = dspx.calculatePca(data, 3);
  const params = { pcaMatrix: pca.pcaMatrix.subarray(0, 3), mean: pca.mean, numChannels: 3, numComponents: 1 };
  const all = createDspPipeline().PcaTransform(params).processSync(data.slice(0, 6), { channels: 3 });
  expect([all[1], all[2], all[4], all[5]]).toEqual([0, 0, 0, 0]);
  const pipeline = createDspPipeline()
    .PcaTransform(params)
    .ChannelSelector({ numInputChannels: 3, numOutputChannels: 1 });
  expect(Array.from(pipeline.processSync(data.slice(0, 6), { channels: 3 }))).toEqual([all[0], all[3]]);
});

test('whitened training data have unit variance and no correlation', () => {
  const whitening = dspx.calculateWhitening(data, 3, 1e-9);
  const out = createDspPipeline().WhiteningTransform(whitening).processSync(data.slice(), { channels: 3 });
  const of = (c) => channel(out, c, 3);
  for (let a = 0; a < 3; a++) {
    expect(of(a).reduce((s, v) => s + v * v, 0) / 1999).toBeCloseTo(1, 3);
    expect(Math.abs(correlation(of(a), of((a + 1) % 3)))).toBeLessThan(1e-4);
  }
});

test('independent sources are recovered', () => {
  const ica = dspx.calculateIca(data, 3);
  expect(ica.converged).toBe(true);
  const out = createDspPipeline().IcaTransform(ica).processSync(data.slice(), { channels: 3 });
  for (const source of sources(random(1))) {
    const best = Math.max(...[0, 1, 2].map((c) => Math.abs(correlation(source, channel(out, c, 3)))));
    expect(best).toBeGreaterThan(0.99);
  }
  expect(dspx.calculateIca(data, 3)).toEqual(ica);
});

test('the first spatial filter makes class 1 loud, the last class 2', () => {
  const next = random(2);
  const noise = (gains) => Float32Array.from({ length: 3000 }, (_, i) => gains[i % 3] * next());
  const [one, two] = [noise([5, 1, 1]), noise([1, 1, 5])];
  const csp = dspx.calculateCommonSpatialPatterns(one, two, 3);
  const power = (x, c) => {
    const out = createDspPipeline().CspTransform(csp).processSync(x.slice(), { channels: 3 });
    return channel(out, c, 3).reduce((s, v) => s + v * v, 0);
  };
  expect(power(one, 0) / power(two, 0)).toBeCloseTo(csp.eigenvalues[0], 1);
  expect(power(one, 0)).toBeGreaterThan(15 * power(two, 0));
  expect(power(two, 2)).toBeGreaterThan(15 * power(one, 2));
  expect(dspx.calculateCommonSpatialPatterns(one, two, 3, 1).cspMatrix).toEqual(csp.cspMatrix.slice(0, 3));
});

test('a beamformer blocks what is equal on all channels', () => {
  const weights = dspx.calculateBeamformerWeights(4, 'linear', 0);
  const out = createDspPipeline().GscPreprocessor(weights).processSync(new Float32Array(4).fill(3), { channels: 4 });
  expect(out[0]).toBeCloseTo(0, 6);
  expect(out[1]).toBeCloseTo(6, 6);
  expect([out[2], out[3]]).toEqual([0, 0]);
});

test('the forms on a worker thread give the same and reject instead of throwing', async () => {
  expect(await dspx.calculatePcaAsync(data, 3)).toEqual(dspx.calculatePca(data, 3));
  expect(await dspx.calculateWhiteningAsync(data, 3, 0.1)).toEqual(dspx.calculateWhitening(data, 3, 0.1));
  expect(await dspx.calculateIcaAsync(data, 3, 20)).toEqual(dspx.calculateIca(data, 3, 20));
  const csp = await dspx.calculateCommonSpatialPatternsAsync(data, data, 3, 2);
  expect(csp).toEqual(dspx.calculateCommonSpatialPatterns(data, data, 3, 2));
  await expect(dspx.calculatePcaAsync([1, 2], 1)).rejects.toThrow(
    'calculatePca: interleavedData must be a Float32Array',
  );
});

test('channels are picked in the given order, and stages behind see their number', () => {
  const pipeline = createDspPipeline()
    .ChannelSelect({ channels: [2, 0, 2], numInputChannels: 3 })
    .ChannelMerge({ mapping: [1, 2], numInputChannels: 3 });
  expect(pipeline.processSync(Float32Array.of(1, 2, 3, 4, 5, 6), { channels: 3 })).toEqual(Float32Array.of(1, 3, 4, 6));
  expect(() => pipeline.processSync(new Float32Array(4), { channels: 2 })).toThrow(
    /configured for 3 input channels, got 2/,
  );
});

test('states of trained stages load as lists and as the original wrote them', async () => {
  const pca = dspx.calculatePca(data, 3);
  const saved = createDspPipeline().PcaTransform(pca);
  const want = saved.processSync(data.slice(0, 30), { channels: 3 });
  const state = JSON.parse(await saved.saveState());
  delete state.checksum;
  const keyed = structuredClone(state);
  for (const key of ['mean', 'matrix']) keyed.stages[0].state[key] = { ...keyed.stages[0].state[key] };
  for (const form of [state, keyed]) {
    const fresh = createDspPipeline();
    await fresh.loadState(JSON.stringify(form));
    expect(fresh.processSync(data.slice(0, 30), { channels: 3 })).toEqual(want);
  }
});

test('training functions take whatever they are given with a typed error or a result', () => {
  const names = Object.keys(dspx).filter(
    (name) => /^calculate(Pca|Whitening|Ica|Common|Beamformer)/.test(name) && !name.endsWith('Async'),
  );
  expect(names.length).toBe(5);
  const samples = fc
    .array(fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, 3e38)), { maxLength: 60 })
    .map((x) => Float32Array.from(x));
  const argument = fc.oneof(
    samples,
    fc.constantFrom(0, 1, 2, 3, 1e9, 2 ** 53, -1, NaN, 'linear', null, undefined),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(argument, { maxLength: 5 }), (name, args) => {
      try {
        expect(dspx[name](...args).numChannels).toBeGreaterThan(0);
      } catch (error) {
        expect(['TypeError', 'RangeError']).toContain(error.name);
      }
    }),
    { numRuns: 1000 },
  );
});
