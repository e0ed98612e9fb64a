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

/** The file of an embedded store is damaged, or is none. */
export class StateCorruptedError extends StateStoreError {
  /** Error code, for programs. */
  code: "CORRUPT";
  /** The file. */
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
