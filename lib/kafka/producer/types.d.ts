/** A message to send. */
export interface KafkaOutgoingMessage {
  /** Key, which determines the partition: equal keys go to the same one. */
  key?: string | Buffer | null;
  /** Text, bytes, samples (as float32), a frame of samples, or null for a tombstone. */
  value: string | Buffer | Float32Array | Partial<SampleFrame> & { data: Float32Array } | null;
  /** Headers; several values under one name are kept apart. */
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  /** Number of the partition, instead of the one that the key determines. */
  partition?: number;
  /** Time as an integer of ms since 1970, above 0, or its decimal text; default: the current time. */
  timestamp?: number | string | null;
}

/** Counters of a producer since it was made. */
export interface KafkaProducerMetrics {
  /** Messages accepted. */
  messages: number;
  /** Bytes accepted. */
  bytes: number;
  /** Messages acknowledged. */
  delivered: number;
  /** Messages that could not be delivered. */
  deliveryErrors: number;
  /** Messages in the client. */
  queued: number;
  /** Number of deliveries, and the sum of their durations in ms. */
  deliveryMs: { count: number; sum: number };
}

/** A producer; made by `createKafkaProducer`. */
export interface KafkaProducer {
  /** Resolves once the broker has every message; waits while the local queue is full. */
  send(request: { topic: string; messages: KafkaOutgoingMessage[] }): Promise<(TopicPartition & { offset: string })[]>;
  /** Waits for the delivery of everything sent so far; default 10 s. */
  flush(timeoutMs?: number): Promise<void>;
  /** Sends what is queued, then closes the producer. */
  close(): Promise<void>;
  /** Returns the counters since it was made. */
  metrics(): KafkaProducerMetrics;
  /** Returns the metrics in Prometheus' text format. */
  prometheus(prefix?: string): string;
}

/** Makes a producer. Resolves when a broker has answered. */
export function createKafkaProducer(config: {
  brokers: string[]; clientId?: string; producerConfig?: KafkaClientOptions; connectTimeoutMs?: number;
}): Promise<KafkaProducer>;
