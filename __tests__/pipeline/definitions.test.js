const { createDspPipeline } = require('../..');

const average = (windowSize, id) => createDspPipeline().MovingAverage({ mode: 'moving', windowSize, id });
const noise = (length, seed = 1) => {
  let x = seed;
  return Float32Array.from({ length }, () => {
    x = (x * 16807) % 2147483647;
    return x / 2147483647 - 0.5;
  });
};
const bits = (samples) => [...new Uint32Array(samples.buffer, samples.byteOffset, samples.length)];
const quiet = (...names) => {
  const spies = names.map((name) => jest.spyOn(console, name).mockImplementation(() => {}));
  return () => spies.forEach((spy) => spy.mockRestore());
};

const LOW = { type: 'butterworth', mode: 'lowpass', cutoffFrequency: 40, sampleRate: 1000, order: 4 };
const taps = Float32Array.of(0.25, 0.5, 0.25);
const pipelines = {
  'no stages': (p) => p,
  'without parameters': (p) => p.Rectify().Square().Differentiator().Integrator(),
  'statistics': (p) =>
    p.Rms({ mode: 'moving', windowSize: 7 }).ZScoreNormalize({ mode: 'moving', windowSize: 20, epsilon: 1e-3 }),
  'a window in time': (p) => p.MovingAverage({ mode: 'moving', windowDuration: 12 }),
  'batch mode': (p) => p.Variance({ mode: 'batch' }),
  'filters': (p) => p.filter(LOW).filter({ ...LOW, type: 'fir', order: 31, windowType: 'blackman' }),
  'a biquad': (p) => p.filter({ type: 'biquad', mode: 'peak', centerFrequency: 50, Q: 3, gainDb: 6, sampleRate: 1000 }),
  'taps': (p) =>
    p.convolution({ kernel: taps }).MedianFilter({ windowSize: 5 }).SavgolFilter({ windowLength: 7, polyOrder: 2 }),
  'rates': (p) =>
    p.Resample({ upFactor: 3, downFactor: 2, sampleRate: 1000 }).Decimate({ factor: 2, sampleRate: 1500 }),
  'numbers that JSON rounds to nothing': (p) =>
    p
      .Amplify({ gain: 0.1 + 0.2 })
      .Amplify({ gain: 1e-30 })
      .Amplify({ gain: 1e30 }),
  'spectra': (p) => p.stft({ windowSize: 16, hopSize: 8 }),
  'peaks and ids': (p) => p.Rectify({ id: 'r', mode: 'half' }).PeakDetection({ threshold: 0.1, id: 'Spitzen ²' }),
};

describe('toJSON() and from()', () => {
  test.each(Object.entries(pipelines))('%s: the same bits', async (_name, build) => {
    const pipeline = build(createDspPipeline());
    const text = JSON.stringify(pipeline);
    const again = createDspPipeline.from(JSON.parse(text));
    expect(JSON.stringify(again)).toBe(text);
    expect(again.describe()).toEqual(pipeline.describe());
    const samples = noise(512);
    for (const cut of [100, 412]) {
      const [ours, theirs] = await Promise.all(
        [pipeline, again].map((p) => p.processEvents(samples.slice(0, cut), { sampleRate: 1000 })),
      );
      expect(bits(theirs.samples)).toEqual(bits(ours.samples));
      expect(theirs.events).toEqual(ours.events);
    }
  });

  test('sample rate and design are part of it', () => {
    const pipeline = createDspPipeline({ sampleRate: 360, design: 'dspx' }).filter({ ...LOW, sampleRate: 360 });
    const definition = JSON.parse(JSON.stringify(pipeline));
    expect(definition).toMatchObject({
      sampleRate: 360,
      design: 'dspx',
      stages: [{ filter: { design: 'dspx', sampleRate: 360 } }],
    });
    expect(createDspPipeline.from(definition).toJSON()).toEqual(pipeline.toJSON());
    expect(createDspPipeline.from(definition).latency().ms).toBe(pipeline.latency().ms);
  });

  test('a definition is all parameters, defaults included, and no state', async () => {
    const pipeline = createDspPipeline().Rectify({ id: 'r' }).convolution({ kernel: taps });
    await pipeline.process(noise(10));
    expect(JSON.parse(JSON.stringify(pipeline))).toEqual({ stages: [
      { Rectify: { id: 'r', mode: 'full' } },
      { convolution: { kernel: [0.25, 0.5, 0.25], mode: 'moving', method: 'auto', autoThreshold: 64 } },
    ] });
  });

  test('written by hand: a list, names alone, typed arrays', async () => {
    const pipeline = createDspPipeline.from([
      'Square',
      { convolution: { kernel: taps } },
      { Amplify: { gain: 4, id: 'four' } },
    ]);
    expect(pipeline.describe().map(({ method, id }) => [method, id])).toEqual([
      ['Square', undefined],
      ['convolution', undefined],
      ['Amplify', 'four'],
    ]);
    const told = createDspPipeline().Square().convolution({ kernel: taps }).Amplify({ gain: 4 });
    expect(bits(await pipeline.process(noise(20)))).toEqual(bits(await told.process(noise(20))));
  });

  test('a stage that was built from a state has no parameters to write', async () => {
    const pipeline = createDspPipeline();
    await pipeline.loadState(await average(3, 'mean').saveState());
    expect(() => pipeline.toJSON()).toThrow(
      'toJSON: stage 1 (MovingAverage) was built from a saved state, which does not hold its parameters');
    expect(pipeline.describe()).toMatchObject([{ method: 'MovingAverage', id: 'mean', params: undefined }]);
  });

  test.each([
    [null], [undefined], [5], ['Rectify'], [{}], [{ stages: 3 }],
  ])('%p is none', (definition) => {
    expect(() => createDspPipeline.from(definition)).toThrow(TypeError);
    expect(() => createDspPipeline.from(definition)).toThrow(
      'A definition must be a list of stages or an object with a list "stages"',
    );
  });

  test.each([
    [[3], 'stage 1 must be "Method" or { "Method": { parameters } }'],
    [['Rectify', {}], 'stage 2 must be "Method"'],
    [[{ Rectify: {}, Square: {} }], 'stage 1 must be "Method"'],
    [['Rectifi'], 'stage 1: there is no stage "Rectifi"; did you mean "Rectify"?'],
    [['process'], 'stage 1: there is no stage "process"'],
    [['constructor'], 'stage 1: there is no stage "constructor"'],
    [[{ MovingAverage: 3 }], 'MovingAverage: parameters must be an object, got 3'],
    [{ sampleRate: '360', stages: [] }, 'createDspPipeline: sampleRate must be a positive number, got 360'],
    [{ design: 'mine', stages: [] }, 'design must be "standard" or "dspx"'],
  ])('%j is refused', (definition, text) => {
    expect(() => createDspPipeline.from(definition)).toThrow(TypeError);
    expect(() => createDspPipeline.from(definition)).toThrow(text);
  });
});

describe('ids', () => {
  test.each([[''], [5], [null], [{}], ['x'.repeat(101)], ['ö'.repeat(51)]])(
    '%p is none, and nothing is appended',
    (id) => {
      const pipeline = createDspPipeline();
      expect(() => pipeline.Rectify({ id })).toThrow(TypeError);
      expect(() => pipeline.Rectify({ id })).toThrow('ectify: id must be a text of 1 to 100 bytes');
      expect(pipeline.describe()).toEqual([]);
    },
  );

  test('that are taken are refused, and the pipeline stays', async () => {
    const pipeline = createDspPipeline().Rectify({ id: 'a' });
    expect(() => pipeline.Square({ id: 'a' })).toThrow(RangeError);
    expect(() => pipeline.Square({ id: 'a' })).toThrow("Square: another stage of the pipeline has the id 'a'");
    expect(() => createDspPipeline.from(['Rectify', { Square: { id: 'b' } }, { Rectify: { id: 'b' } }])).toThrow(
      "has the id 'b'",
    );
    expect(await pipeline.Square({ id: 'b' }).process(Float32Array.of(-2))).toEqual(Float32Array.of(4));
    expect(pipeline.describe().map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('are in JSON states, and a pipeline that is built from one has them', async () => {
    const state = await average(3, 'mean').saveState();
    expect(JSON.parse(state).stages[0].id).toBe('mean');
    const pipeline = createDspPipeline();
    await pipeline.loadState(state);
    expect(pipeline.describe()[0].id).toBe('mean');
  });
});

describe('loadState by id', () => {
  const used = async (pipeline) => {
    await pipeline.process(Float32Array.of(1, 2, 6));
    return pipeline;
  };

  test('a stage that was put in front leaves the others their states', async () => {
    const state = await (await used(average(3, 'mean'))).saveState();
    const changed = createDspPipeline()
      .Rectify({ id: 'new' })
      .MovingAverage({ mode: 'moving', windowSize: 3, id: 'mean' });
    expect(await changed.loadState(state, { match: 'id' })).toBe(true);
    expect(changed.describe().map(({ id }) => id)).toEqual(['new', 'mean']);
    expect(await changed.process(Float32Array.of(-4))).toEqual(Float32Array.of(4));
  });

  test('the order does not matter, and states of stages that are gone are left', async () => {
    const build = (order) =>
      order.reduce((p, [size, id]) => p.MovingAverage({ mode: 'moving', windowSize: size, id }), createDspPipeline());
    const saved = await used(
      build([
        [2, 'a'],
        [3, 'b'],
        [4, 'gone'],
      ]),
    );
    const turned = build([
      [3, 'b'],
      [2, 'a'],
    ]);
    await turned.loadState(await saved.saveState(), { match: 'id' });
    const stateOf = async (pipeline, id) =>
      JSON.parse(await pipeline.saveState()).stages.find((stage) => stage.id === id).state;
    for (const id of ['a', 'b']) expect(await stateOf(turned, id)).toEqual(await stateOf(saved, id));
  });

  test('without ids, the next stage of the same type', async () => {
    const state = await (await used(average(3))).saveState();
    const changed = createDspPipeline().Rectify().MovingAverage({ mode: 'moving', windowSize: 3 });
    await changed.loadState(state, { match: 'id' });
    expect(await changed.process(Float32Array.of(4))).toEqual(Float32Array.of(4));
  });

  test('a stage with another id, type or window begins anew, whatever it has seen', async () => {
    const state = await (await used(average(3, 'mean'))).saveState();
    for (const other of [
      average(3, 'other'),
      average(3),
      average(4, 'mean'),
      createDspPipeline().Rms({ mode: 'moving', windowSize: 3, id: 'mean' }),
    ]) {
      await used(other);
      await other.loadState(state, { match: 'id' });
      expect(await other.process(Float32Array.of(5))).toEqual(Float32Array.of(5));
    }
  });

  test('by position, ids do not matter', async () => {
    const state = await (await used(average(3, 'mean'))).saveState();
    const other = average(3, 'other');
    await other.loadState(state);
    expect(await other.process(Float32Array.of(4))).toEqual(Float32Array.of(4));
    expect(other.describe()[0].id).toBe('other');
  });
});

describe('strict', () => {
  let restore;
  beforeEach(() => { restore = quiet('error'); });
  afterEach(() => restore());

  const gain = (value) => createDspPipeline().Amplify({ gain: value }).filter(LOW);
  const otherFilter = () => createDspPipeline().Amplify({ gain: 2 }).filter({ ...LOW, cutoffFrequency: 41 });

  test.each([['json'], ['toon']])('%s: the same stages with the same parameters load', async (format) => {
    const saved = gain(2);
    await saved.process(noise(50));
    const other = gain(2);
    expect(await other.loadState(await saved.saveState({ format }), { strict: true })).toBe(true);
    expect(bits(await other.process(noise(50, 7)))).toEqual(bits(await saved.process(noise(50, 7))));
  });

  test.each([
    ['json', 'position'], ['json', 'id'], ['toon', 'position'],
  ])('%s by %s: another filter is refused, and the pipeline stays as it was', async (format, match) => {
    const state = await gain(2).saveState({ format });
    const pipeline = otherFilter();
    await pipeline.process(noise(50));
    const copy = pipeline.clone();
    await expect(pipeline.loadState(state, { match, strict: true })).rejects.toThrow(/other parameters/);
    expect(bits(await pipeline.process(noise(50, 7)))).toEqual(bits(await copy.process(noise(50, 7))));
  });

  test('by id: a stage without a state is named', async () => {
    const state = await average(3, 'mean').saveState();
    const pipeline = createDspPipeline()
      .Rectify({ id: 'r' })
      .MovingAverage({ mode: 'moving', windowSize: 3, id: 'mean' });
    await expect(pipeline.loadState(state, { match: 'id', strict: true })).rejects.toThrow(
      "stage 1 (rectify 'r'): the state has no such stage",
    );
  });

  test('by position: other stages are refused', async () => {
    const load = (pipeline, state) => expect(pipeline.loadState(state, { strict: true })).rejects;
    const [pipeline, longer] = [createDspPipeline().Rectify(), average(3).Rectify()];
    await load(pipeline, await average(3).saveState()).toThrow('the state has no stage 1 (rectify)');
    expect(pipeline.listState().stageCount).toBe(1);
    const text = 'the pipeline has 1 stages, with the state there are 2';
    await load(average(3), await longer.saveState()).toThrow(text);
  });

  test.each([
    [{ match: 'name' }, 'match must be "position" or "id", got name'], [{ match: null }, 'match must be'],
    [{ strict: 1 }, 'strict must be a boolean, got 1'],
  ])('%j is no way to load', async (options, text) => {
    const state = await average(3).saveState();
    await expect(average(3).loadState(state, options)).rejects.toThrow(TypeError);
    await expect(average(3).loadState(state, options)).rejects.toThrow(text);
  });

  test('binary states hold no ids', async () => {
    const pipeline = average(3, 'mean');
    const state = await pipeline.saveState({ format: 'toon' });
    await expect(pipeline.loadState(state, { match: 'id' })).rejects.toThrow(
      'match "id" needs a JSON state, a binary one holds no ids',
    );
  });
});

describe('clone()', () => {
  test('goes on by itself from the same state', async () => {
    const pipeline = average(4, 'mean').filter(LOW);
    await pipeline.process(noise(40));
    const copy = pipeline.clone();
    const before = await pipeline.saveState({ format: 'toon' });
    await copy.process(noise(30, 5));
    copy.Rectify();
    const after = await pipeline.saveState({ format: 'toon' });
    // What is before the stages in a state: the time at which it was saved.
    expect(pipeline.describe()).toHaveLength(2);
    expect(copy.describe()).toHaveLength(3);
    const [ours, theirs] = [average(4, 'mean').filter(LOW), average(4, 'mean').filter(LOW)];
    await ours.loadState(before);
    await theirs.loadState(after);
    expect(bits(await ours.process(noise(20, 3)))).toEqual(bits(await theirs.process(noise(20, 3))));
  });

  test('gives the same as the pipeline, events and settings included', async () => {
    const pipeline = createDspPipeline({ sampleRate: 250 }).PeakDetection({ threshold: 0.2, id: 'p' });
    await pipeline.processEvents(noise(100));
    const copy = pipeline.clone();
    expect(await copy.processEvents(noise(100, 9))).toEqual(await pipeline.processEvents(noise(100, 9)));
    expect(copy.toJSON()).toEqual(pipeline.toJSON());
    pipeline.dispose();
    expect(copy.describe()).toHaveLength(1);
  });

  test('leaves handlers, taps and callbacks behind', async () => {
    const called = jest.fn();
    const pipeline = createDspPipeline()
      .PeakDetection({ threshold: 0 })
      .on('peak', called)
      .tap(called)
      .pipeline({ onBatch: called });
    await pipeline.clone().process(Float32Array.of(0, 1, 0));
    expect(called).not.toHaveBeenCalled();
    await pipeline.process(Float32Array.of(0, 1, 0));
    expect(called).toHaveBeenCalledTimes(3);
  });

  test('is not to be had of a busy or disposed pipeline, nor is describe()', async () => {
    const pipeline = average(3);
    const call = pipeline.process(noise(1 << 20));
    expect(() => pipeline.clone()).toThrow('Pipeline is busy: clone() cannot wait for the calls before it');
    expect(() => pipeline.describe()).toThrow('Pipeline is busy: describe()');
    await call;
    pipeline.dispose();
    for (const method of ['clone', 'describe', 'toJSON'])
      expect(() => pipeline[method]()).toThrow('Pipeline is disposed');
  });
});

test('describe() says what the stages are', async () => {
  const pipeline = createDspPipeline().Rectify({ id: 'r' }).MovingAverage({ mode: 'moving', windowSize: 3 });
  expect(pipeline.describe()).toMatchObject([
    { method: 'Rectify', id: 'r', params: { mode: 'full' }, label: 'rectify:full', latency: 0 },
    {
      method: 'MovingAverage',
      id: undefined,
      params: { mode: 'moving', windowSize: 3 },
      label: 'movingAverage:moving',
    },
  ]);
  const sizes = () => pipeline.describe().map(({ stateSize }) => stateSize);
  const [stateless, empty] = sizes();
  await pipeline.process(noise(10));
  expect(stateless).toBeGreaterThan(0);
  expect(sizes()[0]).toBe(stateless);
  expect(sizes()[1]).toBeGreaterThan(empty);
  expect(createDspPipeline().describe()).toEqual([]);
});

describe('warnings', () => {
  let warn;
  beforeEach(() => { warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {}); });
  afterEach(() => warn.mockRestore());

  const texts = (code) => warn.mock.calls.filter(([, options]) => options.code === code).map(([text]) => text);

  test('of an option that no stage reads come once for each of each method', () => {
    for (let i = 0; i < 3; i++) createDspPipeline().Amplify({ gain: 2, gian: 3 }).Rectify({ id: 'r', gian: 1 });
    expect(texts('DSPX_UNKNOWN_OPTION')).toEqual([
      'Amplify: there is no option "gian"; did you mean "gain"?', 'Rectify: there is no option "gian"',
    ]);
    expect(warn.mock.calls.every(([, { type }]) => type === 'DspxWarning')).toBe(true);
  });

  test('of another rate come once for a pipeline', async () => {
    const pipeline = createDspPipeline({ sampleRate: 360 }).Rectify();
    await pipeline.process(noise(4), { sampleRate: 360 });
    expect(texts('DSPX_SAMPLE_RATE')).toEqual([]);
    for (const sampleRate of [250, 360, 500]) await pipeline.process(noise(4), { sampleRate });
    expect(texts('DSPX_SAMPLE_RATE')).toEqual([
      'The pipeline was made for 360 Hz; a call says 250 Hz: filters pass other frequencies then',
    ]);
    expect(warn.mock.calls[0][1]).toEqual({ code: 'DSPX_SAMPLE_RATE', type: 'DspxWarning' });
  });

  test('of another rate in a stage, too', () => {
    const pipeline = createDspPipeline({ sampleRate: 360 }).filter({ ...LOW, sampleRate: 360 });
    expect(texts('DSPX_SAMPLE_RATE')).toEqual([]);
    pipeline.filter(LOW).filter({ ...LOW, sampleRate: 500 });
    expect(texts('DSPX_SAMPLE_RATE')).toEqual([
      'The pipeline was made for 360 Hz; its samples come at 360 Hz at this place, and filter is told 1000 Hz',
    ]);
  });
});

describe('the sample rate of a pipeline', () => {
  test.each([[0], [-1], [NaN], [Infinity], ['360'], [null]])('%p is none', (sampleRate) => {
    expect(() => createDspPipeline({ sampleRate })).toThrow(TypeError);
    expect(() => createDspPipeline({ sampleRate })).toThrow('createDspPipeline: sampleRate must be a positive number');
  });

  test('is that of calls that say none', async () => {
    const { events } = await createDspPipeline({ sampleRate: 250 })
      .PeakDetection({ threshold: 0 })
      .processEvents(Float32Array.of(0, 1, 0));
    expect(events.map(({ time }) => time)).toEqual([4]);
  });

  test('is that of stages that say none', async () => {
    const { sampleRate, ...options } = LOW;
    const pipeline = createDspPipeline({ sampleRate }).filter(options).Interpolate({ factor: 2 });
    const told = createDspPipeline().filter(LOW).Interpolate({ factor: 2, sampleRate });
    expect(bits(await pipeline.process(noise(100)))).toEqual(bits(await told.process(noise(100))));
    expect(pipeline.toJSON().stages).toEqual(told.toJSON().stages);
    expect(options).not.toHaveProperty('sampleRate');
  });

  test('follows changes of rate', () => {
    const { sampleRate, ...options } = LOW;
    const rates = (pipeline) => pipeline.describe().map(({ params }) => params.sampleRate);
    const pipeline = createDspPipeline({ sampleRate })
      .Decimate({ factor: 4 })
      .filter(options)
      .Resample({ upFactor: 3, downFactor: 1 })
      .filter(options);
    expect(rates(pipeline)).toEqual([1000, 250, 250, 750]);
    expect(rates(pipeline.clone().filter(options)).at(-1)).toBe(750);
    const aligned = createDspPipeline({ sampleRate })
      .TimeAlignment({ targetSampleRate: 300 })
      .Decimate({ factor: 3 })
      .filter(options);
    expect(rates(aligned)).toEqual([undefined, 300, 100]);
  });

  test('without one, stages have to say it', () => {
    expect(() => createDspPipeline().Decimate({ factor: 2 })).toThrow("Decimate: 'sampleRate' is required");
    expect(() => createDspPipeline().filter({ type: 'fir', mode: 'lowpass', cutoffFrequency: 4, order: 5 })).toThrow(
      "requires 'sampleRate'",
    );
  });
});
