const { Readable } = require('node:stream');
const fc = require('fast-check');
const { createDspPipeline } = require('../..');

/** Big enough for a worker thread. */
const LARGE = 1 << 18;
const ARRAYS = {
  s16: Int16Array, s32: Int32Array, mulaw: Uint8Array, alaw: Uint8Array, f32: Float32Array, f64: Float64Array,
};
const FORMATS = Object.keys(ARRAYS);

const average = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 50 });
const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const concat = (Type, parts) => Type.from(parts.flatMap((part) => [...part]));

/** Float32 noise in −1 … 1. */
function noise(n) {
  let x = 1;
  return Float32Array.from({ length: n }, () => {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    return x / 2 ** 31 - 1;
  });
}

/** Noise in a format, made with numbers only. */
function encoded(format, n) {
  const scale = { s16: 2 ** 15, s32: 2 ** 31 }[format];
  if (scale) return ARRAYS[format].from(noise(n), (x) => Math.floor(x * scale));
  return ARRAYS[format] === Uint8Array
    ? Uint8Array.from({ length: n }, (_, i) => (i * 7919) % 256)
    : ARRAYS[format].from(noise(n));
}

describe('G.711, against the decision values of the standard', () => {
  /** Ends of the segments and the widths of their steps for one sign; the µ-law's first step is half as wide. */
  const laws = {
    mulaw: {
      start: [0, 1],
      unit: 4,
      mask: 0x7f,
      segments: [
        [31, 2],
        [95, 4],
        [223, 8],
        [479, 16],
        [991, 32],
        [2015, 64],
        [4063, 128],
        [8159, 256],
      ],
    },
    alaw: {
      start: [0],
      unit: 8,
      mask: 0x55,
      segments: [
        [64, 2],
        [128, 4],
        [256, 8],
        [512, 16],
        [1024, 32],
        [2048, 64],
        [4096, 128],
      ],
    },
  };

  function decisionsOf({ start, unit, segments }) {
    const decisions = [...start];
    for (const [end, width] of segments) while (decisions.at(-1) < end) decisions.push(decisions.at(-1) + width);
    expect(decisions).toHaveLength(129);
    return decisions.map((x) => x * unit);
  }

  test.each(['mulaw', 'alaw'])('%s: all 65,536 values', (law) => {
    const decisions = decisionsOf(laws[law]);
    // On a decision value a positive number belongs above it, a negative one below.
    const code = (v) => {
      const at = decisions.findLastIndex((x) => (v < 0 ? -v > x : v >= x));
      return (Math.min(at, 127) | (v < 0 ? 0 : 0x80)) ^ laws[law].mask;
    };
    const values = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const codes = createDspPipeline().processSync(values, { format: 's16', output: law });
    expect(Buffer.compare(codes, Uint8Array.from(values, code))).toBe(0);
  });

  test.each(['mulaw', 'alaw'])('%s: all 256 codes', (law) => {
    const decisions = decisionsOf(laws[law]);
    const value = (code) => {
      const bits = code ^ laws[law].mask;
      const n = bits & 0x7f;
      const middle = law === 'mulaw' && n === 0 ? 0 : (decisions[n] + decisions[n + 1]) / 2;
      return bits & 0x80 ? middle : -middle;
    };
    const codes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const values = createDspPipeline().processSync(codes, { format: law, output: 's16' });
    expect(values).toEqual(Int16Array.from(codes, value));
  });
});

describe('what goes in and what comes out', () => {
  test.each([['s16', 32_768], ['s32', 2 ** 31]])('%s is divided by its full scale', async (format, scale) => {
    const input = ARRAYS[format].of(0, 1, -scale, scale / 2, scale - 1);
    const expected = Float32Array.from(input, (x) => x / scale);
    expect(await createDspPipeline().process(input, { format })).toEqual(expected);
  });

  test.each(FORMATS)('%s: bytes, arrays, planes and every method give the same', async (format) => {
    const input = encoded(format, 600);
    const before = input.slice();
    const options = { format, output: 'f64', channels: 2 };
    const expected = average().processSync(input, options);
    expect(expected).toBeInstanceOf(Float64Array);
    const unaligned = Buffer.concat([Buffer.alloc(1), bytesOf(input)]).subarray(1);
    const planes = [0, 1].map((c) => input.filter((_, i) => i % 2 === c));
    for (const given of [input, unaligned, planes]) {
      expect(await average().process(given, options)).toEqual(expected);
      expect(average().processSyncCopy(given, options)).toEqual(expected);
      expect(await average().processCopy(given, options)).toEqual(expected);
      expect((await average().processEvents(given, options)).samples).toEqual(expected);
    }
    expect(input).toEqual(before);
  });

  test.each(FORMATS)('%s on a worker thread gives what the calling thread gives', async (format) => {
    const input = encoded(format, LARGE);
    for (const output of FORMATS) {
      const dither = !output.startsWith('f');
      const expected = average().processSync(input.slice(), { format, output, dither });
      expect(expected).toBeInstanceOf(ARRAYS[output]);
      const result = await average().process(input.slice(), { format, output, dither });
      expect(result).toBeInstanceOf(ARRAYS[output]);
      expect(Buffer.compare(bytesOf(result), bytesOf(expected))).toBe(0);
    }
  });

  test('numbers are float64', () => {
    const options = { format: 'f64', output: 'f64' };
    expect(createDspPipeline().Rectify().processSync([-0.1, 2, -3], options)).toEqual(
      Float64Array.of(Math.fround(0.1), 2, 3),
    );
  });

  test('with an output the type of an array says its format', () => {
    const of = (input) => createDspPipeline().processSync(input, { output: 's32' });
    const half = Int32Array.of(2 ** 30);
    for (const input of [
      Int16Array.of(2 ** 14),
      half,
      Float32Array.of(0.5),
      Float64Array.of(0.5),
      [0.5],
      [Int16Array.of(2 ** 14)],
    ]) {
      expect(of(input)).toEqual(half);
    }
  });

  test('the result is rounded to even, saturated, and 0 for NaN', () => {
    const samples = Float32Array.of(NaN, 1, -1, 7, -Infinity, 0.5 / 32_768, 1.5 / 32_768, -2.5 / 32_768);
    const s16 = createDspPipeline().processSync(samples, { output: 's16' });
    expect(s16).toEqual(Int16Array.of(0, 32_767, -32_768, 32_767, -32_768, 0, 2, -2));
    expect(createDspPipeline().processSync(samples, { output: 's32' }).slice(0, 5)).toEqual(
      Int32Array.of(0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31)),
    );
    expect(createDspPipeline().processSync(samples, { output: 'mulaw' }).slice(0, 3)).toEqual(
      Uint8Array.of(0xff, 0x80, 0x00),
    );
    expect(createDspPipeline().processSync(samples, { output: 'alaw' }).slice(0, 3)).toEqual(
      Uint8Array.of(0xd5, 0xaa, 0x2a),
    );
  });

  test('a call with another output leaves float32 samples alone, one without works in place', () => {
    const input = Float32Array.of(-0.5, 0.25);
    expect(createDspPipeline().Rectify().processSync(input, { output: 's16' })).toEqual(Int16Array.of(16_384, 8_192));
    expect(input).toEqual(Float32Array.of(-0.5, 0.25));
    expect(createDspPipeline().Rectify().processSync(input, { format: 'f32', output: 'f32' })).toBe(input);
    expect(input[0]).toBe(0.5);
  });

  test('stages that change the length, and timestamps', async () => {
    const input = encoded('s16', 64);
    const floats = Float32Array.from(input, (x) => x / 32_768);
    const half = createDspPipeline().Decimate({ factor: 2, sampleRate: 100 });
    const expected = createDspPipeline().Decimate({ factor: 2, sampleRate: 100 }).processSync(floats.slice());
    expect(half.processSync(input, { format: 's16' })).toEqual(expected);
    const byTime = () => createDspPipeline().MovingAverage({ mode: 'moving', windowDuration: 30 });
    const times = Float64Array.from(input, (_, i) => i * i);
    expect(await byTime().process(input, times, { format: 's16' })).toEqual(await byTime().process(floats, times));
  });

  test('taps and callbacks see float32, whatever comes out', async () => {
    for (const n of [8, LARGE]) {
      const seen = [];
      const pipeline = createDspPipeline()
        .tap((samples) => seen.push(samples))
        .Rectify()
        .tap((samples) => seen.push(samples))
        .pipeline({ onBatch: ({ samples }) => seen.push(samples) });
      const input = new Int16Array(n).fill(-8192);
      const output = await pipeline.process(input, { format: 's16', output: 'alaw', dither: true });
      expect(output).toBeInstanceOf(Uint8Array);
      expect(seen.map((samples) => [samples.constructor, samples.length, samples[0]])).toEqual([
        [Float32Array, n, -0.25], [Float32Array, n, 0.25], [Float32Array, n, 0.25],
      ]);
    }
  });
});

describe('dither', () => {
  const quiet = (n) => new Float32Array(n).fill(0.3 / 32_768);

  test('keeps the mean of what is smaller than a step', () => {
    const values = createDspPipeline().processSync(quiet(LARGE), { output: 's16', dither: true });
    expect(createDspPipeline().processSync(quiet(4), { output: 's16' })).toEqual(new Int16Array(4));
    expect(new Set(values)).toEqual(new Set([-1, 0, 1]));
    const mean = values.reduce((sum, x) => sum + x, 0) / LARGE;
    // Five standard errors of TPDF dither: the total error has a variance of a quarter of a step's square.
    expect(Math.abs(mean - 0.3)).toBeLessThan((5 * 0.5) / Math.sqrt(LARGE));
  });

  test.each(['s16', 's32', 'mulaw', 'alaw'])('%s: any cutting and any hand-over give the same', async (output) => {
    const options = { output, dither: true };
    const input = noise(400).map((x) => x / 1000);
    const whole = average().processSync(input, options);
    const cuttings = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 120 }), fc.constantFrom('go on', 'json', 'toon', 'clone')),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(cuttings, async (cuts) => {
        let pipeline = average();
        let from = 0;
        const parts = [];
        for (const [length, then] of [...cuts, [input.length, 'go on']]) {
          parts.push(pipeline.processSync(input.subarray(from, from + length), options));
          from += length;
          pipeline = await handOver(pipeline, then);
        }
        expect(concat(ARRAYS[output], parts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  async function handOver(pipeline, how) {
    if (how === 'go on') return pipeline;
    if (how === 'clone') return pipeline.clone();
    const next = average();
    await next.loadState(await pipeline.saveState({ format: how }));
    return next;
  }

  test('the end of a stream comes in the output, too, and begins dither anew', async () => {
    const options = { output: 's16', dither: true };
    const pipeline = average();
    const whole = average().processSync(quiet(200), options);
    for (let run = 0; run < 2; run++) {
      const parts = [pipeline.processSync(quiet(200), options), (await pipeline.finish(options)).samples];
      expect(parts[1]).toBeInstanceOf(Int16Array);
      expect(concat(Int16Array, parts).subarray(0, 200)).toEqual(whole);
    }
    expect((await pipeline.finish()).samples).toBeInstanceOf(Float32Array);
    await expect(pipeline.finish({ output: 's8' })).rejects.toThrow(/^output must be one of/);
    await expect(pipeline.finish({ dither: true })).rejects.toThrow(/^dither is for/);
  });

  test('begins anew with the stream, and a state without it is as before', async () => {
    const options = { output: 's16', dither: true };
    const pipeline = createDspPipeline().Rectify();
    const state = async () => Object.keys(JSON.parse(await pipeline.saveState()));
    pipeline.processSync(quiet(10), { output: 's16', dither: false });
    expect(await state()).not.toContain('dithered');
    const first = pipeline.processSync(quiet(100), options);
    expect(await state()).toContain('dithered');
    expect(pipeline.processSync(quiet(100), options)).not.toEqual(first);
    pipeline.clearState();
    expect(await state()).not.toContain('dithered');
    expect(pipeline.processSync(quiet(100), options)).toEqual(first);
  });
});

describe('errors say what was given, and change nothing', () => {
  const x = new Float32Array(4);
  const s16 = new Int16Array(4);
  test.each([
    [
      'an unknown format',
      s16,
      { format: 's24' },
      TypeError,
      /^format must be one of "s16", "s32", "mulaw", "alaw", "f32", "f64", got "s24"/,
    ],
    ['an unknown output', x, { output: 'toString' }, TypeError, /^output must be one of .*, got "toString"/],
    ['a format of another type', s16, { format: 16 }, TypeError, /^format must be one of .*, got 16/],
    ['dither that is no boolean', x, { output: 's16', dither: 1 }, TypeError, /^dither must be a boolean, got 1/],
    ['dither without rounding', x, { dither: true }, TypeError, /^dither is for outputs that are rounded.*got "f32"/],
    ['dither of float64', x, { output: 'f64', dither: true }, TypeError, /got "f64"/],
    ['odd bytes', Buffer.alloc(3), { format: 's16' }, RangeError, /format "s16" has 2 bytes a sample, and 3 bytes/],
    ['bytes of no whole float64', new Uint8Array(12), { format: 'f64' }, RangeError, /8 bytes a sample, and 12 bytes/],
    [
      'an array of another format',
      x,
      { format: 's16' },
      TypeError,
      /format "s16" takes an Int16Array or a Uint8Array of its bytes, got a Float32Array/,
    ],
    ['integers as codes', s16, { format: 'mulaw' }, TypeError, /format "mulaw" takes a Uint8Array, got an Int16Array/],
    ['a text', 'abcd', { format: 's16' }, TypeError, /got "abcd"/],
    ['nothing', null, { format: 'f64' }, TypeError, /got null/],
    ['planes of another format', [x, x], { format: 's16' }, TypeError, /all channels must be Int16Arrays/],
    ['planes of two lengths', [s16, new Int16Array(2)], { format: 's16' }, TypeError, /same length/],
    ['numbers among which one is none', [1, '2'], { format: 'f64' }, TypeError, /must be numbers, got "2" at index 1/],
    ['bytes without a format', Buffer.alloc(4), { output: 's16' }, TypeError, /a Buffer needs a format: "s16", /],
    ['an array that has no format', new Uint16Array(4), { output: 's16' }, TypeError, /a Uint16Array has no format/],
    [
      'an incomplete frame',
      s16,
      { format: 's16', channels: 3 },
      RangeError,
      /number of samples \(4\) must be a multiple of channels/,
    ],
    [
      'no option: 16-bit integers',
      s16,
      {},
      TypeError,
      /^Input samples must be a Float32Array, got Int16Array.*\(an Int16Array needs format: "s16"\)/,
    ],
    ['no option: 32-bit integers', new Int32Array(4), {}, TypeError, /an Int32Array needs format: "s32"/],
    ['no option: float64', new Float64Array(4), {}, TypeError, /a Float64Array needs format: "f64"/],
    ['no option: bytes', Buffer.alloc(4), {}, TypeError, /a Buffer needs a format/],
    [
      'no option: numbers',
      [1, 2],
      {},
      TypeError,
      /must be a Float32Array, got an array of numbers.*\(numbers need format: "f64"\)/,
    ],
    ['no option: another array', new Int8Array(4), {}, TypeError, /an Int8Array has no format/],
  ])('%s', async (_, input, options, type, message) => {
    const pipeline = average();
    pipeline.processSync(noise(10), { output: 's16', dither: true });
    const { stages, checksum } = JSON.parse(await pipeline.saveState());
    const rejected = pipeline.process(input, options);
    await expect(rejected).rejects.toThrow(type);
    await expect(rejected).rejects.toThrow(message);
    await expect(pipeline.processEvents(input, options)).rejects.toThrow(message);
    expect(() => pipeline.processSync(input, options)).toThrow(message);
    expect(JSON.parse(await pipeline.saveState())).toMatchObject({ stages, checksum });
  });

  test('timestamps of another length', () => {
    expect(() => average().processSync(s16, new Float64Array(3), { format: 's16' })).toThrow(
      /Timestamps length \(3\) must match samples length \(4\)/,
    );
  });

  test.each([
    ['float32', new Float32Array(4), {}],
    ['s16', new Int16Array(4), { format: 's16' }],
    ['bytes', new Uint8Array(4), { format: 'alaw' }],
  ])('a transferred array: %s', async (_, input, options) => {
    structuredClone(input.buffer, { transfer: [input.buffer] });
    await expect(average().process(input, options)).rejects.toThrow(/^Input samples are gone/);
    expect(() => average().processSync(input, options)).toThrow(TypeError);
  });

  test.each([['float32', Float32Array, {}], ['s16', Int16Array, { format: 's16', output: 's16' }]])(
    'an array that was transferred while its call waited: %s', async (_, Type, options) => {
      const pipeline = average();
      const before = pipeline.process(new Type(LARGE), options);
      const input = new Type(10);
      const waiting = pipeline.process(input, options);
      structuredClone(input.buffer, { transfer: [input.buffer] });
      await expect(waiting).rejects.toThrow(/^Input samples are gone/);
      expect(await before).toHaveLength(LARGE);
      expect(pipeline.processSync(new Type(3), options)).toHaveLength(3);
    },
  );

  test('a failing stage does not count dither', () => {
    const options = { output: 's16', dither: true };
    const [broken, whole] = [0, 1].map(() => createDspPipeline().ChannelSelect({ channels: [1], numInputChannels: 2 }));
    expect(() => broken.processSync(noise(3), options)).toThrow();
    expect(broken.processSync(noise(50), { ...options, channels: 2 })).toEqual(
      whole.processSync(noise(50), { ...options, channels: 2 }),
    );
  });
});

describe('streams', () => {
  const signal = encoded('s16', 300);
  const options = { channels: 3, format: 's16', output: 'mulaw', dither: true };
  const expected = average().processSync(signal, options);
  const cuts = [0, 1, 2, 7, 100, 101, 333, 600];
  const pieces = cuts.map((from, i) => bytesOf(signal).subarray(from, cuts[i + 1]));

  test('bytes cut anywhere give the bytes of one call', async () => {
    const chunks = await Readable.from(pieces).pipe(average().stream(options)).toArray();
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(expected));
  });

  test('arrays in, arrays out', async () => {
    const stream = average().stream({ ...options, readableObjectMode: true });
    stream.write(signal.subarray(0, 100));
    stream.end(signal.subarray(100));
    const chunks = await stream.toArray();
    expect(chunks.every((chunk) => chunk instanceof Uint8Array)).toBe(true);
    expect(concat(Uint8Array, chunks)).toEqual(expected);
  });

  test('iterate and webStream', async () => {
    const blocks = [];
    for await (const block of average().iterate(pieces, options)) blocks.push(block);
    expect(concat(Uint8Array, blocks)).toEqual(expected);
    const web = Readable.toWeb(Readable.from(pieces)).pipeThrough(
      average().webStream({ ...options, output: 's32', dither: false }),
    );
    const numbers = [];
    for await (const block of web) numbers.push(block);
    expect(concat(Int32Array, numbers)).toEqual(
      average().processSync(signal, { ...options, output: 's32', dither: false }),
    );
  });

  test('arrays of another format are refused, not taken for bytes', () => {
    const stream = average().stream({ format: 's16' });
    expect(() => stream.write(new Float32Array(2))).toThrow(
      /^stream: chunks must be Int16Arrays, bytes or .*, got Float32Array/,
    );
    expect(() => average().stream().write(new Int16Array(2))).toThrow(TypeError);
    expect(() => average().stream({ format: 'pcm' })).toThrow(/^stream: format must be one of/);
    expect(() => average().webStream({ output: 'pcm' })).toThrow(/^webStream: output must be/);
    expect(() => average().iterate([], { output: 'f64', dither: true })).toThrow(/dither is for/);
  });
});
