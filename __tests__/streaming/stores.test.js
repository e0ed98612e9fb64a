'use strict';
const { mkdtempSync, rmSync, readFileSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const {
  createMemoryStateStore, createEmbeddedStateStore, createRedisStateStore, createDspPipeline, StateStoreError,
} = require('../../index.js');
const { spawnGuarded } = require('../support/process.js');
const { Resources, until } = require('../support/streaming.js');

const redis = process.env.DSPX_REDIS_URL;
if (!redis) console.info('No tests with Redis: DSPX_REDIS_URL is not set (scripts/services start)');

const resources = new Resources();
afterEach(() => resources.close());
const folder = () =>
  resources.use(mkdtempSync(join(tmpdir(), 'dspx-store-')), (path) => rmSync(path, { recursive: true, force: true }));

const makers = {
  memory: () => createMemoryStateStore(),
  embedded: (more) => createEmbeddedStateStore({ path: folder(), durability: 'os', ...more }),
  redis: (more) =>
    createRedisStateStore({ url: redis, prefix: `dspx-test-${process.pid}-${Date.now()}-${Math.random()}`, ...more }),
};
const kinds = redis ? ['memory', 'embedded', 'redis'] : ['memory', 'embedded'];

const make = async (kind, more) => resources.use(await makers[kind](more), (store) => store.close());

const manifest = (seq, nextOffset) => ({
  seq,
  nextOffset,
  definition: 'abcdef0123',
  guarantee: 'at-least-once',
  partitions: 3,
});
const entry = (key, state, offset, slot = 'only') => ({ key, state: Buffer.from(state), format: 'toon', offset, slot });

describe.each(kinds)('the %s store', (kind) => {
  test('leases, records and the manifest', async () => {
    const store = await make(kind);
    expect(store.kind).toBe(kind);
    expect(store.storeId).toMatch(/^[0-9a-f-]{36}$/);
    const before = Date.now();
    const lease = await store.acquire('app/t/0', 'me');
    expect(lease).toMatchObject({ scope: 'app/t/0', owner: 'me', manifest: null });
    expect(lease.epoch).toBeGreaterThanOrEqual(before);
    await store.put(lease, { entries: [entry('a', 'one', '41'), entry('b/é', '', '42')], manifest: manifest(1, '43') });
    const [a, b, none] = await store.getMany('app/t/0', ['a', Buffer.from('b/é'), 'c']);
    expect(a).toHaveLength(1);
    expect(a[0]).toMatchObject({ format: 'toon', offset: '41', epoch: lease.epoch, definition: 'abcdef01' });
    expect(String(a[0].state)).toBe('one');
    expect(b[0]).toMatchObject({ offset: '42', state: Buffer.alloc(0) });
    expect(none).toEqual([]);
    const next = await store.acquire('app/t/0', 'you');
    expect(next.epoch).toBeGreaterThan(lease.epoch);
    expect(next.manifest).toMatchObject({
      epoch: lease.epoch, owner: 'me', nextOffset: '43', seq: 1, partitions: 3, storeId: store.storeId,
    });
  });

  test('a former owner writes nothing', async () => {
    const store = await make(kind);
    const old = await store.acquire('s', 'old');
    const current = await store.acquire('s', 'new');
    await store.put(current, { entries: [entry('k', 'good', '1')] });
    const error = await store
      .put(old, { entries: [entry('k', 'bad', '0')], manifest: manifest(1, '1') })
      .catch((e) => e);
    expect(error).toMatchObject({ name: 'StateFencedError', code: 'FENCED' });
    expect(error).toMatchObject({ scope: 's', ours: old.epoch, theirs: current.epoch, owner: 'new' });
    expect(String((await store.get('s', 'k'))[0].state)).toBe('good');
    expect(store.metrics().fenced).toBe(1);
  });

  test('a lease that was given back writes nothing; giving back an old one changes nothing', async () => {
    const store = await make(kind);
    const lease = await store.acquire('s', 'me');
    await store.put(lease, { entries: [entry('k', 'good', '1')], manifest: manifest(3, '2') });
    await store.release(lease);
    await expect(store.put(lease, { entries: [entry('k', 'bad', '2')] })).rejects.toMatchObject({
      name: 'StateFencedError',
      owner: '',
    });
    const next = await store.acquire('s', 'you');
    expect(next.epoch).toBeGreaterThan(lease.epoch);
    expect(next.manifest).toMatchObject({ nextOffset: '2', seq: 3 });
    await store.release(lease);
    await store.put(next, { entries: [entry('k', 'better', '2')] });
    expect(String((await store.get('s', 'k'))[0].state)).toBe('better');
    await expect(store.release({})).rejects.toThrow(TypeError);
  });

  test('alternating versions: the newest stays, or the one that is named', async () => {
    const store = await make(kind);
    const lease = await store.acquire('s', 'me');
    const put = (state, offset, slot, keep) =>
      store.put(lease, { entries: [{ ...entry('k', state, offset, slot), keep }] });
    const states = async () => (await store.get('s', 'k')).map(({ state }) => String(state));
    await put('1', '1', 'alternate');
    await put('2', '2', 'alternate');
    expect(await states()).toEqual(['2', '1']);
    await put('3', '3', 'alternate');
    expect(await states()).toEqual(['3', '2']);
    await put('4', '4', 'alternate', '2');
    expect(await states()).toEqual(['4', '2']);
    // A call that is repeated because its reply was lost leaves the named version, too.
    for (const again of ['5', '5']) await put(again, '5', 'alternate', '2');
    expect(await states()).toEqual(['5', '2']);
    await put('6', '6', 'alternate', '5');
    expect(await states()).toEqual(['6', '5']);
    await put('7', '7', 'alternate', '99');
    expect(await states()).toEqual(['7', '6']);
    await put('8', '8', 'only');
    expect(await states()).toEqual(['8']);
  });

  test('compareAndSet', async () => {
    const store = await make(kind);
    expect(await store.compareAndSet('s', 'k', 5, Buffer.from('x'))).toEqual({ ok: false, version: 0 });
    const first = await store.compareAndSet('s', 'k', 0, '{"a":1}');
    expect(first.ok).toBe(true);
    expect(await store.compareAndSet('s', 'k', 0, 'late')).toEqual({ ok: false, version: first.version });
    const second = await store.compareAndSet('s', 'k', first.version, Buffer.from([1, 2]));
    expect(second.ok && second.version > first.version).toBe(true);
    expect((await store.get('s', 'k'))[0]).toMatchObject({
      state: Buffer.from([1, 2]),
      version: second.version,
      offset: null,
    });
    const racers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.compareAndSet('s', 'k', second.version, `${i}`)),
    );
    expect(racers.filter(({ ok }) => ok)).toHaveLength(1);
    const { version } = racers.find(({ ok }) => ok);
    expect(await store.compareAndSet('s', 'k', version, null)).toEqual({ ok: true, version: 0 });
    expect(await store.get('s', 'k')).toEqual([]);
  });

  test('scan and remove', async () => {
    const store = await make(kind);
    const lease = await store.acquire('s', 'me');
    const other = await store.acquire('s2', 'me');
    const keys = Array.from({ length: 1200 }, (_, i) => `key ${i}`);
    await store.put(lease, {
      entries: [...keys.map((key) => entry(key, key, '1')), entry('x'.repeat(300), 'long', '1')],
    });
    await store.put(lease, { entries: [entry('key 7', 'new', '2', 'alternate')] });
    await store.put(other, { entries: [entry('key 0', 'other', '1')] });
    const found = new Map();
    for await (const { key, record } of store.scan('s')) found.set(String(key), String(record.state));
    expect(found.size).toBe(1201);
    expect(found.get('key 7')).toBe('new');
    expect(found.get('x'.repeat(300))).toBe('long');
    expect(await store.remove('s', 'key 7')).toBe(1);
    expect(await store.remove('s', 'key 7')).toBe(0);
    expect(await store.remove('s')).toBe(1200);
    expect(await store.get('s', 'key 1')).toEqual([]);
    expect((await store.acquire('s', 'me')).manifest).toBeNull();
    expect(await store.get('s2', 'key 0')).toHaveLength(1);
  });

  test('records end with their time', async () => {
    const store = await make(kind);
    const { version } = await store.compareAndSet('s', 'k', 0, 'x', { ttlMs: 80 });
    expect(version).toBeGreaterThan(0);
    await until(async () => (await store.get('s', 'k')).length === 0, 'the end of the record');
  });

  test('a pipeline goes on from its stored state', async () => {
    const store = await make(kind);
    const samples = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i / 3));
    const pipeline = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 9 });
    const options = { channels: 1, sampleRate: 100 };
    const whole = await pipeline().process(Float32Array.from(samples), options);
    const first = pipeline();
    await first.process(samples.slice(0, 30), options);
    await store.compareAndSet('app', 'device 1', 0, await first.saveState());
    const [{ state }] = await store.get('app', 'device 1');
    const second = pipeline();
    await second.loadState(String(state));
    expect(await second.process(samples.slice(30), options)).toEqual(whole.slice(30));
    const third = pipeline();
    await third.loadState(state);
    expect(await third.process(samples.slice(30), options)).toEqual(whole.slice(30));
    await expect(third.loadState(Buffer.from(' \n{"no": "state"}'))).rejects.toThrow();
  });

  test('ping, metrics, close', async () => {
    const store = await make(kind);
    expect(await store.ping()).toBeGreaterThanOrEqual(0);
    await store.compareAndSet('s', 'k', 0, 'abc');
    await store.get('s', 'k');
    expect(store.metrics()).toMatchObject({ writes: 1, reads: 1, bytesWritten: 3, bytesRead: 3 });
    expect(store.prometheus()).toContain('dspx_state_store_writes_total 1');
    await store.close();
    await store.close();
    await expect(store.get('s', 'k')).rejects.toMatchObject({ name: 'StateStoreError', code: 'CLOSED' });
  });

  test('wrong arguments are refused', async () => {
    const store = await make(kind);
    await expect(store.acquire('', 'me')).rejects.toThrow(/scope/);
    await expect(store.acquire('a{b}', 'me')).rejects.toThrow(TypeError);
    await expect(store.put({}, {})).rejects.toThrow(/lease/);
    await expect(store.compareAndSet('s', 5, 0, 'x')).rejects.toThrow(/key/);
    await expect(store.compareAndSet('s', 'k', -1, 'x')).rejects.toThrow(/expectedVersion/);
  });
});

test('an embedded store is what it was after closing, also by another path to it', async () => {
  const path = folder();
  const store = await createEmbeddedStateStore({ path });
  const { version } = await store.compareAndSet('s', 'k', 0, 'kept');
  const twin = await createEmbeddedStateStore({ path: join(path, '.') });
  expect((await twin.get('s', 'k'))[0].version).toBe(version);
  await Promise.all([store.close(), twin.close()]);
  const again = await make('embedded', { path });
  expect(again.storeId).toBe(store.storeId);
  expect(String((await again.get('s', 'k'))[0].state)).toBe('kept');
});

test('a folder in use by another process is refused, with its pid', async () => {
  const path = folder();
  await make('embedded', { path });
  const script = `
    require(${JSON.stringify(join(__dirname, '../../index.js'))}).createEmbeddedStateStore({ path: ${JSON.stringify(path)} })
      .catch((e) => console.log(JSON.stringify([e.name, e.message])));`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual(['StateLockedError', expect.stringContaining(`process ${process.pid}`)]);
});

test('an embedded store whose process is killed opens with its last whole put', async () => {
  const path = folder();
  const script = `
    const s = require(${JSON.stringify(join(__dirname, '../../index.js'))});
    (async () => {
      const store = await s.createEmbeddedStateStore({ path: ${JSON.stringify(path)} });
      const lease = await store.acquire('s', 'me');
      for (let seq = lease.manifest ? lease.manifest.seq + 1 : 1; ; seq++) {
        const state = Buffer.alloc(20000, seq % 256);
        const entries = ['a', 'b', 'c'].map((key) => ({ key, state, offset: String(seq) }));
        const nextOffset = String(seq + 1);
        const manifest = { seq, nextOffset, definition: 'd', guarantee: 'g', partitions: 1 };
        await store.put(lease, { entries, manifest });
        require('node:fs').writeSync(1, seq + '\\n');
      }
    })();`;
  for (let round = 0; round < 5; round++) {
    const child = spawnGuarded(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (bytes) => { out += bytes; });
    const puts = 4 + Math.floor(Math.random() * 10);
    await until(() => out.split('\n').length >= puts, 'some puts');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const confirmed = Number(out.trim().split('\n').at(-1));
    const store = await createEmbeddedStateStore({ path });
    const { manifest: { seq, nextOffset } } = await store.acquire('s', 'reader');
    expect(seq).toBeGreaterThanOrEqual(confirmed);
    expect(nextOffset).toBe(String(seq + 1));
    for (const [record] of await store.getMany('s', ['a', 'b', 'c'])) {
      expect(record.offset).toBe(String(seq));
      expect(record.state.every((byte) => byte === seq % 256)).toBe(true);
    }
    await store.close();
  }
});

test('a damaged record is an error, never a fresh start', async () => {
  const path = folder();
  const store = await createEmbeddedStateStore({ path });
  await store.compareAndSet('s', 'k', 0, 'a state that can be found in the file');
  await store.close();
  const file = join(path, 'state.redb');
  const bytes = readFileSync(file);
  const text = 'a state that can be found';
  expect(bytes.includes(text)).toBe(true);
  for (let i = bytes.indexOf(text); i >= 0; i = bytes.indexOf(text, i + 1)) bytes[i] ^= 1;
  writeFileSync(file, bytes);
  const damaged = await make('embedded', { path });
  await expect(damaged.get('s', 'k')).rejects.toMatchObject({ name: 'StateStoreError', code: 'CORRUPT' });
});

test('a damaged file is an error with its name, whatever is damaged', async () => {
  const path = folder();
  const store = await createEmbeddedStateStore({ path });
  await store.compareAndSet('s', 'k', 0, 'a state');
  await store.close();
  const file = join(path, 'state.redb');
  const whole = readFileSync(file);
  const wrong = { name: 'StateCorruptedError', code: 'CORRUPT', path: file };
  for (const [from, to] of [[0, 16], [0, 512], [64, 256], [0, whole.length]]) {
    const bytes = Buffer.from(whole);
    bytes.fill(0xa5, from, to);
    writeFileSync(file, bytes);
    const result = await createEmbeddedStateStore({ path }).catch((e) => e);
    expect(result).toBeInstanceOf(StateStoreError);
    expect(result).toMatchObject(wrong);
    expect(result.message).toContain(file);
  }
  writeFileSync(file, whole);
  await (await createEmbeddedStateStore({ path })).close();
});

test.each([['http://x'], ['redis+sentinel://h:1'], ['nonsense'], ['']])('the URL %j is refused', async (url) => {
  await expect(createRedisStateStore({ url })).rejects.toThrow(TypeError);
  await expect(createRedisStateStore({ url })).rejects.toThrow(/url/);
});

describe('no refusal tells what it was given', () => {
  const hidden = 'hunter2';
  const objects = [
    87654321,
    8765432.1,
    { [hidden]: hidden },
    [hidden],
    Buffer.from(hidden),
    Symbol(hidden),
    () => hidden,
    true,
    7n,
  ];
  const texts = [hidden, `${hidden}\0`];
  const redis_ = { url: 'redis://127.0.0.1:1', connectTimeoutMs: 1 };
  const cases = [
    ...['url', 'prefix', 'username', 'password'].flatMap((name) => objects.map((value) => [name, { [name]: value }])),
    ...[
      'db',
      'ttlMs',
      'connectTimeoutMs',
      'retryForMs',
      'chunkKeys',
      'compression',
      'tls',
      'reconnect',
      'waitReplicas',
    ].flatMap((name) =>
      [hidden, [hidden], Symbol(hidden), Buffer.from(hidden)].map((value) => [name, { [name]: value }]),
    ),
    ...['ca', 'cert', 'key'].flatMap((name) =>
      [hidden, ...objects].map((value) => [`tls.${name}`, { tls: { [name]: value } }]),
    ),
    ...texts.map((value) => ['url', { url: value }]),
    ...[
      `redis://u:${hidden}@h:x`,
      `redis://u:${hidden}@`,
      `redis+sentinel://u:${hidden}@h:x/m`,
      `redis+cluster://u:${hidden}@h:x`,
    ].map((url) => ['url', { url }]),
  ];
  const leak = /hunter2|87654321|8765432.1|104,117/;

  test.each(cases)('%s of a Redis store', async (name, given) => {
    const error = await createRedisStateStore({ ...redis_, ...given }).catch((e) => e);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(name);
    expect(error.message).not.toMatch(leak);
  });

  test.each(['path', 'durability', 'ttlMs', 'cacheBytes'])('%s of an embedded store', async (name) => {
    for (const value of [{ [hidden]: hidden }, [hidden], Symbol(hidden), Buffer.from(hidden)]) {
      const error = await createEmbeddedStateStore({ path: folder(), [name]: value }).catch((e) => e);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(new RegExp(`^createEmbeddedStateStore: ${name} `));
      expect(error.message).not.toMatch(leak);
    }
  });

  test('a configuration that is none', async () => {
    for (const config of [undefined, null, hidden, 7, [hidden], Buffer.from(hidden)]) {
      const error = await createRedisStateStore(config).catch((e) => e);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).not.toMatch(leak);
    }
  });
});

test('a Redis that is not there rejects in time', async () => {
  const error = await createRedisStateStore({ url: 'redis://127.0.0.1:1', connectTimeoutMs: 300 }).catch((e) => e);
  expect(error).toMatchObject({ name: 'StateStoreError', retriable: true });
  expect(error.message).toMatch(/^Redis at 127\.0\.0\.1:1: /);
});
