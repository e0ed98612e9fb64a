'use strict';

/** Where a program names the package dspx as a module. */

/** Modules of dspx with a name of their own here; the others are all in the root. */
const SUBPATHS = new Map([
  ['package.json', 'dspx-rs/package.json'],
  ['dist/optimal-fir-tables.js', 'dspx-rs/optimal-fir-tables'],
  ['dist/optimal-fir-tables', 'dspx-rs/optimal-fir-tables'],
  ['optimal-fir-tables', 'dspx-rs/optimal-fir-tables'],
]);

/**
 * @param {string} specifier
 * @returns {string | undefined} what stands for a module of dspx, if there is anything
 */
function replacementOf(specifier) {
  if (specifier === 'dspx') return 'dspx-rs';
  if (!specifier.startsWith('dspx/')) return undefined;
  const path = specifier.slice('dspx/'.length);
  return SUBPATHS.get(path) ?? (path === 'dist' || path.startsWith('dist/') ? 'dspx-rs' : undefined);
}

/** Methods of test runners that take the name of a module. */
const MOCKS = new Set([
  'mock',
  'unmock',
  'doMock',
  'dontMock',
  'doUnmock',
  'deepUnmock',
  'setMock',
  'requireActual',
  'requireMock',
  'importActual',
  'importMock',
  'createMockFromModule',
  'unstable_mockModule',
  'unstable_unmockModule',
]);

const CLAUSE_SIGNS = new Set([...'{},*']);

/** @typedef {import('./migrate-tokens.js').Token} Token */
/** @typedef {{ text: string, start: number, end: number }} Span */

/** Reads tokens without comments, by place; beyond the end there is an empty one. */
class Reader {
  /** @param {Token[]} tokens */
  constructor(tokens) {
    this.tokens = tokens;
    this.requires = new Set(['require']);
  }

  /** @param {number} i */
  token(i) {
    return this.tokens[i] ?? { type: 'end', text: '', start: -1, end: -1 };
  }

  /**
   * @param {number} i
   * @param {Token['type']} type
   * @param {string} [text]
   */
  is(i, type, text) {
    const token = this.token(i);
    return token.type === type && (text === undefined || token.text === text);
  }

  /**
   * Whether the tokens from `i` on are signs and words of these texts.
   *
   * @param {number} i
   * @param {string[]} texts
   */
  follows(i, ...texts) {
    return texts.every(
      (text, k) => ['sign', 'word'].includes(this.token(i + k).type) && this.token(i + k).text === text,
    );
  }

  /** @param {number} i */
  isMember(i) {
    return this.follows(i - 1, '.') && !this.follows(i - 3, '.', '.', '.');
  }

  /**
   * The place of the string that is the first argument of a call whose bracket is at `i`.
   *
   * @param {number} i
   */
  argument(i) {
    return this.follows(i, '(') && this.is(i + 1, 'string') ? i + 1 : undefined;
  }

  /**
   * Behind `<…>` at `i`, if it is there.
   *
   * @param {number} i
   */
  behindTypes(i) {
    if (!this.follows(i, '<')) return i;
    let depth = 0;
    for (let k = i; k < this.tokens.length; k++) {
      if (this.follows(k, '<')) depth++;
      else if (this.follows(k, '>') && !this.follows(k - 1, '=') && --depth === 0) return k + 1;
      else if (this.follows(k, ';')) return i;
    }
    return i;
  }

  /**
   * `… from 'x'` of an import or export whose clause begins at `i`.
   *
   * @param {number} i
   */
  clause(i) {
    for (let k = i; k < this.tokens.length; k++) {
      if (this.follows(k, 'from') && this.is(k + 1, 'string')) return k + 1;
      const inClause =
        this.is(k, 'word') || this.is(k, 'string') || (this.is(k, 'sign') && CLAUSE_SIGNS.has(this.token(k).text));
      if (!inClause) return undefined;
    }
    return undefined;
  }

  /** @param {number} i */
  fromImport(i) {
    if (this.is(i + 1, 'string')) return i + 1;
    if (this.follows(i + 1, '(')) return this.argument(i + 1);
    if (this.follows(i + 1, '.', 'meta', '.', 'resolve')) return this.argument(i + 5);
    return this.clause(i + 1);
  }

  /** @param {number} i */
  fromRequire(i) {
    if (this.isMember(i) && !this.follows(i - 2, 'module')) return undefined;
    return this.argument(this.follows(i + 1, '.', 'resolve') ? i + 3 : this.behindTypes(i + 1));
  }

  /**
   * Records the name that the result of `createRequire` is assigned to.
   *
   * @param {number} i
   */
  learnRequire(i) {
    const start = this.isMember(i) ? i - 2 : i;
    const name = this.follows(start - 1, '=') ? start - 2 : -1;
    if (this.is(name, 'word')) this.requires.add(this.token(name).text);
  }

  /**
   * The place of the string that names a module in what begins at `i`.
   *
   * @param {number} i
   */
  specifier(i) {
    const { type, text } = this.token(i);
    if (type !== 'word') return undefined;
    if (text === 'createRequire') this.learnRequire(i);
    if (this.requires.has(text)) return this.fromRequire(i);
    if (MOCKS.has(text) && this.isMember(i)) return this.argument(this.behindTypes(i + 1));
    if (this.isMember(i)) return undefined;
    if (text === 'import') return this.fromImport(i);
    if (text === 'export' && (this.follows(i + 1, '*') || this.follows(i + 1, '{') || this.follows(i + 1, 'type')))
      return this.clause(i + 1);
    return text === 'module' && this.follows(i - 1, 'declare') && this.is(i + 1, 'string') ? i + 1 : undefined;
  }
}

/** Modules that comments name for the type checker. */
const IN_DOC_COMMENT = /\bimport\(\s*(["'])([^"'\n]+)\1\s*\)/g;
const IN_REFERENCE = /^\/\/\/\s*<reference\s+types=(["'])([^"'\n]+)\1/g;

/** @param {Token} comment */
function* inComment({ text, start }) {
  const expression = text.startsWith('/**') ? IN_DOC_COMMENT : text.startsWith('///') ? IN_REFERENCE : undefined;
  if (!expression) return;
  for (const found of text.matchAll(expression)) {
    const at = start + found.index + found[0].indexOf(found[1]) + 1;
    yield { text: found[2], start: at, end: at + found[2].length };
  }
}

/** An import as it looks in any text: in a string that is run elsewhere, or where the words of JSX hid the code. */
const LOOKS_LIKE_IMPORT = /(?:\b(?:require|import)\s*\(\s*|\bfrom\s*|\bimport\s*)(["'`])(dspx(?:\/[^"'`\n]*)?)\1/g;

/** @param {string} text */
function* lookalikes(text) {
  for (const found of text.matchAll(LOOKS_LIKE_IMPORT))
    yield { start: found.index + found[0].indexOf(found[1]) + 1, text: found[2] };
}

/**
 * @param {string} program its text
 * @param {import('./migrate-tokens.js').Token[]} tokens
 * @returns `edits`: modules of dspx and what replaces each; `left`: texts that name dspx and are no imports, or modules
 *   that have no counterpart
 */
function specifiersOf(program, tokens) {
  const code = tokens.filter(({ type }) => type !== 'comment');
  const reader = new Reader(code);
  /** @type {Set<Span>} */
  const named = new Set(tokens.flatMap((token) => (token.type === 'comment' ? [...inComment(token)] : [])));
  code.forEach((_, i) => {
    const at = reader.specifier(i);
    if (at !== undefined) named.add(code[at]);
  });

  const edits = [];
  const left = [];
  const texts = new Set([...code.filter(({ type }) => type === 'string'), ...named]);
  for (const token of [...texts].sort((a, b) => a.start - b.start)) {
    const { text, start, end } = token;
    if (text !== 'dspx' && !text.startsWith('dspx/')) continue;
    const replacement = named.has(token) ? replacementOf(text) : undefined;
    if (replacement) edits.push({ start, end, old: text, text: replacement });
    else left.push({ start, text });
  }
  const seen = [...edits, ...left, ...tokens.filter(({ type }) => type === 'comment')];
  for (const found of lookalikes(program)) {
    if (!seen.some(({ start, end = start }) => found.start >= start && found.start <= end)) left.push(found);
  }
  return { edits, left: left.sort((a, b) => a.start - b.start) };
}

module.exports = { replacementOf, specifiersOf };
