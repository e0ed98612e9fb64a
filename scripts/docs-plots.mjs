// Draws the pictures of the documentation with the package itself: node scripts/docs-plots.mjs
import * as Plot from '@observablehq/plot';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stack } from '../examples/ecg/svg.mjs';
import dspx from '../index.js';
import { withDarkColours } from './lib/dark-svg.mjs';
import { main, root, run } from './lib/process.mjs';

const { IirFilter, calculateIca, createDspPipeline, findPeaks, spectrogram, welch } = dspx;

const WIDTH = 900;
/**
 * @typedef {Record<string, ArrayLike<number> | [x: (i: number) => number, y: ArrayLike<number>]>} Curves by their names;
 *   without x their place is their time
 * @typedef {import('../index.js').DspProcessor} Pipeline
 */

/**
 * @typedef {object} PanelOptions
 * @property {number} [rate] Hz, of curves without x
 * @property {string} [xLabel]
 * @property {string} [yLabel]
 * @property {number} [height]
 * @property {object} [y] options of the axis
 * @property {Plot.Markish[]} [marks]
 */

const COLOURS = ['#9aa4b1', '#1f6feb', '#d1495b', '#1a7f4b', '#b7791f'];

/** Loads a module of the ECG example. @param {string} name */
const example = (name) => createRequire(import.meta.url)(join(root, 'examples/ecg', name));

const plots = join(root, 'docs/plots');
const cli = (/** @type {string[]} */ ...args) =>
  run(process.execPath, [join(root, 'bin/dspx-rs.js'), ...args], { quiet: true });
const design = (/** @type {string} */ name, /** @type {string} */ line) =>
  cli('design', ...line.split(' '), '--plot', join(plots, name));

/**
 * Returns a function that gives numbers of about the normal distribution, the same in every run.
 *
 * @param {number} seed
 */
function noise(seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6;
}

/** @param {number} length @param {(i: number) => number} f */
const signal = (length, f) => Float32Array.from({ length }, (_, i) => f(i));
/**
 * Returns curves as rows for Plot, at most 2,000 points each, so that pictures stay small.
 *
 * @param {Record<string, [x: (i: number) => number, y: ArrayLike<number>]>} named
 */
const curves = (named) =>
  Object.entries(named).flatMap(([curve, [x, y]]) => {
    const step = Math.ceil(y.length / 2000);
    return Array.from({ length: Math.floor(y.length / step) }, (_, i) => ({ curve, x: x(i * step), y: y[i * step] }));
  });

/**
 * Returns a panel of curves.
 *
 * @param {string} title
 * @param {Curves} named
 * @param {PanelOptions} [options]
 * @returns {Plot.PlotOptions}
 */
function panel(title, named, { rate = 1, xLabel = 'time (s)', yLabel, height = 190, y, marks = [] } = {}) {
  const names = Object.keys(named);
  /** @type {(curve: Curves[string]) => [x: (i: number) => number, y: ArrayLike<number>]} */
  const withX = (curve) => {
    const hasX = curve.length === 2 && typeof curve[0] === 'function';
    return hasX ? /** @type {any} */ (curve) : [(i) => i / rate, curve];
  };
  const rows = curves(Object.fromEntries(names.map((name) => [name, withX(named[name])])));
  return {
    height,
    marginTop: 30,
    x: { label: xLabel },
    y: { label: yLabel ?? null, labelAnchor: 'center', grid: true, ...y },
    color: { domain: names, range: COLOURS.slice(names.length > 1 ? 0 : 1) },
    marks: [
      Plot.line(rows, { x: 'x', y: 'y', z: 'curve', stroke: 'curve', clip: true, strokeWidth: 1.2 }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -24, fontWeight: 'bold' }),
      // Names of the curves, at the right above the frame.
      ...names.map((name, i) =>
        Plot.text([name], {
          frameAnchor: 'top-right',
          dy: -24,
          dx: -130 * (names.length - 1 - i),
          fill: COLOURS[names.length > 1 ? i : i + 1],
        }),
      ),
      ...marks,
    ],
  };
}

/** @param {string} name @param {string} title @param {import('@observablehq/plot').PlotOptions[]} panels */
const write = (name, title, panels) => writeFileSync(join(plots, name), stack(panels, { width: WIDTH, title }));

/** Three bursts of muscle activity, with their envelope and two of their features. */
function timeDomain() {
  const rate = 1000;
  const normal = noise(1);
  const emg = signal(
    4000,
    (i) =>
      normal() *
      (0.05 +
        [0.6, 1.9, 3.1].reduce((sum, t, k) => sum + (0.4 + 0.3 * k) * Math.exp(-(((i / rate - t) / 0.18) ** 2)), 0)),
  );
  /** @param {(p: Pipeline) => Pipeline} build */
  const through = (build) => build(createDspPipeline()).processSync(emg.slice(), { sampleRate: rate });
  /** @type {import('../index.js').RmsParams} */
  const moving = { mode: 'moving', windowSize: 100 };
  write('time-domain.svg', 'Envelope and features of a muscle signal', [
    panel('an EMG (made up) and its envelope', { EMG: emg, Rms: through((p) => p.Rms(moving)) }, { rate }),
    panel(
      'how long its line is',
      { WaveformLength: through((p) => p.WaveformLength({ windowSize: 100 })) },
      { rate, height: 150 },
    ),
    panel(
      'its z-score',
      { 'Rms, ZScoreNormalize': through((p) => p.Rms(moving).ZScoreNormalize({ mode: 'moving', windowSize: 1000 })) },
      { rate, height: 150 },
    ),
  ]);
}

/** Magnitudes of the filter families, in the pass-band and beyond. */
function filters() {
  const low = { cutoffFrequency: 100, sampleRate: 1000, order: 5 };
  const frequencies = Float64Array.from({ length: 800 }, (_, i) => (i * 500) / 800);
  const family = {
    Bessel: IirFilter.createBesselLowPass(low),
    Butterworth: IirFilter.createButterworthLowPass(low),
    'Chebyshev I': IirFilter.createChebyshevLowPass({ ...low, ripple: 1 }),
    'Chebyshev II': IirFilter.createChebyshevLowPass({ ...low, chebyshevType: 2, stopbandDb: 60 }),
    elliptic: IirFilter.createEllipticLowPass({ ...low, ripple: 1, stopbandDb: 60 }),
  };
  const decibels = (/** @type {import('../index.js').IirFilter} */ filter) =>
    Array.from(filter.frequencyResponse(frequencies).magnitude, (m) => 20 * Math.log10(m + 1e-9));
  const delays = (/** @type {import('../index.js').IirFilter} */ filter) =>
    filter.groupDelay(frequencies.subarray(0, 320));
  /** @type {(quantity: (filter: import('../index.js').IirFilter) => ArrayLike<number>) => Curves} */
  const of = (quantity) =>
    Object.fromEntries(
      Object.entries(family).map(([name, filter]) => [name, [(i) => frequencies[i], quantity(filter)]]),
    );
  const xLabel = 'frequency (Hz)';
  write('filter-families.svg', 'Filters of order 5 with an edge at 100 Hz', [
    panel('magnitude, order 5, edge 100 Hz', of(decibels), {
      xLabel,
      yLabel: 'dB',
      height: 240,
      y: { domain: [-90, 5] },
    }),
    panel('group delay', of(delays), { xLabel, yLabel: 'samples' }),
  ]);
}

/** Draws the fate of a tone above half the new rate. */
function multirate() {
  const rate = 8000;
  const tones = signal(
    1 << 15,
    (i) => Math.sin((2 * Math.PI * 400 * i) / rate) + Math.sin((2 * Math.PI * 2700 * i) / rate),
  );
  /** @param {(p: Pipeline) => Pipeline} build */
  const through = (build) => build(createDspPipeline()).processSync(tones.slice(), { sampleRate: rate });
  /** @type {(samples: Float32Array) => [x: (i: number) => number, y: ArrayLike<number>]} */
  const spectrum = (samples) => {
    // Without the first samples, in which the filters begin.
    const { frequencies, power } = welch(samples.subarray(256), {
      sampleRate: rate / 4,
      nperseg: 1024,
      scaling: 'spectrum',
    });
    return [(i) => frequencies[i], Array.from(power, (p) => 10 * Math.log10(p + 1e-16))];
  };
  const every4th = tones.filter((_, i) => i % 4 === 0);
  write('multirate.svg', 'Tones of 400 and 2,700 Hz, from 8 to 2 kHz', [
    panel(
      '400 and 2,700 Hz, from 8 to 2 kHz: nothing may come at 700 Hz',
      {
        'every 4th': spectrum(every4th),
        Decimate: spectrum(through((p) => p.Decimate({ factor: 4, sampleRate: rate }))),
        'Resample, high': spectrum(
          through((p) => p.Resample({ upFactor: 1, downFactor: 4, sampleRate: rate, quality: 'high' })),
        ),
      },
      { xLabel: 'frequency (Hz)', yLabel: 'dB', height: 240, y: { domain: [-140, 5] } },
    ),
  ]);
}

/** Two sources, mixed, and found again. */
function spatial() {
  const rate = 500;
  const length = 1000;
  const mixed = new Float32Array(2 * length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [Math.sin((2 * Math.PI * 3 * i) / rate), (((i / rate) * 7) % 1) - 0.5];
    mixed.set([a + 1.4 * b, 0.6 * a - 1.1 * b], 2 * i);
  }
  const channel = (/** @type {Float32Array} */ samples, /** @type {number} */ c) =>
    samples.filter((_, i) => i % 2 === c);
  const sources = createDspPipeline()
    .IcaTransform(calculateIca(mixed, 2))
    .processSync(mixed.slice(), { channels: 2, sampleRate: rate });
  write('spatial.svg', 'Two mixtures and the sources that ICA finds', [
    panel(
      'two channels, each a mixture of two sources',
      { 'channel 0': channel(mixed, 0), 'channel 1': channel(mixed, 1) },
      { rate, height: 170 },
    ),
    panel(
      'what IcaTransform makes of them',
      { 'output 0': channel(sources, 0), 'output 1': channel(sources, 1) },
      { rate, height: 170 },
    ),
  ]);
}

/** A rising tone over a steady one: in time and frequency, and on average. */
function spectral() {
  const sampleRate = 1000;
  const normal = noise(2);
  const sweep = signal(8192, (i) => {
    const t = i / sampleRate;
    return Math.sin(2 * Math.PI * (40 * t + 20 * t * t)) + 0.7 * Math.sin(2 * Math.PI * 60 * t) + 0.1 * normal();
  });
  const { frequencies, times, values } = spectrogram(sweep, {
    sampleRate,
    nperseg: 256,
    noverlap: 192,
    window: 'hann',
  });
  const bins = frequencies.length;
  const level = Array.from(values, (p) => 10 * Math.log10(p + 1e-9));
  const mean = welch(sweep, { sampleRate, nperseg: 1024 });
  const decibels = Float64Array.from(mean.power, (p) => 10 * Math.log10(p));
  const { peaks } = findPeaks(decibels, { prominence: 15 });
  const dots = [...peaks].map((k) => ({ x: mean.frequencies[k], y: decibels[k] }));
  write('spectral.svg', 'Spectra of a rising and a steady tone', [
    {
      height: 260,
      marginTop: 30,
      x: { label: 'time (s)' },
      y: { label: 'frequency (Hz)', labelAnchor: 'center' },
      color: { scheme: 'blues', domain: [-50, -5], clamp: true },
      marks: [
        Plot.contour(
          level.map((_, i) => level[(i % times.length) * bins + Math.floor(i / times.length)]),
          {
            width: times.length,
            height: bins,
            x1: times[0],
            x2: times.at(-1),
            y1: 0,
            y2: sampleRate / 2,
            fill: Plot.identity,
            thresholds: 8,
          },
        ),
        Plot.text(['spectrogram (dB) of a rising and a steady tone'], {
          frameAnchor: 'top-left',
          dy: -24,
          fontWeight: 'bold',
        }),
      ],
    },
    panel(
      'welch, and what findPeaks finds',
      { mean: [(i) => mean.frequencies[i], decibels] },
      {
        xLabel: 'frequency (Hz)',
        yLabel: 'dB/Hz',
        marks: [Plot.dot(dots, { x: 'x', y: 'y', fill: COLOURS[2], r: 4 })],
      },
    ),
  ]);
}

/** Four seconds of an ECG, by the command line. */
function ecgByCommand() {
  const { SAMPLE_RATE, readEcg } = example('recording.js');
  const folder = mkdtempSync(join(tmpdir(), 'dspx-plots-'));
  try {
    const file = (/** @type {string} */ name) => join(folder, name);
    const ecg = readEcg().subarray(14 * SAMPLE_RATE, 18 * SAMPLE_RATE);
    const bandpass = {
      type: 'butterworth',
      mode: 'bandpass',
      order: 3,
      sampleRate: SAMPLE_RATE,
      lowCutoffFrequency: 5,
      highCutoffFrequency: 15,
    };
    writeFileSync(file('ecg.csv'), `ECG (mV)\n${[...ecg].join('\n')}\n`);
    writeFileSync(file('bandpass.json'), JSON.stringify([{ filter: bandpass }]));
    cli(
      'run',
      file('bandpass.json'),
      '--in',
      file('ecg.csv'),
      '--out',
      file('out.csv'),
      '--quiet',
      '--sample-rate',
      String(SAMPLE_RATE),
      '--plot',
      join(plots, 'ecg.svg'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The first picture of the README: ten seconds of an ECG with its beats, and the heart rate at each of them. */
async function heartBeats() {
  const { SAMPLE_RATE, readEcg } = example('recording.js');
  const { EcgAnalysis } = example('analysis.js');
  const ecg = readEcg();
  const analysis = new EcgAnalysis(SAMPLE_RATE);
  await analysis.push(ecg);
  const { beats, heartRate } = await analysis.end();
  const [from, to] = [30, 40];
  const seconds = beats.map((/** @type {number} */ beat) => beat / SAMPLE_RATE);
  const shown = seconds.filter((/** @type {number} */ t) => t >= from && t < to);
  const rates = seconds
    .slice(1)
    .map((/** @type {number} */ t, /** @type {number} */ i) => ({ t, bpm: 60 / (t - seconds[i]) }));
  const raw = ecg.subarray(from * SAMPLE_RATE, to * SAMPLE_RATE);
  write('beats.svg', 'Heart beats found in an ECG', [
    panel(
      'ten seconds of an ECG (mV), and the beats that were found',
      { ECG: [(i) => from + i / SAMPLE_RATE, raw] },
      {
        xLabel: 'time (s)',
        height: 220,
        marks: [Plot.ruleX(shown, { stroke: COLOURS[2], strokeOpacity: 0.6 })],
      },
    ),
    {
      height: 150,
      marginTop: 30,
      x: { label: 'time (s)' },
      y: { label: null, grid: true, domain: [0, 200], clamp: true, ticks: 4 },
      marks: [
        Plot.ruleY([heartRate], { stroke: COLOURS[2], strokeOpacity: 0.6 }),
        Plot.dot(rates, { x: 't', y: 'bpm', r: 2, fill: COLOURS[1] }),
        Plot.text([`heart rate (beats per minute) over five minutes, median ${heartRate.toFixed(0)}`], {
          frameAnchor: 'top-left',
          dy: -24,
          fontWeight: 'bold',
        }),
      ],
    },
  ]);
}

/** Gives every picture colours for dark pages, also those that commands have drawn. */
function darken() {
  for (const name of readdirSync(plots).filter((file) => file.endsWith('.svg'))) {
    const file = join(plots, name);
    writeFileSync(file, withDarkColours(readFileSync(file, 'utf8')));
  }
}

main(async () => {
  design('bandpass.svg', 'butterworth --mode bandpass --order 3 --sample-rate 360 --low 5 --high 15');
  design('chebyshev.svg', 'chebyshev --mode lowpass --order 6 --ripple 1 --sample-rate 48000 --cutoff 4000');
  ecgByCommand();
  await heartBeats();
  timeDomain();
  filters();
  multirate();
  spatial();
  spectral();
  darken();
});
