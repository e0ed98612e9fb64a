/** Options of `createKafkaStream`. */
export interface KafkaStreamConfig {
  /** Consumer group, and first part of the scopes in the store: 1 to 128 of `[A-Za-z0-9._-]`. */
  applicationId: string;
  /** Addresses, `host:port`. */
  brokers: string[];
  /** Options of both clients, of the consumer, of the producer. */
  client?: Record<string, unknown>;
  /** Options of the consumer alone. */
  consumer?: Record<string, unknown>;
  /** Options of the producer alone. */
  producer?: Record<string, unknown>;
  /** Where samples come from. */
  input: {
    topics: string[];
    /** Default `auto`: by content type, then by the first bytes, else JSON. */
    codec?: "auto" | "json" | "dspx" | "f32";
    /**
     * Where the key of a state comes from; default the message key, and messages without one share one state per partition.
     * `json:user.id` or `json:/user/id` (a JSON pointer) is a member of the JSON value. A message without the header or the
     * member is one that cannot be processed: `onPoison`.
     */
    key?: "key" | `header:${string}` | `json:${string}`;
    /** Used where a message does not say. */
    channels?: number;
    sampleRate?: number;
    /** Default `earliest`; only where neither a state nor an offset exists. */
    startFrom?: "earliest" | "latest";
  };
  /** A template: its stages, not its state; copied per key. It must have no tap and no callback. */
  pipeline: DspProcessor;
  /** Where results go; without it only the states are kept. */
  output?: {
    topic: string;
    /** Default: as the input's. */
    codec?: "json" | "dspx" | "f32";
    /** Default `key`; `input` needs as many partitions as the input. */
    partition?: "key" | "input";
    headers?: Record<string, string>;
    /** Whether results without samples are sent; default false. */
    emitEmpty?: boolean;
  } | null;
  /** Where states are kept. */
  store: StateStore;
  /** Default `at-least-once`. `exactly-once`: outputs and offsets in Kafka's transactions; Kafka ≥ 2.5. */
  guarantee?: "at-least-once" | "exactly-once";
  /**
   * The records of checkpoints go to this compacted topic, too (default `<applicationId>-changelog`): a store that is empty or
   * behind is filled from it. It is made where it does not exist; it must have as many partitions as the input.
   */
  changelog?: { topic?: string };
  /** When states are saved and offsets committed. */
  checkpoint?: {
    /** Default 1000; with `exactly-once` 200. */
    intervalMs?: number;
    /** Default 5000. */
    everyMessages?: number;
    /** Bound of the last checkpoint of a partition; default 10000. */
    timeoutMs?: number;
  };
  /** Per partition; default 10000. Stored states beyond it leave memory, least recently used first. */
  maxKeysInMemory?: number;
  /** Kept ahead: default 1000 messages per partition, 16 MiB in all. */
  prefetch?: { messages?: number; bytes?: number };
  /** Partitions that compute at once; default: the number of cores. */
  workers?: number;
  /** Messages that cannot be processed; default `dlq` with a `deadLetterTopic`, else `fail`: the partition stalls. */
  onPoison?: "dlq" | "skip" | "fail";
  /** Where messages go that cannot be processed. */
  deadLetterTopic?: string;
  /** The messages to go on with are gone from the log; default `fail`. */
  onDataLoss?: "fail" | "reset" | "continue";
  /** The group has an offset whose states are not in the store; default `fail`. */
  onMissingState?: "fail" | "reset";
  /** The stored states belong to another pipeline; default `fail`. */
  onDefinitionChange?: "fail" | "reset";
  /** Somebody else has set the group's offset; default `state`: on from the states (with `exactly-once`: `fail`). `group`: fresh states at that offset. */
  onOffsetMismatch?: "state" | "group" | "fail";
  /** The topic has another number of partitions; default `fail`. */
  onPartitionCountChange?: "fail" | "continue";
  /** Who owns the states, as others see it; default: the name of the host. With `exactly-once` no two instances may share it. */
  instanceId?: string;
  /** A static member of the group: it may restart without a rebalance. */
  groupInstanceId?: string;
  /**
   * How the group shares out its partitions: `classic`, by its members, or `consumer` (KIP-848, Kafka 4.0 and newer), by the
   * brokers, which set the session then, too. Default `classic`.
   */
  groupProtocol?: "classic" | "consumer";
  /**
   * By which rule. With `classic`: `cooperative-sticky` (default), `range`, `roundrobin`; with `consumer`: `uniform` or `range`,
   * default the broker's.
   */
  assignor?: "cooperative-sticky" | "range" | "roundrobin" | "uniform";
  /** Default 10000. */
  revokeTimeoutMs?: number;
  /** How long `start()` waits for a broker, and for topics that do not exist. Default 10000. */
  connectTimeoutMs?: number;
  /** New clients within 10 minutes after a fatal error, before the stream has failed; default 10. */
  maxRestarts?: number;
  /** Whether outputs carry on the trace of their input; default true. */
  tracing?: boolean;
}

/** How a stream is. */
export interface KafkaStreamStatus {
  /** What the stream does now. */
  state: "created" | "starting" | "running" | "rebalancing" | "degraded" | "stopping" | "stopped" | "failed";
  /** Fit for a liveness probe. */
  healthy: boolean;
  /** Why it failed. */
  error?: string;
  /** Its partitions, and what each does now. */
  partitions: {
    topic: string;
    partition: number;
    state: "acquiring" | "restoring" | "running" | "paused" | "revoking" | "stalled" | "fenced";
    reason?: string;
    epoch: number;
    /** Offset of the next message. */
    position: string;
    /** Offset of the last checkpoint. */
    checkpointed: string;
    /** Messages behind the end of the log, as far as it is known. */
    lag: number;
    /** States in memory. */
    keys: number;
    /** States that have changed since the last checkpoint. */
    dirty: number;
    /** Time of the last checkpoint in ms since 1970. */
    lastCheckpointMs: number | null;
  }[];
}

/** Counters of a stream since its creation. */
export interface KafkaStreamMetrics {
  /** Messages read. */
  messages: number;
  /** Samples in them. */
  samplesIn: number;
  /** Samples written. */
  samplesOut: number;
  /** Messages written. */
  emitted: number;
  /** Messages read again that were in their state already. */
  replaySkipped: number;
  /** Messages that could not be processed. */
  poison: number;
  /** Keys in memory. */
  keys: number;
  /** Keys whose states were read from the store. */
  keysLoaded: number;
  /** Keys that left memory. */
  keysEvicted: number;
  /** Checkpoints that were saved. */
  checkpoints: number;
  /** Checkpoints that failed. */
  checkpointErrors: number;
  /** Bytes in them. */
  checkpointBytes: number;
  /** How many checkpoints, and their time together, ms. */
  checkpointMs: { count: number; sum: number };
  /** Partitions that were restored. */
  restores: number;
  /** How many, and their time together, ms. */
  restoreMs: { count: number; sum: number };
  /** Times that another owner took a partition's states over. */
  fenced: number;
  /** Times that the clients were made anew after a fatal error. */
  restarts: number;
  /** Transactions committed (`exactly-once`). */
  transactionsCommitted: number;
  /** Transactions aborted (`exactly-once`). */
  transactionsAborted: number;
  /** Messages behind the ends of the logs. */
  lag: number;
  /** How long ago the last message was made, where there is lag: of the partition that is most behind. */
  lagSeconds: number;
  /** The same by partition. */
  perPartition: (TopicPartition & Record<string, number | string>)[];
}

/**
 * Consumes topics, sends every message through the pipeline of its key, produces what comes out. Events: `state`,
 * `assigned`, `restored`, `revoked`, `lost`, `checkpoint`, `store-rollback`, `fenced`, `stalled`, `dlq`, `error`.
 */
export interface KafkaStream extends NodeJS.EventEmitter {
  /** Joins the group; resolves when the first assignment is restored. Rejects where no broker answers in time or we may not join: then the stream has failed. */
  start(): Promise<void>;
  /** Makes a last checkpoint, leaves the group and frees the clients. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Begins no message any more. */
  pause(): Promise<void>;
  /** Goes on, also where a partition has stalled. */
  resume(): Promise<void>;
  /** Makes a checkpoint of every partition now. */
  checkpoint(): Promise<void>;
  /** What it does now. */
  status(): KafkaStreamStatus;
  /** Counters since it was made. */
  metrics(): KafkaStreamMetrics;
  /** The metrics as Prometheus text. */
  prometheus(prefix?: string): string;
  /** The state of a key as TOON: the live one, else the stored one; null if there is none. */
  state(key: string | null, options?: { topic?: string; partition?: number }): Promise<Buffer | null>;
}

/** Makes a stream; it does nothing until `start()`. */
export function createKafkaStream(config: KafkaStreamConfig): KafkaStream;
