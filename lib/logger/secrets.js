'use strict';

/** Keys and passwords of a handler's configuration, taken out of any text that may repeat them. */

/** A shorter key is no secret, and would be found in any text. */
const SHORTEST_SECRET = 6;
/** Headers that carry a secret. */
const SECRET_HEADER = /auth|key|token|secret|cookie|password|credential/i;
const MASK = '***';
/** Characters with a name in HTML. @type {Record<string, string>} */
const NAMED = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** @param {string} text */
const quoted = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
/** @param {number} byte */
const percent = (byte) => `%${byte.toString(16).padStart(2, '0')}`;
/** @param {string} unit */
const jsonEscape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Returns an expression for all that may stand for one character: itself, its bytes as in a URL, a JSON or an HTML
 * escape.
 *
 * @param {string} character
 */
function spellings(character) {
  const code = Number(character.codePointAt(0));
  const forms = [character, [...Buffer.from(character)].map(percent).join('')];
  forms.push(character.split('').map(jsonEscape).join(''), `&#${code};`, `&#x${code.toString(16)};`);
  if (character === ' ') forms.push('+');
  if ('"\\/'.includes(character)) forms.push(`\\${character}`);
  const named = NAMED[character];
  if (named) forms.push(named);
  return `(?:${forms.map(quoted).join('|')})`;
}

/**
 * Returns the parts of a URL that let somebody in: user, password, values of the query.
 *
 * @param {string | undefined} url
 */
function secretsOfUrl(url) {
  if (url === undefined || !URL.canParse(url)) return [];
  const { username, password, searchParams } = new URL(url);
  return [username, password, ...searchParams.values()].map(decoded);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Returns a header's value, and the part after the scheme in `Bearer …` or `Basic …`.
 *
 * @param {string} value
 */
const secretsOfHeader = (value) => [value, value.replace(/^\S+\s+/, '')];

/**
 * @param {import('../../index.js').BackendConfig} config
 * @returns {(text: string) => string} masks the configuration's secrets, in whatever encoding a server gives them back
 */
function secretMask({ apiKey, endpoint, headers = {} }) {
  const inHeaders = Object.entries(headers).filter(([name]) => SECRET_HEADER.test(name));
  const secrets = [
    ...(apiKey === undefined || apiKey === null ? [] : secretsOfHeader(String(apiKey))),
    ...secretsOfUrl(endpoint),
    ...inHeaders.flatMap(([, value]) => secretsOfHeader(String(value))),
  ].filter((secret) => secret.length >= SHORTEST_SECRET);
  if (secrets.length === 0) return (text) => text;
  // The longest first: a key may begin with another one.
  const longestFirst = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  const pattern = longestFirst.map((secret) => [...secret].map(spellings).join('')).join('|');
  const anywhere = new RegExp(pattern, 'giu');
  return (text) => text.replace(anywhere, MASK);
}

module.exports = { secretMask };
