'use strict';

const { DspProcessor, createDspPipeline } = require('./lib/pipeline.js');
const { setDefaultDesign, getDefaultDesign } = require('./lib/design.js');
const { DriftDetector, detectGaps, validateMonotonicity, estimateSampleRate } = require('./lib/drift-detector.js');

module.exports = {
  ...require('./lib/observability.js'),
  DspProcessor,
  createDspPipeline,
  setDefaultDesign,
  getDefaultDesign,
  DriftDetector,
  detectGaps,
  validateMonotonicity,
  estimateSampleRate,
  ...require('./lib/streaming.js'),
  ...require('./lib/spatial.js'),
};
