'use strict';
const { setImmediate, setTimeout, clearTimeout } = require('#node').timers;
const { Segment } = require('./message.js');

/** How long handlers that never wait may keep the event loop for themselves, ms. */
const TURN_MS = 10;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * One assignment of a partition: takes its messages in order, has them handled, and knows how far everything is done.
 * `owner` offers `take`, `done`, `handle`, `isPaused` and `slots`.
 */
class Partition {
  #owner;
  #segment;
  #index = 0;
  /** Offset up to which everything is done, and the part of it that was told to the addon. */
  #doneTo = -1;
  #toldTo = -1;
  /** Messages begun and not in `#doneTo` yet, oldest first (more than one with `partitionConcurrency`). */
  #begun = [];
  /** The last handler of each key that is under way. */
  #lanes = new Map();
  /** Whether many handlers run at once: then the slot belongs to the loop that starts them. */
  #inLanes = false;
  #wakers = [];
  #resting = [];
  running = 0;
  /** No handler starts any more. */
  ending = false;
  /** The assignment is over: whatever comes back changes nothing. */
  over = false;
  stalled = false;
  retrying = 0;
  /** High watermark of the last fetch, −1 = unknown. */
  high = -1;

  constructor({ id, topic, partition }, owner) {
    this.id = id;
    this.topic = topic;
    this.partition = partition;
    this.#owner = owner;
  }

  /** Offset up to which everything is done, −1 = nothing yet. */
  get doneTo() {
    return this.#doneTo;
  }

  get place() {
    return { topic: this.topic, partition: this.partition };
  }

  get state() {
    if (this.stalled) return 'stalled';
    if (this.#owner.isPaused(this)) return 'paused';
    return this.retrying > 0 ? 'retrying' : 'running';
  }

  /** Messages handed over and not begun. */
  get waiting() {
    return this.#segment ? this.#segment.count - this.#index : 0;
  }

  /** Something may have changed: messages came, pause ended, the assignment ends. */
  wake() {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const waker of wakers) waker();
  }

  /** Starts no more handlers; resolves when none is running. */
  async end() {
    this.ending = true;
    this.wake();
    if (this.running > 0) await new Promise((resolve) => this.#resting.push(resolve));
  }

  /** Tells the addon how far everything is done. */
  tell() {
    if (this.over || this.#doneTo <= this.#toldTo) return;
    this.#toldTo = this.#doneTo;
    this.#owner.done(this.id, this.#doneTo);
  }

  /** Waits until a handler may start; false = none will. */
  gate() {
    return this.#pass(!this.#inLanes);
  }

  /** Waits until a handler may start, without a slot where there is one to give back. */
  async #pass(hasSlot) {
    while (!this.ending && (this.stalled || this.#owner.isPaused(this))) await this.#woken(hasSlot);
    return !this.ending;
  }

  /** Waits for `wake()`, without its slot if `freesSlot`. */
  async #woken(freesSlot = false) {
    const { slots } = this.#owner;
    if (freesSlot) slots.release();
    await new Promise((resolve) => this.#wakers.push(resolve));
    if (freesSlot) await slots.acquire();
  }

  /** Sleeps without a slot; false = the assignment ended meanwhile. */
  async rest(ms) {
    const hasSlot = !this.#inLanes;
    if (hasSlot) this.#owner.slots.release();
    this.retrying++;
    if (this.#inLanes) this.wake();
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && !this.ending; left = end - performance.now()) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wakers.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.retrying--;
    if (hasSlot) await this.#owner.slots.acquire();
    return !this.ending;
  }

  /** Stops at a message until `resume()`; false = the assignment ended meanwhile. */
  async stall() {
    this.stalled = true;
    return this.gate();
  }

  /** The loop of the partition: waits for messages, handles them, until the assignment ends. */
  async work() {
    const { slots } = this.#owner;
    while (!this.ending) {
      if (!this.#next()) {
        await this.#woken();
        continue;
      }
      await slots.acquire();
      try {
        let turn = performance.now();
        while (this.#next() && (await this.#pass(true))) {
          await this.#owner.handleFrom(this);
          if (slots.isWanted) {
            slots.release();
            await slots.acquire();
          }
          if (performance.now() - turn > TURN_MS) {
            await nextTurn();
            turn = performance.now();
          }
        }
      } finally {
        slots.release();
      }
    }
  }

  /** Makes sure that there is a message; false = none has come. */
  #next() {
    if (this.#segment && this.#index < this.#segment.count) return true;
    this.#segment = undefined;
    const taken = this.over ? null : this.#owner.take(this.id);
    if (!taken) return false;
    this.high = taken.high;
    this.#segment = new Segment(this.topic, this.partition, taken);
    this.#index = 0;
    return true;
  }

  #settled() {
    if (--this.running > 0) return;
    const resting = this.#resting;
    this.#resting = [];
    for (const rest of resting) rest();
  }

  /** One after another: the rest of the segment. */
  async inOrder(handle) {
    const segment = this.#segment;
    const owner = this.#owner;
    for (; this.#index < segment.count; this.#index++) {
      if ((this.ending || this.stalled || owner.isPaused(this)) && !(await this.gate())) return;
      this.running = 1;
      const outcome = handle(this, segment, this.#index);
      if (outcome !== true && !(await outcome)) {
        this.#settled();
        return;
      }
      if (this.#resting.length > 0) this.#settled();
      else this.running = 0;
      if (this.over) return;
      this.#doneTo = segment.offset(this.#index) + 1;
    }
    this.tell();
  }

  /** Up to `limit` at once, in order within a key: the rest of the segment. */
  async inLanes(limit, handle) {
    this.#inLanes = true;
    const segment = this.#segment;
    for (; this.#index < segment.count; this.#index++) {
      // Where all who run wait for their next try, nobody needs the slot.
      while (!this.ending && this.running >= limit) await this.#woken(this.retrying >= this.running);
      if (!(await this.#pass(true))) return;
      this.#begin(segment, this.#index, handle);
    }
  }

  #begin(segment, index, handle) {
    const entry = { next: segment.offset(index) + 1, done: false };
    this.#begun.push(entry);
    this.running++;
    const key = segment.keyText(index);
    const run = async (before) => {
      try {
        await before;
        entry.done = (await this.gate()) && (await handle(this, segment, index));
        this.#advance();
      } finally {
        if (key !== null && this.#lanes.get(key) === lane) this.#lanes.delete(key);
        this.#settled();
        this.wake();
      }
    };
    const lane = run(key === null ? undefined : this.#lanes.get(key));
    if (key !== null) this.#lanes.set(key, lane);
  }

  /** Moves the end of the unbroken run of done messages. */
  #advance() {
    let run = 0;
    while (run < this.#begun.length && this.#begun[run].done) run++;
    if (run === 0) return;
    this.#doneTo = this.#begun[run - 1].next;
    this.#begun.splice(0, run);
    if (this.#begun.length === 0) this.tell();
  }

  /** Up to `maxMessages` at once, waiting `maxWaitMs` for a batch to fill. `decode` may leave messages out. */
  async inBatches({ maxMessages, maxWaitMs }, decode, handle) {
    const messages = [];
    let end = this.#doneTo;
    const deadline = performance.now() + maxWaitMs;
    let stopped = false;
    while (messages.length < maxMessages && !stopped) {
      if (!this.#next()) {
        const left = deadline - performance.now();
        // Whoever waits for this slot has messages: waiting for more of ours would only delay them.
        if (left <= 0 || this.ending || (this.#owner.slots.isWanted && messages.length > 0)) break;
        if (!(await this.#moreWithin(left))) break;
        continue;
      }
      const segment = this.#segment;
      while (this.#index < segment.count && messages.length < maxMessages) {
        const decoded = decode(this, segment, this.#index, messages.length === 0);
        const message = decoded instanceof Promise ? await this.#busy(decoded) : decoded;
        if (message === undefined) {
          stopped = true;
          break;
        }
        if (message !== null) messages.push(message);
        end = segment.offset(this.#index++) + 1;
      }
    }
    if (this.over) return;
    if (messages.length > 0) {
      if (!(await this.gate())) return;
      this.running = 1;
      const done = await handle(this, messages);
      this.#settled();
      if (!done || this.over) return;
    }
    this.#doneTo = Math.max(end, this.#doneTo);
    this.tell();
  }

  /** What becomes of a message that cannot be decoded counts as a handler. */
  async #busy(outcome) {
    this.running = 1;
    try {
      return await outcome;
    } finally {
      this.#settled();
    }
  }

  /** Waits for messages at most `ms`; true = something woke us. */
  #moreWithin(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#wakers.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}

module.exports = { Partition };
