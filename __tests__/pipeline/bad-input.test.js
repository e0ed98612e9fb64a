const fc = require('fast-check');
const dspx = require('../..');

const { createDspPipeline } = dspx;
const methods = Object.getOwnPropertyNames(dspx.DspProcessor.prototype).filter((name) =>
  /^[A-Z]|^(filter|fft|stft|mfcc|melSpectrogram|convolution)$/.test(name),
);

/** Errors that a user may see; anything else (an internal error, a crash) is a bug. */
function isTyped(error) {
  return error instanceof Error && !/internal error|panicked|unwrap|index out of bounds|overflow/i.test(error.message);
}

const anything = fc.anything({
  withBigInt: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
});
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -1, 1, 3, 0.5, NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 1e300),
);
const keys = [
  'mode',
  'windowSize',
  'windowDuration',
  'alpha',
  'threshold',
  'gain',
  'epsilon',
  'output',
  'order',
  'type',
  'sampleRate',
  'cutoffFrequency',
  'lowCutoffFrequency',
  'highCutoffFrequency',
  'factor',
  'upFactor',
  'downFactor',
  'numTaps',
  'lambda',
  'delta',
  'mu',
  'kernel',
  'method',
  'dimensions',
  'size',
  'hopSize',
  'fftSize',
  'wavelet',
  'numChannels',
  'channels',
  'minPeakDistance',
  'domain',
  'design',
];
const text = fc.constantFrom(
  'moving',
  'batch',
  'butterworth',
  'fir',
  'lowpass',
  'bandpass',
  'slope',
  'full',
  'half',
  'db4',
  '',
);
const params = fc.dictionary(fc.constantFrom(...keys), fc.oneof(number, text, anything), { maxKeys: 8 });

test('stage methods take whatever they are given with a typed error or a working stage', () => {
  fc.assert(fc.property(fc.constantFrom(...methods), fc.oneof(params, anything), (method, argument) => {
    const pipeline = createDspPipeline();
    try {
      pipeline[method](argument);
    } catch (error) {
      expect(isTyped(error) ? 'typed' : `${method}: ${error.stack}`).toBe('typed');
      expect(pipeline.listState().stageCount).toBe(0);
      return;
    }
    try {
      pipeline.processSync(new Float32Array(16), new Float64Array(16).map((_, i) => i), { channels: 2 });
      pipeline.processSync(new Float32Array(0), new Float64Array(0), { channels: 1 });
    } catch (error) {
      expect(isTyped(error) ? 'typed' : `${method}: ${error.stack}`).toBe('typed');
    }
  }), { numRuns: 1500 });
});

test('process takes whatever it is given with a rejection or a result', async () => {
  await fc.assert(fc.asyncProperty(anything, anything, anything, async (input, second, third) => {
    const pipeline = createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 3 }).Rectify();
    for (const method of ['process', 'processCopy', 'processSync', 'processSyncCopy']) {
      try {
        expect(await pipeline[method](input, second, third)).toBeInstanceOf(Float32Array);
      } catch (error) {
        expect(isTyped(error) || typeof error?.message === 'string').toBe(true);
      }
    }
  }), { numRuns: 500 });
});

test('loadState takes whatever it is given and leaves the pipeline as it was', async () => {
  const print = ['warn', 'error'].map((name) => jest.spyOn(console, name).mockImplementation(() => {}));
  const pipeline = createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 3 });
  await pipeline.process(new Float32Array([1, 2, 3]));
  const before = JSON.parse(await pipeline.saveState()).stages;
  await fc.assert(fc.asyncProperty(fc.oneof(anything, fc.json(), fc.uint8Array()), async (state) => {
    const loaded = await pipeline.loadState(state).catch((error) => {
      expect(isTyped(error)).toBe(true);
      return false;
    });
    // Valid JSON with a list of no known stages loads and changes nothing either.
    expect(JSON.parse(await pipeline.saveState()).stages).toEqual(before);
    expect([true, false]).toContain(loaded);
  }), { numRuns: 500 });
  print.forEach((spy) => spy.mockRestore());
});

describe('the checks of process, in their order', () => {
  const pipeline = () => createDspPipeline().Rectify();
  const x = new Float32Array(4);
  test.each([
    ['a list of other things', [[1], [2]], undefined, TypeError, /must be Float32Arrays/],
    ['planes of two lengths', [x, new Float32Array(3)], undefined, TypeError, /same length/],
    ['a Float64Array', new Float64Array(4), undefined, TypeError, /must be a Float32Array, got Float64Array/],
    ['plain timestamps', x, [1, 2, 3, 4], TypeError, /timestamps must be/],
    ['too few timestamps', x, new Float64Array(3), Error, /Timestamps length \(3\) must match samples length \(4\)/],
    ['no channels', x, { channels: 0 }, TypeError, /channels must be a positive integer/],
    ['half a channel', x, { channels: 1.5 }, TypeError, /channels must be a positive integer/],
    ['a negative rate', x, { sampleRate: -1 }, TypeError, /sampleRate must be a positive/],
    ['an incomplete frame', x, { channels: 3 }, RangeError, /multiple of channels/],
    ['very many channels', new Float32Array(0), { channels: 1e9 }, RangeError, /channels/],
  ])('%s', async (_, input, second, type, message) => {
    const rejected = pipeline().process(input, second);
    await expect(rejected).rejects.toThrow(type);
    await expect(rejected).rejects.toThrow(message);
    expect(() => pipeline().processSync(input, second)).toThrow(message);
  });

  test('a disposed pipeline', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
    const disposed = pipeline();
    disposed.dispose();
    disposed.dispose();
    await expect(disposed.process(x)).rejects.toThrow(/Pipeline is disposed/);
    await expect(disposed.saveState()).rejects.toThrow(/Pipeline is disposed/);
    printed.mockRestore();
    expect(() => disposed.Rectify()).toThrow(/Pipeline is disposed/);
    expect(() => disposed.listState()).toThrow(/Pipeline is disposed/);
    expect(disposed.tap(() => {})).toBe(disposed);
  });
});
