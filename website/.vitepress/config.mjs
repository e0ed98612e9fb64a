import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const src = new URL('../.src/', import.meta.url);
const title = (file) => readFileSync(new URL(file, src), 'utf8').match(/^# (.+)$/m)?.[1].replaceAll('\\', '') ?? file;
const entry = (file) => ({ text: title(file), link: `/${file.replace(/\.md$/, '')}` });

/** Pages that are read in this order; all others of docs/ follow by name. */
const FIRST = ['getting-started.md', 'migration.md', 'formats.md', 'events.md', 'streams.md', 'command-line.md'];
const LAST = ['speed.md', 'architecture.md', 'adding-a-stage.md', 'numerics.md', 'state-format.md'];
const pages = readdirSync(src).filter((file) => file.endsWith('.md') && file !== 'index.md').sort();
const rest = pages.filter((file) => !FIRST.includes(file) && !LAST.includes(file));
const there = (files) => files.filter((file) => pages.includes(file)).map(entry);
const stages = existsSync(new URL('stages/', src)) ? readdirSync(new URL('stages/', src)).sort().map((file) => entry(`stages/${file}`)) : [];
const api = existsSync(new URL('api/README.md', src)) ? [{ text: 'API', link: '/api/' }] : [];

export default defineConfig({
  title: 'dspx-rs',
  description: 'Streaming digital signal processing for Node.js',
  srcDir: '.src',
  outDir: 'dist',
  rewrites: { 'api/README.md': 'api/index.md' },
  // Pages are Markdown alone: what looks like a tag is text.
  markdown: { html: false },
  themeConfig: {
    search: { provider: 'local' },
    sidebar: [
      { text: 'Guide', items: there(FIRST) },
      { text: 'Stages', items: stages },
      { text: 'Topics', items: there(rest) },
      { text: 'Inside', items: there(LAST) },
      ...(api.length ? [{ text: 'Reference', items: api }] : []),
    ],
  },
});
