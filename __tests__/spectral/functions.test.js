const fc = require('fast-check');
const dspx = require('../../index.js');

const noise = (n, seed = 1) =>
  Float32Array.from({ length: n }, (_, i) => (((i * i * 7919 + i * 104729 + seed * 7907) % 2003) - 1001) / 1024);
const sine = (n, cycles) => Float32Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * cycles * i) / n));

test('a sine is a line of half its power in a spectrum', () => {
  const { frequencies, power } = dspx.welch(sine(4096, 512), { sampleRate: 1000, scaling: 'spectrum' });
  const peak = power.indexOf(Math.max(...power));
  expect(frequencies[peak]).toBe(125);
  expect(power[peak]).toBeCloseTo(0.5, 6);
});

test('stft and istft give the signal back', () => {
  const x = noise(1000);
  const options = { nperseg: 128, noverlap: 96 };
  const back = dspx.istft(dspx.stft(x, options), options);
  x.forEach((v, i) => expect(back[i]).toBeCloseTo(v, 6));
  expect(dspx.checkCola('hann', 128, 96)).toBe(true);
  expect(dspx.checkNola('hann', 128, 0)).toBe(false);
});

test('coherence, csd, spectrogram, goertzel, czt and zoomFft agree on a line', () => {
  const x = sine(1024, 128);
  const { frequencies, coherence } = dspx.coherence(x, x);
  expect(coherence[frequencies.indexOf(0.125)]).toBeCloseTo(1, 9);
  expect(dspx.csd(x, x, { scaling: 'spectrum' }).real[32]).toBeCloseTo(0.5, 6);
  const { times, values } = dspx.spectrogram(x);
  expect(values).toHaveLength(times.length * 129);
  expect(dspx.goertzel(x, 0.125).power[0]).toBeCloseTo(512 ** 2, 0);
  expect(dspx.czt(x).imag[128]).toBeCloseTo(-512, 3);
  expect(dspx.zoomFft(x, [0.12, 0.13], { m: 10 }).imag[5]).toBeCloseTo(-512, 3);
  expect(dspx.analyticSignal(x).imag[0]).toBeCloseTo(-1, 6);
});

test('windows are by name, with parameters, periodic or symmetric', () => {
  expect([...dspx.getWindow('hann', 4)].map((w) => +w.toFixed(9))).toEqual([0, 0.5, 1, 0.5]);
  expect(dspx.getWindow(['kaiser', 8.6], 5, false)[2]).toBe(1);
  expect(() => dspx.getWindow('hanning', 5)).toThrow(TypeError);
  expect(() => dspx.getWindow('kaiser', 5)).toThrow(/beta/);
});

test('peaks have the properties that were asked for', () => {
  const x = Float32Array.of(0, 2, 0, 3, 1, 2, 0);
  expect(dspx.findPeaks(x)).toEqual({ peaks: Uint32Array.of(1, 3, 5) });
  const found = dspx.findPeaks(x, { height: [null, 2], prominence: 1 });
  expect([...found.peaks]).toEqual([1, 5]);
  expect([...found.peakHeights]).toEqual([2, 2]);
  expect([...found.prominences]).toEqual([2, 1]);
  expect(found.widths).toBeUndefined();
});

test('filters keep the length', () => {
  const x = noise(50);
  expect(dspx.savgolFilter(x, 7, 2)).toHaveLength(50);
  expect([...dspx.medianFilter(Float32Array.of(1, 9, 1, 2), 3)]).toEqual([1, 1, 2, 1]);
  expect(() => dspx.savgolFilter(x, 6, 2)).toThrow(RangeError);
  expect(() => dspx.medianFilter(x, 4)).toThrow(TypeError);
});

test('mel filter banks fit the melSpectrogram stage', async () => {
  const filterbankMatrix = dspx.melFilterBank({ sampleRate: 8000, nFft: 256, nMels: 20 });
  const pipeline = dspx.createDspPipeline().fft({ size: 256, output: 'power' });
  pipeline.melSpectrogram({ filterbankMatrix, numBins: 129, numMelBands: 20 }).mfcc({ numMelBands: 20 });
  expect(await pipeline.process(noise(1024))).toHaveLength(4 * 13);
  const mel = dspx.calculateMelSpectrogram(noise(1024), { sampleRate: 8000, nFft: 256, nMels: 20, hopLength: 128 });
  expect(mel).toMatchObject({ numFrames: 9, numCoefficients: 20 });
  expect(dspx.calculateMfcc(noise(4096), { nMfcc: 13 }).values).toHaveLength(9 * 13);
});

test('the asynchronous forms give the same results', async () => {
  const x = noise(600);
  const pairs = [
    [dspx.welch, dspx.welchAsync, [x]],
    [dspx.periodogram, dspx.periodogramAsync, [x]],
    [dspx.csd, dspx.csdAsync, [x, x]],
    [dspx.coherence, dspx.coherenceAsync, [x, x]],
    [dspx.spectrogram, dspx.spectrogramAsync, [x]],
    [dspx.findPeaks, dspx.findPeaksAsync, [x, { width: 1 }]],
    [dspx.medianFilter, dspx.medianFilterAsync, [x, 5]],
    [dspx.savgolFilter, dspx.savgolFilterAsync, [x, 5, 2]],
    [dspx.calculateMfcc, dspx.calculateMfccAsync, [x]],
    [dspx.calculateSampleEntropy, dspx.calculateSampleEntropyAsync, [x]],
    [dspx.calculateApproximateEntropy, dspx.calculateApproximateEntropyAsync, [x]],
    [dspx.autocorrelation, dspx.autocorrelationAsync, [x]],
    [dspx.crossCorrelation, dspx.crossCorrelationAsync, [x, noise(600, 2)]],
  ];
  for (const [sync, async, values] of pairs) expect(await async(...values)).toEqual(sync(...values));
  await expect(dspx.welchAsync('x')).rejects.toThrow(TypeError);
});

test('dwt and hilbertEnvelope leave the signal alone, short or long', async () => {
  for (const n of [64, 50_000]) {
    const x = noise(n);
    const y = await dspx.dwt(x, 'db4');
    const z = await dspx.hilbertEnvelope(x, 32, 1);
    expect([y.length, z.length]).toEqual([n, n]);
    expect(x).toEqual(noise(n));
  }
  await expect(dspx.dwt(noise(4), 'db11')).rejects.toThrow(/Unknown wavelet/);
  await expect(dspx.dwt([1, 2], 'haar')).rejects.toThrow(TypeError);
  await expect(dspx.hilbertEnvelope(noise(4), 1)).rejects.toThrow(/hop size must be between/);
});

test('features: worked examples', () => {
  expect(dspx.calculateHjorthParameters(Float32Array.of(1, 2, 3, 4))).toEqual({
    activity: 1.25,
    mobility: 0,
    complexity: NaN,
  });
  expect(() => dspx.calculateHjorthParameters(Float32Array.of(1, 2))).toThrow(/at least 3 samples/);
  expect(dspx.calculateShannonEntropy(Float32Array.of(0, 1, 2, 3), 4)).toBe(2);
  expect(dspx.calculateSpectralFeatures(Float32Array.of(0, 1, 0, 3), 8)).toEqual({
    centroid: 2.5,
    rolloff: 3,
    flux: 0,
  });
  expect(() => dspx.calculateSampleEntropy(Float32Array.of(1), 2)).toThrow('Signal too short for pattern length 2');
});

test('trackers equal the features of their window', () => {
  const x = noise(100);
  const hjorth = new dspx.HjorthTracker(16);
  const entropy = new dspx.EntropyTracker(16, 8);
  x.forEach((v, i) => {
    const window = i < 15 ? null : x.slice(i - 15, i + 1);
    expect(hjorth.update(v)).toEqual(window && dspx.calculateHjorthParameters(window));
    expect(entropy.update(v)).toBe(window && dspx.calculateShannonEntropy(window, 8));
  });
  hjorth.reset();
  expect(hjorth.update(1)).toBeNull();
  const tracker = new dspx.SpectralFeaturesTracker();
  tracker.calculate(Float32Array.of(0, 0), 8);
  expect(tracker.calculate(Float32Array.of(3, 4), 8).flux).toBe(5);
});

test('sums are the same short and long, by function and by class', () => {
  for (const n of [0, 5, 127, 128, 1000]) {
    const [x, y] = [noise(n), noise(n, 2)];
    expect(dspx.sum(x)).toBeCloseTo(x.reduce((a, v) => a + v, 0), 9);
    expect(dspx.sumOfSquares(x)).toBeCloseTo(x.reduce((a, v) => a + v * v, 0), 9);
    expect(dspx.dotProduct(x, y)).toBeCloseTo(x.reduce((a, v, i) => a + v * y[i], 0), 9);
  }
  for (const name of ['sum', 'sumOfSquares', 'dotProduct', 'detrend', 'autocorrelation', 'crossCorrelation']) {
    expect(dspx.DspUtils[name]).toBe(dspx[name]);
  }
});

test('nothing but typed errors for any arguments', async () => {
  const names = [
    'welch',
    'periodogram',
    'csd',
    'coherence',
    'spectrogram',
    'stft',
    'istft',
    'checkCola',
    'checkNola',
    'getWindow',
    'goertzel',
    'czt',
    'zoomFft',
    'analyticSignal',
    'melFilterBank',
    'calculateMelSpectrogram',
    'calculateMfcc',
    'savgolFilter',
    'medianFilter',
    'findPeaks',
    'calculateHjorthParameters',
    'calculateSpectralCentroid',
    'calculateSpectralRolloff',
    'calculateSpectralFlux',
    'calculateShannonEntropy',
    'calculateSampleEntropy',
    'calculateApproximateEntropy',
    'dotProduct',
    'sum',
    'sumOfSquares',
    'detrend',
    'autocorrelation',
    'crossCorrelation',
    'dwt',
    'hilbertEnvelope',
    'detectGaps',
    'validateMonotonicity',
    'estimateSampleRate',
  ];
  const value = fc.oneof(
    fc.float32Array({ maxLength: 40 }),
    fc.anything(),
    fc.integer({ min: -2, max: 70 }),
    fc.record({
      nperseg: fc.integer({ min: -1, max: 50 }),
      noverlap: fc.integer({ min: -1, max: 50 }),
      window: fc.anything(),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 4 }), async (values) => {
      for (const name of names) {
        try {
          await dspx[name](...values);
        } catch (error) {
          expect(['Error', 'TypeError', 'RangeError']).toContain(error.name);
          expect(error.message).not.toMatch(/internal error|panicked/);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('channels: apart, together, one of them', () => {
  const planar = [Float32Array.of(1, 2), Float32Array.of(10, 20)];
  const frames = dspx.DspUtils.interleave(planar);
  expect([...frames]).toEqual([1, 10, 2, 20]);
  expect(dspx.DspUtils.deinterleave(frames, 2)).toEqual(planar);
  expect(dspx.DspUtils.getChannel(frames, 2, 1)).toEqual(planar[1]);
  expect(() => dspx.DspUtils.getChannel(frames, 2, 2)).toThrow(/out of bounds/);
  expect(() => dspx.DspUtils.deinterleave(frames, 3)).toThrow(RangeError);
});
