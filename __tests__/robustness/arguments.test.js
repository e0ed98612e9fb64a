const dspx = require('../../index.js');

const x = () => Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
const shared = (Type = Float32Array, n = 8) => new Type(new SharedArrayBuffer(n * Type.BYTES_PER_ELEMENT));
const error = (f) => {
  try {
    f();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
};

test.each([
  [() => dspx.getWindow(['kaiser', 1e308], 9), RangeError, /^getWindow: window Kaiser .* not finite/],
  [() => dspx.getWindow(['chebwin', 1e4], 9), RangeError, /^getWindow: window Chebwin .* not finite/],
  [
    () => dspx.createDspPipeline().SavgolFilter({ windowLength: 5, polyOrder: 2, deriv: 1, delta: 5e-324 }),
    RangeError,
    /^SavgolFilter: delta .*5e-324$/,
  ],
  [
    () => dspx.createDspPipeline().RlsFilter({ numTaps: 4, lambda: 5e-324 }),
    RangeError,
    /^RlsFilter: lambda must be .*5e-324$/,
  ],
  [
    () => dspx.createDspPipeline().convolution({ kernel: [1], mode: 0 }),
    TypeError,
    /^Convolution: mode must be .*got '0'$/,
  ],
  [() => dspx.createDspPipeline().convolution({ kernel: [NaN] }), TypeError, /^Convolution: kernel .*got NaN$/],
  [() => dspx.detrend(x(), 'x'), TypeError, /^detrend: options must be an object, got "x"$/],
  [() => dspx.createDspPipeline(5), TypeError, /^createDspPipeline: config must be an object, got 5$/],
  [() => dspx.createDspPipeline().processSyncCopy(5), TypeError, /^Input samples must be a Float32Array, got number$/],
  [() => dspx.FftUtils.nextPowerOfTwo(Infinity), RangeError, /^nextPowerOfTwo: n must be .*got Infinity$/],
  [
    () => dspx.FftUtils.findPeakFrequency(x(), 0, 64),
    TypeError,
    /^findPeakFrequency: sampleRate must be a positive number, got 0$/,
  ],
  [() => dspx.goertzel(x(), [1e308], { sampleRate: 5e-324 }), RangeError, /^goertzel: frequencies .*1e\+308/],
  [() => dspx.welch(x(), { sampleRate: 5e-324 }), RangeError, /^welch: window and sampleRate/],
  [
    () => dspx.calculateSampleEntropy(Int16Array.of(1, 2)),
    TypeError,
    /^calculateSampleEntropy: signal must be a Float32Array, got Int16Array: convert with/,
  ],
  [
    () => dspx.welch(Int16Array.of(1, 2)),
    TypeError,
    /^welch: x must be .*got Int16Array: convert with Float64Array.from\(x\)$/,
  ],
  [
    () => dspx.sum([1, 2]),
    TypeError,
    /^sum: Argument must be a Float32Array, got an array: convert with Float32Array.from/,
  ],
  [
    () => dspx.calculatePca(Float32Array.of(1, NaN, 2, 3), 2),
    RangeError,
    /^calculatePca: interleavedData must hold finite numbers .*got NaN$/,
  ],
])('%s says function, rule and value', (call, type, message) => {
  const thrown = error(call);
  expect(thrown).toBeInstanceOf(type);
  expect(thrown.message).toMatch(message);
});

test('calls that reject say so too', async () => {
  const pipeline = dspx.createDspPipeline().Rectify();
  await expect(pipeline.saveState({ format: 'xml' })).rejects.toThrow(
    'saveState: format must be "json" or "toon", got "xml"',
  );
  await expect(pipeline.processCopy(null)).rejects.toThrow('Input samples must be a Float32Array, got null');
  await expect(dspx.welchAsync(x(), { nperseg: 'x' })).rejects.toThrow(
    /^welch: nperseg must be a finite number, got x$/,
  );
});

test('parameters have a limit before they are copied, and messages quote their beginning', () => {
  const stage = (windowSize) => () => dspx.createDspPipeline().MovingAverage({ mode: 'moving', windowSize });
  let nested = new Array(84).fill(0);
  for (let depth = 0; depth < 4; depth++) nested = new Array(84).fill(nested);
  for (const large of [new Array(2 ** 32 - 1), nested, 'x'.repeat(2 ** 28)]) {
    const thrown = error(stage(large));
    expect(thrown).toBeInstanceOf(RangeError);
    expect(thrown.message).toMatch(/^MovingAverage: .* at most 1048576/);
    expect(thrown.message.length).toBeLessThan(200);
  }
  const quoted = error(stage('x'.repeat(1000))).message;
  expect(quoted).toMatch(/got x{100}…$/);
  expect(error(stage('\u001b[31m')).message).toMatch(/got \\u\{1b\}\[31m$/);
});

test('a getter that throws is named', () => {
  const options = {
    get windowSize() {
      throw new Error('mine');
    },
  };
  expect(() => dspx.createDspPipeline().MovingAverage(options)).toThrow(
    'MovingAverage: windowSize cannot be read: reading it throws',
  );
});

test('channels do not wrap', () => {
  const call = () => dspx.createDspPipeline().Rectify().processSync(x(), { channels: 2 ** 32 + 1 });
  expect(call).toThrow(new RangeError('channels must be at most 65536, got 4294967297'));
});

test('a listener cannot dispose a pipeline under its call', () => {
  const pipeline = dspx.createDspPipeline().Amplify({ gain: 2 });
  const options = { sampleRate: 250, enableDriftDetection: true, onDriftDetected: () => pipeline.dispose() };
  const call = () => pipeline.processSync(Float32Array.of(1, 1), Float64Array.of(0, 1000), options);
  expect(call).toThrow('Cannot dispose pipeline: process() is still running');
  expect([...pipeline.processSync(Float32Array.of(1))]).toEqual([2]);
});

test('output arrays are read once', () => {
  for (const size of [64, 4096]) {
    const fft = new dspx.FftProcessor(size);
    const half = size / 2 + 1;
    const real = new Float32Array(half);
    let reads = 0;
    const out = { get real() { return reads++ === 0 ? real : new Float32Array(1); }, imag: new Float32Array(half) };
    const input = Float32Array.from({ length: size }, () => 1);
    expect(fft.rfft(input, out)).toBe(out);
    expect(reads).toBe(1);
    expect(real[0]).toBe(size);
  }
});

test('memory of other threads is refused, and copied where a copy is asked for', async () => {
  const pipeline = dspx.createDspPipeline().Amplify({ gain: 2 });
  const words = /SharedArrayBuffer/;
  for (const call of [
    () => pipeline.processSync(shared()),
    () => pipeline.processSync(x(), shared(Float64Array, 64)),
    () => dspx.sum(shared()),
    () => dspx.welch(shared()),
    () => dspx.calculatePca(shared(), 2),
    () => dspx.calculateHjorthParameters(shared()),
    () => new dspx.FftProcessor(8).rfft(shared()),
  ]) {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(words);
  }
  const input = shared();
  input.fill(3);
  expect([...pipeline.processSyncCopy(input)]).toEqual(new Array(8).fill(6));
  expect([...(await pipeline.processCopy(input))]).toEqual(new Array(8).fill(6));
  expect(input[0]).toBe(3);
});

test('samples and times may lie in one buffer', () => {
  const buffer = new ArrayBuffer(64);
  const times = new Float64Array(buffer, 0, 8).map((_, i) => i * 4);
  const overlapping = new Float64Array(buffer);
  overlapping.set(times);
  const samples = new Float32Array(buffer, 0, 8);
  const want = dspx
    .createDspPipeline()
    .MovingAverage({ mode: 'moving', windowDuration: 9 })
    .processSync(samples.slice(), times);
  const got = dspx
    .createDspPipeline()
    .MovingAverage({ mode: 'moving', windowDuration: 9 })
    .processSync(samples, overlapping);
  expect([...got]).toEqual([...want]);
});

test('transferred arrays are said to be gone', () => {
  const gone = x();
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  for (const call of [
    () => dspx.sum(gone),
    () => dspx.welch(gone),
    () => dspx.createDspPipeline().processSyncCopy(gone),
  ]) {
    expect(call).toThrow(/detached/);
  }
});
