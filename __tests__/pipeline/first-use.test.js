const { inspect } = require('node:util');
const { DspProcessor, FirFilter, IirFilter, createDspPipeline } = require('../..');

const average = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 3 });

describe('names that nearly exist', () => {
  test.each([
    ['movingAverage', 'MovingAverage'], ['moving_average', 'MovingAverage'], ['MovingAvarage', 'MovingAverage'],
    ['rectify', 'Rectify'], ['FFT', 'fft'], ['Filter', 'filter'], ['fliter', 'filter'], ['proces', 'process'],
    ['savestate', 'saveState'], ['process_sync', 'processSync'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(() => createDspPipeline()[name]({})).toThrow(TypeError);
    expect(() => createDspPipeline()[name]({})).toThrow(`A pipeline has no method ${name}: did you mean ${meant}?`);
  });

  test('of the filters’ creators', () => {
    const text = 'IirFilter has no method createButterworthLowpass: did you mean createButterworthLowPass?';
    expect(() => IirFilter.createButterworthLowpass({})).toThrow(text);
    expect(() => FirFilter.createLowpass({})).toThrow('did you mean createLowPass?');
    const filter = IirFilter.createButterworthLowPass({ order: 2, sampleRate: 1000, cutoffFrequency: 100 });
    expect(filter).toBeInstanceOf(IirFilter);
    expect(filter.isStable()).toBe(true);
  });

  test('other names are as absent as ever', async () => {
    const pipeline = createDspPipeline();
    const long = 'a'.repeat(1e6);
    const absent = ['then', 'length', 'constructorName', 'butterworth', 'x', '', '_ad', long, Symbol.iterator];
    for (const name of absent) expect(pipeline[name]).toBeUndefined();
    expect('movingAverage' in pipeline).toBe(false);
    expect(await Promise.resolve(pipeline)).toBe(pipeline);
    expect(pipeline).toBeInstanceOf(DspProcessor);
    expect(`${pipeline}`).toBe('[object Object]');
  });
});

test('the constructor says how a pipeline is made', () => {
  const text = 'DspProcessor has no public constructor: createDspPipeline() makes a pipeline';
  for (const args of [[], [{}], [undefined, {}]]) expect(() => new DspProcessor(...args)).toThrow(text);
});

test('printed, a pipeline shows its stages', () => {
  const pipeline = average().Rectify();
  expect(inspect(pipeline)).toBe('DspProcessor { movingAverage:moving → rectify:full }');
  expect(inspect({ pipeline })).toBe('{ pipeline: DspProcessor { movingAverage:moving → rectify:full } }');
  expect(inspect(createDspPipeline())).toBe('DspProcessor { no stages }');
  pipeline.dispose();
  expect(inspect(pipeline)).toBe('DspProcessor { disposed }');
});

describe('samples of another type', () => {
  const converts = 'Float32Array.from(samples) converts it, and processCopy and processSyncCopy take it as it is';
  test.each([
    [[1, 2], `an array of numbers: ${converts}`],
    [Float64Array.of(1, 2), `Float64Array: ${converts}`],
    [Int16Array.of(1, 2), `Int16Array: ${converts}`],
    [Buffer.alloc(8), 'Buffer: new Float32Array(buffer, byteOffset, length) reads bytes as samples'],
    [new ArrayBuffer(8), 'ArrayBuffer: new Float32Array(buffer, byteOffset, length) reads bytes as samples'],
    [BigInt64Array.of(1n), 'BigInt64Array: Float32Array.from(samples, Number) converts it'],
    [{}, 'Object'], [null, 'null'], ['1,2', 'string'],
  ])('%p: the way out is said', async (samples, text) => {
    await expect(average().process(samples)).rejects.toThrow(`Input samples must be a Float32Array, got ${text}`);
    expect(() => average().processSync(samples)).toThrow(TypeError);
  });

  test('whose class cannot be told', () => {
    const samples = { get constructor() { throw new Error('mine'); } };
    expect(() => average().processSync(samples)).toThrow('Input samples must be a Float32Array, got object');
  });

  test('and it works', async () => {
    for (const samples of [[1, 2], Float64Array.of(1, 2), Int16Array.of(1, 2)]) {
      expect(await average().process(Float32Array.from(samples))).toEqual(Float32Array.of(1, 1.5));
      expect(await average().processCopy(samples)).toEqual(Float32Array.of(1, 1.5));
    }
  });
});
