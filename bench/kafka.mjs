// npm run bench:kafka: this client against others, consuming and producing 256-byte messages and frames of 64 samples
// on 3 partitions, and the Logger handler. On the broker of DSPX_KAFKA_BROKERS, else on the embedded one (5 MiB per
// partition). Then samples through a pipeline, delays from end to end at 10,000 messages a second, and the memory of a
// consumer that never keeps up.
//   --messages N   per run (default 1000000; embedded 20000)     --only NAME   one client, nothing else
//   --install      install the other clients into bench/kafka-clients first (those that can be)
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const dspx = require('../index.js');
const folder = fileURLToPath(new URL('kafka-clients/', import.meta.url));
const others = createRequire(new URL('kafka-clients/package.json', import.meta.url));
const { values } = parseArgs({
  options: { messages: { type: 'string' }, only: { type: 'string' }, install: { type: 'boolean' } },
});
const PARTITIONS = 3;

if (values.install) {
  // Some ask for a newer Node than they need.
  const options = ['--no-package-lock', '--no-audit', '--no-fund', '--force', '--prefix', folder];
  execFileSync('npm', ['install', ...options], { stdio: 'inherit' });
}

const embedded = process.env.DSPX_KAFKA_BROKERS ? undefined : await dspx.createEmbeddedKafka();
const brokers = embedded ? embedded.brokers : process.env.DSPX_KAFKA_BROKERS.split(',');
const count = Number(values.messages ?? (embedded ? 20_000 : 1_000_000));
const run = `bench-${Date.now()}`;
const group = () => `${run}-${Math.random()}`;

const payloads = {
  '256 bytes': () => Buffer.alloc(256, 'x'),
  'frame of 64': () => dspx.encodeFrame(Float32Array.from({ length: 64 }, Math.sin), { channels: 1, sampleRate: 500 }),
};

async function fill(topic, value) {
  const producer = await dspx.createKafkaProducer({ brokers });
  for (let sent = 0; sent < count; sent += 10_000) {
    const length = Math.min(10_000, count - sent);
    const messages = Array.from({ length }, (_, i) => ({ key: `k${i % 64}`, value, partition: i % PARTITIONS }));
    await producer.send({ topic, messages });
  }
  await producer.close();
}

/** Makes topics with three partitions, on a real broker with kafkajs' admin client. */
async function makeTopic(topic) {
  if (embedded) return embedded.createTopic(topic, PARTITIONS);
  const { Kafka, logLevel } = others('kafkajs');
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });
  await admin.disconnect();
}

/** Counts to `count` from the first message on. */
function counter() {
  let seen = 0;
  let begin;
  let finish;
  const done = new Promise((resolve) => { finish = resolve; });
  const add = (n) => {
    begin ??= performance.now();
    seen += n;
    if (seen >= count) finish(count / ((performance.now() - begin) / 1000));
  };
  return { add, done };
}

const ownConsumer = (handlers) => async (topic) => {
  const { add, done } = counter();
  const config = {
    brokers,
    groupId: group(),
    topics: [topic],
    fromBeginning: true,
    codec: 'raw',
    prefetch: { messages: 10_000 },
  };
  const consumer = await dspx.createKafkaConsumer({ ...config, ...handlers(add) });
  await consumer.run();
  return { rate: await done, end: () => consumer.disconnect() };
};

const kafkajsStyle = (name, handlers, extra) => async (topic) => {
  const { add, done } = counter();
  const module = others(name);
  const { Kafka, logLevel } = module.KafkaJS ?? module;
  const kafka = new Kafka(
    module.KafkaJS ? { kafkaJS: { brokers, logLevel: logLevel.NOTHING } } : { brokers, logLevel: logLevel.NOTHING },
  );
  const consumer = kafka.consumer(
    extra ? { kafkaJS: { groupId: group(), fromBeginning: true } } : { groupId: group() },
  );
  await consumer.connect();
  await consumer.subscribe(extra ? { topic } : { topic, fromBeginning: true });
  await consumer.run(handlers(add));
  return { rate: await done, end: () => consumer.disconnect() };
};

const platformatic = async (topic) => {
  const { add, done } = counter();
  const { Consumer } = others('@platformatic/kafka');
  const consumer = new Consumer({ groupId: group(), clientId: 'bench', bootstrapBrokers: brokers });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: true, maxWaitTime: 10 });
  stream.on('data', () => add(1));
  return { rate: await done, end: () => consumer.close(true) };
};

const nodeRdkafka = async (topic) => {
  const { add, done } = counter();
  const { KafkaConsumer } = others('node-rdkafka');
  const config = { 'metadata.broker.list': brokers.join(), 'group.id': group() };
  const consumer = new KafkaConsumer(config, { 'auto.offset.reset': 'earliest' });
  consumer.on('ready', () => {
    consumer.subscribe([topic]);
    consumer.consume();
  }).on('data', () => add(1));
  consumer.connect();
  return { rate: await done, end: () => new Promise((resolve) => consumer.disconnect(resolve)) };
};

const each = (add) => ({ eachMessage: async () => add(1) });
const batch = (add) => ({ eachBatch: async ({ batch: { messages } }) => add(messages.length) });
const clients = [
  ['dspx-rs onMessage', undefined, ownConsumer((add) => ({ onMessage: async () => add(1) }))],
  ['dspx-rs onBatch', undefined, ownConsumer((add) => ({ onBatch: async (messages) => add(messages.length) }))],
  ['kafkajs eachMessage', 'kafkajs', kafkajsStyle('kafkajs', each)],
  ['kafkajs eachBatch', 'kafkajs', kafkajsStyle('kafkajs', batch)],
  ['@platformatic/kafka', '@platformatic/kafka', platformatic],
  [
    '@confluentinc eachMessage',
    '@confluentinc/kafka-javascript',
    kafkajsStyle('@confluentinc/kafka-javascript', each, true),
  ],
  [
    '@confluentinc eachBatch',
    '@confluentinc/kafka-javascript',
    kafkajsStyle('@confluentinc/kafka-javascript', batch, true),
  ],
  ['node-rdkafka', 'node-rdkafka', nodeRdkafka],
].filter(([name]) => !values.only || name.includes(values.only));

/** The rate of a client, or why there is none. A client gets a minute. */
async function measure(client, topic) {
  let timer;
  const late = new Promise((_resolve, reject) => { timer = setTimeout(reject, 60_000, new Error('too slow')); });
  try {
    const { rate, end } = await Promise.race([client(topic), late]);
    await end();
    return `${Math.round(rate).toLocaleString('en')}/s`;
  } catch (error) {
    return `- (${error.message.split('\n')[0]})`;
  } finally {
    clearTimeout(timer);
  }
}

const isThere = (name) => {
  try {
    return Boolean(others.resolve(name));
  } catch {
    return false;
  }
};

/** Logs as fast as the handler takes them, with at most some ten thousand waiting. */
async function logs() {
  const topic = `${run}-logs`;
  await makeTopic(topic);
  const handler = dspx.createKafkaProducerHandler({ brokers, topic, maxBuffered: 40_000 });
  let accepted = 0;
  const begin = performance.now();
  for (let i = 0; i < count; ) {
    const start = performance.now();
    let last;
    for (let k = 0; k < 20_000 && i < count; k++, i++) {
      last = handler({
        level: 'info',
        message: 'a message of a usual length',
        topic: 'pipeline.info',
        timestamp: Date.now(),
        context: { i },
      });
    }
    accepted += performance.now() - start;
    await last;
  }
  await handler.flush();
  const delivered = performance.now() - begin;
  const { dropped } = handler.metrics();
  await handler.close();
  const rate = (ms) => number(count / (ms / 1000));
  console.log(`logs: ${rate(accepted)}/s accepted, ${rate(delivered)}/s delivered, ${dropped} dropped`);
}

const number = (x, digits = 0) => x.toLocaleString('en', { maximumFractionDigits: digits });

/** Frames of 64 samples through a pipeline of two stages, in a batch handler. */
async function samples(topic) {
  const { add, done } = counter();
  const pipeline = dspx.createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 16 }).Rectify();
  const consumer = await dspx.createKafkaConsumer({
    brokers, groupId: group(), topics: [topic], fromBeginning: true, codec: 'dspx', prefetch: { messages: 10_000 },
    onBatch: async (messages) => {
      for (const { value } of messages) pipeline.processSync(value.data, { channels: 1, sampleRate: value.sampleRate });
      add(messages.length);
    },
  });
  await consumer.run();
  const rate = await done;
  await consumer.disconnect();
  console.log(`pipeline: ${number((rate * 64) / 1e6, 1)} M samples/s`);
}

/** Delays from `send` to the handler, 10 messages each millisecond, and how late the event loop is meanwhile. */
async function delays(seconds = 10) {
  const topic = `${run}-delays`;
  await makeTopic(topic);
  const found = [];
  const consumer = await dspx.createKafkaConsumer({
    brokers, groupId: group(), topics: [topic], fromBeginning: true, codec: 'raw',
    onMessage: ({ value }) => { found.push(performance.now() - value.readDoubleLE(0)); },
  });
  await consumer.run();
  const producer = await dspx.createKafkaProducer({ brokers, producerConfig: { 'linger.ms': 0 } });
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const begin = performance.now();
  const total = seconds * 10_000;
  let isWarm = false;
  for (let sent = 0; sent < total; ) {
    if (!isWarm && sent >= 20_000) {
      isWarm = true;
      found.length = 0;
      loop.enable();
    }
    const due = Math.min(total, Math.floor(performance.now() - begin) * 10);
    for (; sent < due; sent += 10) {
      const value = Buffer.alloc(256);
      value.writeDoubleLE(performance.now());
      producer
        .send({ topic, messages: Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, value })) })
        .catch(console.error);
    }
    await sleep(1);
  }
  await producer.flush();
  await sleep(500);
  loop.disable();
  await Promise.all([consumer.disconnect(), producer.close()]);
  const sorted = Float64Array.from(found).sort();
  const at = (q) => number(sorted[Math.floor(q * sorted.length)], 2);
  console.log(
    `delay at 10,000 messages/s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `p99.9 ${at(0.999)} ms (${found.length} messages)`,
  );
  console.log(
    `event loop delay meanwhile: p50 ${number(loop.percentile(50) / 1e6, 2)} ms, ` +
      `p99 ${number(loop.percentile(99) / 1e6, 2)} ms`,
  );
}

/** The memory of a consumer whose handler never ends, while all of a topic waits for it. */
async function memory(topic) {
  const consumer = await dspx.createKafkaConsumer({
    brokers,
    groupId: group(),
    topics: [topic],
    fromBeginning: true,
    codec: 'raw',
    shutdownTimeoutMs: 0,
    onMessage: () => new Promise(() => {}),
  });
  await consumer.run();
  const sizes = [];
  for (let i = 0; i < 20; i++) {
    await sleep(250);
    sizes.push(process.memoryUsage().rss / 2 ** 20);
  }
  const { queuedBytes } = consumer.metrics();
  await consumer.disconnect();
  const growth = sizes.at(-1) - sizes[4];
  console.log(
    `a consumer that never keeps up: ${number(queuedBytes / 2 ** 20, 2)} MiB queued, ` +
      `memory grows by ${number(growth, 1)} MiB in 4 s`,
  );
}

console.log(
  `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, ` +
    `${embedded ? 'embedded' : 'real'} broker, ${count} messages`,
);
const topics = {};
for (const [name, make] of Object.entries(payloads)) {
  const topic = `${run}-${name.replaceAll(' ', '-')}`;
  topics[name] = topic;
  await makeTopic(topic);
  await fill(topic, make());
  for (const [client, needs, start] of clients) {
    const rate = needs && !isThere(needs) ? '- (not installed: --install)' : await measure(start, topic);
    console.log(`consume ${name.padEnd(12)} ${client.padEnd(26)} ${rate}`);
  }
}
if (!values.only) {
  await logs();
  await samples(topics['frame of 64']);
  await delays();
  await memory(topics['256 bytes']);
}
await embedded?.close();
process.exit(0);
