'use strict';

const { readFileSync } = require('node:fs');
const { basename } = require('node:path');
const { createDspPipeline } = require('../pipeline/create-pipeline.js');
const { loadState, readDefinition } = require('./definition.js');
const { formatOf, openInput, sizeOf, writeOutput } = require('./files.js');
const { numberOption } = require('./numbers.js');
const { Overview, plotterFor } = require('./plot.js');
const { progress } = require('./progress.js');
const { writeWhole } = require('./replacement.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {import('./numbers.js').Values} Values */
/**
 * @typedef {import('../../index.js').DspProcessor} Pipeline
 * @typedef {import('./definition.js').Definition} Definition
 * @typedef {import('./files.js').OutputShape} OutputShape
 * @typedef {import('./files.js').SignalInput} SignalInput
 * @typedef {{ channels: number, sampleRate: number | undefined }} InputShape
 * @typedef {InputShape & { labels?: string[] }} Shape
 */

const HELP = `dspx-rs run PIPELINE.json --in FILE --out FILE

PIPELINE.json is { "stages": [{ "filter": { … } }, "Rectify"], "channels": 1, "sampleRate": 360 }, the list alone, or a state
saved with saveState(). Files are csv (a column is a channel), wav, EDF, BDF, WFDB (.hea), npy, aiff, caf, flac, ogg, mp3 or f32 (raw
little-endian, channels interleaved), by their extension; "-" is standard input or output. Files of any length: memory stays the same.

  --in FILE, --out FILE             input, output
  --in-format FORMAT                csv, wav, f32, edf, bdf, wfdb, npy, aiff, caf, flac, ogg, mp3
  --out-format FORMAT               csv, wav, f32, edf, bdf, npy
  --bits 8|16|24|32                 integers of a wav output (default: float32)
  --from S, --to S                  part of a recording, in seconds (not of csv and f32)
  --columns NAMES                   columns of a csv, by name or by number from 1: "ecg,3"
  --delimiter C, --decimal C        how a csv is written, where that is not found rightly: "," ";" tab space; "." ","
  --header yes|no                   whether the first row of a csv names the columns
  --time COLUMN                     the column of a csv that gives the sample rate (by default one that is called
                                    "time", "t (s)" and the like, or holds dates); it is no channel. "none": there
                                    is no such column
  --time-unit s|ms|us|ns            of a time column of numbers
  --channels N                      channels of an f32 input (default 1)
  --sample-rate HZ                  of the input; a wav says its own
  --out-channels N                  of the output (default: from the input and the stages that select, merge or split channels)
  --out-sample-rate HZ              of a wav output (default: from the input and the resampling stages)
  --plot FILE                       input and output as .svg or .html
  --load-state, --save-state FILE   go on where another run stopped; without --save-state the output ends with what
                                    the stages hold back (the delay of filters and resamplers)
  --progress                        show the bar also where standard error is no terminal
  --quiet                           no summary, no bar
`;

const text = { type: 'string' };
const flag = { type: 'boolean' };
const options = {
  delimiter: text,
  decimal: text,
  header: text,
  time: text,
  'time-unit': text,
  in: text,
  out: text,
  bits: text,
  from: text,
  to: text,
  'in-format': text,
  'out-format': text,
  columns: text,
  channels: text,
  'sample-rate': text,
  'out-channels': text,
  'out-sample-rate': text,
  plot: text,
  'load-state': text,
  'save-state': text,
  progress: flag,
  quiet: flag,
};

/** The largest number of channels drawn. */
const MAX_PANELS = 8;

/**
 * Returns the shape of the input: the file's own, else options, else the definition.
 *
 * @param {Values} values
 * @param {Definition} definition
 * @param {SignalInput} input
 * @returns {InputShape}
 */
function inputShape(values, definition, input) {
  const given = numberOption(values, 'channels', { min: 1, integer: true });
  if (given !== undefined && input.channels !== undefined && given !== input.channels) {
    throw new UsageError(`${values.in} has ${input.channels} channels, not ${given}`);
  }
  const channels = input.channels ?? given ?? definition.channels ?? 1;
  const rate = numberOption(values, 'sample-rate', { min: Number.MIN_VALUE });
  return { channels, sampleRate: rate ?? input.sampleRate ?? definition.sampleRate };
}

/**
 * @param {Values} values
 * @param {string} format
 * @param {InputShape} shape
 * @param {Definition} definition
 * @param {string[] | undefined} labels
 * @returns {OutputShape}
 */
function outputShape(values, format, shape, { ratio, outChannels }, labels) {
  const channels = numberOption(values, 'out-channels', {
    min: 1,
    integer: true,
    fallback: outChannels ?? shape.channels,
  });
  const derived = shape.sampleRate && Math.round(shape.sampleRate * ratio);
  const sampleRate = numberOption(values, 'out-sample-rate', { min: 1, integer: true, fallback: derived });
  if (format === 'wav' && !(sampleRate >= 1)) throw new UsageError('a wav output needs --sample-rate');
  return { channels, sampleRate, labels: labels?.length === channels ? labels : undefined };
}

/** Draws the input and the output of each channel. */
class Picture {
  #draw;
  #file;
  #views;
  #shapes;

  /**
   * @param {string} file
   * @param {Shape} input
   * @param {Shape} output
   */
  constructor(file, input, output) {
    this.#file = file;
    this.#draw = plotterFor(file);
    this.#shapes = [input, output];
    this.#views = this.#shapes.map(({ channels }) =>
      Array.from({ length: Math.min(channels, MAX_PANELS) }, () => new Overview()),
    );
  }

  /** @param {0 | 1} side input or output @param {Float32Array} samples */
  add(side, samples) {
    const { channels } = this.#shapes[side];
    this.#views[side].forEach((view, channel) => view.add(samples, channel, channels));
  }

  /** @param {string} title */
  write(title) {
    const panels = this.#views.flatMap((views, side) =>
      views.map((view, channel) => {
        const { sampleRate, labels } = this.#shapes[side];
        const label = labels?.[channel] ?? `channel ${channel + 1}`;
        return {
          title: `${side ? 'output' : 'input'}, ${label}`,
          xLabel: sampleRate ? 'time (s)' : 'frame',
          points: view.points(sampleRate ? 1 / sampleRate : 1),
        };
      }),
    );
    writeWhole(this.#file, this.#draw(title, panels));
  }
}

/**
 * Sends the blocks of the input through the pipeline; `finishes`: with what the stages hold back at the end.
 *
 * @param {AsyncIterable<Float32Array>} blocks
 * @param {Pipeline} pipeline
 * @param {{ channels: number, sampleRate: number | undefined }} shape
 * @param {Picture | undefined} picture
 * @param {{ in: number, out: number }} counts
 * @param {boolean} finishes
 */
async function* processed(blocks, pipeline, shape, picture, counts, finishes) {
  for await (const block of blocks) {
    counts.in += block.length;
    picture?.add(0, block);
    const result = await byUser('', () => pipeline.process(block, shape));
    picture?.add(1, result);
    yield result;
  }
  if (!finishes) return;
  const { samples } = await byUser('', () => pipeline.finish());
  picture?.add(1, samples);
  yield samples;
}

/**
 * Resolves to what `work` returns.
 *
 * @param {string} where
 * @param {() => T | Promise<T>} work
 * @template T
 * @throws {UsageError} for a failure of `work`: it is about the user's input
 * @returns {Promise<T>}
 */
async function byUser(where, work) {
  try {
    return await work();
  } catch (error) {
    const { message, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
    if (syscall) throw error;
    throw new UsageError(where + message);
  }
}

/**
 * Yields blocks of whole frames, however the reader cuts them; throws a UsageError for an incomplete last frame.
 *
 * @param {AsyncIterable<Float32Array | Buffer>} blocks
 * @param {{ channels: number }} shape
 * @param {string} name of the file
 */
async function* frames(blocks, { channels }, name) {
  const framed = createDspPipeline().iterate(blocks, { channels });
  for (;;) {
    const { done, value } = await framed.next().catch((error) => {
      throw error instanceof RangeError ? new UsageError(`${name}: ${error.message.replace('iterate: ', '')}`) : error;
    });
    if (done) return;
    yield value;
  }
}

/** @param {number} n */
const count = (n) => n.toLocaleString('en-US');

/**
 * @param {{ in: number, out: number }} counts
 * @param {[InputShape, OutputShape]} shapes
 * @param {number} seconds
 */
function report(counts, shapes, seconds) {
  const [into, out] = [counts.in / shapes[0].channels, counts.out / shapes[1].channels];
  const speed = (counts.in / seconds / 1e6).toFixed(1);
  console.error(`${count(into)} frames in, ${count(out)} out, ${seconds.toFixed(2)} s (${speed} million samples/s)`);
}

/**
 * Returns a JSON state as text, a TOON state as bytes.
 *
 * @param {string} file
 */
function readState(file) {
  const bytes = readFileSync(file);
  return bytes[0] === 0x10 ? bytes : bytes.toString('utf8');
}

/** @param {Values} values @param {string[]} positionals */
function checkArguments(values, positionals) {
  if (positionals.length !== 1)
    throw new UsageError('run takes one pipeline file: dspx-rs run PIPELINE.json --in FILE --out FILE');
  for (const name of ['in', 'out']) if (values[name] === undefined) throw new UsageError(`--${name} is missing`);
  return positionals[0];
}

/** @param {Values} values @param {string} format of the input */
function partOption(values, format) {
  const from = numberOption(values, 'from', { min: 0 });
  const to = numberOption(values, 'to', { min: 0 });
  if ((from ?? to) !== undefined && (format === 'csv' || format === 'f32')) {
    throw new UsageError(`--from and --to are for recordings, not for ${format}`);
  }
  return { from, to };
}

/** @param {Values} values */
const csvOptions = ({ columns, delimiter, decimal, header, time, 'time-unit': timeUnit }) => ({
  columns,
  delimiter,
  decimal,
  header,
  time,
  timeUnit,
});

/** @param {Values} values @param {string[]} positionals */
async function run(values, positionals) {
  const file = checkArguments(values, positionals);
  const formats = [
    formatOf(values.in, values['in-format'], 'in-format'),
    formatOf(values.out, values['out-format'], 'out-format'),
  ];
  const bits = numberOption(values, 'bits', { min: 8, integer: true });
  const part = partOption(values, formats[0]);
  const definition = await readDefinition(readFileSync(file, 'utf8'), file);
  const { pipeline } = definition;
  if (values['load-state']) {
    await byUser(`${values['load-state']}: `, () => loadState(pipeline, readState(values['load-state'])));
  }
  const bar = progress(values.quiet ? 0 : sizeOf(values.in), { force: values.progress });
  const begin = performance.now();
  const counts = { in: 0, out: 0 };
  /** @type {[Shape, OutputShape]} */
  let shapes;
  /** @type {Picture | undefined} */
  let picture;
  try {
    const input = await openInput(values.in, formats[0], { ...csvOptions(values), ...part, onBytes: bar.show });
    const shape = { ...inputShape(values, definition, input), labels: input.labels };
    shapes = [shape, outputShape(values, formats[1], shape, definition, input.labels)];
    picture = values.plot === undefined ? undefined : new Picture(values.plot, ...shapes);
    const { channels, sampleRate } = shape;
    const source = frames(input.blocks, shape, values.in);
    // A state that is saved goes on in another run.
    const finishes = values['save-state'] === undefined;
    const blocks = processed(source, pipeline, { channels, sampleRate }, picture, counts, finishes);
    counts.out = await writeOutput(values.out, formats[1], blocks, shapes[1], bits);
  } finally {
    bar.clear();
  }
  picture?.write(`${basename(values.in)} through ${basename(file)}`);
  if (values['save-state']) writeWhole(values['save-state'], await pipeline.saveState());
  if (!values.quiet) report(counts, shapes, (performance.now() - begin) / 1000);
}

module.exports = { HELP, options, run };
