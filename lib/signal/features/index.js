'use strict';

const { DspUtils } = require('./dsp-utils.js');
const {
  calculateApproximateEntropy,
  calculateApproximateEntropyAsync,
  calculateHjorthParameters,
  calculateSampleEntropy,
  calculateSampleEntropyAsync,
  calculateShannonEntropy,
  calculateSpectralCentroid,
  calculateSpectralFeatures,
  calculateSpectralFlux,
  calculateSpectralRolloff,
} = require('./features.js');
const {
  autocorrelation,
  autocorrelationAsync,
  crossCorrelation,
  crossCorrelationAsync,
  detrend,
  dotProduct,
  sum,
  sumOfSquares,
} = require('./sums.js');
const { EntropyTracker, HjorthTracker, SpectralFeaturesTracker } = require('./trackers.js');
const { dwt, hilbertEnvelope } = require('./transforms.js');

// Every name is written out, so that Node finds it for `import { … }` too.
module.exports = {
  calculateHjorthParameters,
  calculateSpectralCentroid,
  calculateSpectralRolloff,
  calculateSpectralFlux,
  calculateSpectralFeatures,
  calculateShannonEntropy,
  calculateSampleEntropy,
  calculateSampleEntropyAsync,
  calculateApproximateEntropy,
  calculateApproximateEntropyAsync,
  HjorthTracker,
  EntropyTracker,
  SpectralFeaturesTracker,
  dotProduct,
  sum,
  sumOfSquares,
  detrend,
  autocorrelation,
  autocorrelationAsync,
  crossCorrelation,
  crossCorrelationAsync,
  dwt,
  hilbertEnvelope,
  DspUtils,
};
