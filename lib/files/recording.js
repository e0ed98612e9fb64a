'use strict';

/** Recordings in files: opened, read in blocks, written. */

const { filePath } = require('./file-path.js');
const { checkOptions, shown } = require('../common/arguments.js');
const addon = require('../native/addon.js');
const { checkPlain } = require('./plain-options.js');
const { native } = require('./recording-error.js');
const { spool } = require('./spool.js');

/**
 * @typedef {import('../../index.js').RecordingSource} RecordingSource
 * @typedef {import('../../index.js').OpenRecordingOptions} OpenRecordingOptions
 * @typedef {import('../../index.js').BlockOptions} BlockOptions
 * @typedef {import('../../index.js').RecordingChannel} RecordingChannel
 */

/** Frames of a block, where nothing else is asked for. */
const FRAMES = 4096;
/** Samples that a block may have. */
const MAX_SAMPLES = 2 ** 24;

/**
 * Returns a count within bounds.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {number} fallback
 * @param {number} least
 * @returns {number}
 */
function count(name, value, fallback, least) {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw new TypeError(`${name} must be an integer, got ${shown(value)}`);
  if (value !== Infinity && !(Number.isSafeInteger(value) && value >= least)) {
    throw new RangeError(`${name} must be an integer, ${least} or more, got ${shown(value)}`);
  }
  return value;
}

/** @param {unknown} channels @returns {(number | string)[] | null} */
function wantedChannels(channels) {
  if (channels === undefined) return null;
  const list = Array.isArray(channels) ? channels : [channels];
  for (const channel of list) {
    if (typeof channel !== 'number' && typeof channel !== 'string') {
      throw new TypeError(`blocks: channels must be numbers from 0 or labels, got ${shown(channel)}`);
    }
  }
  return list;
}

/** An open recording. */
class Recording {
  #native;
  #remove;

  /**
   * @param {import('../native/exports.js').NativeRecording} opened
   * @param {() => void} remove frees what the recording was read through
   */
  constructor(opened, remove) {
    this.#native = opened;
    this.#remove = remove;
    const header = opened.header();
    /** @type {string} */
    this.format = header.format;
    /** @type {string} */
    this.encoding = header.encoding;
    /** @type {number | undefined} Hz */
    this.sampleRate = header.sampleRate ?? undefined;
    /** @type {number | undefined} */
    this.frames = header.frames ?? undefined;
    /** @type {string | undefined} */
    this.start = header.start ?? undefined;
    /** @type {Record<string, string>} */
    this.notes = header.notes;
    /** @type {string[]} */
    this.warnings = header.warnings;
    /** @type {RecordingChannel[]} */
    this.channels = header.channels.map((/** @type {Record<string, any>} */ channel) => ({
      ...channel,
      sampleRate: channel.sampleRate ?? undefined,
      frames: channel.frames ?? undefined,
    }));
    this.wide = Boolean(header.wide);
  }

  /** @param {BlockOptions} [options] */
  async *blocks(options = {}) {
    checkOptions('blocks', options);
    const wanted = wantedChannels(options.channels);
    const at = await native('blocks', () => this.#native.select(wanted));
    const frames = count('blocks: frames', options.frames, FRAMES, 1);
    if (frames * at.length > MAX_SAMPLES) {
      throw new RangeError(`blocks: frames × channels must be at most ${MAX_SAMPLES}, got ${frames} × ${at.length}`);
    }
    const to = count('blocks: to', options.to, Infinity, 0);
    const double = options.precision === undefined ? this.wide : options.precision === 'float64';
    if (options.precision !== undefined && !['float32', 'float64'].includes(options.precision)) {
      throw new RangeError(`blocks: precision must be "float32" or "float64", got ${shown(options.precision)}`);
    }
    for (let frame = count('blocks: from', options.from, 0, 0); frame < to; ) {
      const length = Math.min(frames, to - frame);
      const start = frame;
      const block = await native('blocks', () => this.#native.read(at, start, length, double));
      const { samples, times } = /** @type {{ samples: Float32Array, times?: Float64Array }} */ (block);
      if (samples.length === 0) return;
      frame += samples.length / at.length;
      yield options.times
        ? { frame: start, samples, times: this.#times(start, samples.length / at.length, at, times) }
        : samples;
    }
  }

  /**
   * Returns the times of frames, ms from the first one of the recording.
   *
   * @param {number} start
   * @param {number} length
   * @param {number[]} at
   * @param {Float64Array | undefined} given s
   */
  #times(start, length, at, given) {
    if (given) return given.map((seconds) => 1000 * seconds);
    const rate = this.channels[at[0]].sampleRate;
    if (rate === undefined) return undefined;
    return Float64Array.from({ length }, (_, i) => (1000 * (start + i)) / rate);
  }

  /** @param {BlockOptions} [options] */
  async readAll(options = {}) {
    const blocks = [];
    for await (const block of this.blocks({ ...options, times: false, frames: options.frames ?? 1 << 16 })) {
      blocks.push(/** @type {Float32Array | Float64Array} */ (block));
    }
    const double = options.precision === undefined ? this.wide : options.precision === 'float64';
    const length = blocks.reduce((sum, block) => sum + block.length, 0);
    const all = double ? new Float64Array(length) : new Float32Array(length);
    let at = 0;
    for (const block of blocks) {
      all.set(block, at);
      at += block.length;
    }
    return all;
  }

  /** @param {string} label the function that asks */
  async #notes(label) {
    return JSON.parse(/** @type {string} */ (await native(label, () => this.#native.notes())));
  }

  async annotations() {
    const { annotations } = await this.#notes('annotations');
    return annotations.map((/** @type {Record<string, unknown>} */ note) =>
      Object.fromEntries(Object.entries(note).filter(([, value]) => value !== null && value !== '')),
    );
  }

  async gaps() {
    return (await this.#notes('gaps')).gaps;
  }

  close() {
    this.#native.close();
    this.#remove();
    this.#remove = () => {};
  }
}

/**
 * Opens a recording and reads its header.
 *
 * @param {RecordingSource} source
 * @param {OpenRecordingOptions} [options]
 */
async function openRecording(source, options = {}) {
  checkOptions('openRecording', options);
  checkPlain('openRecording', options);
  const { path, remove } = await pathOf(source);
  try {
    const opened = await native('openRecording', () => addon.openRecording(path, options));
    return new Recording(/** @type {import('../native/exports.js').NativeRecording} */ (opened), remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/** @param {RecordingSource} source @returns {Promise<{ path: string | Uint8Array, remove: () => void }>} */
async function pathOf(source) {
  const remove = () => {};
  if (typeof source === 'string' || source instanceof URL) return { path: filePath('openRecording', source), remove };
  if (source instanceof Uint8Array) return { path: source, remove };
  if (source !== null && typeof source === 'object' && Symbol.asyncIterator in source) return spool(source);
  throw new TypeError(`openRecording: source must be a path, the bytes of a file or a stream, got ${shown(source)}`);
}

module.exports = { Recording, openRecording };
