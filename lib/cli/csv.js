'use strict';

/** CSV with numbers: a column is a channel. Comma, semicolon or tab; `#` begins a comment; a header line may name columns. */

const { StringDecoder } = require('node:string_decoder');
const { UsageError } = require('./usage-error.js');
const { shortFloat } = require('./numbers.js');

/** Frames in one block. */
const BLOCK = 4096;
/** A line longer than this is no line of numbers. */
const MAX_LINE = 1 << 20;

async function* lines(input, name) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop();
    if (rest.length > MAX_LINE) throw new UsageError(`${name}: a line is longer than ${MAX_LINE} characters`);
    yield* parts;
  }
  if (rest) yield rest;
}

/** The delimiter that the first line has most of. */
function delimiterOf(line) {
  return [',', ';', '\t'].reduce((best, d) => (line.split(d).length > line.split(best).length ? d : best));
}

const unquote = (cell) => cell.trim().replace(/^"(.*)"$/, '$1');
const isNumber = (cell) => cell !== '' && (!Number.isNaN(Number(cell)) || /^nan$/i.test(cell));

/** Positions of the wanted columns, given by name or by number from 1. */
function pick(wanted, header, width, name) {
  if (!wanted) return Array.from({ length: width }, (_, i) => i);
  return wanted.split(',').map((column) => {
    const named = header?.indexOf(column.trim()) ?? -1;
    const at = named >= 0 ? named : Number(column) - 1;
    if (Number.isInteger(at) && at >= 0 && at < width) return at;
    const choice = header ? header.join(', ') : `1 to ${width}`;
    throw new UsageError(`${name}: no column "${column.trim()}" (there are ${choice})`);
  });
}

/** Turns lines into numbers; its first line decides delimiter, header and columns. */
class Rows {
  #name;
  #wanted;
  #delimiter;
  #width;
  #number = 0;

  constructor(name, wanted) {
    this.#name = name;
    this.#wanted = wanted;
  }

  /** @returns {number[] | null} null for a line without numbers (empty, comment, header) */
  read(line) {
    this.#number++;
    const text = line.replace(/\r$/, '').replace(/^\uFEFF/, '');
    if (text.trim() === '' || text.startsWith('#')) return null;
    const first = this.columns === undefined;
    if (first) this.#delimiter = delimiterOf(text);
    const cells = text.split(this.#delimiter).map(unquote);
    if (first && this.#start(cells)) return null;
    if (cells.length !== this.#width) this.#fail(`${cells.length} columns, expected ${this.#width}`);
    return this.columns.map((at) => (isNumber(cells[at]) ? Number(cells[at]) : this.#fail(`"${cells[at]}" is no number`)));
  }

  /** Whether `cells` is a header. */
  #start(cells) {
    this.#width = cells.length;
    const header = cells.some((cell) => cell !== '' && !isNumber(cell)) ? cells : undefined;
    this.columns = pick(this.#wanted, header, cells.length, this.#name);
    this.labels = header && this.columns.map((at) => header[at]);
    return header !== undefined;
  }

  #fail(message) {
    throw new UsageError(`${this.#name}:${this.#number}: ${message}`);
  }
}

/** @returns `{ channels, labels, blocks }` */
async function readCsv(input, name, { columns } = {}) {
  const rows = new Rows(name, columns);
  const source = lines(input, name);
  let first = null;
  while (!first) {
    const { done, value } = await source.next();
    if (done) throw new UsageError(`${name}: there are no numbers`);
    first = rows.read(value);
  }
  return { channels: first.length, labels: rows.labels, blocks: csvBlocks(first, source, rows) };
}

async function* csvBlocks(first, source, rows) {
  const channels = first.length;
  let block = new Float32Array(BLOCK * channels);
  block.set(first);
  let frames = 1;
  for await (const line of source) {
    const row = rows.read(line);
    if (!row) continue;
    block.set(row, frames++ * channels);
    if (frames < BLOCK) continue;
    yield block;
    block = new Float32Array(BLOCK * channels);
    frames = 0;
  }
  if (frames) yield block.subarray(0, frames * channels);
}

function csvText(samples, channels) {
  let text = '';
  for (let i = 0; i < samples.length; i += channels) {
    let line = shortFloat(samples[i]);
    for (let c = 1; c < channels; c++) line += `,${shortFloat(samples[i + c])}`;
    text += `${line}\n`;
  }
  return text;
}

module.exports = { readCsv, csvText };
