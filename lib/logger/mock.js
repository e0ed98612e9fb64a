'use strict';

/**
 * Collects entries in memory, for tests.
 *
 * @param {(log: import('../..').LogEntry) => void} [onLog] called with each entry after it was stored
 */
function createMockHandler(onLog) {
  let logs = [];
  return {
    handler: function mockHandler(log) {
      logs.push(log);
      onLog?.(log);
    },
    /** @returns {import('../..').LogEntry[]} a new array of what was stored, in order */
    getLogs: () => [...logs],
    /** Empties the store. @returns {import('../..').LogEntry[]} what was in it */
    clear() {
      const removed = logs;
      logs = [];
      return removed;
    },
  };
}

module.exports = { createMockHandler };
