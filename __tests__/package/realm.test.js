/** In the sandbox that Jest runs this file in, what the addon makes would be of another realm. */
const {
  FftProcessor, FirFilter, IirFilter, createDspPipeline, detectGaps, findPeaks, findPeaksAsync, getWindow, welch,
} = require('../..');

const average = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 3 });
const lowpass = { order: 4, sampleRate: 1000, cutoffFrequency: 100 };

test('errors are of this realm’s classes, from calls, constructors and promises', async () => {
  expect(() => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: -1 })).toThrow(TypeError);
  expect(() => average().processSync(new Float32Array(3), { channels: 2 })).toThrow(RangeError);
  expect(() => getWindow('kaiser', -1)).toThrow(Error);
  expect(() => new FftProcessor(-1)).toThrow(TypeError);
  expect(() => IirFilter.createButterworthLowPass({ ...lowpass, order: 0 })).toThrow(Error);
  await expect(findPeaksAsync('x')).rejects.toThrow(TypeError);
  const print = jest.spyOn(console, 'error').mockImplementation(() => {});
  const error = await average().loadState('{').catch((e) => e);
  print.mockRestore();
  expect(error).toBeInstanceOf(Error);
  expect(error.stack).toMatch(/Failed to load state/);
});

test('arrays are of this realm’s classes, also inside of results', async () => {
  const large = new Float32Array(1 << 18).fill(1);
  const pipeline = average();
  for (const out of [
    await pipeline.process(Float32Array.of(1, 2)),
    await pipeline.process(large),
    pipeline.processSync(large),
  ]) {
    expect(out).toBeInstanceOf(Float32Array);
  }
  expect(large[5]).toBe(1); // written back into the caller's array
  expect(getWindow('hann', 8)).toBeInstanceOf(Float64Array);
  expect(welch(new Float64Array(512)).frequencies).toBeInstanceOf(Float64Array);
  expect(findPeaks(Float64Array.of(0, 1, 0)).peaks).toBeInstanceOf(Uint32Array);
  expect(FirFilter.createLowPass(lowpass).getCoefficients()).toBeInstanceOf(Array);
  expect(IirFilter.createButterworthLowPass(lowpass).frequencyResponse([10]).magnitude).toBeInstanceOf(Float64Array);
  expect(pipeline.listState().stages).toBeInstanceOf(Array);
  expect(detectGaps([0, 1], 1000)).toBeInstanceOf(Array);
  expect(await pipeline.saveState({ format: 'toon' })).toBeInstanceOf(Buffer);
  expect(await average().loadState(await pipeline.saveState({ format: 'toon' }))).toBe(true);
});
