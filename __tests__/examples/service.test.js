'use strict';
const { join } = require('node:path');
const { end, spawnGuarded } = require('../support/process.js');
const { redisServer, redisServers } = require('../support/redis.js');
const { Resources, until } = require('../support/streaming.js');

const service = join(__dirname, '../../examples/service/service.mjs');
const withRedis = redisServers('examples/service') ? test : test.skip;

let resources;
beforeEach(() => { resources = new Resources(); });
afterEach(() => resources.close());

/** Starts the service; `output()` is what it has printed so far. */
function start(args, env) {
  const child = spawnGuarded(process.execPath, [service, ...args], { env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => { output += text; });
  }
  const exited = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  resources.use(child, (running) => end(running));
  return { child, exited, output: () => output };
}

const fetchText = async (url) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

withRedis('is healthy, counts what it has processed, and ends at SIGTERM', async () => {
  const kafka = await resources.kafka({ topics: ['ecg', 'energy'] });
  const redis = await redisServer(resources);
  const env = { DSPX_KAFKA_BROKERS: kafka.brokers.join(), DSPX_REDIS_URL: redis.url };
  const { child, exited, output } = start(['--replay', '--port', '0'], env);
  await until(() => /listening on port \d+/.test(output()), 'the service to listen');
  const url = `http://127.0.0.1:${output().match(/port (\d+)/)[1]}`;

  const counted = async () => /^dspx_stream_messages_total [1-9]/m.test((await fetchText(`${url}/metrics`)).text);
  await until(counted, 'a message to be counted');
  const { status, text } = await fetchText(`${url}/healthz`);
  expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 200, healthy: true, state: 'running' });
  expect((await fetchText(`${url}/other`)).status).toBe(404);

  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(output()).toMatch(/stopped\n$/);
});

test('says what it needs', async () => {
  const { exited, output } = start([], { DSPX_KAFKA_BROKERS: '', DSPX_REDIS_URL: '' });
  expect(await exited).toBe(1);
  expect(output()).toContain('set DSPX_KAFKA_BROKERS and DSPX_REDIS_URL');
});
