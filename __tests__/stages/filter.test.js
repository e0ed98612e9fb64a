'use strict';

const fc = require('fast-check');
const dsp = require('../..');

const { FirFilter, IirFilter, AdaptiveLMSFilter, FilterBankDesign, createDspPipeline } = dsp;

const noise = (count, seed = 1) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * i * 0.37 + seed) + 0.5 * Math.cos(i * 0.11));
const largest = (list) => list.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

const lowPass = { type: 'butterworth', mode: 'lowpass', cutoffFrequency: 100, sampleRate: 1000, order: 4 };
const BAND = { lowCutoffFrequency: 50, highCutoffFrequency: 100, sampleRate: 1000 };

describe('filter', () => {
  test('a band-pass keeps its band and stops the rest', async () => {
    const options = { type: 'butterworth', mode: 'bandpass', ...BAND, order: 4 };
    const tone = (f) => Float32Array.from({ length: 4000 }, (_, n) => Math.sin(2 * Math.PI * f * n / 1000));
    for (const [frequency, gain] of [[70, 1], [5, 0], [300, 0]]) {
      const y = await createDspPipeline().filter(options).process(tone(frequency));
      expect(largest(y.subarray(2000))).toBeCloseTo(gain, 2);
    }
  });

  test('an elliptic filter is that of the class', async () => {
    const options = { ...lowPass, type: 'elliptic', ripple: 1, stopbandDb: 60 };
    const y = await createDspPipeline().filter(options).processCopy(noise(200));
    expect(await IirFilter.createEllipticLowPass(options).process(noise(200))).toEqual(y);
    const { stopbandDb, ...open } = options;
    expect(stopbandDb).toBe(60);
    expect(() => createDspPipeline().filter(open)).toThrow(/an elliptic filter is not supported without stopbandDb/);
  });

  test('a class filter and the stage give the same numbers', async () => {
    const x = noise(500);
    const filter = IirFilter.createButterworthLowPass(lowPass);
    const y = await createDspPipeline().filter(lowPass).processCopy(x);
    expect(await filter.process(x)).toEqual(y);
    filter.reset();
    const one = [];
    for (const sample of x.subarray(0, 20)) one.push(await filter.processSample(sample));
    expect(one).toEqual([...y.subarray(0, 20)]);
  });

  test('chunks, JSON and TOON in between give the same bits', async () => {
    const x = noise(900);
    const options = { type: 'chebyshev', mode: 'bandstop', ...BAND, order: 5, chebyshevType: 2 };
    const expected = createDspPipeline().filter(options).processSyncCopy(x, { channels: 3 });
    let pipeline = createDspPipeline().filter(options);
    const got = [];
    for (let at = 0, turn = 0; at < x.length; turn++) {
      const end = Math.min(x.length, at + 3 * (1 + (turn * 7) % 40));
      got.push(...pipeline.processSyncCopy(x.subarray(at, end), { channels: 3 }));
      at = end;
      const state = await pipeline.saveState(turn % 2 ? { format: 'toon' } : undefined);
      pipeline = createDspPipeline().filter(options);
      await pipeline.loadState(state);
    }
    expect(Float32Array.from(got)).toEqual(expected);
  });

  test('the design of the call, the pipeline or the process', () => {
    const b0 = (pipeline) => pipeline.processSyncCopy([1])[0];
    const standard = b0(createDspPipeline().filter(lowPass));
    const dspx = b0(createDspPipeline().filter({ ...lowPass, design: 'dspx' }));
    expect(dspx).not.toBe(standard);
    expect(b0(createDspPipeline({ design: 'dspx' }).filter(lowPass))).toBe(dspx);
    expect(b0(createDspPipeline({ design: 'dspx' }).filter({ ...lowPass, design: 'standard' }))).toBe(standard);
    dsp.setDefaultDesign('dspx');
    try {
      expect(b0(createDspPipeline().filter(lowPass))).toBe(dspx);
      expect(IirFilter.createButterworthLowPass(lowPass).getOrder()).toBe(2);
    } finally {
      dsp.setDefaultDesign('standard');
    }
  });

  test('refused by a disposed pipeline', () => {
    const pipeline = createDspPipeline();
    pipeline.dispose();
    expect(() => pipeline.filter(lowPass)).toThrow(/Failed to add filter stage to pipeline: Pipeline is disposed/);
  });
});

describe('designs', () => {
  test('−3 dB at the edge, flat in front of it', () => {
    const filter = IirFilter.createButterworthLowPass(lowPass);
    const { magnitude, phase } = filter.frequencyResponse([0, 100, 400]);
    expect(magnitude).toBeInstanceOf(Float64Array);
    expect(magnitude[0]).toBeCloseTo(1, 12);
    expect(magnitude[1]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(magnitude[2]).toBeLessThan(1e-3);
    expect(phase[0]).toBeCloseTo(0, 12);
    expect(filter.isStable()).toBe(true);
    expect(filter.getSections()).toHaveLength(2);
  });

  test('an elliptic filter ripples as told', () => {
    const filter = IirFilter.createEllipticLowPass({ ...lowPass, order: 6, rippleDb: 1, stopbandDb: 60 });
    const frequencies = Array.from({ length: 200 }, (_, i) => i * 2.5);
    const { magnitude } = filter.frequencyResponse(frequencies);
    const db = [...magnitude].map((m) => 20 * Math.log10(m));
    expect(Math.min(...db.slice(0, 41))).toBeCloseTo(-1, 2);
    expect(Math.max(...db.slice(60))).toBeCloseTo(-60, 0);
  });

  test('both spellings of an option are taken by the classes', () => {
    const centre = { centerFrequency: 60, sampleRate: 1000 };
    expect(IirFilter.createIirNotch({ ...centre, q: 6 }).getSections()).toEqual(
      IirFilter.createIirNotch({ ...centre, Q: 6 }).getSections(),
    );
    const peak = (options) => IirFilter.createPeakingEQ({ ...centre, ...options }).getSections();
    expect(peak({ q: 2, gain: 6 })).toEqual(peak({ Q: 2, gainDb: 6 }));
    const chebyshev = (options) => IirFilter.createChebyshevLowPass({ ...lowPass, ...options }).getSections();
    expect(chebyshev({ ripple: 2 })).toEqual(chebyshev({ rippleDb: 2 }));
    expect(chebyshev({ ripple: 2 })).not.toEqual(chebyshev({}));
    const bank = { scale: 'mel', count: 2, sampleRate: 1000, frequencyRange: [10, 400], type: 'chebyshev' };
    expect(FilterBankDesign.design({ ...bank, ripple: 2 })).toEqual(FilterBankDesign.design({ ...bank, rippleDb: 2 }));
  });

  test('orders and counts are whole numbers', () => {
    const bank = { scale: 'mel', count: 2, sampleRate: 1000, frequencyRange: [10, 400] };
    expect(() => IirFilter.createButterworthLowPass({ ...lowPass, order: 2.5 })).toThrow(
      /Order must be an integer, got 2.5/,
    );
    expect(() => FirFilter.createOptimal({ order: 20.7, bandEdges: [0, 0.1, 0.2, 0.5], desired: [1, 0] })).toThrow(
      /must be an integer/,
    );
    expect(() => createDspPipeline().filter({ ...lowPass, type: 'fir', order: 20.7 })).toThrow(
      /must be an integer, got 20.7/,
    );
    expect(() => FilterBankDesign.design({ ...bank, count: 2.5 })).toThrow(/Band count must be an integer, got 2.5/);
    expect(() => FilterBankDesign.design({ ...bank, order: 2.5 })).toThrow(/Order must be an integer, got 2.5/);
  });

  test('a notch of centre/Q between the −3 dB points', () => {
    const filter = IirFilter.createIirNotch({ centerFrequency: 60, sampleRate: 1000, Q: 6 });
    const { magnitude } = filter.frequencyResponse([60, 1]);
    expect(magnitude[0]).toBeCloseTo(0, 9);
    expect(magnitude[1]).toBeCloseTo(1, 3);
    const peak = IirFilter.createIirPeak({ centerFrequency: 60, sampleRate: 1000, Q: 6 });
    expect(peak.frequencyResponse([60]).magnitude[0]).toBeCloseTo(1, 9);
  });

  test('optimal and Kaiser FIR filters meet their attenuation', () => {
    const optimal = FirFilter.createOptimal({
      order: 101, bandEdges: [0, 100, 150, 500], desired: [1, 0], weights: [1, 10], sampleRate: 1000,
    });
    const kaiser = FirFilter.createKaiser({
      cutoffFrequency: 125, transitionWidth: 50, attenuationDb: 70, sampleRate: 1000,
    });
    const stop = Array.from({ length: 100 }, (_, i) => 150 + 3.5 * i);
    for (const filter of [optimal, kaiser]) {
      expect(largest(filter.frequencyResponse(stop).magnitude)).toBeLessThan(10 ** (-69 / 20));
    }
    expect([...optimal.groupDelay([10, 60])]).toEqual([50, 50]);
    expect(optimal.getOrder()).toBe(100);
  });

  test('filtfilt does not delay and leaves the state alone', async () => {
    const x = Float32Array.from({ length: 400 }, (_, n) => Math.sin((2 * Math.PI * 10 * n) / 1000));
    for (const filter of [
      IirFilter.createButterworthLowPass(lowPass),
      FirFilter.createLowPass({ ...lowPass, order: 41 }),
    ]) {
      const y = await filter.filtfilt(x);
      expect(largest(y.map((v, i) => v - x[i]).subarray(50, 350))).toBeLessThan(5e-3);
      await expect(filter.filtfilt(x.subarray(0, 5))).rejects.toThrow(RangeError);
      expect((await filter.process(new Float32Array(3)))).toEqual(new Float32Array(3));
    }
  });

  test('a filter bank from its design', async () => {
    const definitions = FilterBankDesign.createMel(4, 16000, [100, 8000]);
    expect(
      FilterBankDesign.getBoundaries({ scale: 'mel', count: 4, sampleRate: 16000, frequencyRange: [100, 8000] }),
    ).toHaveLength(5);
    const y = await createDspPipeline()
      .FilterBank({ definitions, inputChannels: 2 })
      .process(noise(64), { channels: 2 });
    expect(y).toHaveLength(64 * 4);
  });

  test('there is no public constructor', () => {
    expect(() => new FirFilter()).toThrow(TypeError);
    expect(() => new IirFilter()).toThrow(TypeError);
    expect(dsp.Fir).toBe(FirFilter);
    expect(dsp.Iir).toBe(IirFilter);
  });
});

describe('AdaptiveLMSFilter', () => {
  test('it identifies a gain, and one array may serve for all', () => {
    const filter = new AdaptiveLMSFilter(2, { mu: 0.1 });
    filter.init(1);
    const x = noise(2000);
    const [y, e] = [new Float32Array(2000), new Float32Array(2000)];
    filter.process(x, x.map((v) => 0.5 * v), y, e);
    expect(largest(e.subarray(1900))).toBeLessThan(1e-3);
    expect(filter.getWeights(0)[0]).toBeCloseTo(0.5, 3);
    filter.filter(x, x);
    expect(x[1999]).toBeCloseTo(y[1999], 3);
  });

  test('wrong calls', () => {
    const filter = new AdaptiveLMSFilter(4);
    const x = new Float32Array(4);
    expect(() => filter.process(x, x, x, x)).toThrow(/not initialized/);
    filter.init(1);
    expect(() => filter.process(x, new Float32Array(2), x, x)).toThrow(/length/);
    expect(() => filter.process([1], x, x, x)).toThrow(TypeError);
    expect(() => filter.setWeights(0, new Float32Array(3))).toThrow(/size mismatch/);
    expect(() => filter.getWeights(1)).toThrow(/out of range/);
    expect(() => filter.setLearningRate(2)).toThrow(/mu must be in range/);
    expect(() => new AdaptiveLMSFilter('4')).toThrow(TypeError);
    expect(() => new AdaptiveLMSFilter(-1)).toThrow(/greater than 0/);
  });
});

describe('optimal tables', () => {
  test('the subpath and the root are the same tables', () => {
    const tables = require('dspx-rs/optimal-fir-tables');
    expect(tables.getOptimalLowpass(0.2)).toBe(dsp.OPTIMAL_LOWPASS_COEFFS.cutoff_0_2);
    expect(tables.getOptimalBandpass(0.2, 0.4)).toBe(dsp.OPTIMAL_BANDPASS_COEFFS.band_0_2_0_4);
    for (const table of Object.values(dsp.OPTIMAL_HIGHPASS_COEFFS)) {
      expect(table).toBeInstanceOf(Float32Array);
      expect([...table].reverse()).toEqual([...table]);
    }
  });

  test('they are what createOptimal gives', () => {
    const taps = FirFilter.createOptimal({
      order: 61,
      bandEdges: [0, 0.375, 0.425, 0.5],
      desired: [1, 0],
    }).getCoefficients();
    const table = dsp.OPTIMAL_LOWPASS_COEFFS.cutoff_0_4;
    // float32 rounding of the table.
    expect(largest(taps.map((h, i) => h - table[i]))).toBeLessThan(3e-8);
  });
});

describe('whatever is passed in', () => {
  const odd = fc.oneof(
    fc.constantFrom(undefined, null, NaN, Infinity, -1, 0, 1e308, 2 ** 53, '', 'x', true, {}, [], [NaN], 1n),
    fc.double(), fc.integer(), fc.string(),
  );
  const text = fc.constantFrom(
    'fir',
    'iir',
    'butterworth',
    'chebyshev',
    'bessel',
    'elliptic',
    'biquad',
    'lowpass',
    'highpass',
    'bandpass',
    'notch',
    'peak',
    'allpass',
    'hann',
    'dspx',
    'standard',
    'phase',
    'moving',
    'batch',
    'fft',
    'direct',
  );
  const value = fc.oneof(odd, text, fc.double({ min: 0.001, max: 500, noNaN: true }), fc.integer({ min: 1, max: 60 }));
  const keys = [
    'type',
    'mode',
    'cutoffFrequency',
    'lowCutoffFrequency',
    'highCutoffFrequency',
    'centerFrequency',
    'sampleRate',
    'order',
    'windowType',
    'ripple',
    'rippleDb',
    'chebyshevType',
    'stopbandDb',
    'norm',
    'q',
    'Q',
    'gain',
    'gainDb',
    'design',
    'stateful',
    'attenuationDb',
    'transitionWidth',
    'bandEdges',
    'desired',
    'weights',
    'numTaps',
    'lambda',
    'delta',
    'mu',
    'normalized',
    'kernel',
    'method',
    'operation',
    'warmup',
    'dimensions',
    'processNoise',
    'definitions',
    'inputChannels',
    'scale',
    'count',
    'frequencyRange',
    'layout',
  ];
  const options = fc.oneof(odd, fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] }));
  const creators = [FirFilter, IirFilter].flatMap((type) =>
    Object.getOwnPropertyNames(type).filter((name) => name.startsWith('create')).map((name) => (o) => type[name](o)));
  const makers = [
    ...creators,
    ...['filter', 'LmsFilter', 'RlsFilter', 'KalmanFilter', 'convolution', 'FilterBank'].map(
      (m) => (o) => createDspPipeline()[m](o),
    ),
    (o) => new AdaptiveLMSFilter(o?.numTaps, o),
    (o) => FilterBankDesign.design(o),
    (o) => FilterBankDesign.getBoundaries(o),
  ];

  test('only typed errors come out', () => {
    fc.assert(fc.property(fc.constantFrom(...makers), options, (make, given) => {
      try {
        make(given);
      } catch (error) {
        expect([Error, TypeError, RangeError]).toContain(error.constructor);
        expect(error.message.length).toBeGreaterThan(5);
      }
    }), { numRuns: 3000 });
  });
});
