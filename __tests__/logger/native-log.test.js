const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Logger, createMockHandler, createNativeLogHandler, setLogLevel } = require('../../index.js');

const ENTRY = JSON.stringify(path.resolve(__dirname, '../../index.js'));
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

let handler;
afterEach(() => {
  handler?.close();
  handler = undefined;
  setLogLevel('off');
});

async function until(condition) {
  for (let i = 0; i < 1000 && !condition(); i++) await turn();
}

test('an event of the Rust side becomes a log entry', async () => {
  const mock = createMockHandler();
  handler = createNativeLogHandler(new Logger([mock.handler]));
  const before = Date.now();
  setLogLevel('debug');
  await until(() => mock.getLogs().length > 0);
  expect(mock.getLogs()).toEqual([
    expect.objectContaining({
      level: 'debug',
      message: 'log level set',
      topic: 'native.dspx_rs.log',
      context: { level: 'debug', timestamp: expect.any(Number) },
    }),
  ]);
  expect(mock.getLogs()[0].context.timestamp).toBeGreaterThanOrEqual(before);
  expect(handler.metrics()).toEqual({ delivered: 1, queued: 0, dropped: 0 });
});

test('levels filter on the native side', async () => {
  const mock = createMockHandler();
  handler = createNativeLogHandler(new Logger([mock.handler]), { topicPrefix: 'rust' });
  for (const level of ['info', 'warn', 'error', 'fatal', 'off', 'trace']) setLogLevel(level);
  await handler.flush();
  expect(mock.getLogs()).toMatchObject([{ topic: 'rust.dspx_rs.log', context: { level: 'trace' } }]);
});

test('the queue is bounded: the oldest events go, are counted, and the log says so', async () => {
  const mock = createMockHandler();
  handler = createNativeLogHandler(new Logger([mock.handler]));
  for (let i = 0; i < 5000; i++) setLogLevel('trace');
  // The log is one for the process: threads that other tests of it have left may add some events at any time.
  const { delivered, queued, dropped } = handler.metrics();
  expect({ delivered, queued }).toEqual({ delivered: 0, queued: 4096 });
  expect(dropped).toBeGreaterThanOrEqual(904);
  await handler.flush();
  const [first, ...others] = mock.getLogs();
  expect(first).toMatchObject({ level: 'warn', topic: 'native.log' });
  expect(first.context.dropped).toBeGreaterThanOrEqual(dropped);
  expect(others.length).toBeGreaterThanOrEqual(4096);
  expect(handler.metrics().delivered).toBe(others.length);
});

test('every handler hears everything; a closed one nothing more', async () => {
  const [a, b] = [createMockHandler(), createMockHandler()];
  const first = createNativeLogHandler(new Logger([a.handler]));
  handler = createNativeLogHandler(new Logger([b.handler]));
  setLogLevel('debug');
  first.close();
  setLogLevel('debug');
  await handler.flush();
  expect(a.getLogs()).toHaveLength(1);
  expect(b.getLogs()).toHaveLength(2);
});

test.each([
  ['rejects', async () => { throw new Error('no'); }],
  ['throws', () => { throw new Error('no'); }],
])('a logger that %s harms nobody', async (_how, log) => {
  handler = createNativeLogHandler({ log });
  setLogLevel('debug');
  await handler.flush();
  await turn();
  expect(handler.metrics().delivered).toBe(1);
});

test('a logger without a log method is refused', () => {
  expect(() => createNativeLogHandler({})).toThrow(TypeError);
});

test.each(['loud', '', undefined, 5])('setLogLevel(%p) is refused', (level) => {
  expect(() => setLogLevel(level)).toThrow(TypeError);
  expect(() => setLogLevel(level)).toThrow(/level/i);
});

const run = (script, DSPX_LOG) =>
  spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, DSPX_LOG }, timeout: 20_000 });

test('DSPX_LOG prints to stderr until a logger takes over, and keeps nothing alive', () => {
  const { status, stdout, stderr } = run(
    `const dspx = require(${ENTRY});
     setTimeout(() => {
       dspx.createNativeLogHandler({ log: async (level, message, topic) => console.log(topic) });
       dspx.setLogLevel('trace');
       setTimeout(() => {}, 100);
     }, 100);`,
    'DEBUG',
  );
  expect(stderr).toMatch(/^\[.*Z\] DEBUG \[native\.dspx_rs\.log\] log level set\n {2}Context: \{"level":"debug"\}\n$/);
  expect(stdout).toBe('native.dspx_rs.log\n');
  expect(status).toBe(0);
});

test('a DSPX_LOG that is no level is announced and ignored', () => {
  const { status, stderr } = run(`require(${ENTRY})`, 'loud');
  expect(stderr).toMatch(/DSPX_LOG must be .*loud/);
  expect(status).toBe(0);
});

test('a worker that ends with a handler in it does no harm', () => {
  const { status, stdout, stderr } = run(
    `const { Worker } = require('node:worker_threads');
     const dspx = require(${ENTRY});
     const code = 'const d = require(' + ${JSON.stringify(ENTRY)} + '); d.createNativeLogHandler({ log: async () => {} }); d.setLogLevel("debug");';
     new Worker(code, { eval: true }).on('exit', () => {
       for (let i = 0; i < 5000; i++) dspx.setLogLevel('trace');
       console.log('fine');
     });`,
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'fine\n', stderr: '' });
});
