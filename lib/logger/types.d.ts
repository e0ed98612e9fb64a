// ---- Logs -------------------------------------------------------------------------------------

/** From the least to the most urgent. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Parts separated by dots, such as `pipeline.stage.rms.error`. */
export type LogTopic = string;

/** 10 is most urgent. */
export type LogPriority = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** Data of a log. Backends get it as JSON, as labels or as structured metadata. */
export interface LogContext {
  /** The stage or pipeline of the log. */
  stage?: string;
  /** Time of the event in ms since 1970. */
  timestamp?: number;
  [key: string]: any;
}

/** One log. */
export interface LogEntry {
  /** Dotted topic, such as `pipeline.error`. */
  topic?: LogTopic;
  /** Severity. */
  level: LogLevel;
  /** The text. */
  message: string;
  /** Data of the log. */
  context?: LogContext;
  /** Time in ms since 1970. (The network handlers take numbers up to 1e12 as seconds.) */
  timestamp: number;
  /** Absent counts as 1. */
  priority?: LogPriority;
  /** W3C trace id, 32 hexadecimal digits. */
  traceId?: string;
  /** W3C span id, 16 hexadecimal digits. */
  spanId?: string;
  /** Id that connects the logs of one request. */
  correlationId?: string;
}

/** Turns an entry into the first argument of handlers. */
export interface Formatter {
  /** A string becomes the message of the network handlers; an entry is sent instead of the original one. */
  format(log: LogEntry): any;
}

/** Leaves entries as they are (the default): returns the very same object. */
export class JSONFormatter implements Formatter {
  /** The entry itself: handlers make the JSON. */
  format(log: LogEntry): LogEntry;
}

/** One line, `[ISO time] LEVEL [topic] [trace:id] message`, and a second one for a context. Never throws. */
export class TextFormatter implements Formatter {
  /** One line of text: time, level, topic, message, context. */
  format(log: LogEntry): string;
}

/** A backend's names of the log levels. */
export interface SeverityMapping {
  /** Name of `trace`. */
  trace?: string;
  /** Name of `debug`. */
  debug?: string;
  /** Name of `info`. */
  info?: string;
  /** Name of `warn`. */
  warn?: string;
  /** Name of `error`. */
  error?: string;
  /** Name of `fatal`. */
  fatal?: string;
}

/** The words of PagerDuty and Datadog, and syslog's numbers. */
export const SEVERITY_MAPPINGS: {
  pagerduty: Required<SeverityMapping>;
  datadog: Required<SeverityMapping>;
  syslog: Required<SeverityMapping>;
};

/** Receives logs: of a Logger, or of a TopicRouter's route. */
export interface HandlerWithFlush {
  /** Called with `log`, the result of the formatter, and `raw`, the unformatted entry (absent when a router calls). */
  (log: LogEntry, raw?: LogEntry): Promise<void> | void;
  /** Sends what is buffered, or waits for what is under way. */
  flush?: () => Promise<void>;
  /** Flushes, and frees the handler's resources. */
  close?: () => Promise<void>;
  /** Returns counters of the handler; `Logger.getMetrics()` adds them up. */
  metrics?: () => Partial<LoggerMetrics>;
}

/** A handler of this package that talks to a backend. */
export interface HandlerWithCircuitBreaker extends HandlerWithFlush {
  /** Absent with `circuitBreaker: false`. */
  getCircuitBreakerStats?: () => CircuitBreakerStats;
  /** Closes the circuit at once. Absent with `circuitBreaker: false`. */
  resetCircuitBreaker?: () => void;
}

/** Counters of a Logger with all its children; all 0 without `enableMetrics`. */
export interface LoggerMetrics {
  /** Logs that passed level and sampling. */
  logsProcessed: number;
  /** Failures of handlers and formatters, and logs of an unknown level. */
  logsFailed: number;
  /** Retries of network requests, and calls of `incrementRetries`. */
  totalRetries: number;
  /** Calls of `flushAll`. */
  flushCount: number;
  /** Mean duration of these, ms. */
  averageFlushTimeMs: number;
  /** Logs that handlers hold now: buffered, waiting, or being sent. */
  queueSize: number;
  /** Logs that handlers dropped: buffer full, circuit open, refused for good, or no backend configured. */
  logsDropped: number;
  /** Failures by the handler's function name (`anonymous` without one). */
  handlerErrors: Map<string, number>;
}

/** The probability, 0 to 1, that a log of that level passes. Without a rate all do. */
export interface SamplingConfig {
  /** For `trace`. */
  trace?: number;
  /** For `debug`. */
  debug?: number;
  /** For `info`. */
  info?: number;
  /** For `warn`. */
  warn?: number;
  /** For `error`. */
  error?: number;
  /** For `fatal`. */
  fatal?: number;
}

/** Options of a Logger. */
export interface LoggerOptions {
  /** Gets an entry (topic `logger.handler.error`) for each handler that failed. Default: the console handler. */
  fallbackHandler?: (log: LogEntry) => void;
  /** Preferred by the network handlers to their own words for levels. */
  severityMapping?: SeverityMapping;
  /** Count. Default `false`. */
  enableMetrics?: boolean;
  /** Default `JSONFormatter`. */
  formatter?: Formatter;
  /** Shares of logs that pass, by level. Default: all. */
  sampling?: SamplingConfig;
  /** Lower levels are dropped. Default `"trace"`: none. */
  minLevel?: LogLevel;
  /**
   * On SIGINT and SIGTERM flush (5 s at most), then exit with 130 or 143, unless someone else listens for the
   * signal. One listener for all loggers. Default `false`.
   */
  autoShutdown?: boolean;
}

/** Passes logs to handlers. A handler's failure never reaches the caller. */
export class Logger {
  /** @throws TypeError for an unknown level, a handler that is no function, or a sampling rate that is no number */
  constructor(handlers: HandlerWithFlush[], options?: LoggerOptions);
  /**
   * Resolves when every handler has settled; never rejects because of one. Trace ids come from the tracing context,
   * else from OpenTelemetry's active span.
   * @param topic default `"default"`
   */
  log(level: LogLevel, message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `trace`; resolves when the handlers are done, never rejects. */
  trace(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `debug`; resolves when the handlers are done, never rejects. */
  debug(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `info`; resolves when the handlers are done, never rejects. */
  info(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `warn`; resolves when the handlers are done, never rejects. */
  warn(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `error`; resolves when the handlers are done, never rejects. */
  error(message: string, topic?: string, context?: any): Promise<void>;
  /** Logs at the level `fatal`; resolves when the handlers are done, never rejects. */
  fatal(message: string, topic?: string, context?: any): Promise<void>;
  /** @throws TypeError for an unknown level */
  setMinLevel(level: LogLevel): void;
  /** The lowest level that passes. */
  getMinLevel(): LogLevel;
  /** Adds 1 to `totalRetries`. */
  incrementRetries(): void;
  /** A copy. */
  getMetrics(): LoggerMetrics;
  /** Sets all counters to 0. */
  resetMetrics(): void;
  /** The mapping that was given. */
  getSeverityMapping(): SeverityMapping | undefined;
  /** Flushes every handler at once; prints errors, never rejects. */
  flushAll(): Promise<void>;
  /** A logger over the same handlers, with a copy of the settings. Topics become `prefix.topic`; prefixes add up. */
  child(topicPrefix: string): Logger;
}

// ---- Handlers ---------------------------------------------------------------------------------

/** Options of the network handlers. */
export interface BackendConfig {
  /** URL of the backend. */
  endpoint?: string;
  /** Routing key, token or API key. Never shown in messages. */
  apiKey?: string;
  /** Further headers; they win over the built-in ones (but not over Loki's `Authorization` from `apiKey`). */
  headers?: Record<string, string>;
  /** Loki: logs that trigger a push. Default 100. */
  batchSize?: number;
  /** Loki: ms until a smaller batch is pushed. Default 5000. */
  flushInterval?: number;
  /**
   * Settings that replace those of the preset: `critical` (PagerDuty), `standard` (Loki, Datadog), `noncritical`
   * (Prometheus, CloudWatch).
   */
  circuitBreaker?: Partial<CircuitBreakerConfig> | false;
  /** Limit of one attempt in ms. Default 10,000. */
  timeoutMs?: number;
  /** Logs that may wait; beyond it the oldest are dropped and counted. Default 10,000. */
  maxBuffered?: number;
  /** Lower levels are not sent. Default: all are. */
  minLevel?: LogLevel;
}

/** Prints with `console.log`, coloured by level. `config` is not used. */
export function createConsoleHandler(config?: BackendConfig): HandlerWithFlush;

/** Collects logs in memory, for tests. */
export function createMockHandler(onLog?: (log: LogEntry) => void): {
  handler: (log: LogEntry) => void;
  /** A new array of what was stored, in order. */
  getLogs: () => LogEntry[];
  /** Empties the store; returns what was in it. */
  clear: () => LogEntry[];
};

/**
 * Opens an incident (Events API v2) per log: `endpoint` and `apiKey` (the routing key). Without them it warns and
 * drops. Its promise rejects when a log could not be sent, after at most three attempts.
 */
export function createPagerDutyHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/**
 * Pushes each log to a Pushgateway (`endpoint`): the topic names the metric, `context.value` is its value, the rest
 * labels.
 */
export function createPrometheusHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Pushes logs to Loki (`endpoint`) in batches. What could not be sent stays buffered; `flush()` rejects then. */
export function createLokiHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Sends `PutLogEvents` to a signing proxy: `endpoint` and `apiKey` (the Authorization header). */
export function createCloudWatchHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Sends logs to Datadog's intake: `apiKey`, and `endpoint` for another site than datadoghq.com. */
export function createDatadogHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

// ---- Circuit breaker --------------------------------------------------------------------------
