'use strict';

const { setImmediate } = require('#node').timers;

/**
 * How long calls may compute on the event loop before others have their turn: a program that awaits call after call
 * would never come to its timers and sockets otherwise, and many pipelines would use a single core.
 */

/** Nanoseconds that all calls together may take in one turn of the event loop. */
const TURN_NS = 100_000;
/** Nanoseconds from which a call has the next turn announced: announcing takes half a microsecond. */
const ANNOUNCED_NS = 10_000;

/** @typedef {{ nanoseconds: number, resolve: () => void }} Waiting */

/** Nanoseconds taken in this turn. */
let spent = 0;
let isAnnounced = false;
/** Calls that wait for a turn, in order. @type {Waiting[]} */
let waiting = [];

/** Lets as many waiting calls go as the turn has time for, and one at least. */
function begin() {
  spent = 0;
  isAnnounced = false;
  let planned = 0;
  let count = 0;
  while (count < waiting.length && (count === 0 || planned + waiting[count].nanoseconds <= TURN_NS)) {
    planned += waiting[count++].nanoseconds;
  }
  const ready = waiting.slice(0, count);
  waiting = waiting.slice(count);
  if (waiting.length > 0) announce();
  for (const { resolve } of ready) resolve();
}

function announce() {
  if (isAnnounced) return;
  isAnnounced = true;
  setImmediate(begin);
}

/**
 * @param {number} nanoseconds
 * @returns {boolean} whether this turn has as much time left
 */
const hasTime = (nanoseconds) => waiting.length === 0 && (spent === 0 || spent + nanoseconds <= TURN_NS);

/** @param {number} nanoseconds that a call took */
function spend(nanoseconds) {
  spent += nanoseconds;
  if (nanoseconds >= ANNOUNCED_NS) announce();
}

/**
 * Waits for a turn of the event loop that has time for a call.
 *
 * @param {number} nanoseconds
 * @returns {Promise<void>}
 */
function turnFor(nanoseconds) {
  announce();
  return new Promise((resolve) => waiting.push({ nanoseconds, resolve }));
}

/** Whether calls wait for a turn. */
const isContended = () => waiting.length > 0;

module.exports = { hasTime, isContended, spend, turnFor };
