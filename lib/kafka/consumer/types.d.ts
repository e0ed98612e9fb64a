/** A message from Kafka. Properties that are expensive to compute are computed when they are first read. */
export interface KafkaMessage {
  /** Its topic. */
  readonly topic: string;
  /** Its partition. */
  readonly partition: number;
  /** Offset, as decimal text. */
  readonly offset: string;
  /** Key as text; null without one. */
  key: string | null;
  /** The decoded value: parsed JSON, a `SampleFrame`, a `Float32Array` or a `Buffer`. */
  value: any;
  /** Headers; an array if a name occurs several times. */
  headers?: Record<string, Buffer | Buffer[]>;
  /** Time in ms since 1970, as decimal text. */
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

/** The actions that `onError` may request. */
export type ErrorAction = "retry" | "skip" | "dlq" | "stop";

/** The place and the message of an error. */
export interface FailureContext {
  /** Kind of the operation that failed. */
  kind: "handler" | "decode" | "connection" | "rebalance" | "dlq";
  /** The topic, if it is about one. */
  topic?: string;
  /** The partition, if it is about one. */
  partition?: number;
  /** The offset, if it is about a message. */
  offset?: string;
  /** Number of the attempt. */
  attempt?: number;
  /** The message. */
  message?: KafkaMessage;
}

/** Encoding of values. `auto`: by content type, then by the first bytes, else JSON. */
export type KafkaCodec = "auto" | "json" | "dspx" | "f32" | "raw";

/** Options of `createKafkaConsumer`. Either `onMessage` or `onBatch` is required. */
export interface KafkaConsumerConfig {
  /** Addresses, `host:port`. */
  brokers: string[];
  /** The consumer group. */
  groupId: string;
  /** Topics to read: names, or regular expressions that begin with `^`. */
  topics: string[];
  /** Default `dsp-consumer`. */
  clientId?: string;
  /** Options of the client. */
  consumerConfig?: KafkaClientOptions;
  /** Whether to begin at the beginning of a partition without a committed offset. Default false: at its end. */
  fromBeginning?: boolean;
  /** Called with one message at a time, in the order of its partition. Excludes `onBatch`. */
  onMessage?: (message: KafkaMessage) => Promise<void> | void;
  /** Called with messages of one partition, in order. Excludes `onMessage`. */
  onBatch?: (batch: KafkaMessage[], context: TopicPartition & { highWatermark: string }) => Promise<void> | void;
  /** Called with every error; for a message its result decides what to do. */
  onError?: (error: Error, context?: FailureContext) => void | ErrorAction | Promise<void | ErrorAction>;
  /** How values are decoded. Default `auto`. */
  codec?: KafkaCodec;
  /** Size of batches for `onBatch`; defaults 500 messages and 5 ms. */
  batch?: { maxMessages?: number; maxWaitMs?: number };
  /** Number of partitions handled at once; default 1. */
  concurrency?: number;
  /** Number of handlers at once within a partition; messages of one key stay in order. Default 1. */
  partitionConcurrency?: number;
  /** Bounds of the queues: messages per partition (1000), bytes in all (16 MiB). */
  prefetch?: { messages?: number; bytes?: number };
  /** Time in ms after which a message counts as failed; default 0: never. */
  handlerTimeoutMs?: number;
  /** Attempts of a handler (default 5) and pauses between them: 200 ms at first, doubled up to 30,000 ms, ± 20 %. */
  retry?: { attempts?: number; initialMs?: number; maxMs?: number; factor?: number; jitter?: number };
  /** Topic for messages that have failed for good. */
  deadLetterTopic?: string | ((topic: string) => string);
  /** Action when the attempts are used up; default `dlq` with a `deadLetterTopic`, else `stop`. */
  onExhausted?: "dlq" | "stop" | "skip";
  /** Action for a message that cannot be decoded; default `dlq` with a `deadLetterTopic`, else `skip`. */
  onPoison?: "dlq" | "stop" | "skip";
  /**
   * Whether progress is committed automatically. Default true. With false only `commit()` and `commitOffsets()` commit.
   */
  autoCommit?: boolean;
  /** Time between automatic commits in ms. Default 1000. */
  autoCommitIntervalMs?: number;
  /**
   * Who distributes the partitions of the group: `classic`, its members, or `consumer` (KIP-848, Kafka 4.0 and newer),
   * the brokers, which then also set the session time-out. Default `classic`. A group changes by a rolling restart.
   */
  groupProtocol?: "classic" | "consumer";
  /**
   * Rule of the distribution. With `classic`: `cooperative-sticky` (default), `range`, `roundrobin`; with `consumer`:
   * `uniform` or `range`, default that of the broker.
   */
  assignor?: "cooperative-sticky" | "range" | "roundrobin" | "uniform";
  /** Static membership: a restart within the session moves no partitions. */
  groupInstanceId?: string;
  /**
   * Longest wait of `createKafkaConsumer` for a broker, and of `run()` for topics that do not exist, in ms. Default
   * 10,000.
   */
  connectTimeoutMs?: number;
  /** Longest wait of `disconnect()` for handlers in ms. Default 30,000. */
  shutdownTimeoutMs?: number;
  /** Longest wait of a rebalance for handlers in ms. Default 10,000. */
  revokeTimeoutMs?: number;
  /** Called with newly assigned partitions; reading them begins when its promise has resolved. */
  onAssigned?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Called with partitions to be revoked; they are given up when its promise has resolved. */
  onRevoked?: (partitions: TopicPartition[]) => void | Promise<void>;
  /** Called with partitions that have already been assigned to another member. */
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
  /** Messages skipped. */
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
  /** Distance to the ends of the partitions in messages. */
  lag: number;
  /** Durations of handlers in ms. */
  handlerMs: { count: number; sum: number; p50: number; p95: number; p99: number };
}

/** The current state of a consumer. */
export interface KafkaConsumerStatus {
  /** Its state. */
  state: "created" | "running" | "paused" | "rebalancing" | "stopping" | "closed";
  /** Whether it is running with no partition stalled. */
  healthy: boolean;
  /** Its partitions, with the state of each. */
  partitions: (TopicPartition & {
    state: "running" | "paused" | "retrying" | "stalled";
    queued: number;
    inFlight: number;
  })[];
}

/** Events: assigned, revoked, lost, stalled, dlq, error, closed. */
export interface KafkaConsumer extends NodeJS.EventEmitter {
  /**
   * Joins the group; resolves when the first partitions are assigned and their start is known. Rejects with
   * `UNKNOWN_TOPIC_OR_PART` if one of the topics does not exist within `connectTimeoutMs`. After a rejection the
   * consumer is disconnected.
   */
  run(): Promise<void>;
  /** Starts no more handlers; without a list for all partitions, including those assigned later. */
  pause(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /** Undoes `pause` for the listed partitions, or for all, and retries stalled partitions. */
  resume(list?: { topic: string; partitions?: number[] }[]): Promise<void>;
  /**
   * Waits for running handlers, commits what is done, and leaves the group. Called within a handler it resolves at
   * once, and all of this follows when the handler has ended.
   */
  disconnect(): Promise<void>;
  /** Continues at another position of an assigned partition. */
  seek(to: TopicPartition & { offset: string | "beginning" | "end" | { timestamp: number } }): Promise<void>;
  /**
   * Commits everything that is done. Rejects with `_ASSIGNMENT_LOST` if, since the last call, partitions were lost
   * before the progress in them was committed.
   */
  commit(): Promise<void>;
  /**
   * Commits these offsets, each that of the next message to be read, whatever has been handled; `commit()` and
   * `autoCommit` commit the offsets of what is handled. Rejects with `_ASSIGNMENT_LOST`, without a commit, if one of
   * the partitions is not assigned.
   */
  commitOffsets(offsets: (TopicPartition & { offset: string | number; metadata?: string | null })[]): Promise<void>;
  /** Returns the assigned partitions. */
  assignment(): TopicPartition[];
  /**
   * Returns the distance to the end by partition, as of the last fetch and the last statistics (every second). `lag`
   * counts messages that are not done; offsets before `high` that are not messages, such as transaction markers, are
   * not counted.
   */
  lag(): Promise<(TopicPartition & { committed: string | null; position: string; high: string; lag: number })[]>;
  /** Returns the current state. */
  status(): KafkaConsumerStatus;
  /** Returns the counters since it was made. */
  metrics(): KafkaConsumerMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
}

/** Makes a consumer. Resolves when a broker has answered. */
export function createKafkaConsumer(config: KafkaConsumerConfig): Promise<KafkaConsumer>;
