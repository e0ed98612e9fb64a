'use strict';

const native = require('../../native/addon.js');

/**
 * Returns a function that trains in the calling thread.
 *
 * @param {string} name
 * @returns {(...values: unknown[]) => any}
 */
const train = (name) => ({ [name]: (/** @type {unknown[]} */ ...args) => native.train(name, args) })[name];
/**
 * Returns a function that trains on a worker thread.
 *
 * @param {string} name
 * @returns {(...values: unknown[]) => Promise<any>}
 */
const trainAsync = (name) =>
  ({ [`${name}Async`]: async (/** @type {unknown[]} */ ...args) => native.trainAsync(name, args) })[`${name}Async`];

// One line a name, so that Node finds it for `import { … }` too.
exports.calculatePca = train('calculatePca');
exports.calculatePcaAsync = trainAsync('calculatePca');
exports.calculateWhitening = train('calculateWhitening');
exports.calculateWhiteningAsync = trainAsync('calculateWhitening');
exports.calculateIca = train('calculateIca');
exports.calculateIcaAsync = trainAsync('calculateIca');
exports.calculateCommonSpatialPatterns = train('calculateCommonSpatialPatterns');
exports.calculateCommonSpatialPatternsAsync = trainAsync('calculateCommonSpatialPatterns');
exports.calculateBeamformerWeights = train('calculateBeamformerWeights'); // takes no time
