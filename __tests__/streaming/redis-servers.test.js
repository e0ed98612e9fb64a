'use strict';
const { readFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { createRedisStateStore } = require('../../index.js');
const { Resources, until } = require('../support/streaming.js');
const {
  freePort, redisServers, redisServer, redisCluster, redisSentinel, certificates, proxyFor, cli,
} = require('../support/redis.js');

const withRedis = redisServers('Redis that restarts, fails over, is a cluster or speaks TLS')
  ? describe
  : describe.skip;
const resources = new Resources();
afterEach(() => resources.close());

const quick = { reconnect: { initialMs: 20, maxMs: 100 }, retryForMs: 200_000 };
const entry = (key, state, offset = '1', slot = 'only') => ({ key, state: Buffer.from(state), offset, slot });
const manifest = (seq) => ({
  seq,
  nextOffset: String(seq),
  definition: 'd',
  guarantee: 'at-least-once',
  partitions: 1,
});
const stateOf = async (store, scope, key) => String((await store.get(scope, key))[0].state);

async function open(url, more) {
  return resources.use(await createRedisStateStore({ url, ...quick, ...more }), (store) => store.close());
}

withRedis('a server whose replies get lost', () => {
  async function setUp() {
    const server = await redisServer(resources);
    const proxy = await proxyFor(resources, server.port);
    return { server, proxy, store: await open(proxy.url) };
  }

  test('compareAndSet does not fail on its own success', async () => {
    const { proxy, store } = await setUp();
    let version = 0;
    for (let i = 0; i < 20; i++) {
      proxy.dropReplies(1 + (i % 3));
      const swap = await store.compareAndSet('s', 'k', version, `value ${i}`);
      expect(swap.ok).toBe(true);
      expect(swap.version).toBeGreaterThan(version);
      version = swap.version;
      proxy.dropReplies(0);
      expect(await stateOf(store, 's', 'k')).toBe(`value ${i}`);
    }
    proxy.dropReplies(1);
    expect(await store.compareAndSet('s', 'k', version, null)).toEqual({ ok: true, version: 0 });
    expect(await store.get('s', 'k')).toEqual([]);
    expect(proxy.dropped()).toBeGreaterThanOrEqual(40);
  });

  test('compareAndSet still tells the loser of a race', async () => {
    const { proxy, store, server } = await setUp();
    const other = await open(server.url);
    const { version } = await other.compareAndSet('s', 'k', 0, 'theirs');
    proxy.dropReplies(1);
    expect(await store.compareAndSet('s', 'k', 0, 'ours')).toEqual({ ok: false, version });
    expect(await stateOf(store, 's', 'k')).toBe('theirs');
  });

  test('a put that is repeated is the put that was meant', async () => {
    const { proxy, store } = await setUp();
    const lease = await store.acquire('s', 'me');
    await store.put(lease, { entries: [entry('k', 'one', '1', 'alternate')] });
    await store.put(lease, { entries: [entry('k', 'two', '2', 'alternate')] });
    for (let i = 3; i < 15; i++) {
      // The version before must survive the repetition: it may be the one that counts.
      proxy.dropReplies(i % 4);
      await store.put(lease, { entries: [entry('k', `${i}`, `${i}`, 'alternate')], manifest: manifest(i) });
      proxy.dropReplies(0);
      const states = (await store.get('s', 'k')).map(({ offset }) => Number(offset));
      expect(states).toEqual([i, i - 1]);
    }
    const again = await store.acquire('s', 'me');
    expect(again.manifest).toMatchObject({ seq: 14, nextOffset: '14' });
    expect(proxy.dropped()).toBeGreaterThan(10);
  });

  test('a lease whose reply was lost is still good', async () => {
    const { proxy, store } = await setUp();
    proxy.dropReplies(2);
    const lease = await store.acquire('s', 'me');
    await store.put(lease, { entries: [entry('k', 'x')] });
    expect(await stateOf(store, 's', 'k')).toBe('x');
  });
});

withRedis('a server that is killed and started again', () => {
  test('commands wait for it, and fail where it stays away', async () => {
    const server = await redisServer(resources);
    const store = await open(server.url);
    await store.compareAndSet('s', 'k', 0, 'one');
    await server.kill();
    const waiting = store.compareAndSet('s', 'k2', 0, 'two');
    const lease = store.acquire('scope', 'me');
    await server.start();
    expect((await waiting).ok).toBe(true);
    await store.put(await lease, { entries: [entry('a', 'b')], manifest: manifest(1) });
    expect(store.metrics().reconnects).toBeGreaterThan(0);
    const impatient = await open(server.url, { retryForMs: 200 });
    await server.kill();
    const calls = [impatient.get('s', 'k'), impatient.put(await lease, { entries: [] }), impatient.ping()];
    for (const { reason } of await Promise.allSettled(calls)) {
      expect(reason).toMatchObject({ name: 'StateStoreError', retriable: true, code: 'UNAVAILABLE' });
    }
  });

  test('scripts are sent again to a server that has forgotten them', async () => {
    const server = await redisServer(resources);
    const store = await open(server.url);
    const { version } = await store.compareAndSet('s', 'k', 0, 'one');
    cli(server.port, 'script', 'flush');
    expect((await store.compareAndSet('s', 'k', version, 'two')).ok).toBe(true);
  });

  test('the last pause before the time is over is shortened, not skipped', async () => {
    let calls = 0;
    const server = createServer((socket) => {
      calls++;
      socket.destroy();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    resources.use(server, () => new Promise((resolve) => server.close(resolve)));
    const url = `redis://127.0.0.1:${server.address().port}`;
    // A whole pause would be far beyond the time to connect.
    const config = { url, connectTimeoutMs: 300, reconnect: { initialMs: 600_000, maxMs: 600_000 } };
    await expect(createRedisStateStore(config)).rejects.toMatchObject({ code: 'UNAVAILABLE', retriable: true });
    expect(calls).toBe(2);
  });

  test('a server that hangs is given up in time', async () => {
    const server = await redisServer(resources);
    const store = await open(server.url, { commandTimeoutMs: 100, retryForMs: 400 });
    server.freeze();
    try {
      await expect(store.get('s', 'k')).rejects.toMatchObject({ name: 'StateStoreError', retriable: true });
    } finally {
      server.wake();
    }
    await until(() => store.get('s', 'k').then(() => true, () => false), 'the server to answer again');
  });
});

withRedis('a cluster', () => {
  test('states, scan and the removal of a scope, each scope on its server', async () => {
    const { url, nodes } = await redisCluster(resources);
    const store = await open(url, { chunkKeys: 100 });
    const scopes = ['app/t/0', 'app/t/1', 'app/t/2', 'app/t/3'];
    const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`);
    for (const scope of scopes) {
      const lease = await store.acquire(scope, 'me');
      await store.put(lease, { entries: keys.map((key) => entry(key, `${scope} ${key}`)), manifest: manifest(7) });
      const records = await store.getMany(scope, keys);
      expect(records.map(([record]) => String(record.state))).toEqual(keys.map((key) => `${scope} ${key}`));
    }
    const sizes = nodes.map(({ port }) => Number(cli(port, 'dbsize')));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(4 * 301 + 1);
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(1);
    const found = new Map();
    for await (const { key, record } of store.scan(scopes[1])) found.set(String(key), String(record.state));
    expect(found).toEqual(new Map(keys.map((key) => [key, `${scopes[1]} ${key}`])));
    expect(await store.remove(scopes[1], 'key 0')).toBe(1);
    expect(await store.remove(scopes[1])).toBe(299);
    expect((await store.acquire(scopes[1], 'me')).manifest).toBeNull();
    expect((await store.acquire(scopes[2], 'me')).manifest).toMatchObject({ seq: 7 });
    expect((await store.compareAndSet('other', 'k', 0, 'x')).ok).toBe(true);
    expect(await store.ping()).toBeGreaterThanOrEqual(0);
  });

  test('a node that is killed and comes back', async () => {
    const { url, nodes } = await redisCluster(resources);
    const store = await open(url);
    await nodes[0].kill();
    // Without one of its nodes the whole cluster refuses.
    const waiting = Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((scope) => store.compareAndSet(scope, 'k', 0, scope)),
    );
    await nodes[0].start();
    expect((await waiting).every(({ ok }) => ok)).toBe(true);
    expect(await stateOf(store, 'f', 'k')).toBe('f');
  });
});

withRedis('sentinels', () => {
  test('after a failover the replica is the server, with what was confirmed by it', async () => {
    const { master, replica, url } = await redisSentinel(resources);
    const store = await open(url, { waitReplicas: 1 });
    const lease = await store.acquire('s', 'me');
    await store.put(lease, { entries: [entry('k', 'before')], manifest: manifest(1) });
    await master.kill();
    await store.put(lease, { entries: [entry('k', 'after')] });
    expect(cli(replica.port, 'role')).toMatch(/^master/);
    expect(await stateOf(store, 's', 'k')).toBe('after');
    const survivor = await open(url);
    expect((await survivor.acquire('s', 'me')).manifest).toMatchObject({ seq: 1 });
  });

  test('a manifest that no replica confirms is not written for sure, and says so', async () => {
    const server = await redisServer(resources);
    const store = await open(server.url, { waitReplicas: 1, commandTimeoutMs: 200 });
    await expect(store.acquire('s', 'me')).rejects.toMatchObject({ code: 'UNAVAILABLE', retriable: true });
  });

  test('an unknown master is refused after the time to connect', async () => {
    const { port } = await redisSentinel(resources);
    const options = { url: `redis+sentinel://127.0.0.1:${port}/other`, connectTimeoutMs: 500 };
    await expect(createRedisStateStore(options)).rejects.toMatchObject({ name: 'StateStoreError' });
  });
});

withRedis('TLS and passwords', () => {
  async function tlsServer(...args) {
    const dir = certificates(resources);
    const file = (name) => join(dir, name);
    const plain = await redisServer(resources, {
      args: [
        '--tls-port', '0', '--tls-cert-file', file('server.crt'), '--tls-key-file', file('server.key'),
        '--tls-ca-cert-file', file('ca.crt'), '--tls-auth-clients', 'no',
      ],
    });
    const port = await freePort();
    cli(plain.port, 'config', 'set', 'tls-port', `${port}`);
    for (const [name, value] of args) cli(plain.port, 'config', 'set', name, value);
    return { plain, url: `rediss://127.0.0.1:${port}`, pem: (name) => readFileSync(file(name)) };
  }

  test('an authority of our own, and no other', async () => {
    const { url, pem } = await tlsServer();
    const store = await open(`${url}/2`, { tls: { ca: pem('ca.crt') } });
    expect((await store.compareAndSet('s', 'k', 0, 'over TLS')).ok).toBe(true);
    expect(await stateOf(store, 's', 'k')).toBe('over TLS');
    await expect(createRedisStateStore({ url, connectTimeoutMs: 500 })).rejects.toMatchObject({
      name: 'StateStoreError',
    });
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const trusting = await open(url, { tls: { rejectUnauthorized: false } });
    expect(await trusting.ping()).toBeGreaterThanOrEqual(0);
    expect(warn.mock.calls.flat().join()).toContain('rejectUnauthorized');
    warn.mockRestore();
  });

  test('TLS to a port without it, and the reverse: the message has the address and the reason', async () => {
    const { url } = await tlsServer();
    const plain = await redisServer(resources);
    const refused = (config) =>
      createRedisStateStore({ connectTimeoutMs: 500, commandTimeoutMs: 200, ...config }).catch((e) => e);
    const noTls = await refused({ url: `rediss://127.0.0.1:${plain.port}` });
    expect(noTls.message).toMatch(new RegExp(`^Redis at 127\\.0\\.0\\.1:${plain.port}: .*does this port speak TLS`));
    const tls = await refused({ url: url.replace('rediss', 'redis') });
    expect(tls.message).toMatch(/^Redis at 127\.0\.0\.1:\d+: .*if this port speaks TLS, the scheme is rediss:/);
  });

  test('a state beyond the largest value of Redis is refused at once, for good', async () => {
    const server = await redisServer(resources);
    const store = await open(server.url);
    const state = Buffer.alloc(513 << 20);
    const refusal = {
      name: 'StateStoreError',
      code: 'TOO_LARGE',
      retriable: false,
      message: expect.stringContaining('512 MiB'),
    };
    await expect(store.compareAndSet('s', 'k', 0, state)).rejects.toMatchObject(refusal);
    const lease = await store.acquire('s', 'me');
    await expect(store.put(lease, { entries: [{ key: 'k', state, offset: '1' }] })).rejects.toMatchObject(refusal);
  });

  test('a certificate of ours', async () => {
    const { url, pem } = await tlsServer(['tls-auth-clients', 'yes']);
    const store = await open(url, {
      tls: { ca: pem('ca.crt'), cert: pem('client.crt'), key: String(pem('client.key')) },
    });
    expect((await store.compareAndSet('s', 'k', 0, 'x')).ok).toBe(true);
    const without = createRedisStateStore({ url, tls: { ca: pem('ca.crt') }, connectTimeoutMs: 500 });
    await expect(without).rejects.toMatchObject({ name: 'StateStoreError' });
  });

  test('a password in the URL or beside it; a wrong one rejects at once and is not told', async () => {
    const server = await redisServer(resources, { args: ['--requirepass', 'se cret'], ask: ['-a', 'se cret'] });
    const inside = await open(server.url.replace('//', '//:se%20cret@'));
    await inside.compareAndSet('s', 'k', 0, 'x');
    const beside = await open(server.url, { password: 'se cret' });
    expect(await stateOf(beside, 's', 'k')).toBe('x');
    const wrong = { url: server.url, password: 'wr0ng', connectTimeoutMs: 600_000 };
    const error = await createRedisStateStore(wrong).catch((e) => e);
    expect(error).toMatchObject({ name: 'StateStoreError', retriable: false });
    expect(error.message).not.toContain('wr0ng');
  });
});
