// Adds up how often the fuzz targets ran: node scripts/fuzz-counts.mjs LOG…
//
// Reads logs of libFuzzer ("Done 1810000 runs in 180 second(s)") and of tests/fuzz.rs ("fuzz state_json: 429000 runs in
// 60 s", with --nocapture), and prints the sum for each target. A log of libFuzzer is named after its target, up to the first
// dot or digit: frame-1.log.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Failure, main } from './lib/process.mjs';

const OWN = /^fuzz (\w+): (\d+) runs in (\d+) s$/gm;
const LIBFUZZER = /^Done (\d+) runs in (\d+) second\(s\)$/gm;

main(() => {
  const files = process.argv.slice(2);
  if (files.length === 0) throw new Failure('name the logs to add up');
  /** @type {Map<string, { runs: number, seconds: number }>} */
  const sums = new Map();
  /** @param {string} target @param {string} runs @param {string} seconds */
  const add = (target, runs, seconds) => {
    const sum = sums.get(target) ?? { runs: 0, seconds: 0 };
    sums.set(target, { runs: sum.runs + Number(runs), seconds: sum.seconds + Number(seconds) });
  };
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    for (const [, target, runs, seconds] of text.matchAll(OWN)) add(target, runs, seconds);
    const target = basename(file)
      .replace(/[.\d].*$/, '')
      .replace(/-$/, '');
    for (const [, runs, seconds] of text.matchAll(LIBFUZZER)) add(target, runs, seconds);
  }
  for (const [target, { runs, seconds }] of [...sums].sort()) {
    console.log(`${target}: ${runs.toLocaleString('en')} runs in ${seconds} s`);
  }
});
