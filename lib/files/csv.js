'use strict';

/** CSV with numbers, in whatever dialect: a column is a channel; a header may name columns, one may tell the time. */

const { StringDecoder } = require('node:string_decoder');
const { UsageError } = require('../common/usage-error.js');
const { findDialect, isBlank, isComment, isTime, numberOf, splitLine, toldDialect } = require('./csv-dialect.js');
const { findTimeColumn, rateOf, readName, unitOf } = require('./time-column.js');

/**
 * @typedef {import('./csv-dialect.js').Dialect} Dialect
 * @typedef {{ cells: string[], number: number }} Row with the number of its line
 */

/**
 * Options of the command line for csv files.
 *
 * @typedef {object} CsvOptions
 * @property {string} [columns]
 * @property {string} [delimiter]
 * @property {string} [decimal]
 * @property {string} [header]
 * @property {string} [time]
 * @property {string} [timeUnit]
 */

/**
 * A signal that is read from a file; a file of bare samples knows neither channels nor rate.
 *
 * @typedef {object} SignalInput
 * @property {number} [channels]
 * @property {number} [sampleRate] Hz
 * @property {string[]} [labels] of the channels
 * @property {AsyncIterable<Float32Array | Buffer>} blocks
 */

/** The number of frames in a block. */
const BLOCK = 4096;
/** A line longer than this is no line of numbers. */
const MAX_LINE = 1 << 20;
/** Lines from which the dialect, the header and the sample rate are found. */
const HEAD = 1000;

/**
 * Yields the lines of the input, those of one chunk at a time; throws a UsageError for a line above `MAX_LINE`.
 *
 * @param {AsyncIterable<Buffer>} input
 * @param {string} name for messages
 * @returns {AsyncGenerator<string[], void, undefined>}
 */
async function* lineBatches(input, name) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const parts = (rest + decoder.write(chunk)).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE) throw new UsageError(`${name}: a line is longer than ${MAX_LINE} characters`);
    yield parts;
  }
  if (rest) yield [rest.replace(/\r$/, '')];
}

/** Lines to rows of cells: comments and empty lines left out, a quoted cell may go over several lines. */
class RowReader {
  #name;
  /** The number of the line that was read last, from 1. */
  #number = 0;
  /** The part that has been read of a row whose quote is still open. */
  #open = '';

  /** @param {string} name for messages */
  constructor(name) {
    this.#name = name;
  }

  /**
   * Returns the rows that end in these lines, with their lines' numbers.
   *
   * @param {string[]} batch
   * @param {Dialect} dialect
   * @returns {Row[]}
   */
  readAll(batch, dialect) {
    const rows = [];
    for (const line of batch) {
      const cells = this.#read(line, dialect);
      if (cells) rows.push({ cells, number: this.#number });
    }
    return rows;
  }

  /** @param {string} line @param {Dialect} dialect */
  #read(line, dialect) {
    this.#number++;
    if (!this.#open && (isBlank(line) || isComment(line))) return null;
    const text = this.#open ? `${this.#open}\n${line}` : line;
    const cells = splitLine(text, dialect);
    if (!cells && text.length > MAX_LINE) this.fail('a quote is not closed');
    this.#open = cells ? '' : text;
    return cells;
  }

  end() {
    if (this.#open) this.fail('a quote is not closed');
  }

  /**
   * @param {string} message
   * @param {number} [number] of the line
   * @throws {UsageError} that says where
   * @returns {never}
   */
  fail(message, number = this.#number) {
    throw new UsageError(`${this.#name}:${number}: ${message}`);
  }
}

/**
 * Returns the positions of columns that are given by name or by number from 1.
 *
 * @param {string} wanted
 * @param {string[] | undefined} header
 * @param {number} width
 * @param {string} name of the file
 * @throws {UsageError} if there is no such column
 * @returns {number[]}
 */
function positions(wanted, header, width, name) {
  return wanted.split(',').map((column) => {
    const named = header?.indexOf(column.trim()) ?? -1;
    const at = named >= 0 ? named : Number(column) - 1;
    if (Number.isInteger(at) && at >= 0 && at < width) return at;
    const choice = header ? header.join(', ') : `1 to ${width}`;
    throw new UsageError(`${name}: no column "${column.trim()}" (there are ${choice})`);
  });
}

/**
 * Whether the first row names the columns: it does where one of them is asked for by its name, or where the cells that
 * are asked for hold words and no number. A row of missing values is a row of samples.
 *
 * @param {string[]} cells
 * @param {string | undefined} wanted
 * @param {string} decimal
 */
function isHeader(cells, wanted, decimal) {
  const asked = wanted?.split(',').map((column) => column.trim());
  if (asked?.some((column) => Number.isNaN(Number(column)) && cells.includes(column))) return true;
  const inRange = (/** @type {number} */ i) => Number.isInteger(i) && i >= 0 && i < cells.length;
  const at = asked?.map((column) => Number(column) - 1).filter(inRange);
  const relevant = at?.length ? at.map((i) => cells[i]) : cells;
  const values = relevant.map((cell) => numberOf(cell, decimal));
  const isWord = (/** @type {string} */ cell, /** @type {number} */ i) => values[i] === undefined && !isTime(cell);
  return relevant.some(isWord) && values.every((value) => value === undefined || Number.isNaN(value));
}

/**
 * Whether the row behind the names holds units: words or nothing in all columns that are asked for.
 *
 * @param {string[]} cells
 * @param {number[] | undefined} asked
 * @param {string} decimal
 */
function isUnits(cells, asked, decimal) {
  const relevant = asked ? asked.map((i) => cells[i] ?? '') : cells;
  const words = relevant.filter((cell) => cell !== '');
  return words.length > 0 && words.every((cell) => numberOf(cell, decimal) === undefined);
}

/** The layout of a file, from its first rows: which columns are channels, their names, their sample rate. */
class Layout {
  #hint;
  /** Number of the first line of samples, whose errors get a hint. */
  firstLine = 0;
  /** The sample rate, Hz, where a column of times gives one. @type {number | undefined} */
  sampleRate;

  /**
   * @param {string} name of the file
   * @param {Row[]} head
   * @param {Dialect} dialect
   * @param {CsvOptions} options
   */
  constructor(name, head, dialect, options) {
    this.name = name;
    this.dialect = dialect;
    const rows = withoutTrailing(head.map(({ cells }) => cells));
    this.width = rows[0].length;
    const { decimal } = dialect;
    const named = options.header ? options.header === 'yes' : isHeader(rows[0], options.columns, decimal);
    const header = named ? rows[0] : undefined;
    const asked = options.columns === undefined ? undefined : positions(options.columns, header, this.width, name);
    const units = named && rows.length > 2 && isUnits(rows[1], asked, decimal) ? rows[1] : undefined;
    this.firstRow = Number(named) + Number(units !== undefined);
    const samples = rows.slice(this.firstRow);
    const time = this.#timeColumn(options.time, header, samples);
    this.columns = asked ?? [...Array(this.width).keys()].filter((i) => i !== time || this.width === 1);
    this.labels = header && this.columns.map((i) => header[i]);
    this.#hint = named ? '' : '; if the first row names the columns, say --header yes';
    if (time < 0) return;
    const unit = unitOf(options.timeUnit ?? units?.[time] ?? '') ?? (header && readName(header[time]).unit);
    this.sampleRate = rateOf(
      samples.map((cells) => cells[time] ?? ''),
      { decimal, unit },
    );
    if (this.sampleRate === undefined && options.time !== undefined && samples.length > 1) {
      throw new UsageError(`${name}: the times of column "${options.time}" do not rise, so they give no sample rate`);
    }
  }

  /**
   * @param {string | undefined} wanted
   * @param {string[] | undefined} header
   * @param {string[][]} rows
   * @returns {number}
   */
  #timeColumn(wanted, header, rows) {
    if (wanted === 'none') return -1;
    return wanted === undefined ? findTimeColumn(header, rows) : positions(wanted, header, this.width, this.name)[0];
  }

  /**
   * Returns the samples of a row.
   *
   * @param {Row} row
   * @param {RowReader} reader
   * @returns {number[]}
   */
  numbers({ cells, number }, reader) {
    const extra = cells.length === this.width + 1 && cells.at(-1) === '';
    if (cells.length !== this.width && !extra) reader.fail(`${cells.length} columns, expected ${this.width}`, number);
    return this.columns.map((i) => {
      const value = numberOf(cells[i], this.dialect.decimal);
      const hint = number === this.firstLine ? this.#hint : '';
      return value ?? reader.fail(`"${cells[i]}" is no number${hint}`, number);
    });
  }
}

/**
 * Returns rows without the empty last cell that they have if all of them end in a delimiter.
 *
 * @param {string[][]} rows
 */
function withoutTrailing(rows) {
  const width = rows[0].length;
  const trailing = width > 1 && rows.every((cells) => cells.length < width || cells[width - 1] === '');
  return trailing ? rows.map((cells) => (cells.length === width ? cells.slice(0, -1) : cells)) : rows;
}

/**
 * Resolves to the first lines, `HEAD` or those of one chunk more.
 *
 * @param {AsyncGenerator<string[], void, undefined>} batches
 * @returns {Promise<string[]>}
 */
async function readHead(batches) {
  const head = [];
  while (head.length < HEAD) {
    const { done, value } = await batches.next();
    if (done) break;
    head.push(...value);
  }
  if (head.length > 0) head[0] = head[0].replace(/^\uFEFF/, '');
  return head;
}

/**
 * @param {AsyncIterable<Buffer>} input
 * @param {string} name for messages
 * @param {{ columns?: string, delimiter?: string, decimal?: string, header?: string, time?: string,
 * timeUnit?: string }} options those of the command line
 * @returns {Promise<SignalInput>}
 */
async function readCsv(input, name, options = {}) {
  const told = toldDialect(options);
  checkChoice(options.header, 'header', ['yes', 'no']);
  checkChoice(options.timeUnit, 'time-unit', ['s', 'ms', 'us', 'ns']);
  const batches = lineBatches(input, name);
  const head = await readHead(batches);
  const dialect = findDialect(head.slice(0, HEAD), told);
  const reader = new RowReader(name);
  const rows = reader.readAll(head, dialect);
  const layout = rows.length > 0 ? new Layout(name, rows.slice(0, HEAD), dialect, options) : undefined;
  const samples = rows.slice(layout?.firstRow);
  if (layout === undefined || samples.length === 0) throw new UsageError(`${name}: there are no numbers`);
  layout.firstLine = samples[0].number;
  const { columns, labels, sampleRate } = layout;
  return { channels: columns.length, labels, sampleRate, blocks: csvBlocks(samples, batches, reader, layout) };
}

/**
 * @param {string | undefined} value
 * @param {string} option
 * @param {string[]} choices
 */
function checkChoice(value, option, choices) {
  if (value === undefined || choices.includes(value)) return;
  throw new UsageError(`--${option} must be ${choices.join(' or ')}, got "${value}"`);
}

/**
 * Yields the rows in interleaved blocks of `BLOCK` frames; the last block may be shorter.
 *
 * @param {Row[]} head
 * @param {AsyncGenerator<string[], void, undefined>} batches
 * @param {RowReader} reader
 * @param {Layout} layout
 */
async function* csvBlocks(head, batches, reader, layout) {
  const channels = layout.columns.length;
  let block = new Float32Array(BLOCK * channels);
  let frames = 0;
  let rows = head;
  for (;;) {
    for (const row of rows) {
      block.set(layout.numbers(row, reader), frames++ * channels);
      if (frames < BLOCK) continue;
      yield block;
      block = new Float32Array(BLOCK * channels);
      frames = 0;
    }
    const { done, value } = await batches.next();
    if (done) break;
    rows = reader.readAll(value, layout.dialect);
  }
  reader.end();
  if (frames) yield block.subarray(0, frames * channels);
}

/**
 * Whether another reader would take a label for something else: a delimiter, a quote, a comment, outer space, a
 * value.
 *
 * @param {string} label
 */
const needsQuotes = (label) => /[",;\t|\r\n]|^\s|\s$|^[#%']/.test(label) || numberOf(label, '.') !== undefined;

/**
 * Returns the line of column names.
 *
 * @param {string[]} labels
 */
function headerText(labels) {
  const cell = (/** @type {string} */ label) => (needsQuotes(label) ? `"${label.replaceAll('"', '""')}"` : label);
  return `${labels.map(cell).join(',')}\n`;
}

/**
 * Returns the shortest decimal that reads back as the same float32.
 *
 * @param {number} x
 */
function shortFloat(x) {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return String(short);
  }
  return String(Number.isFinite(x) ? Number(x.toPrecision(9)) : x);
}

/** @param {Float32Array} samples @param {number} channels */
function csvText(samples, channels) {
  let text = '';
  for (let i = 0; i < samples.length; i += channels) {
    let line = shortFloat(samples[i]);
    for (let c = 1; c < channels; c++) line += `,${shortFloat(samples[i + c])}`;
    text += `${line}\n`;
  }
  return text;
}

module.exports = { csvText, headerText, readCsv };
