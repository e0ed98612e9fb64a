/** Options of `createKafkaProducerHandler`. */
export interface KafkaProducerConfig {
  /** Addresses of some brokers, `host:port`. */
  brokers: string[];
  /** Topic for the logs. */
  topic: string;
  /** Default `dsp-pipeline`. */
  clientId?: string;
  /** Options of the client. */
  producerConfig?: KafkaClientOptions;
  /** Number of logs that triggers a flush; default 100. */
  batchSize?: number;
  /** Time from the first waiting log to a flush in ms; default 5000. */
  flushInterval?: number;
  /** Default: the preset `standard`. One flush is one request. */
  circuitBreaker?: CircuitBreakerConfig | false;
  /** Logs kept while Kafka is not reachable; beyond it the oldest are dropped. Default 10000. */
  maxBuffered?: number;
  /** Longest time of one flush in ms; default 10000. */
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
  /** Logs dropped because the buffer was full. */
  dropped: number;
  /** Flushes. */
  flushes: number;
  /** Number of deliveries, and the sum of their durations in ms. */
  deliveryMs: { count: number; sum: number };
}

/** A handler for the Logger that sends logs to a Kafka topic in batches. It connects with the first flush. */
export function createKafkaProducerHandler(config: KafkaProducerConfig): HandlerWithCircuitBreaker & {
  prometheus(prefix?: string): string;
};
