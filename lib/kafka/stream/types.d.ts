/** Options of `createKafkaStream`. */
export interface KafkaStreamConfig {
  /** Consumer group, and first part of the scopes in the store: 1 to 128 characters of `[A-Za-z0-9._-]`. */
  applicationId: string;
  /** Addresses, `host:port`. */
  brokers: string[];
  /** Options of both clients. */
  client?: Record<string, unknown>;
  /** Options of the consumer alone. */
  consumer?: Record<string, unknown>;
  /** Options of the producer alone. */
  producer?: Record<string, unknown>;
  /** The source of samples. */
  input: {
    topics: string[];
    /** Default `auto`: by content type, then by the first bytes, else JSON. */
    codec?: "auto" | "json" | "dspx" | "f32";
    /**
     * Source of a state's key; default: the message key, and messages without one share one state per partition.
     * `json:user.id` or `json:/user/id` (a JSON pointer) is a member of the JSON value. A message without the header or
     * the member cannot be processed: `onPoison`.
     */
    key?: "key" | `header:${string}` | `json:${string}`;
    /** Default for messages that do not contain it. */
    channels?: number;
    sampleRate?: number;
    /**
     * Which message is the last of its key's stream: one without a value (`tombstone`), or one with a header. What is still
     * inside the stages comes out, with the last events, and the state is removed; the next message begins anew. Default: none.
     */
    finishOn?: "tombstone" | `header:${string}`;
    /** Default `earliest`; only where neither a state nor an offset exists. */
    startFrom?: "earliest" | "latest";
  };
  /** A template: its stages, not its state; copied for each key. It must have neither taps nor callbacks. */
  pipeline: DspProcessor;
  /** The target of results; without it only the states are kept. */
  output?: {
    topic: string;
    /** Default: that of the input. */
    codec?: "json" | "dspx" | "f32";
    /** Partition of outputs. Default `key`; `input` needs as many partitions as the input. */
    partition?: "key" | "input";
    headers?: Record<string, string>;
    /** Whether results without samples are sent; default false. */
    emitEmpty?: boolean;
  } | null;
  /** Where the events go that the stages emit: one message each, of JSON, with the guarantee of the outputs. */
  events?: {
    topic: string;
    /** The one that there is. */
    codec?: "json";
    /** Keys of the messages. Default `key`: that of the input message; `state`: that of the state, as `input.key` says; `none`. */
    key?: "key" | "state" | "none";
    /** Which types of events; default all that the stages emit. */
    types?: (keyof PipelineEvents)[];
    /** Default `key`; `input` needs as many partitions as the input. */
    partition?: "key" | "input";
    headers?: Record<string, string>;
  } | null;
  /** Where states are kept. */
  store: StateStore;
  /** Default `at-least-once`. `exactly-once`: outputs and offsets in Kafka's transactions; Kafka ≥ 2.5. */
  guarantee?: "at-least-once" | "exactly-once";
  /**
   * Sends the records of checkpoints to this compacted topic, too (default `<applicationId>-changelog`); an empty or
   * outdated store is filled from it. The topic is created if it does not exist; it must have as many partitions as the
   * input.
   */
  changelog?: { topic?: string };
  /** The times at which states are saved and offsets committed. */
  checkpoint?: {
    /** Longest time between checkpoints in ms. Default 1000; with `exactly-once` 200. */
    intervalMs?: number;
    /** Largest number of messages between checkpoints. Default 5000. */
    everyMessages?: number;
    /** Longest time for the last checkpoint of a partition in ms; default 10000. */
    timeoutMs?: number;
  };
  /**
   * Largest number of states in memory per partition; default 10000. Stored states beyond it leave memory, least
   * recently used first.
   */
  maxKeysInMemory?: number;
  /** Bounds of reading ahead: default 1000 messages per partition, 16 MiB in all. */
  prefetch?: { messages?: number; bytes?: number };
  /** Partitions that compute at once; default: the number of cores. */
  workers?: number;
  /**
   * Action for messages that cannot be processed; default `dlq` with a `deadLetterTopic`, else `fail`: the partition
   * stalls.
   */
  onPoison?: "dlq" | "skip" | "fail";
  /** Topic for messages that cannot be processed. */
  deadLetterTopic?: string;
  /** Action when the next messages are no longer in the log; default `fail`. */
  onDataLoss?: "fail" | "reset" | "continue";
  /** Action when the group has an offset whose states are not in the store; default `fail`. */
  onMissingState?: "fail" | "reset";
  /**
   * The stored states belong to another pipeline; default `fail`. `migrate`: stages with the same id (without one: of the same
   * type, in order) and the same parameters go on from their states, others start fresh; event `migrated` for each key.
   */
  onDefinitionChange?: "fail" | "reset" | "migrate";
  /** Somebody else has set the group's offset; default `state`: on from the states (with `exactly-once`: `fail`). `group`: fresh states at that offset. */
  onOffsetMismatch?: "state" | "group" | "fail";
  /** Action when the topic has another number of partitions; default `fail`. */
  onPartitionCountChange?: "fail" | "continue";
  /**
   * Name of the owner of the states, as others see it; default: the name of the host. With `exactly-once` no two
   * instances may share it.
   */
  instanceId?: string;
  /** Id of a static member of the group, which may restart without a rebalance. */
  groupInstanceId?: string;
  /**
   * Who distributes the partitions of the group: `classic`, its members, or `consumer` (KIP-848, Kafka 4.0 and newer),
   * the brokers, which then also set the session time-out. Default `classic`.
   */
  groupProtocol?: "classic" | "consumer";
  /**
   * Rule of the distribution. With `classic`: `cooperative-sticky` (default), `range`, `roundrobin`; with `consumer`:
   * `uniform` or `range`, default that of the broker.
   */
  assignor?: "cooperative-sticky" | "range" | "roundrobin" | "uniform";
  /** Longest time for the last checkpoint of revoked partitions in ms. Default 10000. */
  revokeTimeoutMs?: number;
  /** Longest wait of `start()` for a broker, and for topics that do not exist, in ms. Default 10000. */
  connectTimeoutMs?: number;
  /**
   * Number of replacements of the clients within 10 minutes, after fatal errors, before the stream has failed; default
   * 10.
   */
  maxRestarts?: number;
  /** Whether outputs continue the trace of their input; default true. */
  tracing?: boolean;
}

/** The current state of a stream. */
export interface KafkaStreamStatus {
  /** State of the whole stream. */
  state: "created" | "starting" | "running" | "rebalancing" | "degraded" | "stopping" | "stopped" | "failed";
  /** Whether it works, for a liveness probe. */
  healthy: boolean;
  /** Reason of the failure. */
  error?: string;
  /** Its partitions, with the state of each. */
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
    /** Distance to the end of the log in messages, as far as it is known. */
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
  /** Events written. */
  events: number;
  /** Messages read again that were in their state already. */
  replaySkipped: number;
  /** Messages that could not be processed. */
  poison: number;
  /** Keys in memory. */
  keys: number;
  /** Keys whose states were read from the store. */
  keysLoaded: number;
  /** Keys whose states were those of a former pipeline (`onDefinitionChange: 'migrate'`). */
  keysMigrated: number;
  /** Keys whose stream has ended (`input.finishOn`). */
  keysFinished: number;
  /** Keys that left memory. */
  keysEvicted: number;
  /** Checkpoints that were saved. */
  checkpoints: number;
  /** Checkpoints that failed. */
  checkpointErrors: number;
  /** Bytes in them. */
  checkpointBytes: number;
  /** Number of checkpoints, and the sum of their durations in ms. */
  checkpointMs: { count: number; sum: number };
  /** Partitions that were restored. */
  restores: number;
  /** Number of restores, and the sum of their durations in ms. */
  restoreMs: { count: number; sum: number };
  /** How many times another owner acquired a partition's states. */
  fenced: number;
  /** How many times the clients were replaced after a fatal error. */
  restarts: number;
  /** Transactions committed (`exactly-once`). */
  transactionsCommitted: number;
  /** Transactions aborted (`exactly-once`). */
  transactionsAborted: number;
  /** Distance to the ends of the logs in messages. */
  lag: number;
  /** Age of the last message in seconds, if there is lag: that of the partition with the largest. */
  lagSeconds: number;
  /** The counters by partition. */
  perPartition: (TopicPartition & Record<string, number | string>)[];
}

/** The value of a message in the topic of events (`events` of `createKafkaStream`), as JSON. */
export type KafkaStreamEvent = {
  [T in keyof PipelineEvents]: Omit<PipelineEvents[T], "data" | "id"> & {
    /** Key of the state as text; null for messages without one, missing where it is no UTF-8 text. */
    key?: string | null;
    /** `id` of the stage, where it has one. */
    id?: string;
    /** Where the event has an array: its numbers, null for those that JSON cannot hold. */
    data?: (number | null)[];
  };
}[keyof PipelineEvents];

/**
 * Consumes topics, sends every message through the pipeline of its key, produces what comes out. Events: `state`,
 * `assigned`, `restored`, `revoked`, `lost`, `checkpoint`, `store-rollback`, `migrated`, `fenced`, `stalled`, `dlq`, `error`.
 */
export interface KafkaStream extends NodeJS.EventEmitter {
  /**
   * Joins the group; resolves when the first assignment is restored. Rejects if no broker answers in time or the group
   * cannot be joined: then the stream has failed.
   */
  start(): Promise<void>;
  /** Makes a last checkpoint, leaves the group and frees the clients. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Begins no more messages. */
  pause(): Promise<void>;
  /** Continues, also where a partition has stalled. */
  resume(): Promise<void>;
  /** Makes a checkpoint of every partition now. */
  checkpoint(): Promise<void>;
  /** Returns the current state. */
  status(): KafkaStreamStatus;
  /** Returns the counters since it was made. */
  metrics(): KafkaStreamMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
  /** Returns the state of a key as TOON: the one in memory, else the stored one; null if there is none. */
  state(key: string | null, options?: { topic?: string; partition?: number }): Promise<Buffer | null>;
}

/** Makes a stream; it does nothing until `start()`. */
export function createKafkaStream(config: KafkaStreamConfig): KafkaStream;
