'use strict';

const WIDTH = 30;
/** The time, ms, before a bar appears and between two updates of it. */
const DELAY = 500;
const EVERY = 100;

/**
 * A bar on a terminal for work that takes a while; nothing elsewhere unless `force`. `show(done)`, `clear()`.
 *
 * @param {number} total
 * @param {{ out?: { isTTY?: boolean, write(text: string): void }, force?: boolean, now?: () => number }} [options]
 */
function progress(total, { out = process.stderr, force = false, now = performance.now.bind(performance) } = {}) {
  const wanted = total > 0 && (out.isTTY || force);
  const begin = now();
  let next = begin + (force ? 0 : DELAY);
  let drawn = false;
  return {
    /** @param {number} done */
    show(done) {
      if (!wanted || now() < next) return;
      next = now() + EVERY;
      drawn = true;
      const part = Math.min(1, done / total);
      const left = part > 0 ? ((now() - begin) / 1000) * (1 / part - 1) : 0;
      const filled = Math.round(part * WIDTH);
      const bar = `[${'█'.repeat(filled)}${' '.repeat(WIDTH - filled)}]`;
      out.write(`\r${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${left.toFixed(0)} s left   `);
    },
    clear() {
      if (drawn) out.write(`\r${' '.repeat(WIDTH + 25)}\r`);
    },
  };
}

module.exports = { progress };
