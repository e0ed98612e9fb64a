'use strict';

/** Pattern tokens inside one segment: exactly one character, and any number of them. `*` is both in a row. */
const ONE = Symbol('one');
const MANY = Symbol('many');

/**
 * Does the whole of `items` match `tokens`, where the token `many` stands for any number of items?
 * On a mismatch only the last `many` is widened (an earlier one cannot help), so the time is at most
 * items × tokens and no pattern can make it explode, as it can with regular expressions.
 *
 * @template T, I
 * @param {ArrayLike<T>} tokens
 * @param {ArrayLike<I>} items
 * @param {T} many
 * @param {(token: T, item: I) => boolean} matches
 */
function matchesWhole(tokens, items, many, matches) {
  let t = 0;
  let i = 0;
  let retryToken = -1;
  let retryItem = 0;
  while (i < items.length) {
    if (t < tokens.length && tokens[t] === many) {
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
  while (t < tokens.length && tokens[t] === many) t++;
  return t === tokens.length;
}

const matchesCharacter = (token, character) => token === ONE || token === character;

/** @param {string} segment one segment of a pattern @returns {(text: string) => boolean} */
function compileSegment(segment) {
  if (!segment.includes('*')) return (text) => text === segment;
  const tokens = segment.split('').flatMap((c) => (c === '*' ? [ONE, MANY] : [c]));
  return (text) => matchesWhole(tokens, text, MANY, matchesCharacter);
}

/** @param {string} pattern @returns {(topic: string) => boolean} */
function compilePattern(pattern) {
  if (!pattern.includes('*')) return (topic) => topic === pattern;
  const segments = pattern.split('.').map((segment) => (segment === '**' ? MANY : compileSegment(segment)));
  return (topic) => matchesWhole(segments, topic.split('.'), MANY, (matches, text) => matches(text));
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
