'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** The names under which a binary for this machine may have been built, the likelier first. */
function targets() {
  const { platform, arch } = process;
  if (platform === 'linux') return [`${platform}-${arch}-gnu`, `${platform}-${arch}-musl`];
  return platform === 'win32' ? [`${platform}-${arch}-msvc`] : [`${platform}-${arch}`];
}

/** Loads the addon: one built in this folder, else the platform package that npm installed beside this one. */
function load() {
  const reasons = [];
  for (const target of targets()) {
    const local = join(__dirname, '..', `dspx-rs.${target}.node`);
    for (const file of existsSync(local) ? [local] : [`dspx-rs-${target}`]) {
      try {
        return require(file);
      } catch (error) {
        reasons.push(`  ${file}: ${error.message.split('\n')[0]}`);
      }
    }
  }
  throw new Error(
    `dspx-rs: no native binary for ${process.platform}-${process.arch} could be loaded. Tried:\n${reasons.join('\n')}\n` +
      'If optional dependencies were left out, install again with them: npm install --include=optional dspx-rs\n' +
      'Where there is no package for this platform, build it: clone the repository and run "npm run build:release" ' +
      '(needs Rust and a C compiler).',
  );
}

module.exports = load();
