/** A Kafka cluster inside this process, for demos, examples and tests. All its data is in memory. */
export interface EmbeddedKafka {
  /** Its addresses. */
  readonly brokers: string[];
  /** Options for fast clients in other processes; clients of this process use them automatically. */
  readonly clientConfig: KafkaClientOptions;
  /** Creates a topic. */
  createTopic(name: string, partitions?: number): void;
  /** Disconnects a broker; without an id all of them. */
  brokerDown(id?: number): void;
  /** Reconnects a broker; without an id all of them. */
  brokerUp(id?: number): void;
  /** Delays answers by this number of ms. */
  setLatency(ms: number, id?: number): void;
  /** Makes another broker the leader of a partition. */
  moveLeader(topic: string, partition: number, id: number): void;
  /** Answers the next requests of a kind with these codes; `_TRANSPORT` closes the connection. */
  failNext(api: string, errors: string[]): void;
  /** Returns the received requests, with their API, broker and time (ms). */
  requests(): { api: string; broker: number; at: number }[];
  /** Discards the received requests. */
  clearRequests(): void;
  /** Ends the cluster; its data are lost. */
  close(): Promise<void>;
}

/** Starts a Kafka cluster inside this process. */
export function createEmbeddedKafka(options?: {
  brokers?: number; topics?: (string | { name: string; partitions?: number })[]; rebalanceDelayMs?: number;
}): Promise<EmbeddedKafka>;
