'use strict';

/**
 * Collects entries in memory, for tests.
 *
 * @param {(log: import('../../index.js').LogEntry) => void} [onLog] called with each entry after it was stored
 */
function createMockHandler(onLog) {
  /** @type {import('../../index.js').LogEntry[]} */
  let logs = [];
  return {
    handler: function mockHandler(/** @type {import('../../index.js').LogEntry} */ log) {
      logs.push(log);
      onLog?.(log);
    },
    /** @returns {import('../../index.js').LogEntry[]} a new array of what was stored, in order */
    getLogs: () => [...logs],
    /** Empties the store. @returns {import('../../index.js').LogEntry[]} what was in it */
    clear() {
      const removed = logs;
      logs = [];
      return removed;
    },
  };
}

module.exports = { createMockHandler };
