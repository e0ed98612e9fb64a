const { createDspPipeline } = require('../..');

/** Samples in sixths, so that every sum of them is exact: 0 … 6, three peaks of 5 and more per 20 samples. */
const signal = (length) => Float32Array.from({ length }, (_, n) => ((n * n * 7 + n * 3) % 13) / 2);
const peaks = (options) => createDspPipeline().PeakDetection({ threshold: 5, ...options });

/** The maxima of at least `threshold`, found without the pipeline; the last sample has no successor. */
function maxima(samples, threshold) {
  const found = [];
  for (let n = 1; n + 1 < samples.length; n++) {
    const [before, here, after] = samples.subarray(n - 1, n + 2);
    if (here >= threshold && here > before && here > after) found.push({ sample: n, value: here });
  }
  return found;
}

const placed = (events) => events.map(({ sample, value }) => ({ sample, value }));

/** A call that is computed on a worker thread: long, and through costly stages. */
const LONG = 1 << 18;

describe('events of a call', () => {
  test('each has type, stage, id, channel, sample, time and what its type carries', async () => {
    const pipeline = createDspPipeline().Rectify().PeakDetection({ threshold: 1, id: 'beats' });
    const { samples, events } = await pipeline.processEvents(Float32Array.of(0, 0, 0, -2, 0, 0, 3, 0), {
      channels: 2,
      sampleRate: 500,
    });
    expect(samples).toEqual(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 0));
    expect(events).toEqual([{ type: 'peak', stage: 1, id: 'beats', channel: 1, sample: 1, time: 2, value: 2 }]);
  });

  test('a stage without id says so', async () => {
    const { events } = await peaks({ threshold: 1 }).processEvents(Float32Array.of(0, 1, 0));
    expect(events).toEqual([{ type: 'peak', stage: 0, id: undefined, channel: 0, sample: 1, time: 1, value: 1 }]);
  });

  test('a call without any gives an empty list', async () => {
    const silent = await createDspPipeline().Rectify().processEvents(Float32Array.of(-1));
    expect(silent).toEqual({ samples: Float32Array.of(1), events: [] });
    expect(await createDspPipeline().processEvents(new Float32Array(0))).toEqual({
      samples: new Float32Array(0),
      events: [],
    });
  });

  test('they are the maxima, in short and in long calls', async () => {
    for (const length of [64, 5000, LONG]) {
      const samples = signal(length);
      const expected = maxima(samples, 5);
      expect(expected.length).toBeGreaterThan(length / 20);
      expect(placed((await peaks().processEvents(samples)).events)).toEqual(expected);
    }
  });

  test.each([[1], [7], [64], [1000]])(
    'cut into %d samples they are the same, with positions since the stream began',
    async (size) => {
      const samples = signal(2000);
      const whole = (await peaks().processEvents(samples.slice(), { sampleRate: 250 })).events;
      const cut = peaks();
      const events = [];
      for (let n = 0; n < samples.length; n += size) {
        events.push(...(await cut.processEvents(samples.slice(n, n + size), { sampleRate: 250 })).events);
      }
      expect(events).toEqual(whole);
      expect(events.every(({ sample, time }) => time === sample * 4)).toBe(true);
    },
  );

  test('calls that were made at once keep their own', async () => {
    const samples = signal(2 * LONG);
    const pipeline = peaks();
    const [first, second] = await Promise.all([
      pipeline.processEvents(samples.slice(0, LONG)), pipeline.processEvents(samples.slice(LONG)),
    ]);
    expect(placed([...first.events, ...second.events])).toEqual(maxima(samples, 5));
    // The peak at the last sample of the first call becomes known in the second.
    expect(first.events.every(({ sample }) => sample < LONG - 1)).toBe(true);
    expect(second.events.every(({ sample }) => sample >= LONG - 1)).toBe(true);
  });

  test('by stage, then as they became known, then by channel', async () => {
    const pipeline = createDspPipeline()
      .PeakDetection({ threshold: 1, id: 'a' }).Amplify({ gain: 2 }).PeakDetection({ threshold: 1, id: 'b' });
    const right = Float32Array.of(0, 1, 0, 2, 0, 0, 0);
    const { events } = await pipeline.processEvents([right.slice(), right.slice()]);
    expect(events.map(({ id, sample, channel }) => [id, sample, channel])).toEqual([
      ['a', 1, 0], ['a', 1, 1], ['a', 3, 0], ['a', 3, 1], ['b', 1, 0], ['b', 1, 1], ['b', 3, 0], ['b', 3, 1],
    ]);
  });

  test('times are those of explicit stamps, also of samples of the call before', async () => {
    const pipeline = peaks({ threshold: 1 });
    const first = await pipeline.processEvents(Float32Array.of(0, 1, 0, 2), Float64Array.of(10, 11.5, 13, 20));
    const second = await pipeline.processEvents(Float32Array.of(0, 3, 0), Float64Array.of(30, 41, 50));
    expect([...first.events, ...second.events].map(({ sample, time }) => [sample, time])).toEqual([
      [1, 11.5],
      [3, 20],
      [5, 41],
    ]);
  });

  test('of nanoseconds they are milliseconds', async () => {
    const stamps = BigInt64Array.of(0n, 1_500_000n, 3_000_000n);
    const { events } = await peaks({ threshold: 1 }).processEvents(Float32Array.of(0, 1, 0), stamps);
    expect(events[0].time).toBe(1.5);
  });

  test('with other formats in and out', async () => {
    const pipeline = createDspPipeline().PeakDetection({ threshold: 0.25 });
    const { samples, events } = await pipeline.processEvents(Int16Array.of(0, 16384, 0), {
      format: 's16',
      output: 'f64',
    });
    expect(samples).toEqual(Float64Array.of(0, 1, 0));
    expect(placed(events)).toEqual([{ sample: 1, value: 0.5 }]);
  });

  test('a call that is refused loses none of the others', async () => {
    const pipeline = peaks({ threshold: 1 });
    expect((await pipeline.processEvents(Float32Array.of(0, 1))).events).toEqual([]);
    await expect(pipeline.processEvents([1, 2, 3])).rejects.toThrow(TypeError);
    await expect(pipeline.processEvents(new Float32Array(3), { channels: 2 })).rejects.toThrow(RangeError);
    expect(placed((await pipeline.processEvents(Float32Array.of(0))).events)).toEqual([{ sample: 1, value: 1 }]);
  });
});

describe('handlers', () => {
  test('are called in order, before a call returns or resolves, and by every method', async () => {
    for (const method of ['process', 'processCopy', 'processSync', 'processSyncCopy', 'processEvents']) {
      const seen = [];
      const pipeline = peaks({ threshold: 1 }).on('peak', ({ sample }) => seen.push(sample));
      const result = pipeline[method](Float32Array.of(0, 1, 0, 2, 0));
      if (method.startsWith('processSync')) expect(seen).toEqual([1, 3]);
      await result;
      expect(seen).toEqual([1, 3]);
    }
  });

  test('are called for long calls', async () => {
    const samples = signal(LONG);
    const seen = [];
    await peaks().on('peak', (event) => seen.push(event)).process(samples.slice());
    expect(placed(seen)).toEqual(maxima(samples, 5));
  });

  test('get the events that the call gives', async () => {
    const seen = [];
    const { events } = await peaks({ threshold: 1 })
      .on('peak', (event) => seen.push(event))
      .processEvents(Float32Array.of(0, 1, 0));
    expect(seen).toEqual(events);
    expect(seen[0]).toBe(events[0]);
  });

  test('of one type are called in the order in which they came, until off', () => {
    const calls = [];
    const [first, second] = [() => calls.push('first'), () => calls.push('second')];
    const pipeline = peaks({ threshold: 1 }).on('peak', first).on('peak', second);
    pipeline.processSync(Float32Array.of(0, 1, 0));
    expect(pipeline.off('peak', first)).toBe(pipeline);
    pipeline.off('peak', () => {});
    pipeline.off('frame', second);
    pipeline.processSync(Float32Array.of(1, 0));
    pipeline.off('peak', second);
    pipeline.processSync(Float32Array.of(1, 0));
    expect(calls).toEqual(['first', 'second', 'second']);
  });

  test('that throw are printed; the others are called, and the call succeeds', async () => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {});
    const failure = new Error('mine');
    const seen = [];
    try {
      const pipeline = peaks({ threshold: 1 })
        .on('peak', () => {
          throw failure;
        })
        .on('peak', ({ sample }) => seen.push(sample));
      expect(await pipeline.process(Float32Array.of(0, 1, 0, 1, 0))).toEqual(Float32Array.of(0, 1, 0, 1, 0));
      expect(print.mock.calls).toEqual([
        ['Event handler error at peak:', failure],
        ['Event handler error at peak:', failure],
      ]);
    } finally {
      print.mockRestore();
    }
    expect(seen).toEqual([1, 3]);
  });

  test('that begin another call do not disturb this one', async () => {
    const pipeline = peaks({ threshold: 1 });
    const more = [];
    pipeline.on('peak', ({ sample }) => sample === 1 && more.push(pipeline.processEvents(Float32Array.of(5, 0))));
    const { events } = await pipeline.processEvents(Float32Array.of(0, 1, 0, 2, 0));
    expect(events.map(({ sample }) => sample)).toEqual([1, 3]);
    expect((await more[0]).events.map(({ sample }) => sample)).toEqual([5]);
  });

  test.each([[undefined], [null], [3], ['']])('of the type %p are refused', (type) => {
    expect(() => peaks().on(type, () => {})).toThrow(TypeError);
    expect(() => peaks().on(type, () => {})).toThrow('on: type must be the type of an event');
  });

  test('no stage has events of an unknown type: the message names those there are', () => {
    const message = /^on: there are no events of type "peek", only of ("\w+", )+"\w+"; did you mean "peak"\?$/;
    expect(() => peaks().on('peek', () => {})).toThrow(message);
    expect(() => peaks().on('x'.repeat(500), () => {})).toThrow(/^on: there are no events of type "x{60}", only of/);
  });

  test.each([[undefined], [null], ['f'], [{}]])('%p is none', (handler) => {
    expect(() => peaks().on('peak', handler)).toThrow(TypeError);
    expect(() => peaks().on('peak', handler)).toThrow('on: handler must be a function');
  });
});

describe('events()', () => {
  const collect = async (events) => {
    const list = [];
    for await (const event of events) list.push(event);
    return list;
  };
  const chunksOf = (samples, size) => {
    const starts = Array.from({ length: Math.ceil(samples.length / size) }, (_, k) => k * size);
    return starts.map((start) => samples.slice(start, start + size));
  };

  test('gives those of arrays, generators and async generators of chunks', async () => {
    const samples = signal(500);
    // The end of the stream is silence, so the last sample may be a peak.
    const expected = maxima(Float32Array.of(...samples, 0), 5);
    const chunks = () => chunksOf(samples, 33);
    const generators = [chunks(), (function* () { yield* chunks(); })(), (async function* () { yield* chunks(); })()];
    for (const source of generators) {
      const found = placed(await collect(peaks().events(source, { sampleRate: 250 })));
      expect(found.filter(({ sample }) => sample < 499)).toEqual(expected.filter(({ sample }) => sample < 499));
    }
  });

  test('ends the stream: the next one begins at 0', async () => {
    const pipeline = peaks({ threshold: 1 });
    const stream = () => collect(pipeline.events([Float32Array.of(0, 1, 0)]));
    const first = await stream();
    expect(first.map(({ sample }) => sample)).toEqual([1]);
    expect(await stream()).toEqual(first);
  });

  test('left early, it ends the source and not the stream', async () => {
    let ended = false;
    const source = (async function* () {
      try {
        for (;;) yield Float32Array.of(0, 1, 0);
      } finally {
        ended = true;
      }
    })();
    const pipeline = peaks({ threshold: 1 });
    for await (const { sample } of pipeline.events(source)) if (sample > 5) break;
    expect(ended).toBe(true);
    expect((await pipeline.processEvents(Float32Array.of(0, 1, 0))).events[0].sample).toBe(10);
  });

  test('fails with the source, with a chunk that is none, and with what is no source', async () => {
    const failure = new Error('cable');
    const broken = (async function* () { throw failure; })();
    await expect(collect(peaks().events(broken))).rejects.toBe(failure);
    await expect(collect(peaks().events([['a']]))).rejects.toThrow(TypeError);
    for (const source of [undefined, null, 5, {}])
      await expect(collect(peaks().events(source))).rejects.toThrow(TypeError);
  });
});

describe('saved and loaded in the middle', () => {
  test.each([['json'], ['toon']])('%s: events go on where they were', async (format) => {
    const samples = signal(1000);
    const options = { sampleRate: 250 };
    const whole = (await peaks({ id: 'p' }).processEvents(samples.slice(), options)).events;
    for (const cut of [1, 2, 500, 501, 502, 503, 999]) {
      const before = peaks({ id: 'p' });
      const { events } = await before.processEvents(samples.slice(0, cut), options);
      const after = peaks({ id: 'p' });
      await after.loadState(await before.saveState({ format }));
      events.push(...(await after.processEvents(samples.slice(cut), options)).events);
      expect(events).toEqual(whole);
    }
  });

  test.each([['json'], ['toon']])('%s: with stamps, the time of a sample before the cut is its own', async (format) => {
    const before = peaks({ threshold: 1 });
    await before.processEvents(Float32Array.of(0, 1), Float64Array.of(5, 7.25));
    const after = peaks({ threshold: 1 });
    await after.loadState(await before.saveState({ format }));
    const { events } = await after.processEvents(Float32Array.of(0), Float64Array.of(100));
    expect(events.map(({ sample, time }) => [sample, time])).toEqual([[1, 7.25]]);
  });

  test('states of pipelines that nobody asked for events stay as they were', async () => {
    const pipeline = peaks();
    await pipeline.process(signal(10));
    expect(JSON.parse(await pipeline.saveState()).events).toBeUndefined();
  });

  test('clearState begins at 0', async () => {
    const pipeline = peaks({ threshold: 1 });
    await pipeline.processEvents(Float32Array.of(0, 1));
    pipeline.clearState();
    const { events } = await pipeline.processEvents(Float32Array.of(0, 2, 0));
    expect(placed(events)).toEqual([{ sample: 1, value: 2 }]);
  });
});

describe('finish()', () => {
  const nothing = { samples: new Float32Array(0), events: [] };

  test('gives nothing where nothing is inside: no stages, no samples, a second time', async () => {
    expect(await createDspPipeline().finish()).toEqual(nothing);
    const pipeline = peaks();
    expect(await pipeline.finish()).toEqual(nothing);
    await pipeline.process(signal(20));
    await pipeline.finish();
    expect(await pipeline.finish()).toEqual(nothing);
  });

  test('leaves the pipeline as new, whatever was inside', async () => {
    const make = () =>
      createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 4 }).PeakDetection({ threshold: 3 });
    const used = make();
    await used.processEvents(signal(77), { sampleRate: 250 });
    await used.finish();
    const samples = signal(100);
    expect(await used.processEvents(samples.slice(), { sampleRate: 250 })).toEqual(
      await make().processEvents(samples.slice(), { sampleRate: 250 }),
    );
  });

  test('waits for the calls before it', async () => {
    const pipeline = peaks();
    const samples = signal(LONG);
    const [call, end, next] = await Promise.all([
      pipeline.processEvents(samples.slice()), pipeline.finish(), pipeline.processEvents(Float32Array.of(0, 9, 0)),
    ]);
    expect(placed([...call.events, ...end.events]).filter(({ sample }) => sample < LONG - 1)).toEqual(
      maxima(samples, 5),
    );
    expect(placed(next.events)).toEqual([{ sample: 1, value: 9 }]);
  });

  test('tells handlers of the last events that it gives', async () => {
    const seen = [];
    const pipeline = peaks({ threshold: 1 }).on('peak', (event) => seen.push(event));
    await pipeline.process(Float32Array.of(0, 1, 0, 0.5, 2));
    const before = seen.length;
    const { events } = await pipeline.finish();
    expect(seen.slice(before)).toEqual(events);
  });

  test('gives other formats', async () => {
    const pipeline = createDspPipeline().Rectify();
    await pipeline.process(Float32Array.of(1));
    expect((await pipeline.finish({ output: 's16', dither: true })).samples).toEqual(new Int16Array(0));
    expect((await pipeline.finish({ output: 'f64' })).samples).toEqual(new Float64Array(0));
  });

  test.each([
    [{ output: 'mp3' }], [{ output: 3 }], [{ output: 's16', dither: 'yes' }], [{ dither: true }],
  ])('%p is refused, and the pipeline is as before', async (options) => {
    const pipeline = peaks({ threshold: 1 });
    await pipeline.processEvents(Float32Array.of(0, 1));
    await expect(pipeline.finish(options)).rejects.toThrow(TypeError);
    expect((await pipeline.processEvents(Float32Array.of(0))).events).toHaveLength(1);
  });

  test('of a disposed pipeline fails', async () => {
    const pipeline = peaks();
    pipeline.dispose();
    await expect(pipeline.finish()).rejects.toThrow('Pipeline is disposed');
    await expect(pipeline.processEvents(signal(3))).rejects.toThrow('Pipeline is disposed');
    expect(() => pipeline.latency()).toThrow('Pipeline is disposed');
  });
});

describe('latency()', () => {
  test('of no stages is 0', () => {
    expect(createDspPipeline().latency()).toEqual({ samples: 0, ms: undefined });
    expect(createDspPipeline({ sampleRate: 500 }).latency()).toEqual({ samples: 0, ms: 0 });
    expect(createDspPipeline().Rectify().latency({ sampleRate: 250, frequency: 10 })).toEqual({ samples: 0, ms: 0 });
  });

  test.each([
    [{ sampleRate: 0 }],
    [{ sampleRate: NaN }],
    [{ sampleRate: '8000' }],
    [{ sampleRate: 10, frequency: -1 }],
  ])('%p is refused', (options) => {
    expect(() => createDspPipeline().latency(options)).toThrow(TypeError);
    expect(() => createDspPipeline().latency(options)).toThrow('must be a positive number, got');
  });

  test('of a frequency needs a rate', () => {
    expect(() => createDspPipeline().latency({ frequency: 10 })).toThrow('latency: frequency needs sampleRate');
    expect(createDspPipeline({ sampleRate: 100 }).latency({ frequency: 10 }).samples).toBe(0);
  });
});
