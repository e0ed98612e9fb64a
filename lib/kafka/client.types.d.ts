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
  /** Whether the broker may create topics that are asked for: default true for producers, false for consumers and streams. */
  allowAutoTopicCreation?: boolean;
  /** How a group shares out its partitions: by its members, or by the brokers (KIP-848). Default `classic`. */
  groupProtocol?: "classic" | "consumer";
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
