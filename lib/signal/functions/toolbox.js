'use strict';
/** SciPy's toolbox by its names in camelCase: forms, runs, responses, orders and designs of filters, and waveforms. */

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

// Orders, prototypes and designs
exports.besselap = atOnce('besselap');
exports.bilinear = atOnce('bilinear');
exports.buttap = atOnce('buttap');
exports.buttord = atOnce('buttord');
exports.cheb1ap = atOnce('cheb1ap');
exports.cheb1ord = atOnce('cheb1ord');
exports.cheb2ap = atOnce('cheb2ap');
exports.cheb2ord = atOnce('cheb2ord');
exports.ellipap = atOnce('ellipap');
exports.ellipord = atOnce('ellipord');
exports.iircomb = atOnce('iircomb');
exports.iirnotch = atOnce('iirnotch');
exports.iirpeak = atOnce('iirpeak');
exports.lp2bp = atOnce('lp2bp');
exports.lp2bs = atOnce('lp2bs');
exports.lp2hp = atOnce('lp2hp');
exports.lp2lp = atOnce('lp2lp');

// Waveforms
exports.chirp = atOnce('chirp');
exports.gausspulse = atOnce('gausspulse');
exports.maxLenSeq = atOnce('maxLenSeq');
exports.sawtooth = atOnce('sawtooth');
exports.square = atOnce('square');
exports.sweepPoly = atOnce('sweepPoly');
exports.unitImpulse = atOnce('unitImpulse');
