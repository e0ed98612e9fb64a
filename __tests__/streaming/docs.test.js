'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { Resources } = require('../support/streaming.js');

const root = join(__dirname, '../..');
const text = ['KAFKA_INTEGRATION', 'kafka-streams'].map((page) => readFileSync(join(root, `docs/${page}.md`), 'utf8')).join('\n');
const examples = [...text.matchAll(/^##? (.+)$|^```js\n([\s\S]*?)^```$/gm)].reduce(
  ({ list, title }, [, heading, code]) => (heading ? { list, title: heading } : { list: [...list, [title, code]], title }),
  { list: [], title: '' },
).list;

const resources = new Resources();
afterEach(() => resources.close());

test('the guides have examples', () => expect(examples.length).toBeGreaterThan(9));

const canRun = ([, code]) => Boolean(process.env.DSPX_REDIS_URL) || !code.includes('redis://');
if (!examples.every(canRun)) console.info('Not run: the examples that need Redis (DSPX_REDIS_URL)');

test.each(examples.filter(canRun))('the example of "%s" runs', async (_title, code) => {
  const kafka = await resources.kafka({ topics: ['logs', 'ecg', 'raw', 'smooth', 'orders', 'samples', 'smoothed'] });
  const here = createRequire(__filename);
  const required = (name) => (name === 'dspx-rs' ? here(root) : here(name));
  const claims = [];
  const quiet = { ...console, assert: (claim) => claims.push(claim) };
  const body = code.replaceAll('localhost:9092', kafka.brokers[0])
    .replaceAll('redis://localhost:6379', process.env.DSPX_REDIS_URL ?? '');
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  await new AsyncFunction('require', 'console', body)(required, quiet);
  expect(claims).toEqual(claims.map(() => true));
});
