/** A failure that Kafka or its client reports. */
export class KafkaError extends Error {
  /** librdkafka's name without prefix, such as `TOPIC_AUTHORIZATION_FAILED` or `_ALL_BROKERS_DOWN`. */
  code: string;
  /** Whether the same call may succeed later. */
  retriable: boolean;
  /** Whether the client is unusable from now on. */
  fatal: boolean;
  /** Of a failed `send`: the outcome of each message. */
  results?: (TopicPartition & { offset: string } | { topic: string; error: KafkaError })[];
}

/** A handler failed; `cause` is what it threw. */
export class KafkaHandlerError extends Error {
  /** `HANDLER`. */
  code: string;
  /** The error that the handler threw. */
  cause: unknown;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Its offset. */
  offset: string;
  /** Number of attempts. */
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
  /** Why it cannot be decoded. */
  reason: string;
}

/** A state store failed. */
export class StateStoreError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Whether the same call may succeed later. */
  retriable: boolean;
}

/** A scope belongs to a later owner. */
export class StateFencedError extends Error {
  /** Error code, for programs. */
  code: string;
  /** The scope that both owners write. */
  scope: string;
  /** Epoch of this owner. */
  ours: number;
  /** Epoch of the later owner. */
  theirs: number;
  /** Name of the later owner. */
  owner: string;
}

/** The file of an embedded store is damaged, or is not a database. */
export class StateCorruptedError extends StateStoreError {
  /** Error code, for programs. */
  code: "CORRUPT";
  /** Path of the file. */
  path: string;
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

/** Messages that the stream has yet to process are no longer in the log. */
export class StreamDataLossError extends Error {
  /** Error code, for programs. */
  code: string;
  /** Its topic. */
  topic: string;
  /** Its partition. */
  partition: number;
  /** Offset at which the state continues. */
  wanted: string;
  /** First offset in the log. */
  low: string;
  /** Offset after the last one in the log. */
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
  /** Id of the store that has no states for it. */
  store: string;
}
