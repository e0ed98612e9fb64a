const { execFileSync, spawnSync } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const api = require('dspx-rs');

const root = join(__dirname, '../..');

test('whatever require gives, import gives by name', () => {
  const code = "console.log(JSON.stringify(Object.keys(await import('dspx-rs'))))";
  const options = { cwd: root, encoding: 'utf8' };
  const imported = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', code], options));
  expect(imported).toEqual(expect.arrayContaining(Object.keys(api)));
});

/** Names of the methods on a prototype and on those above it that are ours; a leading `_` marks what is not public. */
function methodsOf(prototype) {
  const foreign = [Object.prototype, Error.prototype, EventEmitter.prototype, null];
  if (foreign.includes(prototype)) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor' && !name.startsWith('_'))
    .map(([name]) => name);
  return [...own, ...methodsOf(Object.getPrototypeOf(prototype))];
}

const isClass = (value) => typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
/** An object with these keys: the compiler refuses one that lacks a key of its type, and one that has another. */
const record = (keys) => `{ ${[...new Set(keys)].map((key) => `${JSON.stringify(key)}: true`).join(', ')} }`;

test('index.d.ts declares the exports and the methods of classes that are there, and no others', () => {
  const classes = Object.keys(api).filter((name) => isClass(api[name]));
  expect(classes.length).toBeGreaterThan(20);
  const program = `
import type * as api from 'dspx-rs';
import type { EventEmitter } from 'node:events';
type Inherited<T> = (T extends EventEmitter ? keyof EventEmitter : never) | keyof Error;
type Methods<T> = { [K in Exclude<keyof T, Inherited<T> | symbol> as T[K] extends (...values: any) => any ? K : never]: true };
export const names: Record<keyof typeof api, true> = ${record(Object.keys(api))};
${classes.map((name) => `export const ${name}: Methods<(typeof api.${name})['prototype']> = ${record(methodsOf(api[name].prototype))};`).join('\n')}
`;
  // Inside the repository, where the compiler finds @types/node.
  const folder = join(root, 'node_modules/.cache/dspx-exports');
  mkdirSync(folder, { recursive: true });
  try {
    const { compilerOptions } = require('../types/tsconfig.json');
    const paths = { 'dspx-rs': [join(root, 'index.d.ts')] };
    writeFileSync(join(folder, 'exports.ts'), program);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, paths }, files: ['exports.ts'] }),
    );
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
      { encoding: 'utf8' },
    );
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** `export …`, and what begins a member of an interface or a class. */
const EXPORT = /^export (?!\{)/;
const MEMBER = /^ {2}(?!private |constructor\b)(static |readonly )*[\w$]+\??[(:<=].*[^,]$/;

test('everything in index.d.ts is documented', () => {
  let inside = false;
  let before = '';
  const bare = [];
  for (const line of readFileSync(join(root, 'index.d.ts'), 'utf8').split('\n')) {
    if (EXPORT.test(line) || line === '}') inside = /^export (interface|class) /.test(line) && !line.endsWith('}');
    const declares = EXPORT.test(line) || (inside && MEMBER.test(line));
    if (declares && !before.endsWith('*/')) bare.push(line);
    before = line;
  }
  expect(bare).toEqual([]);
});
