/** A Kafka cluster inside this process, for demos, examples and tests. All its data is in memory. */
export interface EmbeddedKafka {
  /** Its addresses. */
  readonly brokers: string[];
  /** Options that make other processes' clients quick on it; clients of this process get them by themselves. */
  readonly clientConfig: KafkaClientOptions;
  /** Makes a topic. */
  createTopic(name: string, partitions?: number): void;
  /** Cuts a broker off; without an id all of them. */
  brokerDown(id?: number): void;
  /** Brings a broker back; without an id all of them. */
  brokerUp(id?: number): void;
  /** Delays answers by so many ms. */
  setLatency(ms: number, id?: number): void;
  /** Makes another broker the leader of a partition. */
  moveLeader(topic: string, partition: number, id: number): void;
  /** The next requests of a kind answer these codes; `_TRANSPORT` cuts the connection. */
  failNext(api: string, errors: string[]): void;
  /** Requests that came, with their API, broker and time (ms). */
  requests(): { api: string; broker: number; at: number }[];
  /** Forgets the requests so far. */
  clearRequests(): void;
  /** Ends it; its data are gone. */
  close(): Promise<void>;
}

/** Starts a Kafka cluster inside this process. */
export function createEmbeddedKafka(options?: {
  brokers?: number; topics?: (string | { name: string; partitions?: number })[]; rebalanceDelayMs?: number;
}): Promise<EmbeddedKafka>;
