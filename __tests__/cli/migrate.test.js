'use strict';
const { spawnSync } = require('node:child_process');
const {
  chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync,
} = require('node:fs');
const { dirname, join, resolve } = require('node:path');
const { linesOf, tokensOf } = require('../../lib/cli/migrate-tokens.js');
const { specifiersOf } = require('../../lib/cli/migrate-specifiers.js');
const { DIFFERENCES, differencesIn } = require('../../lib/cli/migrate-differences.js');
const { workplace } = require('./support.js');

const root = resolve(__dirname, '../..');
const { version } = require('../../package.json');

/** The program after the change. */
function migrated(text) {
  const { edits } = specifiersOf(text, tokensOf(text));
  return edits.reduceRight((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), text);
}
const leftIn = (text) => specifiersOf(text, tokensOf(text)).left.map((found) => found.text);

test.each([
  `import { createDspPipeline } from 'dspx';`,
  `import "dspx";`,
  `import dsp, { type DspProcessor as P, "a-b" as c } from "dspx"`,
  `import * as dspx from 'dspx'`,
  `import type { DspProcessor } from 'dspx';`,
  `import from, { from as of } from 'dspx';`,
  `import {\n  a, // from 'here'\n  /* from "there" */ b,\n} from\n  'dspx';`,
  `export * from 'dspx'; export * as d from 'dspx'; export { a } from 'dspx'; export type { B } from 'dspx';`,
  `import x from 'dspx' with { type: 'json' };`,
  `import dspx = require('dspx');`,
  `const { a } = require( /* why */ 'dspx' ), b = require.resolve("dspx"), c = module.require('dspx');`,
  'const a = require(`dspx`), b = await import(`dspx`);',
  `const p = import.meta.resolve('dspx');`,
  `const load = createRequire(import.meta.url); load('dspx'); load.resolve('dspx');`,
  `const load = module_.createRequire(here); load('dspx');`,
  `const a = [...require('dspx').list, ...x];`,
  `jest.mock('dspx', () => ({ ...jest.requireActual<typeof import('dspx')>('dspx') }));`,
  `vi.mock('x').doMock('dspx'); await vi.importActual('dspx');`,
  `declare module 'dspx' { interface A {} }`,
  `/** @type {import('dspx').DspProcessor} */ let p;`,
  `/// <reference types="dspx" />`,
  `#!/usr/bin/env node\nrequire('dspx')`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the code that is moved has templates
  'const t = `a ${`b ${require("dspx")} "`} c`;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  'const t = `${{ a: "}" }["a"]}`; require("dspx")',
  `const r = /['"\`/]/g.test(x) ? a / b / require('dspx') : 1;`,
  `if (x) /'/.test(y); require('dspx');`,
  `const o = { a: 1 } / 2; const s = "'"; require('dspx')`,
  `function f() {} /'/.test(require('dspx'))`,
  `const r = /[/'"]+/u, q = require('dspx');`,
  `const s = 'it\\'s'; require('dspx'); const l = 'a\\\nb';`,
  `<p>Don't mix \` and "</p>;\nrequire('dspx')`,
  `const C = () => <a href='x'>{require('dspx')}</a>;`,
])('%j is changed wherever it names the package', (text) => {
  expect(migrated(text)).toBe(text.replace(/(["'`])dspx\1/g, '$1dspx-rs$1'));
});

test.each([
  `// import 'dspx'`,
  `/* require('dspx') */`,
  `const s = "import x from 'dspx'";`,
  'const s = `require("dspx")`;',
  `const r = /require('dspx')/;`,
  `foo.require('dspx'); foo.import('dspx');`,
  `import a from 'dspx-rs'; import b from 'dspxx'; import c from './dspx'; import d from '@x/dspx';`,
  `const external = ['dspx'], key = { import: 'dspx' };`,
  `import a from 'dspx/src/private.js';`,
  `const dspx = 1; log(dspx);`,
])('%j stays', (text) => expect(migrated(text)).toBe(text));

test.each([
  ['dspx/dist/index.js', 'dspx-rs'],
  ['dspx/dist/fft.js', 'dspx-rs'],
  ['dspx/dist', 'dspx-rs'],
  ['dspx/dist/optimal-fir-tables.js', 'dspx-rs/optimal-fir-tables'],
  ['dspx/package.json', 'dspx-rs/package.json'],
])('%s becomes %s, which is there', (from, to) => {
  expect(migrated(`import x from '${from}';`)).toBe(`import x from '${to}';`);
  const { exports } = require('../../package.json');
  expect(exports).toHaveProperty([to.replace('dspx-rs', '.')]);
});

test('texts that may name the package are told, comments are not', () => {
  expect(leftIn(`// require('dspx')\nconst external = ['dspx'];`)).toEqual(['dspx']);
  expect(leftIn(`import a from 'dspx/src/private.js';`)).toEqual(['dspx/src/private.js']);
  expect(leftIn(`const code = "require('dspx')";`)).toEqual(['dspx']);
  expect(leftIn(`<p>Don't {require('dspx')}</p>`)).toEqual(['dspx']);
  expect(leftIn(`import 'dspx'; import 'dspx-rs'; import './dspx';`)).toEqual([]);
});

test('tokens are pieces of the text, in order, for all our own files', () => {
  const filesIn = (folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, name));
  const files = ['lib', 'examples', '__tests__', 'scripts']
    .flatMap(filesIn)
    .filter((name) => /\.[mc]?[jt]s$/.test(name));
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const wrong = tokensOf(text).filter((token, i, all) =>
      token.start < (all[i - 1]?.end ?? 0) || text.slice(token.start, token.end) !== token.text);
    expect([file, wrong]).toEqual([file, []]);
  }
});

test('lines end in all the ways they may', () => {
  const lineOf = linesOf('a\nb\r\nc\rd\u2028e');
  expect([0, 2, 5, 7, 9].map(lineOf)).toEqual([1, 2, 3, 4, 5]);
});

describe('differences', () => {
  const touched = (text, isUser = true) => differencesIn(tokensOf(text), isUser)
    .map(({ difference, offsets }) => [difference.text, offsets.map(linesOf(text))]);
  const about = (text, ...args) => touched(text, ...args).map(([said]) => said).join('\n');

  test('are those of docs/migration.md', () => {
    const script = join(root, 'scripts/migration-notes.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(DIFFERENCES.length).toBeGreaterThan(50);
    for (const { calls = [], options = [] } of DIFFERENCES) expect(calls.length + options.length).toBeGreaterThan(0);
  });

  test('are told with the lines of what touches them', () => {
    const text = `p\n  .filter({ type: 'chebyshev' })\n  .tap(f)\n  .filter({ type: 'fir' })`;
    const found = new Map(touched(text));
    expect([...found.entries()].find(([said]) => said.startsWith('a frequency of'))[1]).toEqual([2, 4]);
    expect([...found.entries()].find(([said]) => said.startsWith('Chebyshev'))[1]).toEqual([2]);
    expect([...found.entries()].find(([said]) => said.startsWith('taps'))[1]).toEqual([3]);
  });

  test('are not told of what looks alike', () => {
    expect(about(`[1].filter((x) => x); x.process; filter({}); const tap = 1; "x.tap()"; // x.tap()`)).toBe('');
    expect(about(`const o = { channels: 2, maxRetries: 3 };`)).toBe('');
    expect(about(`const o = { channels: 0, maxRetries: 0 };`)).toMatch(/^channels: 0.*\nmaxRetries: 0/);
    expect(about(`function stft() {} const o = { stft }; o.stft`)).toBe('');
  });

  test('of stages are told where pipelines are only handed on', () => {
    expect(about('pipeline.LinearRegression({})', false)).toContain('LinearRegression');
    expect(about('pipeline?.LinearRegression?.({})', false)).toContain('LinearRegression');
    expect(about('child.process(1)', false)).toBe('');
  });
});

describe('the command', () => {
  const place = workplace();
  afterAll(() => place.remove());
  const put = (name, text) => {
    mkdirSync(dirname(join(place.folder, name)), { recursive: true });
    writeFileSync(join(place.folder, name), text);
  };
  const manifest = '{\r\n\t"name": "app", "dependencies": { "x": "1", "dspx" : "^1.4.12" },\r\n' +
    '\t"overrides": { "dspx": "1" }\r\n}\r\n';
  const program = `import { createDspPipeline } from 'dspx';\nconst p = createDspPipeline().Rectify();\n` +
    `console.log([...p.processSync(Float32Array.of(-1))].join());\n`;

  beforeAll(() => {
    put('app/package.json', manifest);
    put('app/src/main.mjs', program);
    put('app/src/typed.mts', '\ufeffimport type { DspProcessor } from "dspx";\r\n');
    put('app/src/bytes.js', Buffer.from(`require('dspx') // \xe4`, 'latin1'));
    for (const folder of ['node_modules/x', '.cache', 'dist']) put(`app/${folder}/index.js`, program);
    symlinkSync(join(place.folder, 'app/src'), join(place.folder, 'app/link'), 'junction');
    chmodSync(join(place.folder, 'app/src/main.mjs'), 0o750);
  });

  test('tells on a dry run what it would do, and does nothing', () => {
    const { status, stdout, stderr } = place.cli(['migrate', 'app', '--dry-run']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const line of [
      'Would change:', '  package.json:2: dspx → dspx-rs', `  package.json:2: ^1.4.12 → ^${version}`,
      `  ${join('src', 'main.mjs')}:1: dspx → dspx-rs`, '  package.json:3: overrides.dspx: 1',
      `  ${join('src', 'bytes.js')}`,
    ]) expect(stdout.split('\n')).toContain(line);
    expect(stdout).toContain(`${join('src', 'main.mjs')}:3\n    - generated timestamps`);
    expect(stdout).not.toMatch(/node_modules|link|dist|\.cache/);
    expect(place.text('app/src/main.mjs')).toBe(program);
    expect(place.text('app/package.json')).toBe(manifest);
  });

  test('changes the application, which then runs', () => {
    const { status, stdout } = place.cli(['migrate'], { cwd: join(place.folder, 'app') });
    expect([status, stdout.split('\n')[0]]).toEqual([0, 'Changed:']);
    expect(place.text('app/package.json')).toBe(manifest.replace('"dspx" : "^1.4.12"', `"dspx-rs" : "^${version}"`));
    expect(place.text('app/src/main.mjs')).toBe(program.replace(`'dspx'`, `'dspx-rs'`));
    expect(place.text('app/src/typed.mts')).toBe('\ufeffimport type { DspProcessor } from "dspx-rs";\r\n');
    expect(place.text('app/dist/index.js')).toBe(program);
    if (process.platform !== 'win32') expect(statSync(join(place.folder, 'app/src/main.mjs')).mode & 0o777).toBe(0o750);

    symlinkSync(root, join(place.folder, 'app/node_modules/dspx-rs'), 'junction');
    const ran = spawnSync(process.execPath, ['src/main.mjs'], { cwd: join(place.folder, 'app'), encoding: 'utf8' });
    expect([ran.status, ran.stdout]).toEqual([0, '1\n']);
  });

  test('changes nothing a second time', () => {
    const { status, stdout } = place.cli(['migrate', 'app']);
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, 'Nothing to change.']);
  });

  test.each([
    ['a folder that is not there', ['nowhere'], /nowhere/],
    ['a file', ['file.txt'], /^dspx-rs: file\.txt is not a folder$/],
    ['two folders', ['app', 'app'], /one folder, got 2/],
    ['an unknown option', ['--force'], /--force/],
    ['a package.json that is no JSON', ['broken'], /^dspx-rs: package\.json must hold a JSON object$/],
    ['a package.json that is no object', ['list'], /must hold a JSON object/],
  ])('refuses %s in one line, with status 2, and leaves all files alone', (_what, args, message) => {
    put('file.txt', '');
    for (const [name, text] of [['broken', '{ "dependencies": '], ['list', 'null']]) {
      put(`${name}/package.json`, text);
      put(`${name}/a.js`, program);
    }
    const { status, stdout, stderr } = place.cli(['migrate', ...args]);
    expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr.trimEnd()).toMatch(message);
    if (existsSync(join(place.folder, args[0], 'a.js'))) expect(place.text(join(args[0], 'a.js'))).toBe(program);
  });

  test.each([
    ['a version of another source', '{"dependencies":{"dspx":"file:../dspx"}}'],
    ['a second name', '{"dependencies":{"d":"npm:dspx@1"}}'],
    ['both packages', '{"dependencies":{"dspx":"1","dspx-rs":"1"}}'],
    ['a list', '{"bundleDependencies":{"dspx":true}}'],
  ])('leaves %s in package.json and tells of it', (_what, text) => {
    put('other/package.json', text);
    const { status, stdout } = place.cli(['migrate', 'other']);
    expect(status).toBe(0);
    expect(stdout).toContain('check these yourself');
    expect(place.text('other/package.json')).toBe(text);
  });

  test.each([
    '{"dependencies":{"dspx":"npm:dspx-rs@1"}}',
    '{"name":"dspx-demo","keywords":["dspx"],"dependencies":{"a":{"b":["c"]},"e":"1"}}',
  ])('finds nothing in %s', (text) => {
    put('other/package.json', text);
    expect(place.cli(['migrate', 'other']).stdout).toBe('Nothing to change.\n');
  });
});
