/** The last saved data of a scope (a partition of a stream). */
export interface StateManifest {
  /** Number of the owner; it increases with every acquisition. */
  epoch: number;
  /** Owner that wrote it. */
  owner: string;
  /** Offset up to which the states hold. */
  nextOffset: string | null;
  /** Number of the checkpoint. */
  seq: number;
  /** Hash of the pipeline. */
  definition: string;
  /** The guarantee of the stream. */
  guarantee: string;
  /** Partitions of the topic. */
  partitions: number;
  /** Id of the store in which it was written. */
  storeId: string;
  /** Time in ms since 1970. */
  updatedAt: number;
}

/** The state of a key. */
export interface StateRecord {
  /** Its bytes. */
  state: Buffer;
  /** Encoding of the state. */
  format: "toon" | "json";
  /** The offset up to which it holds. */
  offset: string | null;
  /** Version, which increases with every write. */
  version: number;
  /** The epoch in which it was written. */
  epoch: number;
  /** Hash of the pipeline. */
  definition: string;
  /** Time in ms since 1970. */
  updatedAt: number;
}

/** The right to write a scope, until another owner acquires it. */
export interface StateLease {
  /** Name of the scope. */
  scope: string;
  /** Epoch of the owner. */
  epoch: number;
  /** Name of the owner. */
  owner: string;
  /** Manifest of the scope; null if it is new. */
  manifest: StateManifest | null;
}

/** A state to write. */
export interface StateEntry {
  /** Its key. */
  key: string | Buffer;
  /** Its bytes or text. */
  state: Buffer | string;
  /** Encoding of the state. Default by type. */
  format?: "toon" | "json";
  /** The offset up to which it holds. */
  offset?: string | null;
  /** `alternate` keeps one version beside the new one: the newest, or the one with the offset `keep`. */
  slot?: "only" | "alternate";
  /** The offset of an older version to keep. */
  keep?: string | null;
}

/** Counters of a store since it was opened. */
export interface StateStoreMetrics {
  /** States read. */
  reads: number;
  /** States written. */
  writes: number;
  /** Bytes read. */
  bytesRead: number;
  /** Bytes written. */
  bytesWritten: number;
  /** Writes refused because another owner has acquired the scope. */
  fenced: number;
  /** Calls that failed. */
  errors: number;
  /** Connections made after the first one. */
  reconnects: number;
  /** Number of calls, and the sum of their durations in ms. */
  latencyMs: { count: number; sum: number };
}

/** Stores states: one manifest per scope and one record per key, fenced by epochs. */
export interface StateStore {
  /** Kind of the store. */
  readonly kind: "redis" | "embedded" | "memory";
  /** Id of the store, drawn when it was first used. */
  readonly storeId: string;
  /** Acquires a scope: from then on no former owner can write. */
  acquire(scope: string, owner: string): Promise<StateLease>;
  /** Returns the versions of a key, newest first. */
  get(scope: string, key: string | Buffer): Promise<StateRecord[]>;
  /** Returns the versions of several keys, the newest of each first. */
  getMany(scope: string, keys: (string | Buffer)[]): Promise<StateRecord[][]>;
  /** Writes states and manifest as one. @throws StateFencedError if another owner has acquired the scope */
  put(lease: StateLease, batch: {
    entries: StateEntry[];
    manifest?: { nextOffset?: string; seq: number; definition: string; guarantee: string; partitions: number };
  }): Promise<void>;
  /** Writes `state` (null deletes) if `expectedVersion` is the current version; 0 = it does not exist. */
  compareAndSet(
    scope: string,
    key: string | Buffer,
    expectedVersion: number,
    state: Buffer | string | null,
    options?: { ttlMs?: number },
  ): Promise<{ ok: boolean; version: number }>;
  /** Iterates over all states of a scope. */
  scan(scope: string): AsyncIterable<{ key: Buffer; record: StateRecord }>;
  /** Removes a key, or a whole scope; resolves to the number of removed states. */
  remove(scope: string, key?: string | Buffer): Promise<number>;
  /** Gives a lease back: nothing can be written with it any more. */
  release(lease: StateLease): Promise<void>;
  /** Resolves to the time of an answer in ms. */
  ping(): Promise<number>;
  /** Returns the counters since it was opened. */
  metrics(): StateStoreMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
  /** Closes the store. */
  close(): Promise<void>;
}

/** A store in memory, for tests. */
export function createMemoryStateStore(): StateStore;

/** A store in a folder of this machine; one process at a time. */
export function createEmbeddedStateStore(config: {
  path: string;
  /**
   * When a write is complete. `fsync` (default): on disk. `os`: survives the end of the process, but not a power
   * failure.
   */
  durability?: "fsync" | "os";
  ttlMs?: number; cacheBytes?: number;
}): Promise<StateStore>;

/** Options of `createRedisStateStore`. */
export interface RedisStateStoreConfig {
  /**
   * `redis(s)://`, `valkey(s)://`, `redis+unix://`, `redis(s)+cluster://h1:p,h2:p`,
   * `redis+sentinel://h1:p,h2:p/master`.
   */
  url: string;
  /** Prefix of every key. Default `dspx`. */
  prefix?: string;
  /** Time in ms after which states that are not written expire; 0 (default): never. */
  ttlMs?: number;
  /** Login. */
  username?: string;
  /** Login. */
  password?: string;
  /** Number of the database. Default 0. */
  db?: number;
  /** Certificates as PEM, for `rediss:`. */
  tls?: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized?: boolean };
  /** Longest time for connecting in ms. Default 5,000. */
  connectTimeoutMs?: number;
  /** Longest time for a command in ms. Default 2,000. */
  commandTimeoutMs?: number;
  /** Pauses before connecting again, from `initialMs` (100) to `maxMs` (5,000). */
  reconnect?: { initialMs?: number; maxMs?: number };
  /** Time in ms for which a call is repeated. Default 30,000. */
  retryForMs?: number;
  /** Largest number of bytes written in one command. Default 1 MiB. */
  chunkBytes?: number;
  /** Largest number of keys in one command. Default 256. */
  chunkKeys?: number;
  /** Compression of states. Default `none`. */
  compression?: "none" | "zstd";
  /** Number of replicas that must have received a write. Default 0. */
  waitReplicas?: number;
}

/** A store in Redis (6 or newer) or Valkey. */
export function createRedisStateStore(config: RedisStateStoreConfig): Promise<StateStore>;
