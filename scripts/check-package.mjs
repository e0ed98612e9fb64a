// Proves that the packed package installs and runs: packs it and this machine's platform package, installs both with
// --ignore-scripts into fresh apps in a temporary folder, and uses them there as applications would. Needs a built
// addon. The packages of the other platforms are packed with a stand-in for the binary, and looked into.
//   node scripts/check-package.mjs [--only TEXT] [--keep]
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { COMPANIONS, platformPackage, platforms, writePlatform } from './lib/platforms.mjs';
import { Failure, main, root } from './lib/process.mjs';
import { addonFile } from './lib/setup.mjs';

/** The bundlers, runtimes and compilers that the apps use. They are installed there, not here. */
const TOOLS = {
  esbuild: ['esbuild@^0.28'],
  webpack: ['webpack@^5'],
  typescript: ['typescript@^7', '@types/node@^20'],
  bun: ['bun@^1'],
  deno: ['deno@^2'],
  jest: ['jest@^30'],
  vitest: ['vitest@^4'],
  rollup: ['rollup@^4', '@rollup/plugin-node-resolve@^16', '@rollup/plugin-commonjs@^29', '@rollup/plugin-json@^6'],
  next: ['next@^16', 'react@^19', 'react-dom@^19'],
};

/** @typedef {import('./lib/platforms.mjs').Platform} Platform */
/** @typedef {{ path: string, size: number }} PackedFile */

const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, keep: { type: 'boolean' } },
});
const work = mkdtempSync(join(tmpdir(), 'dspx-package-'));

/**
 * Runs a program; throws with what it printed if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 */
function execute(command, args, cwd, env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32' && command === 'npm',
    timeout: 300_000,
  });
  if (error) throw new Failure(`${command}: ${error.message}`);
  if (status !== 0)
    throw new Failure(`${basename(command)} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** @param {string[]} args @param {string} cwd */
const npm = (args, cwd) => execute('npm', [...args, '--no-audit', '--no-fund'], cwd);

/** @param {string} folder */
function pack(folder) {
  const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', work], folder));
  return join(work, filename);
}

/**
 * A file as package managers name one in dependencies: `file:/path`.
 *
 * @param {string} path
 */
const fileSpecifier = (path) => pathToFileURL(path).href.replace('//', '');

/** The platform that the addon here is built for. */
function thisPlatform() {
  if (!existsSync(addonFile())) throw new Failure(`${addonFile()} is missing: npm run build`);
  const platform = platforms.find(({ name }) => basename(addonFile()).includes(`.${name}.`));
  if (!platform) throw new Failure(`there is no platform package for ${basename(addonFile())}`);
  return platform;
}

/**
 * The package of a platform as a release writes it. The binary is the one that was built here, or a stand-in.
 *
 * @param {Platform} platform
 */
function writePackage(platform) {
  const folder = join(work, platform.name);
  writePlatform(platform, folder);
  const binary = join(folder, platformPackage(platform).main);
  if (platform === thisPlatform()) copyFileSync(addonFile(), binary);
  else writeFileSync(binary, 'stand-in');
  return folder;
}

/**
 * The main package as a release writes it, with this platform's package for an optional dependency.
 *
 * @param {string} platformTarball
 */
function packMain(platformTarball) {
  const folder = join(work, 'main');
  mkdirSync(folder);
  execute('tar', ['-xzf', pack(root), '-C', folder], work);
  const file = join(folder, 'package/package.json');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  const optionalDependencies = { [platformPackage(thisPlatform()).name]: fileSpecifier(platformTarball) };
  writeFileSync(file, JSON.stringify({ ...content, optionalDependencies }));
  return pack(join(folder, 'package'));
}

/**
 * Checks the files that would be published for a platform: these files and no other, no script that runs anywhere, no
 * dependency.
 *
 * @param {Platform} platform
 */
function checkPlatform(platform) {
  const folder = join(work, platform.name);
  const content = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [{ files }] = JSON.parse(npm(['pack', '--json', '--dry-run', '--ignore-scripts'], folder));
  const names = files.map((/** @type {PackedFile} */ { path }) => path).sort();
  const wanted = ['README.md', 'package.json', content.main, ...COMPANIONS].sort();
  if (names.join() !== wanted.join()) throw new Failure(`holds ${names.join(', ')}, not ${wanted.join(', ')}`);
  const committed = JSON.parse(readFileSync(join(root, 'npm', platform.name, 'package.json'), 'utf8'));
  if (JSON.stringify(committed) !== JSON.stringify(content)) {
    throw new Failure('npm/ has another package.json: node scripts/release.mjs platforms');
  }
  const forbidden = ['scripts', 'dependencies', 'devDependencies', 'bin'].filter((key) => key in content);
  if (forbidden.length) throw new Failure(`package.json has ${forbidden.join(', ')}`);
  for (const key of ['license', 'os', 'cpu'])
    if (!content[key]?.length) throw new Failure(`package.json has no ${key}`);
  const { components } = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8'));
  for (const library of ['librdkafka', 'openssl', 'redis', 'rustfft']) {
    if (!components.some((/** @type {{ name: string }} */ { name }) => name === library))
      throw new Failure(`sbom.cdx.json lacks ${library}`);
  }
  const empty = files
    .filter((/** @type {PackedFile} */ { size }) => size === 0)
    .map((/** @type {PackedFile} */ { path }) => path);
  if (empty.length) throw new Failure(`empty: ${empty.join(', ')}`);
}

/** The program of every app, after its way of getting `createDspPipeline`: 2, 3.5 → a mean of 2.75. */
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
/** Inner modules that applications of dspx import. */
const DSPX_PATHS = `
const whole = require('dspx-rs');
for (const name of ['index', 'fft', 'filters', 'backends', 'utils', 'bindings', 'advanced-dsp', 'TopicRouter']) {
  for (const file of [name + '.js', name]) {
    if (require('dspx-rs/dist/' + file) !== whole) throw new Error(file);
  }
}
require('dspx-rs/dist/optimal-fir-tables.js');
import('dspx-rs/dist/filters.js').then(({ FirFilter }) => { if (FirFilter === whole.FirFilter) console.log('works'); });
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
/** For Jest and Vitest in their default environments, where errors and arrays must be those of the test's own realm. */
const UNIT_TEST = `
test('works', async () => {
  const pipeline = createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 2 });
  const samples = await pipeline.process(Float32Array.of(2, 3.5));
  expect(samples).toBeInstanceOf(Float32Array);
  expect(samples[1]).toBe(2.75);
  expect(() => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 'two' })).toThrow(TypeError);
});
`;
const ROUTE = `
import { createDspPipeline } from 'dspx-rs';
export const dynamic = 'force-dynamic';
export async function GET() {
  const pipeline = createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 2 });
  const samples = await pipeline.process(Float32Array.of(2, 3.5));
  return new Response(samples[1] === 2.75 ? 'works' : 'got ' + samples);
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

/** @param {string} output */
const worked = (output) => {
  if (!output.includes('works')) throw new Failure(`it did not say "works" but:\n${output}`);
};
/** @param {string} app @param {string} file */
const node = (app, file) => worked(execute(process.execPath, [file], app));

/**
 * @param {string} app
 * @param {string} module
 * @param {string} moduleResolution
 */
function compile(app, module, moduleResolution) {
  const compilerOptions = { strict: true, target: 'ES2022', module, moduleResolution, types: ['node'], outDir: 'out' };
  const extensions = moduleResolution === 'bundler' ? ['mts'] : ['mts', 'cts'];
  writeFileSync(
    join(app, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: extensions.map((e) => `typed.${e}`) }),
  );
  execute(process.execPath, [join(app, 'node_modules/typescript/bin/tsc'), '-p', '.'], app);
  for (const extension of extensions) node(app, `out/typed.${extension.replace('ts', 'js')}`);
}

/**
 * @param {string} app
 * @param {string} format
 * @param {string[]} [extra]
 */
function esbuild(app, format, extra = []) {
  const out = `bundle-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
  const binary = join(app, 'node_modules/@esbuild', `${process.platform}-${process.arch}`, 'bin/esbuild');
  execute(
    binary,
    [
      'esm.mjs',
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      `--outfile=${out}`,
      '--log-level=warning',
      ...extra,
    ],
    app,
  );
  node(app, out);
}

/** @param {string} app */
function webpack(app) {
  writeFileSync(
    join(app, 'build.cjs'),
    `
require('webpack')({ mode: 'production', target: 'node', context: __dirname, entry: './esm.mjs',
  ignoreWarnings: [/@opentelemetry\\/api/], // an optional package, tried at run time
  output: { path: __dirname + '/dist', filename: 'main.cjs' } }, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) { console.error(error ?? stats.toString()); process.exit(1); }
});`,
  );
  execute(process.execPath, ['build.cjs'], app);
  node(app, 'dist/main.cjs');
}

/**
 * The file that a package's command runs.
 *
 * @param {string} folder
 * @param {string} name
 * @param {string} [bin]
 */
function command(folder, name, bin = name.split('/').pop()) {
  const home = join(folder, 'node_modules', name);
  const { bin: commands } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return join(home, typeof commands === 'string' ? commands : commands[String(bin)]);
}

/** @param {string} app */
function jest(app) {
  writeFileSync(join(app, 'app.test.js'), `const { createDspPipeline } = require('dspx-rs');${UNIT_TEST}`);
  execute(process.execPath, [command(app, 'jest')], app);
}

/** @param {string} app */
function vitest(app) {
  needsNode(20);
  const imports = "import { createDspPipeline } from 'dspx-rs';\nimport { expect, test } from 'vitest';";
  writeFileSync(join(app, 'app.test.mjs'), imports + UNIT_TEST);
  execute(process.execPath, [command(app, 'vitest'), 'run'], app);
}

/** @param {string} app */
function rollup(app) {
  writeFileSync(
    join(app, 'rollup.config.mjs'),
    `
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import resolve from '@rollup/plugin-node-resolve';

/** @typedef {import('./lib/platforms.mjs').Platform} Platform */
export default { input: 'esm.mjs',
  plugins: [resolve({ preferBuiltins: true }), json(), commonjs({ ignoreDynamicRequires: true })], external: ['@opentelemetry/api'], output: { file: 'rollup.cjs', format: 'cjs', inlineDynamicImports: true } };`,
  );
  execute(process.execPath, [command(app, 'rollup'), '--config', '--silent'], app);
  node(app, 'rollup.cjs');
}

/**
 * A route of a Next.js server, built and fetched. The addon is loaded at run time: serverExternalPackages.
 *
 * @param {string} app
 */
async function next(app) {
  needsNode(20);
  mkdirSync(join(app, 'app/api'), { recursive: true });
  writeFileSync(join(app, 'next.config.mjs'), "export default { serverExternalPackages: ['dspx-rs'] };");
  const layout = 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;';
  writeFileSync(join(app, 'app/layout.js'), layout);
  writeFileSync(join(app, 'app/page.js'), 'export default function Page() { return null; }');
  writeFileSync(join(app, 'app/api/route.js'), ROUTE);
  const env = { NEXT_TELEMETRY_DISABLED: '1' };
  execute(process.execPath, [command(app, 'next'), 'build'], app, env);
  const args = [command(app, 'next'), 'start', '--port', '0'];
  const server = spawn(process.execPath, args, { cwd: app, env: { ...process.env, ...env } });
  try {
    worked(await (await fetch(`${await addressOf(server)}/api`)).text());
  } finally {
    server.kill('SIGKILL');
  }
}

/**
 * Where a server says that it listens.
 *
 * @param {import('node:child_process').ChildProcess} server
 * @returns {Promise<string>}
 */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (/** @type {unknown} */ text) => {
      said += text;
      const address = said.match(/http:\/\/localhost:\d+/);
      if (address) resolve(address[0]);
    };
    server.stdout?.on('data', hear);
    server.stderr?.on('data', hear);
    server.once('exit', () => reject(new Failure(`the server ended\n${said}`)));
  });
}

/** @param {number} major */
function needsNode(major) {
  if (Number(process.versions.node.split('.')[0]) < major) throw new Skip(`needs Node ${major}`);
}

/**
 * Another package manager installs the tarball; its program comes from npm, into a folder beside the app.
 *
 * @param {string} app
 * @param {string[]} tarballs
 * @param {string} name
 * @param {string} version
 */
function installer(app, tarballs, name, version) {
  const tools = join(work, `${basename(app)}-tool`);
  mkdirSync(tools);
  writeFileSync(join(tools, 'package.json'), '{"private":true}');
  npm(['install', '--ignore-scripts', `${name}@${version}`], tools);
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({
      name: 'app',
      private: true,
      version: '1.0.0',
      dependencies: { 'dspx-rs': fileSpecifier(tarballs[0]) },
    }),
  );
  const program = command(tools, name, name === 'pnpm' ? 'pnpm' : 'yarn');
  return (/** @type {string[]} */ ...args) => execute(process.execPath, [program, ...args], app, { CI: '1' });
}

/** @param {string} app @param {string[]} tarballs */
function pnpm(app, tarballs) {
  const run = installer(app, tarballs, 'pnpm', '^10');
  run('install', '--ignore-scripts', '--no-frozen-lockfile');
  node(app, 'esm.mjs');
}

/** @param {string} app @param {string[]} tarballs */
function yarnPnp(app, tarballs) {
  const run = installer(app, tarballs, '@yarnpkg/cli-dist', '^4');
  writeFileSync(
    join(app, '.yarnrc.yml'),
    `nodeLinker: pnp
pnpEnableEsmLoader: true
enableScripts: false
enableGlobalCache: false
enableImmutableInstalls: false
`,
  );
  writeFileSync(join(app, 'yarn.lock'), '');
  run('install');
  worked(run('node', 'esm.mjs'));
  worked(run('node', 'cjs.cjs'));
}

/**
 * The program of a runtime that npm installs as a package of its own, whose scripts did not run.
 *
 * @param {string} app
 * @param {string} scope
 * @param {string} file
 */
function runtime(app, scope, file) {
  const folder = join(app, 'node_modules', scope);
  const found = existsSync(folder)
    ? readdirSync(folder)
        .map((name) => join(folder, name, file))
        .find((path) => existsSync(path))
    : undefined;
  if (!found) throw new Skip(`npm has no ${scope} program for ${process.platform}-${process.arch}`);
  return found;
}

/** A check that cannot be made here, with the reason. */
class Skip extends Error {}

/**
 * Lints of the tarball itself; their programs are development dependencies. Node's own old resolution knows no
 * subpaths.
 */
/** @type {Record<string, (tarball: string) => unknown>} */
const linters = {
  publint: (tarball) =>
    execute(process.execPath, [join(root, 'node_modules/publint/src/cli.js'), tarball, '--strict'], root),
  'are the types wrong': (tarball) =>
    execute(
      process.execPath,
      [join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'), tarball, '--no-color', '--profile', 'node16'],
      root,
    ),
};

/** name: [tools, check]; without tools npm installs nothing, because another package manager does. */
/** @type {Record<string, [tools: string[] | null, check: (app: string, tarballs: string[]) => unknown]>} */
const checks = {
  'ESM, import by name': [[], (app) => node(app, 'esm.mjs')],
  'ESM, every exported name': [[], (app) => node(app, 'names.mjs')],
  CommonJS: [[], (app) => node(app, 'cjs.cjs')],
  'worker threads': [[], (app) => node(app, 'worker.cjs')],
  'paths of dspx': [
    [],
    (app) => {
      writeFileSync(join(app, 'paths.cjs'), DSPX_PATHS);
      node(app, 'paths.cjs');
    },
  ],
  'command line': [
    [],
    (app) => {
      writeFileSync(join(app, 'p.json'), '["Rectify"]');
      writeFileSync(join(app, 'x.csv'), '-1\n2\n');
      const out = execute(
        'npm',
        ['exec', '--offline', '--', 'dspx-rs', 'run', 'p.json', '--in', 'x.csv', '--out', '-', '--out-format', 'csv'],
        app,
      );
      if (out !== '1\n2\n') throw new Failure(`it wrote ${JSON.stringify(out)}`);
    },
  ],
  'TypeScript, NodeNext': [TOOLS.typescript, (app) => compile(app, 'NodeNext', 'NodeNext')],
  'TypeScript, bundler': [TOOLS.typescript, (app) => compile(app, 'ESNext', 'bundler')],
  'esbuild, CommonJS': [TOOLS.esbuild, (app) => esbuild(app, 'cjs')],
  'esbuild, ESM': [TOOLS.esbuild, (app) => esbuild(app, 'esm')],
  'esbuild, ESM with the package external': [TOOLS.esbuild, (app) => esbuild(app, 'esm', ['--external:dspx-rs'])],
  webpack: [TOOLS.webpack, webpack],
  rollup: [TOOLS.rollup, rollup],
  'Next.js': [TOOLS.next, next],
  'Jest, default environment': [TOOLS.jest, jest],
  Vitest: [TOOLS.vitest, vitest],
  pnpm: [null, pnpm],
  'Yarn, Plug and Play': [null, yarnPnp],
  Bun: [TOOLS.bun, (app) => worked(execute(runtime(app, '@oven', 'bin/bun'), ['esm.mjs'], app))],
  Deno: [
    TOOLS.deno,
    (app) => {
      worked(
        execute(runtime(app, '@deno', 'deno'), ['run', '--allow-all', '--node-modules-dir=manual', 'esm.mjs'], app, {
          DENO_NO_UPDATE_CHECK: '1',
        }),
      );
    },
  ],
};

/**
 * @param {string} name
 * @param {string[]} tarballs
 * @param {string[] | null} tools
 */
function createApp(name, tarballs, tools) {
  const app = join(work, name.replace(/\W+/g, '-'));
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, version: '1.0.0' }));
  const files = {
    'esm.mjs': ESM,
    'names.mjs': EVERY_NAME,
    'cjs.cjs': CJS,
    'worker.cjs': WORKER,
    'typed.mts': TYPED,
    'typed.cts': TYPED,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(app, file), text);
  if (tools) npm(['install', '--ignore-scripts', ...tarballs, ...tools], app);
  return app;
}

/**
 * @param {string} name
 * @param {() => unknown} work
 * @param {{ passed: number, failed: number, skipped: number }} counts
 */
async function attempt(name, work, counts) {
  if (!name.toLowerCase().includes(options.only.toLowerCase())) return;
  try {
    await work();
    counts.passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Skip)) throw error;
    counts[error instanceof Skip ? 'skipped' : 'failed']++;
    console.log(`${error instanceof Skip ? 'skip ' : 'FAIL '} ${name}: ${error.message}`);
  }
}

main(async () => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const folders = platforms.map(writePackage);
    const platformTarball = pack(folders[platforms.indexOf(thisPlatform())]);
    const tarballs = [packMain(platformTarball), platformTarball];
    for (const platform of platforms) {
      await attempt(`platform package, ${platform.name}`, () => checkPlatform(platform), counts);
    }
    for (const [name, lint] of Object.entries(linters)) await attempt(name, () => lint(tarballs[0]), counts);
    for (const [name, [tools, check]] of Object.entries(checks)) {
      await attempt(name, () => check(createApp(name, tarballs, tools), tarballs), counts);
    }
  } finally {
    if (options.keep) console.log(work);
    else rmSync(work, { recursive: true, force: true });
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`);
  process.exitCode = counts.failed ? 1 : 0;
});
