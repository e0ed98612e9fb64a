// Runs tests again and again, and lists those that do not always pass.
//   node scripts/repeat.mjs [--times N] [--busy] [--name PATTERN] [FILE...]   Jest files (none: all of them)
//   node scripts/repeat.mjs [--times N] [--busy] --command 'npm test -- rust' any command, by its exit status; may be
//   repeated
// --busy runs a process beside them that keeps one core busy. Exits with 1 if anything failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, lines, main, root } from './lib/process.mjs';

/** How often each test failed, and how long each round took. */
class Tally {
  #failures = new Map();

  /**
   * Counts one failure of a test; the first message of each is kept.
   *
   * @param {string} name
   * @param {string} message
   */
  add(name, message) {
    const entry = this.#failures.get(name) ?? { count: 0, message };
    entry.count++;
    this.#failures.set(name, entry);
  }

  get size() {
    return this.#failures.size;
  }

  /** @param {number} times */
  print(times) {
    const sorted = [...this.#failures].sort(([, a], [, b]) => b.count - a.count);
    for (const [name, { count, message }] of sorted) {
      console.log(`\nfailed ${count} of ${times}: ${name}`);
      console.log(
        message
          .split('\n')
          .slice(0, 12)
          .map((/** @type {string} */ line) => `    ${line}`)
          .join('\n'),
      );
    }
  }
}

/**
 * One run of Jest; the number of tests that passed.
 *
 * @param {string[]} files
 * @param {string | undefined} name
 * @param {Tally} tally
 */
async function jest(files, name, tally) {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-repeat-'));
  const file = join(folder, 'result.json');
  const args = [
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${file}`,
    ...(name ? ['-t', name] : []),
    ...files,
  ];
  let told = '';
  try {
    const status = await lines(process.execPath, args, () => {}, {
      onError: (text) => {
        told += text;
      },
    });
    if (!existsSync(file)) {
      tally.add('jest', told || `exit status ${status}`);
      return 0;
    }
    const result = JSON.parse(readFileSync(file, 'utf8'));
    for (const suite of result.testResults) {
      const path = relative(root, suite.name);
      const failed = suite.assertionResults.filter(
        (/** @type {{ status: string }} */ test) => test.status === 'failed',
      );
      for (const test of failed) tally.add(`${path} › ${test.fullName}`, test.failureMessages.join('\n'));
      if (suite.status === 'failed' && failed.length === 0) tally.add(path, suite.message);
    }
    if (result.numTotalTests === 0 && tally.size === 0) throw new Failure('no test was found');
    return result.numPassedTests;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * One run of a command in a shell; 1 if it passed.
 *
 * @param {string} command
 * @param {Tally} tally
 */
async function shell(command, tally) {
  /** @type {string[]} */
  const last = [];
  const keep = (/** @type {string} */ text) => {
    last.push(text);
    if (last.length > 12) last.shift();
  };
  const status = await lines(command, [], keep, { shell: true, onError: keep });
  if (status !== 0) tally.add(command, last.join('\n') || `exit status ${status}`);
  return status === 0 ? 1 : 0;
}

main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      times: { type: 'string', default: '20' },
      busy: { type: 'boolean' },
      name: { type: 'string' },
      command: { type: 'string', multiple: true, default: [] },
    },
  });
  const times = Number(values.times);
  if (!Number.isInteger(times) || times < 1)
    throw new Failure(`--times must be a positive integer, got ${values.times}`);
  const busy = values.busy ? spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }) : undefined;
  // Without this an interrupted run would leave it behind.
  process.once('exit', () => busy?.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const tally = new Tally();
  const isJest = positionals.length > 0 || values.command.length === 0;
  try {
    for (let round = 1; round <= times; round++) {
      const begun = performance.now();
      let passed = isJest ? await jest(positionals, values.name, tally) : 0;
      for (const command of values.command) passed += await shell(command, tally);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`${round} of ${times}: ${passed} passed, ${tally.size} unsteady so far, ${seconds} s`);
    }
  } finally {
    if (busy) busy.kill('SIGKILL');
  }
  tally.print(times);
  console.log(`\n${tally.size === 0 ? 'nothing failed' : `${tally.size} did not always pass`} in ${times} rounds`);
  process.exitCode = tally.size === 0 ? 0 : 1;
});
