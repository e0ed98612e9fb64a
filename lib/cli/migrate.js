'use strict';

const { readFileSync, readdirSync, statSync } = require('node:fs');
const { basename, join, relative } = require('node:path');
const { oneLine } = require('../common/text.js');
const { DIFFERENCES, differencesIn } = require('./migrate-differences.js');
const { manifestChanges } = require('./migrate-manifest.js');
const { specifiersOf } = require('./migrate-specifiers.js');
const { linesOf, tokensOf } = require('./migrate-tokens.js');
const { writeWhole } = require('./replacement.js');
const { UsageError } = require('../common/usage-error.js');

const HELP = `dspx-rs migrate [FOLDER]

Moves an application from dspx to dspx-rs. Changes the imports in .js, .mjs, .cjs, .jsx, .ts, .mts, .cts and .tsx files
and the dependency in package.json, and lists the deliberate differences (docs/migration.md) that the code touches, with
file and line. FOLDER defaults to the current one. Hidden folders, links, and folders named node_modules, dist, build, out
or coverage are skipped.

  --dry-run    lists what would change, and changes nothing
`;

const options = { 'dry-run': { type: 'boolean' } };

const PROGRAM = /\.(?:[mc]?js|[mc]?ts|jsx|tsx)$/;
const LEFT_OUT = new Set(['node_modules', 'dist', 'build', 'out', 'coverage']);
/** The size in bytes above which files are skipped: such files are generated. */
const MAX_BYTES = 4 << 20;
/** The number of places that are listed for one difference. */
const MAX_PLACES = 5;

/**
 * The files of an application, in the order of their names.
 *
 * @param {string} folder
 * @returns {Generator<string>}
 */
function* filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.has(entry.name)) yield* filesIn(path);
    else if (entry.isFile() && (PROGRAM.test(entry.name) || entry.name === 'package.json')) yield path;
  }
}

/**
 * @param {string} path
 * @returns {string | undefined} the text of a file with its byte order mark; undefined where it is no text, or too long
 */
function textOf(path) {
  if (statSync(path).size > MAX_BYTES) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return undefined;
    throw error;
  }
}

/** @typedef {{ start: number, end: number, old: string, text: string }} Edit */
/** @typedef {{ difference: import('./migrate-differences.js').Difference, offsets: number[] }} Touched */
/**
 * @typedef {object} File what one file needs
 * @property {string} path
 * @property {string} text
 * @property {Edit[]} edits
 * @property {{ start: number, text: string }[]} left
 * @property {() => Touched[]} touched
 * @property {(offset: number) => string} place `file:line`
 */

/**
 * The changes that one file needs.
 *
 * @param {string} path
 * @param {string} name
 * @param {string} text
 * @returns {Pick<File, 'edits' | 'left' | 'touched'>}
 */
function changesOf(path, name, text) {
  if (basename(path) === 'package.json') {
    return { ...manifestChanges(text, name, `^${require('../../package.json').version}`), touched: () => [] };
  }
  const tokens = tokensOf(text);
  const { edits, left } = specifiersOf(text, tokens);
  const isUser =
    edits.length > 0 || tokens.some((token) => token.type === 'string' && /^dspx(-rs)?(\/|$)/.test(token.text));
  return { edits, left, touched: () => differencesIn(tokens, isUser) };
}

/**
 * @param {string} text
 * @param {Edit[]} edits in order
 */
function edited(text, edits) {
  let result = '';
  let at = 0;
  for (const { start, end, text: replacement } of edits) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

/**
 * Reads the whole application before anything is written.
 *
 * @param {string} folder
 */
function survey(folder) {
  /** @type {{ files: File[], skipped: string[] }} */
  const found = { files: [], skipped: [] };
  for (const path of filesIn(folder)) {
    const name = relative(folder, path);
    const text = textOf(path);
    if (text === undefined) {
      found.skipped.push(name);
      continue;
    }
    const lineOf = linesOf(text);
    const place = (/** @type {number} */ offset) => `${name}:${lineOf(offset)}`;
    const { edits, left, touched } = changesOf(path, name, text);
    found.files.push({ path, text, edits, left, touched, place });
  }
  return found;
}

/**
 * Groups the differences that are touched at the same places.
 *
 * @param {File[]} files
 */
function grouped(files) {
  /** @type {Map<import('./migrate-differences.js').Difference, string[]>} */
  const places = new Map();
  for (const { touched, place } of files) {
    for (const { difference, offsets } of touched()) {
      places.set(difference, [...new Set([...(places.get(difference) ?? []), ...offsets.map(place)])]);
    }
  }
  /** @type {Map<string, { at: string[], differences: import('./migrate-differences.js').Difference[] }>} */
  const groups = new Map();
  for (const difference of DIFFERENCES) {
    const at = places.get(difference);
    if (!at) continue;
    const key = at.join();
    groups.set(key, { at, differences: [...(groups.get(key)?.differences ?? []), difference] });
  }
  return [...groups.values()];
}

/** @param {string[]} places */
function placesText(places) {
  const more = places.length - MAX_PLACES;
  return places.slice(0, MAX_PLACES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * @param {{ files: File[], skipped: string[] }} found
 * @param {boolean} dryRun
 */
function* report({ files, skipped }, dryRun) {
  const changes = files.flatMap(({ edits, place }) =>
    edits.map((edit) => `  ${place(edit.start)}: ${edit.old} → ${edit.text}`),
  );
  if (changes.length > 0) yield* [dryRun ? 'Would change:' : 'Changed:', ...changes, ''];

  const left = files.flatMap((file) => file.left.map(({ start, text }) => `  ${file.place(start)}: ${text}`));
  if (left.length > 0) yield* ['Not changed, check these yourself:', ...left, ''];
  if (skipped.length > 0) yield* ['Not read (not UTF-8, or above 4 MB):', ...skipped.map((name) => `  ${name}`), ''];

  const groups = grouped(files);
  if (groups.length > 0) {
    const { repository } = require('../../package.json');
    const page = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/docs/migration.md`;
    yield `What this code uses behaves differently from dspx (${page}):`;
    for (const { at, differences } of groups) {
      yield* ['', `  ${placesText(at)}`, ...differences.map(({ text }) => `    - ${text}`)];
    }
    yield '';
  }
  if (changes.length === 0) yield 'Nothing to change.';
  else if (!dryRun) yield 'Next: npm install, then your tests.';
}

/**
 * Changes the imports of an application.
 *
 * @param {{ 'dry-run'?: boolean }} values
 * @param {string[]} positionals
 */
function run({ 'dry-run': dryRun = false }, positionals) {
  if (positionals.length > 1) throw new UsageError(`migrate takes one folder, got ${positionals.length}`);
  const [folder = '.'] = positionals;
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is not a folder`);
  const found = survey(folder);
  const changed = found.files.filter(({ edits }) => edits.length > 0);
  if (!dryRun) for (const { path, text, edits } of changed) writeWhole(path, edited(text, edits));
  for (const line of report(found, dryRun)) process.stdout.write(`${oneLine(line)}\n`);
}

module.exports = { HELP, options, run };
