// ---- Kafka and state stores ---------------------------------------------------------------------

/**
 * Options of a Kafka client, named as in kafkajs. A key with a dot is a property of librdkafka, is passed as it is and wins
 * over everything else.
 */
export interface KafkaClientOptions {
  clientId?: string;
  brokers?: string[];
  ssl?: boolean | {
    ca?: string | Buffer | (string | Buffer)[]; cert?: string | Buffer; key?: string | Buffer; passphrase?: string;
    rejectUnauthorized?: boolean;
  };
  sasl?:
    | { mechanism: string; username: string; password: string }
    | { mechanism: "oauthbearer"; oauthBearerProvider?: () => Promise<{ value: string; principal?: string; lifetime?: number }> };
  /** ms */
  connectionTimeout?: number;
  /** ms */
  requestTimeout?: number;
  retry?: { retries?: number; initialRetryTime?: number; maxRetryTime?: number };
  /** As kafkajs: 0 nothing, 1 error, 2 warn, 4 info, 5 debug. The lines go to `console.debug`. */
  logLevel?: number;
  metadataMaxAge?: number;
  rackId?: string;
  allowAutoTopicCreation?: boolean;
  sessionTimeout?: number;
  heartbeatInterval?: number;
  rebalanceTimeout?: number;
  maxBytesPerPartition?: number;
  minBytes?: number;
  maxBytes?: number;
  maxWaitTimeInMs?: number;
  readUncommitted?: boolean;
  groupInstanceId?: string;
  idempotent?: boolean;
  maxInFlightRequests?: number;
  acks?: number | "all";
  compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd" | 0 | 1 | 2 | 3 | 4;
  transactionTimeout?: number;
  [property: string]: any;
}

/** Options of `createKafkaProducerHandler`. */
export interface KafkaProducerConfig {
  /** `host:port` of some brokers. */
  brokers: string[];
  topic: string;
  /** Default `dsp-pipeline`. */
  clientId?: string;
  producerConfig?: KafkaClientOptions;
  /** Logs that set off a flush; default 100. */
  batchSize?: number;
  /** ms after the first waiting log; default 5000. */
  flushInterval?: number;
  /** Default: the preset `standard`. One flush is one request. */
  circuitBreaker?: CircuitBreakerConfig | false;
  /** Logs kept while Kafka is away; beyond them the oldest go. Default 10000. */
  maxBuffered?: number;
  /** Bound of one flush in ms; default 10000. */
  flushTimeoutMs?: number;
  minLevel?: LogLevel;
}

/** Counters of a Logger handler for Kafka. */
export interface KafkaHandlerMetrics {
  messages: number; bytes: number; delivered: number; deliveryErrors: number; queued: number; buffered: number;
  dropped: number; flushes: number; deliveryMs: { count: number; sum: number };
}

/** A handler for the Logger that sends logs to a Kafka topic in batches. It connects with the first flush. */
export function createKafkaProducerHandler(config: KafkaProducerConfig): HandlerWithCircuitBreaker & {
  prometheus(prefix?: string): string;
};

/** A message from Kafka. What costs something to make is made when it is first asked for. */
export interface KafkaMessage {
  readonly topic: string;
  readonly partition: number;
  /** Decimal. */
  readonly offset: string;
  key: string | null;
  /** As the codec gives it: parsed JSON, a `SampleFrame`, a `Float32Array` or a `Buffer`. */
  value: any;
  /** An array where a name repeats. */
  headers?: Record<string, Buffer | Buffer[]>;
  /** ms since 1970, decimal. */
  readonly timestamp: string;
  rawKey: Buffer | null;
  rawValue: Buffer | null;
}

export interface TopicPartition { topic: string; partition: number }

/** What `onError` may ask for. */
export type ErrorAction = "retry" | "skip" | "dlq" | "stop";

export interface FailureContext {
  kind: "handler" | "decode" | "connection" | "rebalance" | "dlq";
  topic?: string; partition?: number; offset?: string; attempt?: number; message?: KafkaMessage;
}

/** How values are written. `auto`: by content type, then by the first bytes, else JSON. */
export type KafkaCodec = "auto" | "json" | "dspx" | "f32" | "raw";

/** Options of `createKafkaConsumer`. One of `onMessage` and `onBatch` is needed. */
export interface KafkaConsumerConfig {
  brokers: string[];
  groupId: string;
  topics: string[];
  /** Default `dsp-consumer`. */
  clientId?: string;
  consumerConfig?: KafkaClientOptions;
  /** Where to begin without a committed offset; default false: at the end. */
  fromBeginning?: boolean;
  onMessage?: (message: KafkaMessage) => Promise<void> | void;
  onBatch?: (batch: KafkaMessage[], context: TopicPartition & { highWatermark: string }) => Promise<void> | void;
  onError?: (error: Error, context?: FailureContext) => void | ErrorAction | Promise<void | ErrorAction>;
  codec?: KafkaCodec;
  /** For `onBatch`; defaults 500 and 5. */
  batch?: { maxMessages?: number; maxWaitMs?: number };
  /** Partitions handled at once; default 1. */
  concurrency?: number;
  /** Handlers at once within a partition; messages of one key stay in order. Default 1. */
  partitionConcurrency?: number;
  /** Bounds of what waits: messages per partition (1000), bytes in all (16 MiB). */
  prefetch?: { messages?: number; bytes?: number };
  /** Past it a message counts as failed; default 0: never. */
  handlerTimeoutMs?: number;
  retry?: { attempts?: number; initialMs?: number; maxMs?: number; factor?: number; jitter?: number };
  deadLetterTopic?: string | ((topic: string) => string);
  /** When the retries are used up; default `dlq` with a `deadLetterTopic`, else `stop`. */
  onExhausted?: "dlq" | "stop" | "skip";
  /** What cannot be decoded; default `dlq` with a `deadLetterTopic`, else `skip`. */
  onPoison?: "dlq" | "stop" | "skip";
  /** Default 1000. */
  autoCommitIntervalMs?: number;
  assignor?: "cooperative-sticky" | "range" | "roundrobin";
  /** Static membership: a restart within the session moves no partitions. */
  groupInstanceId?: string;
  connectTimeoutMs?: number;
  shutdownTimeoutMs?: number;
  revokeTimeoutMs?: number;
  onAssigned?: (partitions: TopicPartition[]) => void | Promise<void>;
  onRevoked?: (partitions: TopicPartition[]) => void | Promise<void>;
  onLost?: (partitions: TopicPartition[]) => void;
}

export interface KafkaConsumerMetrics {
  messages: number; bytes: number; handled: number; failed: number; retried: number; deadLettered: number; skipped: number;
  decodeErrors: number; commits: number; commitErrors: number; rebalances: number; inFlight: number; queued: number;
  queuedBytes: number; paused: number; stalled: number; lag: number;
  handlerMs: { count: number; sum: number; p50: number; p95: number; p99: number };
}

export interface KafkaConsumerStatus {
  state: "created" | "running" | "paused" | "rebalancing" | "stopping" | "closed";
  healthy: boolean;
  partitions: (TopicPartition & { state: "running" | "paused" | "retrying" | "stalled"; queued: number; inFlight: number })[];
}

/** Events: assigned, revoked, lost, stalled, dlq, error, closed. */
export interface KafkaConsumer extends NodeJS.EventEmitter {
  /** Joins the group; resolves when the first partitions are assigned and their start is known. */
  run(): Promise<void>;
  /** Starts no handlers any more; without a list for all partitions, also those assigned later. */
  pause(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /** Undoes `pause`, and tries again where a partition is stalled. */
  resume(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /** Waits for running handlers, commits what is done, leaves the group. */
  disconnect(): Promise<void>;
  seek(to: TopicPartition & { offset: string | "beginning" | "end" | { timestamp: number } }): Promise<void>;
  /** Commits everything that is done, now. */
  commit(): Promise<void>;
  assignment(): TopicPartition[];
  lag(): Promise<(TopicPartition & { committed: string | null; position: string; high: string; lag: number })[]>;
  status(): KafkaConsumerStatus;
  metrics(): KafkaConsumerMetrics;
  prometheus(prefix?: string): string;
}

/** Makes a consumer. Resolves when a broker has answered and the topics are known. */
export function createKafkaConsumer(config: KafkaConsumerConfig): Promise<KafkaConsumer>;

/** Samples of one message. */
export interface SampleFrame {
  /** Interleaved. */
  data: Float32Array;
  channels: number;
  /** Hz */
  sampleRate: number | null;
  /** Time of the first frame, ms since 1970. */
  t0: number | null;
  /** Time of each frame, ms since 1970. */
  timestamps: Float64Array | null;
}

/** Writes samples as a binary frame (`application/x-dspx-f32`). */
export function encodeFrame(
  data: Float32Array,
  options?: { channels?: number; sampleRate?: number; t0?: number; timestamps?: Float64Array | number[] },
): Buffer;

/** Reads a binary frame. */
export function decodeFrame(bytes: Buffer | Uint8Array): SampleFrame;

export interface KafkaOutgoingMessage {
  key?: string | Buffer | null;
  value: string | Buffer | Float32Array | Partial<SampleFrame> & { data: Float32Array } | null;
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  partition?: number;
  /** ms since 1970 */
  timestamp?: number;
}

export interface KafkaProducerMetrics {
  messages: number; bytes: number; delivered: number; deliveryErrors: number; queued: number;
  deliveryMs: { count: number; sum: number };
}

export interface KafkaProducer {
  /** Resolves once the broker has every message; waits where the local queue is full. */
  send(request: { topic: string; messages: KafkaOutgoingMessage[] }): Promise<(TopicPartition & { offset: string })[]>;
  /** Waits for the delivery of everything sent so far; default 10 s. */
  flush(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
  metrics(): KafkaProducerMetrics;
  prometheus(prefix?: string): string;
}

/** Makes a producer. Resolves when a broker has answered. */
export function createKafkaProducer(config: {
  brokers: string[]; clientId?: string; producerConfig?: KafkaClientOptions; connectTimeoutMs?: number;
}): Promise<KafkaProducer>;

/** A Kafka cluster inside this process, for demos, examples and tests. All its data is in memory. */
export interface EmbeddedKafka {
  readonly brokers: string[];
  /** Options that make other processes' clients quick on it; clients of this process get them by themselves. */
  readonly clientConfig: KafkaClientOptions;
  createTopic(name: string, partitions?: number): void;
  brokerDown(id?: number): void;
  brokerUp(id?: number): void;
  setLatency(ms: number, id?: number): void;
  moveLeader(topic: string, partition: number, id: number): void;
  /** The next requests of a kind answer these codes; `_TRANSPORT` cuts the connection. */
  failNext(api: string, errors: string[]): void;
  requests(): { api: string; broker: number; at: number }[];
  clearRequests(): void;
  close(): Promise<void>;
}

/** Starts a Kafka cluster inside this process. */
export function createEmbeddedKafka(options?: {
  brokers?: number; topics?: (string | { name: string; partitions?: number })[]; rebalanceDelayMs?: number;
}): Promise<EmbeddedKafka>;

/** A failure that Kafka or its client reports. */
export class KafkaError extends Error {
  /** librdkafka's name without prefix, such as `TOPIC_AUTHORIZATION_FAILED` or `_ALL_BROKERS_DOWN`. */
  code: string;
  retriable: boolean;
  fatal: boolean;
  /** Of a failed `send`: the outcome of each message. */
  results?: (TopicPartition & { offset: string } | { topic: string; error: KafkaError })[];
}

/** A handler failed; `cause` is what it threw. */
export class KafkaHandlerError extends Error {
  code: string; cause: unknown; topic: string; partition: number; offset: string; attempts: number;
}

/** A message cannot be decoded. */
export class KafkaDecodeError extends Error {
  code: string; topic: string; partition: number; offset: string; reason: string;
}

/** A state store failed. */
export class StateStoreError extends Error {
  code: string; retriable: boolean;
}

/** A scope belongs to a later owner. */
export class StateFencedError extends Error {
  code: string; scope: string; ours: number; theirs: number; owner: string;
}

/** The folder of an embedded store belongs to another process. */
export class StateLockedError extends Error {
  code: string;
}

/** The pipeline differs from the one that wrote the state. */
export class StateDefinitionError extends Error {
  code: string;
}

/** Messages that were wanted are gone. */
export class StreamDataLossError extends Error {
  code: string; topic: string; partition: number; wanted: string; low: string; high: string;
}

/** The state of a partition is not in this store. */
export class StreamStateMissingError extends Error {
  code: string; topic: string; partition: number; store: string;
}

export interface StateManifest {
  epoch: number; owner: string; nextOffset: string | null; seq: number; definition: string; guarantee: string;
  partitions: number; storeId: string; updatedAt: number;
}

export interface StateRecord {
  state: Buffer; format: "toon" | "json"; offset: string | null; version: number; epoch: number; definition: string;
  updatedAt: number;
}

export interface StateLease { scope: string; epoch: number; owner: string; manifest: StateManifest | null }

export interface StateEntry {
  key: string | Buffer; state: Buffer | string; format?: "toon" | "json"; offset?: string | null;
  /** `alternate` leaves one version beside the new one: the newest, or the one with the offset `keep`. */
  slot?: "only" | "alternate"; keep?: string | null;
}

export interface StateStoreMetrics {
  reads: number; writes: number; bytesRead: number; bytesWritten: number; fenced: number; errors: number;
  reconnects: number; latencyMs: { count: number; sum: number };
}

/** Keeps states: per scope one manifest and one record per key, fenced by epochs. */
export interface StateStore {
  readonly kind: "redis" | "embedded" | "memory";
  readonly storeId: string;
  /** Takes a scope over: from here on no former owner writes. */
  acquire(scope: string, owner: string): Promise<StateLease>;
  /** The versions of a key, newest first. */
  get(scope: string, key: string | Buffer): Promise<StateRecord[]>;
  getMany(scope: string, keys: (string | Buffer)[]): Promise<StateRecord[][]>;
  put(lease: StateLease, batch: {
    entries: StateEntry[];
    manifest?: { nextOffset?: string; seq: number; definition: string; guarantee: string; partitions: number };
  }): Promise<void>;
  /** Writes `state` (null deletes) if `expectedVersion` is what is there, 0 = nothing. */
  compareAndSet(
    scope: string, key: string | Buffer, expectedVersion: number, state: Buffer | string | null, options?: { ttlMs?: number },
  ): Promise<{ ok: boolean; version: number }>;
  scan(scope: string): AsyncIterable<{ key: Buffer; record: StateRecord }>;
  remove(scope: string, key?: string | Buffer): Promise<number>;
  /** Gives a lease back: it writes nothing from here on. */
  release(lease: StateLease): Promise<void>;
  /** ms */
  ping(): Promise<number>;
  metrics(): StateStoreMetrics;
  prometheus(prefix?: string): string;
  close(): Promise<void>;
}

/** A store in memory, for tests. */
export function createMemoryStateStore(): StateStore;

/** A store in a folder of this machine; one process at a time. */
export function createEmbeddedStateStore(config: {
  path: string; durability?: "fsync" | "os"; ttlMs?: number; cacheBytes?: number;
}): Promise<StateStore>;

/** Options of `createRedisStateStore`. */
export interface RedisStateStoreConfig {
  /** `redis(s)://`, `valkey(s)://`, `redis+unix://`, `redis(s)+cluster://h1:p,h2:p`, `redis+sentinel://h1:p,h2:p/master`. */
  url: string;
  prefix?: string; ttlMs?: number; username?: string; password?: string; db?: number;
  tls?: { ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized?: boolean };
  connectTimeoutMs?: number; commandTimeoutMs?: number; reconnect?: { initialMs?: number; maxMs?: number };
  retryForMs?: number; chunkBytes?: number; chunkKeys?: number; compression?: "none" | "zstd"; waitReplicas?: number;
}

/** A store in Redis (6 or newer) or Valkey. */
export function createRedisStateStore(config: RedisStateStoreConfig): Promise<StateStore>;
