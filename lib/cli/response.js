'use strict';

/**
 * @typedef {{ b: number[], a: number[] }} Section of a cascade, with a[0] = 1
 * @typedef {{ frequency: number, db: number, phase: number, groupDelay: number }} ResponsePoint Hz, dB, radians in
 *   (−π, π], samples
 */

/** Frequency response of a cascade of sections `{ b, a }` (a[0] = 1). */

/**
 * Returns `Σ c[k]·e^(−jωk)` and `Σ k·c[k]·e^(−jωk)`, as [re, im, re, im].
 *
 * @param {number[]} c
 * @param {number} omega radians per sample
 * @returns {[re: number, im: number, dRe: number, dIm: number]}
 */
function polynomial(c, omega) {
  let [re, im, dRe, dIm] = [0, 0, 0, 0];
  for (let k = 0; k < c.length; k++) {
    const x = c[k] * Math.cos(omega * k);
    const y = -c[k] * Math.sin(omega * k);
    re += x;
    im += y;
    dRe += k * x;
    dIm += k * y;
  }
  return [re, im, dRe, dIm];
}

/**
 * Returns the delay of a polynomial in samples: the real part of `Σ k·c·e / Σ c·e`; NaN at a zero on the unit circle.
 *
 * @param {[re: number, im: number, dRe: number, dIm: number]} values
 */
function delay([re, im, dRe, dIm]) {
  const power = re * re + im * im;
  return power > 1e-20 ? (dRe * re + dIm * im) / power : NaN;
}

/**
 * Returns the response at one frequency.
 *
 * @param {Section[]} sections
 * @param {number} frequency Hz
 * @param {number} sampleRate Hz
 * @returns {ResponsePoint}
 */
function responseAt(sections, frequency, sampleRate) {
  const omega = (2 * Math.PI * frequency) / sampleRate;
  let [gain, phase, groupDelay] = [1, 0, 0];
  for (const { b, a } of sections) {
    const [numerator, denominator] = [polynomial(b, omega), polynomial(a, omega)];
    gain *= Math.hypot(numerator[0], numerator[1]) / Math.hypot(denominator[0], denominator[1]);
    phase += Math.atan2(numerator[1], numerator[0]) - Math.atan2(denominator[1], denominator[0]);
    groupDelay += delay(numerator) - delay(denominator);
  }
  return { frequency, db: 20 * Math.log10(gain), phase: Math.atan2(Math.sin(phase), Math.cos(phase)), groupDelay };
}

/**
 * Returns the response at `count` frequencies from 0 to the Nyquist frequency.
 *
 * @param {Section[]} sections
 * @param {number} sampleRate Hz
 * @param {number} count
 * @returns {ResponsePoint[]}
 */
function response(sections, sampleRate, count) {
  return Array.from({ length: count }, (_, i) => responseAt(sections, (i * sampleRate) / 2 / (count - 1), sampleRate));
}

/**
 * Returns the frequencies (Hz) at which the magnitude crosses a level, by bisection between the points of a response.
 *
 * @param {Section[]} sections
 * @param {number} sampleRate Hz
 * @param {ResponsePoint[]} points
 * @param {number} level dB
 * @returns {number[]}
 */
function crossings(sections, sampleRate, points, level) {
  const above = (/** @type {number} */ frequency) => responseAt(sections, frequency, sampleRate).db > level;
  return points.slice(1).flatMap((point, i) => {
    let [low, high] = [points[i].frequency, point.frequency];
    const begin = above(low);
    if (begin === above(high)) return [];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (above(middle) === begin) low = middle;
      else high = middle;
    }
    return [(low + high) / 2];
  });
}

module.exports = { crossings, response, responseAt };
