const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { dirname, join, relative } = require('node:path');

const root = join(__dirname, '../..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs'), { recursive: true })
  .filter((file) => file.endsWith('.md')).map((file) => join('docs', file))];

/** Runs a code block as its reader would: as a module of a project that has the package. */
function run(code) {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: root, encoding: 'utf8' });
}

const blocksOf = (page) => [...read(page).matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);

/** Pages whose blocks are modules; docs/observability.md has a test of its own. */
describe.each(['README.md', 'docs/getting-started.md', 'docs/migration.md', 'docs/streams.md'])('code blocks of %s', (page) => {
  const blocks = blocksOf(page);

  test('there are some', () => expect(blocks.length).toBeGreaterThan(1));

  test.each(blocks)('block %# prints what it says', (code) => {
    const promised = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(run(code).trimEnd().split('\n')).toEqual(promised);
  });
});

test('docs/index.md names every page', () => {
  const index = read('docs/index.md');
  const others = pages.filter((page) => page.startsWith('docs') && page !== join('docs', 'index.md'));
  expect(others.filter((page) => !index.includes(`(${relative('docs', page).replaceAll('\\', '/')})`))).toEqual([]);
});

test.each(pages)('%s links only to files that are there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, link]) => join(root, dirname(page), link));
  expect(links.filter((link) => !existsSync(link)).map((link) => relative(root, link))).toEqual([]);
});
