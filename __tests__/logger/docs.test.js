'use strict';
const { blocksOf, expectPasted } = require('../support/pasted.js');
const { startBackend } = require('./support/backend-server.js');

const examples = blocksOf('docs/observability.md');

let backend;
beforeEach(async () => { backend = await startBackend(204); });
afterEach(() => backend.stop());

test('the page has examples', () => expect(examples.length).toBeGreaterThanOrEqual(7));

test.each(examples)('the example of "%s" runs as pasted, and prints what it says', async (_title, code) => {
  const { stdout } = await expectPasted(code, { LOKI_URL: backend.url });
  expect(stdout).not.toBe('');
});

test('the Loki example reaches the backend', async () => {
  const [, code] = examples.find(([, text]) => text.includes('createLokiHandler'));
  await expectPasted(code, { LOKI_URL: backend.url });
  expect(backend.requests[0].body).toContain('lead off');
});
