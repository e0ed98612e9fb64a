/**
 * docs/adding-a-stage.md is true: its stage, added to a copy of the core by its two steps, passes the property tests.
 */
const { spawnSync } = require('node:child_process');
const { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '../..');

/** The blocks of a language in a page. */
function blocksOf(page, language) {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code);
}

test('the stage of docs/adding-a-stage.md passes the property tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-recipe-'));
  try {
    for (const name of ['Cargo.toml', 'Cargo.lock', 'build.rs', 'crates', 'src']) {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    const [file, line] = blocksOf('docs/adding-a-stage.md', 'rust');
    const stages = join(folder, 'crates/dsp-core/src/stages');
    const register = readFileSync(join(stages, 'mod.rs'), 'utf8');
    writeFileSync(join(stages, 'filter/peak_hold.rs'), file);
    writeFileSync(join(stages, 'mod.rs'), register.replace(/^ {4}filter \(.*\n/m, (chapter) => chapter + line));
    const args = ['test', '--locked', '--offline', '--quiet', '-p', 'dsp-core', '--test', 'properties',
      '--config', 'profile.dev.package.dsp-core.opt-level=0'];
    const env = { ...process.env, CARGO_TARGET_DIR: join(root, 'target'), DSPX_QUICK: '1', DSPX_STAGE: 'PeakHold' };
    const { status, stdout, stderr } = spawnSync('cargo', args, { cwd: folder, env, encoding: 'utf8' });
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    expect(stdout).toMatch(/test result: ok\. [1-9]/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // Compiling the core takes a minute or two on a slow machine; only a hang takes ten.
}, 600_000);
