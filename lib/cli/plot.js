'use strict';

/** Line plots as one SVG document without dependencies, or as a page around it. */

const { extname } = require('node:path');
const { UsageError } = require('../common/usage-error.js');

/**
 * @typedef {[x: number, y: number]} Point
 * @typedef {[low: number, high: number]} Range
 */

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} [xLabel]
 * @property {string} [yLabel]
 * @property {Range} [yRange]
 * @property {Point[]} points
 */

const WIDTH = 960;
const PANEL = 220;
const MARGIN = { left: 70, right: 20, top: 28, bottom: 42 };

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** @param {string} text */
const escapeText = (text) => String(text).replace(/[&<>"]/g, (character) => ENTITIES[character]);
/** @param {number} x */
const round = (x) => Math.round(x * 10) / 10;

/**
 * Returns about `count` round numbers between `low` and `high`.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((multiple) => multiple * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Returns the lowest and highest finite number; an interval that is not empty.
 *
 * @param {number[]} values
 * @returns {Range}
 */
function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  if (low === high) return [low - Math.max(1, Math.abs(low)) / 2, high + Math.max(1, Math.abs(high)) / 2];
  return [low, high];
}

/**
 * Returns a map of data to pixels along one axis.
 *
 * @param {Range} range of the data
 * @param {Range} pixels
 * @returns {(x: number) => number}
 */
function scale([low, high], [from, to]) {
  return (x) => round(from + ((x - low) / (high - low)) * (to - from));
}

/**
 * Returns a path with consecutive finite points as one line each.
 *
 * @param {Point[]} points
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function lines(points, x, y) {
  let path = '';
  let pen = false;
  for (const [px, py] of points) {
    if (!Number.isFinite(py)) {
      pen = false;
      continue;
    }
    path += `${pen ? 'L' : 'M'}${x(px)} ${y(py)}`;
    pen = true;
  }
  return path;
}

/**
 * @param {{ x: (value: number) => number, y: (value: number) => number, xTicks: number[], yTicks: number[], bottom:
 *   number, panel: Panel }} parts
 */
function axes({ x, y, xTicks, yTicks, bottom, panel }) {
  const right = WIDTH - MARGIN.right;
  const grid = [
    ...yTicks.map(
      (t) => `<path class="g" d="M${MARGIN.left} ${y(t)}H${right}"/>
<text x="${MARGIN.left - 6}" y="${y(t) + 4}" text-anchor="end">${t}</text>`,
    ),
    ...xTicks.map(
      (t) => `<path class="g" d="M${x(t)} ${MARGIN.top}V${bottom}"/>
<text x="${x(t)}" y="${bottom + 16}" text-anchor="middle">${t}</text>`,
    ),
  ];
  const middle = (MARGIN.top + bottom) / 2;
  return `${grid.join('\n')}
<text x="${MARGIN.left}" y="18" class="t">${escapeText(panel.title)}</text>
<text x="${right}" y="${bottom + 34}" text-anchor="end">${escapeText(panel.xLabel ?? '')}</text>
<text transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(panel.yLabel ?? '')}</text>`;
}

/**
 * @param panel `{ title, xLabel, yLabel, yRange?, points: [x, y][] }`
 * @param {Panel} panel
 * @param {number} index
 */
function drawPanel(panel, index) {
  const bottom = PANEL - MARGIN.bottom;
  const xRange = extent(panel.points.map((p) => p[0]));
  const yRange = panel.yRange ?? extent(panel.points.map((p) => p[1]));
  const x = scale(xRange, [MARGIN.left, WIDTH - MARGIN.right]);
  const y = scale(yRange, [bottom, MARGIN.top]);
  const [width, height] = [WIDTH - MARGIN.left - MARGIN.right, bottom - MARGIN.top];
  return `<g transform="translate(0 ${index * PANEL})">
<clipPath id="c${index}"><rect x="${MARGIN.left}" y="${MARGIN.top}" width="${width}" height="${height}"/></clipPath>
${axes({ x, y, xTicks: ticks(...xRange, 10), yTicks: ticks(...yRange, 5), bottom, panel })}
<path class="l" clip-path="url(#c${index})" d="${lines(panel.points, x, y)}"/>
</g>`;
}

/**
 * Returns the panels one below the other.
 *
 * @param {string} title
 * @param {Panel[]} panels
 */
function svg(title, panels) {
  const height = panels.length * PANEL;
  const view = `0 0 ${WIDTH} ${height}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}" font-family="sans-serif" font-size="12">
<title>${escapeText(title)}</title>
<style>.g{stroke:#ddd}.l{fill:none;stroke:#1f6feb;stroke-width:1.2;stroke-linejoin:round}.t{font-weight:bold}</style>
<rect width="100%" height="100%" fill="white"/>
${panels.map(drawPanel).join('\n')}
</svg>
`;
}

/**
 * Returns a page that needs no network.
 *
 * @param {string} title
 * @param {Panel[]} panels
 */
function html(title, panels) {
  const name = escapeText(title);
  const style = `margin:2em auto;max-width:${WIDTH}px;font-family:sans-serif`;
  const meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">';
  return `<!doctype html>
<html lang="en">${meta}<title>${name}</title>
<body style="${style}"><h1 style="font-size:1.3em">${name}</h1>
${svg(title, panels)}</body></html>
`;
}

/**
 * Returns the function that draws the format of a file's extension.
 *
 * @param {string} file
 * @throws {UsageError} for other extensions
 * @returns {(title: string, panels: Panel[]) => string}
 */
function plotterFor(file) {
  const draw = { '.svg': svg, '.html': html }[extname(file).toLowerCase()];
  if (!draw) throw new UsageError(`--plot must end in .svg or .html, got "${file}"`);
  return draw;
}

/** The largest number of bins of an overview. */
const BINS = 1000;

/**
 * Minimum and maximum of stretches of a signal of any length, in bounded memory: bins are merged in pairs when full.
 */
class Overview {
  #width = 1;
  /** @type {Range[]} */
  #bins = [];
  #inLast = 0;

  /**
   * @param {Float32Array} samples
   * @param {number} channel
   * @param {number} channels
   */
  add(samples, channel, channels) {
    for (let i = channel; i < samples.length; i += channels) this.#push(samples[i]);
  }

  /** @param {number} value */
  #push(value) {
    if (this.#inLast === 0) this.#bins.push([value, value]);
    const bin = this.#bins[this.#bins.length - 1];
    if (!(value >= bin[0])) bin[0] = value;
    if (!(value <= bin[1])) bin[1] = value;
    this.#inLast = (this.#inLast + 1) % this.#width;
    if (this.#bins.length === 2 * BINS && this.#inLast === 0) this.#halve();
  }

  #halve() {
    this.#bins = Array.from({ length: BINS }, (_, i) => {
      const [a, b] = [this.#bins[2 * i], this.#bins[2 * i + 1]];
      return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
    });
    this.#width *= 2;
  }

  /**
   * Returns points to draw.
   *
   * @param {number} dt time of a sample
   * @returns {Point[]}
   */
  points(dt) {
    if (this.#width === 1) return this.#bins.map(([value], i) => [i * dt, value]);
    return this.#bins.flatMap(([low, high], i) => {
      const t = i * this.#width * dt;
      return [
        [t, low],
        [t, high],
      ];
    });
  }
}

module.exports = { Overview, plotterFor };
