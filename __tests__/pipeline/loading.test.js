const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, cpSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');

const root = join(__dirname, '..', '..');

/** What a fresh Node prints for `code`. */
const node = (code, ...flags) =>
  execFileSync(process.execPath, [...flags, '-e', code], { cwd: root, encoding: 'utf8' });

test('require and named import give the same', () => {
  const code = `import('./index.js').then((m) => console.log(m.createDspPipeline === require('./index.js').createDspPipeline))`;
  expect(node(code).trim()).toBe('true');
});

test('importing leaves the process as it was', () => {
  const code = `
    const look = () => JSON.stringify([process.eventNames().map(String), process.eventNames().map((n) => process.listenerCount(n)),
      Object.keys(globalThis), Object.keys(process.env).length]);
    const before = look();
    require('./index.js');
    console.log(before === look());`;
  expect(node(code).trim()).toBe('true');
});

test('an unhandled error stays the application’s', () => {
  const code = `require('./index.js'); process.on('uncaughtException', (e) => console.log('mine: ' + e.message)); setTimeout(() => { throw new Error('x') })`;
  expect(node(code).trim()).toBe('mine: x');
});

test('a missing binary says what to run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-'));
  try {
    cpSync(join(root, 'index.js'), join(folder, 'index.js'));
    cpSync(join(root, 'lib'), join(folder, 'lib'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    const code = `try { require(${JSON.stringify(join(folder, 'index.js'))}) } catch (e) { console.log(e.message) }`;
    expect(node(code)).toMatch(/no native binary for .* could be loaded[\s\S]*npm .*run build:release/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('worker threads', () => {
  const busy = `
    const { parentPort } = require('node:worker_threads');
    const { createDspPipeline } = require(${JSON.stringify(join(root, 'index.js'))});
    const pipelines = Array.from({ length: 4 }, () => {
      const p = createDspPipeline();
      for (let i = 0; i < 10; i++) p.MovingAverage({ mode: 'moving', windowSize: 500 });
      return p;
    });
    const x = new Float32Array(1 << 19).fill(1);
    for (const p of pipelines) (async () => { for (;;) await p.process(x.slice()); })();
    parentPort.postMessage('started');`;

  test('a worker that is terminated with calls in flight takes nothing with it', async () => {
    for (let i = 0; i < 20; i++) {
      const worker = new Worker(busy, { eval: true });
      await once(worker, 'message');
      await worker.terminate();
    }
    const { createDspPipeline } = require(root);
    expect(await createDspPipeline().Rectify().process(new Float32Array([-1]))).toEqual(new Float32Array([1]));
  });

  test('the process may exit with calls in flight', () => {
    const code = `
      const p = require('./index.js').createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 5000 });
      p.process(new Float32Array(1 << 22));
      setTimeout(() => process.exit(7), 5);`;
    let status = 0;
    try {
      node(code);
    } catch (error) {
      status = error.status;
    }
    expect(status).toBe(7);
  });
});
