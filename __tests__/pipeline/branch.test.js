const { branch, Branches, createDspPipeline } = require('../..');

const peaks = () => createDspPipeline({ sampleRate: 100 }).Rectify().PeakDetection({ threshold: 1, id: 'beats' });
const mean = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 3, id: 'mean' });
const low = () =>
  createDspPipeline().filter({ type: 'fir', mode: 'lowpass', cutoffFrequency: 40, sampleRate: 100, order: 5 });
const both = () => branch({ peaks: peaks(), mean: mean() });
const signal = () => Float32Array.of(0, -3, 0, 1);

test('every branch sees the same input, which stays as it is', async () => {
  const input = signal();
  const { outputs, events } = await both().processEvents(input);
  expect(input).toEqual(signal());
  expect(outputs).toEqual({ peaks: Float32Array.of(0, 1, 0, 0), mean: await mean().process(signal()) });
  expect(events).toEqual({
    peaks: [{ type: 'peak', stage: 1, id: 'beats', channel: 0, sample: 1, time: 10, value: 3 }], mean: [],
  });
  expect(await both().process(signal())).toEqual(outputs);
  expect(both().processSync(signal())).toEqual(outputs);
  expect(await both().process(Float64Array.from(signal()), { format: 'f64' })).toEqual(outputs);
});

test('the pipelines are copied, with their states', async () => {
  const own = mean();
  await own.process(Float32Array.of(3));
  const branches = branch({ mean: own });
  await own.process(Float32Array.of(100));
  expect((await branches.process(Float32Array.of(1))).mean).toEqual(Float32Array.of(2));
});

test('the end comes out of every branch', async () => {
  const branches = branch({ low: low(), mean: mean() });
  await branches.process(new Float32Array(10).fill(1));
  const { outputs, events } = await branches.finish();
  expect(outputs.low).toHaveLength(branches.latency().low.samples);
  expect(outputs.mean).toHaveLength(0);
  expect(events).toEqual({ low: [], mean: [] });
});

test('outputs of a call merge channel by channel', async () => {
  const branches = branch({ raw: createDspPipeline(), square: createDspPipeline().Square() });
  const outputs = await branches.process(Float32Array.of(1, 2, 3, 4), { channels: 2 });
  expect(branches.merge(outputs)).toEqual({ samples: Float32Array.of(1, 2, 1, 4, 3, 4, 9, 16), channels: 4 });
  expect(() => branches.merge({ raw: outputs.raw })).toThrow(
    new TypeError('merge: outputs must hold a Float32Array for each branch, got undefined for "square"'),
  );
  const halved = branch({
    raw: createDspPipeline(),
    half: createDspPipeline().Decimate({ factor: 2, sampleRate: 100 }),
  });
  const uneven = await halved.process(new Float32Array(8));
  expect(() => halved.merge(uneven)).toThrow(RangeError);
});

test.each(['json', 'toon'])('one %s state goes on exactly', async (format) => {
  const before = both();
  await before.processEvents(signal());
  const state = await before.saveState({ format });
  const after = both();
  expect(await after.loadState(state)).toBe(true);
  expect(await after.processEvents(signal())).toEqual(await before.processEvents(signal()));
  if (format === 'json') {
    const again = both();
    await again.loadState(Buffer.from(state));
    expect(again.clone().processSync(signal())).toEqual(again.processSync(signal()));
  }
});

test('a load takes all branches or none', async () => {
  const error = jest.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const branches = both();
    await branches.process(signal());
    const good = await branches.saveState();
    const broken = JSON.parse(good);
    broken.branches[1].state.stages[0].state.windowSize = 4;
    await expect(branches.loadState(JSON.stringify(broken))).rejects.toThrow(/^branch "mean": Failed to load state/);
    await expect(branch({ mean: mean() }).loadState(good)).rejects.toThrow('there is no branch \'peaks\'');
    await expect(branches.loadState('{}')).rejects.toThrow('it is not that of branches');
    await expect(branches.loadState(5)).rejects.toThrow(TypeError);
    const states = JSON.parse(await branches.saveState()).branches.map(({ state }) => state.stages);
    expect(states).toEqual(JSON.parse(good).branches.map(({ state }) => state.stages));
  } finally {
    error.mockRestore();
  }
});

test('branches that were added or renamed start anew by match: "id"', async () => {
  const before = both();
  await before.process(Float32Array.of(1, 5));
  const after = branch({ mean: mean(), other: mean() });
  await after.loadState(await before.saveState(), { match: 'id' });
  expect(await after.process(Float32Array.of(3))).toEqual({ mean: Float32Array.of(3), other: Float32Array.of(3) });
});

test('branches are values', async () => {
  const again = branch.from(JSON.parse(JSON.stringify(both())));
  expect(again.names).toEqual(['peaks', 'mean']);
  expect(await again.process(signal())).toEqual(await both().process(signal()));
  expect(() => branch.from({})).toThrow(TypeError);
});

test('errors name their branch', async () => {
  const branches = branch({ raw: createDspPipeline(), track: createDspPipeline().KalmanFilter({ dimensions: 3 }) });
  await expect(branches.process(signal())).rejects.toThrow(/^branch "track": KalmanFilter/);
  expect(() => branches.processSync(signal())).toThrow(/^branch "track": KalmanFilter/);
  branches.dispose();
  await expect(branches.process(signal())).rejects.toThrow('Pipeline is disposed');
});

test.each([
  [undefined, TypeError, 'branch: pipelines must be an object of pipelines by name, got undefined'],
  [[createDspPipeline()], TypeError, 'branch: pipelines must be an object of pipelines by name, got an array'],
  [{ a: {} }, TypeError, 'branch: "a" must be a pipeline of createDspPipeline, got Object'],
  [{}, RangeError, 'branch: there must be 1 to 1024 branches, got 0'],
  [{ '': createDspPipeline() }, RangeError, "branch: a name must have 1 to 100 bytes, got ''"],
])('refuses %j', (pipelines, type, message) => {
  expect(() => branch(pipelines)).toThrow(new type(message));
  expect(() => new Branches()).toThrow(TypeError);
});
