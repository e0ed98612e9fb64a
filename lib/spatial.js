'use strict';

const native = require('./native.js');

/** Each trains in the calling thread; those with `Async` on a worker thread (the last takes no time, so it has no such form). */
const train = (name) => (...args) => native.train(name, args);
const trainAsync = (name) => async (...args) => native.trainAsync(name, args);

const calculatePca = train('calculatePca');
const calculatePcaAsync = trainAsync('calculatePca');
const calculateWhitening = train('calculateWhitening');
const calculateWhiteningAsync = trainAsync('calculateWhitening');
const calculateIca = train('calculateIca');
const calculateIcaAsync = trainAsync('calculateIca');
const calculateCommonSpatialPatterns = train('calculateCommonSpatialPatterns');
const calculateCommonSpatialPatternsAsync = trainAsync('calculateCommonSpatialPatterns');
const calculateBeamformerWeights = train('calculateBeamformerWeights');

// Written out like this, so that Node finds the names for `import { … }` too.
module.exports = {
  calculatePca,
  calculatePcaAsync,
  calculateWhitening,
  calculateWhiteningAsync,
  calculateIca,
  calculateIcaAsync,
  calculateCommonSpatialPatterns,
  calculateCommonSpatialPatternsAsync,
  calculateBeamformerWeights,
};
