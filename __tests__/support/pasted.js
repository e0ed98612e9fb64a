'use strict';
const { spawn } = require('node:child_process');
const { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '../..');

/** The code blocks of a page of the repository, as `[heading above it, code]`. */
function blocksOf(page, language = 'js') {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [];
  let heading = page;
  for (const [, title, name, code] of text.matchAll(/^#+ (.+)$|^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (title) heading = title;
    else if (name === language) blocks.push([heading, code]);
  }
  return blocks;
}

/** A folder as a reader's project: what the examples import is in its node_modules. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-pasted-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(root, join(modules, 'dspx-rs'), 'junction');
  const kafkajs = join(root, 'node_modules/kafkajs');
  if (existsSync(kafkajs)) symlinkSync(kafkajs, join(modules, 'kafkajs'), 'junction');
  return folder;
}

function node(args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => { printed[name] += text; });
    }
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status: status ?? signal, ...printed }));
  });
}

async function inProject(code, args, env) {
  const cwd = project();
  try {
    writeFileSync(join(cwd, 'example.mjs'), code);
    return await node([...args, 'example.mjs'], { cwd, env: { ...process.env, TMPDIR: cwd, ...env } });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Runs a code block as its reader would: pasted into a file `example.mjs` of a project that has the package. */
const runPasted = (code, env) => inProject(code, [], env);

/** Checks that a code block is a module, without running it. */
const parsePasted = (code) => inProject(code, ['--check'], {});

/** What a block says that it prints: the texts behind `// →`, line by line. */
const promisesOf = (code) => [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);

/** Runs a block, and fails unless it ends well, its assertions hold, and it prints what it says. */
async function expectPasted(code, env) {
  const { status, stdout, stderr } = await runPasted(code, env);
  const wrong = status !== 0 || stderr.includes('Assertion failed');
  expect({ status, stderr: wrong ? stderr : '' }).toEqual({ status: 0, stderr: '' });
  const promised = promisesOf(code);
  if (promised.length > 0) expect(stdout.trimEnd().split('\n')).toEqual(promised);
  return { stdout, stderr };
}

module.exports = { blocksOf, expectPasted, parsePasted, promisesOf, runPasted };
