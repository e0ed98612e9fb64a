const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { dirname, join, relative } = require('node:path');
const { createDspPipeline } = require('../..');
const { blocksOf, expectPasted, promisesOf } = require('../support/pasted.js');

const root = join(__dirname, '../..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const pagesIn = (folder) => readdirSync(join(root, folder), { recursive: true })
  .filter((file) => file.endsWith('.md')).map((file) => join(folder, file));
const pages = [
  'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...pagesIn('docs'), ...pagesIn('examples'),
];

/** Pages whose blocks run in tests of their own, beside the servers that they need. */
const ELSEWHERE = ['KAFKA_INTEGRATION', 'kafka-streams', 'observability'].map((page) => join('docs', `${page}.md`));
const withCode = pages.filter((page) => !ELSEWHERE.includes(page) && blocksOf(page).length > 0);

test('the guides and the page of every family have code', () => {
  const families = readdirSync(join(root, 'docs/stages')).map((file) => join('docs/stages', file));
  const guides = ['getting-started', 'migration', 'streams'].map((page) => join('docs', `${page}.md`));
  expect(withCode).toEqual(expect.arrayContaining(['README.md', ...families, ...guides]));
});

describe.each(withCode)('code blocks of %s', (page) => {
  test.each(blocksOf(page))('block %# runs as pasted (%s)', async (_title, code) => {
    expect(promisesOf(code).length).toBeGreaterThan(0);
    await expectPasted(code);
  });
});

/** `ts`, `rust` and `text` show what other files hold or what is written; tests of their own read them. */
const LANGUAGES = ['js', 'sh', 'json', 'jsonc', 'mermaid', 'rust', 'text', 'ts'];

test.each(pages)('%s has no block in a language that no test knows', (page) => {
  const fences = [...read(page).matchAll(/^```(.*)\n[\s\S]*?^```$/gm)].map(([, language]) => language);
  expect(fences.filter((language) => !LANGUAGES.includes(language))).toEqual([]);
});

test.each(pages)('the commands of %s name scripts, files and commands that are there', (page) => {
  const { scripts } = JSON.parse(read('package.json'));
  const help = read('lib/cli/main.js');
  const known = {
    npm: ([first, name = first]) => first !== 'run' || name in scripts,
    node: (args) => existsSync(join(root, args.find((arg) => !arg.startsWith('-')) ?? '')),
    npx: ([name, command]) => name !== 'dspx-rs' || help.includes(`dspx-rs ${command} `),
  };
  const commands = blocksOf(page, 'sh').flatMap(([, code]) => code.trim().split('\n'))
    .map((line) => line.replace(/ +#.*$/, '').replace(/^(?:[A-Z_]+=\S+ |cat \S+ \| )*/, '').split(/\s+/));
  expect(commands.filter(([program, ...args]) => !(known[program] ?? (() => true))(args))).toEqual([]);
});

test('the state shown in docs/state-format.md has the keys of one', async () => {
  const shown = JSON.parse(blocksOf('docs/state-format.md', 'jsonc')[0][1].replace(/\/\/ .*$/gm, ''));
  const saved = JSON.parse(await createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 3 }).saveState());
  expect(Object.keys(shown).sort()).toEqual(Object.keys(saved).sort());
  expect(Object.keys(shown.stages[0]).sort()).toEqual(Object.keys(saved.stages[0]).sort());
});

test('the page of its family names every stage', () => {
  const families = readdirSync(join(root, 'docs/stages')).map((file) => read(join('docs/stages', file))).join('');
  const methods = require('../../lib/native/addon.js').stages().map(({ method }) => method);
  expect(methods.length).toBeGreaterThan(40);
  expect(methods.filter((method) => !new RegExp(`\`${method}\\b`).test(families))).toEqual([]);
});

describe('examples', () => {
  const code = pages.flatMap((page) => blocksOf(page)).map(([, text]) => text).join('\n');
  const shows = (pattern) => new RegExp(pattern).test(code);
  const methodsOf = (prototype) =>
    Object.getOwnPropertyNames(prototype).filter((name) => !/^(constructor$|_)/.test(name));
  const dspx = require('../..');

  test('show every function and class of the package', () => {
    expect(Object.keys(dspx).filter((name) => !shows(`\\b${name}\\b`))).toEqual([]);
  });

  test('show every method of a pipeline', () => {
    const isShown = (name) => shows(`\\.${name}\\(`) || name === 'toJSON'; // which JSON.stringify calls
    expect(methodsOf(Object.getPrototypeOf(createDspPipeline())).filter((name) => !isShown(name))).toEqual([]);
  });

  test('show every method of every other class', () => {
    const classes = Object.entries(dspx).filter(([name, value]) => value?.prototype && name !== 'DspProcessor');
    const missing = classes.flatMap(([name, { prototype }]) =>
      methodsOf(prototype).filter((method) => !shows(`\\.${method}\\b`)).map((method) => `${name}.${method}`));
    expect(missing).toEqual([]);
  });
});

test('docs/index.md names every page', () => {
  const index = read('docs/index.md');
  const others = pages.filter((page) => page.startsWith('docs') && page !== join('docs', 'index.md'));
  expect(others.filter((page) => !index.includes(`(${relative('docs', page).replaceAll('\\', '/')})`))).toEqual([]);
});

/** The anchors of a page, as GitHub and VitePress make them of headings. */
const anchorsOf = (page) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(pages)('%s links only to files and headings that are there', (page) => {
  const prose = read(page).replace(/^```.*?^```$/gms, '');
  const links = [...prose.matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)/g)];
  const dead = links.filter(([, link, anchor]) => {
    const file = link ? join(dirname(page), link) : page;
    return !existsSync(join(root, file)) || (anchor && !anchorsOf(file).includes(anchor));
  });
  expect(dead.map(([text]) => text)).toEqual([]);
});
