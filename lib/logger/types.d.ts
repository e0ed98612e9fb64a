// ---- Logs -------------------------------------------------------------------------------------

/** From the least to the most urgent. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Parts separated by dots, such as `pipeline.stage.rms.error`. */
export type LogTopic = string;

/** 10 is most urgent. */
export type LogPriority = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** What goes with a log. Backends get it as JSON, as labels or as structured metadata. */
export interface LogContext {
  /** The stage or pipeline that it is about. */
  stage?: string;
  /** When it happened, epoch milliseconds. */
  timestamp?: number;
  [key: string]: any;
}

/** One log. */
export interface LogEntry {
  /** Dotted topic, such as `pipeline.error`. */
  topic?: LogTopic;
  /** How serious it is. */
  level: LogLevel;
  /** The text. */
  message: string;
  /** What goes with it. */
  context?: LogContext;
  /** Epoch milliseconds. (The network handlers take numbers up to 1e12 as seconds.) */
  timestamp: number;
  /** Absent counts as 1. */
  priority?: LogPriority;
  /** W3C trace id, 32 hexadecimal digits. */
  traceId?: string;
  /** W3C span id, 16 hexadecimal digits. */
  spanId?: string;
  /** Whatever ties logs of one request together. */
  correlationId?: string;
}

/** Makes of an entry what handlers get as their first argument. */
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

/** What a backend calls our levels. */
export interface SeverityMapping {
  /** What `trace` is called. */
  trace?: string;
  /** What `debug` is called. */
  debug?: string;
  /** What `info` is called. */
  info?: string;
  /** What `warn` is called. */
  warn?: string;
  /** What `error` is called. */
  error?: string;
  /** What `fatal` is called. */
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
  /** `log` is what the formatter made, `raw` the unformatted entry (absent when a router calls). */
  (log: LogEntry, raw?: LogEntry): Promise<void> | void;
  /** Sends, or waits for, what is under way. */
  flush?: () => Promise<void>;
  /** Flushes, and frees what the handler holds. */
  close?: () => Promise<void>;
  /** What the handler counts itself; `Logger.getMetrics()` adds it up. */
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
 * Opens an incident (Events API v2) per log: `endpoint` and `apiKey` (the routing key). Without them it warns and drops.
 * Its promise rejects when a log could not be sent, after at most three attempts.
 */
export function createPagerDutyHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Pushes each log to a Pushgateway (`endpoint`): the topic names the metric, `context.value` is its value, the rest labels. */
export function createPrometheusHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Pushes logs to Loki (`endpoint`) in batches. What could not be sent stays buffered; `flush()` rejects then. */
export function createLokiHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Sends `PutLogEvents` to a signing proxy: `endpoint` and `apiKey` (the Authorization header). */
export function createCloudWatchHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

/** Sends logs to Datadog's intake: `apiKey`, and `endpoint` for another site than datadoghq.com. */
export function createDatadogHandler(config?: BackendConfig): HandlerWithCircuitBreaker;

// ---- Circuit breaker --------------------------------------------------------------------------

/** When to stop calling, and when to try again. */
export interface CircuitBreakerConfig {
  /** Failures in a row that open the circuit. */
  failureThreshold: number;
  /** Successes that close it again. */
  successThreshold: number;
  /** ms until a first call is let through again; 0: at once. */
  timeout: number;
  /** Requests before it may open. */
  volumeThreshold: number;
  /** Percentage of failures among the last max(100, volumeThreshold) requests that opens it. */
  errorPercentageThreshold: number;
}

/** Where a circuit stands. */
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
  /** Closes the circuit and forgets everything. */
  reset(): void;
}

/** Presets. */
export const CIRCUIT_BREAKER_CONFIGS: {
  critical: CircuitBreakerConfig;
  standard: CircuitBreakerConfig;
  noncritical: CircuitBreakerConfig;
};

// ---- Tracing ----------------------------------------------------------------------------------

/** What follows a piece of work through its promises, into logs and Kafka headers. */
export interface TracingContext {
  /** W3C trace id, 32 hexadecimal digits. */
  traceId?: string;
  /** W3C span id, 16 hexadecimal digits. */
  spanId?: string;
  /** Whatever ties logs of one request together. */
  correlationId?: string;
}

/** The store itself. */
export const tracingContext: import("node:async_hooks").AsyncLocalStorage<TracingContext>;

/** The current context; `{}` outside of any. */
export function getTracingContext(): TracingContext;

/** Runs `fn`, and what it starts, in `context`; returns what it returns. A nested call replaces the context whole. */
export function withTracingContext<T>(context: TracingContext, fn: () => T): T;

/** `00-<traceId>-<spanId>-01`, or nothing unless the ids are 32 and 16 hex digits and not all zeros. */
export function generateTraceparent(traceId?: string, spanId?: string): string | undefined;

// ---- Topic router -----------------------------------------------------------------------------

/** Gets the entries of a route. A throw or rejection is counted and printed. */
export type RouteHandler = (log: LogEntry) => Promise<void> | void;

/** Says whether a topic is meant. */
export type PatternMatcher = (topic: string) => boolean;

/** Options of a route. */
export interface RouteOptions {
  /** In metrics and messages. */
  name?: string;
  /** Executions at once; the rest wait in order (at most 10,000, then the oldest are dropped). Default 0: no limit. */
  concurrency?: number;
  /** Measure executions. Default `false`. */
  trackMetrics?: boolean;
  /** Lowest priority that is taken. Default 1. */
  minPriority?: LogPriority;
  /** Highest priority that is taken. Default 10. */
  maxPriority?: LogPriority;
}

/** What was measured of a route. Durations in ms, without the wait for a slot. */
export interface RouteMetrics {
  /** `unnamed` without a name. */
  name: string;
  /** The pattern of the route, as text. */
  pattern: string;
  /** Calls of the handler. */
  executionCount: number;
  /** Their duration together, ms. */
  totalDuration: number;
  /** Their mean duration, ms. */
  averageDuration: number;
  /** The shortest, ms. */
  minDuration: number;
  /** The longest, ms. */
  maxDuration: number;
  /** Calls that failed. */
  errorCount: number;
  /** Entries that waited too long behind too many. */
  dropped: number;
  /** Epoch ms. */
  lastExecuted?: number;
}

/** A route as the router holds it. */
export interface Route {
  /** What a topic must match. */
  pattern: RegExp;
  /** Gets the entries. */
  handler: RouteHandler;
  /** The name that was given. */
  name?: string;
  /** The options that were given. */
  options: RouteOptions;
  /** Counters; durations in ms, `lastExecuted` in epoch ms. */
  metrics: {
    count: number;
    totalDuration: number;
    minDuration: number;
    maxDuration: number;
    errorCount: number;
    dropped: number;
    lastExecuted?: number;
  };
  /** Present with a limit of concurrent calls: how many run or wait. */
  semaphore?: { readonly size: number };
}

/** Sends logs to handlers by topic and priority: every route that matches gets the entry. */
export class TopicRouter {
  /**
   * @param pattern a string is compiled as a regular expression, which matches anywhere unless anchored
   * @throws SyntaxError for a bad pattern; TypeError for a handler that is no function; RangeError for a bad concurrency
   */
  addRoute(pattern: RegExp | string, handler: RouteHandler, nameOrOptions?: string | RouteOptions): this;
  /** Resolves when all matching routes are done; never rejects because of a handler. Without a topic: nothing. */
  route(log: LogEntry): Promise<void>;
  /** Routes all at once. */
  routeBatch(logs: LogEntry[]): Promise<void>;
  /** Takes all routes away. */
  clearRoutes(): void;
  /** The routes, in order. */
  getRoutes(): Route[];
  /** Of the routes with `trackMetrics`, in the order added. */
  getMetrics(): RouteMetrics[];
  /** Sets the counters of all routes to 0. */
  resetMetrics(): void;
}

/** Builds a router by the pipeline's own topics. A name in the options wins over the method's. */
export class TopicRouterBuilder {
  /** `pipeline.error` and `pipeline.….error` */
  errors(handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.….performance` */
  performance(handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.stage.<stageName>.…`; the name is taken literally. */
  stage(stageName: string, handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.alert…` */
  alerts(handler: RouteHandler, options?: RouteOptions): this;
  /** `pipeline.debug…` */
  debug(handler: RouteHandler, options?: RouteOptions): this;
  /** Every entry, not just what no other route took. */
  default(handler: RouteHandler, options?: RouteOptions): this;
  /** A route with a pattern of your own. */
  custom(pattern: RegExp | string, handler: RouteHandler, nameOrOptions?: string | RouteOptions): this;
  /** The same router each time. */
  build(): TopicRouter;
}

/** A new builder. */
export function createTopicRouter(): TopicRouterBuilder;

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

/** A listener to the Rust side. */
export interface NativeLogHandler {
  /** Takes at once what waits. */
  flush(): Promise<void>;
  /** Takes what waits, and stops listening. */
  close(): void;
  /** `queued`: events that wait (4096 at most); `dropped`: those that did not fit, which the log reports as well. */
  metrics(): { delivered: number; queued: number; dropped: number };
}

/**
 * Sets what the Rust side (Kafka, Redis, state) reports, for the whole process. Until then `off`, or what the environment
 * variable `DSPX_LOG` says, which also prints to stderr as long as no logger listens.
 * @throws TypeError for an unknown level
 */
export function setLogLevel(level: LogLevel | "off"): void;

/**
 * Brings the events of the Rust side into a Logger, under topics such as `native.kafka.consumer`. Keeps no process alive.
 * If no level was set, sets `info`.
 * @throws TypeError when the logger has no `log` method
 */
export function createNativeLogHandler(
  logger: Pick<Logger, "log">,
  options?: { /** Default `"native"`. */ topicPrefix?: string },
): NativeLogHandler;
