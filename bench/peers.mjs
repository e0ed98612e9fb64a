// npm run bench:peers: the same work in one run in this package and in others that can do it. Streams of 65,536
// samples, one channel; medians of single calls, without the copying that work in place needs. What is compared does
// the same: results are checked against each other before they are timed. The others are installed into bench/peers.
// SciPy is measured where DSPX_PYTHON (default python3) has it.
//   --only TEXT   cases whose name holds it
//   --markdown    a table for the documentation
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import dspx from '../index.js';
import * as baselines from './baselines.mjs';
import { machine, measure, only, signal } from './measure.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, 'peers/package.json'));

const N = 65_536;
const RATE = 1000;
const CUTOFF = 40;
const WINDOW = 100;
const MOVING = { mode: 'moving', windowSize: WINDOW };

const lowpass = (more) => ({ mode: 'lowpass', sampleRate: RATE, cutoffFrequency: CUTOFF, ...more });

const tf = require('@tensorflow/tfjs-core');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');
const FftJs = require('fft.js');
const dspjs = require('dsp.js');
const fili = require('fili');
const meydaModule = require('meyda');
const Meyda = meydaModule.default ?? meydaModule;

/** A function that works in place, in a buffer that is refilled before each call (that is not timed). */
const inPlace = (source, work) => {
  const x = source.slice();
  return Object.assign(() => work(x) ?? x, { refill: () => x.set(source) });
};

/** A stage of this package. */
const stage = (build, source) => {
  const pipeline = build(dspx.createDspPipeline());
  return inPlace(source, (x) => pipeline.processSync(x, { channels: 1, sampleRate: RATE }));
};

/**
 * A tensor computation, with its result read. Not inside of `tidy`, which looks for tensors in every element of an
 * array.
 */
const tensor = (work) => () => {
  const result = tf.tidy(work);
  const data = result.dataSync();
  result.dispose();
  return data;
};

/** The taps of the filter stage, read from its impulse response. */
function taps(count) {
  const impulse = new Float32Array(count);
  impulse[0] = 1;
  return dspx.createDspPipeline().filter(lowpass({ type: 'fir', order: count })).processSync(impulse);
}

async function sections(order) {
  const state = await dspx.createDspPipeline().filter(lowpass({ type: 'butterworth', order })).saveState();
  return JSON.parse(state).stages[0].state.sos;
}

function plainFir(h) {
  return (x) => {
    const y = new Float32Array(x.length);
    for (let i = 0; i < x.length; i++) {
      let sum = 0;
      for (let k = 0, top = Math.min(h.length, i + 1); k < top; k++) sum += h[k] * x[i - k];
      y[i] = sum;
    }
    return y;
  };
}

/** Running sums of the samples and of their squares. */
function plainVariance(x) {
  const ring = new Float64Array(WINDOW);
  let [sum, squares] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const [now, old] = [x[i], ring[i % WINDOW]];
    sum += now - old;
    squares += now * now - old * old;
    ring[i % WINDOW] = now;
    const count = Math.min(i + 1, WINDOW);
    x[i] = Math.max(0, squares / count - (sum / count) ** 2);
  }
}

/** Magnitudes at the first bins, which every library has in a layout of its own. */
const magnitudes = (pick) => Array.from({ length: 20 }, (_, k) => Math.hypot(...pick(k + 1)));

function rfft(n) {
  const x = signal(n).source;
  const own = new dspx.FftProcessor(n);
  const theirs = new FftJs(n);
  const out = theirs.createComplexArray();
  const rf = new dspjs.FFT(n, RATE);
  const cooley = new fili.Fft(n);
  return {
    ours: [() => own.rfft(x), ({ real, imag }) => magnitudes((k) => [real[k], imag[k]])],
    'fft.js': [() => { theirs.realTransform(out, x); return out; }, (y) => magnitudes((k) => [y[2 * k], y[2 * k + 1]])],
    'dsp.js': [() => { rf.forward(x); return rf; }, ({ real, imag }) => magnitudes((k) => [real[k], imag[k]])],
    fili: [() => cooley.forward(x, 'none'), ({ re, im }) => magnitudes((k) => [re[k], im[k]])],
  };
}

/** fili's FirFilter leaves out a tap (its results differ in the third digit), so it is not here. */
function fir(count) {
  const x = signal(N).source;
  const h = taps(count);
  const kernel = tf.tensor3d(Float32Array.from(h).reverse(), [count, 1, 1]);
  const end = (y) => [...y.subarray(N - 20)];
  return {
    ours: [stage((p) => p.filter(lowpass({ type: 'fir', order: count })), x), end],
    'plain JS': [() => plainFir(h)(x), end],
    'TF.js WASM': [
      tensor(() => tf.conv1d(tf.tensor2d(x, [N, 1]), kernel, 1, 'valid')),
      (y) => [...y.slice(y.length - 20)],
    ],
  };
}

/** `tensors`: from the moving mean, as a function, and the samples to the output. */
function moving(build, plain, tensors) {
  const x = signal(N).source;
  const end = (y) => [...y.slice(y.length - 20)];
  const mean = (values) => tf.avgPool(tf.reshape(values, [1, N, 1, 1]), [WINDOW, 1], [1, 1], 'valid');
  return {
    ours: [stage(build, x), end],
    'plain JS': [inPlace(x, (samples) => plain()(samples, 1)), end],
    'TF.js WASM': [tensor(() => tensors(mean, tf.tensor1d(x))), end],
  };
}

async function iir(order) {
  const x = signal(N).source;
  const sos = (await sections(order)).map(([b0, b1, b2, , a1, a2]) => [b0, b1, b2, a1, a2]);
  const filter = new fili.IirFilter(
    new fili.CalcCascades().lowpass({ order: order / 2, characteristic: 'butterworth', Fs: RATE, Fc: CUTOFF }),
  );
  const end = (y) => [...y.slice(N - 20)];
  return {
    ours: [stage((p) => p.filter(lowpass({ type: 'butterworth', order })), x), end],
    'plain JS': [inPlace(x, (samples) => baselines.sections(sos)(samples, 1)), end],
    fili: [() => { filter.reinit(); return filter.multiStep(x); }, end],
  };
}

/** The class, whose results are new arrays. */
function bandpass() {
  const band = { lowCutoffFrequency: 30, highCutoffFrequency: 50, sampleRate: RATE };
  const filter = dspx.IirFilter.createButterworthBandPass({ order: 4, ...band });
  return whole(signal(N).source, async (x) => filter.process(x), (y) => [y.length]);
}

/** A power spectrum of 512 samples to 13 cepstral coefficients: filter bank, logarithm, DCT; the FFT included. */
function mfcc() {
  const [size, bands] = [512, 26];
  const x = signal(size).source;
  Object.assign(Meyda, { bufferSize: size, sampleRate: 16_000, melBands: bands, numberOfMFCCCoefficients: 13 });
  const fft = new dspx.FftProcessor(size);
  const pipeline = dspx
    .createDspPipeline()
    .melSpectrogram({
      filterbankMatrix: dspx.melFilterBank({ sampleRate: 16_000, nFft: size, nMels: bands }),
      numBins: size / 2 + 1,
      numMelBands: bands,
    })
    .mfcc({ numMelBands: bands, numCoefficients: 13 });
  // The two use other mel scales and windows, so their numbers differ; the amount of work is the same.
  return {
    ours: [() => pipeline.processSync(fft.getPower(fft.rfft(x)), { channels: 1 }), (y) => [y.length]],
    meyda: [() => Meyda.extract('mfcc', x), (y) => [y.length]],
  };
}

/** Sample by sample: what is measured is the way in and out. */
function rectify() {
  const x = signal(N).source;
  const end = (y) => [...y.slice(N - 20)];
  return {
    ours: [stage((p) => p.Rectify(), x), end],
    'plain JS': [inPlace(x, baselines.rectify()), end],
    'TF.js WASM': [tensor(() => tf.abs(tf.tensor1d(x))), end],
  };
}

function dot() {
  const [x, y] = [signal(N).source, signal(N).source.reverse()];
  return {
    ours: [() => dspx.dotProduct(x, y), (sum) => [sum]],
    'plain JS': [() => baselines.dotProduct(x, y), (sum) => [sum]],
    'TF.js WASM': [tensor(() => tf.dot(tf.tensor1d(x), tf.tensor1d(y))), ([sum]) => [sum]],
  };
}

/** Random samples, the same in every run and in scipy_peers.py: for work whose time depends on the order of samples. */
function random(n) {
  let state = 1;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** A function of a whole signal, which SciPy has as well. */
const whole = (x, run, view) => ({ ours: [run.bind(undefined, x), view] });
const peaks = (conditions) => whole(random(N), (x) => dspx.findPeaks(x, conditions), (found) => [found.peaks.length]);
const real = (result) => [...result.real.slice(0, 20)];

const cases = {
  'Rectify': rectify,
  'dot product': dot,
  'rfft, 1024': () => rfft(1024),
  'rfft, 65536': () => rfft(65_536),
  'FIR, 64 taps': () => fir(64),
  'FIR, 1024 taps': () => fir(1024),
  'moving average, 100': () =>
    moving(
      (p) => p.MovingAverage(MOVING),
      () => baselines.movingAverage(WINDOW),
      (mean, x) => mean(x),
    ),
  'moving RMS, 100': () =>
    moving(
      (p) => p.Rms(MOVING),
      () => baselines.rms(WINDOW),
      (mean, x) => tf.sqrt(mean(tf.square(x))),
    ),
  'moving variance, 100': () =>
    moving(
      (p) => p.Variance(MOVING),
      () => plainVariance,
      (mean, x) => tf.sub(mean(tf.square(x)), tf.square(mean(x))),
    ),
  'Butterworth, order 4': () => iir(4),
  'Butterworth band-pass, order 4': bandpass,
  'MFCC, 512': mfcc,
  'findPeaks': () => peaks(undefined),
  'findPeaks, prominence': () => peaks({ prominence: 0.3, distance: 5 }),
  'medianFilter, 5': () => whole(random(N), (x) => dspx.medianFilter(x, 5), (y) => [...y.slice(0, 20)]),
  'medianFilter, 101': () => whole(random(N), (x) => dspx.medianFilter(x, 101), (y) => [...y.slice(0, 20)]),
  'zoomFft, 4096': () => whole(random(N), (x) => dspx.zoomFft(x, [0.1, 0.12], { m: 4096 }), real),
  'czt, 4096': () => whole(random(N), (x) => dspx.czt(x, { m: 4096 }), real),
  'analyticSignal': () => whole(random(N), (x) => dspx.analyticSignal(x), ({ imag }) => [...imag.slice(0, 20)]),
};

/** Peers compute in float32 or with other roundings; a wrong result is off by far more. */
const TOLERANCE = 1e-3;

function agree(name, peer, expected, got) {
  const scale = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - got[i])));
  if (!(worst <= TOLERANCE * scale)) throw new Error(`${name}: ${peer} is off by ${worst} of ${scale}`);
}

function scipy() {
  try {
    const text = execFileSync(process.env.DSPX_PYTHON ?? 'python3', [join(here, 'peers/scipy_peers.py')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(text);
  } catch {
    console.log('no SciPy: DSPX_PYTHON names a Python that has it');
    return { version: null, results: {} };
  }
}

const python = scipy();
const peers = ['plain JS', 'fft.js', 'dsp.js', 'fili', 'meyda', 'TF.js WASM', 'SciPy'];
const rows = [];
for (const [name, make] of Object.entries(cases).filter(([name]) => name.includes(only))) {
  const tasks = await make();
  const outcome = async ([work, view]) => {
    work.refill?.();
    return view(await work());
  };
  const expected = await outcome(tasks.ours);
  for (const [peer, task] of Object.entries(tasks)) agree(name, peer, expected, await outcome(task));
  const works = Object.fromEntries(Object.entries(tasks).map(([peer, [work]]) => [peer, work]));
  const times = { ...(await measure(works)), ...(python.results[name] && { SciPy: python.results[name] }) };
  rows.push([
    name,
    `${(times.ours / 1000).toFixed(1)} µs`,
    ...peers.map((peer) => (times[peer] ? `${(times[peer] / times.ours).toFixed(2)}×` : '–')),
  ]);
}

const head = ['case', 'dspx-rs', ...peers];
console.log(`${machine()}, ${python.version ?? 'no SciPy'}, ${new Date().toISOString().slice(0, 10)}`);
console.log('How many times as long the others take; – means that they cannot do it.\n');
if (process.argv.includes('--markdown')) {
  for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
} else {
  for (const row of [head, ...rows])
    console.log(row.map((cell, i) => (i ? cell.padStart(11) : cell.padEnd(22))).join(' '));
}
