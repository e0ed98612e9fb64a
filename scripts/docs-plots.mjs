// Draws the pictures of the documentation with the package itself: node scripts/docs-plots.mjs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main, root, run } from './lib/process.mjs';

const plots = join(root, 'docs/plots');
const cli = (...args) => run(process.execPath, [join(root, 'bin/dspx-rs.js'), ...args], { quiet: true });
const design = (name, line) => cli('design', ...line.split(' '), '--plot', join(plots, name));

main(() => {
  design('bandpass.svg', 'butterworth --mode bandpass --order 3 --sample-rate 360 --low 5 --high 15');
  design('chebyshev.svg', 'chebyshev --mode lowpass --order 6 --ripple 1 --sample-rate 48000 --cutoff 4000');

  const { SAMPLE_RATE, readEcg } = createRequire(import.meta.url)('../examples/ecg/recording.js');
  const folder = mkdtempSync(join(tmpdir(), 'dspx-plots-'));
  try {
    const file = (name) => join(folder, name);
    const ecg = readEcg().subarray(14 * SAMPLE_RATE, 18 * SAMPLE_RATE);
    const bandpass = { type: 'butterworth', mode: 'bandpass', order: 3, sampleRate: SAMPLE_RATE, lowCutoffFrequency: 5, highCutoffFrequency: 15 };
    writeFileSync(file('ecg.csv'), `ECG (mV)\n${[...ecg].join('\n')}\n`);
    writeFileSync(file('bandpass.json'), JSON.stringify([{ filter: bandpass }]));
    cli('run', file('bandpass.json'), '--in', file('ecg.csv'), '--out', file('out.csv'), '--quiet',
      '--sample-rate', String(SAMPLE_RATE), '--plot', join(plots, 'ecg.svg'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
