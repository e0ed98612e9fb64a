'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { join } = require('node:path');

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.info('examples/ecg-monitor is not run: redis-server is not installed');

(hasRedis ? test : test.skip)('a process is killed, another one started, and no heart rate notices', async () => {
  const child = spawn(process.execPath, [join(__dirname, '../../examples/ecg-monitor/monitor.mjs'), '--seconds', '60', '--speed', '8'], {
    env: { ...process.env, DSPX_KAFKA_BROKERS: '' },
  });
  let output = '';
  child.stdout.on('data', (text) => { output += text; });
  child.stderr.on('data', (text) => { output += text; });
  const code = await new Promise((resolve) => { child.on('exit', resolve); });
  if (code !== 0) throw new Error(output);
  expect(output).toMatch(/A is killed/);
  expect(output).toMatch(/C is started/);
  expect(output).toMatch(/heart rates unaffected: 6 of 6 patients/);
}, 120_000);
