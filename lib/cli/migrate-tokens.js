'use strict';

/**
 * Splits JavaScript and TypeScript into tokens, well enough to find imports and calls: comments, strings, templates and
 * regular expressions are told from code. An apostrophe in the words between JSX tags may look like a string that is
 * not closed; such a quote is a sign of its own, and reading continues behind it.
 */

/**
 * @typedef {object} Token
 * @property {'word' | 'string' | 'template' | 'sign' | 'regex' | 'comment' | 'end'} type
 * @property {string} text the token as written; of a string what is between its quotes
 * @property {number} start offset of `text`
 * @property {number} end
 */

const WORD = /[\p{ID_Start}$_#\d][\p{ID_Continue}$\u200c\u200d]*/uy;
const STRING = /'((?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*)'|"((?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*)"/y;
const COMMENT = /\/\/.*|\/\*[\s\S]*?\*\/|^#!.*/y;
const REGEX = /\/(?![*/])(?:[^\\/[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+\/\w*/y;
/** A piece of a template: to its end, or to where code begins in it. */
const PIECE = /((?:[^`\\$]|\\[\s\S]|\$(?!\{))*)(`|\$\{)/y;

/** Words after which a slash begins a regular expression. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'else',
  'do',
  'instanceof',
  'yield',
  'await',
]);
const WITH_CONDITION = new Set(['if', 'while', 'for', 'with']);
/** Signs and words after which a brace begins an object or a piece of one, not a block. */
const BEFORE_OBJECT = new Set([
  ...'(,=:?[&|!+-*',
  'return',
  'typeof',
  'of',
  'in',
  'case',
  'default',
  'await',
  'yield',
  'new',
]);

/**
 * @param {RegExp} expression a sticky one
 * @param {string} text
 * @param {number} at
 * @returns {RegExpExecArray | null} its match at a place
 */
function matchAt(expression, text, at) {
  expression.lastIndex = at;
  return expression.exec(text);
}

class Tokenizer {
  #text;
  #at = 0;
  /** The kinds of the open brackets, outermost first. */
  #open = /** @type {('template' | 'condition' | 'expression' | 'block')[]} */ ([]);
  /** The last token that is no comment, and whether a closing bracket ended an expression. */
  #last = /** @type {Token | undefined} */ (undefined);
  #endsExpression = false;
  /** @type {Token[]} */
  tokens = [];

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  read() {
    while (this.#at < this.#text.length) this.#next();
    return this.tokens;
  }

  #next() {
    const character = this.#text[this.#at];
    if (/\s/.test(character)) this.#at++;
    else if (
      !(this.#comment() || this.#string() || this.#template(character) || this.#regex(character) || this.#word())
    ) {
      this.#sign(character);
    }
  }

  /**
   * @param {Token['type']} type
   * @param {string} text
   * @param {number} start
   * @param {number} end where reading continues
   */
  #add(type, text, start, end) {
    const token = { type, text, start, end: start + text.length };
    this.tokens.push(token);
    this.#at = end;
    if (type !== 'comment') this.#last = token;
    return true;
  }

  #comment() {
    const found = matchAt(COMMENT, this.#text, this.#at);
    return found !== null && this.#add('comment', found[0], this.#at, COMMENT.lastIndex);
  }

  #string() {
    const found = matchAt(STRING, this.#text, this.#at);
    return found !== null && this.#add('string', found[1] ?? found[2], this.#at + 1, STRING.lastIndex);
  }

  #word() {
    const found = matchAt(WORD, this.#text, this.#at);
    return found !== null && this.#add('word', found[0], this.#at, WORD.lastIndex);
  }

  /** @param {string} character */
  #regex(character) {
    if (character !== '/' || !this.#regexMayBegin()) return false;
    const found = matchAt(REGEX, this.#text, this.#at);
    return found !== null && this.#add('regex', found[0], this.#at, REGEX.lastIndex);
  }

  #regexMayBegin() {
    const last = this.#last;
    if (!last) return true;
    if (last.type === 'word') return BEFORE_REGEX.has(last.text);
    if (last.type !== 'sign') return false;
    if (last.text === ')' || last.text === '}') return !this.#endsExpression;
    return last.text !== ']' && last.text !== '<';
  }

  /** @param {string} character */
  #template(character) {
    if (character === '`') return this.#piece(true);
    if (character === '}' && this.#open.at(-1) === 'template') {
      this.#open.pop();
      return this.#piece(false);
    }
    return false;
  }

  /**
   * A template without code in it is a string.
   *
   * @param {boolean} isFirst
   */
  #piece(isFirst) {
    const found = matchAt(PIECE, this.#text, this.#at + 1);
    if (!found) return false;
    const [, text, end] = found;
    if (end === '${') this.#open.push('template');
    return this.#add(isFirst && end === '`' ? 'string' : 'template', text, this.#at + 1, PIECE.lastIndex);
  }

  /** @param {string} character */
  #sign(character) {
    if (character === '(') this.#open.push(WITH_CONDITION.has(this.#last?.text ?? '') ? 'condition' : 'expression');
    else if (character === '{') this.#open.push(this.#isObject() ? 'expression' : 'block');
    else if (character === ')' || character === '}') this.#endsExpression = this.#open.pop() === 'expression';
    this.#add('sign', character, this.#at, this.#at + 1);
  }

  #isObject() {
    return this.#last !== undefined && this.#last.type !== 'string' && BEFORE_OBJECT.has(this.#last.text);
  }
}

/**
 * @param {string} text
 * @returns {Token[]} the tokens of a program, in order
 */
const tokensOf = (text) => new Tokenizer(text).read();

/**
 * @param {string} text
 * @returns {(offset: number) => number} the line of an offset, from 1
 */
function linesOf(text) {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

module.exports = { linesOf, tokensOf };
