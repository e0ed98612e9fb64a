'use strict';

const { DspProcessor, createDspPipeline } = require('./lib/pipeline.js');
const { setDefaultDesign, getDefaultDesign } = require('./lib/design.js');
const { FirFilter, Fir, IirFilter, Iir, AdaptiveLMSFilter, FilterBankDesign } = require('./lib/filters.js');
const { DriftDetector, detectGaps, validateMonotonicity, estimateSampleRate } = require('./lib/drift-detector.js');
const { lazy } = require('./lib/lazy.js');

const credits = lazy('credits', () => require('./lib/credits.js'));
const egg = lazy('egg', () => require('./lib/credits.js'));

module.exports = {
  ...require('./lib/observability.js'),
  DspProcessor,
  createDspPipeline,
  setDefaultDesign,
  getDefaultDesign,
  FirFilter,
  Fir,
  IirFilter,
  Iir,
  AdaptiveLMSFilter,
  FilterBankDesign,
  ...require('./lib/optimal-fir-tables.js'),
  DriftDetector,
  detectGaps,
  validateMonotonicity,
  estimateSampleRate,
  ...require('./lib/streaming.js'),
  ...require('./lib/spatial.js'),
  ...require('./lib/spectral.js'),
  ...require('./lib/features.js'),
  ...require('./lib/functions.js'),
  credits,
  egg,
};
