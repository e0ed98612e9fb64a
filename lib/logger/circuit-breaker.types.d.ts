/** Conditions for opening and closing a circuit. */
export interface CircuitBreakerConfig {
  /** Number of consecutive failures that opens the circuit. */
  failureThreshold: number;
  /** Number of successes that closes it again. */
  successThreshold: number;
  /** Time in ms until a first call is let through again; 0: at once. */
  timeout: number;
  /** Number of requests before it may open. */
  volumeThreshold: number;
  /** Percentage of failures among the last max(100, volumeThreshold) requests that opens it. */
  errorPercentageThreshold: number;
}

/** States of a circuit. */
export enum CircuitState {
  /** Requests pass. */
  CLOSED = "closed",
  /** Requests are refused until the time-out is over. */
  OPEN = "open",
  /** One request at a time passes, to see whether it works again. */
  HALF_OPEN = "half_open",
}

/** Counters of a circuit breaker. */
export interface CircuitBreakerStats {
  /** The name that was given. */
  name: string;
  /** The state now. */
  state: CircuitState;
  /** Failures in a row. */
  failureCount: number;
  /** Successes since the circuit became half-open. */
  successCount: number;
  /** Requests since it last closed or opened. */
  requestCount: number;
  /** Failures in percent of the recent requests. */
  errorPercentage: number;
  /** Epoch ms; 0: never. */
  lastFailureTime: number;
  /** Epoch ms; 0: never opened. */
  nextAttemptTime: number;
}

/** Stops calling what fails, and tries again after a time with one call at a time. */
export class CircuitBreaker {
  /** @throws TypeError when a threshold is not a number */
  constructor(name: string, config: CircuitBreakerConfig);
  /**
   * Calls `fn`, whose result or error passes through.
   * @throws Error `[CircuitBreaker:name] Circuit OPEN - failing fast. Retry in Ns` without a call, while it is open
   */
  execute<T>(fn: () => Promise<T> | T): Promise<T>;
  /** The state now. */
  getState(): CircuitState;
  /** State and counters now. */
  getStats(): CircuitBreakerStats;
  /** Closes the circuit and resets all counters. */
  reset(): void;
}

/** Presets. */
export const CIRCUIT_BREAKER_CONFIGS: {
  critical: CircuitBreakerConfig;
  standard: CircuitBreakerConfig;
  noncritical: CircuitBreakerConfig;
};

// ---- Tracing ----------------------------------------------------------------------------------
