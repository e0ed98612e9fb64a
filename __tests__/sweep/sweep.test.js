/**
 * Every exported function, class, method and stage with every hostile value at every argument and option: a result, or
 * a typed error in our words; never a hang, a crash, or memory without bound. Cases run in child processes.
 *
 * DSPX_SWEEP_SECONDS is how long (a minute takes a part of the cases in the order of the seed; after all of them come
 * pairs), DSPX_SWEEP_SEED the order.
 */
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const dspx = require('../../index.js');
const { spawnGuarded } = require('../support/process.js');
const { casesOf, count, describe: describeCase } = require('./cases.js');
const { CLASSES, EXEMPT, FUNCTIONS, SERVICES, STAGES, STATICS, subjects } = require('./subjects.js');

const seconds = Number(process.env.DSPX_SWEEP_SECONDS ?? 60);
const seed = Number(process.env.DSPX_SWEEP_SEED ?? 1);
/** Far above what the slowest case takes on a busy machine. */
const HANGS_MS = 20_000;
/** Findings after which there is enough to do. */
const MAX_FINDINGS = Number(process.env.DSPX_SWEEP_FINDINGS ?? 40);

/** Runs cases from `from` on in one process; resolves to the index to go on with, or undefined at the end. */
function runFrom(from, until, folder, findings) {
  const args = ['--max-old-space-size=1024', join(__dirname, 'child.js'), seed, from, until].map(String);
  const child = spawnGuarded(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let index = from;
  let ended = false;
  let hangs = false;
  let errors = '';
  child.stderr.on('data', (text) => (errors = `${errors}${text}`.slice(-2000)));
  let watch;
  const wind = () => {
    clearTimeout(watch);
    watch = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, HANGS_MS);
  };
  wind();
  createInterface({ input: child.stdout }).on('line', (line) => {
    wind();
    const said = JSON.parse(line);
    if (said.index !== undefined) index = said.index;
    if (said.finding) findings.push(`${said.what}: ${said.finding}`);
    if (said.done) ended = true;
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(watch);
      if (ended) return resolve(undefined);
      if (code !== 3) {
        const end = hangs
          ? `does not return within ${HANGS_MS / 1000} s`
          : `ends the process (${signal ?? code}): ${errors}`;
        findings.push(`${describeCase(casesOf(seed)(index))}: ${end}`);
      }
      resolve(index + 1);
    });
  });
}

test('every exported name is swept, or says why not', () => {
  const isClass = (value) => typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
  const known = new Set(subjects.map(({ label }) => label));
  for (const [name, value] of Object.entries(dspx)) {
    if (typeof value !== 'function' || isClass(value)) continue;
    const base = name.replace(/Async$/, '');
    if (!(base in FUNCTIONS) && !SERVICES.has(name) && !(name in EXEMPT)) throw new Error(`${name} is neither swept nor exempt`);
    if (!(name in EXEMPT)) expect(known).toContain(name);
  }
  for (const name of Object.keys(FUNCTIONS)) expect(typeof dspx[name]).toBe('function');
  for (const name of [...Object.keys(CLASSES), ...Object.keys(STATICS)]) expect(dspx[name]).toBeDefined();
  const stages = Object.getOwnPropertyNames(dspx.DspProcessor.prototype).filter((name) =>
    /^[A-Z]|^(filter|convolution|fft|stft|melSpectrogram|mfcc)$/.test(name),
  );
  expect(stages.filter((name) => !(name in STAGES))).toEqual([]);
});

test('what is right is taken', async () => {
  for (const { label, args, run } of subjects) {
    try {
      await run(args());
    } catch (error) {
      throw new Error(`${label}: ${error.message}`, { cause: error });
    }
  }
});

test('what is hostile gives a result or a typed error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-sweep-'));
  const findings = [];
  try {
    const until = Date.now() + seconds * 1000;
    let from = 0;
    while (from !== undefined && findings.length < MAX_FINDINGS) from = await runFrom(from, until, folder, findings);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`sweep: ${count} cases with one hostile value, seed ${seed}, ${seconds} s`);
  expect(findings).toEqual([]);
}, (seconds + 120) * 1000);
