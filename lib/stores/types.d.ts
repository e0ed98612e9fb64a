/** What a scope (a partition of a stream) has saved last. */
export interface StateManifest {
  /** Rises with each owner. */
  epoch: number;
  /** Who wrote it. */
  owner: string;
  /** The offset up to which the states hold. */
  nextOffset: string | null;
  /** Number of the checkpoint. */
  seq: number;
  /** Hash of the pipeline. */
  definition: string;
  /** The guarantee of the stream. */
  guarantee: string;
  /** Partitions of the topic. */
  partitions: number;
  /** The store in which it was written. */
  storeId: string;
  /** Epoch ms. */
  updatedAt: number;
}

/** The state of a key. */
export interface StateRecord {
  /** Its bytes. */
  state: Buffer;
  /** Their form. */
  format: "toon" | "json";
  /** The offset up to which it holds. */
  offset: string | null;
  /** Rises with each write. */
  version: number;
  /** The epoch in which it was written. */
  epoch: number;
  /** Hash of the pipeline. */
  definition: string;
  /** Epoch ms. */
  updatedAt: number;
}

/** The right to write a scope, until another takes it. */
export interface StateLease {
  /** What it is for. */
  scope: string;
  /** Its number. */
  epoch: number;
  /** Who has it. */
  owner: string;
  /** What the scope holds; null if it is new. */
  manifest: StateManifest | null;
}

/** A state to write. */
export interface StateEntry {
  /** Its key. */
  key: string | Buffer;
  /** Its bytes or text. */
  state: Buffer | string;
  /** Their form. Default by type. */
  format?: "toon" | "json";
  /** The offset up to which it holds. */
  offset?: string | null;
  /** `alternate` leaves one version beside the new one: the newest, or the one with the offset `keep`. */
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
  /** Writes refused because another has taken over. */
  fenced: number;
  /** Calls that failed. */
  errors: number;
  /** Connections made again. */
  reconnects: number;
  /** How many calls, and their time together, ms. */
  latencyMs: { count: number; sum: number };
}

/** Keeps states: per scope one manifest and one record per key, fenced by epochs. */
export interface StateStore {
  /** Which store it is. */
  readonly kind: "redis" | "embedded" | "memory";
  /** A number of its own, drawn when it was first used. */
  readonly storeId: string;
  /** Takes a scope over: from here on no former owner writes. */
  acquire(scope: string, owner: string): Promise<StateLease>;
  /** The versions of a key, newest first. */
  get(scope: string, key: string | Buffer): Promise<StateRecord[]>;
  /** The states of several keys, the newest version of each first. */
  getMany(scope: string, keys: (string | Buffer)[]): Promise<StateRecord[][]>;
  /**
   * Writes states and manifest as one.
   * @throws StateFencedError if another has taken over
   */
  put(lease: StateLease, batch: {
    entries: StateEntry[];
    manifest?: { nextOffset?: string; seq: number; definition: string; guarantee: string; partitions: number };
  }): Promise<void>;
  /** Writes `state` (null deletes) if `expectedVersion` is what is there, 0 = nothing. */
  compareAndSet(
    scope: string, key: string | Buffer, expectedVersion: number, state: Buffer | string | null, options?: { ttlMs?: number },
  ): Promise<{ ok: boolean; version: number }>;
  /** All states of a scope. */
  scan(scope: string): AsyncIterable<{ key: Buffer; record: StateRecord }>;
  /** Forgets a key, or a whole scope; gives how many states went. */
  remove(scope: string, key?: string | Buffer): Promise<number>;
  /** Gives a lease back: it writes nothing from here on. */
  release(lease: StateLease): Promise<void>;
  /** ms */
  ping(): Promise<number>;
  /** Counters since it was opened. */
  metrics(): StateStoreMetrics;
  /** The metrics in Prometheus' text form. */
  prometheus(prefix?: string): string;
  /** Ends it. */
  close(): Promise<void>;
}

/** A store in memory, for tests. */
export function createMemoryStateStore(): StateStore;

/** A store in a folder of this machine; one process at a time. */
export function createEmbeddedStateStore(config: {
  path: string;
  /** When a write counts as done. `fsync` (default): on disk. `os`: survives the end of the process, not a power failure. */
  durability?: "fsync" | "os";
  ttlMs?: number; cacheBytes?: number;
}): Promise<StateStore>;

/** Options of `createRedisStateStore`. */
export interface RedisStateStoreConfig {
  /** `redis(s)://`, `valkey(s)://`, `redis+unix://`, `redis(s)+cluster://h1:p,h2:p`, `redis+sentinel://h1:p,h2:p/master`. */
  url: string;
  /** Begins every key. Default `dspx`. */
  prefix?: string;
  /** ms after which states that nobody writes are gone; 0 (default): never. */
  ttlMs?: number;
  /** Login. */
  username?: string;
  /** Login. */
  password?: string;
  /** Number of the database. Default 0. */
  db?: number;
  /** Certificates as PEM, for `rediss:`. */
  tls?: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized?: boolean };
  /** Bound of connecting. Default 5,000 ms. */
  connectTimeoutMs?: number;
  /** Bound of a command. Default 2,000 ms. */
  commandTimeoutMs?: number;
  /** Pauses before connecting again, from `initialMs` (100) to `maxMs` (5,000). */
  reconnect?: { initialMs?: number; maxMs?: number };
  /** How long a call is tried again. Default 30,000 ms. */
  retryForMs?: number;
  /** Bytes written in one command. Default 1 MiB. */
  chunkBytes?: number;
  /** Keys in one command. Default 256. */
  chunkKeys?: number;
  /** How states are packed. Default `none`. */
  compression?: "none" | "zstd";
  /** Replicas that must have a write. Default 0. */
  waitReplicas?: number;
}

/** A store in Redis (6 or newer) or Valkey. */
export function createRedisStateStore(config: RedisStateStoreConfig): Promise<StateStore>;
