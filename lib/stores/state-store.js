'use strict';
const addon = require('../native/addon.js');
const { adopt, StateStoreError } = require('../common/streaming-errors.js');
const { choice, integer } = require('../common/arguments.js');
const { warnOnce } = require('../common/warnings.js');
const { prometheus } = require('../telemetry/prometheus.js');
const { embeddedSettings, redisSettings } = require('./options.js');

/**
 * @typedef {import('../native/exports.js').NativeStateStore} NativeStore
 * @typedef {import('../native/exports.js').Failed} Failed
 * @typedef {import('../../index.js').StateLease} Lease
 * @typedef {Buffer | Uint8Array | string} Key
 */

const MAX_VERSION = Number.MAX_SAFE_INTEGER;

/**
 * Returns the result of a call of the addon.
 *
 * @template T
 * @param {Promise<T | Failed>} promise
 * @returns {Promise<T>}
 * @throws {Error} the error of a call that failed
 */
async function settled(promise) {
  const result = await promise;
  const failure = /** @type {Partial<Failed> | undefined} */ (result)?.failed;
  if (failure) throw adopt(failure);
  return /** @type {T} */ (result);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function text(value, name) {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be a non-empty string`);
  return value;
}

/** @param {unknown} key @returns {Buffer} */
function keyBytes(key) {
  if (typeof key === 'string') return Buffer.from(key);
  if (ArrayBuffer.isView(key)) return Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  throw new TypeError('key must be a string or Buffer');
}

/** @param {unknown} state @returns {Buffer} */
function stateBytes(state) {
  if (ArrayBuffer.isView(state)) return Buffer.from(state.buffer, state.byteOffset, state.byteLength);
  if (typeof state === 'string') return Buffer.from(state);
  throw new TypeError('state must be a Buffer or a string');
}

/**
 * Returns an offset as a number, −1 for none.
 *
 * @param {unknown} offset
 * @throws {TypeError} for anything but a decimal string
 * @returns {number}
 */
function offsetOf(offset) {
  if (offset === undefined || offset === null) return -1;
  if (!/^\d{1,16}$/.test(String(offset))) throw new TypeError('offset must be a decimal string');
  return Number(offset);
}

/** @param {import('../native/exports.js').NativeManifest | undefined} manifest */
const manifestOf = (manifest) => (manifest ? { ...manifest, nextOffset: manifest.nextOffset ?? null } : null);
/**
 * Returns the part of a lease that the addon takes.
 *
 * @param {Lease} lease
 */
const leaseOf = ({ scope, epoch, owner }) => ({ scope: text(scope, 'scope'), epoch, owner: String(owner) });
/** @param {import('../native/exports.js').NativeRecord} record */
const recordOf = (record) => ({ ...record, offset: record.offset ?? null });

/** The native store behind each store, for streams. @type {WeakMap<object, NativeStore>} */
const nativeStores = new WeakMap();

/** Keeps states; `createRedisStateStore`, `createEmbeddedStateStore` and `createMemoryStateStore` make it. */
class StateStore {
  #native;
  #closed = false;

  /** @param {NativeStore} native @param {import('../native/exports.js').OpenedStore} opened */
  constructor(native, { kind, storeId }) {
    this.#native = native;
    nativeStores.set(this, native);
    this.kind = kind;
    this.storeId = storeId;
  }

  #open() {
    if (this.#closed) throw new StateStoreError('the state store is closed', { code: 'CLOSED' });
    return this.#native;
  }

  /**
   * Acquires the lease of a scope; from then on writes of former owners are refused. Resolves to the lease.
   *
   * @param {string} scope
   * @param {string} owner
   */
  async acquire(scope, owner) {
    const lease = await settled(this.#open().acquire(text(scope, 'scope'), text(owner, 'owner')));
    return { ...lease, manifest: manifestOf(lease.manifest) };
  }

  /**
   * Resolves to the versions of a key, newest first.
   *
   * @param {string} scope
   * @param {Key} key
   */
  async get(scope, key) {
    return (await this.getMany(scope, [key]))[0];
  }

  /** @param {string} scope @param {Key[]} keys */
  async getMany(scope, keys) {
    const all = await settled(this.#open().getMany(text(scope, 'scope'), keys.map(keyBytes)));
    return all.map((records) => records.map(recordOf));
  }

  /**
   * Writes records, then the manifest, if the lease is still good.
   *
   * @param {Lease} lease
   * @param {{ entries?: import('../../index.js').StateEntry[], manifest?: any }} [update]
   */
  async put(lease, { entries, manifest } = {}) {
    if (typeof lease?.epoch !== 'number') throw new TypeError('put needs a lease');
    const list = (entries ?? []).map(({ key, state, format = 'toon', offset, slot = 'only', keep }) => ({
      key: keyBytes(key),
      state: stateBytes(state),
      isJson: choice({ format }, 'format', ['toon', 'json']) === 'json',
      offset: offsetOf(offset),
      alternate: choice({ slot }, 'slot', ['only', 'alternate']) === 'alternate',
      keep: keep === undefined || keep === null ? undefined : offsetOf(keep),
    }));
    let update;
    if (manifest) {
      const nextOffset = offsetOf(manifest.nextOffset);
      update = {
        nextOffset: nextOffset < 0 ? undefined : nextOffset,
        seq: integer(manifest, 'seq', { fallback: 0, max: MAX_VERSION }),
        definition: String(manifest.definition ?? ''),
        guarantee: String(manifest.guarantee ?? ''),
        partitions: integer(manifest, 'partitions', { fallback: 0 }),
      };
    }
    await settled(this.#open().put(leaseOf(lease), list, update));
  }

  /**
   * Writes `state` (null deletes) if `expectedVersion` is what is there, 0 = nothing.
   *
   * @param {string} scope
   * @param {Key} key
   * @param {number} expectedVersion
   * @param {Buffer | Uint8Array | string | null} state
   * @param {{ ttlMs?: number }} [options]
   */
  async compareAndSet(scope, key, expectedVersion, state, { ttlMs } = {}) {
    const expected = integer({ expectedVersion }, 'expectedVersion', { max: MAX_VERSION });
    if (expected === undefined) throw new TypeError('expectedVersion must be an integer');
    const bytes = state === null ? undefined : stateBytes(state);
    const ttl = integer({ ttlMs }, 'ttlMs', { fallback: 0, max: MAX_VERSION });
    const isJson = typeof state === 'string';
    return settled(this.#open().compareAndSet(text(scope, 'scope'), keyBytes(key), expected, bytes, isJson, ttl));
  }

  /**
   * The newest record of every key of a scope.
   *
   * @param {string} scope
   */
  async *scan(scope) {
    /** @type {Buffer | undefined} */
    let from;
    do {
      /** @type {import('../native/exports.js').NativePage} */
      const { entries, next } = await settled(this.#open().scan(text(scope, 'scope'), from, 500));
      for (const { key, record } of entries) yield { key, record: recordOf(record) };
      from = next;
    } while (from);
  }

  /**
   * Removes a key, or a whole scope, and resolves to the number of keys.
   *
   * @param {string} scope
   * @param {Key} [key]
   * @returns {Promise<number>}
   */
  async remove(scope, key) {
    return settled(this.#open().remove(text(scope, 'scope'), key === undefined ? undefined : keyBytes(key)));
  }

  /**
   * Releases a lease: nothing can be written with it any more. The next owner need not wait for this.
   *
   * @param {Lease} lease
   */
  async release(lease) {
    if (typeof lease?.epoch !== 'number') throw new TypeError('release needs a lease');
    await settled(this.#open().release(leaseOf(lease)));
  }

  /** Resolves to the time that the store takes to answer, ms. */
  async ping() {
    return settled(this.#open().ping());
  }

  metrics() {
    const { calls, latencyMs, ...counters } = this.#native.metrics();
    return { ...counters, latencyMs: { count: calls, sum: latencyMs } };
  }

  prometheus(prefix = 'dspx') {
    return prometheus(prefix, 'state_store', this.metrics());
  }

  get closed() {
    return this.#closed;
  }

  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await settled(this.#native.close());
  }
}

/** @param {(native: NativeStore) => Promise<import('../native/exports.js').OpenedStore | Failed>} start */
async function open(start) {
  const native = new addon.NativeStateStore();
  const opened = await settled(start(native));
  if (opened.warning) warnOnce(opened.warning);
  return new StateStore(native, opened);
}

/** A store in memory, for tests. */
function createMemoryStateStore() {
  const native = new addon.NativeStateStore();
  return new StateStore(native, native.openMemory());
}

/**
 * A store in a folder of this machine; one process at a time.
 * @param {{ path: string, durability?: 'fsync' | 'os', ttlMs?: number, cacheBytes?: number }} config
 */
async function createEmbeddedStateStore(config) {
  const { path, fsync, ttlMs, cacheBytes } = embeddedSettings(config);
  return open((native) => native.openEmbedded(path, fsync, ttlMs, cacheBytes));
}

/**
 * A store in Redis (6 or newer) or Valkey: one server, a cluster, or behind sentinels.
 * @param {object} config see `RedisStateStoreConfig`
 */
async function createRedisStateStore(config) {
  const settings = redisSettings(config);
  if (!addon.NativeStateStore.prototype.openRedis) {
    throw new Error('this build of dspx-rs has no Redis: build it with the cargo feature "redis" (a default)');
  }
  return open((native) => native.openRedis(settings));
}

module.exports = {
  nativeStore: (/** @type {object} */ store) => nativeStores.get(store),
  createMemoryStateStore,
  createEmbeddedStateStore,
  createRedisStateStore,
};
