'use strict';

const { Branches, branch } = require('./lib/pipeline/branch.js');
const { DspProcessor, createDspPipeline } = require('./lib/pipeline/create-pipeline.js');
const { setDefaultDesign, getDefaultDesign } = require('./lib/signal/filter/design.js');
const {
  FirFilter,
  Fir,
  IirFilter,
  Iir,
  AdaptiveLMSFilter,
  FilterBankDesign,
} = require('./lib/signal/filter/filters.js');
const {
  DriftDetector,
  detectGaps,
  validateMonotonicity,
  estimateSampleRate,
} = require('./lib/signal/timing/drift-detector.js');
const { lazy } = require('./lib/common/lazy.js');

const openRecording = lazy('openRecording', () => require('./lib/files/recording.js'));
const writeRecording = lazy('writeRecording', () => require('./lib/files/write-recording.js'));
const { RecordingError } = require('./lib/files/recording-error.js');

const credits = lazy('credits', () => require('./lib/credits/credits.js'));
const egg = lazy('egg', () => require('./lib/credits/credits.js'));

module.exports = {
  ...require('./lib/logger/index.js'),
  DspProcessor,
  createDspPipeline,
  Branches,
  branch,
  setDefaultDesign,
  getDefaultDesign,
  FirFilter,
  Fir,
  IirFilter,
  Iir,
  AdaptiveLMSFilter,
  FilterBankDesign,
  ...require('./lib/signal/filter/optimal-fir-tables.js'),
  DriftDetector,
  detectGaps,
  validateMonotonicity,
  estimateSampleRate,
  ...require('./lib/kafka/index.js'),
  ...require('./lib/signal/spatial/training.js'),
  ...require('./lib/signal/spectrum/index.js'),
  ...require('./lib/signal/features/index.js'),
  ...require('./lib/signal/functions/functions.js'),
  ...require('./lib/signal/functions/toolbox.js'),
  ...require('./lib/signal/functions/biosignals.js'),
  openRecording,
  writeRecording,
  RecordingError,
  credits,
  egg,
};
