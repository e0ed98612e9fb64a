const { createDspPipeline, DspProcessor } = require('../..');

const average = (windowSize = 3) => createDspPipeline().MovingAverage({ mode: 'moving', windowSize });
/** Big enough for a worker thread. */
const LARGE = 1 << 18;
function noise(n) {
  const samples = new Float32Array(n);
  for (let i = 0; i < n; i++) samples[i] = ((i * 7919) % 2003) - 1000;
  return samples;
}

describe('results and the caller’s array', () => {
  test('process returns a new array and overwrites the input', async () => {
    const input = new Float32Array([1, 2, 3, 4, 5]);
    const output = await average().process(input);
    expect(output).toEqual(new Float32Array([1, 1.5, 2, 3, 4]));
    expect(output).not.toBe(input);
    expect(input).toEqual(output);
  });

  test('processSync returns the input itself', () => {
    const input = new Float32Array([1, 2, 3]);
    expect(average().processSync(input)).toBe(input);
  });

  test('a view does not touch what is around it', async () => {
    const whole = new Float32Array(10).fill(-2);
    await createDspPipeline().Rectify().process(whole.subarray(3, 7));
    expect([...whole]).toEqual([-2, -2, -2, 2, 2, 2, 2, -2, -2, -2]);
  });

  test.each([64, LARGE])('all four methods agree on %i samples', async (n) => {
    const signal = noise(n);
    const expected = average(100).processSync(signal.slice());
    expect(Buffer.compare(bytes(await average(100).process(signal.slice())), bytes(expected))).toBe(0);
    expect(Buffer.compare(bytes(await average(100).processCopy(signal)), bytes(expected))).toBe(0);
    expect(Buffer.compare(bytes(average(100).processSyncCopy(signal)), bytes(expected))).toBe(0);
    expect(Buffer.compare(bytes(signal), bytes(noise(n)))).toBe(0);
  });

  test('a large call overwrites its input as well', async () => {
    const input = noise(LARGE);
    const output = await average().process(input);
    expect(Buffer.compare(bytes(input), bytes(output))).toBe(0);
  });

  test('planar input gives interleaved output and stays untouched', async () => {
    const planes = [new Float32Array([1, -2]), new Float32Array([-10, 20])];
    expect(await createDspPipeline().Rectify().process(planes)).toEqual(new Float32Array([1, 10, 2, 20]));
    expect(planes[0]).toEqual(new Float32Array([1, -2]));
    expect(await createDspPipeline().process([])).toEqual(new Float32Array(0));
  });
});

const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

describe('calls made while one is running', () => {
  test('take effect in order and settle in order', async () => {
    const signal = noise(3 * LARGE);
    const expected = average(50).processSync(signal.slice());
    const pipeline = average(50);
    const settled = [];
    const parts = [0, 1, 2].map((i) =>
      pipeline.process(signal.subarray(i * LARGE, (i + 1) * LARGE)).then((out) => {
        settled.push(i);
        return out;
      }));
    const outputs = await Promise.all(parts);
    expect(settled).toEqual([0, 1, 2]);
    outputs.forEach((out, i) => {
      expect(Buffer.compare(bytes(out), bytes(expected.subarray(i * LARGE, (i + 1) * LARGE)))).toBe(0);
    });
  });

  test('a state saved meanwhile is the one after the calls before', async () => {
    const pipeline = average();
    const done = pipeline.process(noise(LARGE));
    const saved = pipeline.saveState();
    await done;
    expect(JSON.parse(await saved).stages).toEqual(JSON.parse(await pipeline.saveState()).stages);
  });

  test('what cannot wait says that the pipeline is busy', async () => {
    const pipeline = average();
    const running = pipeline.process(noise(LARGE));
    expect(() => pipeline.processSync(new Float32Array(1))).toThrow(/Pipeline is busy: processSync\(\)/);
    expect(() => pipeline.clearState()).toThrow(/busy/);
    expect(() => pipeline.listState()).toThrow(/busy/);
    expect(() => pipeline.Rectify()).toThrow(/Cannot add stage while processing/);
    expect(() => pipeline.dispose()).toThrow(/still running/);
    await running;
    pipeline.dispose();
  });

  test.each([
    ['an object with a method', { throwIfAborted() {} }],
    ['a signal in all but name', { aborted: false, throwIfAborted() {}, addEventListener() {} }],
    ['the prototype', AbortSignal.prototype],
    ['null', null],
    ['a number', 5],
  ])('%s is no signal: refused before the call is counted', async (_, signal) => {
    const pipeline = average();
    const text = /^process: signal must be an AbortSignal, got /;
    for (const samples of [noise(LARGE), new Float32Array(4)]) {
      await expect(pipeline.process(samples, { signal })).rejects.toThrow(text);
    }
    await expect(pipeline.saveState({ signal })).rejects.toThrow(TypeError);
    expect(pipeline.processSync(new Float32Array(2))).toHaveLength(2); // nothing waits
  });

  test('a signal withdraws its own call only, however often and by whom its event is dispatched', async () => {
    const pipeline = average();
    const running = pipeline.process(noise(LARGE));
    const controller = new AbortController();
    const first = pipeline.process(new Float32Array(1));
    const withdrawn = pipeline.process(new Float32Array(2), { signal: controller.signal });
    const last = pipeline.process(new Float32Array(3));
    controller.signal.dispatchEvent(new Event('abort')); // not an abort
    controller.abort(new Error('enough'));
    controller.signal.dispatchEvent(new Event('abort'));
    await expect(withdrawn).rejects.toThrow('enough');
    expect((await Promise.all([running, first, last])).map((out) => out.length)).toEqual([LARGE, 1, 3]);
    expect(pipeline.processSync(new Float32Array(2))).toHaveLength(2);
  });

  test('a signal whose methods were replaced is still listened to', async () => {
    const pipeline = average();
    const running = pipeline.process(noise(LARGE));
    const controller = new AbortController();
    const broken = () => { throw new Error('broken'); };
    Object.assign(controller.signal, { addEventListener: broken, removeEventListener: broken, throwIfAborted: broken });
    const withdrawn = pipeline.process(new Float32Array(2), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(withdrawn).rejects.toThrow('enough');
    await running;
  });

  test('at most 1,024 calls wait', async () => {
    const pipeline = average();
    const running = pipeline.process(noise(LARGE));
    const waiting = Array.from({ length: 1024 }, () => pipeline.process(new Float32Array(1)));
    await expect(pipeline.process(new Float32Array(1))).rejects.toThrow(/Pipeline is busy/);
    await expect(Promise.all([running, ...waiting])).resolves.toHaveLength(1025);
  });

  test('a failed call does not stop those after it', async () => {
    const pipeline = average();
    const running = pipeline.process(noise(LARGE));
    const loading = jest.spyOn(console, 'error').mockImplementation(() => {});
    const failed = pipeline.loadState('{');
    const after = pipeline.process(new Float32Array(4));
    await expect(failed).rejects.toThrow(/Failed to load state/);
    await expect(after).resolves.toHaveLength(4);
    await running;
    loading.mockRestore();
  });
});

describe('a buffer that goes away', () => {
  test('transferring the input while it is being processed is harmless', async () => {
    const input = noise(8 * LARGE);
    const running = average().process(input).catch((error) => error);
    structuredClone(input.buffer, { transfer: [input.buffer] });
    await running;
    expect(input).toHaveLength(0);
  });

  test('shrinking a resizable buffer meanwhile is harmless', async () => {
    if (!ArrayBuffer.prototype.resize) return; // Node 18
    const buffer = new ArrayBuffer(4 * LARGE, { maxByteLength: 4 * LARGE });
    const running = average().process(new Float32Array(buffer)).catch((error) => error);
    buffer.resize(0);
    await running;
    expect(buffer.byteLength).toBe(0);
  });
});

test('the event loop turns while a large call runs', async () => {
  const pipeline = createDspPipeline();
  for (let i = 0; i < 20; i++) pipeline.MovingAverage({ mode: 'moving', windowSize: 1000 });
  let turns = 0;
  let running = true;
  const count = () => {
    if (!running) return;
    turns++;
    setImmediate(count);
  };
  count();
  await pipeline.process(noise(4 * LARGE));
  running = false;
  expect(turns).toBeGreaterThan(10);
});

test.each([4, 1 << 12])('a program that awaits call after call of %i samples comes to its timers', async (n) => {
  const pipeline = average(100);
  const samples = noise(n);
  let hasTurned = false;
  setImmediate(() => { hasTurned = true; });
  for (let call = 0; call < 1e6 && !hasTurned; call++) await pipeline.process(samples);
  expect(hasTurned).toBe(true);
});

test('calls of many pipelines at once, short and long, give what each gives alone', async () => {
  const lengths = [7, 4096, 40_000, LARGE];
  const rows = Array.from({ length: 40 }, (_, i) => ({ pipeline: average(50), alone: average(50), n: lengths[i % 4] }));
  const calls = rows.flatMap(({ pipeline, n }) => [0, 1, 2].map(() => pipeline.process(noise(n))));
  const outputs = await Promise.all(calls);
  const expected = rows.flatMap(({ alone, n }) => [0, 1, 2].map(() => alone.processSync(noise(n))));
  outputs.forEach((out, i) => expect(Buffer.compare(bytes(out), bytes(expected[i]))).toBe(0));
});

test.each([1 << 16, 3 * LARGE])('writing into an array of %i samples behind the call has no effect', async (n) => {
  const pipeline = average(100);
  for (let i = 0; i < 20; i++) pipeline.MovingAverage({ mode: 'moving', windowSize: 100 });
  const alone = average(100);
  for (let i = 0; i < 20; i++) alone.MovingAverage({ mode: 'moving', windowSize: 100 });
  const input = noise(n);
  const running = pipeline.process(input);
  input.fill(9, 0, 1 << 16); // the first piece is copied by now
  expect(Buffer.compare(bytes(await running), bytes(alone.processSync(noise(n))))).toBe(0);
});

test('DspProcessor is for instanceof', () => {
  expect(createDspPipeline()).toBeInstanceOf(DspProcessor);
});
