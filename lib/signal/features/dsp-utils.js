'use strict';

/** The static functions of `DspUtils`, those of interleaved channels among them. */

const { checkFloat32Array, isPositiveInteger, shown } = require('../../common/arguments.js');
const sums = require('./sums.js');

/** @param {Float32Array[]} planar */
function interleave(planar) {
  if (!Array.isArray(planar))
    throw new Error(`interleave: Input must be an array of Float32Arrays, got ${shown(planar)}`);
  // By index: a hole is no channel.
  for (let c = 0; c < planar.length; c++) {
    if (planar[c] instanceof Float32Array) continue;
    throw new TypeError(`interleave: All channels must be Float32Arrays, got ${shown(planar[c])} at index ${c}`);
  }
  const channels = planar.length;
  const frames = channels ? planar[0].length : 0;
  if (planar.some((channel) => channel.length !== frames))
    throw new TypeError('interleave: All channels must have the same length');
  const out = new Float32Array(frames * channels);
  planar.forEach((channel, c) => {
    for (let i = 0, at = c; i < frames; i++, at += channels) out[at] = channel[i];
  });
  return out;
}

/**
 * @param {Float32Array} x
 * @param {number} channels
 * @param {number} c
 */
function takeChannel(x, channels, c) {
  const out = new Float32Array(x.length / channels);
  for (let i = 0, at = c; i < out.length; i++, at += channels) out[i] = x[at];
  return out;
}

/** @param {Float32Array} x @param {number} channelCount */
function deinterleave(x, channelCount) {
  checkFloat32Array('deinterleave: Input', x);
  const channels = typeof channelCount === 'number' ? Math.trunc(channelCount) : 0;
  if (!(channels >= 1)) {
    throw new TypeError(`deinterleave: Channel count must be a positive number, got ${shown(channelCount)}`);
  }
  if (x.length % channels !== 0)
    throw new RangeError(`deinterleave: Input length (${x.length}) must be divisible by ${channels}`);
  // Nothing to share out: one more array each for an absurd number of channels is refused by its length.
  if (x.length === 0 && channels > 1 << 16)
    throw new RangeError(`deinterleave: Channel count must be at most ${1 << 16}`);
  return Array.from({ length: channels }, (_, c) => takeChannel(x, channels, c));
}

/**
 * @param {Float32Array} x
 * @param {number} channels
 * @param {number} c from 0
 */
function getChannel(x, channels, c) {
  checkFloat32Array('getChannel: Input', x);
  if (!isPositiveInteger(channels)) {
    throw new TypeError(`getChannel: Channel count must be a positive integer, got ${shown(channels)}`);
  }
  if (!(Number.isInteger(c) && c >= 0 && c < channels))
    throw new Error(`getChannel: Channel ${shown(c)} is out of bounds for ${channels} channels`);
  if (x.length % channels !== 0)
    throw new Error(`getChannel: Input length (${x.length}) must be divisible by ${channels}`);
  return takeChannel(x, channels, c);
}

class DspUtils {
  static dotProduct = sums.dotProduct;
  static sum = sums.sum;
  static sumOfSquares = sums.sumOfSquares;
  static detrend = sums.detrend;
  static autocorrelation = sums.autocorrelation;
  static crossCorrelation = sums.crossCorrelation;
  static interleave = interleave;
  static deinterleave = deinterleave;
  static getChannel = getChannel;
}

module.exports = { DspUtils };
