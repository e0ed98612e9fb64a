// Written by "npm run types" from lib/types and the registered stages; edit those.

/// <reference types="node" />

// ---- Logs -------------------------------------------------------------------------------------

/** From the least to the most urgent. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Parts separated by dots, such as `pipeline.stage.rms.error`. */
export type LogTopic = string;

/** 10 is most urgent. */
export type LogPriority = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** What goes with a log. Backends get it as JSON, as labels or as structured metadata. */
export interface LogContext {
  stage?: string;
  timestamp?: number;
  [key: string]: any;
}

/** One log. */
export interface LogEntry {
  topic?: LogTopic;
  level: LogLevel;
  message: string;
  context?: LogContext;
  /** Epoch milliseconds. (The network handlers take numbers up to 1e12 as seconds.) */
  timestamp: number;
  /** Absent counts as 1. */
  priority?: LogPriority;
  traceId?: string;
  spanId?: string;
  correlationId?: string;
}

/** Makes of an entry what handlers get as their first argument. */
export interface Formatter {
  /** A string becomes the message of the network handlers; an entry is sent instead of the original one. */
  format(log: LogEntry): any;
}

/** Leaves entries as they are (the default): returns the very same object. */
export class JSONFormatter implements Formatter {
  format(log: LogEntry): LogEntry;
}

/** One line, `[ISO time] LEVEL [topic] [trace:id] message`, and a second one for a context. Never throws. */
export class TextFormatter implements Formatter {
  format(log: LogEntry): string;
}

/** What a backend calls our levels. */
export interface SeverityMapping {
  trace?: string;
  debug?: string;
  info?: string;
  warn?: string;
  error?: string;
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
  flushCount: number;
  averageFlushTimeMs: number;
  /** Logs that handlers hold now: buffered, waiting, or being sent. */
  queueSize: number;
  /** Logs that handlers dropped: buffer full, circuit open, or no backend configured. */
  logsDropped: number;
  /** Failures by the handler's function name (`anonymous` without one). */
  handlerErrors: Map<string, number>;
}

/** The probability, 0 to 1, that a log of that level passes. Without a rate all do. */
export interface SamplingConfig {
  trace?: number;
  debug?: number;
  info?: number;
  warn?: number;
  error?: number;
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
  trace(message: string, topic?: string, context?: any): Promise<void>;
  debug(message: string, topic?: string, context?: any): Promise<void>;
  info(message: string, topic?: string, context?: any): Promise<void>;
  warn(message: string, topic?: string, context?: any): Promise<void>;
  error(message: string, topic?: string, context?: any): Promise<void>;
  fatal(message: string, topic?: string, context?: any): Promise<void>;
  /** @throws TypeError for an unknown level */
  setMinLevel(level: LogLevel): void;
  getMinLevel(): LogLevel;
  /** Adds 1 to `totalRetries`. */
  incrementRetries(): void;
  /** A copy. */
  getMetrics(): LoggerMetrics;
  resetMetrics(): void;
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
  /** Default: preset `critical` (PagerDuty), `standard` (Loki, Datadog), `noncritical` (Prometheus, CloudWatch). */
  circuitBreaker?: CircuitBreakerConfig | false;
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
  CLOSED = "closed",
  OPEN = "open",
  HALF_OPEN = "half_open",
}

/** Counters of a circuit breaker. */
export interface CircuitBreakerStats {
  name: string;
  state: CircuitState;
  /** Failures in a row. */
  failureCount: number;
  /** Successes since the circuit became half-open. */
  successCount: number;
  /** Requests since it last closed or opened. */
  requestCount: number;
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
  getState(): CircuitState;
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
  traceId?: string;
  spanId?: string;
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
  pattern: string;
  executionCount: number;
  totalDuration: number;
  averageDuration: number;
  minDuration: number;
  maxDuration: number;
  errorCount: number;
  /** Entries that waited too long behind too many. */
  dropped: number;
  /** Epoch ms. */
  lastExecuted?: number;
}

/** A route as the router holds it. */
export interface Route {
  pattern: RegExp;
  handler: RouteHandler;
  name?: string;
  options: RouteOptions;
  metrics: {
    count: number;
    totalDuration: number;
    minDuration: number;
    maxDuration: number;
    errorCount: number;
    dropped: number;
    lastExecuted?: number;
  };
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
  clearRoutes(): void;
  getRoutes(): Route[];
  /** Of the routes with `trackMetrics`, in the order added. */
  getMetrics(): RouteMetrics[];
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
  hasEntries(): boolean;
  size(): number;
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

/** Options of `createDspPipeline`. */
export interface StateResilienceConfig {
  /** Accepted for compatibility: failures to save or load are deterministic, so nothing is tried twice. */
  maxRetries?: number;
  /** If loading fails, clear the state and resolve to `false` instead of rejecting. Default `false`. */
  fallbackOnLoadFailure?: boolean;
  /** Which numbers the filter designs of this pipeline give; default: that of `setDefaultDesign`. */
  design?: FilterDesign;
}

/** `"standard"`: as SciPy designs; `"dspx"`: the numbers of dspx 1.4. */
export type FilterDesign = "standard" | "dspx";

/** Options of the process family. Unknown keys are ignored. */
export interface ProcessOptions {
  /** Interleaved channels: an integer ≥ 1, default 1 (for planar input: the number of arrays). */
  channels?: number;
  /** Frames per second (Hz), > 0. Sets the times of calls without timestamps; without it frames are 1 ms apart. */
  sampleRate?: number;
  /** Compare explicit timestamps with `sampleRate`. Default `false`. */
  enableDriftDetection?: boolean;
  /** Relative drift in percent above which `onDriftDetected` is called. Default 10. */
  driftThreshold?: number;
  /** Called for each interval that drifts. */
  onDriftDetected?: (statistics: DriftStatistics) => void;
}

/** Times of all samples: milliseconds, or nanoseconds in a `BigInt64Array`. */
export type Timestamps = Float32Array | Float64Array | BigInt64Array;

/** Sees the samples behind the stages that were there when it was registered. */
export type TapCallback = (samples: Float32Array, stageName: string) => void;

/** A result as `onBatch` gets it. */
export interface SampleBatch {
  /** Label of the pipeline: its stages joined by `" → "`. */
  stage: string;
  /** The array that the call returns. */
  samples: Float32Array;
  /** Always 0. */
  startIndex: number;
  /** Number of samples. */
  count: number;
}

/** Callbacks of a pipeline. All run on the JavaScript thread after the native work, once per call. */
export interface PipelineCallbacks {
  /** Each sample of a result. Costs a call per sample. */
  onSample?: (value: number, index: number, stage: string) => void;
  /** Each result. */
  onBatch?: (batch: SampleBatch) => void;
  /** The end of each successful call. */
  onStageComplete?: (stage: string, durationMs: number) => void;
  /** A failure of a stage or of one of these callbacks; the call fails as well. */
  onError?: (stage: string, error: Error) => void;
  /** Each log line at once. */
  onLog?: (topic: string, level: LogLevel, message: string, context?: LogContext) => void;
  /** The log lines of a call at its end (at most 32, the newest). */
  onLogBatch?: (logs: LogEntry[]) => void;
  /** Topics that reach the two log callbacks; `*` stands for one or more characters other than a dot. */
  topicFilter?: string | string[];
}

/** One stage in `listState()`. Keys that do not apply are absent. */
export interface StageSummary {
  index: number;
  type: string;
  windowSize?: number;
  numChannels?: number;
  mode?: string;
  /** Samples in the window of the first channel. */
  bufferSize?: number;
  channelCount?: number;
}

/** What `listState()` returns. */
export interface PipelineStateSummary {
  stageCount: number;
  /** Seconds since 1970. */
  timestamp: number;
  stages: StageSummary[];
}

/** A pipeline without stages. */
export function createDspPipeline(config?: StateResilienceConfig): DspProcessor;

/**
 * A row of stages over interleaved float32 samples. Stage methods append a stage and return the pipeline. Calls take
 * effect in the order in which they were made.
 */
export class DspProcessor {
  private constructor();

  /**
   * Runs the stages over `input`, which is overwritten with what comes out of the last stage before the first one that
   * changes the length; leave it alone until the promise settles. Short blocks are computed before this returns, long
   * ones on a worker thread.
   * @returns a new array with the result, interleaved
   * @throws TypeError (as a rejection) for wrong types, RangeError if the length is no multiple of `channels`, Error if
   *   the pipeline is disposed, more than 1,024 calls wait, or a stage fails
   */
  process(input: Float32Array | Float32Array[], options?: ProcessOptions | null): Promise<Float32Array>;
  process(input: Float32Array | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Promise<Float32Array>;
  /** As `process`, on a copy: `input` (anything that `new Float32Array` takes) stays as it is. */
  processCopy(input: ArrayLike<number> | Float32Array[], options?: ProcessOptions | null): Promise<Float32Array>;
  processCopy(input: ArrayLike<number> | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Promise<Float32Array>;
  /**
   * As `process`, in the calling thread. Returns `input` itself unless a stage changed the length.
   * @throws as `process` rejects; Error `/busy/` while a call is pending
   */
  processSync(input: Float32Array | Float32Array[], options?: ProcessOptions | null): Float32Array;
  processSync(input: Float32Array | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Float32Array;
  /** As `processSync`, on a copy. */
  processSyncCopy(input: ArrayLike<number> | Float32Array[], options?: ProcessOptions | null): Float32Array;
  processSyncCopy(input: ArrayLike<number> | Float32Array[], timestamps: Timestamps, options?: ProcessOptions | null): Float32Array;

  /** Registers a callback at the present end of the stages. The last one gets the very array that the call returns. */
  tap(callback: TapCallback): this;
  /** Replaces the pipeline's callbacks. */
  pipeline(callbacks: PipelineCallbacks): this;

  /** The state of all stages as JSON text, or in the binary TOON format. */
  saveState(options?: { format?: "json" }): Promise<string>;
  saveState(options: { format: "toon" }): Promise<Buffer>;
  /**
   * Loads a state: text is JSON, bytes are TOON. All or nothing.
   * @returns `true`; `false` if it failed and `fallbackOnLoadFailure` is set
   */
  loadState(state: string | Buffer | Uint8Array | ArrayBuffer): Promise<boolean>;
  /** Resets all stages and the clock. */
  clearState(): void;
  /** What the stages hold, without samples. */
  listState(): PipelineStateSummary;
  /** Releases the stages; every later call but `tap`, `pipeline` and `dispose` fails. */
  dispose(): void;

  /**
   * Mean of the samples in the window: `y[n] = Σx / N`; until the window is full, of those seen so far.
   * @throws TypeError if `mode` is unknown, or in moving mode the window is missing or not positive
   */
  MovingAverage(params: MovingAverageParams): this;
  /**
   * Root mean square of the samples in the window: `y[n] = √(Σx² / N)`.
   * @throws TypeError if `mode` is unknown, or in moving mode the window is missing or not positive
   */
  Rms(params: RmsParams): this;
  /**
   * Rectification: `|x|`, or `max(x, 0)`. Stateless.
   * @throws TypeError if `mode` is another text
   */
  Rectify(params?: RectifyParams): this;
  /** Square of each sample: `y = x²`. Stateless. */
  Square(): this;
  /** First difference: `y[n] = x[n] − x[n−1]`, with `x[−1] = 0`. Continues from call to call. */
  Differentiator(): this;
  /**
   * 1 at local maxima of at least `threshold`, 0 elsewhere. In moving mode the verdict on the last sample of a call is
   * output 0 of the next call.
   * @throws RangeError if `threshold`, `windowSize` or `minPeakDistance` is out of range
   * @throws TypeError if `mode` or `domain` is unknown
   */
  PeakDetection(params: PeakDetectionParams): this;
}

/** The design that filters use unless the call or the pipeline says otherwise; it belongs to the thread. */
export function setDefaultDesign(design: FilterDesign): void;
/** `"standard"` unless set. */
export function getDefaultDesign(): FilterDesign;

/** Parameters of `MovingAverage`. */
export interface MovingAverageParams {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /** Window length in samples per channel: an integer ≥ 1. */
  windowSize?: number;
  /** Window length in milliseconds, > 0: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. */
  windowDuration?: number;
}

/** Parameters of `Rms`. */
export interface RmsParams {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /** Window length in samples per channel: an integer ≥ 1. */
  windowSize?: number;
  /** Window length in milliseconds, > 0: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. */
  windowDuration?: number;
}

/** Parameters of `Rectify`. */
export interface RectifyParams {
  /** `"full"`: `|x|`; `"half"`: negative samples become 0. Default `"full"`. */
  mode?: "full" | "half";
}

/** Parameters of `PeakDetection`. */
export interface PeakDetectionParams {
  /** Smallest height of a peak, ≥ 0. */
  threshold: number;
  /** `"moving"` (default) continues from call to call; `"batch"` takes each call by itself. */
  mode?: "moving" | "batch";
  /** Says what the samples are; changes nothing in the result. Default `"time"`. */
  domain?: "time" | "frequency";
  /** Samples that a peak must exceed, itself included: an odd integer ≥ 3, default 3. Moving mode always uses 3. */
  windowSize?: number;
  /** Smallest distance between peaks in samples: an integer ≥ 1, default 1. */
  minPeakDistance?: number;
}
