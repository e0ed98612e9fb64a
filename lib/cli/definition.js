'use strict';

/**
 * Pipelines as JSON: `{ "channels": 1, "sampleRate": 360, "stages": [{ "filter": { … } }, "Rectify"] }`, the list of
 * stages alone, or a state saved with `saveState()`.
 */

const { isPositive, isPositiveInteger } = require('../common/arguments.js');
const { appendStage, createDspPipeline } = require('../pipeline/create-pipeline.js');
const { readStage } = require('../pipeline/definition.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {import('../../index.js').DspProcessor} Pipeline */

/**
 * @typedef {object} Definition
 * @property {Pipeline} pipeline
 * @property {number | undefined} channels
 * @property {number | undefined} sampleRate Hz
 * @property {number} ratio of output to input frames
 * @property {number | undefined} outChannels
 */

/**
 * Output frames per input frame of the stages that change the rate.
 *
 * @type {Record<string, (params: any) => number>}
 */
const RATES = {
  Interpolate: ({ factor }) => factor,
  Decimate: ({ factor }) => 1 / factor,
  Resample: ({ upFactor, downFactor }) => upFactor / downFactor,
  ResampleTo: ({ inputRate, outputRate }) => outputRate / inputRate,
};

/** Channels behind the stages that change their number. @type {Record<string, (params: any) => number>} */
const CHANNELS = {
  ChannelSelector: ({ numOutputChannels }) => numOutputChannels,
  ChannelSelect: ({ channels }) => channels.length,
  ChannelMerge: ({ mapping }) => mapping.length,
  FilterBank: ({ definitions, inputChannels }) => definitions.length * inputChannels,
};

/**
 * Returns what `work` returns; its errors are those of the user, told in one line that begins with `prefix`.
 *
 * @param {string} prefix
 * @param {() => T} work
 * @template T
 * @returns {T}
 */
function asUsage(prefix, work) {
  try {
    return work();
  } catch (error) {
    throw new UsageError(`${prefix}${/** @type {Error} */ (error).message}`);
  }
}

/**
 * Appends a stage; returns the ratio of its output to its input frames, and its channels where it changes them.
 *
 * @param {Pipeline} pipeline
 * @param {unknown} entry
 * @param {string} where names the stage in errors
 * @returns `{ ratio, outChannels? }` of the stage
 */
function addStage(pipeline, entry, where) {
  const { method, params } = asUsage('', () => readStage(entry, where));
  asUsage(`${where}: `, () => appendStage(pipeline, method, params));
  return { ratio: RATES[method]?.(params) ?? 1, outChannels: CHANNELS[method]?.(params) };
}

/**
 * @param {string} text
 * @param {string} name of the file
 * @returns {any}
 */
function parse(text, name) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name}: ${/** @type {Error} */ (error).message.replaceAll('\n', ' ')}`);
  }
}

/**
 * Checks the fields beside the stages, as far as they are given.
 *
 * @param {any} document
 * @param {string} name of the file
 * @throws {UsageError} naming the field that is wrong
 */
function checkShape({ channels, sampleRate }, name) {
  const isGiven = (/** @type {unknown} */ value) => value !== undefined && value !== null;
  if (isGiven(channels) && !(isPositiveInteger(channels) && Number.isSafeInteger(channels))) {
    throw new UsageError(`${name}: "channels" must be a positive integer, got ${JSON.stringify(channels)}`);
  }
  if (isGiven(sampleRate) && !isPositive(sampleRate)) {
    throw new UsageError(`${name}: "sampleRate" must be a positive number, got ${JSON.stringify(sampleRate)}`);
  }
}

/** @param {{ stages: any[] }} document */
const isState = (document) =>
  document.stages.length > 0 && document.stages.every((s) => s?.type && s.state !== undefined);

/**
 * Loads a state as a whole or not at all. A pipeline prints why a state is refused, and warns of stages that it leaves
 * out; on the command line the one is said by the error's own line, and the other is an error, too.
 *
 * @param {Pipeline} pipeline
 * @param {string | Buffer} state
 */
async function loadState(pipeline, state) {
  const { error, warn } = console;
  /** @type {string[]} */
  const warnings = [];
  Object.assign(console, { error() {}, warn: (/** @type {string} */ text) => warnings.push(text) });
  try {
    await pipeline.loadState(state);
  } finally {
    Object.assign(console, { error, warn });
  }
  if (warnings.length > 0) throw new UsageError(warnings.join('; '));
}

/**
 * Returns the pipeline of a definition, the ratio of output to input frames and, if stages change it, the number of
 * channels behind them, as far as known.
 *
 * @param {string} text
 * @param {string} name of the file
 * @returns {Promise<Definition>}
 */
async function readDefinition(text, name) {
  const parsed = parse(text, name);
  const document = Array.isArray(parsed) ? { stages: parsed } : parsed;
  if (!Array.isArray(document?.stages)) throw new UsageError(`${name}: "stages" must be a list`);
  const { channels, sampleRate, design } = document;
  checkShape(document, name);
  /** @type {Pipeline} */
  let pipeline;
  try {
    pipeline = createDspPipeline({ design, sampleRate: sampleRate ?? undefined });
    if (isState(document)) await loadState(pipeline, text);
  } catch (error) {
    throw new UsageError(`${name}: ${/** @type {Error} */ (error).message.replaceAll('\n', ' ')}`);
  }
  /** @type {unknown[]} */
  const entries = isState(document) ? [] : document.stages;
  const stages = entries.map((entry, i) => addStage(pipeline, entry, `${name}: stage ${i + 1}`));
  const ratio = stages.reduce((product, stage) => product * stage.ratio, 1);
  return {
    pipeline,
    channels,
    sampleRate,
    ratio,
    outChannels: stages.findLast((stage) => stage.outChannels)?.outChannels,
  };
}

module.exports = { loadState, readDefinition };
