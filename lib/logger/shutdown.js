'use strict';

/** Longest wait for the flush of all loggers before the process ends, in ms. */
const FLUSH_LIMIT = 5000;

/** 128 + the signal's number, as shells report it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

/** @typedef {{ loggers: Set<{ flushAll(): Promise<void> }>, flushing: boolean }} Registry */

/** Shared by all copies of the package in the process, so that there is one listener per signal. */
const REGISTRY = Symbol.for('dspx.autoShutdown');

/**
 * On SIGINT and SIGTERM flushes the logger, with all others registered here, for 5 s at most. Then the process ends,
 * unless someone else listens for that signal too: when it ends is then for them to say. A second signal ends it at
 * once.
 *
 * @param {{ flushAll(): Promise<void> }} logger
 */
function flushOnShutdown(logger) {
  const global = /** @type {{ [REGISTRY]?: Registry }} */ (globalThis);
  global[REGISTRY] ??= { loggers: new Set(), flushing: false };
  const registry = global[REGISTRY];
  if (registry.loggers.size === 0) {
    // First in line: a `once` listener of someone else is then still there to be counted.
    for (const signal of /** @type {(keyof typeof EXIT_CODES)[]} */ (Object.keys(EXIT_CODES))) {
      process.prependListener(signal, () => shutDown(registry, signal));
    }
  }
  registry.loggers.add(logger);
}

/** @param {Registry} registry @param {keyof typeof EXIT_CODES} signal */
async function shutDown(registry, signal) {
  const exits = process.listenerCount(signal) === 1;
  if (!registry.flushing) {
    registry.flushing = true;
    let timer;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, FLUSH_LIMIT);
    });
    const flushes = [...registry.loggers].map(async (logger) => logger.flushAll());
    await Promise.race([Promise.allSettled(flushes), limit]);
    clearTimeout(timer);
    registry.flushing = false;
  }
  if (exits) process.exit(EXIT_CODES[signal]);
}

module.exports = { flushOnShutdown };
