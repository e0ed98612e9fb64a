// Writes lib/native/exports.d.ts, the types of the addon's exports, from what napi-rs noted when it expanded its macros
// in src/ (a development build, or clippy in scripts/check.sh). scripts/check.sh fails where it differs from the
// committed file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { typeNotes } from './lib/cargo.mjs';
import { Failure, main, root } from './lib/process.mjs';

/** Types that the bindings convert by hand, so that napi-rs knows their Rust names only. */
const CONVERTED = `/** A value that the bindings made of one of the core: numbers, texts, arrays, objects of these. */
export type ToJs = unknown;

/** Samples in the format that was asked for. */
export type EncodedArray = Int16Array | Int32Array | Uint8Array | Float32Array | Float64Array;`;

/**
 * @typedef {object} Note one line of napi-rs
 * @property {'fn' | 'interface' | 'type' | 'struct' | 'impl'} kind
 * @property {string} name of the function, interface or class
 * @property {string} def its text in TypeScript; for `impl` that of the members
 */

/** @param {string} text @returns {string} the lines of members with an indentation of two */
const members = (text) =>
  text
    .split('\n')
    // A comment that came through a macro still looks like Rust.
    .map((line) => `  ${line.trim().replace('/** r" ', '/** ')}`.trimEnd())
    .join('\n');

/** @param {Note[]} notes all of one name @returns {string} its declaration */
function declaration(notes) {
  const [{ kind, name, def }] = notes;
  if (kind === 'fn') return `export ${def};`;
  if (kind === 'type') return `export type ${name} =\n${members(def)};`;
  if (kind === 'interface') return `export interface ${name} {\n${members(def)}\n}`;
  const implementations = notes.filter((note) => note.kind === 'impl').map((note) => note.def);
  // Two processes that compile at once note in any order; the constructor comes first.
  const isMain = (/** @type {string} */ text) => text.includes('constructor(');
  implementations.sort((a, b) => Number(isMain(b)) - Number(isMain(a)) || (a < b ? -1 : 1));
  return `export class ${name} {\n${implementations.map(members).join('\n')}\n}`;
}

main(() => {
  const file = typeNotes('dspx-rs');
  if (!existsSync(file)) throw new Failure(`${file} is missing: npm run build, or scripts/check.sh, makes it`);
  const lines = [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))];
  const notes = lines.map((line) => /** @type {Note} */ (JSON.parse(line)));
  const names = [...new Set(notes.map(({ name }) => name))].sort();
  const declarations = names.map((name) => declaration(notes.filter((note) => note.name === name)));
  const head = '// Written by scripts/native-types.mjs from what napi-rs notes of src/; edit that.';
  writeFileSync(join(root, 'lib/native/exports.d.ts'), `${[head, CONVERTED, ...declarations].join('\n\n')}\n`);
});
