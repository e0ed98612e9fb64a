// npm run size: what the package weighs and how long it takes to import, on this machine with the addon that is built
// here.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { gzipSync } from 'node:zlib';
import { Failure, main, output, root } from './lib/process.mjs';
import { addonFile } from './lib/setup.mjs';

const RUNS = 15;

/** @param {number} bytes */
const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
/** @param {number} bytes */
const MB = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * Milliseconds that `code` takes by its own clock in `RUNS` fresh processes: the median and the fastest, as text.
 *
 * @param {string} code
 */
function importTime(code) {
  const times = Array.from({ length: RUNS }, () => {
    const { stdout, status } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Failure(`${code} failed`);
    return Number(stdout);
  });
  times.sort((a, b) => a - b);
  return `${times[RUNS >> 1].toFixed(1)} ms (fastest ${times[0].toFixed(1)})`;
}

/** @param {string} code */
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
require        ${importTime(timed("require('./index.js')"))}, of it the addon ${importTime(timed("require('./lib/native/addon.js')"))}: medians of ${RUNS} processes`);
});
