/* global uPlot */
'use strict';

const SECONDS = 8; // in the two signal charts
const RATE_SECONDS = 120; // in the heart rate chart
const $ = (id) => document.getElementById(id);

let sampleRate = 360;
/** The signals of the last seconds: [t, raw], [t, filtered], and at beats [t, raw] again. */
const times = [];
const raw = [];
const filtered = [];
const marks = [];
const rates = [[], []];
let spectrum = [[0], [null], [null]];

/** A line chart across an element. */
function chart(id, title, series, { height = 170, range, unit = 's' } = {}) {
  const element = $(id);
  const options = {
    title, height, width: element.clientWidth, legend: { show: false }, cursor: { show: false },
    scales: { x: { time: false }, ...(range && { y: { range } }) },
    axes: [{ values: (_, ticks) => ticks.map((t) => `${t} ${unit}`) }, { size: 55 }],
    series: [{}, ...series],
  };
  const plot = new uPlot(options, [[0], ...series.map(() => [null])], element);
  addEventListener('resize', () => plot.setSize({ width: element.clientWidth, height }));
  return plot;
}

const line = (stroke) => ({ stroke, width: 1.2, points: { show: false } });
const plots = {
  raw: chart('raw', 'raw (mV), beats marked', [
    line('#1f6feb'), { stroke: '#d1495b', paths: () => null, points: { show: true, size: 9, fill: '#d1495b' } },
  ]),
  filtered: chart('filtered', 'filtered (mV)', [line('#1f6feb')]),
  rate: chart('rate', 'heart rate (bpm)', [line('#d1495b')], { range: [40, 200] }),
  spectrum: chart('spectrum', 'spectrum (dB): raw grey, filtered blue', [line('#9aa4b1'), line('#1f6feb')], {
    range: [-100, 10],
    unit: 'Hz',
  }),
};

let stale = false;
function draw() {
  stale = false;
  plots.raw.setData([times, raw, marks]);
  plots.filtered.setData([times, filtered]);
  plots.rate.setData(rates);
  plots.spectrum.setData(spectrum);
}

function redraw() {
  if (!stale) requestAnimationFrame(draw);
  stale = true;
}

function trim(keep, ...lists) {
  const surplus = lists[0].length - keep;
  if (surplus > 0) for (const list of lists) list.splice(0, surplus);
}

const receive = {
  settings({ type: _, sampleRate: rate, ...values }) {
    sampleRate = rate;
    for (const [name, value] of Object.entries(values)) $('settings').elements[name].value = value;
    say(`running with ${values.low} to ${values.high} Hz, order ${values.order}`, true);
  },

  samples({ at, raw: samples, filtered: smooth, beats }) {
    for (let i = 0; i < samples.length; i++) {
      times.push((at + i) / sampleRate);
      raw.push(samples[i]);
      filtered.push(smooth[i]);
      marks.push(null);
    }
    trim(SECONDS * sampleRate, times, raw, filtered, marks);
    const first = at + samples.length - times.length;
    for (const beat of beats) if (beat >= first) marks[beat - first] = raw[beat - first];
    redraw();
  },

  status(status) {
    $('heartRate').textContent = status.heartRate === null ? '–' : `${status.heartRate.toFixed(0)} bpm`;
    $('samplesPerSecond').textContent = status.samplesPerSecond.toFixed(0);
    $('messagesPerSecond').textContent = status.messagesPerSecond.toFixed(0);
    $('lag').textContent = status.lag;
    if (status.heartRate !== null) {
      rates[0].push(status.at / sampleRate);
      rates[1].push(status.heartRate);
      while (rates[0].at(-1) - rates[0][0] > RATE_SECONDS) trim(rates[0].length - 1, ...rates);
    }
    const { step, raw: before, filtered: after } = status.spectrum;
    spectrum = [before.map((_, k) => k * step), before, after];
    redraw();
  },

  mistake: ({ message }) => say(message, false),
};

function say(text, good) {
  $('message').textContent = text;
  $('message').className = good ? 'good' : '';
}

const socket = new WebSocket(`ws://${location.host}/live`);
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  receive[message.type](message);
};
socket.onclose = () => say('the server has ended', false);
$('settings').onsubmit = (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target));
  socket.send(JSON.stringify(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]))));
};
