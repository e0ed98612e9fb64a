/** Called with the entries of a route. A throw or rejection is counted and printed. */
export type RouteHandler = (log: LogEntry) => Promise<void> | void;

/** Returns whether a topic matches. */
export type PatternMatcher = (topic: string) => boolean;

/** Options of a route. */
export interface RouteOptions {
  /** Name in metrics and messages. */
  name?: string;
  /**
   * Largest number of concurrent executions; others wait in order (at most 10,000, then the oldest are dropped).
   * Default 0: no limit.
   */
  concurrency?: number;
  /** Whether executions are measured. Default `false`. */
  trackMetrics?: boolean;
  /** Lowest accepted priority. Default 1. */
  minPriority?: LogPriority;
  /** Highest accepted priority. Default 10. */
  maxPriority?: LogPriority;
}

/** Measurements of a route. Durations in ms, without the wait for a slot. */
export interface RouteMetrics {
  /** `unnamed` without a name. */
  name: string;
  /** The pattern of the route, as text. */
  pattern: string;
  /** Calls of the handler. */
  executionCount: number;
  /** Sum of their durations in ms. */
  totalDuration: number;
  /** Their mean duration, ms. */
  averageDuration: number;
  /** The shortest, ms. */
  minDuration: number;
  /** The longest, ms. */
  maxDuration: number;
  /** Calls that failed. */
  errorCount: number;
  /** Entries dropped because too many were waiting. */
  dropped: number;
  /** Epoch ms. */
  lastExecuted?: number;
}

/** A route of a router. */
export interface Route {
  /** Pattern that a topic must match. */
  pattern: RegExp;
  /** Called with the entries. */
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
   * @throws SyntaxError for a bad pattern; TypeError for a handler that is no function; RangeError for a bad
   *   concurrency
   */
  addRoute(pattern: RegExp | string, handler: RouteHandler, nameOrOptions?: string | RouteOptions): this;
  /** Resolves when all matching routes are done; never rejects because of a handler. Without a topic: nothing. */
  route(log: LogEntry): Promise<void>;
  /** Routes all at once. */
  routeBatch(logs: LogEntry[]): Promise<void>;
  /** Removes all routes. */
  clearRoutes(): void;
  /** Returns the routes, in order. */
  getRoutes(): Route[];
  /** Returns the metrics of the routes with `trackMetrics`, in the order of the routes. */
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
  /** Every entry, not only those without another route. */
  default(handler: RouteHandler, options?: RouteOptions): this;
  /** A route with a custom pattern. */
  custom(pattern: RegExp | string, handler: RouteHandler, nameOrOptions?: string | RouteOptions): this;
  /** Returns the router, the same one each time. */
  build(): TopicRouter;
}

/** A new builder. */
export function createTopicRouter(): TopicRouterBuilder;
