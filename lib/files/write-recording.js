'use strict';

/** Writes recordings: whole files, or nothing. */

const { checkOptions, shown } = require('../common/arguments.js');
const addon = require('../native/addon.js');
const { filePath } = require('./file-path.js');
const { checkPlain } = require('./plain-options.js');
const { native } = require('./recording-error.js');

/**
 * @typedef {import('../../index.js').WriteRecordingOptions} WriteRecordingOptions
 * @typedef {import('../../index.js').RecordingData} RecordingData
 */

/** Channels that a file may have. */
const MAX_CHANNELS = 65_536;

/** Annotations or gaps that are written. */
const MAX_NOTES = 2 ** 20;

const ENCODINGS = new Map([
  [8, 'uint8'],
  [16, 'int16'],
  [24, 'int24'],
  [32, 'int32'],
]);

/**
 * Returns the number of channels, and what is said about them.
 *
 * @param {WriteRecordingOptions} options
 */
function channelsOf({ channels = 1, labels }) {
  if (labels !== undefined && !(Array.isArray(labels) && labels.length <= MAX_CHANNELS)) {
    throw new TypeError(`writeRecording: labels must be an array of texts, got ${shown(labels)}`);
  }
  for (const label of labels ?? []) {
    if (typeof label !== 'string') throw new TypeError(`writeRecording: a label must be a text, got ${shown(label)}`);
  }
  const described = Array.isArray(channels) ? channels : labels?.map((label) => ({ label }));
  const count = Array.isArray(channels) ? channels.length : (labels?.length ?? channels);
  if (typeof channels === 'number' && labels && labels.length !== channels && channels !== 1) {
    throw new RangeError(`writeRecording: ${labels.length} labels for ${channels} channels`);
  }
  if (!Number.isInteger(count) || count < 1 || count > MAX_CHANNELS) {
    throw new RangeError(`writeRecording: channels must be an integer between 1 and 65536, got ${shown(count)}`);
  }
  return { count, described };
}

/** Whether an option is a list of annotations or gaps. @param {string} name @param {unknown} value */
const isList = (name, value) =>
  ['annotations', 'gaps'].includes(name) && Array.isArray(value) && value.length <= MAX_NOTES;

/** @param {number | undefined} bits @returns {string | undefined} */
function encodingOf(bits) {
  if (bits === undefined) return undefined;
  const encoding = ENCODINGS.get(bits);
  if (!encoding) throw new RangeError(`writeRecording: bits must be 8, 16, 24 or 32, got ${shown(bits)}`);
  return encoding;
}

/** @param {RecordingData} data */
async function* blocksOf(data) {
  const isSamples = (/** @type {unknown} */ value) => value instanceof Float32Array || value instanceof Float64Array;
  const isIterable =
    data !== null && typeof data === 'object' && (Symbol.asyncIterator in data || Symbol.iterator in data);
  if (!isSamples(data) && !isIterable) {
    throw new TypeError(
      `writeRecording: data must be a Float32Array, a Float64Array or an iterable, got ${shown(data)}`,
    );
  }
  for await (const block of isSamples(data) ? [data] : /** @type {AsyncIterable<unknown>} */ (data)) {
    if (!isSamples(block)) {
      throw new TypeError(`writeRecording: a block must be a Float32Array or a Float64Array, got ${shown(block)}`);
    }
    yield/** @type {Float32Array | Float64Array} */ (block);
  }
}

/**
 * Writes a recording; the file appears when it is complete. Resolves to the number of frames.
 *
 * @param {string | URL} path
 * @param {RecordingData} data
 * @param {WriteRecordingOptions} [options]
 */
async function writeRecording(path, data, options = {}) {
  checkOptions('writeRecording', options);
  const file = filePath('writeRecording', path);
  const { count, described } = channelsOf(options);
  const { channels, labels, bits, ...rest } = options;
  checkPlain('writeRecording', rest, isList);
  const settings = { ...rest, encoding: options.encoding ?? encodingOf(bits), channelInfo: described };
  const plain = JSON.parse(JSON.stringify(settings));
  const writer = await native('writeRecording', () => new addon.NativeWriter(file, count, plain));
  try {
    for await (const block of blocksOf(data)) await native('writeRecording', () => writer.write(block));
    return { frames: await native('writeRecording', () => writer.finish()) };
  } finally {
    writer.discard();
  }
}

module.exports = { writeRecording };
