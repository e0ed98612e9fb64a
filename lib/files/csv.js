'use strict';

/** Text of a csv file that is written piece by piece, also into a stream. */

/**
 * Whether another reader would take a label for something else: a delimiter, a quote, a comment, outer space, a
 * value.
 *
 * @param {string} label
 */
const needsQuotes = (label) =>
  /[",;\t|\r\n]|^\s|\s$|^[#%']/.test(label) || (label.trim() !== '' && !Number.isNaN(Number(label)));

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

module.exports = { csvText, headerText };
