// Proves that the packed package installs and runs: packs it and this machine's platform package, installs both with
// --ignore-scripts into fresh apps in a temporary folder, and uses them there as applications would. Needs a built addon.
//   node scripts/check-package.mjs [--only TEXT] [--keep]
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { platformPackage, platforms } from './lib/platforms.mjs';
import { Failure, main, root } from './lib/process.mjs';
import { addonFile } from './lib/setup.mjs';

/** What bundlers, runtimes and compilers the apps use. They are installed there, not here. */
const TOOLS = {
  esbuild: ['esbuild@^0.28'],
  webpack: ['webpack@^5'],
  typescript: ['typescript@^7', '@types/node@^20'],
  bun: ['bun@^1'],
  deno: ['deno@^2'],
};

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' }, keep: { type: 'boolean' } } });
const work = mkdtempSync(join(tmpdir(), 'dspx-package-'));

/** Runs a program; throws with what it printed if it fails. */
function execute(command, args, cwd, env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd, encoding: 'utf8', env: { ...process.env, ...env }, shell: process.platform === 'win32' && command === 'npm', timeout: 300_000,
  });
  if (error) throw new Failure(`${command}: ${error.message}`);
  if (status !== 0) throw new Failure(`${basename(command)} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

const npm = (args, cwd) => execute('npm', [...args, '--no-audit', '--no-fund'], cwd);

function pack(folder) {
  const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', work], folder));
  return join(work, filename);
}

/** The package of this platform with the addon that was built here. */
function packPlatform() {
  if (!existsSync(addonFile())) throw new Failure(`${addonFile()} is missing: npm run build`);
  const platform = platforms.find(({ name }) => basename(addonFile()).includes(`.${name}.`));
  if (!platform) throw new Failure(`there is no platform package for ${basename(addonFile())}`);
  const folder = join(work, platform.name);
  cpSync(join(root, 'npm', platform.name), folder, { recursive: true });
  copyFileSync(addonFile(), join(folder, platformPackage(platform).main));
  return pack(folder);
}

/** What every app does, after its way of getting `createDspPipeline`: 2, 3.5 → a mean of 2.75. */
const USE = `
const pipeline = createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 2 });
pipeline.process(Float32Array.of(2, 3.5)).then((samples) => {
  if (samples[1] !== 2.75) throw new Error('got ' + samples);
  console.log('works');
});
`;
const ESM = `import { createDspPipeline } from 'dspx-rs';\n${USE}`;
const CJS = `const { createDspPipeline } = require('dspx-rs');\n${USE}`;
const EVERY_NAME = `
import * as imported from 'dspx-rs';
import { createRequire } from 'node:module';
const missing = Object.keys(createRequire(import.meta.url)('dspx-rs')).filter((name) => !(name in imported));
if (missing.length) throw new Error('not importable by name: ' + missing);
console.log('works');
`;
const WORKER = `
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (isMainThread) {
  require('dspx-rs');
  const workers = [0, 1, 2].map(() => new Promise((done, fail) => new Worker(__filename).on('message', done).on('error', fail)));
  Promise.all(workers).then((all) => { if (all.join() === '2.75,2.75,2.75') console.log('works'); });
} else {
  const pipeline = require('dspx-rs').createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 2 });
  pipeline.process(Float32Array.of(2, 3.5)).then((samples) => parentPort.postMessage(samples[1]));
}
`;
const TYPED = `
import { createDspPipeline, type ProcessOptions } from 'dspx-rs';
const options: ProcessOptions = { channels: 1 };
const samples: Promise<Float32Array> = createDspPipeline().Rectify().process(new Float32Array(2), options);
// @ts-expect-error windowSize is a number
export const wrong = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 'two' });
samples.then(() => console.log('works'));
`;

const worked = (output) => {
  if (!output.includes('works')) throw new Failure(`it did not say "works" but:\n${output}`);
};
const node = (app, file) => worked(execute(process.execPath, [file], app));

function compile(app, module, moduleResolution) {
  const compilerOptions = { strict: true, target: 'ES2022', module, moduleResolution, types: ['node'], outDir: 'out' };
  const extensions = moduleResolution === 'bundler' ? ['mts'] : ['mts', 'cts'];
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: extensions.map((e) => `typed.${e}`) }));
  execute(process.execPath, [join(app, 'node_modules/typescript/bin/tsc'), '-p', '.'], app);
  for (const extension of extensions) node(app, `out/typed.${extension.replace('ts', 'js')}`);
}

function esbuild(app, format, extra = []) {
  const out = `bundle-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
  const binary = join(app, 'node_modules/@esbuild', `${process.platform}-${process.arch}`, 'bin/esbuild');
  execute(binary, ['esm.mjs', '--bundle', '--platform=node', `--format=${format}`, `--outfile=${out}`, '--log-level=warning', ...extra], app);
  node(app, out);
}

function webpack(app) {
  writeFileSync(join(app, 'build.cjs'), `
require('webpack')({ mode: 'production', target: 'node', context: __dirname, entry: './esm.mjs',
  ignoreWarnings: [/@opentelemetry\\/api/], // an optional package, tried at run time
  output: { path: __dirname + '/dist', filename: 'main.cjs' } }, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) { console.error(error ?? stats.toString()); process.exit(1); }
});`);
  execute(process.execPath, ['build.cjs'], app);
  node(app, 'dist/main.cjs');
}

/** The program of a runtime that npm installs as a package of its own, whose scripts did not run. */
function runtime(app, scope, file) {
  const folder = join(app, 'node_modules', scope);
  const found = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, file)).find((path) => existsSync(path)) : undefined;
  if (!found) throw new Skip(`npm has no ${scope} program for ${process.platform}-${process.arch}`);
  return found;
}

/** A check that cannot be made here, with the reason. */
class Skip extends Error {}

/** Lints of the tarball itself; their programs are development dependencies. Node's own old resolution knows no subpaths. */
const linters = {
  publint: (tarball) => execute(process.execPath, [join(root, 'node_modules/publint/src/cli.js'), tarball, '--strict'], root),
  'are the types wrong': (tarball) =>
    execute(process.execPath, [join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'), tarball, '--no-color', '--profile', 'node16'], root),
};

/** name: [tools, check] */
const checks = {
  'ESM, import by name': [[], (app) => node(app, 'esm.mjs')],
  'ESM, every exported name': [[], (app) => node(app, 'names.mjs')],
  'CommonJS': [[], (app) => node(app, 'cjs.cjs')],
  'worker threads': [[], (app) => node(app, 'worker.cjs')],
  'command line': [[], (app) => {
    writeFileSync(join(app, 'p.json'), '["Rectify"]');
    writeFileSync(join(app, 'x.csv'), '-1\n2\n');
    const out = execute('npm', ['exec', '--offline', '--', 'dspx-rs', 'run', 'p.json', '--in', 'x.csv', '--out', '-', '--out-format', 'csv'], app);
    if (out !== '1\n2\n') throw new Failure(`it wrote ${JSON.stringify(out)}`);
  }],
  'TypeScript, NodeNext': [TOOLS.typescript, (app) => compile(app, 'NodeNext', 'NodeNext')],
  'TypeScript, bundler': [TOOLS.typescript, (app) => compile(app, 'ESNext', 'bundler')],
  'esbuild, CommonJS': [TOOLS.esbuild, (app) => esbuild(app, 'cjs')],
  'esbuild, ESM with the package external': [TOOLS.esbuild, (app) => esbuild(app, 'esm', ['--external:dspx-rs'])],
  'webpack': [TOOLS.webpack, webpack],
  'Bun': [TOOLS.bun, (app) => worked(execute(runtime(app, '@oven', 'bin/bun'), ['esm.mjs'], app))],
  'Deno': [TOOLS.deno, (app) => {
    worked(execute(runtime(app, '@deno', 'deno'), ['run', '--allow-all', '--node-modules-dir=manual', 'esm.mjs'], app, { DENO_NO_UPDATE_CHECK: '1' }));
  }],
};

function createApp(name, tarballs, tools) {
  const app = join(work, name.replace(/\W+/g, '-'));
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, version: '1.0.0' }));
  const files = { 'esm.mjs': ESM, 'names.mjs': EVERY_NAME, 'cjs.cjs': CJS, 'worker.cjs': WORKER, 'typed.mts': TYPED, 'typed.cts': TYPED };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(app, file), text);
  npm(['install', '--ignore-scripts', ...tarballs, ...tools], app);
  return app;
}

function attempt(name, work, counts) {
  if (!name.toLowerCase().includes(options.only.toLowerCase())) return;
  try {
    work();
    counts.passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Skip)) throw error;
    counts[error instanceof Skip ? 'skipped' : 'failed']++;
    console.log(`${error instanceof Skip ? 'skip ' : 'FAIL '} ${name}: ${error.message}`);
  }
}

main(() => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const tarballs = [pack(root), packPlatform()];
    for (const [name, lint] of Object.entries(linters)) attempt(name, () => lint(tarballs[0]), counts);
    for (const [name, [tools, check]] of Object.entries(checks)) {
      attempt(name, () => check(createApp(name, tarballs, tools)), counts);
    }
  } finally {
    if (options.keep) console.log(work);
    else rmSync(work, { recursive: true, force: true });
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`);
  process.exitCode = counts.failed ? 1 : 0;
});
