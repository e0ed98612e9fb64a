// npm test: sets everything up, then runs every suite: Rust, Jest, the types, conformance. The last line is
// "N passed, N failed" over all of them; before it stands what each of them took.
//   npm test -- rust jest types conformance   only the named ones
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { cargo, settingsOf } from './lib/cargo.mjs';
import { Failure, lines, main, root } from './lib/process.mjs';
import { build, installPackages } from './lib/setup.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts of tests */

/**
 * Rust: the sum of the "test result" lines. One more failure if it ends badly without a failed test (does not compile).
 */
async function rust() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const { options, env } = settingsOf('development');
  const args = ['test', '--locked', '--workspace', '--no-fail-fast', ...options, '--', '--quiet'];
  const status = await cargo(
    args,
    (line) => {
      if (line) console.log(line);
      const found = line.match(/^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored;/);
      if (!found) return;
      counts.passed += Number(found[1]);
      counts.failed += Number(found[2]);
      counts.skipped += Number(found[3]);
    },
    env,
  );
  return crashed(status, counts);
}

/**
 * A suite that ended badly although no test failed counts as one failure.
 *
 * @param {number | null} status
 * @param {Counts} counts
 * @returns {Counts}
 */
function crashed(status, counts) {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * The Jest files that took longest, one line: they decide how long `npm test` takes.
 *
 * @param {{ name: string, startTime: number, endTime: number }[]} results
 */
function slowest(results) {
  /** @param {(typeof results)[number]} result */
  const timed = ({ name, startTime, endTime }) => ({ name: relative(root, name), ms: endTime - startTime });
  const files = results.map(timed);
  const first = files.sort((a, b) => b.ms - a.ms).slice(0, 5);
  return `slowest: ${first.map(({ name, ms }) => `${name} ${(ms / 1000).toFixed(1)} s`).join(', ')}`;
}

async function jest() {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-jest-'));
  const file = join(folder, 'result.json');
  try {
    const jestFile = join(root, 'node_modules/jest/bin/jest.js');
    const status = await lines(process.execPath, [jestFile, '--json', `--outputFile=${file}`], () => {});
    if (!existsSync(file)) return crashed(status, { passed: 0, failed: 1, skipped: 0 });
    const result = JSON.parse(readFileSync(file, 'utf8'));
    console.log(slowest(result.testResults));
    return crashed(status, {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The types: each file in __tests__/types is one test, failed if the compiler names it; so is index.d.ts itself. */
async function types() {
  const files = ['index.d.ts', ...readdirSync(join(root, '__tests__/types')).filter((name) => name.endsWith('.ts'))];
  const wrong = new Set();
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const status = await lines(
    process.execPath,
    [tsc, '--noEmit', '--pretty', 'false', '-p', '__tests__/types'],
    (line) => {
      console.log(line);
      const file = files.find((name) => line.split('(')[0].endsWith(name));
      if (file) wrong.add(file);
    },
  );
  return crashed(status, { passed: files.length - wrong.size, failed: wrong.size, skipped: 0 });
}

async function conformance() {
  let counts;
  const status = await lines(process.execPath, [join(root, '__tests__/conformance/check.mjs'), '--json'], (line) => {
    if (line.startsWith('{"passed"')) counts = JSON.parse(line);
    else console.log(line);
  });
  return crashed(status, counts ?? { passed: 0, failed: 1, skipped: 0 });
}

/** @type {Record<string, () => Promise<Counts>>} */
const suites = { rust, jest, types, conformance };

/** @param {Counts} counts */
function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

/**
 * The counts of a step and its seconds; one failure if it cannot run at all, so that the others still do.
 *
 * @param {() => Promise<Counts>} step
 */
async function attempt(step) {
  const begun = performance.now();
  let counts;
  try {
    counts = await step();
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  return { ...counts, seconds: Math.round((performance.now() - begun) / 1000) };
}

/** Sets up; counts as no test, but as a failure if it cannot be done. */
async function setUp() {
  installPackages();
  await build();
  return { passed: 0, failed: 0, skipped: 0 };
}

main(async () => {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(suites);
  const unknown = wanted.find((name) => !suites[name]);
  if (unknown) throw new Failure(`no suite "${unknown}": ${Object.keys(suites).join(', ')}`);
  const total = await attempt(setUp);
  const durations = [`build ${total.seconds} s`];
  for (const name of total.failed ? [] : wanted) {
    console.log(`\n== ${name}`);
    const counts = await attempt(suites[name]);
    console.log(`${name}: ${summary(counts)}, ${counts.seconds} s`);
    durations.push(`${name} ${counts.seconds} s`);
    for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total))) total[key] += counts[key];
  }
  console.log(`\n${durations.join(', ')}; together ${total.seconds} s\n${summary(total)}`);
  process.exitCode = total.failed ? 1 : 0;
});
