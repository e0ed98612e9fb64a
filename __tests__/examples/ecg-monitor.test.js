'use strict';
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { runScript } = require('../support/script.js');

const monitor = join(__dirname, '../../examples/ecg-monitor/monitor.mjs');

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.info('examples/ecg-monitor is not run: redis-server is not installed');

(hasRedis ? test : test.skip)('a process is killed, another one started, and no heart rate notices', async () => {
  const { code, output } = await runScript(monitor, ['--seconds', '60', '--speed', '8'], { DSPX_KAFKA_BROKERS: '' });
  if (code !== 0) throw new Error(output);
  expect(output).toMatch(/A is killed/);
  expect(output).toMatch(/C is started/);
  expect(output).toMatch(/heart rates unaffected: 6 of 6 patients/);
}, 120_000);
