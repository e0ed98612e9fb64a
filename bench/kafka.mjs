// npm run bench:kafka: this client against others, consuming and producing 256-byte messages and frames of 64 samples on 3
// partitions, and the Logger handler. On the broker of DSPX_KAFKA_BROKERS, else on the embedded one (5 MiB per partition).
//   --messages N   per run (default 200000; embedded 20000)     --only NAME   one client
//   --install      install the other clients into bench/kafka-clients first (those that can be)
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
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
  const options = ['--no-package-lock', '--no-audit', '--no-fund', '--prefix', folder];
  execFileSync('npm', ['install', ...options], { stdio: 'inherit' });
}

const embedded = process.env.DSPX_KAFKA_BROKERS ? undefined : await dspx.createEmbeddedKafka();
const brokers = embedded ? embedded.brokers : process.env.DSPX_KAFKA_BROKERS.split(',');
const count = Number(values.messages ?? (embedded ? 20_000 : 200_000));
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
  const config = { brokers, groupId: group(), topics: [topic], fromBeginning: true, codec: 'raw' };
  const consumer = await dspx.createKafkaConsumer({ ...config, ...handlers(add) });
  await consumer.run();
  return { rate: await done, end: () => consumer.disconnect() };
};

const kafkajsStyle = (name, handlers, extra) => async (topic) => {
  const { add, done } = counter();
  const module = others(name);
  const { Kafka, logLevel } = module.KafkaJS ?? module;
  const kafka = new Kafka(module.KafkaJS ? { kafkaJS: { brokers, logLevel: logLevel.NOTHING } } : { brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer(extra ? { kafkaJS: { groupId: group(), fromBeginning: true } } : { groupId: group() });
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
  ['@confluentinc eachMessage', '@confluentinc/kafka-javascript', kafkajsStyle('@confluentinc/kafka-javascript', each, true)],
  ['@confluentinc eachBatch', '@confluentinc/kafka-javascript', kafkajsStyle('@confluentinc/kafka-javascript', batch, true)],
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

async function logs() {
  const topic = `${run}-logs`;
  await makeTopic(topic);
  const handler = dspx.createKafkaProducerHandler({ brokers, topic });
  let accepted = 0;
  const begin = performance.now();
  for (let i = 0; i < count; ) {
    const start = performance.now();
    let last;
    for (let k = 0; k < 5000 && i < count; k++, i++) {
      last = handler({ level: 'info', message: 'a message of a usual length', topic: 'pipeline.info', timestamp: Date.now(), context: { i } });
    }
    accepted += performance.now() - start;
    await last;
  }
  await handler.flush();
  const delivered = performance.now() - begin;
  await handler.close();
  const rate = (ms) => Math.round(count / (ms / 1000)).toLocaleString('en');
  console.log(`logs: ${rate(accepted)}/s accepted, ${rate(delivered)}/s delivered`);
}

console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, ${embedded ? 'embedded' : 'real'} broker, ${count} messages`);
for (const [name, make] of Object.entries(payloads)) {
  const topic = `${run}-${name.replaceAll(' ', '-')}`;
  await makeTopic(topic);
  await fill(topic, make());
  for (const [client, needs, start] of clients) {
    const rate = needs && !isThere(needs) ? '- (not installed: --install)' : await measure(start, topic);
    console.log(`consume ${name.padEnd(12)} ${client.padEnd(26)} ${rate}`);
  }
}
await logs();
await embedded?.close();
process.exit(0);
