'use strict';

/** Sums, products and correlations of whole signals. */

const native = require('../../native/addon.js');
const { checkFloat32Array, checkOptions, shown } = require('../../common/arguments.js');
const { call, callAsync } = require('../../native/call.js');

/** The length in samples below which the loop takes less time than a call into the addon. */
const SHORT = 128;

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @returns {number}
 */
function dotProduct(a, b) {
  checkFloat32Array('dotProduct: First argument', a);
  checkFloat32Array('dotProduct: Second argument', b);
  if (a.length !== b.length)
    throw new RangeError(`dotProduct: Array lengths must match, got ${a.length} and ${b.length}`);
  if (a.length >= SHORT) return native.dotProduct(a, b);
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

/** @param {Float32Array} x @returns {number} */
function sum(x) {
  checkFloat32Array('sum: Argument', x);
  if (x.length >= SHORT) return native.sum(x);
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i];
  return total;
}

/** @param {Float32Array} x @returns {number} */
function sumOfSquares(x) {
  checkFloat32Array('sumOfSquares: Argument', x);
  if (x.length >= SHORT) return native.sumOfSquares(x);
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * x[i];
  return total;
}

/** @param {Float32Array} signal @param {import('../../../index.js').DetrendOptions} [options] */
function detrend(signal, options) {
  checkFloat32Array('detrend: Signal', signal);
  const given = checkOptions('detrend: options', options).type ?? '';
  const type = given === '' ? 'linear' : given;
  if (type !== 'linear' && type !== 'constant') {
    throw new TypeError(`detrend: type must be 'linear' or 'constant', got ${shown(type)}`);
  }
  const out = new Float32Array(signal.length);
  native.detrend(signal, type === 'linear', out);
  return out;
}

/** @param {Float32Array} signal @returns {Float32Array} */
function autocorrelation(signal) {
  checkFloat32Array('autocorrelation: Signal', signal);
  return call('correlate', signal);
}

/** @param {Float32Array} signal @returns {Promise<Float32Array>} */
async function autocorrelationAsync(signal) {
  checkFloat32Array('autocorrelation: Signal', signal);
  return callAsync('correlate', signal);
}

/** @param {unknown} x @param {unknown} y */
function checkPair(x, y) {
  const { length } = checkFloat32Array('crossCorrelation: First signal', x);
  const other = checkFloat32Array('crossCorrelation: Second signal', y).length;
  if (length !== other)
    throw new RangeError(`crossCorrelation: Signals must have the same length, got ${length} and ${other}`);
}

/**
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @returns {Float32Array}
 */
function crossCorrelation(x, y) {
  checkPair(x, y);
  return call('correlate', x, y);
}

/**
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @returns {Promise<Float32Array>}
 */
async function crossCorrelationAsync(x, y) {
  checkPair(x, y);
  return callAsync('correlate', x, y);
}

module.exports = {
  autocorrelation,
  autocorrelationAsync,
  crossCorrelation,
  crossCorrelationAsync,
  detrend,
  dotProduct,
  sum,
  sumOfSquares,
};
