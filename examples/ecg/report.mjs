// What the analysis found, as a page that needs no network (uPlot is inside it) and as a picture.
import * as Plot from '@observablehq/plot';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { stack } from './svg.mjs';

const SOURCE = 'MIT-BIH Arrhythmia Database, record 208, lead MLII (PhysioNet; Moody & Mark 2001; ODC-BY 1.0)';
/** What the picture shows of the recording, in seconds: normal and premature beats side by side. */
const PICTURE = { from: 14, to: 26, width: 1200 };

const text = (file) => readFileSync(file, 'utf8');

/** Heart rate at each beat but the first: { t, bpm }. */
function rates(beats, sampleRate) {
  return beats.slice(1).map((beat, i) => ({ t: beat / sampleRate, bpm: (60 * sampleRate) / (beat - beats[i]) }));
}

/** The interactive page: raw and filtered signal with the beats, and the heart rate over the whole recording. */
export function writePage(file, { raw, filtered, beats, heartRate, sampleRate }) {
  const uplot = createRequire(import.meta.url).resolve('uplot');
  const asset = (name) => text(uplot.replace('uPlot.cjs.js', name));
  const base64 = (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
  const parts = {
    style: asset('uPlot.min.css'),
    uplot: asset('uPlot.iife.min.js'),
    source: SOURCE.replaceAll('&', '&amp;'),
    summary: `${beats.length} beats, median ${heartRate.toFixed(1)} bpm, ${raw.length / sampleRate / 60} minutes`,
    data: JSON.stringify({ sampleRate, beats, raw: base64(raw), filtered: base64(filtered) }),
  };
  const template = text(new URL('report.html', import.meta.url));
  writeFileSync(file, template.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]));
}

/** The same series as one SVG: a dozen seconds of raw and filtered signal, and the heart rate over all of it. */
export function writePicture(file, { raw, filtered, beats, heartRate, sampleRate }) {
  const { from, to, width } = PICTURE;
  const points = (samples) =>
    Array.from(samples.subarray(from * sampleRate, to * sampleRate), (y, i) => ({ t: from + i / sampleRate, y }));
  const rules = beats.map((beat) => beat / sampleRate).filter((t) => t >= from && t < to);
  const signal = (samples, label) => ({
    height: 220,
    x: { label: 'time (s)' },
    y: { label, grid: true, nice: true },
    marks: [
      Plot.ruleX(rules, { stroke: 'crimson', strokeOpacity: 0.5 }),
      Plot.line(points(samples), { x: 't', y: 'y', stroke: 'steelblue' }),
    ],
  });
  const panels = [
    signal(raw, 'raw (mV), beats in red'),
    signal(filtered, 'band-pass 5–15 Hz (mV)'),
    {
      height: 180,
      x: { label: 'time (s)' },
      y: { label: `heart rate (bpm), median ${heartRate.toFixed(1)}`, grid: true, domain: [0, 240], clamp: true },
      marks: [
        Plot.ruleY([heartRate], { stroke: 'crimson', strokeOpacity: 0.5 }),
        Plot.dot(rates(beats, sampleRate), { x: 't', y: 'bpm', r: 2, fill: 'steelblue' }),
      ],
    },
  ];
  writeFileSync(file, stack(panels, { width, title: SOURCE }));
}
