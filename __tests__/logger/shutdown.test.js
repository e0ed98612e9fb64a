const { spawn } = require('node:child_process');
const path = require('node:path');
const { startBackend } = require('./support/backend-server.js');

const ENTRY = JSON.stringify(path.resolve(__dirname, '../../lib/logger/index.js'));

/** Runs a script with the loggers in it; it gets the signal as soon as it prints `ready`. */
function runUntilSignal(script, signal, env) {
  const child = spawn(process.execPath, ['-e', `const dspx = require(${ENTRY});\n${script}`], {
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.on('data', (text) => {
    if (!output.includes('ready') && `${output}${text}`.includes('ready')) child.kill(signal);
    output += text;
  });
  child.stderr.on('data', (text) => { output += text; });
  return new Promise((resolve) => child.on('close', (code, by) => resolve({ code, by, output })));
}

const READY = "setInterval(() => {}, 1000); console.log('ready');";

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('%s flushes every logger once, then exits with %d', async (signal, code) => {
  const result = await runUntilSignal(
    `for (const name of ['a', 'b', 'c']) {
       const handler = Object.assign(() => {}, { flush: async () => { await null; console.log('flushed ' + name); } });
       new dspx.Logger([handler], { autoShutdown: true });
     }
     if (process.listenerCount('${signal}') !== 1) console.log('too many listeners');
     ${READY}`,
    signal,
  );
  expect(result).toMatchObject({ code, output: 'ready\nflushed a\nflushed b\nflushed c\n' });
});

test('buffered logs reach the backend', async () => {
  const backend = await startBackend(204);
  try {
    const { code } = await runUntilSignal(
      `const handler = dspx.createLokiHandler({ endpoint: process.env.LOKI });
       new dspx.Logger([handler], { autoShutdown: true }).info('last words').then(() => { ${READY} });`,
      'SIGTERM',
      { LOKI: backend.url },
    );
    expect(code).toBe(143);
    expect(backend.requests[0].body).toContain('last words');
  } finally {
    await backend.stop();
  }
});

test.each(['on', 'once'])('another listener (%s) decides when the process ends', async (how) => {
  const { code, output } = await runUntilSignal(
    `process.${how}('SIGTERM', () => { setTimeout(() => process.exit(7), 50); });
     const handler = Object.assign(() => {}, { flush: async () => console.log('flushed') });
     new dspx.Logger([handler], { autoShutdown: true });
     ${READY}`,
    'SIGTERM',
  );
  expect(code).toBe(7);
  expect(output).toContain('flushed');
});

test('a flush that hangs is given up after five seconds', async () => {
  const { code, output } = await runUntilSignal(
    `const later = setTimeout; // the same wait, shorter for the test
     globalThis.setTimeout = (fn, ms) => later(() => { console.log('waited ' + ms); fn(); }, 20);
     const handler = Object.assign(() => {}, { flush: () => new Promise(() => {}) });
     new dspx.Logger([handler], { autoShutdown: true });
     ${READY}`,
    'SIGTERM',
  );
  expect({ code, output }).toEqual({ code: 143, output: 'ready\nwaited 5000\n' });
});

test('a flush that hangs does not stop a second signal', async () => {
  const { code } = await runUntilSignal(
    `const handler = Object.assign(() => {}, { flush: () => new Promise(() => {}) });
     new dspx.Logger([handler], { autoShutdown: true });
     process.prependListener('SIGTERM', function again() {
       process.removeListener('SIGTERM', again);
       setTimeout(() => process.kill(process.pid, 'SIGTERM'), 10);
     });
     ${READY}`,
    'SIGTERM',
  );
  expect(code).toBe(143);
});

test('requiring the module changes nothing, and nothing keeps the process alive', async () => {
  const events = ['SIGINT', 'SIGTERM', 'unhandledRejection', 'uncaughtException', 'exit', 'beforeExit'];
  const { code, output } = await runUntilSignal(
    `const count = () => ${JSON.stringify(events)}.map((name) => process.listenerCount(name)).join();
     const handler = dspx.createLokiHandler({ endpoint: 'http://127.0.0.1:9' });
     new dspx.Logger([handler]).info('buffered').then(() => console.log(count()));`,
    'SIGTERM',
  );
  expect({ code, output }).toEqual({ code: 0, output: '0,0,0,0,0,0\n' });
});
