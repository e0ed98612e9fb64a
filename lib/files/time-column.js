'use strict';

/** The column of a csv file that tells when its samples were taken. */

const { isTime, numberOf } = require('./csv-dialect.js');

/** The length in seconds of each unit, by its name in a header or row of units. @type {Record<string, number>} */
const UNITS = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  ms: 1e-3,
  msec: 1e-3,
  millisecond: 1e-3,
  milliseconds: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  microsecond: 1e-6,
  microseconds: 1e-6,
  ns: 1e-9,
  nanosecond: 1e-9,
  nanoseconds: 1e-9,
};
const NAME = /^(time|timestamps?|t|date|date[ _]?time|elapsed[ _]?time|sample[ _]?time|seconds|milliseconds)$/;
/** A name with its unit: `t (s)`, `time [ms]`, `timestamp_ms`, `Time/s`. */
const WITH_UNIT = /^(.*?)[ _]*(?:[([/]\s*([a-zµμ]+)\s*[)\]]?|_([a-zµμ]+))$/;
/** Numbers this large are epoch times in that unit (from September 2001 on). */
const EPOCHS = [
  [1e18, 1e-9],
  [1e15, 1e-6],
  [1e12, 1e-3],
];

/**
 * Returns the seconds in the unit that a row of units says (`ms`, `(s)`), `undefined` for an unknown one.
 *
 * @param {string} text
 * @returns {number | undefined}
 */
const unitOf = (text) => UNITS[text.toLowerCase().replace(/[()[\]\s]/g, '')];

/**
 * Returns whether a column of that name holds times, and the seconds in its unit.
 *
 * @param {string} name
 * @returns {{ isTime: boolean, unit?: number }}
 */
function readName(name) {
  const text = name.trim().toLowerCase();
  if (NAME.test(text)) return { isTime: true, unit: text.endsWith('seconds') ? UNITS[text] : undefined };
  const [, bare, bracketed, appended] = WITH_UNIT.exec(text) ?? [];
  const unit = UNITS[bracketed ?? appended];
  return { isTime: unit !== undefined && NAME.test(bare), unit };
}

/**
 * @param {string[] | undefined} header the first row, if it names the columns
 * @param {string[][]} rows the rows behind it
 * @returns {number} the position of the time column, -1 if there is none
 */
function findTimeColumn(header, rows) {
  if (header) return header.findIndex((name) => readName(name).isTime);
  return rows.length > 0 && rows.every((cells) => isTime(cells[0])) ? 0 : -1;
}

/**
 * Returns the seconds of a date or a time of day, to the last digit that it has.
 *
 * @param {string} cell
 */
function secondsOf(cell) {
  const text = cell.replace(/^\[|\]$/g, '').replace(',', '.');
  const fraction = /:\d{1,2}(\.\d+)/.exec(text)?.[1] ?? '';
  const whole = text.replace(fraction, '');
  const isClock = !/^\d{4}-/.test(whole);
  if (isClock) return whole.split(':').reduce((sum, part) => 60 * sum + Number(part), 0) + Number(fraction);
  const iso = whole
    .replace(/ +(?=\d)/, 'T')
    .replace(/ /g, '')
    .replace(/T(\d):/, 'T0$1:');
  const zoned = /T.*(Z|[+-]\d{2}:?\d{2})$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`;
  return Date.parse(zoned) / 1000 + Number(fraction);
}

/**
 * Returns how exactly a cell says its time, s: by the digits behind the decimal mark.
 *
 * @param {string | undefined} cell
 * @param {number} unit s
 */
function resolutionOf(cell, unit) {
  const digits = /[.,](\d+)/.exec(String(cell))?.[1].length ?? 0;
  return 10 ** -digits * unit;
}

/**
 * Hz, from the times of the first rows: one over the mean of those intervals that are no gaps. Times are rounded to
 * their last digit, hence a rate that is a whole number within that is taken for one.
 *
 * @param {string[]} cells the time column
 * @param {{ decimal: string, unit?: number }} how the decimal mark; seconds in the unit of numbers, if known
 * @returns {number | undefined} undefined if the times do not rise, or there are fewer than two
 */
function rateOf(cells, { decimal, unit }) {
  if (cells.length < 2) return undefined;
  const dated = cells.every(isTime);
  const values = dated ? cells.map(secondsOf) : cells.map((cell) => numberOf(cell, decimal) ?? NaN);
  const scale = dated ? 1 : (unit ?? EPOCHS.find(([from]) => Math.abs(values[0]) >= from)?.[1] ?? 1);
  // Differences before the scale: a double holds no nanoseconds of our days.
  const intervals = values.slice(1).map((value, i) => (value - values[i]) * scale);
  if (!intervals.every((interval) => interval > 0 && interval < Infinity)) return undefined;
  const median = [...intervals].sort((a, b) => a - b)[intervals.length >> 1];
  const resolution = resolutionOf(cells.at(-1), scale);
  const steady = intervals.filter((interval) => interval <= 1.5 * median + resolution);
  const span = steady.reduce((sum, interval) => sum + interval, 0);
  const rate = steady.length / span;
  const uncertainty = (rate * resolution) / span;
  const whole = Math.round(rate);
  const isWhole = whole > 0 && Math.abs(rate - whole) <= Math.max(uncertainty, 1e-9 * rate);
  return isWhole ? whole : Number(rate.toPrecision(9));
}

module.exports = { findTimeColumn, rateOf, readName, unitOf };
