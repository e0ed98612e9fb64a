const { readFileSync } = require('node:fs');
const path = require('node:path');
const dspx = require('../../index.js');
const { startBackend } = require('./support/backend-server.js');

const text = readFileSync(path.resolve(__dirname, '../../docs/observability.md'), 'utf8');
const examples = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
const AsyncFunction = (async () => {}).constructor;
const load = (name) => (name === 'dspx-rs' ? dspx : require(name));

let backend;
let printed;
beforeEach(async () => {
  backend = await startBackend(204);
  process.env.LOKI_URL = backend.url;
  printed = [];
  jest.spyOn(console, 'log').mockImplementation((...args) => printed.push(args.map(String).join(' ')));
});
afterEach(async () => {
  jest.restoreAllMocks();
  delete process.env.LOKI_URL;
  dspx.setLogLevel('off');
  await backend.stop();
});

test('the page has examples', () => expect(examples.length).toBeGreaterThanOrEqual(7));

test.each(examples.map((code, i) => [i + 1, code]))('example %d runs, and prints what it says', async (_i, code) => {
  await new AsyncFunction('require', code)(load);
  expect(printed.length).toBeGreaterThan(0);
  for (const [, expected] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)) expect(printed).toContain(expected);
});

test('the Loki example reaches the backend', async () => {
  await new AsyncFunction('require', examples.find((code) => code.includes('createLokiHandler')))(load);
  expect(backend.requests[0].body).toContain('lead off');
});
