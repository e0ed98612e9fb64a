// npm run bench, second part: transforms and functions of whole signals. Prints the time of a call and its ratio to
// realfft called from Rust or to plain JavaScript, all from this run.
//   --only TEXT   cases whose name holds it
import dspx from '../index.js';
import * as plain from './baselines.mjs';
import { machine, measure, measureFloors, only, ratio, signal } from './measure.mjs';

const { FftProcessor } = dspx;
const us = (ns) => (ns / 1000).toFixed(2).padStart(10);

/** `rfft` into given and into new arrays; asked: at most 1.25 × realfft + 0.5 µs. */
async function realTransforms() {
  const sizes = [256, 1000, 1024, 4096, 65536];
  const floors = measureFloors(sizes);
  console.log('rfft         size  µs, arrays given  µs, new arrays   realfft µs   asked ≤ µs');
  for (const n of sizes) {
    const fft = new FftProcessor(n);
    const { x } = signal(n);
    const out = fft.rfft(x);
    const { given, fresh } = await measure({ given: () => fft.rfft(x, out), fresh: () => fft.rfft(x) });
    const floor = floors[n].realFft;
    console.log(['rfft', String(n).padStart(10), us(given).padStart(17), us(fresh).padStart(15), us(floor).padStart(12),
      us(1.25 * floor + 500).padStart(12)].join(' '));
  }
}

const wholeSignals = [
  { name: 'sum', run: dspx.sum, plain: plain.sum },
  { name: 'sumOfSquares', run: dspx.sumOfSquares, plain: plain.sumOfSquares },
  { name: 'dotProduct', run: (x) => dspx.dotProduct(x, x), plain: (x) => plain.dotProduct(x, x) },
  { name: 'detrend', run: (x) => dspx.detrend(x, 'linear'), plain: plain.detrend },
  { name: 'Hjorth parameters', run: dspx.calculateHjorthParameters, plain: plain.hjorth },
  { name: 'Shannon entropy', run: dspx.calculateShannonEntropy },
  { name: 'sample entropy', run: dspx.calculateSampleEntropy, plain: plain.sampleEntropy, sizes: [64, 1024, 4096] },
  { name: 'approximate entropy', run: dspx.calculateApproximateEntropy, sizes: [64, 1024, 4096] },
  { name: 'autocorrelation', run: dspx.autocorrelation },
  { name: 'hilbertEnvelope', run: (x) => dspx.hilbertEnvelope(x) },
  { name: 'dwt db4', run: (x) => dspx.dwt(x, 'db4') },
  { name: 'welch', run: (x) => dspx.welch(x), sizes: [1024, 65536] },
  { name: 'findPeaks', run: (x) => dspx.findPeaks(x, { prominence: 0.5 }) },
  { name: 'savgolFilter 11/3', run: (x) => dspx.savgolFilter(x, 11, 3) },
  { name: 'medianFilter 101', run: (x) => dspx.medianFilter(x, 101) },
  { name: 'MFCC', run: (x) => dspx.calculateMfcc(x, { sampleRate: 16000 }), sizes: [65536] },
];

async function functions() {
  console.log(`\n${'function'.padEnd(20)}  samples     µs/call  M samples/s  vs plain JS`);
  for (const { name, run, plain: baseline, sizes = [16, 64, 1024, 65536] } of wholeSignals) {
    if (!name.includes(only)) continue;
    for (const n of sizes) {
      const { x } = signal(n);
      const ns = await measure({ run: () => run(x), ...(baseline && { plain: () => baseline(x) }) });
      console.log(
        [
          name.padEnd(20),
          String(n).padStart(8),
          us(ns.run).padStart(11),
          ((n / ns.run) * 1000).toFixed(1).padStart(12),
          ratio(baseline && ns.plain / ns.run).padStart(12),
        ].join(' '),
      );
    }
  }
}

console.log(`${machine()}; medians\n`);
if ('rfft'.includes(only)) await realTransforms();
await functions();
