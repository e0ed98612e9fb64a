// What `npm run bench` measures: a stage, the same in plain JavaScript, the Rust floor to compare with, and the million
// samples per second that are asked for 65,536 samples in one channel. One list per family of stages.
import dspx from '../index.js';
import * as plain from './baselines.mjs';

const { IirFilter } = dspx;

const moving = (windowSize) => ({ mode: 'moving', windowSize });

const timeDomain = [
  {
    name: 'MovingAverage 100',
    build: (p) => p.MovingAverage(moving(100)),
    plain: () => plain.movingAverage(100),
    floor: 'runningSum',
    asked: '≥ 0.5 × floor',
  },
  {
    name: 'MovingAverage 5',
    build: (p) => p.MovingAverage(moving(5)),
    plain: () => plain.movingAverage(5),
    floor: 'runningSum',
    asked: '≥ 0.5 × floor',
  },
  {
    name: 'MovingAverage 10000',
    build: (p) => p.MovingAverage(moving(10000)),
    plain: () => plain.movingAverage(10000),
    floor: 'runningSum',
    asked: '≥ 0.5 × floor',
  },
  { name: 'MovingAverage batch', build: (p) => p.MovingAverage({ mode: 'batch' }), floor: 'copy', asked: 2000 },
  {
    name: 'Rms 100',
    build: (p) => p.Rms(moving(100)),
    plain: () => plain.rms(100),
    floor: 'runningSum',
    asked: '≥ 0.5 × floor',
  },
  {
    name: 'MeanAbsoluteValue 100',
    build: (p) => p.MeanAbsoluteValue(moving(100)),
    floor: 'runningSum',
    asked: '≥ 0.5 × floor',
  },
  { name: 'Variance 100', build: (p) => p.Variance(moving(100)), floor: 'runningSum', asked: '≥ 0.5 × floor' },
  {
    name: 'ZScoreNormalize 100',
    build: (p) => p.ZScoreNormalize(moving(100)),
    floor: 'runningSum',
    asked: '≥ 0.5 × floor',
  },
  {
    name: 'LinearRegression 100',
    build: (p) => p.LinearRegression({ windowSize: 100, output: 'slope' }),
    floor: 'runningSum',
  },
  {
    name: 'ExponentialMovingAverage',
    build: (p) => p.ExponentialMovingAverage({ mode: 'moving', alpha: 0.1 }),
    floor: 'runningSum',
    asked: 500,
  },
  { name: 'Integrator', build: (p) => p.Integrator({ alpha: 0.99 }), floor: 'runningSum', asked: 500 },
  { name: 'WaveformLength 100', build: (p) => p.WaveformLength({ windowSize: 100 }), floor: 'runningSum', asked: 500 },
  {
    name: 'SlopeSignChange 100',
    build: (p) => p.SlopeSignChange({ windowSize: 100 }),
    floor: 'runningSum',
    asked: 500,
  },
  {
    name: 'WillisonAmplitude 100',
    build: (p) => p.WillisonAmplitude({ windowSize: 100 }),
    floor: 'runningSum',
    asked: 500,
  },
  {
    name: 'Amplify',
    build: (p) => p.Amplify({ gain: 1.5 }),
    plain: () => plain.amplify(1.5),
    floor: 'copy',
    asked: 2500,
  },
  { name: 'ClipDetection', build: (p) => p.ClipDetection({ threshold: 0.5 }), floor: 'copy' },
  { name: 'Rectify', build: (p) => p.Rectify(), plain: plain.rectify, floor: 'copy', asked: 2500 },
  { name: 'Square', build: (p) => p.Square(), plain: plain.square, floor: 'copy', asked: 2500 },
  { name: 'Differentiator', build: (p) => p.Differentiator(), plain: plain.differentiator, floor: 'copy', asked: 2500 },
  {
    name: 'PeakDetection',
    build: (p) => p.PeakDetection({ threshold: 0.5 }),
    plain: () => plain.peaks(0.5),
    floor: 'copy',
  },
  {
    name: 'MovingAverage→Rms→Rectify',
    build: (p) => p.MovingAverage(moving(100)).Rms(moving(100)).Rectify(),
    asked: 300,
  },
];

const multirate = [
  {
    name: 'Resample 3/2 (order 51)',
    build: (p) => p.Resample({ upFactor: 3, downFactor: 2, sampleRate: 1000 }),
    asked: 150,
  },
  { name: 'Decimate 4 (order 51)', build: (p) => p.Decimate({ factor: 4, sampleRate: 1000, order: 51 }), asked: 250 },
  {
    name: 'Resample 160/147 high',
    build: (p) => p.Resample({ upFactor: 160, downFactor: 147, sampleRate: 44100, quality: 'high' }),
  },
  { name: 'ResampleTo 44100→48000.5 high', build: (p) => p.ResampleTo({ inputRate: 44100, outputRate: 48000.5 }) },
];

const lowpass = { mode: 'lowpass', sampleRate: 1000, cutoffFrequency: 50 };
/** The rows of the Butterworth filter that is measured, for the same work in JavaScript. */
const butterworthRows = () => {
  const rows = IirFilter.createButterworthLowPass({ order: 4, cutoffFrequency: 50, sampleRate: 1000 }).getSections();
  return plain.sections(rows.map(([b0, b1, b2, , a1, a2]) => [b0, b1, b2, a1, a2]));
};
const kernel = (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i + 1) / n);

const filters = [
  {
    name: 'Butterworth 4',
    build: (p) => p.filter({ ...lowpass, type: 'butterworth', order: 4 }),
    plain: butterworthRows,
    asked: 250,
  },
  { name: 'FIR 101', build: (p) => p.filter({ ...lowpass, type: 'fir', order: 101 }), asked: 200 },
  {
    name: 'convolution 32',
    build: (p) => p.convolution({ kernel: kernel(32), mode: 'moving', method: 'direct' }),
    asked: 500,
  },
  {
    name: 'convolution 256 FFT',
    build: (p) => p.convolution({ kernel: kernel(256), mode: 'moving', method: 'fft' }),
    asked: 200,
  },
  { name: 'Kalman 2', channels: [2], build: (p) => p.KalmanFilter({ dimensions: 2 }), asked: 60 },
  { name: 'LMS 32', channels: [2], build: (p) => p.LmsFilter({ numTaps: 32 }), asked: 40 },
];

const spectral = [
  { name: 'stft 512/128', build: (p) => p.stft({ windowSize: 512, hopSize: 128 }), asked: 150 },
  { name: 'HilbertEnvelope 256/128', build: (p) => p.HilbertEnvelope({ windowSize: 256, hopSize: 128 }), asked: 150 },
  { name: 'WaveletTransform db4', build: (p) => p.WaveletTransform({ wavelet: 'db4' }), asked: 300 },
];

export const cases = [...timeDomain, ...filters, ...spectral, ...multirate];
