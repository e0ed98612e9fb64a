'use strict';

/** Warnings about options that nobody reads, and others that are given once in a process. */

const { shown } = require('./arguments.js');

/** The length in characters of the longest part of a key that a warning quotes. */
const MAX_QUOTED = 60;
/** The number of keys that are remembered as warned of: keys can come from outside. */
const MAX_WARNED = 1000;
const warnedOptions = new Set();
const warnedSentences = new Set();

/**
 * Warns (`process.emitWarning`) of an unknown option, once for each option of each function.
 *
 * @param {string} where the function or method whose argument has the option
 * @param {{ key: string, suggestion?: string | null }} option
 */
function warnOfUnknownOption(where, { key, suggestion }) {
  const id = `${where}\0${key}`;
  if (warnedOptions.has(id) || warnedOptions.size >= MAX_WARNED) return;
  warnedOptions.add(id);
  const name = JSON.stringify(key.length > MAX_QUOTED ? `${key.slice(0, MAX_QUOTED)}…` : key);
  const hint = suggestion ? `; did you mean "${suggestion}"?` : '';
  process.emitWarning(`${where}: there is no option ${name}${hint}`, {
    code: 'DSPX_UNKNOWN_OPTION',
    type: 'DspxWarning',
  });
}

/**
 * Prints a sentence on standard error, once in a process.
 *
 * @param {string} sentence
 */
function warnOnce(sentence) {
  if (warnedSentences.has(sentence)) return;
  warnedSentences.add(sentence);
  console.warn(`dspx-rs: ${sentence}`);
}

/**
 * Returns the Levenshtein distance of two words: insertions, deletions and replacements that make one of the other.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/**
 * Warns once of each unknown option of a Kafka client or stream, and names the closest known one.
 *
 * @param {string} caller
 * @param {object} config
 * @param {readonly string[]} known
 */
function warnUnknown(caller, config, known) {
  for (const name of Object.keys(config)) {
    if (known.includes(name)) continue;
    const far = (/** @type {string} */ other) => editDistance(name.toLowerCase(), other.toLowerCase());
    const nearest = known.reduce((best, other) => (far(other) < far(best) ? other : best), known[0]);
    const hint = far(nearest) <= 2 ? `; did you mean ${nearest}?` : '';
    warnOnce(`${caller}: unknown option ${shown(name)} is ignored${hint}`);
  }
}

module.exports = { warnOfUnknownOption, warnOnce, warnUnknown };
