// npm run bench:stream: createKafkaStream over frames of 64 samples through four stages with 1,000 keys, beside a bare
// loop of rdkafka that only copies messages (crates/dsp-stream/examples/bare_loop.rs). Then the time that the states of
// 100,000 keys take to come back, and what an idle key costs in memory. On the broker of DSPX_KAFKA_BROKERS, else on
// the embedded one (5 MiB per partition). Build for use first: npm run build:release, and for the comparison
//   cargo build --release -p dsp-stream --features kafka --example bare_loop
//   --messages N   (default 1000000; embedded 30000)     --keys N   to restore (default 100000)
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const require = createRequire(import.meta.url);
const dspx = require('../index.js');
const { values } = parseArgs({
  options: { messages: { type: 'string' }, keys: { type: 'string', default: '100000' }, restore: { type: 'string' } },
});

const PARTITIONS = 3;
const FRAME = 64;
const KEYS = 1000;
const real = process.env.DSPX_KAFKA_BROKERS;
const embedded = real ? undefined : await dspx.createEmbeddedKafka();
const brokers = embedded ? embedded.brokers : real.split(',');
const count = Number(values.messages ?? (embedded ? 30_000 : 1_000_000));
const restored = Number(values.keys);
const run = `bench-stream-${Date.now()}`;
const folder = mkdtempSync(join(tmpdir(), 'dspx-bench-'));

const pipeline = () =>
  dspx
    .createDspPipeline()
    .filter({
      type: 'butterworth',
      mode: 'bandpass',
      order: 2,
      lowCutoffFrequency: 5,
      highCutoffFrequency: 15,
      sampleRate: 360,
    })
    .Differentiator()
    .Square()
    .MovingAverage({ mode: 'moving', windowSize: 54 });

const made = new Set();

/** Makes a topic of the embedded broker where it is not there; a real broker makes them by itself. */
function makeTopic(topic) {
  if (!made.has(topic)) embedded?.createTopic(topic, PARTITIONS);
  made.add(topic);
}

/** Fills a topic with `length` messages that go round the keys. */
async function fill(topic, length, keys, value) {
  makeTopic(topic);
  const producer = await dspx.createKafkaProducer({ brokers });
  for (let sent = 0; sent < length; sent += 10_000) {
    const messages = Array.from({ length: Math.min(10_000, length - sent) }, (_, i) => ({
      key: `k${(sent + i) % keys}`,
      value,
    }));
    await producer.send({ topic, messages });
  }
  await producer.close();
}

function open(topic, store, output, options) {
  makeTopic(`${topic}-out`);
  const stream = dspx.createKafkaStream({
    applicationId: topic, brokers, store, pipeline: pipeline(), input: { topics: [topic] },
    output: output ? { topic: `${topic}-out` } : null, maxKeysInMemory: 2 * Math.max(restored, KEYS), ...options,
  });
  stream.on('error', (error) => console.error(error.message));
  return stream;
}

/** Waits until a counter of the stream has reached `goal`; gives the seconds from the first message to it. */
async function reach(stream, name, goal) {
  let begun;
  for (;;) {
    const metrics = stream.metrics();
    if (metrics.messages > 0) begun ??= performance.now();
    if (metrics[name] >= goal) return (performance.now() - begun) / 1000;
    await sleep(5);
  }
}

const rounded = (x) => Math.round(x).toLocaleString('en');

async function throughput() {
  const topic = `${run}-frames`;
  const frame = dspx.encodeFrame(
    Float32Array.from({ length: FRAME }, (_, i) => Math.sin(i / 5)),
    { channels: 1, sampleRate: 360 },
  );
  await fill(topic, count, KEYS, frame);
  const store = dspx.createMemoryStateStore();
  const stream = open(topic, store, true, { prefetch: { messages: 20_000, bytes: 64 << 20 } });
  await stream.start();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const seconds = await reach(stream, 'emitted', count);
  delay.disable();
  const begun = performance.now();
  await stream.checkpoint();
  // Until every output is acknowledged and every state stored.
  const whole = seconds + (performance.now() - begun) / 1000;
  const partitions = stream.status().partitions.length;
  await stream.stop();
  store.close();
  const rate = count / whole;
  console.log(
    `createKafkaStream     ${rounded(rate)} messages/s = ` +
      `${((rate * FRAME) / 1e6).toFixed(1)} M samples/s, ${partitions} partitions`,
  );
  console.log(`event-loop delay      p99 ${(delay.percentile(99) / 1e6 - 1).toFixed(2)} ms`);
  const builds = ['release', 'debug'].map((profile) =>
    fileURLToPath(new URL(`../target/${profile}/examples/bare_loop`, import.meta.url)),
  );
  const bare = builds.find(existsSync);
  if (!bare)
    return console.log(
      'bare loop             not built: cargo build --release -p dsp-stream --features kafka --example bare_loop',
    );
  makeTopic(`${topic}-bare`);
  const { stdout } = await promisify(execFile)(bare, [brokers.join(','), topic, `${topic}-bare`, String(count)], {
    timeout: 300_000,
  });
  console.log(
    `bare rdkafka loop     ${rounded(Number(stdout))} messages/s; ` +
      `the stream is at ${(rate / Number(stdout)).toFixed(2)} of it`,
  );
}

/** Fills a store with the states of many keys, and a topic with one message more for each. */
async function prepare(path) {
  const topic = `${run}-keys`;
  const value = Float32Array.of(1);
  await fill(topic, restored, restored, value);
  const store = await dspx.createEmbeddedStateStore({ path, durability: 'os' });
  const first = open(topic, store, false);
  await first.start();
  await reach(first, 'messages', restored);
  await first.checkpoint();
  const bytes = first.metrics().checkpointBytes / restored;
  await first.stop();
  await store.close();
  await fill(topic, restored, restored, value);
  return { topic, bytes };
}

/** A process of its own: how long until all states are back, and what they cost. */
async function restore({ topic, path, bytes }) {
  const store = await dspx.createEmbeddedStateStore({ path, durability: 'os', cacheBytes: 1 << 20 });
  const stream = open(topic, store, false, { checkpoint: { intervalMs: 60_000, everyMessages: 10_000_000 } });
  const begun = performance.now();
  await stream.start();
  const joined = (performance.now() - begun) / 1000;
  const before = process.memoryUsage().rss;
  const seconds = await reach(stream, 'keysLoaded', restored);
  globalThis.gc?.();
  const each = (process.memoryUsage().rss - before) / restored;
  console.log(
    `${rounded(restored)} keys restored in ${seconds.toFixed(2)} s, ` +
      `with a message for each (joining took ${joined.toFixed(2)} s before)`,
  );
  console.log(
    `memory per idle key   ${rounded(each)} bytes of RSS with its state, which takes ${rounded(bytes)} in the store`,
  );
  await stream.stop();
  await store.close();
}

if (values.restore) {
  await restore(JSON.parse(values.restore));
  process.exit();
}
try {
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ` +
      `${embedded ? 'embedded broker' : 'real broker'}, ` +
      `${rounded(count)} frames of ${FRAME} samples, ${rounded(KEYS)} keys`,
  );
  await throughput();
  const path = join(folder, 'store');
  const place = { ...(await prepare(path)), path };
  const env = { ...process.env, DSPX_KAFKA_BROKERS: brokers.join(',') };
  // Not spawnSync: an embedded broker lives in this process.
  const child = spawn(
    process.execPath,
    ['--expose-gc', fileURLToPath(import.meta.url), '--keys', String(restored), '--restore', JSON.stringify(place)],
    { env, stdio: 'inherit' },
  );
  await new Promise((resolve) => {
    child.on('exit', resolve);
  });
} finally {
  await embedded?.close();
  rmSync(folder, { recursive: true, force: true });
}
