'use strict';

const native = require('../../native/addon.js');

/** Each trains in the calling thread; those with `Async` on a worker thread. */
const train = (name) => ({ [name]: (...args) => native.train(name, args) })[name];
const trainAsync = (name) => ({ [`${name}Async`]: async (...args) => native.trainAsync(name, args) })[`${name}Async`];

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
