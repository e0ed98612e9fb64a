// npm run size: what the package weighs and how long it takes to import, on this machine with the addon that is built here.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { gzipSync } from 'node:zlib';
import { Failure, main, output, root } from './lib/process.mjs';
import { addonFile } from './lib/setup.mjs';

const RUNS = 15;

const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
const MB = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Median milliseconds of `RUNS` fresh processes that run `code`, by its own clock. */
function median(code) {
  const times = Array.from({ length: RUNS }, () => {
    const { stdout, status } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Failure(`${code} failed`);
    return Number(stdout);
  });
  return times.sort((a, b) => a - b)[RUNS >> 1];
}

const timed = (code) => `const begin = performance.now(); ${code}; console.log(performance.now() - begin)`;

main(() => {
  const packed = output('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
  if (packed === null) throw new Failure('npm pack failed');
  const [{ size, unpackedSize, entryCount }] = JSON.parse(packed);
  const addon = addonFile();
  const addonSize = statSync(addon, { throwIfNoEntry: false })?.size;
  if (!addonSize) throw new Failure(`${addon} is missing: npm run build:release`);
  console.log(`${cpus()[0].model.trim()}, Node ${process.version}
package        ${kB(size)} packed, ${kB(unpackedSize)} in ${entryCount} files
addon          ${MB(addonSize)}, ${MB(gzipSync(readFileSync(addon)).length)} packed (npm run build:release makes the one that is published)
require        ${median(timed("require('./index.js')")).toFixed(1)} ms, of it ${median(timed("require('./lib/native.js')")).toFixed(1)} ms the addon (median of ${RUNS} processes)`);
});
