/** Keeps the newest `capacity` entries. */
export class CircularLogBuffer {
  /**
   * @param capacity a positive integer, default 32
   * @throws RangeError for any other
   */
  constructor(capacity?: number);
  /** Overwrites the oldest entry when full. */
  push(entry: LogEntry): void;
  /** The entries, oldest first; empties the buffer. */
  flush(): LogEntry[];
  /** Is there anything in it? */
  hasEntries(): boolean;
  /** Entries in it. */
  size(): number;
  /** Forgets them. */
  clear(): void;
}

// ---- The native side --------------------------------------------------------------------------
