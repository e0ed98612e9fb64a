const { createReadStream, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Readable, Writable } = require('node:stream');
const { pipeline: connect } = require('node:stream/promises');
const fc = require('fast-check');
const { createDspPipeline } = require('../..');

const average = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 5 });
const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const ramp = (n) => Float32Array.from({ length: n }, (_, i) => ((i * 37) % 101) - 50);
const concat = (blocks) => Float32Array.from(blocks.flatMap((block) => [...block]));
/** Big enough for a worker thread. */
const LARGE = 1 << 18;

function floats(bytes) {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** `whole` in pieces that end at `cuts`. */
function pieces(whole, cuts) {
  const ends = [...new Set(cuts.map((cut) => cut % whole.length)), whole.length].sort((a, b) => a - b);
  return ends.map((end, i) => whole.subarray(i ? ends[i - 1] : 0, end));
}

const cuttings = fc.array(fc.nat(10_000), { maxLength: 12 });

describe('stream', () => {
  test('bytes cut anywhere give the samples of one call', async () => {
    const signal = ramp(3 * 200);
    const expected = await average().processCopy(signal, { channels: 3, sampleRate: 100 });
    await fc.assert(
      fc.asyncProperty(cuttings, async (cuts) => {
        const stream = average().stream({ channels: 3, sampleRate: 100 });
        const chunks = await Readable.from(pieces(bytesOf(signal), cuts)).pipe(stream).toArray();
        expect(floats(Buffer.concat(chunks))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('takes Float32Arrays in byte mode and leaves them as they were', async () => {
    const signal = ramp(10);
    const stream = createDspPipeline().Rectify().stream();
    stream.write(signal.subarray(0, 4));
    stream.end(signal.subarray(4));
    expect(floats(Buffer.concat(await stream.toArray()))).toEqual(signal.map(Math.abs));
    expect(signal).toEqual(ramp(10));
  });

  test('object mode gives one Float32Array for each chunk that completed a frame', async () => {
    const stream = createDspPipeline().Rectify().stream({ channels: 2, objectMode: true });
    const chunks = [Float32Array.of(-1, 2), Float32Array.of(-3), Float32Array.of(4, -5, 6), new Float32Array(0)];
    expect(await Readable.from(chunks).pipe(stream).toArray()).toEqual([
      Float32Array.of(1, 2), Float32Array.of(3, 4, 5, 6),
    ]);
  });

  test('chunks may bring timestamps', async () => {
    const byTime = () => createDspPipeline().MovingAverage({ mode: 'moving', windowDuration: 20 });
    const chunk = { samples: Float32Array.of(1, 2, 3), timestamps: Float64Array.of(0, 10, 100) };
    const [block] = await Readable.from([chunk]).pipe(byTime().stream({ objectMode: true })).toArray();
    expect(block).toEqual(Float32Array.of(1, 1.5, 3));
    expect(chunk.samples).toEqual(Float32Array.of(1, 2, 3));
  });

  test('passes back-pressure on', async () => {
    let read = 0;
    async function* source() {
      for (; read < 10_000; read++) yield new Float32Array(64);
    }
    const stream = createDspPipeline().Rectify().stream({ objectMode: true, highWaterMark: 2 });
    let release;
    const slow = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        release = done;
      },
    });
    const done = connect(Readable.from(source(), { highWaterMark: 1 }), stream, slow);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(20);
    slow.destroy(new Error('enough'));
    release();
    await expect(done).rejects.toThrow('enough');
  });

  test('reads a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dspx-stream-'));
    try {
      const signal = ramp(50_000);
      writeFileSync(join(folder, 'x.f32'), bytesOf(signal));
      const chunks = [];
      const sink = new Writable({ write(chunk, _encoding, done) { chunks.push(chunk); done(); } });
      await connect(createReadStream(join(folder, 'x.f32'), { highWaterMark: 1021 }), average().stream(), sink);
      expect(floats(Buffer.concat(chunks))).toEqual(await average().process(signal));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['an end inside a frame', Buffer.alloc(9), RangeError, /stream: the input ended inside a frame \(1 of 8 bytes\)/],
    ['text', 'abc', TypeError, /stream: chunks must be .* got string/],
  ])('fails on %s', async (_what, chunk, type, message) => {
    const stream = createDspPipeline().stream({ channels: 2 });
    stream.end(chunk);
    const error = await stream.toArray().catch((e) => e);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });

  test('fails with the error of a stage, and when aborted', async () => {
    const disposed = createDspPipeline();
    const stream = disposed.stream();
    disposed.dispose();
    stream.end(Buffer.alloc(4));
    await expect(stream.toArray()).rejects.toThrow('Pipeline is disposed');
    const controller = new AbortController();
    const endless = createDspPipeline().stream({ signal: controller.signal });
    const result = endless.toArray();
    controller.abort();
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each([
    [{ channels: 0 }, /stream: channels must be a positive integer, got 0/],
    [{ sampleRate: -1 }, /stream: sampleRate must be a positive number, got -1/],
    [{ signal: 5 }, /stream: signal must be an AbortSignal, got number/],
  ])('refuses %j at once', (options, message) => {
    expect(() => createDspPipeline().stream(options)).toThrow(message);
  });
});

describe('webStream', () => {
  test('takes bytes and samples, gives samples or bytes', async () => {
    const signal = ramp(100);
    const expected = await average().processCopy(signal);
    for (const output of ['samples', 'bytes']) {
      const source = new ReadableStream({
        start(controller) {
          controller.enqueue(signal.subarray(0, 11));
          controller.enqueue(new Uint8Array(bytesOf(signal)).subarray(44, 101));
          controller.enqueue(new Uint8Array(bytesOf(signal)).slice(101).buffer);
          controller.close();
        },
      });
      const blocks = [];
      for await (const block of source.pipeThrough(average().webStream({ output }))) blocks.push(block);
      expect(output === 'bytes' ? floats(Buffer.concat(blocks)) : concat(blocks)).toEqual(expected);
    }
  });

  test('fails inside a frame, when aborted, and on a wrong option', async () => {
    const half = new Response(new Uint8Array(3)).body.pipeThrough(createDspPipeline().webStream());
    await expect(half.getReader().read()).rejects.toThrow('webStream: the input ended inside a frame (3 of 4 bytes)');
    const controller = new AbortController();
    const reader = createDspPipeline().webStream({ signal: controller.signal }).readable.getReader();
    const waiting = reader.read();
    controller.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    expect(() => createDspPipeline().webStream({ output: 'text' })).toThrow('webStream: output must be');
  });
});

describe('iterate', () => {
  test('any cutting gives the samples of one call', async () => {
    const signal = ramp(400);
    const expected = await average().processCopy(signal, { channels: 2 });
    await fc.assert(
      fc.asyncProperty(cuttings, async (cuts) => {
        const blocks = [];
        for await (const block of average().iterate(pieces(signal, cuts), { channels: 2 })) blocks.push(block);
        expect(concat(blocks)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('leaving the loop ends the source; so does a failure', async () => {
    let ended = 0;
    async function* source(chunk) {
      try {
        for (;;) yield chunk;
      } finally {
        ended++;
      }
    }
    for await (const block of createDspPipeline().iterate(source(new Float32Array(4)))) {
      expect(block.length).toBe(4);
      break;
    }
    expect(ended).toBe(1);
    await expect(createDspPipeline().iterate(source(7)).next()).rejects.toThrow('iterate: chunks must be');
    expect(ended).toBe(2);
    const signal = new AbortController().signal;
    for await (const block of createDspPipeline().iterate(source(new Float32Array(4)), { signal })) if (block) break;
    expect(ended).toBe(3);
  });

  test('aborts while the source keeps silent', async () => {
    const silent = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }),
    };
    const controller = new AbortController();
    const next = createDspPipeline().iterate(silent, { signal: controller.signal }).next();
    setTimeout(() => controller.abort(), 10);
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
    await expect(createDspPipeline().iterate([], { signal: AbortSignal.abort() }).next()).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test.each([[undefined], [5], ['text'], [new Float32Array(3)], [{}]])('refuses %p as a source', (source) => {
    expect(() => createDspPipeline().iterate(source)).toThrow(/iterate: source must be an iterable of chunks/);
  });
});

describe('the end of the input', () => {
  const late = () =>
    createDspPipeline().filter({ type: 'fir', mode: 'lowpass', cutoffFrequency: 100, sampleRate: 1000, order: 9 });
  const signal = () => ramp(50);
  /** All samples of a call and the end behind it. */
  const whole = async () => {
    const pipeline = late();
    return concat([await pipeline.process(signal()), (await pipeline.finish()).samples]);
  };
  const forms = {
    stream: async (pipeline, options) =>
      concat(
        await Readable.from([signal()])
          .pipe(pipeline.stream({ objectMode: true, ...options }))
          .toArray(),
      ),
    'stream of bytes': async (pipeline, options) =>
      floats(
        Buffer.concat(
          await Readable.from([bytesOf(signal())])
            .pipe(pipeline.stream(options))
            .toArray(),
        ),
      ),
    webStream: async (pipeline, options) => {
      const blocks = [];
      const { body } = new Response(bytesOf(signal()));
      for await (const block of body.pipeThrough(pipeline.webStream(options))) blocks.push(block);
      return concat(blocks);
    },
    iterate: async (pipeline, options) => {
      const blocks = [];
      for await (const block of pipeline.iterate([signal()], options)) blocks.push(block);
      return concat(blocks);
    },
  };

  test.each(Object.entries(forms))(
    '%s gives what the stages hold back, and the pipeline is as new',
    async (_name, run) => {
      const pipeline = late();
      const expected = await whole();
      expect(expected).toHaveLength(54);
      expect(await run(pipeline)).toEqual(expected);
      expect(await run(pipeline)).toEqual(expected);
    },
  );

  test.each(Object.entries(forms))('%s keeps it inside with finish: false', async (_name, run) => {
    const pipeline = late();
    const reference = late();
    for (let part = 0; part < 2; part++)
      expect(await run(pipeline, { finish: false })).toEqual(await reference.process(signal()));
    await expect(run(pipeline, { finish: 1 })).rejects.toThrow(/finish must be a boolean, got 1/);
  });

  test('comes in the format of the rest, with the last events for the handlers', async () => {
    const seen = [];
    const pipeline = late().PeakDetection({ threshold: 1, distance: 3 }).on('peak', ({ sample }) => seen.push(sample));
    const blocks = [];
    for await (const block of pipeline.iterate([Float32Array.of(0, 9, 0, 0, 0, 0, 9, 0)], { output: 's16' }))
      blocks.push(block);
    expect(blocks.map((block) => [block.constructor, block.length])).toEqual([
      [Int16Array, 8],
      [Int16Array, 4],
    ]);
    expect(seen).toEqual([5, 10]);
  });
});

describe('AbortSignal', () => {
  test('takes a waiting call out of the queue, without a trace in the state', async () => {
    const pipeline = average();
    const first = pipeline.process(ramp(LARGE));
    const controller = new AbortController();
    const waiting = [
      pipeline.process(ramp(LARGE), { signal: controller.signal }),
      pipeline.saveState({ signal: controller.signal }),
      pipeline.loadState('{}', { signal: controller.signal }),
    ];
    const last = pipeline.process(ramp(100));
    controller.abort();
    for (const call of waiting) await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    const reference = average();
    expect(await first).toEqual(reference.processSync(ramp(LARGE)));
    expect(await last).toEqual(reference.processSync(ramp(100)));
    pipeline.dispose();
  });

  test('a call that has begun ends as usual; an aborted signal refuses at once', async () => {
    const pipeline = average();
    const controller = new AbortController();
    const running = pipeline.process(ramp(LARGE), { signal: controller.signal });
    controller.abort();
    expect((await running).length).toBe(LARGE);
    const { signal } = controller;
    for (const call of [
      pipeline.process(ramp(4), { signal }),
      pipeline.saveState({ signal }),
      pipeline.loadState('{}', { signal }),
    ]) {
      await expect(call).rejects.toBe(signal.reason);
    }
    await expect(pipeline.process(ramp(4), { signal: {} })).rejects.toThrow(
      'process: signal must be an AbortSignal, got Object',
    );
    await expect(pipeline.saveState({ signal: 1 })).rejects.toThrow(
      'saveState: signal must be an AbortSignal, got number',
    );
  });
});

describe('disposing', () => {
  test('Symbol.dispose disposes, Symbol.asyncDispose waits for the pending calls', async () => {
    const busy = average();
    const call = busy.process(ramp(LARGE));
    expect(() => busy[Symbol.dispose]()).toThrow('Cannot dispose pipeline');
    const disposed = busy[Symbol.asyncDispose]();
    const later = busy.process(ramp(LARGE));
    expect((await call).length).toBe(LARGE);
    expect((await later).length).toBe(LARGE);
    await disposed;
    expect(() => busy.listState()).toThrow('Pipeline is disposed');
    await busy[Symbol.asyncDispose]();
    const idle = average();
    idle[Symbol.dispose]();
    expect(() => idle.listState()).toThrow('Pipeline is disposed');
  });
});
