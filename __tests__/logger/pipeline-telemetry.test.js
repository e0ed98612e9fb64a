const diagnostics = require('node:diagnostics_channel');
const {
  Logger,
  createDspPipeline,
  createMockHandler,
  createTopicRouter,
  withTracingContext,
} = require('../../index.js');

const rectifier = () => createDspPipeline().Rectify();

describe('the channel dspx:process', () => {
  let messages;
  const listen = (message) => messages.push(message);
  beforeEach(() => {
    messages = [];
    diagnostics.subscribe('dspx:process', listen);
  });
  afterEach(() => diagnostics.unsubscribe('dspx:process', listen));

  test.each(['process', 'processCopy', 'processSync', 'processSyncCopy'])('%s tells of each call', async (method) => {
    const out = await rectifier()[method](new Float32Array([1, -2, 3, -4]), { channels: 2, sampleRate: 1000 });
    expect([...out]).toEqual([1, 2, 3, 4]);
    expect(messages).toEqual([
      {
        pipeline: expect.stringMatching(/^rectify/),
        stages: 1,
        channels: 2,
        sampleRate: 1000,
        samples: 4,
        samplesOut: 4,
        startTime: expect.any(Number),
        durationMs: expect.any(Number),
        error: undefined,
      },
    ]);
  });

  test('long calls on a worker thread, too', async () => {
    const pipeline = rectifier();
    await Promise.all([1, 2].map(() => pipeline.process(new Float32Array(1_000_000), { channels: 1 })));
    expect(messages.map(({ samplesOut }) => samplesOut)).toEqual([1_000_000, 1_000_000]);
  });

  test('a failing callback is a failure of the call', async () => {
    const error = new Error('mine');
    const pipeline = rectifier().pipeline({ onBatch: () => { throw error; } });
    await expect(pipeline.process(new Float32Array(4), { channels: 1 })).rejects.toBe(error);
    expect(messages).toMatchObject([{ samples: 4, error }]);
  });
});

test('saving and loading a state are told of, failures too', async () => {
  const messages = [];
  const listen = (message, name) => messages.push([name, message.error?.constructor.name]);
  jest.spyOn(console, 'error').mockImplementation(() => {});
  const channels = ['dspx:state:save', 'dspx:state:load'];
  for (const name of channels) diagnostics.subscribe(name, listen);
  try {
    const pipeline = rectifier();
    await pipeline.loadState(await pipeline.saveState());
    await expect(pipeline.loadState('{')).rejects.toThrow();
  } finally {
    for (const name of channels) diagnostics.unsubscribe(name, listen);
    jest.restoreAllMocks();
  }
  expect(messages).toEqual([
    ['dspx:state:save', undefined], ['dspx:state:load', undefined], ['dspx:state:load', expect.any(String)],
  ]);
});

test('the result does not depend on who listens', async () => {
  const input = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const run = () =>
    createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 5 }).processCopy(input, { channels: 1 });
  const alone = await run();
  const listen = () => {};
  diagnostics.subscribe('dspx:process', listen);
  try {
    expect(await run()).toEqual(alone);
  } finally {
    diagnostics.unsubscribe('dspx:process', listen);
  }
});

test('a queued call keeps the tracing context of its caller', async () => {
  const mock = createMockHandler();
  const logger = new Logger([mock.handler]);
  const pipeline = rectifier().pipeline({ onLog: (topic, level, message) => void logger.log(level, message, topic) });
  const call = (traceId, length) =>
    withTracingContext({ traceId }, () => pipeline.process(new Float32Array(length), { channels: 1 }));
  await Promise.all([call('a', 1_000_000), call('b', 4), call('c', 1_000_000)]);
  expect(mock.getLogs().map(({ traceId, level }) => `${traceId} ${level}`)).toEqual([
    'a debug', 'a info', 'b debug', 'b info', 'c debug', 'c info',
  ]);
});

test('logs of a pipeline reach the routes of a router', async () => {
  const seen = [];
  const router = createTopicRouter()
    .debug(({ message }) => void seen.push(message))
    .custom('^pipeline\\.info$', ({ context }) => void seen.push(context.sampleCount), { minPriority: 5 })
    .build();
  const pipeline = rectifier().pipeline({ onLogBatch: (logs) => router.routeBatch(logs) });
  await pipeline.process(new Float32Array(4), { channels: 1 });
  expect(seen).toEqual(['Starting pipeline processing', 4]);
});

describe('callbacks', () => {
  let errors;
  beforeEach(() => {
    errors = jest.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(() => jest.restoreAllMocks());

  const run = (callbacks) => rectifier().pipeline(callbacks).process(new Float32Array(4), { channels: 1 });

  test('log entries carry epoch milliseconds', async () => {
    const before = Date.now();
    const logs = [];
    await run({ onLogBatch: (batch) => void logs.push(...batch) });
    expect(logs).toHaveLength(2);
    for (const { timestamp } of logs) expect(timestamp).toBeGreaterThanOrEqual(before);
  });

  test.each(['onLog', 'onLogBatch', 'onBatch', 'onSample', 'onStageComplete'])(
    'the rejection of a promise that %s returns is printed',
    async (name) => {
      await run({ [name]: async () => { throw new Error('later'); } });
      await new Promise(setImmediate);
      expect(errors).toHaveBeenCalledWith(`Callback error in ${name}:`, expect.objectContaining({ message: 'later' }));
    },
  );

  test('what fails while a failure is reported does not take its place', async () => {
    const fail = (text) => () => { throw new Error(text); };
    const failing = run({ onBatch: fail('first'), onError: fail('second'), onLogBatch: fail('third') });
    await expect(failing).rejects.toThrow('first');
    expect(errors.mock.calls.map(([text, error]) => [text, error.message])).toEqual([
      ['Callback error in onError:', 'second'], ['Callback error in onLogBatch:', 'third'],
    ]);
  });
});
