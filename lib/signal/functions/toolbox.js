'use strict';
/** SciPy's toolbox by its names in camelCase: forms, runs, responses and designs of filters, waveforms, rates, peaks. */

const { atOnce, onThread } = require('./by-name.js');

// One line a name, so that Node finds it for `import { … }` too.

// Forms of a filter
exports.normalize = atOnce('normalize');
exports.sos2tf = atOnce('sos2tf');
exports.sos2zpk = atOnce('sos2zpk');
exports.tf2sos = atOnce('tf2sos');
exports.tf2zpk = atOnce('tf2zpk');
exports.zpk2sos = atOnce('zpk2sos');
exports.zpk2tf = atOnce('zpk2tf');

// Filters from coefficients
exports.filtfilt = atOnce('filtfilt');
exports.filtfiltAsync = onThread('filtfilt');
exports.lfilter = atOnce('lfilter');
exports.lfilterAsync = onThread('lfilter');
exports.lfilterZi = atOnce('lfilterZi');
exports.lfiltic = atOnce('lfiltic');
exports.sosfilt = atOnce('sosfilt');
exports.sosfiltAsync = onThread('sosfilt');
exports.sosfiltZi = atOnce('sosfiltZi');
exports.sosfiltfilt = atOnce('sosfiltfilt');
exports.sosfiltfiltAsync = onThread('sosfiltfilt');

// Responses
exports.freqs = atOnce('freqs');
exports.freqz = atOnce('freqz');
exports.freqzZpk = atOnce('freqzZpk');
exports.groupDelay = atOnce('groupDelay');
exports.sosfreqz = atOnce('sosfreqz');
