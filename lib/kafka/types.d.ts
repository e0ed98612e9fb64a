// ---- Kafka and state stores ---------------------------------------------------------------------

/**
 * Options of a Kafka client, named as in kafkajs. A key with a dot is a property of librdkafka, is passed as it is and wins
 * over everything else.
 */
export interface KafkaClientOptions {
  /** How the client calls itself. */
  clientId?: string;
  /** Addresses, `host:port`; they win over those beside. */
  brokers?: string[];
  /** TLS: true, or certificates as PEM. */
  ssl?: boolean | {
    ca?: string | Buffer | (string | Buffer)[]; cert?: string | Buffer; key?: string | Buffer; passphrase?: string;
    rejectUnauthorized?: boolean;
  };
  /** Login: `plain`, `scram-sha-256`, `scram-sha-512`, or `oauthbearer` with a function that gets tokens. */
  sasl?:
    | { mechanism: string; username: string; password: string }
    | { mechanism: "oauthbearer"; oauthBearerProvider?: () => Promise<{ value: string; principal?: string; lifetime?: number }> };
  /** ms */
  connectionTimeout?: number;
  /** ms */
  requestTimeout?: number;
  /** Retries of requests (producer), and pauses between them in ms. */
  retry?: { retries?: number; initialRetryTime?: number; maxRetryTime?: number };
  /**
   * As kafkajs: 0 nothing, 1 error, 2 warn, 4 info, 5 debug. Where it is given the client's lines go to `console.error`; in the
   * native log (`createNativeLogHandler`) they are anyway.
   */
  logLevel?: number;
  /** ms within which new topics and partitions are seen: 10 to 3,600,000. Default 300,000. */
  metadataMaxAge?: number;
  /** Where this client is, to read from the nearest replica. */
  rackId?: string;
  /** Whether the broker may create topics that are asked for. */
  allowAutoTopicCreation?: boolean;
  /** ms without a heartbeat after which a member counts as gone. Default 30,000. */
  sessionTimeout?: number;
  /** ms between heartbeats. Default 3,000. */
  heartbeatInterval?: number;
  /** ms that a member may take for a rebalance. */
  rebalanceTimeout?: number;
  /** Bytes per partition and fetch. */
  maxBytesPerPartition?: number;
  /** Bytes that a fetch waits for. */
  minBytes?: number;
  /** Bytes per fetch. */
  maxBytes?: number;
  /** ms that a fetch waits for `minBytes`. */
  maxWaitTimeInMs?: number;
  /** Whether messages of open transactions are read. Default false. */
  readUncommitted?: boolean;
  /** A static member of the group. */
  groupInstanceId?: string;
  /** Whether retries never write twice. Default true, unless `acks`, `retry.retries: 0` or `maxInFlightRequests` above 5 exclude it. */
  idempotent?: boolean;
  /** Requests that may be under way at once. */
  maxInFlightRequests?: number;
  /** Replicas that must have a message: -1 or `"all"` (default), 1, 0. */
  acks?: number | "all";
  /** Codec of batches. Default none. */
  compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd" | 0 | 1 | 2 | 3 | 4;
  /** ms after which an open transaction is aborted. */
  transactionTimeout?: number;
  [property: string]: any;
}

/** Options of `createKafkaProducerHandler`. */
export interface KafkaProducerConfig {
  /** `host:port` of some brokers. */
  brokers: string[];
  /** Where logs go. */
  topic: string;
  /** Default `dsp-pipeline`. */
  clientId?: string;
  /** Options of the client. */
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
  /** Lowest level that is sent. Default: all. */
  minLevel?: LogLevel;
}

/** Counters of a Logger handler for Kafka. */
export interface KafkaHandlerMetrics {
  /** Logs accepted. */
  messages: number;
  /** Bytes accepted. */
  bytes: number;
  /** Logs that brokers have acknowledged. */
  delivered: number;
  /** Logs that could not be delivered. */
  deliveryErrors: number;
  /** Messages in the client. */
  queued: number;
  /** Logs that wait for a flush. */
  buffered: number;
  /** Logs that gave way because the buffer was full. */
  dropped: number;
  /** Flushes. */
  flushes: number;
  /** Deliveries, and their time together, ms. */
  deliveryMs: { count: number; sum: number };
}

/** A handler for the Logger that sends logs to a Kafka topic in batches. It connects with the first flush. */
export function createKafkaProducerHandler(config: KafkaProducerConfig): HandlerWithCircuitBreaker & {
  prometheus(prefix?: string): string;
};

/** A message from Kafka. What costs something to make is made when it is first asked for. */
export interface KafkaMessage {
  /** Its topic. */
  readonly topic: string;
  /** Its partition. */
  readonly partition: number;
  /** Decimal. */
  readonly offset: string;
  /** Key as text; null without one. */
  key: string | null;
  /** As the codec gives it: parsed JSON, a `SampleFrame`, a `Float32Array` or a `Buffer`. */
  value: any;
  /** An array where a name repeats. */
  headers?: Record<string, Buffer | Buffer[]>;
  /** ms since 1970, decimal. */
  readonly timestamp: string;
  /** Bytes of the key; null without one. */
  rawKey: Buffer | null;
  /** Bytes of the value; null for a tombstone. */
  rawValue: Buffer | null;
}

/** A partition of a topic. */
export interface TopicPartition {
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
}

/** What `onError` may ask for. */
export type ErrorAction = "retry" | "skip" | "dlq" | "stop";

/** What an error is about. */
export interface FailureContext {
  /** Where it happened. */
  kind: "handler" | "decode" | "connection" | "rebalance" | "dlq";
  /** The topic, if it is about one. */
  topic?: string;
  /** The partition, if it is about one. */
  partition?: number;
  /** The offset, if it is about a message. */
  offset?: string;
  /** How often the message was tried. */
  attempt?: number;
  /** The message. */
  message?: KafkaMessage;
}

/** How values are written. `auto`: by content type, then by the first bytes, else JSON. */
export type KafkaCodec = "auto" | "json" | "dspx" | "f32" | "raw";

/** Options of `createKafkaConsumer`. One of `onMessage` and `onBatch` is needed. */
export interface KafkaConsumerConfig {
  /** Addresses, `host:port`. */
  brokers: string[];
  /** The consumer group. */
  groupId: string;
  /** What is read: names, or regular expressions that begin with `^`. */
  topics: string[];
  /** Default `dsp-consumer`. */
  clientId?: string;
  /** Options of the client. */
  consumerConfig?: KafkaClientOptions;
  /** Where to begin without a committed offset; default false: at the end. */
  fromBeginning?: boolean;
  /** Gets one message at a time, in order of its partition. Instead of `onBatch`. */
  onMessage?: (message: KafkaMessage) => Promise<void> | void;
  /** Gets messages of one partition, in order. Instead of `onMessage`. */
  onBatch?: (batch: KafkaMessage[], context: TopicPartition & { highWatermark: string }) => Promise<void> | void;
  /** Hears of every error; for a message its answer says what to do. */
  onError?: (error: Error, context?: FailureContext) => void | ErrorAction | Promise<void | ErrorAction>;
  /** How values are decoded. Default `auto`. */
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
  /** Attempts of a handler (default 5) and pauses between them: 200 ms at first, doubled up to 30,000 ms, ± 20 %. */
  retry?: { attempts?: number; initialMs?: number; maxMs?: number; factor?: number; jitter?: number };
  /** Where messages go that failed for good. */
  deadLetterTopic?: string | ((topic: string) => string);
  /** When the retries are used up; default `dlq` with a `deadLetterTopic`, else `stop`. */
  onExhausted?: "dlq" | "stop" | "skip";
  /** What cannot be decoded; default `dlq` with a `deadLetterTopic`, else `skip`. */
  onPoison?: "dlq" | "stop" | "skip";
  /** Default true. With false only `commit()` commits. */
  autoCommit?: boolean;
  /** Default 1000. */
  autoCommitIntervalMs?: number;
  /** How partitions are shared out. Default `cooperative-sticky`. */
  assignor?: "cooperative-sticky" | "range" | "roundrobin";
  /** Static membership: a restart within the session moves no partitions. */
  groupInstanceId?: string;
  /** How long `run()` waits for a broker. Default 10,000 ms. */
  connectTimeoutMs?: number;
  /** How long `disconnect()` waits for handlers. Default 30,000 ms. */
  shutdownTimeoutMs?: number;
  /** How long a rebalance waits for handlers. Default 10,000 ms. */
  revokeTimeoutMs?: number;
  /** Partitions have come; reading them begins when it is done. */
  onAssigned?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Partitions go; they are let go when it is done. */
  onRevoked?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Partitions are gone already, to another member. */
  onLost?: (partitions: TopicPartition[]) => void;
}

/** Counters of a consumer since it was made. */
export interface KafkaConsumerMetrics {
  /** Messages received. */
  messages: number;
  /** Bytes received. */
  bytes: number;
  /** Messages handled. */
  handled: number;
  /** Messages whose handler failed for good. */
  failed: number;
  /** Repeated attempts. */
  retried: number;
  /** Messages sent to the dead letters. */
  deadLettered: number;
  /** Messages passed over. */
  skipped: number;
  /** Messages that could not be decoded. */
  decodeErrors: number;
  /** Commits of offsets. */
  commits: number;
  /** Commits that failed. */
  commitErrors: number;
  /** Rebalances. */
  rebalances: number;
  /** Messages in handlers now. */
  inFlight: number;
  /** Messages that wait for handlers now. */
  queued: number;
  /** Bytes of these. */
  queuedBytes: number;
  /** Partitions paused now. */
  paused: number;
  /** Partitions that stopped at a message. */
  stalled: number;
  /** Messages behind the ends of the partitions. */
  lag: number;
  /** Times of handlers, ms. */
  handlerMs: { count: number; sum: number; p50: number; p95: number; p99: number };
}

/** What a consumer does now. */
export interface KafkaConsumerStatus {
  /** Its state. */
  state: "created" | "running" | "paused" | "rebalancing" | "stopping" | "closed";
  /** Is it running, with no partition stalled? */
  healthy: boolean;
  /** Its partitions, and what each does. */
  partitions: (TopicPartition & { state: "running" | "paused" | "retrying" | "stalled"; queued: number; inFlight: number })[];
}

/** Events: assigned, revoked, lost, stalled, dlq, error, closed. */
export interface KafkaConsumer extends NodeJS.EventEmitter {
  /**
   * Joins the group; resolves when the first partitions are assigned and their start is known. Where it rejects the consumer
   * disconnects.
   */
  run(): Promise<void>;
  /** Starts no handlers any more; without a list for all partitions, also those assigned later. */
  pause(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /** Undoes `pause`, for what is named or for all, and tries again where a partition is stalled. */
  resume(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /**
   * Waits for running handlers, commits what is done, leaves the group. Within a handler it resolves at once, and all of that
   * follows when the handler has ended.
   */
  disconnect(): Promise<void>;
  /** Goes on at another place of a partition that it has. */
  seek(to: TopicPartition & { offset: string | "beginning" | "end" | { timestamp: number } }): Promise<void>;
  /**
   * Commits everything that is done, now. Rejects with `_ASSIGNMENT_LOST` where partitions were lost, since the last call, before
   * what was done in them was committed.
   */
  commit(): Promise<void>;
  /** The partitions that it has. */
  assignment(): TopicPartition[];
  /**
   * How far it is behind, by partition, as of the last fetch and the last statistics (every second). `lag` counts messages that
   * are not done; what lies before `high` and is none, such as marks of transactions, is not counted.
   */
  lag(): Promise<(TopicPartition & { committed: string | null; position: string; high: string; lag: number })[]>;
  /** What it does now. */
  status(): KafkaConsumerStatus;
  /** Counters since it was made. */
  metrics(): KafkaConsumerMetrics;
  /** The metrics in Prometheus' text form. */
  prometheus(prefix?: string): string;
}

/** Makes a consumer. Resolves when a broker has answered and the topics are known. */
export function createKafkaConsumer(config: KafkaConsumerConfig): Promise<KafkaConsumer>;

/** Samples of one message. */
export interface SampleFrame {
  /** Interleaved. */
  data: Float32Array;
  /** Channels, interleaved in `data`. */
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

/** A message to send. */
export interface KafkaOutgoingMessage {
  /** Decides the partition: equal keys go to one. */
  key?: string | Buffer | null;
  /** Text, bytes, samples (as float32), a frame of samples, or null for a tombstone. */
  value: string | Buffer | Float32Array | Partial<SampleFrame> & { data: Float32Array } | null;
  /** Headers; several values under one name are kept apart. */
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  /** The partition, instead of what the key says. */
  partition?: number;
  /** ms since 1970 */
  timestamp?: number;
}

/** Counters of a producer since it was made. */
export interface KafkaProducerMetrics {
  /** Messages accepted. */
  messages: number;
  /** Bytes accepted. */
  bytes: number;
  /** Messages acknowledged. */
  delivered: number;
  /** Messages that could not be delivered. */
  deliveryErrors: number;
  /** Messages in the client. */
  queued: number;
  /** Deliveries, and their time together, ms. */
  deliveryMs: { count: number; sum: number };
}

/** A producer; made by `createKafkaProducer`. */
export interface KafkaProducer {
  /** Resolves once the broker has every message; waits where the local queue is full. */
  send(request: { topic: string; messages: KafkaOutgoingMessage[] }): Promise<(TopicPartition & { offset: string })[]>;
  /** Waits for the delivery of everything sent so far; default 10 s. */
  flush(timeoutMs?: number): Promise<void>;
  /** Sends what waits, then ends. */
  close(): Promise<void>;
  /** Counters since it was made. */
  metrics(): KafkaProducerMetrics;
  /** The metrics in Prometheus' text form. */
  prometheus(prefix?: string): string;
}

/** Makes a producer. Resolves when a broker has answered. */
export function createKafkaProducer(config: {
  brokers: string[]; clientId?: string; producerConfig?: KafkaClientOptions; connectTimeoutMs?: number;
}): Promise<KafkaProducer>;

/** A Kafka cluster inside this process, for demos, examples and tests. All its data is in memory. */
export interface EmbeddedKafka {
  /** Its addresses. */
  readonly brokers: string[];
  /** Options that make other processes' clients quick on it; clients of this process get them by themselves. */
  readonly clientConfig: KafkaClientOptions;
  /** Makes a topic. */
  createTopic(name: string, partitions?: number): void;
  /** Cuts a broker off; without an id all of them. */
  brokerDown(id?: number): void;
  /** Brings a broker back; without an id all of them. */
  brokerUp(id?: number): void;
  /** Delays answers by so many ms. */
  setLatency(ms: number, id?: number): void;
  /** Makes another broker the leader of a partition. */
  moveLeader(topic: string, partition: number, id: number): void;
  /** The next requests of a kind answer these codes; `_TRANSPORT` cuts the connection. */
  failNext(api: string, errors: string[]): void;
  /** Requests that came, with their API, broker and time (ms). */
  requests(): { api: string; broker: number; at: number }[];
  /** Forgets the requests so far. */
  clearRequests(): void;
  /** Ends it; its data are gone. */
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
  /** Whether trying again may help. */
  retriable: boolean;
  /** Whether the client is of no more use. */
  fatal: boolean;
  /** Of a failed `send`: the outcome of each message. */
  results?: (TopicPartition & { offset: string } | { topic: string; error: KafkaError })[];
}

/** A handler failed; `cause` is what it threw. */
export class KafkaHandlerError extends Error {
  /** `HANDLER`. */
  code: string;
  /** What the handler threw. */
  cause: unknown;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Its offset. */
  offset: string;
  /** How often it was tried. */
  attempts: number;
}

/** A message cannot be decoded. */
export class KafkaDecodeError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Its offset. */
  offset: string;
  /** What is wrong with it. */
  reason: string;
}

/** A state store failed. */
export class StateStoreError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Whether trying again may help. */
  retriable: boolean;
}

/** A scope belongs to a later owner. */
export class StateFencedError extends Error {
  /** Error code, for programs. */
  code: string;
  /** What both write. */
  scope: string;
  /** Our epoch. */
  ours: number;
  /** The epoch of the one who took over. */
  theirs: number;
  /** Who that is. */
  owner: string;
}

/** The folder of an embedded store belongs to another process. */
export class StateLockedError extends Error {
  /** Error code, for programs. */
  code: string;
}

/** The pipeline differs from the one that wrote the state. */
export class StateDefinitionError extends Error {
  /** Error code, for programs. */
  code: string;
}

/** Messages that were wanted are gone. */
export class StreamDataLossError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** The offset that the state goes on at. */
  wanted: string;
  /** The first offset that is still there. */
  low: string;
  /** The offset behind the last. */
  high: string;
}

/** The state of a partition is not in this store. */
export class StreamStateMissingError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** The store that has no states for it. */
  store: string;
}

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
