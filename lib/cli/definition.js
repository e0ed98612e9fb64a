'use strict';

/**
 * Pipelines as JSON: `{ "channels": 1, "sampleRate": 360, "stages": [{ "filter": { … } }, "Rectify"] }`, the list of stages
 * alone, or a state saved with `saveState()`.
 */

const native = require('../native.js');
const { createDspPipeline } = require('../pipeline.js');
const { UsageError } = require('./usage-error.js');

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

const stagesByMethod = new Map(native.stages().map((stage) => [stage.method, stage]));

/** Parameters that a stage takes as typed arrays, which JSON does not have. */
function withTypedArrays({ float32Arrays }, params) {
  const typed = (key, value) => Array.isArray(value) && float32Arrays.includes(key);
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typed(key, value) ? Float32Array.from(value) : value]),
  );
}

/** `"Rectify"` or `{ "Rectify": { … } }` → `[method, params]` */
function readStage(entry, where) {
  if (typeof entry === 'string') return [entry, undefined];
  const keys = entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? Object.keys(entry) : [];
  if (keys.length !== 1) throw new UsageError(`${where} must be "Method" or { "Method": { parameters } }`);
  return [keys[0], entry[keys[0]]];
}

/** @returns `{ ratio, outChannels? }` of the stage */
function addStage(pipeline, entry, where) {
  const [method, params] = readStage(entry, where);
  const stage = stagesByMethod.get(method);
  if (!stage) throw new UsageError(`${where}: there is no stage "${method}"`);
  const plain = params !== null && typeof params === 'object' && !Array.isArray(params);
  try {
    pipeline[method](plain ? withTypedArrays(stage, params) : params);
  } catch (error) {
    throw new UsageError(`${where}: ${error.message}`);
  }
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

const isState = (document) => document.stages.length > 0 && document.stages.every((s) => s?.type && s.state !== undefined);

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
  const stages = isState(document) ? [] : document.stages.map((s, i) => addStage(pipeline, s, `${name}: stage ${i + 1}`));
  const ratio = stages.reduce((product, stage) => product * stage.ratio, 1);
  return { pipeline, channels, sampleRate, ratio, outChannels: stages.findLast(({ outChannels }) => outChannels)?.outChannels };
}

module.exports = { loadState, readDefinition };
