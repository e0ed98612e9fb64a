'use strict';

const { isRegExp } = require('#node').util.types;
const { shown } = require('../common/arguments.js');
const { oneLine } = require('../common/text.js');
const { Semaphore } = require('../common/semaphore.js');

/** Entries that may wait for a slot of one route; the oldest are dropped (and counted) beyond it. */
const MAX_WAITING = 10_000;

/**
 * @typedef {import('../../index.js').LogEntry} LogEntry
 * @typedef {import('../../index.js').Route['metrics']} CountedMetrics
 * @typedef {Omit<import('../../index.js').Route, 'semaphore'> & { semaphore?: InstanceType<typeof Semaphore> }}
 *   PreparedRoute
 */
/** @typedef {import('../../index.js').RouteHandler} RouteHandler */
/** @typedef {import('../../index.js').RouteOptions} RouteOptions */

/** @returns {CountedMetrics} */
const newMetrics = () => ({
  count: 0,
  totalDuration: 0,
  minDuration: Infinity,
  maxDuration: 0,
  errorCount: 0,
  dropped: 0,
  lastExecuted: undefined,
});

/**
 * Returns a pattern whose test does not depend on what was tested before (`g` and `y` remember a position).
 *
 * @param {RegExp | string} pattern
 */
function compilePattern(pattern) {
  if (typeof pattern === 'string') {
    try {
      return new RegExp(pattern);
    } catch (error) {
      throw new SyntaxError(oneLine(/** @type {Error} */ (error).message.slice(0, 200)));
    }
  }
  if (!isRegExp(pattern)) throw new TypeError(`addRoute: pattern must be a RegExp or a string, got ${typeof pattern}`);
  return pattern.global || pattern.sticky ? new RegExp(pattern.source, pattern.flags.replace('g', '')) : pattern;
}

/** @param {PreparedRoute} route @param {string} topic */
function matches(route, topic) {
  if (route.pattern.sticky) route.pattern.lastIndex = 0;
  return route.pattern.test(topic);
}

/** Sends log entries to handlers by topic and priority. */
class TopicRouter {
  /** @type {PreparedRoute[]} */
  #routes = [];

  /**
   * @param {RegExp | string} pattern a string is compiled as a regular expression; it matches anywhere unless anchored
   * @param {RouteHandler} handler
   * @param {string | RouteOptions} [nameOrOptions]
   * @returns {this}
   * @throws {SyntaxError} when the pattern is not a regular expression
   * @throws {TypeError | RangeError} when the handler is not a function, or the concurrency not a whole number
   */
  addRoute(pattern, handler, nameOrOptions) {
    const options = typeof nameOrOptions === 'string' ? { name: nameOrOptions } : { ...nameOrOptions };
    const { concurrency = 0 } = options;
    const compiled = compilePattern(pattern);
    if (typeof handler !== 'function') {
      throw new TypeError(`addRoute: handler must be a function, got ${typeof handler}`);
    }
    if (!Number.isInteger(concurrency) || concurrency < 0) {
      throw new RangeError(`addRoute: concurrency must be a whole number, got ${shown(concurrency)}`);
    }
    this.#routes.push({
      pattern: compiled,
      handler,
      name: options.name,
      options,
      metrics: newMetrics(),
      semaphore: concurrency > 0 ? new Semaphore(concurrency, MAX_WAITING) : undefined,
    });
    return this;
  }

  /**
   * Runs every route that takes the entry; resolves when all are done, and never rejects because of a handler.
   *
   * @param {LogEntry} log an entry without a topic goes nowhere
   * @returns {Promise<void>}
   */
  async route(log) {
    if (typeof log?.topic !== 'string' || log.topic === '') return;
    const priority = log.priority ?? 1;
    const { topic } = log;
    const takes = (/** @type {PreparedRoute} */ route) =>
      priority >= (route.options.minPriority ?? 1) &&
      priority <= (route.options.maxPriority ?? 10) &&
      matches(route, topic);
    await Promise.all(this.#routes.filter(takes).map((route) => run(route, log)));
  }

  /** @param {LogEntry[]} logs all are routed at once @returns {Promise<void>} */
  async routeBatch(logs) {
    if (!Array.isArray(logs)) throw new TypeError(`routeBatch: logs must be an array, got ${shown(logs)}`);
    await Promise.all(logs.map((log) => this.route(log)));
  }

  clearRoutes() {
    this.#routes = [];
  }

  getRoutes() {
    return [...this.#routes];
  }

  /** @returns {import('../../index.js').RouteMetrics[]} of the routes with `trackMetrics`, in the order added */
  getMetrics() {
    return this.#routes
      .filter((route) => route.options.trackMetrics)
      .map(({ name, pattern, metrics }) => ({
        name: name ?? 'unnamed',
        pattern: pattern.source,
        executionCount: metrics.count,
        totalDuration: metrics.totalDuration,
        averageDuration: metrics.count === 0 ? 0 : metrics.totalDuration / metrics.count,
        minDuration: metrics.count === 0 ? 0 : metrics.minDuration,
        maxDuration: metrics.maxDuration,
        errorCount: metrics.errorCount,
        dropped: metrics.dropped,
        lastExecuted: metrics.lastExecuted,
      }));
  }

  resetMetrics() {
    for (const route of this.#routes) Object.assign(route.metrics, newMetrics());
  }
}

/**
 * @param {PreparedRoute} route
 * @param {LogEntry} log
 * @returns {Promise<void>}
 */
function run(route, log) {
  const { semaphore } = route;
  if (!semaphore) return handle(route, log);
  return new Promise((resolve) => {
    semaphore.acquire((granted) => resolve(granted ? handle(route, log) : drop(route)));
  });
}

/** @param {PreparedRoute} route */
function drop(route) {
  if (route.metrics.dropped++ === 0) {
    console.warn(`Topic router: route ${label(route)} is too slow, its oldest waiting logs are dropped`);
  }
}

/** @param {PreparedRoute} route @param {LogEntry} log */
async function handle(route, log) {
  const start = performance.now();
  try {
    await route.handler(log);
  } catch (error) {
    route.metrics.errorCount++;
    console.error(`Topic router error in route ${label(route)}:`, error);
  } finally {
    route.semaphore?.release();
    if (route.options.trackMetrics) measure(route.metrics, performance.now() - start);
  }
}

/** @param {PreparedRoute} route */
const label = ({ name, pattern }) => name ?? String(pattern);

/** @param {CountedMetrics} metrics @param {number} duration ms */
function measure(metrics, duration) {
  metrics.count++;
  metrics.totalDuration += duration;
  metrics.minDuration = Math.min(metrics.minDuration, duration);
  metrics.maxDuration = Math.max(metrics.maxDuration, duration);
  metrics.lastExecuted = Date.now();
}

/** @param {unknown} text */
const literal = (text) => String(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Builds a router by the pipeline's own topics. Each method returns the builder; a name in the options wins. */
class TopicRouterBuilder {
  #router = new TopicRouter();

  /**
   * @param {string} name
   * @param {RegExp} pattern
   * @param {RouteHandler} handler
   * @param {RouteOptions | undefined} options
   */
  #add(name, pattern, handler, options) {
    this.#router.addRoute(pattern, handler, { name, ...options });
    return this;
  }

  /** @param {RouteHandler} handler @param {RouteOptions} [options] */
  errors(handler, options) {
    return this.#add('errors', /^pipeline\..*\.error$|^pipeline\.error$/, handler, options);
  }

  /** @param {RouteHandler} handler @param {RouteOptions} [options] */
  performance(handler, options) {
    return this.#add('performance', /^pipeline\..*\.performance$/, handler, options);
  }

  /**
   * @param {string} stageName taken literally
   * @param {RouteHandler} handler
   * @param {RouteOptions} [options]
   */
  stage(stageName, handler, options) {
    if (typeof stageName !== 'string') throw new TypeError(`stage: name must be a string, got ${shown(stageName)}`);
    const pattern = new RegExp(`^pipeline\\.stage\\.${literal(stageName)}\\.`);
    return this.#add(`stage-${stageName}`, pattern, handler, options);
  }

  /** @param {RouteHandler} handler @param {RouteOptions} [options] */
  alerts(handler, options) {
    return this.#add('alerts', /^pipeline\.alert/, handler, options);
  }

  /** @param {RouteHandler} handler @param {RouteOptions} [options] */
  debug(handler, options) {
    return this.#add('debug', /^pipeline\.debug/, handler, options);
  }

  /**
   * Takes every entry, not just those that no other route took.
   *
   * @param {RouteHandler} handler
   * @param {RouteOptions} [options]
   */
  default(handler, options) {
    return this.#add('default', /.*/, handler, options);
  }

  /**
   * @param {RegExp | string} pattern
   * @param {RouteHandler} handler
   * @param {string | RouteOptions} [nameOrOptions]
   */
  custom(pattern, handler, nameOrOptions) {
    this.#router.addRoute(pattern, handler, nameOrOptions);
    return this;
  }

  /** @returns {TopicRouter} the same one each time */
  build() {
    return this.#router;
  }
}

/** @returns {TopicRouterBuilder} */
const createTopicRouter = () => new TopicRouterBuilder();

module.exports = { TopicRouter, TopicRouterBuilder, createTopicRouter };
