'use strict';

/** Tokens of a segment's pattern: exactly one character, and any number of them. `*` is both in a row. */
const ONE_CHARACTER = Symbol('one character');
const ANY_CHARACTERS = Symbol('any characters');
/** The token of a topic's pattern for any number of segments: `**`. */
const ANY_SEGMENTS = Symbol('any segments');

/**
 * Whether the whole of `items` matches `tokens`, where the token `any` stands for any number of items.
 * On a mismatch only the last `any` is widened (an earlier one cannot help), so the time is at most
 * items × tokens and no pattern can make it explode, as it can with regular expressions.
 *
 * @template T, I
 * @param {ArrayLike<T>} tokens
 * @param {ArrayLike<I>} items
 * @param {T} any
 * @param {(token: T, item: I) => boolean} matches
 */
function matchesWhole(tokens, items, any, matches) {
  let t = 0;
  let i = 0;
  let retryToken = -1;
  let retryItem = 0;
  while (i < items.length) {
    if (t < tokens.length && tokens[t] === any) {
      retryToken = ++t;
      retryItem = i;
    } else if (t < tokens.length && matches(tokens[t], items[i])) {
      t++;
      i++;
    } else if (retryToken >= 0) {
      t = retryToken;
      i = ++retryItem;
    } else {
      return false;
    }
  }
  while (t < tokens.length && tokens[t] === any) t++;
  return t === tokens.length;
}

/** @param {string | symbol} token @param {string} character */
const matchesCharacter = (token, character) => token === ONE_CHARACTER || token === character;

/** @param {string} segment one segment of a pattern @returns {(text: string) => boolean} */
function compileSegment(segment) {
  if (!segment.includes('*')) return (text) => text === segment;
  const tokens = segment
    .split('')
    .flatMap((c) => /** @type {(string | symbol)[]} */ (c === '*' ? [ONE_CHARACTER, ANY_CHARACTERS] : [c]));
  return (text) => matchesWhole(tokens, text, ANY_CHARACTERS, matchesCharacter);
}

/** @param {string} pattern @returns {(topic: string) => boolean} */
function compilePattern(pattern) {
  if (!pattern.includes('*')) return (topic) => topic === pattern;
  const tokens = pattern.split('.').map((segment) => (segment === '**' ? ANY_SEGMENTS : compileSegment(segment)));
  /** @type {(token: (typeof tokens)[number], segment: string) => boolean} */
  const matchesSegment = (token, segment) => typeof token === 'function' && token(segment);
  return (topic) => matchesWhole(tokens, topic.split('.'), ANY_SEGMENTS, matchesSegment);
}

/**
 * Compiles a `topicFilter`. A topic passes if one pattern matches it whole. In a pattern `*` stands for one or more
 * characters other than a dot, a segment `**` for any number of segments (none, too); all else is literal.
 *
 * @param {string | string[] | null} [patterns] absent or `''` lets every topic through, `[]` none
 * @returns {(topic: string) => boolean}
 * @throws {TypeError} when a pattern is not a string
 */
function compileTopicFilter(patterns) {
  if (patterns === undefined || patterns === null || patterns === '') return () => true;
  const list = Array.isArray(patterns) ? patterns : [patterns];
  for (const pattern of list) {
    if (typeof pattern !== 'string') {
      throw new TypeError(`topicFilter must be a string or an array of strings, got ${typeof pattern}`);
    }
  }
  const compiled = list.map(compilePattern);
  return (topic) => compiled.some((matches) => matches(topic));
}

module.exports = { compileTopicFilter };
