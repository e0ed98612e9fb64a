'use strict';

const { createDspPipeline } = require('../pipeline/create-pipeline.js');
const { numberOption } = require('./numbers.js');
const { plotterFor } = require('./plot.js');
const { writeWhole } = require('./replacement.js');
const { crossings, response } = require('./response.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {import('./numbers.js').Values} Values */
/** @typedef {import('./response.js').Section} Section */
/** @typedef {import('./response.js').ResponsePoint} ResponsePoint */
/** @typedef {import('../../index.js').FilterOptions & { sampleRate: number }} FilterOptions */

const HELP = `dspx-rs design TYPE --mode MODE --sample-rate HZ …

TYPE is butterworth, chebyshev, bessel, elliptic, biquad or fir; MODE is lowpass, highpass, bandpass, bandstop, notch (for biquad also peak,
lowshelf, highshelf). Prints the sections, the points at −3 dB and the response, as the filter stage of a pipeline has them.

  --sample-rate HZ     sample rate
  --cutoff HZ          edge of a low- or high-pass, centre of a biquad
  --low HZ, --high HZ  edges of a band
  --order N            order; taps of a fir
  --ripple DB, --stopband DB, --chebyshev-type 1|2     chebyshev
  --ripple DB, --stopband DB                           elliptic
  --norm mag|phase|delay                               bessel
  --q Q, --gain DB                                     biquad
  --window hamming|hann|blackman|bartlett              fir
  --design standard|dspx                               whose numbers (default standard)
  --plot FILE          magnitude, phase and group delay as .svg or .html
  --json               coefficients and filter options for a program: the options fit a pipeline's "filter" stage
`;

const text = { type: 'string' };
const options = {
  mode: text,
  'sample-rate': text,
  cutoff: text,
  low: text,
  high: text,
  order: text,
  ripple: text,
  stopband: text,
  'chebyshev-type': text,
  norm: text,
  q: text,
  gain: text,
  window: text,
  design: text,
  plot: text,
  json: { type: 'boolean' },
};

/** Options of the command line → options of `filter`. @type {Record<string, string>} */
const NUMBERS = {
  'sample-rate': 'sampleRate',
  cutoff: 'cutoffFrequency',
  low: 'lowCutoffFrequency',
  high: 'highCutoffFrequency',
  order: 'order',
  ripple: 'ripple',
  stopband: 'stopbandDb',
  'chebyshev-type': 'chebyshevType',
  q: 'q',
  gain: 'gain',
};
/** @type {Record<string, string>} */
const WORDS = { mode: 'mode', norm: 'norm', window: 'windowType', design: 'design' };

/**
 * @param {string} type
 * @param {Values} values
 * @returns {FilterOptions}
 */
function filterOptions(type, values) {
  const numbers = Object.entries(NUMBERS).map(([name, key]) => [key, numberOption(values, name)]);
  const words = Object.entries(WORDS).map(([name, key]) => [key, values[name]]);
  return Object.fromEntries([['type', type], ...words, ...numbers].filter(([, value]) => value !== undefined));
}

/**
 * Returns the sections that the stage runs, read from its state.
 *
 * @param {FilterOptions} filter
 * @returns {Promise<Section[]>}
 */
async function sectionsOf(filter) {
  let pipeline;
  try {
    pipeline = createDspPipeline().filter(filter);
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
  const { state } = JSON.parse(String(await pipeline.saveState())).stages[0];
  const { filterType, bCoeffs, aCoeffs, sos } = state;
  if (sos) return sos.map((/** @type {number[]} */ row) => ({ b: row.slice(0, 3), a: row.slice(3) }));
  return [{ b: bCoeffs, a: filterType === 'fir' ? [1] : [1, ...aCoeffs] }];
}

/** @param {number} x */
const number = (x) => (x < 0 ? '' : ' ') + Number(x.toPrecision(12));

/** @param {Section[]} sections */
function coefficientLines(sections) {
  if (sections.length === 1 && sections[0].a.length === 1) {
    return [`${sections[0].b.length} taps:`, ...sections[0].b.map((b, k) => `  b[${k}] = ${number(b)}`)];
  }
  return sections.flatMap(({ b, a }, i) => [
    `section ${i + 1}:`,
    `  b = ${b.map(number).join(', ')}`,
    `  a = ${a.map(number).join(', ')}`,
  ]);
}

const COLUMNS = 72;
const ROWS = 9;
const STEP_DB = 10;

/**
 * Returns the magnitude as lines of characters.
 *
 * @param {ResponsePoint[]} points
 */
function drawText(points) {
  const top = Math.ceil(Math.max(0, ...points.map((p) => p.db - 1)) / STEP_DB) * STEP_DB;
  const columns = Array.from({ length: COLUMNS }, (_, c) =>
    Math.max(
      ...points
        .slice(Math.floor((c * points.length) / COLUMNS), Math.ceil(((c + 1) * points.length) / COLUMNS))
        .map((p) => p.db),
    ),
  );
  const rows = Array.from({ length: ROWS }, (_, r) => {
    const level = top - r * STEP_DB;
    const bars = columns.map((db) => (db >= level - STEP_DB / 2 ? '█' : db >= level - STEP_DB ? '▄' : ' ')).join('');
    return `${level.toFixed(0).padStart(5)} dB │${bars.trimEnd()}`;
  });
  const last = points[points.length - 1].frequency;
  const axis = `${' '.repeat(8)} └${'─'.repeat(COLUMNS)}`;
  return [...rows, axis, `${' '.repeat(10)}0 Hz${`${last} Hz`.padStart(COLUMNS - 4)}`];
}

/**
 * Returns phases without jumps of 2π.
 *
 * @param {number[]} phases
 */
function unwrap(phases) {
  let offset = 0;
  return phases.map((phase, i) => {
    if (i > 0) offset -= 2 * Math.PI * Math.round((phase - phases[i - 1]) / (2 * Math.PI));
    return phase + offset;
  });
}

/** @param {ResponsePoint[]} points @returns {import('./plot.js').Panel[]} */
function panels(points) {
  /** @type {(f: (point: ResponsePoint, i: number) => number) => import('./plot.js').Point[]} */
  const curve = (f) => points.map((p, i) => [p.frequency, f(p, i)]);
  const phases = unwrap(points.map((p) => p.phase));
  const floor = Math.max(-120, Math.min(...points.map((p) => p.db)));
  const top = Math.max(...points.map((p) => p.db));
  const common = { xLabel: 'frequency (Hz)' };
  return [
    {
      ...common,
      title: 'magnitude',
      yLabel: 'dB',
      yRange: [floor - 3, top + 3],
      points: curve((p) => Math.max(p.db, -1000)),
    },
    { ...common, title: 'phase', yLabel: 'degrees', points: curve((_, i) => (phases[i] * 180) / Math.PI) },
    { ...common, title: 'group delay', yLabel: 'samples', points: curve((p) => p.groupDelay) },
  ];
}

/** @param {Values} values @param {string[]} positionals */
async function run(values, positionals) {
  if (positionals.length !== 1)
    throw new UsageError('design takes one type: butterworth, chebyshev, bessel, elliptic, biquad or fir');
  const filter = filterOptions(positionals[0], values);
  const draw = values.plot && plotterFor(values.plot);
  const sections = await sectionsOf(filter);
  const points = response(sections, filter.sampleRate, 1025);
  if (draw) writeWhole(values.plot, draw(`${filter.type} ${filter.mode}`, panels(points)));
  if (values.json) return console.log(JSON.stringify({ filter, sections }, null, 2));
  const edges = crossings(sections, filter.sampleRate, points, 20 * Math.log10(Math.SQRT1_2));
  console.log(
    [
      ...coefficientLines(sections),
      '',
      `−3 dB at ${edges.length ? edges.map((f) => `${Number(f.toPrecision(6))} Hz`).join(', ') : 'no frequency'}`,
      '',
      ...drawText(points),
    ].join('\n'),
  );
}

module.exports = { HELP, options, run };
