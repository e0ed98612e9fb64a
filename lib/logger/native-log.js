'use strict';

const { LEVELS, checkLevel } = require('./levels.js');
const { TextFormatter } = require('./formatters.js');

/** The addon, loaded when it is first needed: a Logger works without it. */
const native = () => require('../native/addon.js');

/** Whether a level was set by `setLogLevel` or by the environment; else the first handler sets one. */
let levelSet = false;

/**
 * Sets what the Rust side (Kafka, Redis, state) reports to the handlers of `createNativeLogHandler`, for the whole
 * process. Rust knows nothing above an error, so that `fatal` means nothing at all, like `off`.
 *
 * @param {import('../../index.js').LogLevel | 'off'} level `off` until it is set; the variable `DSPX_LOG` sets it at
 *   the start
 * @throws {TypeError} for an unknown level
 */
function setLogLevel(level) {
  if (level !== 'off') checkLevel(level, 'setLogLevel');
  levelSet = true;
  native().setLogLevel(level);
}

/**
 * `dsp_stream::kafka::consumer` → `kafka.consumer`
 *
 * @param {string} target
 */
const topicOf = (target) => target.replace(/^dsp_(stream|core)(::|$)/, '').replaceAll('::', '.');

/**
 * Listens to the Rust side. Each event goes to `accept` as a log entry, on a later turn of the event loop. Nothing
 * here keeps the process alive.
 *
 * @param {(entry: import('../../index.js').LogEntry) => void} accept
 * @returns {import('../../index.js').NativeLogHandler}
 */
function listen(accept) {
  let delivered = 0;
  let reported = 0;

  function drain() {
    const { dropped } = log;
    if (dropped > reported) {
      const count = dropped - reported;
      reported = dropped;
      const message = `${count} log events of the native side were dropped`;
      accept({ level: 'warn', topic: 'log', message, context: { dropped: count }, timestamp: Date.now() });
    }
    for (const { level, target, message, fields, timestamp } of JSON.parse(log.take())) {
      delivered++;
      accept({ level, topic: topicOf(target), message, context: fields, timestamp });
    }
  }

  const log = new (native().NativeLog)(drain);
  return {
    flush: async () => drain(),
    close() {
      log.close();
      drain();
    },
    metrics: () => ({ delivered, queued: log.queued, dropped: log.dropped }),
  };
}

/**
 * Prints to standard error the events that `DSPX_LOG` asks for, until a logger takes over.
 *
 * @type {import('../../index.js').NativeLogHandler | undefined}
 */
let printer;

/**
 * Brings the events of the Rust side into a Logger, under topics such as `native.kafka.consumer`, with the event's
 * own time in `context.timestamp` (epoch ms). If no level was set, `info` is.
 *
 * @param {{ log(level: string, message: string, topic?: string, context?: any): Promise<void> }} logger
 * @param {{ topicPrefix?: string }} [options] `topicPrefix`: `native`
 * @returns {import('../../index.js').NativeLogHandler}
 * @throws {TypeError} when the logger has no `log` method
 */
function createNativeLogHandler(logger, { topicPrefix = 'native' } = {}) {
  if (typeof logger?.log !== 'function') throw new TypeError('createNativeLogHandler: logger must have a log method');
  // A Logger never fails, but one that a user made may; there is nobody to tell.
  /** @param {import('../../index.js').LogEntry} entry */
  const pass = async ({ level, message, topic, context, timestamp }) =>
    logger.log(level, message, `${topicPrefix}.${topic}`, { ...context, timestamp });
  const handler = listen((entry) => void pass(entry).catch(() => {}));
  printer?.close();
  printer = undefined;
  if (!levelSet) setLogLevel('info');
  return handler;
}

/** Acts on `DSPX_LOG`. Called once, when the package is loaded. */
function startFromEnvironment(level = process.env.DSPX_LOG) {
  if (!level) return;
  const name = /** @type {import('../../index.js').LogLevel | 'off'} */ (level.toLowerCase());
  if (name !== 'off' && !LEVELS.includes(name)) {
    console.warn(`dspx-rs: DSPX_LOG must be off, ${LEVELS.join(', ')}, got ${level}`);
    return;
  }
  const formatter = new TextFormatter();
  printer = listen((entry) =>
    process.stderr.write(`${formatter.format({ ...entry, topic: `native.${entry.topic}` })}\n`),
  );
  setLogLevel(name);
}

module.exports = { createNativeLogHandler, setLogLevel, startFromEnvironment };
