'use strict';

/** Warnings about options that nobody reads: `process.emitWarning`, once for each option of each function. */

const warned = new Set();
/** Keys can come from outside; the memory of those that were warned of is bounded. */
const MAX_WARNED = 1000;
/** Longest part of a key that a warning quotes. */
const MAX_QUOTED = 60;

/**
 * @param {string} where the function or method whose argument has the option
 * @param {{ key: string, suggestion?: string | null }} option
 */
function warnOfUnknownOption(where, { key, suggestion }) {
  const id = `${where}\0${key}`;
  if (warned.has(id) || warned.size >= MAX_WARNED) return;
  warned.add(id);
  const name = JSON.stringify(key.length > MAX_QUOTED ? `${key.slice(0, MAX_QUOTED)}…` : key);
  const hint = suggestion ? `; did you mean "${suggestion}"?` : '';
  process.emitWarning(`${where}: there is no option ${name}${hint}`, {
    code: 'DSPX_UNKNOWN_OPTION',
    type: 'DspxWarning',
  });
}

module.exports = { warnOfUnknownOption };
