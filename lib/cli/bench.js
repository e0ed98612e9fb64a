'use strict';

const { cpus } = require('node:os');
const { createDspPipeline } = require('../pipeline/create-pipeline.js');
const { numberOption } = require('./numbers.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {import('./numbers.js').Values} Values */
/** @typedef {import('../../index.js').DspProcessor} Pipeline */

const HELP = `dspx-rs bench

Times common stages on this machine: the median of processSync on one block of noise, channels interleaved.

  --samples N    samples in the block (default 65536)
  --channels N   channels (default 1)
  --json         results for a program
`;

const options = { samples: { type: 'string' }, channels: { type: 'string' }, json: { type: 'boolean' } };

const SAMPLE_RATE = 1000;
/**
 * @param {{ type: 'butterworth' | 'fir', order: number }} more
 * @returns {import('../../index.js').FilterOptions}
 */
const filter = (more) => ({ sampleRate: SAMPLE_RATE, mode: 'lowpass', cutoffFrequency: 40, ...more });

/**
 * The pipelines that are timed: name and stages.
 *
 * @type {[name: string, build: (pipeline: Pipeline) => Pipeline][]}
 */
const CASES = [
  ['Rectify', (p) => p.Rectify()],
  ['MovingAverage, 100', (p) => p.MovingAverage({ mode: 'moving', windowSize: 100 })],
  ['Rms, 100', (p) => p.Rms({ mode: 'moving', windowSize: 100 })],
  ['Butterworth, order 4', (p) => p.filter(filter({ type: 'butterworth', order: 4 }))],
  ['Butterworth, order 8', (p) => p.filter(filter({ type: 'butterworth', order: 8 }))],
  ['FIR, 64 taps', (p) => p.filter(filter({ type: 'fir', order: 64 }))],
  ['FIR, 1024 taps', (p) => p.filter(filter({ type: 'fir', order: 1024 }))],
  [
    'filter + Rectify + Rms',
    (p) =>
      p
        .filter(filter({ type: 'butterworth', order: 4 }))
        .Rectify()
        .Rms({ mode: 'moving', windowSize: 100 }),
  ],
];

/** Calls before the clock counts, and how long it counts (ms). */
const WARM_UP = 5;
const BUDGET = 300;

/** @param {number} length */
function noise(length) {
  let seed = 1;
  return Float32Array.from({ length }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 31 - 1;
  });
}

/**
 * Returns the median milliseconds of one call.
 *
 * @param {Pipeline} pipeline
 * @param {Float32Array} source
 * @param {number} channels
 */
function time(pipeline, source, channels) {
  const samples = source.slice();
  const times = [];
  for (let spent = 0, calls = 0; spent < BUDGET || calls < WARM_UP + 3; calls++) {
    samples.set(source);
    const begin = performance.now();
    pipeline.processSync(samples, { channels, sampleRate: SAMPLE_RATE });
    const taken = performance.now() - begin;
    if (calls >= WARM_UP) times.push(taken);
    spent += taken;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** @param {{ name: string, microseconds: number, millionSamplesPerSecond: number }} result */
function lineOf({ name, microseconds, millionSamplesPerSecond }) {
  const [time, speed] = [microseconds.toFixed(1).padStart(10), millionSamplesPerSecond.toFixed(0).padStart(8)];
  return `${name.padEnd(26)}${time} µs${speed} M samples/s`;
}

/** @param {Values} values @param {string[]} positionals */
async function run(values, positionals) {
  if (positionals.length) throw new UsageError(`bench takes no "${positionals[0]}"`);
  const samples = numberOption(values, 'samples', { min: 1, integer: true, fallback: 65_536 });
  const channels = numberOption(values, 'channels', { min: 1, integer: true, fallback: 1 });
  if (samples % channels)
    throw new UsageError(`--samples must be a multiple of --channels (${channels}), got ${samples}`);
  if (samples > 1 << 26) throw new UsageError(`--samples must be at most ${1 << 26}, got ${samples}`);
  const source = noise(samples);
  const machine = { cpu: cpus()[0]?.model.trim(), node: process.version, samples, channels };
  const results = [];
  if (!values.json)
    console.log(
      `${machine.cpu}, Node ${machine.node}; ${samples} samples, ${channels} channel${channels > 1 ? 's' : ''}\n`,
    );
  for (const [name, build] of CASES) {
    const ms = time(build(createDspPipeline()), source, channels);
    const result = { name, microseconds: ms * 1000, millionSamplesPerSecond: samples / ms / 1000 };
    results.push(result);
    if (!values.json) console.log(lineOf(result));
  }
  if (values.json) console.log(JSON.stringify({ ...machine, results }, null, 2));
}

module.exports = { HELP, options, run };
