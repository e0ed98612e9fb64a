'use strict';

const native = require('./native.js');

/** The functions that train spatial transforms, and for each but the last, which takes no time, a form on a worker thread. */
const TRAINING = ['calculatePca', 'calculateWhitening', 'calculateIca', 'calculateCommonSpatialPatterns'];

const functions = {
  calculateBeamformerWeights: (...args) => native.train('calculateBeamformerWeights', args),
};
for (const name of TRAINING) {
  functions[name] = (...args) => native.train(name, args);
  functions[`${name}Async`] = async (...args) => native.trainAsync(name, args);
}

module.exports = functions;
