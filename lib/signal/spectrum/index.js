'use strict';

const { FftBatchProcessor } = require('./fft-batch-processor.js');
const { FftProcessor } = require('./fft-processor.js');
const { FftUtils } = require('./fft-utils.js');
const { MovingFftProcessor } = require('./moving-fft-processor.js');

module.exports = { FftProcessor, MovingFftProcessor, FftBatchProcessor, FftUtils };
