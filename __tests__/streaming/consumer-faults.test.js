'use strict';
const { createNativeLogHandler, setLogLevel } = require('../../index.js');
const { Resources, cluster, sleep, until } = require('../support/streaming.js');
const { child } = require('../support/child.js');

const resources = new Resources();
beforeEach(() => jest.spyOn(console, 'debug').mockImplementation(() => {}));
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const numbers = (count, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ value: String(from + i), partition: 0 }));

/** A topic with messages, and a way to consume it. */
async function setUp({ partitions = 1, messages = [], ...config } = {}) {
  const place = await cluster(resources, 'embedded', { partitions });
  const producer = await resources.producer({ brokers: place.brokers });
  const send = (list) => producer.send({ topic: place.topic, messages: list });
  if (messages.length > 0) await send(messages);
  const open = (more) => resources.consumer({
    brokers: place.brokers, groupId: place.group, topics: [place.topic], fromBeginning: true, onMessage: () => {},
    onError: () => {}, ...config, ...more,
  });
  const start = async (more) => {
    const consumer = await open(more);
    await consumer.run();
    return consumer;
  };
  return { ...place, producer, send, open, start };
}

describe('what users give us may fail', () => {
  test('listeners that throw are reported and change nothing', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { open, producer, topic, brokers, group } = await setUp({
      messages: [{ value: 'not JSON' }, { value: '1' }],
    });
    const seen = [];
    const consumer = await open({ deadLetterTopic: 'dead', onMessage: ({ value }) => { seen.push(value); } });
    for (const name of ['assigned', 'dlq', 'error', 'closed']) {
      consumer.on(name, () => { throw new Error(`from ${name}`); });
    }
    await consumer.run();
    await until(() => seen.length === 1, 'the good message');
    expect(consumer.metrics()).toMatchObject({ deadLettered: 1, handled: 1 });
    await consumer.disconnect();
    const told = error.mock.calls.flat().map(String).join();
    for (const name of ['assigned', 'dlq', 'error', 'closed']) expect(told).toContain(`from ${name}`);
    const letters = [];
    const reader = await resources.consumer({
      brokers,
      groupId: `${group}-dead`,
      topics: ['dead'],
      fromBeginning: true,
      codec: 'raw',
      onMessage: (m) => {
        letters.push(m);
      },
    });
    await reader.run();
    await producer.send({ topic: 'dead', messages: [{ value: 'the end', headers: { 'dspx-dlq-topic': 'none' } }] });
    await until(() => String(letters.at(-1)?.value) === 'the end', 'the end of the dead letters');
    letters.pop();
    expect(letters.map(({ headers }) => String(headers['dspx-dlq-topic']))).toEqual([topic]);
  });

  test('onError and callbacks that throw or reject are reported, and the plan stands', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {});
    let calls = 0;
    const { start } = await setUp({
      messages: numbers(2), retry: { attempts: 1, initialMs: 1 }, onExhausted: 'skip',
      onMessage: ({ value }) => { if (value === 0) { calls++; throw new Error('no'); } },
      onError: async () => { throw new Error('from onError'); },
      onAssigned: () => { throw new Error('from onAssigned'); },
    });
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    const consumer = await start();
    await until(() => consumer.metrics().handled === 1, 'the good message');
    expect(calls).toBe(2);
    expect(consumer.metrics().skipped).toBe(1);
    expect(error.mock.calls.flat().join()).toContain('from onError');
  });

  test('seek() in onAssigned decides where the partition begins', async () => {
    const seen = [];
    let consumer;
    const { open, topic } = await setUp({
      messages: numbers(5), onMessage: ({ value }) => { seen.push(value); },
      onAssigned: () => consumer.seek({ topic, partition: 0, offset: '3' }),
    });
    consumer = await open();
    await consumer.run();
    await until(() => seen.length === 2, 'the last two messages');
    expect(seen).toEqual([3, 4]);
    await consumer.commit();
    expect((await consumer.lag())[0]).toMatchObject({ committed: '5', lag: 0 });
  });

  test('an onRevoked or a handler that never ends does not keep disconnect() for ever', async () => {
    const { start } = await setUp({
      messages: numbers(1),
      shutdownTimeoutMs: 100,
      onMessage: () => new Promise(() => {}),
      onRevoked: () => new Promise(() => {}),
    });
    const consumer = await start();
    await until(() => consumer.metrics().inFlight === 1, 'the handler');
    await consumer.disconnect();
    expect(consumer.status().state).toBe('closed');
  });

  test('a dead letter that the broker refuses is tried again, and the message is not done before', async () => {
    const kinds = [];
    const { kafka, start } = await setUp({
      messages: numbers(2), retry: { attempts: 0, initialMs: 20 }, deadLetterTopic: 'dead',
      consumerConfig: { 'message.timeout.ms': 1000 },
      onMessage: ({ value }) => { if (value === 0) throw new Error('no'); },
      onError: (_e, { kind }) => { kinds.push(kind); },
    });
    kafka.createTopic('dead');
    kafka.failNext('Produce', Array(3).fill('TOPIC_AUTHORIZATION_FAILED'));
    const consumer = await start();
    await until(() => consumer.metrics().handled === 1, 'the second message');
    expect(kinds.filter((kind) => kind === 'dlq').length).toBeGreaterThan(0);
    expect(consumer.metrics().deadLettered).toBe(1);
  });
});

describe('pause', () => {
  test('with partitionConcurrency nothing starts any more once it has resolved', async () => {
    let started = 0;
    let ended = 0;
    const messages = Array.from({ length: 100 }, (_, i) => ({ key: 'same', value: String(i), partition: 0 }));
    const { start } = await setUp({
      messages, partitionConcurrency: 8,
      onMessage: async () => {
        started++;
        await sleep(3);
        ended++;
      },
    });
    const consumer = await start();
    await until(() => started > 3, 'some messages');
    await consumer.pause();
    const before = started;
    await until(() => ended === before, 'those under way');
    // The next would have begun with the end of the last.
    await sleep(0);
    expect(started).toBe(before);
    await consumer.resume();
    await until(() => started === 100, 'the rest');
  });

  test('one that stops does not keep the others of its consumer from their turn', async () => {
    const messages = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, value: String(i), partition: i % 2 }));
    const seen = [];
    const { start, topic } = await setUp({
      messages, partitions: 2, partitionConcurrency: 3, retry: { attempts: 1000, initialMs: 60_000 },
      onMessage: ({ partition, value }) => {
        if (partition === 0) throw new Error('not yet');
        seen.push(value);
      },
    });
    const consumer = await start();
    await until(() => seen.length === 10, 'the other partition');
    expect(consumer.status().partitions.find((p) => p.partition === 0)).toMatchObject({
      topic,
      state: 'retrying',
      inFlight: 3,
    });
  });

  test('holds for partitions that come later, across rebalances', async () => {
    const seen = [];
    const { open, send } = await setUp({ partitions: 2, onMessage: ({ value }) => { seen.push(value); } });
    const a = await open();
    await a.pause();
    await a.run();
    const b = await open();
    await b.pause();
    await b.run();
    await until(() => a.assignment().length === 1 && b.assignment().length === 1, 'one partition each');
    await send([{ value: '0', partition: 0 }, { value: '1', partition: 1 }]);
    await b.disconnect();
    await until(() => a.assignment().length === 2, 'both partitions');
    await until(() => a.status().partitions.every(({ queued }) => queued === 1), 'their messages');
    expect(seen).toEqual([]);
    await a.resume();
    await until(() => seen.length === 2, 'both messages');
  });
});

describe('processes that die, sleep and wake', () => {
  test('a member that slept past its session: its results are ignored, its commits refused', async () => {
    const { kafka, send, start, brokers, topic, group } = await setUp({ messages: numbers(10) });
    const sleeper = child(resources, `
      const consumer = await s.createKafkaConsumer({
        ...config, fromBeginning: true, autoCommitIntervalMs: 60000, onError: (e) => say({ error: e.code }),
        onLost: (list) => say({ lost: list.length }), onRevoked: () => say({ revoked: true }),
        onMessage: ({ offset }) => say({ handled: offset }),
      });
      await consumer.run();
      while (consumer.metrics().handled < 10) await sleep(5);
      say({ ready: true });
      process.on('SIGCONT', () => {
        const commit = () => consumer.commit().then(
          () => say({ committed: true }),
          (e) => say({ refused: e.code ?? e.message }),
        );
        commit();
        setInterval(commit, 50).unref();
      });`, { brokers, groupId: group, topics: [topic], consumerConfig: kafka.clientConfig });
    await sleeper.heard('ready');
    sleeper.kill('SIGSTOP');
    const seen = [];
    const heir = await start({ onMessage: ({ value }) => { seen.push(value); } });
    await until(() => seen.length === 10, 'the messages that were not committed');
    await send(numbers(5, 10));
    await until(() => seen.length === 15, 'new messages');
    await heir.commit();
    sleeper.kill('SIGCONT');
    await sleeper.heard('lost');
    const answers = () => sleeper.said.filter((line) => 'refused' in line || 'committed' in line).length;
    const enough = answers() + 5;
    await until(() => answers() >= enough, 'more commits of it');
    expect(seen).toEqual([...Array(15).keys()]);
    expect(sleeper.said.filter((line) => 'revoked' in line)).toEqual([]);
    await heir.disconnect();
    sleeper.kill('SIGKILL');
    await sleeper.ended;
    const reader = await start();
    expect((await reader.lag())[0].committed).toBe('15');
  });

  test('killed at random: committed is the unbroken run of what was handled, and nothing is left out', async () => {
    const count = 600;
    const messages = Array.from({ length: count }, (_, i) => ({
      key: `k${i % 7}`,
      value: String(i),
      partition: i % 2,
    }));
    const { kafka, brokers, topic, group } = await setUp({ partitions: 2, messages });
    const handled = [new Set(), new Set()];
    const orders = [];
    const script = `
      const consumer = await s.createKafkaConsumer({
        ...config, fromBeginning: true, concurrency: 2, partitionConcurrency: 4, autoCommitIntervalMs: 5, onError() {},
        consumerConfig: { ...config.consumerConfig, 'session.timeout.ms': 1500 },
        async onMessage({ partition, offset, key }) {
          await sleep(Math.random() * 8);
          say({ done: [partition, Number(offset), key] });
        },
      });
      await consumer.pause();
      await consumer.run();
      say({ committed: (await consumer.lag()).map(({ partition, committed }) => [partition, Number(committed)]) });
      await consumer.resume();`;
    const note = (victim) => {
      const order = victim.said.filter((line) => line.done).map((line) => line.done);
      orders.push(order);
      for (const [partition, offset] of order) handled[partition].add(offset);
    };
    const total = () => handled[0].size + handled[1].size;
    while (total() < count) {
      const victim = child(resources, script, {
        brokers, groupId: group, topics: [topic], consumerConfig: kafka.clientConfig,
      });
      const { committed } = await victim.heard('committed');
      for (const [partition, offset] of committed) {
        for (let i = 0; i < offset; i++) expect(handled[partition]).toContain(i);
      }
      // What others have handled and not committed comes again.
      const most = Math.min(Math.ceil(Math.random() * 100), count - total());
      await until(() => victim.said.length > most, 'some messages');
      victim.kill('SIGKILL');
      await victim.ended;
      note(victim);
    }
    expect(total()).toBe(count);
    for (const order of orders) {
      for (const key of new Set(order.map(([, , key_]) => key_))) {
        for (const partition of [0, 1]) {
          const own = order.filter(([p, , k]) => p === partition && k === key).map(([, offset]) => offset);
          expect(own).toEqual([...own].sort((x, y) => x - y));
        }
      }
    }
  });
});

test('memory stays bounded under a handler that never keeps up', async () => {
  const partitions = 4;
  const { send, brokers, topic, group } = await setUp({ partitions });
  const bound = 2 << 20;
  const slow = child(resources, `
    const consumer = await s.createKafkaConsumer({
      ...config, fromBeginning: true, codec: 'raw', onError() {}, onMessage: () => new Promise(() => {}),
      prefetch: { bytes: ${bound} },
    });
    await consumer.run();
    setInterval(() => {
      gc();
      const { queuedBytes, messages } = consumer.metrics();
      say({ rss: process.memoryUsage().rss, queuedBytes, messages });
    }, 50);`, { brokers, groupId: group, topics: [topic] });
  const value = Buffer.alloc(4096, 1);
  const rounds = [];
  for (let round = 0; round < 4; round++) {
    for (let part = 0; part < 4; part++) {
      await send(Array.from({ length: 256 * partitions }, (_, i) => ({ value, partition: i % partitions })));
    }
    const before = slow.said.length;
    await until(() => slow.said.length > before + 10, 'measurements');
    rounds.push(slow.said.slice(before + 1));
  }
  const all = slow.said.map(({ queuedBytes }) => queuedBytes);
  expect(Math.max(...all)).toBeGreaterThan(bound / 2);
  // A message of each partition that arrives at the bound is still taken.
  expect(Math.max(...all)).toBeLessThan(bound + partitions * 2 * value.length);
  const rss = rounds.map((round) => Math.min(...round.map((line) => line.rss)));
  // 48 MiB came after the first round; a tenth of it for what the allocator keeps.
  expect(rss.at(-1) - rss[0]).toBeLessThan(5 << 20);
});

test('the lag of a partition that is not being fetched goes on growing', async () => {
  const { start, send } = await setUp({
    messages: numbers(10), prefetch: { messages: 2 }, onMessage: () => new Promise(() => {}), shutdownTimeoutMs: 10,
    consumerConfig: { 'statistics.interval.ms': 100, 'queued.min.messages': 1 },
  });
  const consumer = await start();
  await until(
    () => consumer.metrics().queued >= 1 && consumer.metrics().lag === 10,
    'a full queue, and its statistics',
  );
  await send(numbers(90, 10));
  await until(() => consumer.metrics().lag === 100, 'the true lag');
  expect((await consumer.lag())[0]).toMatchObject({ high: '100', position: '0', lag: 100 });
});

test('commit() waits for what is done and no longer', async () => {
  const { start } = await setUp({ messages: numbers(50), autoCommitIntervalMs: 1, onMessage: () => sleep(1) });
  const consumer = await start();
  await until(() => consumer.metrics().handled > 5, 'some messages');
  for (let i = 0; i < 20; i++) await consumer.commit();
  await until(() => consumer.metrics().handled === 50, 'all messages');
  await consumer.commit();
  expect((await consumer.lag())[0]).toMatchObject({ committed: '50', lag: 0 });
});

test('a commit that the broker refuses rejects, and the next one makes it good', async () => {
  const { kafka, start } = await setUp({ messages: numbers(3), autoCommitIntervalMs: 600_000 });
  const consumer = await start();
  await until(() => consumer.metrics().handled === 3, 'three messages');
  kafka.failNext('OffsetCommit', ['OFFSET_METADATA_TOO_LARGE']);
  await expect(consumer.commit()).rejects.toMatchObject({ name: 'KafkaError', code: 'OFFSET_METADATA_TOO_LARGE' });
  expect((await consumer.lag())[0].committed).toBe('0');
  await consumer.commit();
  expect((await consumer.lag())[0].committed).toBe('3');
});

test('what the client does comes to the log as events', async () => {
  const logs = [];
  const handler = createNativeLogHandler({
    log: async (level, message, topic) => {
      logs.push({ level, message, topic });
    },
  });
  setLogLevel('info');
  resources.use(handler, (h) => {
    setLogLevel('off');
    h.close();
  });
  const { start } = await setUp();
  await start();
  await until(() => logs.some(({ message }) => message === 'partition assigned'), 'the event');
  expect(logs.find(({ message }) => message === 'partition assigned')).toMatchObject({
    level: 'info',
    topic: expect.stringMatching(/^native\.kafka\.consumer/),
  });
});

describe('commit() past the session', () => {
  const setUpLoss = async () => {
    const place = await setUp({
      messages: numbers(3),
      autoCommitIntervalMs: 600_000,
      consumerConfig: { sessionTimeout: 1600, heartbeatInterval: 100 },
    });
    const consumer = await place.start();
    await until(() => consumer.metrics().handled === 3, 'three messages');
    const lost = new Promise((resolve) => consumer.once('lost', resolve));
    return { ...place, consumer, lost };
  };
  const caughtUp = async ({ kafka, consumer }, commits) => {
    kafka.brokerUp();
    await until(() => consumer.metrics().handled === 6, 'them again');
    await consumer.commit();
    expect((await consumer.lag())[0]).toMatchObject({ committed: '3', lag: 0 });
    expect(consumer.metrics().commits).toBe(commits + 1);
  };

  test('after the loss: rejects once, counts no commit, and the next assignment makes it good', async () => {
    const place = await setUpLoss();
    const { kafka, consumer, lost } = place;
    const { commits, commitErrors } = consumer.metrics();
    kafka.brokerDown();
    await lost;
    await expect(consumer.commit()).rejects.toMatchObject({
      name: 'KafkaError', code: '_ASSIGNMENT_LOST', message: expect.stringContaining(`${place.topic}/0`),
    });
    expect(consumer.metrics()).toMatchObject({ commits, commitErrors: commitErrors + 1 });
    await consumer.commit();
    expect(consumer.metrics().commits).toBe(commits);
    await caughtUp(place, commits);
  });

  test('under way at the loss: rejects, counts no commit', async () => {
    const place = await setUpLoss();
    const { kafka, consumer, lost } = place;
    const { commits } = consumer.metrics();
    kafka.brokerDown();
    const commit = consumer.commit().then(() => 'committed', (error) => error);
    await lost;
    expect(await commit).toMatchObject({ name: 'KafkaError' });
    expect(consumer.metrics().commits).toBe(commits);
    await caughtUp(place, commits);
  });

  test('what was lost and has been done again since is no error', async () => {
    const place = await setUpLoss();
    const { kafka, consumer, lost } = place;
    kafka.brokerDown();
    await lost;
    kafka.brokerUp();
    await until(() => consumer.metrics().handled === 6, 'them again');
    await until(() => consumer.commit().then(() => true, () => false), 'a commit');
    await consumer.commit();
    expect((await consumer.lag())[0]).toMatchObject({ committed: '3', lag: 0 });
  });
});

describe('an offset that is not there', () => {
  test('beyond the end: reported, begun anew, committed from there', async () => {
    const errors = [];
    const seen = [];
    const { start, send, topic } = await setUp({
      messages: numbers(3),
      onMessage: ({ value }) => {
        seen.push(value);
      },
      onError: (error) => {
        errors.push(error);
      },
    });
    const consumer = await start();
    await until(() => seen.length === 3, 'three messages');
    await consumer.seek({ topic, partition: 0, offset: '1000' });
    await until(() => seen.length === 6, 'them again');
    expect(errors.map(({ code }) => code)).toContain('OFFSET_OUT_OF_RANGE');
    await send(numbers(1, 3));
    await until(() => seen.length === 7, 'a new one');
    expect(seen).toEqual([0, 1, 2, 0, 1, 2, 3]);
    await consumer.commit();
    expect((await consumer.lag())[0]).toMatchObject({ committed: '4', position: '4', lag: 0 });
  });

  test('below the start, where the broker has let messages go: reported, and on with the oldest', async () => {
    const errors = [];
    const offsets = [];
    const { start, send } = await setUp({ messages: numbers(1) });
    const first = await start();
    await until(() => first.metrics().handled === 1, 'the first message');
    await first.disconnect();
    const value = Buffer.alloc(64 << 10, 32);
    for (let i = 0; i < 10; i++) await send(Array.from({ length: 10 }, () => ({ value, partition: 0 })));
    await start({
      codec: 'raw',
      onMessage: ({ offset }) => {
        offsets.push(Number(offset));
      },
      onError: (error) => {
        errors.push(error);
      },
    });
    await until(() => offsets.at(-1) === 100, 'the newest message');
    expect(offsets[0]).toBeGreaterThan(1);
    expect(errors.map(({ code }) => code)).toContain('OFFSET_OUT_OF_RANGE');
  });
});
