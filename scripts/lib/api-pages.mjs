// Arranges what TypeDoc writes: long classes become a page for each method, every entry gets an example of the guides,
// and the first page lists everything by task.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A class with more methods than this gets a page for each of them. */
const MANY = 8;
/** The pages of examples, whose sections are the tasks. */
const EXAMPLES = ['examples/pipelines.md', 'examples/functions.md', 'examples/classes.md'];

const slug = (/** @type {string} */ name) => name.toLowerCase();

/** @typedef {{ page: string, heading: string, code: string }} Example */
/** @typedef {{ title: string, text: string, words: Set<string>, link: string }} Section */
/** @typedef {Map<string, { method: string, section: string }>} Moved */

/**
 * The js blocks of the guides, each with the heading above it.
 *
 * @param {Map<string, string>} docs
 */
function examplesIn(docs) {
  /** @type {Example[]} */
  const examples = [];
  for (const [page, text] of docs) {
    let heading = '';
    for (const [, title, code] of text.matchAll(/^#+ (.+)$|^```js\n([\s\S]*?)^```$/gm)) {
      if (title) heading = title;
      else examples.push({ page, heading, code });
    }
  }
  return examples;
}

/**
 * The sections of the pages of examples: title, text, the words of their headings, and a link.
 *
 * @param {Map<string, string>} docs
 * @returns {Section[]}
 */
function sectionsIn(docs) {
  return EXAMPLES.flatMap((page) =>
    (docs.get(page) ?? '')
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => {
        const [title] = text.slice(3).split('\n');
        const words = new Set([...text.matchAll(/^### (.+)$/gm)].flatMap(([, heading]) => heading.split(/[^\w]+/)));
        const anchor = title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-');
        return { title, text, words, link: `../${page}#${anchor}` };
      }),
  );
}

class Api {
  #folder;
  #examples;
  #sections;
  #pages = /** @type {Map<string, string>} */ (new Map());

  /**
   * @param {string} folder
   * @param {Map<string, string>} docs
   */
  constructor(folder, docs) {
    this.#folder = folder;
    this.#examples = examplesIn(docs);
    this.#sections = sectionsIn(docs);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
      file.replaceAll('\\', '/'),
    )) {
      if (name.endsWith('.md')) this.#pages.set(name, readFileSync(join(folder, name), 'utf8'));
    }
  }

  /**
   * The block that shows `name` best: one under a heading that names it, else the shortest one that uses it.
   *
   * @param {string} name
   * @param {string} [owner] the class of a method
   */
  #example(name, owner = name) {
    const uses = new RegExp(owner === name ? `\\b${name}\\b` : `\\.${name}\\b`);
    const named = (/** @type {Example} */ { heading }) =>
      Number(heading.split(/[^\w.]+/).some((word) => word === name || word === owner));
    const shorter = (/** @type {Example} */ a, /** @type {Example} */ b) =>
      named(b) - named(a) || a.code.length - b.code.length;
    return this.#examples.filter(({ code }) => uses.test(code)).sort(shorter)[0];
  }

  /**
   * @param {string} name
   * @param {string} [owner]
   */
  #exampleText(name, owner) {
    const example = this.#example(name, owner);
    return example ? `\n## Example\n\n\`\`\`js\n${example.code}\`\`\`\n` : '';
  }

  /**
   * A page for each method of a class with many of them.
   *
   * @param {string} name
   * @param {string} text
   */
  #split(name, text) {
    const [head, methods] = text.split(/^## Methods\n/m);
    const sections = (methods ?? '').split(/^\*\*\*\n\n(?=### )/m);
    if (sections.length <= MANY) return;
    const owner = name.replace(/^.*\/|\.md$/g, '');
    /** @type {string[]} */
    const rest = [];
    /** @type {{ method: string, summary: string }[]} */
    const links = [];
    /** @type {Moved} */
    const moved = new Map();
    for (const section of sections) {
      const [, method] = /^### (\w+)\(\)/m.exec(section) ?? [];
      if (method) moved.set(slug(method), { method, section: section.trim() });
      else rest.push(section.trim());
    }
    for (const { method, section } of moved.values()) {
      const body = section
        .replace(/^### .*\n/, '')
        .replace(/^##(#+) /gm, '$1 ')
        .replace(/\]\(\.\.\//g, '](../../')
        .replace(/\]\((\w+\.md)/g, '](../$1')
        .replace(/\]\(#(\w+)\)/g, (whole, to) => (moved.has(to) ? `](${moved.get(to)?.method}.md)` : whole));
      const back = `[${owner}](../${owner}.md)`;
      this.#pages.set(
        name.replace(/\.md$/, `/${method}.md`),
        `# ${owner}.${method}()\n\nA method of ${back}.\n\n${body}\n${this.#exampleText(method, owner)}`,
      );
      links.push({ method, summary: this.#summary(section) });
    }
    this.#pages.set(
      name,
      [
        `${head}${this.#exampleText(owner)}`,
        '## Methods',
        this.#methodTables(owner, links),
        rest.join('\n\n***\n\n'),
        '',
      ].join('\n\n'),
    );
    this.#relink(owner, moved);
  }

  /**
   * Methods by the task that they are for.
   *
   * @param {string} owner
   * @param {{ method: string, summary: string }[]} links
   */
  #methodTables(owner, links) {
    const row = (/** @type {{ method: string, summary: string }} */ { method, summary }) =>
      `| [${method}](${owner}/${method}.md) | ${summary} |`;
    const table = (/** @type {typeof links} */ list) => `| method | |\n|---|---|\n${list.map(row).join('\n')}`;
    if (owner !== 'DspProcessor') return table(links);
    const tasks = [...this.#sections, undefined].map((task) => ({
      task,
      list: links.filter(({ method }) => this.#taskOf(method) === task),
    }));
    return tasks
      .filter(({ list }) => list.length > 0)
      .map(({ task, list }) => `### ${task?.title ?? 'Others'}\n\n${table(list)}`)
      .join('\n\n');
  }

  /**
   * Links to the sections that have become pages.
   *
   * @param {string} owner
   * @param {Moved} moved
   */
  #relink(owner, moved) {
    const link = new RegExp(`\\]\\(([^)]*?)${owner}\\.md#(\\w+)\\)`, 'g');
    for (const [name, text] of this.#pages) {
      this.#pages.set(
        name,
        text.replace(link, (_, path, to) =>
          moved.has(to) ? `](${path}${owner}/${moved.get(to)?.method}.md)` : `](${path}${owner}.md)`,
        ),
      );
    }
  }

  /**
   * The section of the examples that names something in a heading, else one that uses it.
   *
   * @param {string} name
   */
  #taskOf(name) {
    const used = new RegExp(`\\b${name}\\b`);
    return this.#sections.find(({ words }) => words.has(name)) ?? this.#sections.find(({ text }) => used.test(text));
  }

  /**
   * The first sentence of what a page or a section says.
   *
   * @param {string} text
   */
  #summary(text) {
    const lines = text.split('\n').filter((line) => line && !/^(#|>|\*\*\*|\||- |Defined in|\[\*\*|```)/.test(line));
    return (lines[0] ?? '')
      .split(/(?<=\.) /)[0]
      .replaceAll('|', '\\|')
      .replace(/\\\\\|/g, '\\|')
      .replace(/\[((?:[^[\]]|\[[^\]]*\])*)\]\([^)]*\)/g, '$1');
  }

  #index() {
    const entries = [...this.#pages]
      .filter(([name]) => /^(functions|classes|variables|enums)\/[^/]+\.md$/.test(name))
      .map(([name, text]) => ({ name, text, title: name.replace(/^.*\/|\.md$/g, '') }));
    const tasks = [...this.#sections, undefined].map((task) => {
      const list = entries.filter(({ title }) => this.#taskOf(title.replace(/Async$/, '')) === task);
      if (list.length === 0) return '';
      const rows = list.map(({ name, text, title }) => `| [${title}](${name}) | ${this.#summary(text)} |`);
      const examples = task ? `[Examples](${task.link})\n\n` : '';
      return `## ${task?.title ?? 'Others'}\n\n${examples}| name | |\n|---|---|\n${rows.join('\n')}\n`;
    });
    const types = [...this.#pages.keys()].filter((name) => /^(interfaces|types)\/[^/]+\.md$/.test(name));
    const list = types.map((name) => `[${name.replace(/^.*\/|\.md$/g, '')}](${name})`).join(' · ');
    const intro =
      'Everything that `dspx-rs` exports, by task. [DspProcessor](classes/DspProcessor.md) lists the stages.';
    this.#pages.set('index.md', `# API\n\n${intro}\n\n${tasks.filter(Boolean).join('\n')}\n## Types\n\n${list}\n`);
  }

  /** Rows of tables have anchors as tags, which the site shows as text: without them, links go to the page. */
  #dropAnchors() {
    const tag = /<a id="([^"]+)"><\/a> ?/g;
    const dropped = new Set();
    for (const [name, text] of this.#pages) {
      for (const [, id] of text.matchAll(tag)) dropped.add(`${name.replace(/^.*\//, '')}#${id}`);
      this.#pages.set(name, text.replace(tag, ''));
    }
    for (const [name, text] of this.#pages) {
      this.#pages.set(
        name,
        text.replace(/([\w.-]+\.md)#([\w-]+)\)/g, (whole, page, id) =>
          dropped.has(`${page}#${id}`) ? `${page})` : whole,
        ),
      );
    }
  }

  arrange() {
    for (const [name, text] of [...this.#pages]) {
      const [, kind, title] = /^(functions|classes|variables)\/([^/]+)\.md$/.exec(name) ?? [];
      if (kind === 'classes') this.#split(name, text);
      if (kind && this.#pages.get(name) === text) this.#pages.set(name, text + this.#exampleText(title));
    }
    this.#index();
    this.#dropAnchors();
    for (const [name, text] of this.#pages) {
      mkdirSync(join(this.#folder, name, '..'), { recursive: true });
      writeFileSync(join(this.#folder, name), text);
    }
  }
}

/**
 * Rewrites the pages of the reference.
 *
 * @param {string} folder where they are
 * @param {Map<string, string>} docs the texts of the guides by their names
 */
export const arrangeApi = (folder, docs) => new Api(folder, docs).arrange();
