// node scripts/code-size.mjs: counts what the house rules promise to keep small, in lines.
//   --json   as JSON
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './lib/process.mjs';

/**
 * All files under a folder that end in `ending`.
 *
 * @param {string} folder
 * @param {string} ending
 * @returns {string[]}
 */
function filesUnder(folder, ending) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** @param {string} file */
const read = (file) => readFileSync(join(root, file), 'utf8');

/**
 * The lines of a Rust file before its tests.
 *
 * @param {string} file
 * @returns {string[]}
 */
function sourceLines(file) {
  if (/(^|\/)(tests?|testing|model)\.rs$/.test(file)) return [];
  return read(file)
    .split(/^#\[cfg\(test\)\]\nmod tests/m)[0]
    .split('\n');
}

/**
 * The lines of the functions whose signature matches: from `fn` to the closing brace of the same indentation.
 *
 * @param {string[]} lines
 * @param {RegExp} signature
 */
function functionLines(lines, signature) {
  let count = 0;
  for (let i = 0; i < lines.length; i++) {
    const [, indent] = lines[i].match(/^(\s*)(?:pub(?:\(\w+\))? )?fn /) ?? [];
    if (indent === undefined) continue;
    const open = lines.findIndex((line, at) => at >= i && /[{;]\s*$/.test(line));
    if (!signature.test(lines.slice(i, open + 1).join(' '))) continue;
    const end = lines.findIndex((line, at) => at >= open && line === `${indent}}`);
    count += end - i + 1;
    i = end;
  }
  return count;
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);

const core = filesUnder('crates/dsp-core/src', '.rs').map((file) => ({ file, lines: sourceLines(file) }));
const stages = core.filter(({ file }) => file.includes('/stages/'));
const sources = ['crates', 'src']
  .flatMap((folder) => filesUnder(folder, '.rs'))
  .filter((file) => file.includes('src/'));
const lengths = sources.map((file) => ({ file, length: sourceLines(file).length }));
const long = lengths.filter(({ length }) => length > 400).map(({ file, length }) => [file, length]);
const counts = {
  stateCode: sum(stages.map(({ lines }) => functionLines(lines, /Archive<|toon::|Json\b/))),
  typescriptInRust: sum(core.map(({ lines }) => lines.filter((line) => /export (interface|type) /.test(line)).length)),
  core: sum(core.map(({ lines }) => lines.filter((line) => line.trim()).length)),
  coreWithBlankLines: sum(core.map(({ lines }) => lines.length)),
  rectify: sourceLines('crates/dsp-core/src/stages/pointwise/rectify.rs').length,
  filesAbove400: Object.fromEntries(long),
};

if (process.argv.includes('--json')) console.log(JSON.stringify(counts));
else {
  console.log(`state code over all stages        ${counts.stateCode}`);
  console.log(`TypeScript declarations in Rust   ${counts.typescriptInRust}`);
  console.log(`dsp-core without tests            ${counts.coreWithBlankLines} (${counts.core} without blank lines)`);
  console.log(`Rectify with its comments         ${counts.rectify}`);
  for (const [file, lines] of long) console.log(`above 400 lines                   ${lines} ${file}`);
}
