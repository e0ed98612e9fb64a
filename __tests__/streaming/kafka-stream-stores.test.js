'use strict';
const { spawnSync } = require('node:child_process');
const { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createEmbeddedStateStore, createRedisStateStore } = require('../../index.js');
const { cli, proxyFor, redisServer, redisServers, replicating } = require('../support/redis.js');
const { StreamResources, hasty, partition, steady } = require('../support/kafka-stream.js');
const { until } = require('../support/streaming.js');

const resources = new StreamResources();
beforeEach(() => {
  // What an embedded broker lacks for exactly-once, and librdkafka's lines.
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  jest.spyOn(console, 'debug').mockImplementation(() => {});
});
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const guarantees = ['at-least-once', 'exactly-once'];
const two = [{ name: 'in', partitions: 2 }, { name: 'out', partitions: 2 }];

/** A disk of its own that can be filled, or undefined where no disk may be mounted. */
function disk() {
  const path = mkdtempSync(join(tmpdir(), 'dspx-disk-'));
  resources.use(path, () => rmSync(path, { recursive: true, force: true }));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path]).status !== 0) return undefined;
  resources.use(path, () => spawnSync('umount', ['-l', path]));
  const ballast = join(path, 'ballast');
  return {
    path,
    fill() {
      const file = openSync(ballast, 'w');
      try {
        for (const size of [1 << 16, 1 << 12]) for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    clear: () => rmSync(ballast),
  };
}

test.each(guarantees)('the disk is full: degraded, and on when there is room again (%s)', async (guarantee) => {
  const place = disk();
  if (!place) return console.info('No test of a full disk: mounting one is not allowed');
  const { kafka, producer } = await resources.place(two);
  const store = resources.use(await createEmbeddedStateStore({ path: place.path, durability: 'os' }), (s) => s.close());
  const received = await resources.read(kafka);
  const stream = await resources.running(kafka, store, { guarantee });
  // New keys all the time: what is stored grows.
  const load = resources.load(producer, { keys: Array.from({ length: 5000 }, (_, i) => `key ${i}`) });
  await until(() => stream.metrics().checkpoints > 2, 'checkpoints');
  place.fill();
  await until(() => stream.status().state === 'degraded', 'the full disk');
  expect(stream.status().healthy).toBe(false);
  // Something else may have been reported before: a broker that was slow, say.
  const isFull = ({ name, retriable, message }) => name === 'StateStoreError' && retriable && /No space/.test(message);
  await until(() => stream.errors.some(isFull), 'the report of the full disk');
  await load.more(100);
  place.clear();
  await resources.settle(load, received, stream);
  await until(() => stream.status().state === 'running', 'room');
});

const real = process.env.DSPX_KAFKA_BROKERS?.split(',');
if (!real)
  console.info('No failover of Redis under exactly-once: DSPX_KAFKA_BROKERS is not set (scripts/services start)');

(redisServers('streams whose Redis is away or fails over') ? describe : describe.skip)('Redis', () => {
  const open = async (url) => {
    const config = { url, commandTimeoutMs: 100, retryForMs: 200, reconnect: { initialMs: 20, maxMs: 100 } };
    return resources.use(await createRedisStateStore(config), (s) => s.close());
  };

  test.each(guarantees)('hangs under load: degraded, processing waits, then on (%s)', async (guarantee) => {
    const { kafka, producer } = await resources.place(two);
    const server = await redisServer(resources);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, await open(server.url), { guarantee });
    const load = resources.load(producer);
    await until(() => stream.metrics().checkpoints > 2, 'checkpoints');
    server.freeze();
    await until(() => stream.status().state === 'degraded', 'the outage');
    await steady(load, () => stream.status().partitions.map((p) => p.position).join());
    server.wake();
    await resources.settle(load, received, stream);
    await until(() => stream.status().healthy, 'healthy');
  });

  test.each(guarantees)(
    'is away when the stream stops: what could not be stored comes again (%s)',
    async (guarantee) => {
      const { kafka, producer } = await resources.place(two);
      const server = await redisServer(resources);
      const received = await resources.read(kafka);
      const stream = await resources.running(kafka, await open(server.url), { guarantee, ...hasty });
      const load = resources.load(producer);
      await until(() => stream.metrics().checkpoints > 2, 'checkpoints');
      server.freeze();
      await until(() => stream.status().state === 'degraded', 'the outage');
      await stream.stop({ timeoutMs: 300 });
      expect(stream.status().state).toBe('stopped');
      server.wake();
      await resources.settle(
        load,
        received,
        await resources.running(kafka, await open(server.url), { guarantee, ...hasty }),
      );
    },
  );

  // What the server refuses, and how it comes to take writes again.
  const refusals = {
    OOM: [
      ['config', 'set', 'maxmemory', '1'],
      ['config', 'set', 'maxmemory', '0'],
    ],
    NOREPLICAS: [
      ['config', 'set', 'min-replicas-to-write', '1'],
      ['config', 'set', 'min-replicas-to-write', '0'],
    ],
    NOPERM: [
      ['acl', 'setuser', 'default', '-evalsha', '-eval'],
      ['acl', 'setuser', 'default', '+@all'],
    ],
    NOAUTH: [
      ['config', 'set', 'requirepass', 'x'],
      ['-a', 'x', '--no-auth-warning', 'config', 'set', 'requirepass', ''],
    ],
    READONLY: [
      ['replicaof', '127.0.0.1', '1'],
      ['replicaof', 'no', 'one'],
    ],
  };
  const cases = Object.keys(refusals).flatMap((code) => guarantees.map((guarantee) => [code, guarantee]));
  test.each(cases)('answers %s for a while: degraded, then on by itself (%s)', async (code, guarantee) => {
    const { kafka, producer } = await resources.place(two);
    const server = await redisServer(resources);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, await open(server.url), { guarantee });
    const load = resources.load(producer);
    await until(() => stream.metrics().checkpoints > 2, 'checkpoints');
    const [refuse, take] = refusals[code];
    cli(server.port, ...refuse);
    if (code === 'NOAUTH')
      cli(server.port, '-a', 'x', '--no-auth-warning', 'client', 'kill', 'type', 'normal', 'skipme', 'yes');
    await until(() => stream.status().state === 'degraded', 'the refusal');
    await load.more(50);
    expect(stream.status().partitions.map((p) => p.state)).not.toContain('stalled');
    const error = stream.errors.find(({ name }) => name === 'StateStoreError');
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true });
    cli(server.port, ...take);
    await resources.settle(load, received, stream);
    await until(() => stream.status().state === 'running', 'running');
    expect(stream.metrics().restarts).toBe(0);
  });

  test('cannot write its file (MISCONF) for a while: degraded, then on by itself', async () => {
    const { kafka, producer } = await resources.place(two);
    const server = await redisServer(resources);
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, await open(server.url));
    const load = resources.load(producer);
    await until(() => stream.metrics().checkpoints > 2, 'checkpoints');
    const saved = (status) => {
      cli(server.port, 'config', 'set', 'save', '3600 1');
      cli(server.port, 'bgsave');
      return until(
        () =>
          /rdb_bgsave_in_progress:0[\s\S]*rdb_last_bgsave_status:(\w+)/.exec(
            cli(server.port, 'info', 'persistence'),
          )?.[1] === status,
        `a save that is ${status}`,
      );
    };
    // A folder in the place of the file.
    mkdirSync(join(server.dir, 'dump.rdb'));
    await saved('err');
    await until(() => stream.status().state === 'degraded', 'the refusal');
    rmSync(join(server.dir, 'dump.rdb'), { recursive: true });
    await saved('ok');
    await resources.settle(load, received, stream);
    await until(() => stream.status().state === 'running', 'running');
  });

  /** A server, a replica of it that has come so far, and the address under which clients find the one that counts. */
  async function replicated() {
    const master = await redisServer(resources, { args: replicating });
    const replica = await redisServer(resources, { args: ['--replicaof', '127.0.0.1', `${master.port}`] });
    await until(() => cli(master.port, 'info', 'replication').includes('state=online'), 'the replica');
    const proxy = await proxyFor(resources, master.port);
    const replicated = (port, field) =>
      Number(cli(port, 'info', 'replication').match(new RegExp(`^${field}:(\\d+)`, 'm'))[1]);
    return {
      url: proxy.url,
      /**
       * Cuts the replica off once it has all that has been written so far: with nothing it would have lost everything.
       */
      async cut() {
        const written = replicated(master.port, 'master_repl_offset');
        await until(() => replicated(replica.port, 'slave_repl_offset') >= written, 'the replica to have it');
        cli(replica.port, 'replicaof', 'no', 'one');
      },
      async promote() {
        await master.kill();
        proxy.to(replica.port);
      },
    };
  }

  test('a replica that lags is promoted: on from the older states, outputs repeat', async () => {
    const { kafka, producer } = await resources.place(two);
    const redis = await replicated();
    const received = await resources.read(kafka);
    const stream = await resources.running(kafka, await open(redis.url));
    const rollbacks = [];
    stream.on('store-rollback', (what) => rollbacks.push(what));
    const load = resources.load(producer);
    const checkpoints = async (count) => {
      const counts = () => stream.metrics().perPartition.map((each) => each.checkpoints);
      await until(() => counts().length === 2, 'both partitions');
      const enough = counts().map((before) => before + count);
      await until(() => counts().every((now, i) => now >= enough[i]), 'checkpoints of both partitions');
    };
    await checkpoints(2);
    await redis.cut();
    await checkpoints(3);
    await redis.promote();
    await until(() => rollbacks.length >= 2, 'the older states');
    await resources.settle(load, received, stream);
  });

  (real ? test : test.skip)(
    'with exactly-once output a replica that lags has lost states: nothing goes on without them',
    async () => {
      const name = `lag-${process.pid}-${Date.now()}`;
      const producer = await resources.producer({ brokers: real });
      const redis = await replicated();
      const send = () => producer.send({ topic: `${name}-in`, messages: [{ key: 'k', value: Float32Array.of(1) }] });
      await send();
      const stream = await resources.running({ brokers: real }, await open(redis.url), {
        applicationId: name,
        input: { topics: [`${name}-in`] },
        output: { topic: `${name}-out` },
        guarantee: 'exactly-once',
      });
      const commits = async (count) => {
        const enough = stream.metrics().transactionsCommitted + count;
        await until(async () => {
          await send();
          return stream.metrics().transactionsCommitted >= enough;
        }, 'commits');
      };
      await commits(2);
      await redis.cut();
      await commits(4);
      await redis.promote();
      await send();
      const { checkpointed } = await partition(stream, 'stalled');
      expect(stream.errors.at(-1)).toMatchObject({
        name: 'StreamStateMissingError',
        topic: `${name}-in`,
        partition: 0,
      });
      expect(stream.status().healthy).toBe(false);
      for (let i = 0; i < 20; i++) await send();
      expect(stream.status().partitions[0]).toMatchObject({ state: 'stalled', checkpointed });
    },
  );
});
