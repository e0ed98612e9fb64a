// npm run instructions: counts the instructions of kernels, stages and functions by callgrind and compares them with
// bench/instructions.json, since times wobble and counts do not. Linux on x86-64 with valgrind, which runs the
// kernels' AVX2.
//   --record      writes the counts instead: after a change that is meant, or with another compiler
//   --only TEXT   cases whose name holds it
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { targetFolder } from './lib/cargo.mjs';
import { Failure, main, root, run } from './lib/process.mjs';

/** How far a count may be from the recorded one. */
const TOLERANCE = 0.03;
/** Repetitions that are counted, beside one that is not: plans and memory belong to the first. */
const REPEATS = 4;

const file = join(root, 'bench/instructions.json');

/**
 * @param {string} name of a case
 * @param {number} repeats
 * @param {string} folder for valgrind's output
 * @returns {number} instructions of a whole process
 */
function instructions(name, repeats, folder) {
  const out = join(folder, 'out');
  const program = join(targetFolder(), 'release/examples/instructions');
  run('valgrind', ['--quiet', '--tool=callgrind', `--callgrind-out-file=${out}`, program, name, String(repeats)]);
  const count = readFileSync(out, 'utf8').match(/^(?:summary|totals): (\d+)/m)?.[1];
  if (count === undefined) throw new Failure(`callgrind wrote no count for ${name}`);
  return Number(count);
}

/**
 * @param {string} name
 * @returns {number} instructions of one repetition
 */
function measure(name) {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-instructions-'));
  try {
    return Math.round((instructions(name, 1 + REPEATS, folder) - instructions(name, 1, folder)) / REPEATS);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main(() => {
  const { values } = parseArgs({ options: { record: { type: 'boolean' }, only: { type: 'string', default: '' } } });
  run('cargo', ['build', '--locked', '--release', '--package', 'dsp-core', '--example', 'instructions']);
  /** @type {Record<string, number>} */
  const recorded = JSON.parse(readFileSync(file, 'utf8'));
  const failed = [];
  for (const name of Object.keys(recorded).filter((name) => name.includes(values.only ?? ''))) {
    const count = measure(name);
    const ratio = count / recorded[name];
    console.log(`${name.padEnd(26)} ${String(count).padStart(12)}  ${(100 * (ratio - 1)).toFixed(1).padStart(6)} %`);
    if (!(Math.abs(ratio - 1) <= TOLERANCE)) failed.push(name);
    if (values.record) recorded[name] = count;
  }
  if (values.record) writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
  else if (failed.length) {
    const far = `more than ${100 * TOLERANCE} % from bench/instructions.json`;
    throw new Failure(`${far}: ${failed.join(', ')} (--record takes over what is meant)`);
  }
});
