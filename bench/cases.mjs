// What `npm run bench` measures: a stage, the same in plain JavaScript, the Rust floor to compare with, and the million
// samples per second that are asked for 65,536 samples in one channel. One list per family of stages.
import * as plain from './baselines.mjs';

const moving = (windowSize) => ({ mode: 'moving', windowSize });

const timeDomain = [
  { name: 'MovingAverage 100', build: (p) => p.MovingAverage(moving(100)), plain: () => plain.movingAverage(100), floor: 'runningSum', asked: '≥ 0.5 × floor' },
  { name: 'MovingAverage 5', build: (p) => p.MovingAverage(moving(5)), plain: () => plain.movingAverage(5), floor: 'runningSum', asked: '≥ 0.5 × floor' },
  { name: 'MovingAverage 10000', build: (p) => p.MovingAverage(moving(10000)), plain: () => plain.movingAverage(10000), floor: 'runningSum', asked: '≥ 0.5 × floor' },
  { name: 'MovingAverage batch', build: (p) => p.MovingAverage({ mode: 'batch' }), floor: 'copy', asked: 2000 },
  { name: 'Rms 100', build: (p) => p.Rms(moving(100)), plain: () => plain.rms(100), floor: 'runningSum', asked: '≥ 0.5 × floor' },
  { name: 'Rectify', build: (p) => p.Rectify(), plain: plain.rectify, floor: 'copy', asked: 2500 },
  { name: 'Square', build: (p) => p.Square(), plain: plain.square, floor: 'copy', asked: 2500 },
  { name: 'Differentiator', build: (p) => p.Differentiator(), plain: plain.differentiator, floor: 'copy', asked: 2500 },
  { name: 'PeakDetection', build: (p) => p.PeakDetection({ threshold: 0.5 }), plain: () => plain.peaks(0.5), floor: 'copy' },
  { name: 'MovingAverage→Rms→Rectify', build: (p) => p.MovingAverage(moving(100)).Rms(moving(100)).Rectify(), asked: 300 },
];

const multirate = [
  { name: 'Resample 3/2 (order 51)', build: (p) => p.Resample({ upFactor: 3, downFactor: 2, sampleRate: 1000 }), asked: 150 },
  { name: 'Decimate 4 (order 51)', build: (p) => p.Decimate({ factor: 4, sampleRate: 1000 }), asked: 250 },
  { name: 'Resample 160/147 high', build: (p) => p.Resample({ upFactor: 160, downFactor: 147, sampleRate: 44100, quality: 'high' }) },
  { name: 'ResampleTo 44100→48000.5 high', build: (p) => p.ResampleTo({ inputRate: 44100, outputRate: 48000.5 }) },
];

export const cases = [...timeDomain, ...multirate];
