// The differences between the guarantees: where processes abort, how long a session lasts, what a process is told.

const COMMON = ['after-process', 'after-produce-ack', 'before-manifest', 'store-chunk', 'after-manifest'];
/** @param {number} session ms @param {number} heartbeat ms */
const sessions = (session, heartbeat) => ({ 'session.timeout.ms': session, 'heartbeat.interval.ms': heartbeat });

/**
 * - `failpoints` where processes abort
 * - `away` ms that make a zombie: at least, and more at random
 * - `outages` ms between two restarts of the broker, and ms until it is back: at least, and more at random
 * - `survivesLoss` whether a stream goes on by itself with a store that was set back
 * - `stream` options
 */
export const GUARANTEES = {
  'at-least-once': {
    failpoints: [...COMMON, 'before-commit'],
    away: [1300, 700],
    outages: { every: [5000, 10_000], away: [200, 1800] },
    survivesLoss: true,
    // Short, so that the next process gets the partitions of a killed one soon.
    stream: { consumer: sessions(1000, 150), checkpoint: { intervalMs: 100, everyMessages: 20 } },
  },
  'exactly-once': {
    failpoints: [...COMMON, 'after-txn-offsets', 'after-txn-commit'],
    // Kafka grants sessions of 6 s at least.
    away: [6500, 1500],
    outages: { every: [10_000, 15_000], away: [200, 3000] },
    survivesLoss: false,
    stream: {
      guarantee: 'exactly-once',
      consumer: sessions(6000, 500),
      producer: { transactionTimeout: 8000 },
      checkpoint: { intervalMs: 50, everyMessages: 20, timeoutMs: 3000 },
    },
  },
};
