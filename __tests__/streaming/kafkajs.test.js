'use strict';
const { blocksOf } = require('../support/pasted.js');
const { Resources, cluster, until } = require('../support/streaming.js');

const resources = new Resources();
afterEach(() => resources.close());

const real = Boolean(process.env.DSPX_KAFKA_BROKERS);
if (!real) console.info('No move from kafkajs: DSPX_KAFKA_BROKERS is not set (scripts/services start)');

const [, example] = blocksOf('docs/KAFKA_INTEGRATION.md').find(([, code]) => code.includes("from 'kafkajs'"));

(real ? test : test.skip)('a group moves from kafkajs without a stop, as the guide says', async () => {
  const { Kafka, PartitionAssigners, logLevel } = require('kafkajs');
  const { brokers, topic, group } = await cluster(resources, 'real', { partitions: 4 });
  // The assignor is the guide's own text, as a script.
  const script = example.replace(/^import (\{.*\}) from ('.*');$/m, 'const $1 = require($2);');
  const { roundrobin } = new Function('require', `${script}; return { roundrobin };`)(require);
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const seen = [];
  const theirs = async (partitionAssigners) => {
    const consumer = resources.use(
      kafka.consumer({ groupId: group, partitionAssigners, heartbeatInterval: 200 }),
      (c) => c.disconnect(),
    );
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ eachMessage: async ({ message }) => { seen.push(['kafkajs', String(message.value)]); } });
    await joined;
    return consumer;
  };
  const ours = (onError = () => {}) => resources.consumer({
    brokers, groupId: group, topics: [topic], fromBeginning: true, assignor: 'roundrobin', onError,
    onMessage: ({ value }) => { seen.push(['dspx-rs', String(value)]); },
  });
  const producer = await resources.producer({ brokers });
  const send = async (round) => {
    const before = seen.length;
    await producer.send({
      topic,
      messages: [0, 1, 2, 3].map((partition) => ({ partition, value: String(10 * round + partition) })),
    });
    await until(() => seen.length >= before + 4, `the messages of round ${round}`);
    return seen.slice(before).map(([who]) => who).sort();
  };
  const old = await theirs([PartitionAssigners.roundRobin]);
  const refused = await ours();
  await expect(refused.run()).rejects.toMatchObject({ code: 'INCONSISTENT_GROUP_PROTOCOL' });
  const next = await theirs([PartitionAssigners.roundRobin, roundrobin]);
  expect(new Set(await send(1))).toEqual(new Set(['kafkajs']));
  await old.disconnect();
  const consumer = await ours();
  await consumer.run();
  await until(() => consumer.assignment().length === 2, 'half of the partitions');
  expect(await send(2)).toEqual(['dspx-rs', 'dspx-rs', 'kafkajs', 'kafkajs']);
  await next.disconnect();
  await until(() => consumer.assignment().length === 4, 'all of them');
  expect(new Set(await send(3))).toEqual(new Set(['dspx-rs']));
  // None is left out; one may come twice where members change.
  const values = [...new Set(seen.map(([, value]) => Number(value)))].sort((a, b) => a - b);
  expect(values).toEqual([10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33]);
});
