/** A message to send. */
export interface KafkaOutgoingMessage {
  /** Decides the partition: equal keys go to one. */
  key?: string | Buffer | null;
  /** Text, bytes, samples (as float32), a frame of samples, or null for a tombstone. */
  value: string | Buffer | Float32Array | Partial<SampleFrame> & { data: Float32Array } | null;
  /** Headers; several values under one name are kept apart. */
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
  /** The partition, instead of what the key says. */
  partition?: number;
  /** Whole ms since 1970, above 0, or their decimal text; without it the time of now. */
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
  /** Deliveries, and their time together, ms. */
  deliveryMs: { count: number; sum: number };
}

/** A producer; made by `createKafkaProducer`. */
export interface KafkaProducer {
  /** Resolves once the broker has every message; waits where the local queue is full. */
  send(request: { topic: string; messages: KafkaOutgoingMessage[] }): Promise<(TopicPartition & { offset: string })[]>;
  /** Waits for the delivery of everything sent so far; default 10 s. */
  flush(timeoutMs?: number): Promise<void>;
  /** Sends what waits, then ends. */
  close(): Promise<void>;
  /** Counters since it was made. */
  metrics(): KafkaProducerMetrics;
  /** The metrics in Prometheus' text form. */
  prometheus(prefix?: string): string;
}

/** Makes a producer. Resolves when a broker has answered. */
export function createKafkaProducer(config: {
  brokers: string[]; clientId?: string; producerConfig?: KafkaClientOptions; connectTimeoutMs?: number;
}): Promise<KafkaProducer>;
