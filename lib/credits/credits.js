'use strict';

const CREDITS = `dspx-rs – streaming signal processing, Apache-2.0 or MIT
  API, saved states and recorded behaviour after dspx 1.4 (npm)
  rustfft, realfft: transforms · nalgebra: matrices · napi-rs: the border to Node
  librdkafka, rdkafka: Kafka · redis-rs: Redis · redb: states in a local file · Tokio: what waits
  SciPy, NumPy, librosa, PyWavelets: the numbers that tests compare with
  MIT-BIH Arrhythmia Database (PhysioNet): the heart of the examples`;

/** Prints the people and packages that this package is built on, and returns the text. */
function credits() {
  console.log(CREDITS);
  return CREDITS;
}

const WIDTH = 72;
const HEIGHT = 9;
/** Waves of one heart beat: position and width as parts of the beat, height. */
const WAVES = [
  [0.2, 0.025, 0.15],
  [0.34, 0.012, -0.12],
  [0.37, 0.014, 1],
  [0.4, 0.012, -0.25],
  [0.6, 0.04, 0.3],
];

/** Prints two heart beats, smoothed by a pipeline of this package, and returns them. */
function egg() {
  const { createDspPipeline } = require('../pipeline/create-pipeline.js');
  const beat = (/** @type {number} */ t) =>
    WAVES.reduce((sum, [at, width, height]) => sum + height * Math.exp(-(((t - at) / width) ** 2) / 2), 0);
  const samples = Float32Array.from({ length: WIDTH }, (_, i) => beat(((2 * i) / WIDTH) % 1));
  const curve = createDspPipeline().ExponentialMovingAverage({ mode: 'moving', alpha: 0.9 }).processSync(samples);
  const [low, high] = [Math.min(...curve), Math.max(...curve)];
  const rows = Array.from({ length: HEIGHT }, () => Array(WIDTH).fill(' '));
  curve.forEach((value, i) => {
    rows[Math.round(((high - value) / (high - low)) * (HEIGHT - 1))][i] = '●';
  });
  const picture = rows.map((row) => row.join('').trimEnd()).join('\n');
  console.log(picture);
  return picture;
}

module.exports = { credits, egg };
