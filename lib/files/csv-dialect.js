'use strict';

/** The dialect of a csv file (delimiter, decimal mark, quotes, comments): detected from its first lines, or given. */

const { UsageError } = require('../common/usage-error.js');

/** @typedef {{ delimiter: string, quote: string, decimal: string }} Dialect */
/** @typedef {{ delimiter?: string, decimal?: string }} ToldDialect as far as the user has said it */

/** The likelier first: it decides between readings that explain a file equally well. */
const DELIMITERS = [',', ';', '\t', '|', ' '];
const QUOTES = ['"', "'"];
const DECIMALS = ['.', ','];
/** A line that begins so, after spaces, is a comment. */
const COMMENT = /^\s*[#%]/;
/** The words for a missing value in exports of spreadsheets, pandas, R, PhysioNet and ARFF. */
const MISSING = new Set([
  '',
  '-',
  '?',
  '.',
  'na',
  'n/a',
  '#n/a',
  '#na',
  '<na>',
  'nan',
  '-nan',
  '+nan',
  '#num!',
  '#value!',
  '#div/0!',
  '1.#qnan',
  '-1.#ind',
  'null',
  'none',
  'nil',
  'missing',
]);
const INFINITE = /^([+-]?)(inf|infinity|∞)$/i;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}([ T]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;
const CLOCK = /^\[?(\d+:)?\d{1,2}:\d{2}([.,]\d+)?\]?$/;

/** @type {Record<string, string>} */
const NAMES = { tab: '\t', comma: ',', semicolon: ';', space: ' ', pipe: '|', '\\t': '\t' };

/** @param {string} line */
const isBlank = (line) => line.trim() === '';
/** @param {string} line */
const isComment = (line) => COMMENT.test(line);
/**
 * Whether a cell holds a date, a date with a time of day, or a time of day.
 *
 * @param {string} cell
 */
const isTime = (cell) => DATE_TIME.test(cell) || CLOCK.test(cell);
/** @param {string} cell */
const isMissing = (cell) => MISSING.has(cell.toLowerCase());

/**
 * Returns the value of a cell, NaN for a missing one; undefined if it is neither.
 *
 * @param {string} cell
 * @param {string} decimal
 * @returns {number | undefined}
 */
function numberOf(cell, decimal) {
  const value = Number(decimal === ',' ? cell.replace(',', '.') : cell);
  if (!Number.isNaN(value) && cell !== '') return value;
  if (isMissing(cell)) return NaN;
  const infinite = INFINITE.exec(cell);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return undefined;
}

/**
 * @param {string} line
 * @param {{ delimiter: string, quote: string }} dialect
 * @returns {string[] | null} its cells without quotes and outer spaces; null if a quote is still open at its end
 */
function splitLine(line, { delimiter, quote }) {
  if (!line.includes(quote)) {
    return (delimiter === ' ' ? line.trim().split(/\s+/) : line.split(delimiter)).map((cell) => cell.trim());
  }
  /** @type {string[]} */
  const cells = [];
  let cell = '';
  let state = 'before'; // before a cell, in it, in quotes, behind the closing quote
  const end = () => {
    if (!(delimiter === ' ' && state === 'before')) cells.push(state === 'behind' ? cell : cell.trim());
    cell = '';
    state = 'before';
  };
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (state === 'quoted') {
      if (character !== quote) cell += character;
      else if (line[i + 1] === quote) cell += line[++i];
      else state = 'behind';
    } else if (character === delimiter) {
      end();
    } else if (state === 'before' && character === quote) {
      state = 'quoted';
    } else if (state !== 'before' || character.trim() !== '') {
      if (state === 'before') state = 'inside';
      if (state === 'inside' || character.trim() !== '') cell += character;
    }
  }
  if (state === 'quoted') return null;
  if (!(delimiter === ' ' && state === 'before')) end();
  return cells;
}

/** A file of one column is rare: lines of different lengths explain it less well than a delimiter does. */
const ONE_COLUMN = 0.4;
/** The cost of a cell that still has its quotes: enough to decide between equals. */
const LEFT_QUOTE = 1e-6;

/**
 * Returns how well a dialect explains the lines: by rows of one width, then by cells that are numbers, missing or
 * times.
 *
 * @param {string[]} lines
 * @param {Dialect} dialect
 * @returns {{ score: number, width: number }}
 */
function fit(lines, dialect) {
  const rows = lines.map((line) => splitLine(line, dialect) ?? [line]);
  const counts = new Map();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [width, count] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best));
  const cells = rows.filter((row) => row.length === width).flat();
  const understood = cells.filter((cell) => numberOf(cell, dialect.decimal) !== undefined || isTime(cell)).length;
  const leftQuotes = rows.flat().filter((cell) => /^(["']).*\1$/.test(cell)).length;
  const likely = (count / rows.length) ** 2 * (understood / cells.length) * (width === 1 ? ONE_COLUMN : 1);
  return { score: likely - LEFT_QUOTE * leftQuotes, width };
}

/**
 * Returns the possible dialects, with what the user has said.
 *
 * @param {string[]} lines
 * @param {ToldDialect} told
 * @returns {Dialect[]}
 */
function candidates(lines, { delimiter, decimal }) {
  const text = lines.join('\n');
  const quotes = QUOTES.filter((quote, i) => i === 0 || text.includes(quote));
  const delimiters = delimiter === undefined ? DELIMITERS : [delimiter];
  const decimals = decimal === undefined ? DECIMALS : [decimal];
  const pairs = delimiters.flatMap((character) => quotes.map((quote) => ({ delimiter: character, quote })));
  const all = pairs.flatMap((pair) => decimals.map((mark) => ({ ...pair, decimal: mark })));
  return all.filter((dialect) => dialect.delimiter !== dialect.decimal);
}

/**
 * @param {string[]} lines the first lines of a file
 * @param {{ delimiter?: string, decimal?: string }} told what the user has said
 * @returns {{ delimiter: string, quote: string, decimal: string }}
 */
function findDialect(lines, told = {}) {
  const rows = lines.filter((line) => !isBlank(line) && !isComment(line));
  /** @type {{ score: number, width: number, dialect?: Dialect }} */
  let best = { score: -Infinity, width: 0 };
  for (const dialect of candidates(rows, told)) {
    const { score, width } = rows.length ? fit(rows, dialect) : { score: 0, width: 1 };
    // "1,2" in a single column is two columns rather, unless the user says otherwise.
    if (width === 1 && dialect.decimal === ',' && told.decimal === undefined) continue;
    if (score > best.score || (score === best.score && width > best.width)) best = { score, width, dialect };
  }
  return /** @type {Dialect} */ (best.dialect); // without rows the first one
}

/**
 * Returns the dialect as far as the options of the command line say it: `--delimiter` (a character or a name),
 * `--decimal`.
 *
 * @param {ToldDialect} options
 * @throws {UsageError} for characters that cannot be meant
 * @returns {ToldDialect}
 */
function toldDialect({ delimiter, decimal }) {
  const character = delimiter === undefined ? undefined : (NAMES[delimiter] ?? delimiter);
  if (character !== undefined && (character.length !== 1 || /[\r\n"'\d.+-]/.test(character))) {
    const names = 'tab, comma, semicolon, space or pipe';
    throw new UsageError(`--delimiter must be one character, or ${names}, got "${delimiter}"`);
  }
  if (decimal !== undefined && !DECIMALS.includes(decimal)) {
    throw new UsageError(`--decimal must be "." or ",", got "${decimal}"`);
  }
  if (character !== undefined && character === decimal) {
    throw new UsageError(`--delimiter and --decimal are both "${decimal}"`);
  }
  return { delimiter: character, decimal };
}

module.exports = { findDialect, isBlank, isComment, isTime, numberOf, splitLine, toldDialect };
