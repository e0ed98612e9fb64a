'use strict';

/**
 * Pipelines as JSON: `{ "channels": 1, "sampleRate": 360, "stages": [{ "filter": { … } }, "Rectify"] }`, the list of stages
 * alone, or a state saved with `saveState()`.
 */

const { createDspPipeline } = require('../pipeline/create-pipeline.js');
const { readStage } = require('../pipeline/definition.js');
const { UsageError } = require('../common/usage-error.js');

/** Output frames per input frame of the stages that change the rate. */
const RATES = {
  Interpolate: ({ factor }) => factor,
  Decimate: ({ factor }) => 1 / factor,
  Resample: ({ upFactor, downFactor }) => upFactor / downFactor,
  ResampleTo: ({ inputRate, outputRate }) => outputRate / inputRate,
};

/** Channels behind the stages that change their number. */
const CHANNELS = {
  ChannelSelector: ({ numOutputChannels }) => numOutputChannels,
  ChannelSelect: ({ channels }) => channels.length,
  ChannelMerge: ({ mapping }) => mapping.length,
  FilterBank: ({ definitions, inputChannels }) => definitions.length * inputChannels,
};

/** What `work` returns; its errors are those of the user, told in one line that begins with `prefix`. */
function asUsage(prefix, work) {
  try {
    return work();
  } catch (error) {
    throw new UsageError(`${prefix}${error.message}`);
  }
}

/** @returns `{ ratio, outChannels? }` of the stage */
function addStage(pipeline, entry, where) {
  const { method, params } = asUsage('', () => readStage(entry, where));
  asUsage(`${where}: `, () => pipeline[method](params));
  return { ratio: RATES[method]?.(params) ?? 1, outChannels: CHANNELS[method]?.(params) };
}

function parse(text, name) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name}: ${error.message.replaceAll('\n', ' ')}`);
  }
}

/** The fields beside the stages, as far as they are given. */
function checkShape({ channels, sampleRate }, name) {
  const isGiven = (value) => value !== undefined && value !== null;
  if (isGiven(channels) && !(Number.isSafeInteger(channels) && channels >= 1)) {
    throw new UsageError(`${name}: "channels" must be a positive integer, got ${JSON.stringify(channels)}`);
  }
  if (isGiven(sampleRate) && !(typeof sampleRate === 'number' && sampleRate > 0 && sampleRate < Infinity)) {
    throw new UsageError(`${name}: "sampleRate" must be a positive number, got ${JSON.stringify(sampleRate)}`);
  }
}

const isState = (document) =>
  document.stages.length > 0 && document.stages.every((s) => s?.type && s.state !== undefined);

/**
 * Loads a state as a whole or not at all. A pipeline prints why a state is refused, and warns of stages that it leaves
 * out; on the command line the one is said by the error's own line, and the other is an error, too.
 */
async function loadState(pipeline, state) {
  const { error, warn } = console;
  const warnings = [];
  Object.assign(console, { error() {}, warn: (text) => warnings.push(text) });
  try {
    await pipeline.loadState(state);
  } finally {
    Object.assign(console, { error, warn });
  }
  if (warnings.length > 0) throw new UsageError(warnings.join('; '));
}

/**
 * @returns `{ pipeline, channels, sampleRate, ratio, outChannels? }`: `ratio` of output to input frames and, if stages change
 *   it, the number of channels behind them, as far as known
 */
async function readDefinition(text, name) {
  const parsed = parse(text, name);
  const document = Array.isArray(parsed) ? { stages: parsed } : parsed;
  if (!Array.isArray(document?.stages)) throw new UsageError(`${name}: "stages" must be a list`);
  const { channels, sampleRate, design } = document;
  checkShape(document, name);
  let pipeline;
  try {
    pipeline = createDspPipeline({ design, sampleRate: sampleRate ?? undefined });
    if (isState(document)) await loadState(pipeline, text);
  } catch (error) {
    throw new UsageError(`${name}: ${error.message.replaceAll('\n', ' ')}`);
  }
  const stages = isState(document)
    ? []
    : document.stages.map((s, i) => addStage(pipeline, s, `${name}: stage ${i + 1}`));
  const ratio = stages.reduce((product, stage) => product * stage.ratio, 1);
  return {
    pipeline,
    channels,
    sampleRate,
    ratio,
    outChannels: stages.findLast(({ outChannels }) => outChannels)?.outChannels,
  };
}

module.exports = { loadState, readDefinition };
