// ---- Kafka and state stores ---------------------------------------------------------------------

/**
 * Options of a Kafka client, named as in kafkajs. A key with a dot is a property of librdkafka, is passed as it is and
 * wins over everything else.
 */
export interface KafkaClientOptions {
  /** Name of the client towards the brokers. */
  clientId?: string;
  /** Addresses, `host:port`; they take precedence over `brokers` beside these options. */
  brokers?: string[];
  /** TLS: true, or certificates as PEM. */
  ssl?: boolean | {
    ca?: string | Buffer | (string | Buffer)[]; cert?: string | Buffer; key?: string | Buffer; passphrase?: string;
    rejectUnauthorized?: boolean;
  };
  /** Login: `plain`, `scram-sha-256`, `scram-sha-512`, or `oauthbearer` with a function that returns a token. */
  sasl?:
    | { mechanism: string; username: string; password: string }
    | {
      mechanism: "oauthbearer";
      oauthBearerProvider?: () => Promise<{ value: string; principal?: string; lifetime?: number }>;
    };
  /** Longest time for a connection, in ms. */
  connectionTimeout?: number;
  /** Longest time for a request, in ms. */
  requestTimeout?: number;
  /** Retries of requests (producer), and pauses between them in ms. */
  retry?: { retries?: number; initialRetryTime?: number; maxRetryTime?: number };
  /**
   * As in kafkajs: 0 nothing, 1 error, 2 warn, 4 info, 5 debug. If it is set, the client's log lines go to
   * `console.error`; the native log (`createNativeLogHandler`) has them in any case.
   */
  logLevel?: number;
  /** Time in ms within which new topics and partitions are noticed: 10 to 3,600,000. Default 300,000. */
  metadataMaxAge?: number;
  /** Location of this client, for reading from the nearest replica. */
  rackId?: string;
  /**
   * Whether the broker may create topics that do not exist: default true for producers, false for consumers and
   * streams.
   */
  allowAutoTopicCreation?: boolean;
  /** Who distributes the partitions of a group: its members, or the brokers (KIP-848). Default `classic`. */
  groupProtocol?: "classic" | "consumer";
  /** ms without a heartbeat after which a member counts as gone. Default 30,000. */
  sessionTimeout?: number;
  /** ms between heartbeats. Default 3,000. */
  heartbeatInterval?: number;
  /** Longest time in ms that a member may take for a rebalance. */
  rebalanceTimeout?: number;
  /** Largest number of bytes per partition and fetch. */
  maxBytesPerPartition?: number;
  /** Number of bytes that a fetch waits for. */
  minBytes?: number;
  /** Largest number of bytes per fetch. */
  maxBytes?: number;
  /** Longest time in ms that a fetch waits for `minBytes`. */
  maxWaitTimeInMs?: number;
  /** Whether messages of open transactions are read. Default false. */
  readUncommitted?: boolean;
  /** Id of a static member of the group. */
  groupInstanceId?: string;
  /**
   * Whether retries never write twice. Default true, unless `acks`, `retry.retries: 0` or `maxInFlightRequests` above 5
   * exclude it.
   */
  idempotent?: boolean;
  /** Largest number of requests under way. */
  maxInFlightRequests?: number;
  /** Replicas that must have a message: -1 or `"all"` (default), 1, 0. */
  acks?: number | "all";
  /** Codec of batches. Default none. */
  compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd" | 0 | 1 | 2 | 3 | 4;
  /** Time in ms after which an open transaction is aborted. */
  transactionTimeout?: number;
  [property: string]: any;
}
