'use strict';

/**
 * Which of the deliberate differences to dspx a program touches. The list is made from docs/migration.md
 * (scripts/migration-notes.mjs): a function is `name` there, a method `.name`, an option
 * `{ key }`, with `value` (a number or truth value) or `text` where only that one counts.
 */

/** @typedef {{ key: string, value?: string, text?: string }} Option */
/** @typedef {{ text: string, calls?: string[], options?: Option[] }} Difference */
/** @typedef {import('./migrate-tokens.js').Token} Token */

/** @type {Difference[]} */
const DIFFERENCES = require('./migrate-differences.json');

/** Methods of arrays and others, too: these count only with an object as their first argument. */
const WITH_OBJECT = new Set(['filter']);

const isStage = (/** @type {string} */ name) => /^[A-Z]/.test(name);

class Program {
  #tokens;

  /** @param {Token[]} tokens */
  constructor(tokens) {
    this.#tokens = tokens.filter(({ type }) => type !== 'comment');
  }

  /**
   * @param {number} i
   * @param {string} text
   */
  #is(i, text) {
    const token = this.#tokens[i];
    return token !== undefined && token.type !== 'string' && token.text === text;
  }

  /**
   * `name(`, `new Name`, `Name.…`, but no member, declaration or key of that name.
   *
   * @param {number} i
   */
  #isFunction(i) {
    if (this.#is(i - 1, '.') || this.#is(i - 1, 'function') || this.#is(i - 1, 'class')) return false;
    return this.#is(i + 1, '(') || this.#is(i + 1, '.') || this.#is(i - 1, 'new');
  }

  /**
   * @param {number} i
   * @param {string} name
   */
  #isMethod(i, name) {
    const call = this.#is(i + 1, '(')
      ? i + 1
      : this.#is(i + 1, '?') && this.#is(i + 2, '.') && this.#is(i + 3, '(')
        ? i + 3
        : -1;
    return this.#is(i - 1, '.') && call >= 0 && (!WITH_OBJECT.has(name) || this.#is(call + 1, '{'));
  }

  /**
   * @param {number} i
   * @param {Option} option
   */
  #isOption(i, { value, text }) {
    const any = value === undefined && text === undefined;
    if (!this.#is(i + 1, ':'))
      return any && (this.#is(i - 1, ',') || this.#is(i - 1, '{')) && (this.#is(i + 1, ',') || this.#is(i + 1, '}'));
    const given = this.#tokens[i + 2];
    return any || (given?.text === (text ?? value) && (given.type === 'string') === (text !== undefined));
  }

  /**
   * Where each name of a call, and each option, occurs.
   *
   * @param {Difference} difference
   * @param {boolean} isUser
   */
  places({ calls = [], options = [] }, isUser) {
    /** @type {number[]} */
    const places = [];
    this.#tokens.forEach(({ type, text, start }, i) => {
      if (type !== 'word' || !(isUser || isStage(text))) return;
      const called =
        (calls.includes(text) && this.#isFunction(i)) || (calls.includes(`.${text}`) && this.#isMethod(i, text));
      const given = options.some((option) => option.key === text && this.#isOption(i, option));
      if (called || given) places.push(start);
    });
    return places;
  }
}

/**
 * @param {Token[]} tokens of a program
 * @param {boolean} isUser whether it imports dspx; one that does not may still be handed pipelines, whose stages have
 *   names that little else has
 * @returns {{ difference: Difference, offsets: number[] }[]} each difference that it touches, and where
 */
function differencesIn(tokens, isUser) {
  const program = new Program(tokens);
  return DIFFERENCES.map((difference) => ({ difference, offsets: program.places(difference, isUser) })).filter(
    ({ offsets }) => offsets.length > 0,
  );
}

module.exports = { DIFFERENCES, differencesIn };
