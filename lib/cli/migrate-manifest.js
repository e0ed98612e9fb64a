'use strict';

const { tokensOf } = require('./migrate-tokens.js');
const { UsageError } = require('../common/usage-error.js');

/** Members of package.json that name packages with their versions. */
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** Versions of the registry; others (a folder, an address, another package) were chosen for a reason. */
const OF_THE_REGISTRY = /^[\s\d.xX*^~<>=|v-]*$|^(latest|next)$/;

/** @typedef {import('./migrate-tokens.js').Token} Token */

/**
 * Lists the members of a JSON text: path of the object, token of the key, and token of the value if that is a string.
 *
 * @param {string} text
 */
function membersOf(text) {
  const tokens = tokensOf(text);
  /** @type {{ path: string[], key: Token, value: Token | undefined }[]} */
  const members = [];
  /** @type {string[]} */
  const path = [];
  /** @type {Token | undefined} */
  let key;
  tokens.forEach((token, i) => {
    if (token.type === 'sign' && '{['.includes(token.text)) path.push(key?.text ?? '');
    else if (token.type === 'sign' && '}]'.includes(token.text)) path.pop();
    else if (token.type === 'string' && tokens[i + 1]?.text === ':') {
      key = token;
      const value = tokens[i + 2];
      members.push({ path: path.slice(1), key, value: value?.type === 'string' ? value : undefined });
      return;
    }
    if (token.type === 'sign' && token.text !== ':') key = undefined;
  });
  return members;
}

/**
 * @param {string} text
 * @param {string} file
 */
function checked(text, file) {
  try {
    const manifest = JSON.parse(text.replace(/^\ufeff/, ''));
    if (typeof manifest === 'object' && manifest !== null) return manifest;
  } catch {
    // Refused below, as any text that is not an object.
  }
  throw new UsageError(`${file} must hold a JSON object`);
}

/**
 * @param {string} text
 * @param {string} file its name, for messages
 * @param {string} version the version range of dspx-rs to ask for
 * @returns `edits` and `left` as of a program: dependencies on dspx become ones on dspx-rs
 */
function manifestChanges(text, file, version) {
  const manifest = checked(text, file);
  const edits = [];
  const left = [];
  for (const { path, key, value } of membersOf(text)) {
    const isDependency = path.length === 1 && DEPENDENCIES.includes(path[0]);
    const names = key.text === 'dspx' || key.text.startsWith('dspx@') || /^npm:dspx(@|$)/.test(value?.text ?? '');
    if (!names || /^npm:dspx-rs(@|$)/.test(value?.text ?? '')) continue;
    const isPlain = isDependency && key.text === 'dspx' && value && OF_THE_REGISTRY.test(value.text);
    if (!isPlain || Object.hasOwn(manifest[path[0]], 'dspx-rs')) {
      left.push({ start: key.start, text: `${[...path, key.text].join('.')}${value ? `: ${value.text}` : ''}` });
      continue;
    }
    edits.push({ start: key.start, end: key.end, old: 'dspx', text: 'dspx-rs' });
    edits.push({ start: value.start, end: value.end, old: value.text, text: version });
  }
  return { edits, left };
}

module.exports = { manifestChanges };
