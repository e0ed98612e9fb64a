const fc = require('fast-check');
const { FftProcessor, MovingFftProcessor, FftBatchProcessor, FftUtils } = require('../../index.js');

/** The definition, in float64. */
function bin(x, k) {
  let re = 0;
  let im = 0;
  x.forEach((v, n) => {
    const angle = (-2 * Math.PI * ((k * n) % x.length)) / x.length;
    re += v * Math.cos(angle);
    im += v * Math.sin(angle);
  });
  return [re, im];
}

const noise = (n, seed = 1) =>
  Float32Array.from({ length: n }, (_, i) => (((i * i * 7919 + i * 104729 + seed * 7907) % 2003) - 1001) / 1024);

describe('FftProcessor', () => {
  test.each([1, 2, 3, 8, 12, 17, 100, 128])('rfft of %d samples is the definition, and irfft its inverse', (n) => {
    const fft = new FftProcessor(n);
    const x = noise(n);
    const { real, imag } = fft.rfft(x);
    expect(real).toHaveLength((n >> 1) + 1);
    real.forEach((re, k) => {
      const [wantRe, wantIm] = bin(x, k);
      // 1e-6 of the largest possible magnitude is what is promised.
      expect(Math.hypot(re - wantRe, imag[k] - wantIm)).toBeLessThan(1e-6 * n);
    });
    fft.irfft({ real, imag }).forEach((v, i) => expect(v).toBeCloseTo(x[i], 5));
    expect(x).toEqual(noise(n));
  });

  test('real input has real bins at DC and Nyquist, and +0 for zeros', () => {
    const fft = new FftProcessor(12);
    const { imag } = fft.dft({ real: noise(12), imag: new Float32Array(12) });
    expect([imag[0], imag[6]].every((v) => Object.is(v, 0))).toBe(true);
    const zeros = fft.dft({ real: new Float32Array(12), imag: new Float32Array(12) });
    expect([...zeros.real, ...zeros.imag].every((v) => Object.is(v, 0))).toBe(true);
  });

  const parts = (n) => ({ real: new Float32Array(n).fill(7), imag: new Float32Array(n).fill(7) });

  test.each([12, 4096, 5000])(
    'transforms of %d points fill the arrays they are given, also those of their input',
    (n) => {
      const fft = new FftProcessor(n);
      const half = (n >> 1) + 1;
      const x = noise(n);
      const z = { real: x, imag: noise(n, 2) };
      const spectrum = fft.rfft(x);

    const given = parts(half);
    expect(fft.rfft(x, given)).toBe(given);
    expect(given).toEqual(spectrum);
    const samples = new Float32Array(n);
    expect(fft.irfft(spectrum, samples)).toBe(samples);
    expect(samples).toEqual(fft.irfft(spectrum));
    for (const method of ['dft', 'idft']) {
      const want = fft[method](z);
      expect(fft[method](z, parts(n))).toEqual(want);
      const self = { real: z.real.slice(), imag: z.imag.slice() };
      expect(fft[method](self, self)).toEqual(want);
    }
    const shared = new Float32Array(2 * n);
    shared.set(x);
    const overlapping = { real: shared.subarray(1, 1 + half), imag: new Float32Array(half) };
    expect([...fft.rfft(shared.subarray(0, n), overlapping).real]).toEqual([...spectrum.real]);
  });

  test('arrays for the result must have its length', () => {
    const fft = new FftProcessor(8);
    for (const bad of [null, 1, {}, parts(4), parts(8), [1, 2]])
      expect(() => fft.rfft(noise(8), bad)).toThrow(TypeError);
    expect(() => fft.irfft(parts(5), new Float32Array(7))).toThrow(/match FFT size/);
    expect(() => fft.fft(parts(8), parts(9))).toThrow(/match FFT size/);
  });

  test('the asynchronous forms give the same numbers', async () => {
    const fft = new FftProcessor(1000);
    const x = noise(1000);
    const spectrum = fft.rfft(x);
    expect(await fft.rfftAsync(x)).toEqual(spectrum);
    expect(await fft.irfftAsync(spectrum)).toEqual(fft.irfft(spectrum));
    const z = { real: x, imag: noise(1000, 2) };
    expect(await fft.dftAsync(z)).toEqual(fft.dft(z));
    expect(await fft.idftAsync(z)).toEqual(fft.idft(z));
    await expect(fft.rfftAsync(new Float32Array(5))).rejects.toThrow(/match FFT size/);
  });

  test('sizes are positive integers up to 2^26', () => {
    for (const bad of [undefined, null, '8', {}, 0, -1, 2.5, NaN])
      expect(() => new FftProcessor(bad)).toThrow(TypeError);
    expect(() => new FftProcessor(2 ** 27)).toThrow(RangeError);
    expect(() => new FftProcessor(12).fft({})).toThrow(/power-of-2/);
  });

  test('no input makes a transform do anything but answer or throw a TypeError', () => {
    const fft = new FftProcessor(8);
    const arrays = fc.oneof(fc.float32Array({ maxLength: 12 }), fc.float64Array({ maxLength: 12 }), fc.anything());
    const input = fc.oneof(arrays, fc.record({ real: arrays, imag: arrays }));
    fc.assert(
      fc.property(input, fc.option(input, { nil: undefined }), (x, out) => {
        for (const method of ['fft', 'ifft', 'dft', 'idft', 'rfft', 'irfft', 'getMagnitude', 'getPower', 'getPhase']) {
          try {
            fft[method](x, out);
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
          }
        }
      }),
    );
  });
});

describe('MovingFftProcessor', () => {
  test('spectra of the last samples, whatever the chunks', () => {
    const x = noise(90);
    const fft = new FftProcessor(16);
    for (const [mode, hop] of [['batched', 6], ['batched', 16], ['moving', 3]]) {
      const want = [];
      for (let end = 16; end <= x.length; end += mode === 'moving' ? 1 : hop)
        want.push(fft.rfft(x.slice(end - 16, end)));
      for (const chunk of [1, 7, 90]) {
        const moving = new MovingFftProcessor({ fftSize: 16, hopSize: hop, mode, windowType: 'none' });
        const got = [];
        for (let at = 0; at < x.length; at += chunk) moving.addSamples(x.subarray(at, at + chunk), (s) => got.push(s));
        expect(got).toEqual(want);
      }
      const moving = new MovingFftProcessor({ fftSize: 16, hopSize: hop, mode, windowType: 'none' });
      expect([...x].map((v) => moving.addSample(v)).filter(Boolean)).toEqual(want);
    }
  });

  test('a counted spectrum without a callback is the one that is reported', () => {
    const quiet = new MovingFftProcessor({ fftSize: 8, hopSize: 3 });
    const heard = new MovingFftProcessor({ fftSize: 8, hopSize: 3 });
    const x = noise(40);
    expect(quiet.addSamples(x)).toBe(heard.addSamples(x, () => {}));
    expect(quiet.getMagnitudeSpectrum()).toEqual(heard.getMagnitudeSpectrum());
    expect(quiet.getFillLevel()).toBe(16);
  });

  test('an exception in the callback leaves the later samples out', () => {
    const moving = new MovingFftProcessor({ fftSize: 4 });
    const boom = () => {
      throw new Error('boom');
    };
    expect(() => moving.addSamples(noise(10), boom)).toThrow('boom');
    expect(moving.getFillLevel()).toBe(4);
  });

  test('changing a spectrum that was handed out changes nothing else', () => {
    const moving = new MovingFftProcessor({ fftSize: 4, windowType: 'none' });
    moving.addSamples(Float32Array.of(1, 0, 0, 0), (spectrum) => spectrum.real.fill(9));
    expect([...moving.getMagnitudeSpectrum()]).toEqual([1, 1, 1]);
  });

  test('options are checked', () => {
    for (const bad of [
      undefined,
      null,
      5,
      {},
      { fftSize: 0 },
      { fftSize: '8' },
      { fftSize: 8, hopSize: 9 },
      { fftSize: 8, hopSize: -1 },
      { fftSize: 8, hopSize: 1.5 },
      { fftSize: 8, mode: 'x' },
      { fftSize: 8, windowType: 'x' },
      { fftSize: 8, windowType: 5 },
    ]) {
      expect(() => new MovingFftProcessor(bad)).toThrow(TypeError);
    }
  });
});

describe('FftBatchProcessor', () => {
  const signals = [5, 8, 1, 1000, 8].map((n, i) => ({ input: noise(n, i) }));

  test.each([1, 2, 0])('gives one half spectrum per signal with numThreads %d', (numThreads) => {
    const batch = new FftBatchProcessor({ numThreads });
    const want = signals.map(({ input }) => new FftProcessor(input.length).rfft(input));
    expect(batch.processBatch(signals)).toEqual(want);
    expect(batch.processBatch(signals)).toEqual(want);
    expect(batch.getCacheStats()).toEqual({ hits: 5, misses: 5, hitRate: 0.5 });
  });

  test('many long signals on several threads', async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ input: noise(i % 2 ? 8192 : 9000, i) }));
    const one = new FftBatchProcessor({ numThreads: 1, enableCache: false }).processBatch(many);
    const batch = new FftBatchProcessor({ numThreads: 4 });
    expect(batch.processBatch(many)).toEqual(one);
    expect(await batch.processBatchAsync(many)).toEqual(one);
  });

  test('the least recently used result goes first, and results are copies', () => {
    const batch = new FftBatchProcessor({ numThreads: 1, cacheSize: 2 });
    const [a, b, c] = [1, 2, 3].map((seed) => ({ input: noise(16, seed) }));
    batch.processBatch([a, b, a]);
    batch.processBatch([c])[0].real.fill(0);
    expect(batch.processBatch([c])[0].real[0]).not.toBe(0);
    batch.processBatch([a]);
    expect(batch.getCacheStats().hits).toBe(3);
    batch.processBatch([b]);
    expect(batch.getCacheStats()).toMatchObject({ hits: 3, misses: 4 });
    batch.clearCache();
    expect(batch.getCacheStats()).toEqual({ hits: 0, misses: 0, hitRate: 0 });
  });

  test('nothing is kept with cacheSize 0, nothing counted without a cache', () => {
    const none = new FftBatchProcessor({ numThreads: 1, cacheSize: 0 });
    none.processBatch([signals[0], signals[0]]);
    expect(none.getCacheStats()).toEqual({ hits: 0, misses: 2, hitRate: 0 });
    const off = new FftBatchProcessor({ enableCache: false });
    off.processBatch(signals);
    expect(off.getCacheStats()).toEqual({ hits: 0, misses: 0, hitRate: 0 });
  });

  test('bad batches change nothing', () => {
    const batch = new FftBatchProcessor();
    for (const bad of [null, {}, [5], [{}], [{ input: [1] }], [signals[0], { input: new Float32Array(0) }]]) {
      expect(() => batch.processBatch(bad)).toThrow(TypeError);
    }
    expect(batch.getCacheStats().misses).toBe(0);
    for (const options of [{ numThreads: -1 }, { numThreads: 1e6 }, { cacheSize: -1 }, { cacheSize: 1.5 }]) {
      expect(() => new FftBatchProcessor(options)).toThrow(TypeError);
    }
  });
});

test('FftUtils', () => {
  expect([-1, 0, 1, 2.5, 5, 1024].map((n) => FftUtils.nextPowerOfTwo(n))).toEqual([1, 1, 1, 4, 8, 1024]);
  expect([1, 64, 0, -4, 2.5, 6].map((n) => FftUtils.isPowerOfTwo(n))).toEqual([true, true, false, false, false, false]);
  expect([...FftUtils.padToPowerOfTwo(Float32Array.of(1, 2, 3))]).toEqual([1, 2, 3, 0]);
  const x = noise(4);
  expect(FftUtils.zeroPad(x, 3)).toBe(x);
  expect(FftUtils.findPeakFrequency(Float32Array.of(0, 1, 5, 5), 100, 8)).toBe(25);
  expect([...FftUtils.toDecibels(Float32Array.of(1, 0))]).toEqual([0, -200]);
  expect(FftUtils.applyAWeighting(Float32Array.of(1, 1), Float32Array.of(0, 1000))[1]).toBeCloseTo(0.794, 3);
});
