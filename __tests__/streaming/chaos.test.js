'use strict';
const { join } = require('node:path');
const { hasFailpoints } = require('../../lib/native/addon.js');
const { runScript } = require('../support/script.js');

const script = join(__dirname, '../../scripts/chaos.mjs');
const run = (...options) => runScript(script, options);
const hasKafka = Boolean(process.env.DSPX_KAFKA_BROKERS);
/** The real broker where there is one: librdkafka's embedded one may end by an assertion when members are killed. */
const REAL = hasKafka ? ['--real'] : [];

// The short form of `npm run chaos -- --kills 1000`.
test('52 kills: every sample enters its state once, every output comes, duplicates are equal', async () => {
  if (!hasFailpoints?.())
    console.info('Processes die at random moments only: this build has no failpoints (npm run build has)');
  const { code, output } = await run('--kills', '52', '--json', ...REAL);
  if (code !== 0) throw new Error(output);
  const { faults, checked, violations } = JSON.parse(output.trim().split('\n').at(-1));
  expect(violations).toEqual([]);
  const deaths = Object.entries(faults)
    .filter(([kind]) => kind.startsWith('killed'))
    .reduce((sum, [, n]) => sum + n, 0);
  expect(deaths).toBeGreaterThanOrEqual(52);
  expect(checked.states).toBe(48);
  expect(checked.outputs).toBeGreaterThan(1000);
  expect(checked.events).toBeGreaterThan(200);
}, 480_000);

if (!hasKafka) console.info('No exactly-once under fire: DSPX_KAFKA_BROKERS is not set (scripts/services start)');

(hasKafka ? test : test.skip)('12 kills on a real Kafka: every committed output comes once', async () => {
  const { code, output } = await run('--kills', '12', '--guarantee', 'exactly-once', '--json');
  if (code !== 0) throw new Error(output);
  const { checked, violations } = JSON.parse(output.trim().split('\n').at(-1));
  expect(violations).toEqual([]);
  expect(checked.duplicates).toBe(0);
  expect(checked.outputs).toBeGreaterThan(500);
}, 480_000);

test('12 kills while the pipeline is replaced: its stages go on, no event is lost', async () => {
  const { code, output } = await run('--kills', '12', '--deploy', '--json', ...REAL);
  if (code !== 0) throw new Error(output);
  const { checked, violations } = JSON.parse(output.trim().split('\n').at(-1));
  expect(violations).toEqual([]);
  expect(checked.migrated).toBeGreaterThan(0);
  expect(checked.events).toBeGreaterThan(100);
}, 480_000);
