const fc = require('fast-check');
const { createDspPipeline } = require('../../index.js');

const noise = (n, seed = 1) =>
  Float32Array.from({ length: n }, (_, i) => (((i * i * 7919 + i * 104729 + seed * 7907) % 2003) - 1001) / 1024);
const close = (got, want) => {
  expect(got).toHaveLength(want.length);
  got.forEach((v, i) => expect(v).toBeCloseTo(want[i], 5));
};

test('fft there and back', async () => {
  const x = noise(64);
  const pipeline = createDspPipeline().fft({ size: 16, output: 'complex' }).fft({ size: 16, forward: false });
  close(await pipeline.process(new Float32Array(x), { channels: 2 }), x);
});

test('stft keeps the length, and slides from call to call', async () => {
  const x = noise(64);
  const whole = createDspPipeline().stft({ windowSize: 8, hopSize: 8, window: 'none' });
  const parts = createDspPipeline().stft({ windowSize: 8, hopSize: 8, window: 'none' });
  const want = await whole.process(new Float32Array(x));
  const frames = [];
  for (let at = 0; at < 64; at += 4) {
    const out = await parts.process(x.slice(at, at + 4));
    expect(out).toHaveLength(4);
    if (at % 8 === 4) frames.push(...out);
  }
  // A call of four samples has room for four of the five bins.
  close(frames, [...Array(8).keys()].flatMap((k) => [...want.subarray(5 * k, 5 * k + 4)]));
});

test('HilbertEnvelope follows an amplitude', () => {
  const x = Float32Array.from({ length: 256 }, (_, i) => 2 * Math.sin((2 * Math.PI * i) / 8));
  const y = createDspPipeline().HilbertEnvelope({ windowSize: 64, hopSize: 1 }).processSync(x);
  y.subarray(64).forEach((v) => expect(v).toBeCloseTo(2, 5));
});

test('WaveletTransform of pairs', () => {
  const y = createDspPipeline().WaveletTransform({ wavelet: 'haar' }).processSync(Float32Array.of(1, 3, 2, 2));
  close([...y], [2 * Math.SQRT2, 2 * Math.SQRT2, -Math.SQRT2, 0]);
});

test('MedianFilter and SavgolFilter continue from call to call', async () => {
  for (const add of [
    (p) => p.MedianFilter({ windowSize: 5 }),
    (p) => p.SavgolFilter({ windowLength: 7, polyOrder: 2 }),
  ]) {
    const x = noise(60);
    const want = add(createDspPipeline()).processSync(new Float32Array(x));
    const first = add(createDspPipeline());
    const got = [...first.processSync(x.slice(0, 23))];
    const second = add(createDspPipeline());
    await second.loadState(await first.saveState({ format: 'toon' }));
    got.push(...second.processSync(x.slice(23)));
    expect(got).toEqual([...want]);
  }
});

test('labels', () => {
  const labels = [];
  const pipeline = createDspPipeline();
  pipeline.fft({ size: 16 }).melSpectrogram({ filterbankMatrix: new Float32Array(18), numBins: 9, numMelBands: 2 });
  pipeline.mfcc({ numMelBands: 2, numCoefficients: 1, lifterCoefficient: 22 });
  pipeline.tap((_, label) => labels.push(label));
  pipeline.processSync(noise(16));
  expect(labels).toEqual([
    'fft:rfft:16:batch:forward:magnitude → melSpectrogram:9bins→2mels → mfcc:2mels→1coeffs:log:lift22',
  ]);
});

test('any parameters give a stage or a typed error', () => {
  const value = fc.oneof(
    fc.integer({ min: -2, max: 40 }),
    fc.anything(),
    fc.constantFrom('rfft', 'moving', 'hann', 'db3', 'complex'),
  );
  const keys = [
    'size',
    'mode',
    'hopSize',
    'type',
    'forward',
    'output',
    'windowSize',
    'method',
    'window',
    'filterbankMatrix',
    'numBins',
    'numMelBands',
    'numCoefficients',
    'useLogEnergy',
    'lifterCoefficient',
    'wavelet',
    'windowLength',
    'polyOrder',
    'deriv',
    'delta',
  ];
  const params = fc.dictionary(fc.constantFrom(...keys), value);
  fc.assert(
    fc.property(params, fc.float32Array({ maxLength: 80, noDefaultInfinity: true }), (p, x) => {
      for (const method of [
        'fft',
        'stft',
        'melSpectrogram',
        'mfcc',
        'WaveletTransform',
        'HilbertEnvelope',
        'MedianFilter',
        'SavgolFilter',
      ]) {
        const pipeline = createDspPipeline();
        try {
          pipeline[method](p);
        } catch (error) {
          expect(['TypeError', 'RangeError']).toContain(error.name);
          continue;
        }
        expect(pipeline.processSync(x.slice())).toBeInstanceOf(Float32Array);
      }
    }),
    { numRuns: 200 },
  );
});
