'use strict';
const { createKafkaConsumer, getTracingContext } = require('../../index.js');
const { Resources, cluster, clusters, sleep, until } = require('../support/streaming.js');

const resources = new Resources();
afterEach(() => resources.close());
beforeEach(() => {
  jest.spyOn(console, 'debug').mockImplementation(() => {});
});
afterEach(() => jest.restoreAllMocks());

/** Messages with the values 0, 1, 2, … */
const numbers = (count) => Array.from({ length: count }, (_, i) => ({ value: String(i), partition: 0 }));
const quick = { attempts: 2, initialMs: 10, jitter: 0 };

test.each([
  ['brokers', { brokers: [] }],
  ['brokers', { brokers: 'localhost' }],
  ['topics', { topics: [''] }],
  ['groupId', { groupId: '' }],
  ['onMessage', { onMessage: undefined }],
  ['onMessage', { onBatch: () => {} }],
  ['codec', { codec: 'avro' }],
  ['concurrency', { concurrency: 0 }],
  ['deadLetterTopic', { onExhausted: 'dlq' }],
  ['fetch.nonsense', { consumerConfig: { 'fetch.nonsense': 1 } }],
  ['topics', { topics: ['a b'] }],
  ['topics', { topics: ['..'] }],
  ['topics', { topics: ['x'.repeat(250)] }],
  ['autoCommit', { autoCommit: 'no' }],
  ['metadataMaxAge', { consumerConfig: { metadataMaxAge: -1 } }],
  ['connectionTimeout', { consumerConfig: { connectionTimeout: 500 } }],
])('a wrong %s is a TypeError that names it', async (name, change) => {
  const good = { brokers: ['127.0.0.1:1'], groupId: 'g', topics: ['t'], onMessage: () => {} };
  const error = await createKafkaConsumer({ ...good, ...change }).catch((e) => e);
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(name);
});

test.each([
  ['a list of', undefined],
  ['a list of', {}],
  [/offsets\[0\]\.topic/, [null]],
  [/offsets\[0\]\.topic/, [{ topic: '', partition: 0, offset: 1 }]],
  [/offsets\[0\]\.partition/, [{ topic: 't', offset: 1 }]],
  [/offsets\[0\]\.partition/, [{ topic: 't', partition: 2 ** 31, offset: 1 }]],
  ...['', 'abc', '-1', -1, 1.5, NaN, null, undefined, 2 ** 60].map((offset) => [
    /offsets\[0\]\.offset/,
    [{ topic: 't', partition: 0, offset }],
  ]),
  [
    /offsets\[1\]\.metadata/,
    [
      { topic: 't', partition: 0, offset: 1 },
      { topic: 't', partition: 0, offset: 1, metadata: 5 },
    ],
  ],
])('commitOffsets refuses what is no offset: %s', async (text, offsets) => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const consumer = await resources.consumer({ brokers, groupId: group, topics: [topic], onMessage: () => {} });
  const error = await consumer.commitOffsets(offsets).catch((e) => e);
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toMatch(text);
});

test.each([
  ['groupProtocol', { groupProtocol: 'KIP-848' }],
  ['groupProtocol', { consumerConfig: { groupProtocol: 'new' } }],
  ['groupProtocol', { groupProtocol: 'classic', consumerConfig: { 'group.protocol': 'consumer' } }],
  ['sessionTimeout', { groupProtocol: 'consumer', consumerConfig: { sessionTimeout: 6000 } }],
  ['heartbeat.interval.ms', { groupProtocol: 'consumer', consumerConfig: { 'heartbeat.interval.ms': 100 } }],
  [
    'partition.assignment.strategy',
    { groupProtocol: 'consumer', consumerConfig: { 'partition.assignment.strategy': 'range' } },
  ],
  ["assignor must be 'uniform' or 'range'", { groupProtocol: 'consumer', assignor: 'roundrobin' }],
  ["'range' or 'roundrobin' with groupProtocol: 'classic'", { assignor: 'uniform' }],
  ['group.remote.assignor', { consumerConfig: { 'group.remote.assignor': 'uniform' } }],
])('group protocols: %s is refused where it contradicts', async (text, change) => {
  const good = { brokers: ['127.0.0.1:1'], groupId: 'g', topics: ['t'], onMessage: () => {} };
  const error = await createKafkaConsumer({ ...good, ...change }).catch((e) => e);
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(text);
});

test('without a broker the promise rejects and names the brokers', async () => {
  const config = { brokers: ['127.0.0.1:1'], groupId: 'g', topics: ['t'], onMessage: () => {}, onError: () => {} };
  const error = await createKafkaConsumer({ ...config, connectTimeoutMs: 300 }).catch((e) => e);
  expect(error).toMatchObject({ name: 'KafkaError', code: '_ALL_BROKERS_DOWN', retriable: true });
  expect(error.message).toContain('127.0.0.1:1');
});

test('unknown options of the consumer itself are named, with the one that may have been meant', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  await resources.consumer({
    brokers,
    groupId: group,
    topics: [topic],
    onMessage: () => {},
    fromBegining: true,
    eachMessage() {},
  });
  const told = warn.mock.calls.flat();
  expect(told).toContain(
    'dspx-rs: createKafkaConsumer: unknown option "fromBegining" is ignored; did you mean fromBeginning?',
  );
  expect(told.some((text) => text.includes('"eachMessage" is ignored'))).toBe(true);
});

test('unknown options are named once and ignored', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  for (let i = 0; i < 2; i++) {
    await resources.consumer({
      brokers, groupId: group, topics: [topic], onMessage: () => {}, consumerConfig: { onlyHere: 1 },
    });
  }
  expect(warn.mock.calls.flat().filter((text) => text.includes('onlyHere'))).toHaveLength(1);
});

describe.each(clusters())('on the %s cluster', (kind) => {
  /** A running consumer of a new topic, and a producer for it. */
  async function setUp(config, messages = []) {
    const place = await cluster(resources, kind, { partitions: 1 });
    const producer = await resources.producer({ brokers: place.brokers });
    const send = (list) => producer.send({ topic: place.topic, messages: list });
    if (messages.length > 0) await send(messages);
    const start = async (more) => {
      const consumer = await resources.consumer({
        brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true, retry: quick,
        onError: () => {}, ...config, ...more,
      });
      await consumer.run();
      return consumer;
    };
    return { ...place, producer, send, start };
  }

  test('one handler at a time, in order, asynchronous or not', async () => {
    const order = [];
    let running = 0;
    const { start } = await setUp({
      onMessage: async ({ value }) => {
        expect(++running).toBe(1);
        if (value % 3 === 0) await sleep(1);
        order.push(value);
        running--;
      },
    }, numbers(100));
    await start();
    await until(() => order.length === 100, '100 messages');
    expect(order).toEqual([...Array(100).keys()]);
  });

  test('batches are full where messages wait, and soon there where they do not', async () => {
    const batches = [];
    const { start, send } = await setUp({
      batch: { maxMessages: 30, maxWaitMs: 5 },
      onBatch: (messages, context) => batches.push({ values: messages.map((m) => m.value), context }),
    }, numbers(100));
    await start();
    await until(() => batches.flatMap((b) => b.values).length === 100, '100 messages');
    expect(batches.flatMap((b) => b.values)).toEqual([...Array(100).keys()]);
    expect(Math.max(...batches.map((b) => b.values.length))).toBe(30);
    expect(batches[0].context).toMatchObject({ partition: 0 });
    expect(Number(batches[0].context.highWatermark)).toBeGreaterThanOrEqual(30);
    await send([{ value: '100', partition: 0 }]);
    await until(() => batches.at(-1).values[0] === 100, 'a single message');
  });

  test('a failing handler is retried in place, then the partition stops there until resume()', async () => {
    const seen = [];
    const stalled = [];
    let broken = true;
    const errors = [];
    const { start } = await setUp({
      onMessage: ({ value }) => {
        seen.push(value);
        if (value === 1 && broken) throw new Error('not now');
      },
      onError: (error, context) => { errors.push([error, context]); },
    }, numbers(3));
    const consumer = await start();
    consumer.on('stalled', (event) => stalled.push(event));
    await until(() => stalled.length === 1, 'the partition to stop');
    expect(seen).toEqual([0, 1, 1, 1]);
    expect(errors[0][0]).toMatchObject({ name: 'KafkaHandlerError', message: 'not now', offset: '1', attempts: 1 });
    expect(errors[0][1]).toMatchObject({ kind: 'handler', offset: '1', attempt: 1 });
    expect(consumer.status().partitions[0].state).toBe('stalled');
    expect(consumer.status().healthy).toBe(false);
    await consumer.commit();
    expect((await consumer.lag())[0]).toMatchObject({ committed: '1', high: '3', lag: 2 });
    broken = false;
    await consumer.resume();
    await until(() => seen.length === 6, 'the rest');
    expect(seen.slice(4)).toEqual([1, 2]);
    expect(consumer.metrics()).toMatchObject({ failed: 3, retried: 2, stalled: 0, handled: 3 });
  });

  test('skip, and what onError asks for', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const seen = [];
    const { start } = await setUp({
      onExhausted: 'stop',
      onMessage: async ({ value }) => {
        seen.push(value);
        if (value < 2) throw new Error('never');
      },
      onError: (_error, { attempt, offset }) => (offset === '0' || attempt === 2 ? 'skip' : undefined),
    }, numbers(3));
    const consumer = await start();
    await until(() => seen.includes(2), 'the good message');
    expect(seen).toEqual([0, 1, 1, 2]);
    expect(consumer.metrics().skipped).toBe(2);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  test('dead letters carry the bytes and say why', async () => {
    const { start, topic, group, brokers } = await setUp(
      { onMessage: ({ key }) => { if (key === 'bad') throw new RangeError('x'.repeat(2000)); } },
      [
        { key: 'bad', value: '{"a":1}', headers: { h: 'v' }, partition: 0 },
        { key: 'poison', value: 'not JSON', partition: 0 },
        { key: 'good', value: '1', partition: 0 },
      ],
    );
    const letters = [];
    await start({ deadLetterTopic: (name) => `${name}-dead` });
    const reader = await resources.consumer({
      brokers, groupId: `${group}-dead`, topics: [`${topic}-dead`], fromBeginning: true, codec: 'raw',
      onMessage: (m) => letters.push(m), onError: () => {},
    });
    await reader.run();
    await until(() => letters.length === 2, 'two dead letters');
    const text = ({ headers }, name) => String(headers[`dspx-dlq-${name}`]);
    const [bad, poison] = letters.sort((a, b) => text(a, 'offset') - text(b, 'offset'));
    expect([bad.key, String(bad.value), String(bad.headers.h)]).toEqual(['bad', '{"a":1}', 'v']);
    expect(['topic', 'partition', 'offset', 'group', 'attempts', 'error-class'].map((n) => text(bad, n)))
      .toEqual([topic, '0', '0', group, '3', 'RangeError']);
    expect(text(bad, 'error-message')).toHaveLength(1024);
    expect(String(poison.value)).toBe('not JSON');
    expect(text(poison, 'error-class')).toBe('KafkaDecodeError');
  });

  test('a message that is not JSON is reported with its bytes and skipped', async () => {
    const seen = [];
    const errors = [];
    const { start } = await setUp({
      onMessage: ({ value }) => seen.push(value),
      onError: (error, context) => { errors.push({ error, context }); },
    }, [{ value: '{broken', partition: 0 }, { value: '', partition: 0 }, { value: '[1]', partition: 0 }]);
    await start();
    await until(() => seen.length === 2, 'the good messages');
    expect(seen).toEqual([null, [1]]);
    expect(errors).toHaveLength(1);
    expect(errors[0].error).toMatchObject({ name: 'KafkaDecodeError', offset: '0', code: 'DECODE_FAILED' });
    expect(String(errors[0].context.message.rawValue)).toBe('{broken');
  });

  test('pause() before run() and while running', async () => {
    const seen = [];
    const { brokers, topic, group } = await setUp({}, numbers(3));
    const consumer = await resources.consumer({
      brokers, groupId: group, topics: [topic], fromBeginning: true, onMessage: ({ value }) => seen.push(value),
    });
    await consumer.pause();
    await consumer.run();
    expect(consumer.status().state).toBe('paused');
    await until(() => consumer.metrics().queued === 3, 'the messages to be there');
    expect(seen).toEqual([]);
    await consumer.resume();
    await until(() => seen.length === 3, 'three messages');
    await consumer.pause([{ topic, partitions: [0] }]);
    expect(consumer.metrics().paused).toBe(1);
    await consumer.disconnect();
    await expect(consumer.pause()).rejects.toThrow(/disconnected/);
  });

  test('resume() of one partition of a paused topic lets that one go on', async () => {
    const place = await cluster(resources, 'embedded', { partitions: 2 });
    const producer = await resources.producer({ brokers: place.brokers });
    const { topic } = place;
    const send = (value) =>
      producer.send({ topic, messages: [0, 1].map((partition) => ({ value: String(value), partition })) });
    const seen = [];
    const consumer = await resources.consumer({
      brokers: place.brokers, groupId: place.group, topics: [topic, topic], fromBeginning: true,
      onMessage: ({ partition, value }) => { seen.push([partition, value]); },
    });
    await consumer.run();
    const states = () => consumer.status().partitions.sort((a, b) => a.partition - b.partition).map((p) => p.state);
    await consumer.pause([{ topic }]);
    expect(states()).toEqual(['paused', 'paused']);
    await consumer.resume([{ topic, partitions: [0] }]);
    expect(states()).toEqual(['running', 'paused']);
    await send(1);
    await until(() => seen.length === 1 && consumer.metrics().queued === 1, 'the message of partition 0');
    expect(seen).toEqual([[0, 1]]);
    await consumer.pause();
    expect(states()).toEqual(['paused', 'paused']);
    await consumer.resume([{ topic, partitions: [1] }]);
    expect(states()).toEqual(['paused', 'running']);
    expect(consumer.status().state).toBe('running');
    await until(() => seen.length === 2, 'the message of partition 1');
    await consumer.resume([{ topic }]);
    expect(states()).toEqual(['running', 'running']);
    for (const list of [[{}], [null], {}, [{ topic, partitions: 0 }], [{ topic, partitions: ['0'] }]]) {
      await expect(consumer.pause(list)).rejects.toThrow(TypeError);
    }
  });

  test('disconnect() within a handler does not wait for it, and commits it', async () => {
    const { start } = await setUp({}, numbers(5));
    const seen = [];
    let began;
    const ready = new Promise((resolve) => { began = resolve; });
    const consumer = await start({
      shutdownTimeoutMs: 600_000,
      onMessage: async ({ value }) => {
        await ready;
        seen.push(value);
        if (value !== 2) return;
        await consumer.disconnect();
        seen.push('and on');
      },
    });
    const closed = new Promise((resolve) => consumer.once('closed', resolve));
    began();
    await closed;
    expect(seen).toEqual([0, 1, 2, 'and on']);
    await start({ onMessage: ({ value }) => seen.push(value) });
    await until(() => seen.length === 6, 'the rest');
    expect(seen.slice(4)).toEqual([3, 4]);
  });

  test('autoCommit: false: nothing is committed but by commit(), not even at the end', async () => {
    const { start } = await setUp({ autoCommit: false, autoCommitIntervalMs: 1 }, numbers(3));
    const seen = [];
    const onMessage = ({ value }) => { seen.push(value); };
    const first = await start({ onMessage });
    await until(() => seen.length === 3, 'three messages');
    expect((await first.lag())[0].committed).toBeNull();
    await first.disconnect();
    const second = await start({ onMessage });
    await until(() => seen.length === 6, 'them again');
    await second.commit();
    expect((await second.lag())[0].committed).toBe('3');
    await second.disconnect();
    const third = await start({ onMessage });
    expect((await third.lag())[0]).toMatchObject({ committed: '3', lag: 0 });
  });

  test('topics that come later are seen within metadataMaxAge', async () => {
    const { brokers, topic, group } = await cluster(resources, kind);
    const producer = await resources.producer({ brokers });
    await producer.send({ topic: `${topic}-a`, messages: [{ value: '1' }] });
    const seen = [];
    const consumer = await resources.consumer({
      brokers, groupId: group, topics: [`^${topic}-.*`], fromBeginning: true, consumerConfig: { metadataMaxAge: 300 },
      onMessage: (message) => { seen.push(message.topic); },
    });
    await consumer.run();
    await until(() => seen.length === 1, 'the first topic');
    await producer.send({ topic: `${topic}-b`, messages: [{ value: '2' }] });
    await until(() => seen.length === 2, 'the second topic');
    expect(seen).toEqual([`${topic}-a`, `${topic}-b`]);
  });

  test('a topic that does not exist: run() rejects within connectTimeoutMs, and nobody makes it', async () => {
    const { brokers, topic, group } = await cluster(resources, kind);
    const typo = `${topic}-typo`;
    const config = {
      brokers,
      groupId: group,
      onMessage: () => {},
      onError: () => {},
      connectTimeoutMs: 500,
      consumerConfig: { allowAutoTopicCreation: false },
    };
    // The second time shows that the first has not made it.
    for (const topics of [[typo], [topic, typo]]) {
      const consumer = await resources.consumer({ ...config, topics });
      const error = await consumer.run().catch((e) => e);
      expect(error).toMatchObject({ name: 'KafkaError', code: 'UNKNOWN_TOPIC_OR_PART' });
      expect(error.message).toMatch(
        new RegExp(`^there is no topic ${typo} after 500 ms \\(Broker: Unknown topic or partition\\)`),
      );
      await consumer.disconnect();
      expect(consumer.status()).toMatchObject({ state: 'closed', healthy: false });
    }
  });

  test('a topic that is made while run() waits for it, and one that is asked for', async () => {
    const { brokers, topic, group } = await cluster(resources, kind);
    const producer = await resources.producer({ brokers });
    const config = { brokers, groupId: group, fromBeginning: true, connectTimeoutMs: 60_000, onError: () => {} };
    const seen = [];
    const waiting = await resources.consumer({
      ...config,
      topics: [`${topic}-late`],
      consumerConfig: { allowAutoTopicCreation: false },
      onMessage: ({ value }) => {
        seen.push(value);
      },
    });
    const running = waiting.run();
    await producer.send({ topic: `${topic}-late`, messages: [{ value: '1' }] });
    await running;
    await until(() => seen.length === 1, 'the message');
    const asking = await resources.consumer({
      ...config,
      groupId: `${group}-2`,
      topics: [`${topic}-asked`],
      consumerConfig: { allowAutoTopicCreation: true },
      onMessage: () => {},
    });
    await asking.run();
    expect(asking.assignment().length).toBeGreaterThan(0);
  });

  test('commitOffsets: the group goes on where it says, whatever was handled', async () => {
    const { start, topic, group } = await setUp({ autoCommit: false }, numbers(10));
    const seen = [];
    const first = await start({ onMessage: ({ value }) => { seen.push(value); } });
    await until(() => seen.length === 10, 'all messages');
    await first.commitOffsets([]);
    await first.commitOffsets([
      { topic, partition: 0, offset: '9' },
      { topic, partition: 0, offset: '4', metadata: 'mine' },
    ]);
    expect((await first.lag())[0]).toMatchObject({ committed: '4', position: '10' });
    const elsewhere = first.commitOffsets([
      { topic, partition: 0, offset: 7 },
      { topic: `${topic}-other`, partition: 0, offset: 1 },
    ]);
    await expect(elsewhere).rejects.toMatchObject({ name: 'KafkaError', code: '_ASSIGNMENT_LOST' });
    await first.disconnect();
    await expect(first.commitOffsets([{ topic, partition: 0, offset: 8 }])).rejects.toThrow(/disconnected/);
    const again = [];
    const second = await start({ onMessage: ({ value }) => { again.push(value); } });
    await until(() => again.length === 6, 'those from the offset on');
    expect(again).toEqual([4, 5, 6, 7, 8, 9]);
    // What was handled is committed beyond it, if that is asked for.
    await second.commit();
    expect((await second.lag())[0]).toMatchObject({ committed: '10' });
    expect(group).toBeTruthy();
  });

  test('commitOffsets within a handler, message by message, as kafkajs users do', async () => {
    const { start, topic } = await setUp({ autoCommit: false }, numbers(5));
    const consumer = await start({
      onMessage: (message) => consumer?.commitOffsets([
        { topic: message.topic, partition: message.partition, offset: String(Number(message.offset) + 1) },
      ]),
    });
    await consumer.seek({ topic, partition: 0, offset: 'beginning' });
    await until(async () => (await consumer.lag())[0].committed === '5', 'the last commit');
    expect(consumer.metrics().commitErrors).toBe(0);
  });

  test('an expression that is none: run() rejects, and the consumer lets go', async () => {
    const { brokers, group } = await cluster(resources, kind);
    const consumer = await resources.consumer({
      brokers,
      groupId: group,
      topics: ['^(['],
      onMessage: () => {},
      onError: () => {},
    });
    await expect(consumer.run()).rejects.toMatchObject({ name: 'KafkaError', code: '_INVALID_ARG' });
    await consumer.disconnect();
    expect(consumer.status().state).toBe('closed');
  });

  test('disconnect() waits for the handler and commits it; nothing else is lost or repeated', async () => {
    const seen = [];
    let release;
    const hold = new Promise((resolve) => { release = resolve; });
    const { start } = await setUp({}, numbers(5));
    const first = await start({
      onMessage: async ({ value }) => {
        if (value === 2) await hold;
        seen.push(value);
      },
    });
    await until(() => seen.length === 2, 'two messages');
    const ended = first.disconnect();
    expect(first.disconnect()).toBe(ended);
    await expect(first.run()).rejects.toThrow(/disconnected/);
    expect(first.status().state).toBe('stopping');
    release();
    await ended;
    expect(seen).toEqual([0, 1, 2]);
    expect(first.status().state).toBe('closed');
    await start({ onMessage: ({ value }) => seen.push(value) });
    await until(() => seen.length === 5, 'the rest');
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test('an unhandled message is not committed', async () => {
    const { start } = await setUp({ autoCommitIntervalMs: 20, shutdownTimeoutMs: 50 }, numbers(3));
    const stuck = await start({ onMessage: ({ value }) => (value === 1 ? new Promise(() => {}) : undefined) });
    await until(async () => (await stuck.lag())[0].committed === '1', 'the commit of the first message');
    await stuck.commit();
    expect((await stuck.lag())[0]).toMatchObject({ committed: '1', position: '1' });
    await stuck.disconnect();
    const seen = [];
    await start({ onMessage: ({ value }) => seen.push(value) });
    await until(() => seen.length === 2, 'the other two');
    expect(seen).toEqual([1, 2]);
  });

  test('a handler past its time counts as failed', async () => {
    let calls = 0;
    const errors = [];
    const { start } = await setUp({
      handlerTimeoutMs: 30,
      onMessage: () => (++calls === 1 ? new Promise(() => {}) : undefined),
      onError: (error) => { errors.push(error.message); },
    }, numbers(1));
    await start();
    await until(() => calls === 2, 'the second try');
    expect(errors).toEqual(['the handler took longer than 30 ms']);
  });

  test('seek goes back and forth', async () => {
    const seen = [];
    const { start, topic, send } = await setUp({ onMessage: ({ value }) => seen.push(value) }, numbers(5));
    const consumer = await start();
    await until(() => seen.length === 5, 'five messages');
    await consumer.seek({ topic, partition: 0, offset: '3' });
    await until(() => seen.length === 7, 'two again');
    await consumer.seek({ topic, partition: 0, offset: 'beginning' });
    await until(() => seen.length === 12, 'all again');
    await consumer.seek({ topic, partition: 0, offset: 'end' });
    await send([{ value: '9', partition: 0 }]);
    await until(() => seen.length === 13, 'the new one');
    expect(seen).toEqual([0, 1, 2, 3, 4, 3, 4, 0, 1, 2, 3, 4, 9]);
    await consumer.commit();
    expect((await consumer.lag())[0].committed).toBe('6');
    await expect(consumer.seek({ topic, partition: 0, offset: 'middle' })).rejects.toThrow(TypeError);
    await expect(consumer.seek({ topic: 'other', partition: 0, offset: '0' })).rejects.toThrow(/not assigned/);
  });

  test('partitionConcurrency keeps the order of a key and commits only the unbroken run', async () => {
    const seen = [];
    let most = 0;
    let running = 0;
    const messages = Array.from({ length: 60 }, (_, i) => ({ key: `k${i % 5}`, value: String(i), partition: 0 }));
    const { start } = await setUp({
      partitionConcurrency: 4,
      onMessage: async ({ value }) => {
        most = Math.max(most, ++running);
        await sleep(Math.random() * 4);
        running--;
        seen.push(value);
      },
    }, messages);
    const consumer = await start();
    await until(() => seen.length === 60, '60 messages');
    expect(most).toBe(4);
    for (let key = 0; key < 5; key++) {
      const own = seen.filter((value) => value % 5 === key);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    await consumer.commit();
    expect((await consumer.lag())[0].committed).toBe('60');
  });

  test('the trace of a message is the context of its handler', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const contexts = [];
    const headers = [
      { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'correlation-id': 'c' },
      { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` },
      { 'trace-id': 'old', 'span-id': 'older' },
      undefined,
    ];
    const { start } = await setUp(
      { onMessage: () => contexts.push(getTracingContext()) },
      headers.map((h) => ({ value: '1', partition: 0, headers: h })),
    );
    await start();
    await until(() => contexts.length === 4, 'four messages');
    expect(contexts[0]).toMatchObject({ traceId, spanId: '00f067aa0ba902b7', correlationId: 'c' });
    expect(contexts[1].traceId).toBeUndefined();
    expect(contexts[2]).toMatchObject({ traceId: 'old', spanId: 'older' });
    expect(contexts[3].traceId).toBeUndefined();
  });
});

test('a group shares the partitions, and the rest go on where one left', async () => {
  const place = await cluster(resources, 'embedded', { partitions: 2 });
  const producer = await resources.producer({ brokers: place.brokers });
  const events = [];
  const seen = [];
  const member = async (name) => {
    const consumer = await resources.consumer({
      brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true,
      autoCommitIntervalMs: 50,
      onMessage: ({ value }) => seen.push(value),
      onAssigned: (list) => { events.push([name, 'assigned', list.length]); },
      onRevoked: (list) => { events.push([name, 'revoked', list.length]); },
    });
    await consumer.run();
    return consumer;
  };
  const a = await member('a');
  await member('b');
  await until(() => a.assignment().length === 1, 'one partition each');
  const values = [...Array(50).keys()];
  await producer.send({
    topic: place.topic, messages: values.map((v) => ({ value: String(v), partition: v % 2 })),
  });
  await until(() => seen.length === 50, '50 messages');
  expect([...seen].sort((x, y) => x - y)).toEqual(values);
  expect(events[0]).toEqual(['a', 'assigned', 2]);
  expect(events).toContainEqual(['a', 'revoked', 1]);
  expect(events).toContainEqual(['b', 'assigned', 1]);
});

test('a second assignor in a group of the embedded cluster is refused', async () => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const config = { brokers, groupId: group, topics: [topic], onMessage: () => {} };
  await resources.consumer(config);
  const error = await createKafkaConsumer({ ...config, assignor: 'range' }).catch((e) => e);
  expect(error).toMatchObject({ name: 'KafkaError', code: 'INCONSISTENT_GROUP_PROTOCOL' });
  expect(error.message).toMatch(/assignor/);
});

test('brokers go and come back: reported, and nothing is lost', async () => {
  const { kafka, brokers, topic, group } = await cluster(resources, 'embedded');
  const seen = [];
  const errors = [];
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], fromBeginning: true, onMessage: ({ value }) => seen.push(value),
    onError: (error, context) => { errors.push({ code: error.code, kind: context.kind }); },
    consumerConfig: { 'statistics.interval.ms': 100 },
  });
  await consumer.run();
  expect(consumer.status().healthy).toBe(true);
  const producer = await resources.producer({ brokers });
  await producer.send({ topic, messages: numbers(3) });
  await until(() => seen.length === 3, 'three messages');
  kafka.brokerDown();
  await until(() => errors.some(({ code }) => code === '_ALL_BROKERS_DOWN'), 'the report');
  expect(consumer.status().healthy).toBe(false);
  const sent = producer.send({ topic, messages: [{ value: '3' }] });
  await until(() => producer.metrics().queued === 1, 'the message to wait');
  kafka.brokerUp();
  await sent;
  await until(() => seen.length === 4, 'the message after the outage');
  await until(() => consumer.status().healthy, 'the end of the alarm');
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(errors.every(({ kind }) => kind === 'connection' || kind === 'rebalance')).toBe(true);
});

test('an outage is told once, not with every attempt to connect', async () => {
  const printed = ['log', 'debug', 'info'].map((name) => jest.spyOn(console, name).mockImplementation(() => {}));
  const { kafka, brokers, topic, group } = await cluster(resources, 'embedded');
  const errors = [];
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], onMessage: () => {}, onError: (error) => { errors.push(error.message); },
    consumerConfig: { 'reconnect.backoff.max.ms': 20, 'reconnect.backoff.ms': 10 },
  });
  await consumer.run();
  for (let outage = 1; outage <= 2; outage++) {
    const before = errors.length;
    kafka.brokerDown();
    await until(() => !consumer.status().healthy && errors.length > before, 'the outage');
    const told = errors.slice(before);
    expect(told.length).toBeLessThan(8);
    kafka.brokerUp();
    await until(() => consumer.status().healthy, 'its end');
  }
  expect(printed.flatMap((spy) => spy.mock.calls)).toEqual([]);
});

test('disconnect() ends although the broker is away', async () => {
  const { kafka, brokers, topic, group } = await cluster(resources, 'embedded');
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], onMessage: () => {}, onError: () => {},
  });
  await consumer.run();
  kafka.brokerDown();
  await consumer.disconnect();
  expect(consumer.status().state).toBe('closed');
});

test('disconnect() while run() is starting', async () => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const consumer = await resources.consumer({ brokers, groupId: group, topics: [topic], onMessage: () => {} });
  const run = consumer.run();
  const ended = consumer.disconnect();
  await expect(run).rejects.toThrow(/disconnected/);
  await ended;
});

test('metrics as Prometheus text', async () => {
  const { brokers, topic, group } = await cluster(resources, 'embedded');
  const consumer = await resources.consumer({ brokers, groupId: group, topics: [topic], onMessage: () => {} });
  const lines = consumer.prometheus().trim().split('\n');
  expect(lines).toContain('# TYPE dspx_kafka_consumer_messages_total counter');
  expect(lines).toContain('dspx_kafka_consumer_lag 0');
  expect(lines.some((line) => line.startsWith('dspx_kafka_consumer_handler_ms_count'))).toBe(true);
});

const onReal = process.env.DSPX_KAFKA_BROKERS ? test : test.skip;

onReal('a static member that comes back in time keeps its partitions without a rebalance', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real');
  const producer = await resources.producer({ brokers });
  await producer.send({ topic, messages: numbers(2) });
  const seen = [];
  const start = async () => {
    const consumer = await resources.consumer({
      brokers, groupId: group, topics: [topic], fromBeginning: true, groupInstanceId: 'one',
      onMessage: ({ value }) => seen.push(value),
    });
    await consumer.run();
    return consumer;
  };
  const first = await start();
  await until(() => seen.length === 2, 'two messages');
  await first.disconnect();
  await producer.send({ topic, messages: [{ value: '2', partition: 0 }] });
  await start();
  await until(() => seen.length === 3, 'the message sent meanwhile');
  expect(seen).toEqual([0, 1, 2]);
});

onReal('a second live member with the same instance id ends the first with a fatal error', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real');
  const errors = [];
  const start = async (onError) => {
    const consumer = await resources.consumer({
      brokers, groupId: group, topics: [topic], groupInstanceId: 'one', onMessage: () => {}, onError,
    });
    await consumer.run();
    return consumer;
  };
  const first = await start((error) => { errors.push(error); });
  const closed = new Promise((resolve) => first.once('closed', resolve));
  const second = await start(() => {});
  await closed;
  expect(errors.find(({ fatal }) => fatal)).toMatchObject({
    name: 'KafkaError',
    code: 'FENCED_INSTANCE_ID',
    fatal: true,
  });
  expect(first.status().state).toBe('closed');
  expect(second.assignment()).toHaveLength(1);
});

onReal('seek to a time', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real');
  const producer = await resources.producer({ brokers });
  const time = Date.now() - 10_000;
  const messages = Array.from({ length: 5 }, (_, i) => ({
    value: String(i),
    partition: 0,
    timestamp: time + 1000 * i,
  }));
  await producer.send({ topic, messages });
  const seen = [];
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], fromBeginning: true, onMessage: ({ value }) => { seen.push(value); },
  });
  await consumer.run();
  await until(() => seen.length === 5, 'five messages');
  const seek = (ms) => consumer.seek({ topic, partition: 0, offset: { timestamp: ms } });
  await seek(time + 2500);
  await until(() => seen.length === 7, 'those from that time on');
  expect(seen.slice(5)).toEqual([3, 4]);
  await seek(time - 1);
  await until(() => seen.length === 12, 'all again');
  await seek(Date.now() + 3_600_000); // after the last: what comes next
  await producer.send({ topic, messages: [{ value: '5', partition: 0 }] });
  await until(() => seen.length === 13, 'the new one');
  expect(seen.slice(7)).toEqual([0, 1, 2, 3, 4, 5]);
});

onReal('members that leave at once, one after the other, leave nobody behind', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real');
  const producer = await resources.producer({ brokers });
  await producer.send({ topic, messages: numbers(1) });
  // The next would wait for a member that has not left, far longer than a test may take.
  const consumerConfig = { sessionTimeout: 1_000_000, rebalanceTimeout: 1_000_000, heartbeatInterval: 500 };
  const join = async () => {
    const consumer = await resources.consumer({
      brokers,
      groupId: group,
      topics: [topic],
      onMessage: () => {},
      consumerConfig,
    });
    await consumer.run();
    return consumer;
  };
  for (let round = 0; round < 5; round++) {
    const both = [await join(), await join()];
    for (const member of both) await member.disconnect();
    await (await join()).disconnect();
  }
});

onReal('a session that the broker does not allow: run() rejects at once with its reason', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real');
  const consumer = await resources.consumer({
    brokers, groupId: group, topics: [topic], onMessage: () => {}, onError: () => {},
    consumerConfig: { sessionTimeout: 3_500_000, rebalanceTimeout: 3_600_000 },
  });
  await expect(consumer.run()).rejects.toMatchObject({ name: 'KafkaError', code: 'INVALID_SESSION_TIMEOUT' });
});

onReal('another assignor in the group is named as the reason', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real');
  const config = { brokers, groupId: group, topics: [topic], onMessage: () => {}, onError: () => {} };
  const first = await resources.consumer(config);
  await first.run();
  const second = await resources.consumer({ ...config, assignor: 'range' });
  await expect(second.run()).rejects.toMatchObject({ name: 'KafkaError', code: 'INCONSISTENT_GROUP_PROTOCOL' });
});

onReal('KIP-848: a rolling restart of two members loses nothing and repeats nothing', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real', { partitions: 4 });
  const producer = await resources.producer({ brokers });
  const seen = [];
  const start = async () => {
    const consumer = await resources.consumer({
      brokers, groupId: group, topics: [topic], fromBeginning: true, groupProtocol: 'consumer', assignor: 'uniform',
      onMessage: ({ value }) => { seen.push(value); },
    });
    await consumer.run();
    return consumer;
  };
  let sent = 0;
  const send = async () => {
    const messages = [0, 1, 2, 3].map((partition) => ({ partition, value: String(sent++) }));
    await producer.send({ topic, messages });
    await until(() => seen.length >= sent, `${sent} messages`);
  };
  const shared = (...members) =>
    until(
      () => members.every((member) => member.assignment().length === 4 / members.length),
      `${members.length} members with equal shares`,
    );
  const old = [await start()];
  await shared(...old);
  await send();
  old.push(await start());
  await shared(...old);
  await send();
  const fresh = [];
  for (const member of old) {
    await member.disconnect();
    await send();
    fresh.push(await start());
    await shared(...old.slice(fresh.length), ...fresh);
    await send();
  }
  // Each member left in peace, with all it had handled committed: nothing is lost, and nothing comes twice.
  expect(seen.slice().sort((a, b) => a - b)).toEqual([...Array(sent).keys()]);
});

onReal('a group moves from the classic protocol to that of KIP-848 without a stop', async () => {
  const { brokers, topic, group } = await cluster(resources, 'real', { partitions: 2 });
  const producer = await resources.producer({ brokers });
  const seen = [];
  const start = async (groupProtocol) => {
    const consumer = await resources.consumer({
      brokers,
      groupId: group,
      topics: [topic],
      fromBeginning: true,
      groupProtocol,
      assignor: 'range',
      onMessage: ({ value }) => {
        seen.push(value);
      },
    });
    await consumer.run();
    return consumer;
  };
  const classic = await start('classic');
  await producer.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: `${partition}` })) });
  await until(() => seen.length === 2, 'the first messages');
  const next = await start('consumer');
  await until(() => classic.assignment().length === 1 && next.assignment().length === 1, 'equal shares');
  await classic.disconnect();
  await until(() => next.assignment().length === 2, 'all partitions');
  await producer.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: `${partition + 2}` })) });
  await until(() => seen.length === 4, 'the last messages');
  expect(seen.sort()).toEqual([0, 1, 2, 3]);
});
