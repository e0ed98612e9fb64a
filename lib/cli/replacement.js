'use strict';

/** Output files that replace an existing file only when they are complete. */

const { randomBytes } = require('node:crypto');
const {
  closeSync,
  fchmodSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');

/** The permission bits of a file's mode. */
const PERMISSIONS = 0o7777;

/**
 * Returns the file that a link points to, so that the link stays one; the name itself where there is no such file
 * yet.
 *
 * @param {string} file
 */
function target(file) {
  try {
    return realpathSync(file);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return file;
    throw error;
  }
}

/**
 * A new file beside another one, whose place it takes when `commit` is called. Its name is fresh and it is opened
 * exclusively: it is nobody else's file or link. It has the mode of the file that it replaces.
 */
class Replacement {
  #target;
  #name;
  #open = true;

  /** @param {string} file the file to be replaced or made @throws a system error if it cannot be made */
  constructor(file) {
    this.#target = target(file);
    const old = statSync(this.#target, { throwIfNoEntry: false });
    this.#name = `${this.#target}.${randomBytes(6).toString('hex')}.part`;
    this.descriptor = openSync(this.#name, 'wx', old ? 0o600 : 0o666);
    if (old) fchmodSync(this.descriptor, old.mode & PERMISSIONS);
  }

  /** Puts the new file in the old one's place. */
  commit() {
    this.#close();
    renameSync(this.#name, this.#target);
  }

  /** Removes the new file, unless it was put in place. */
  discard() {
    this.#close();
    rmSync(this.#name, { force: true });
  }

  #close() {
    if (this.#open) closeSync(this.descriptor);
    this.#open = false;
  }
}

/**
 * Whether a file can be written beside and renamed (not a pipe, a device or standard output).
 *
 * @param {string} file
 */
const isPlain = (file) => file !== '-' && (statSync(file, { throwIfNoEntry: false })?.isFile() ?? true);

/**
 * Writes a file as a whole or not at all.
 *
 * @param {string} file
 * @param {string | Buffer} data
 */
function writeWhole(file, data) {
  if (!isPlain(file)) return writeFileSync(file, data);
  const replacement = new Replacement(file);
  try {
    writeFileSync(replacement.descriptor, data);
    replacement.commit();
  } finally {
    replacement.discard();
  }
}

module.exports = { Replacement, isPlain, writeWhole };
