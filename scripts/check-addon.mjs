// The requirements of a binary on the machine that loads it: node scripts/check-addon.mjs [--publish] [FILE…]
// Without files: the addon that is built here. Prints its size, the oldest glibc that has all it imports, its exports.
// --publish fails above 15 MB, for a glibc newer than 2.28, and for exports that are not Node-API's.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { Elf } from './lib/elf.mjs';
import { Failure, main } from './lib/process.mjs';
import { addonFile } from './lib/setup.mjs';

const MAX_MB = 15;
/** Node 18 itself needs 2.28; so has manylinux_2_28, in which releases are built. */
const OLDEST_GLIBC = [2, 28];

/** @param {number[]} a @param {number[]} b */
const compare = ([a, b = 0], [c, d = 0]) => a - c || b - d;

/**
 * The newest of the versions `GLIBC_x.y` that a binary imports from, or null.
 *
 * @param {InstanceType<typeof Elf>} elf
 */
function glibcOf(elf) {
  const versions = elf
    .neededVersions()
    .map((name) => /^GLIBC_(\d+)\.(\d+)/.exec(name))
    .filter((found) => found !== null);
  return (
    versions
      .map(([, major, minor]) => [Number(major), Number(minor)])
      .sort(compare)
      .at(-1) ?? null
  );
}

/** @param {string} file @param {boolean} publish */
function check(file, publish) {
  const bytes = readFileSync(file);
  const megabytes = bytes.length / 1e6;
  const problems = [];
  const facts = [`${megabytes.toFixed(1)} MB`];
  if (megabytes > MAX_MB) problems.push(`is larger than ${MAX_MB} MB`);
  if (Elf.is(bytes)) {
    const elf = new Elf(bytes);
    const glibc = glibcOf(elf);
    facts.push(glibc ? `glibc ≥ ${glibc.join('.')}` : 'no glibc');
    if (glibc && compare(glibc, OLDEST_GLIBC) > 0) {
      problems.push(`needs glibc ${glibc.join('.')}, newer than ${OLDEST_GLIBC.join('.')}`);
    }
    if (glibc && file.includes('-musl')) problems.push('needs glibc, and is for musl');
    const foreign = elf.exports().filter((name) => !/^napi_|^node_api_/.test(name));
    facts.push(`exports ${elf.exports().join(', ')}`);
    if (foreign.length) problems.push(`exports ${foreign.join(', ')}`);
  }
  console.log(`${basename(file)}: ${facts.join(', ')}`);
  return publish ? problems.map((problem) => `${basename(file)} ${problem}`) : [];
}

main(() => {
  const { values, positionals } = parseArgs({ options: { publish: { type: 'boolean' } }, allowPositionals: true });
  const files = positionals.length ? positionals : [addonFile()];
  const problems = files.flatMap((file) => check(file, values.publish === true));
  if (problems.length) throw new Failure(problems.join('\n'));
});
