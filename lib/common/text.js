'use strict';

/** Text that comes from elsewhere, made fit for a line of a terminal, of a log, or of an error message. */

/** Longest piece of a caller's value that a message quotes. */
const MAX_QUOTED = 100;

/**
 * Characters that a terminal obeys instead of printing (C0, DEL, C1), that end a line, or that turn the direction of
 * writing, by which a line can be made to read as another one. Lone surrogates are no text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** @type {Record<string, string>} */
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** @param {string} character */
function escaped(character) {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}

/**
 * Returns a text on one line, with every character that is not to be printed raw written as its escape.
 *
 * @param {unknown} text
 * @returns {string}
 */
const oneLine = (text) => String(text).replace(UNSAFE, escaped);

/**
 * Returns a text with the same escapes line by line: its own line breaks stay.
 *
 * @param {unknown} text
 * @returns {string}
 */
const lines = (text) => String(text).split('\n').map(oneLine).join('\n');

/**
 * Returns a caller's value for an error message: short, on one line, without running the caller's code.
 *
 * @param {unknown} value
 * @returns {string}
 */
function show(value) {
  if (typeof value === 'string') {
    if (value.length <= MAX_QUOTED) return `'${oneLine(value)}'`;
    return `'${oneLine(value.slice(0, MAX_QUOTED))}…' (${value.length} characters)`;
  }
  if (typeof value === 'bigint') return `${String(value).slice(0, MAX_QUOTED)}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

module.exports = { lines, oneLine, show };
