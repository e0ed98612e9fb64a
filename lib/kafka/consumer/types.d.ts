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
  /** Default true. With false only `commit()` and `commitOffsets()` commit. */
  autoCommit?: boolean;
  /** Default 1000. */
  autoCommitIntervalMs?: number;
  /**
   * How the group shares out its partitions: `classic`, by its members, or `consumer` (KIP-848, Kafka 4.0 and newer), by the
   * brokers, which set the session then, too. Default `classic`. A group changes by a rolling restart.
   */
  groupProtocol?: "classic" | "consumer";
  /**
   * By which rule. With `classic`: `cooperative-sticky` (default), `range`, `roundrobin`; with `consumer`: `uniform` or `range`,
   * default the broker's.
   */
  assignor?: "cooperative-sticky" | "range" | "roundrobin" | "uniform";
  /** Static membership: a restart within the session moves no partitions. */
  groupInstanceId?: string;
  /** How long `createKafkaConsumer` waits for a broker, and `run()` for topics that do not exist. Default 10,000 ms. */
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
   * Joins the group; resolves when the first partitions are assigned and their start is known. Rejects with
   * `UNKNOWN_TOPIC_OR_PART` where one of the topics does not exist within `connectTimeoutMs`. Where it rejects the consumer
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
  /**
   * Commits these offsets, each that of the next message to be read, whatever has been handled; `commit()` and `autoCommit`
   * go by what is handled. Rejects with `_ASSIGNMENT_LOST`, without a commit, where it does not have one of the partitions.
   */
  commitOffsets(offsets: (TopicPartition & { offset: string | number; metadata?: string | null })[]): Promise<void>;
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

/** Makes a consumer. Resolves when a broker has answered. */
export function createKafkaConsumer(config: KafkaConsumerConfig): Promise<KafkaConsumer>;
