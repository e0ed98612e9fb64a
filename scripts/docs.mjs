// npm run docs: builds the documentation site from docs/ and index.d.ts into website/dist, and follows its links. Needs
// no network once the site's own packages are installed (which it does).
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { arrangeApi } from './lib/api-pages.mjs';
import { checkSite } from './lib/site-links.mjs';
import { main, root, run } from './lib/process.mjs';

const website = join(root, 'website');
const src = join(website, '.src');
const program = (/** @type {string[]} */ ...path) => join(website, 'node_modules', ...path);

/**
 * Links of `docs/<file>` that leave docs/ go to the repository.
 *
 * @param {string} text
 * @param {string} file
 * @param {string} base
 */
function linkOut(text, file, base) {
  return text.replace(/\]\((\.\.\/[^)]*)\)/g, (whole, link) => {
    const target = posix.join('docs', posix.dirname(file), link);
    return target.startsWith('docs/') ? whole : `](${base}/${target})`;
  });
}

const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const base = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main`;

/** Copies the guides; gives their texts by name. */
function copyPages() {
  rmSync(src, { recursive: true, force: true });
  cpSync(join(root, 'docs'), src, { recursive: true });
  cpSync(join(website, 'public'), join(src, 'public'), { recursive: true });
  const texts = new Map();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))) {
    const path = join(src, file);
    const name = file.replaceAll('\\', '/');
    texts.set(name, linkOut(readFileSync(path, 'utf8'), name, base));
    writeFileSync(path, texts.get(name));
  }
  return texts;
}

/** The reference, one Markdown page for each kind of name in index.d.ts. */
function writeApi() {
  run(process.execPath, [
    program('typedoc/bin/typedoc'),
    '--plugin',
    program('typedoc-plugin-markdown/dist/index.js'),
    '--entryPoints',
    'index.d.ts',
    '--tsconfig',
    '__tests__/types/tsconfig.json',
    '--out',
    join(src, 'api'),
    '--name',
    'API',
    '--readme',
    'none',
    '--router',
    'kind',
    '--skipErrorChecking',
    '--hideBreadcrumbs',
    '--hidePageHeader',
    '--excludeExternals',
    '--entryFileName',
    'index.md',
    '--parametersFormat',
    'table',
    '--interfacePropertiesFormat',
    'table',
    '--disableGit',
    '--sourceLinkTemplate',
    `${base}/{path}#L{line}`,
    '--logLevel',
    'Error',
  ]);
}

main(() => {
  if (!existsSync(program('vitepress'))) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: website });
  }
  const guides = copyPages();
  writeApi();
  arrangeApi(join(src, 'api'), guides);
  run(process.execPath, [program('vitepress/bin/vitepress.js'), 'build', website]);
  console.log(`${checkSite(join(website, 'dist'))} links lead somewhere`);
  console.log(join(website, 'dist'));
});
