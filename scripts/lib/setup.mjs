// The things that have to be there before anything runs: the tools, the npm packages, the native addon. Node builtins
// only, because this runs before any package is installed.
import { copyFileSync, existsSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { atLeast, cargo, settingsOf, targetFolder } from './cargo.mjs';
import { Failure, output, root, run } from './process.mjs';

/** @param {string} file */
const read = (file) => readFileSync(join(root, file), 'utf8');
const packageJson = JSON.parse(read('package.json'));

function nodeProblem() {
  const want = packageJson.engines.node.replace('>=', '');
  if (atLeast(process.versions.node, want)) return null;
  return `Node.js ${want} or newer (this is ${process.versions.node}): https://nodejs.org or your package manager`;
}

function rustProblem() {
  const want = read('Cargo.toml').match(/^rust-version = "(.+)"/m)?.[1] ?? '';
  const how = 'rustup (https://rustup.rs), or "rustup update stable" if you have it';
  const have = output('cargo', ['--version'])?.match(/\d+\.\d+\.\d+/)?.[0];
  if (have && atLeast(have, want)) return null;
  return `Rust ${want} or newer (${have ? `this is ${have}` : 'cargo was not found'}): ${how}`;
}

/**
 * Tools that compiling librdkafka, and OpenSSL with it, takes, with what installs them.
 *
 * @param {import('./cargo.mjs').BuildSettings} settings
 */
function nativeProblems({ withoutC, vendored }) {
  if (process.platform === 'win32') return []; // rustup's installer asks for the Visual Studio tools by itself
  const how =
    process.platform === 'darwin'
      ? 'xcode-select --install'
      : 'Debian/Ubuntu: apt-get install build-essential; Fedora: dnf install gcc make perl; ' +
        'Alpine: apk add build-base perl';
  const tools = ['cc', ...(withoutC ? [] : ['c++', 'make']), ...(vendored ? ['perl'] : [])];
  const missing = tools.filter((tool) => output(tool, ['--version']) === null);
  return missing.length ? [`${missing.join(', ')} (${how})`] : [];
}

/**
 * Throws one `Failure` that lists everything missing and how to get it.
 *
 * @param {import('./cargo.mjs').BuildSettings} settings
 */
function checkTools(settings) {
  const problems = [nodeProblem(), rustProblem(), ...nativeProblems(settings)].filter(Boolean);
  if (problems.length) throw new Failure(`Missing on this machine:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
}

/** Whether node_modules holds just the versions of package-lock.json (npm notes in it what it installed). */
function packagesAreCurrent() {
  let installed;
  try {
    installed = JSON.parse(read('node_modules/.package-lock.json')).packages;
  } catch {
    return false;
  }
  const wanted = Object.entries(JSON.parse(read('package-lock.json')).packages).filter(([path]) => path);
  return wanted.every(([path, { version, optional }]) => optional || installed[path]?.version === version);
}

/** Installs the npm packages where they are missing or not those of package-lock.json. */
export function installPackages() {
  if (packagesAreCurrent()) return;
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.warn('node_modules is a link and does not match package-lock.json: left alone');
    return;
  }
  console.log('Installing the npm packages …');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}

/** The platform's part of the addon's file name, as napi-rs names platforms. */
function platformName() {
  const report = /** @type {{ excludeNetwork?: boolean, getReport(): any }} */ (process.report);
  report.excludeNetwork = true; // else the report looks up the names of open connections
  const glibc = () => report.getReport().header.glibcVersionRuntime;
  /** @type {Partial<Record<NodeJS.Platform, () => string>>} */
  const abis = { linux: () => (glibc() ? '-gnu' : '-musl'), win32: () => '-msvc' };
  const abi = abis[process.platform]?.() ?? '';
  return `${process.platform}-${process.arch}${abi}`;
}

/** The file that `index.js` loads from the package's folder. */
export const addonFile = () => join(root, `${packageJson.napi.binaryName}.${platformName()}.node`);

/** Whether the addon for the tests was compiled here before: it can do all that the demo's can, and is ready sooner. */
const hasDevelopmentBuild = () =>
  ['libdspx_rs.so', 'libdspx_rs.dylib', 'dspx_rs.dll'].some((name) => existsSync(join(targetFolder(), 'debug', name)));

/**
 * Compiles the addon (cargo does only what changed) and puts it beside `index.js`. `cargo.mjs` lists the purposes.
 *
 * @param {import('./cargo.mjs').Purpose} [purpose]
 */
export async function build(purpose = 'development') {
  const wanted = purpose === 'demo' && hasDevelopmentBuild() ? 'development' : purpose;
  const settings = settingsOf(wanted);
  checkTools(settings);
  console.log(`Compiling the addon (${wanted}; the first time takes minutes) …`);
  let library = '';
  const args = ['build', '--locked', '--package', 'dspx-rs', '--lib', '--message-format', 'json-render-diagnostics'];
  const status = await cargo(
    [...args, ...settings.options],
    (line) => {
      const { reason, target, filenames } = JSON.parse(line);
      if (reason === 'compiler-artifact' && target.kind.includes('cdylib')) {
        library = filenames.find((/** @type {string} */ name) => /\.(so|dylib|dll)$/.test(name));
      }
    },
    settings.env,
  );
  if (status !== 0) throw new Failure('The addon could not be built: see the messages above.');
  place(library, addonFile());
}

/**
 * Copies beside the target and renames: whoever has the old file loaded keeps it, and none sees half a file.
 *
 * @param {string} from
 * @param {string} to
 */
function place(from, to) {
  const temporary = `${to}.${process.pid}`;
  try {
    copyFileSync(from, temporary);
    renameSync(temporary, to);
  } finally {
    rmSync(temporary, { force: true });
  }
}
