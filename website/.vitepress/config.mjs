import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const src = new URL('../.src/', import.meta.url);
const { version, repository } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const source = repository.url.replace(/^git\+|\.git$/g, '');

const title = (file) =>
  readFileSync(new URL(file, src), 'utf8')
    .match(/^# (.+)$/m)?.[1]
    .replaceAll('\\', '') ?? file;
const entry = (file) => ({ text: title(file), link: `/${file.replace(/\.md$/, '')}` });
const pagesIn = (folder) =>
  (existsSync(new URL(folder, src)) ? readdirSync(new URL(folder, src)) : [])
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => `${folder}${file}`);

/** Pages that are read in this order; all others of docs/ follow by name. */
const FIRST = ['getting-started.md', 'migration.md', 'formats.md', 'events.md', 'streams.md', 'files.md', 'command-line.md'];
const LAST = ['speed.md', 'architecture.md', 'adding-a-stage.md', 'numerics.md', 'state-format.md'];
const pages = pagesIn('').filter((file) => file !== 'index.md');
const rest = pages.filter((file) => !FIRST.includes(file) && !LAST.includes(file));
const there = (files) => files.filter((file) => pages.includes(file)).map(entry);
const api = existsSync(new URL('api/index.md', src))
  ? [
      { text: 'By task', link: '/api/' },
      { text: 'DspProcessor (pipelines)', link: '/api/classes/DspProcessor' },
      { text: 'createDspPipeline', link: '/api/functions/createDspPipeline' },
    ]
  : [];

export default defineConfig({
  title: 'dspx-rs',
  description: 'Streaming digital signal processing for Node.js',
  srcDir: '.src',
  outDir: 'dist',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }]],
  // Pages are Markdown alone: what looks like a tag is text.
  markdown: { html: false },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/getting-started' },
      { text: 'Examples', link: '/examples/pipelines' },
      { text: 'API', link: '/api/' },
      { text: `v${version}`, link: `${source}/blob/main/CHANGELOG.md` },
    ],
    socialLinks: [{ icon: 'github', link: source }],
    editLink: { pattern: `${source}/blob/main/docs/:path`, text: 'Source of this page' },
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            // Guides before examples, these before the reference; tables of coefficients and types come last.
            boostDocument: (id) => {
              if (/\/api\/(variables|types|interfaces|enums|modules)\//.test(id)) return 0.1;
              if (id.includes('/api/')) return 0.5;
              return id.includes('/examples/') ? 1 : 3;
            },
          },
        },
      },
    },
    sidebar: [
      { text: 'Guide', items: there(FIRST) },
      { text: 'Stages', items: pagesIn('stages/').map(entry) },
      { text: 'Examples', items: pagesIn('examples/').map(entry) },
      { text: 'Topics', items: there(rest) },
      { text: 'Inside', items: there(LAST) },
      ...(api.length ? [{ text: 'Reference', items: api }] : []),
    ],
  },
  // The reference is made from the types; its entries link to their lines.
  transformPageData: (page) =>
    page.relativePath.startsWith('api/') ? { frontmatter: { ...page.frontmatter, editLink: false } } : undefined,
});
