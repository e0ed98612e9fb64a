'use strict';

const { existsSync } = require('#node').fs;
const { createRequire } = require('#node').module;
const { dirname, join } = require('#node').path;
const { filename } = require('#node');
const { inThisRealm } = require('./realm.js');

const folder = dirname(filename);

// Bundlers rewrite a plain `require` of a computed name; this one they leave alone, so that bundles load the addon too.
const requireNative = createRequire(filename);

/** Returns the names under which a binary for this machine may have been built, the likelier first. */
function targets() {
  const { platform, arch } = process;
  if (platform === 'linux') return [`${platform}-${arch}-gnu`, `${platform}-${arch}-musl`];
  return platform === 'win32' ? [`${platform}-${arch}-msvc`] : [`${platform}-${arch}`];
}

/**
 * Returns where to look: the file that `DSPX_RS_NATIVE` names, alone; else for each target a file built in this
 * package's folder or laid beside a bundle, else the platform package that npm installed beside this one.
 */
function candidates() {
  if (process.env.DSPX_RS_NATIVE) return [process.env.DSPX_RS_NATIVE];
  return targets().flatMap((target) => {
    const file = `dspx-rs.${target}.node`;
    const local = ['../..', '..', '.'].map((up) => join(folder, up, file)).find((path) => existsSync(path));
    return [local ?? `dspx-rs-${target}`];
  });
}

/**
 * Loads the addon.
 *
 * @returns {typeof import('./exports.js')}
 * @throws {Error} that says what was tried, if there is none for this machine
 */
function load() {
  /** @type {string[]} */
  const reasons = [];
  for (const candidate of candidates()) {
    try {
      return requireNative(candidate);
    } catch (error) {
      reasons.push(`  ${candidate}: ${/** @type {Error} */ (error).message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `dspx-rs: no native binary for ${process.platform}-${process.arch} could be loaded. Tried:\n` +
      `${reasons.join('\n')}\n` +
      'If optional dependencies were left out, install again with them: npm install --include=optional dspx-rs\n' +
      'Where there is no package for this platform, build it (needs Rust, a C compiler, make and perl):\n' +
      '  git clone https://github.com/dspx-rs/dspx-rs && npm --prefix dspx-rs run build:release\n' +
      'and let DSPX_RS_NATIVE name the .node file that it prints.',
  );
}

module.exports = inThisRealm(load());
