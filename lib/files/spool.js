'use strict';

const { createWriteStream, mkdtempSync, rmSync } = require('#node').fs;
const { tmpdir } = require('#node').os;
const { join } = require('#node').path;
const { promises } = require('#node').stream;

/**
 * Writes a stream into a file of its own, since most formats are read at more than one place.
 *
 * @param {AsyncIterable<Uint8Array>} stream
 * @returns {Promise<{ path: string, remove: () => void }>}
 */
async function spool(stream) {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-rs-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const path = join(folder, 'recording');
  try {
    await promises.pipeline(stream, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}

module.exports = { spool };
