/** A listener to the events of the Rust side. */
export interface NativeLogHandler {
  /** Passes on the waiting events at once. */
  flush(): Promise<void>;
  /** Passes on the waiting events, and stops listening. */
  close(): void;
  /** `queued`: events that wait (4096 at most); `dropped`: those that did not fit, which the log reports as well. */
  metrics(): { delivered: number; queued: number; dropped: number };
}

/**
 * Sets what the Rust side (Kafka, Redis, state) reports, for the whole process. Until then `off`, or what the
 * environment variable `DSPX_LOG` says, which also prints to stderr as long as no logger listens.
 * @throws TypeError for an unknown level
 */
export function setLogLevel(level: LogLevel | "off"): void;

/**
 * Brings the events of the Rust side into a Logger, under topics such as `native.kafka.consumer`. Keeps no process
 * alive. If no level was set, sets `info`.
 * @throws TypeError when the logger has no `log` method
 */
export function createNativeLogHandler(
  logger: Pick<Logger, "log">,
  options?: { /** Default `"native"`. */ topicPrefix?: string },
): NativeLogHandler;
