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
