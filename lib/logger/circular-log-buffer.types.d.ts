/** Keeps the newest `capacity` entries. */
export class CircularLogBuffer {
  /**
   * @param capacity a positive integer, default 32
   * @throws RangeError for any other
   */
  constructor(capacity?: number);
  /** Overwrites the oldest entry when full. */
  push(entry: LogEntry): void;
  /** Returns the entries, oldest first, and empties the buffer. */
  flush(): LogEntry[];
  /** Returns whether there are entries. */
  hasEntries(): boolean;
  /** Returns the number of entries. */
  size(): number;
  /** Removes all entries. */
  clear(): void;
}

// ---- The native side --------------------------------------------------------------------------
