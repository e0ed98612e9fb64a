'use strict';

const { fileURLToPath } = require('#node').url;
const { shown } = require('../common/arguments.js');

/**
 * Returns a path as text.
 *
 * @param {string} label
 * @param {unknown} path
 * @throws {TypeError} if it is none
 * @returns {string}
 */
function filePath(label, path) {
  if (path instanceof URL) return fileURLToPath(path);
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path;
  throw new TypeError(`${label}: path must be a text or a URL, got ${shown(path)}`);
}

module.exports = { filePath };
