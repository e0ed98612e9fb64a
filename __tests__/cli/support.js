const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const BIN = resolve(__dirname, '../../bin/dspx-rs.js');

/** A folder for the tests of one file, with short ways to use it. */
function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-cli-'));
  return {
    folder,
    write: (name, content) => writeFileSync(join(folder, name), content),
    read: (name) => readFileSync(join(folder, name)),
    text: (name) => readFileSync(join(folder, name), 'utf8'),
    floats: (name) => new Float32Array(Uint8Array.from(readFileSync(join(folder, name))).buffer),
    cli: (args, options) => spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: 'utf8', ...options }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

module.exports = { workplace };
