const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { dirname, join, relative } = require('node:path');
const { createDspPipeline } = require('../..');

const root = join(__dirname, '../..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs'), { recursive: true })
  .filter((file) => file.endsWith('.md')).map((file) => join('docs', file))];

/** Runs a code block as its reader would: as a module of a project that has the package. */
function run(code) {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: root, encoding: 'utf8' });
}

const blocksOf = (page, language = 'js') =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code);

/** Pages whose blocks run in tests of their own, because they need servers. */
const ELSEWHERE = ['KAFKA_INTEGRATION', 'kafka-streams', 'observability'].map((page) => join('docs', `${page}.md`));
const withCode = pages.filter((page) => !ELSEWHERE.includes(page) && blocksOf(page).length > 0);

test('the guides and the page of every family have code', () => {
  const families = readdirSync(join(root, 'docs/stages')).map((file) => join('docs/stages', file));
  expect(withCode).toEqual(expect.arrayContaining(['README.md', ...families, ...['getting-started', 'migration', 'streams'].map((p) => join('docs', `${p}.md`))]));
});

describe.each(withCode)('code blocks of %s', (page) => {
  const blocks = blocksOf(page);

  test.each(blocks)('block %# prints what it says', (code) => {
    const promised = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(run(code).trimEnd().split('\n')).toEqual(promised);
  });
});

test('the state shown in docs/state-format.md has the keys of one', async () => {
  const shown = JSON.parse(blocksOf('docs/state-format.md', 'jsonc')[0].replace(/\/\/ .*$/gm, ''));
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

test('docs/index.md names every page', () => {
  const index = read('docs/index.md');
  const others = pages.filter((page) => page.startsWith('docs') && page !== join('docs', 'index.md'));
  expect(others.filter((page) => !index.includes(`(${relative('docs', page).replaceAll('\\', '/')})`))).toEqual([]);
});

/** The anchors of a page, as GitHub and VitePress make them of headings. */
const anchorsOf = (page) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

test.each(pages)('%s links only to files and headings that are there', (page) => {
  const prose = read(page).replace(/^```.*?^```$/gms, '');
  const links = [...prose.matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)/g)];
  const dead = links.filter(([, link, anchor]) => {
    const file = link ? join(dirname(page), link) : page;
    return !existsSync(join(root, file)) || (anchor && !anchorsOf(file).includes(anchor));
  });
  expect(dead.map(([text]) => text)).toEqual([]);
});
