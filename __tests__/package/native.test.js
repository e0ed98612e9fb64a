const { spawnSync } = require('node:child_process');
const { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '../..');
const addon = readdirSync(root).find((name) => name.endsWith('.node'));

/** Loads a copy of lib/native/addon.js in a folder with nothing but what it needs, and `files`. */
function loadAlone(files, env) {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-native-'));
  try {
    for (const area of ['common', 'native']) mkdirSync(join(folder, 'lib', area), { recursive: true });
    for (const file of ['package.json', 'lib/native/addon.js', 'lib/common/builtins.js', 'lib/native/realm.js']) {
      copyFileSync(join(root, file), join(folder, file));
    }
    for (const [from, to] of files) copyFileSync(join(root, from), join(folder, to));
    const program = "const n = require('./lib/native/addon.js'); console.log(n.stages().length > 0)";
    return spawnSync(process.execPath, ['-e', program], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the native addon is found', () => {
  test('in the folder of the package, and beside a bundle', () => {
    expect(loadAlone([[addon, addon]]).stdout).toBe('true\n');
    expect(loadAlone([[addon, join('lib', addon)]]).stdout).toBe('true\n');
  });

  test('where DSPX_RS_NATIVE says, and only there', () => {
    expect(loadAlone([], { DSPX_RS_NATIVE: join(root, addon) }).stdout).toBe('true\n');
    const { stderr, status } = loadAlone([[addon, addon]], { DSPX_RS_NATIVE: join(root, 'none.node') });
    expect(status).toBe(1);
    expect(stderr).toMatch(/none\.node: /);
  });

  test('or the error tells what was tried and what to do', () => {
    const { stderr } = loadAlone([]);
    expect(stderr).toContain(
      `no native binary for ${process.platform}-${process.arch} could be loaded. ` +
        `Tried:\n  dspx-rs-${process.platform}-${process.arch}`,
    );
    expect(stderr).toContain('npm install --include=optional dspx-rs');
    expect(stderr).toMatch(/git clone .*\n/);
    expect(stderr).toContain('npm --prefix dspx-rs run build:release');
    expect(stderr).toContain('DSPX_RS_NATIVE');
  });
});

test('tags, manifests, platform packages and changelog say one version', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/release.mjs', 'check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual([`version ${require('../../package.json').version} everywhere\n`, '']);
});

const pathsOf = (map) =>
  Object.values(map).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry)));

test('what the package names exists', () => {
  const { bin, exports, imports, main, types } = require('../../package.json');
  const files = [main, types, ...Object.values(bin), ...pathsOf(exports), ...pathsOf(imports)];
  for (const file of files) expect(() => require.resolve(join(root, file))).not.toThrow();
});
