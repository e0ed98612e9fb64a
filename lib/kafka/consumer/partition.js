'use strict';
const { setImmediate, setTimeout, clearTimeout } = require('#node').timers;
const { Segment } = require('./message.js');

/**
 * @typedef {InstanceType<typeof Partition>} Loop
 * @typedef {boolean | Promise<boolean>} Outcome true: the messages are done; false: the assignment is over
 * @typedef {(partition: Loop, segment: InstanceType<typeof Segment>, index: number) => Outcome} HandleMessage
 * @typedef {(partition: Loop, messages: Message[]) => Outcome} HandleBatch
 * @typedef {(partition: Loop, segment: InstanceType<typeof Segment>, index: number, isFirst: boolean) => Decoded
 *   | Promise<null | undefined>} DecodeMessage
 * @typedef {import('./message.js').Message} Message
 * @typedef {Message | null | undefined} Decoded null: left out; undefined: the batch ends before it
 */

/**
 * The consumer that has a partition.
 *
 * @typedef {object} PartitionOwner
 * @property {(id: number) => import('../../native/exports.js').MessageSegment | null} take the next messages of an
 *   assignment
 * @property {(id: number, offset: number) => void} done notes that everything below an offset is done
 * @property {(topicPartition: import('../../../index.js').TopicPartition) => boolean} isPaused
 * @property {(partition: Loop) => Promise<void>} handleFrom handles the messages that a partition has at hand
 * @property {InstanceType<typeof import('./slots.js').Slots>} slots of handlers
 */

/** How long handlers that never wait may keep the event loop for themselves, ms. */
const TURN_MS = 10;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * One assignment of a partition: takes its messages in order, has them handled, and knows how far everything is done.
 */
class Partition {
  #owner;
  /** @type {InstanceType<typeof Segment> | undefined} */
  #segment;
  #index = 0;
  /** Offset up to which everything is done, −1 = nothing yet. */
  #position = -1;
  /** The same as the addon knows it. */
  #reportedPosition = -1;
  /**
   * Messages whose handler was started and that are not in `#position` yet, oldest first (more than one with
   * `partitionConcurrency`).
   *
   * @type {{ next: number, done: boolean }[]}
   */
  #started = [];
  /** The last handler of each key that is under way. @type {Map<string, Promise<void>>} */
  #lastOfKey = new Map();
  /** Whether many handlers run at once: then the slot belongs to the loop that starts them. */
  #isConcurrent = false;
  /** @type {(() => void)[]} */
  #wakers = [];
  /** @type {(() => void)[]} */
  #whenIdle = [];
  running = 0;
  /** No handler starts any more. */
  ending = false;
  /** The assignment is over: whatever comes back changes nothing. */
  isOver = false;
  stalled = false;
  retrying = 0;
  /** High watermark of the last fetch, −1 = unknown. */
  high = -1;

  /** @param {{ id: number, topic: string, partition: number }} assigned @param {PartitionOwner} owner */
  constructor({ id, topic, partition }, owner) {
    this.id = id;
    this.topic = topic;
    this.partition = partition;
    this.#owner = owner;
  }

  /** Offset up to which everything is done, −1 = nothing yet. */
  get position() {
    return this.#position;
  }

  get topicPartition() {
    return { topic: this.topic, partition: this.partition };
  }

  /** @returns {import('../../../index.js').KafkaConsumerStatus['partitions'][number]['state']} */
  get state() {
    if (this.stalled) return 'stalled';
    if (this.#owner.isPaused(this)) return 'paused';
    return this.retrying > 0 ? 'retrying' : 'running';
  }

  /** Messages handed over and not begun. */
  get waiting() {
    return this.#segment ? this.#segment.count - this.#index : 0;
  }

  /** Makes the loop look again: messages came, a pause ended, the assignment ends. */
  wake() {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const waker of wakers) waker();
  }

  /** Starts no more handlers; resolves when none is running. */
  async end() {
    this.ending = true;
    this.wake();
    if (this.running > 0) await /** @type {Promise<void>} */ (new Promise((resolve) => this.#whenIdle.push(resolve)));
  }

  /** Tells the addon how far everything is done. */
  reportPosition() {
    if (this.isOver || this.#position <= this.#reportedPosition) return;
    this.#reportedPosition = this.#position;
    this.#owner.done(this.id, this.#position);
  }

  /**
   * Waits until a handler may start; false = none will.
   *
   * @returns {Promise<boolean>}
   */
  mayStart() {
    return this.#waitToStart(!this.#isConcurrent);
  }

  /**
   * Waits until a handler may start, without a slot where there is one to give back.
   *
   * @param {boolean} hasSlot
   */
  async #waitToStart(hasSlot) {
    while (!this.ending && (this.stalled || this.#owner.isPaused(this))) await this.#waitForWake(hasSlot);
    return !this.ending;
  }

  /**
   * Waits for `wake()`, without its slot if `freesSlot`.
   *
   * @param {boolean} [freesSlot]
   */
  async #waitForWake(freesSlot = false) {
    const { slots } = this.#owner;
    if (freesSlot) slots.release();
    await /** @type {Promise<void>} */ (new Promise((resolve) => this.#wakers.push(resolve)));
    if (freesSlot) await slots.acquire();
  }

  /**
   * Sleeps without a slot; false = the assignment ended meanwhile.
   *
   * @param {number} ms
   */
  async sleep(ms) {
    const hasSlot = !this.#isConcurrent;
    if (hasSlot) this.#owner.slots.release();
    this.retrying++;
    if (this.#isConcurrent) this.wake();
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && !this.ending; left = end - performance.now()) {
      /** @type {Promise<void>} */
      const woken = new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wakers.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      await woken;
    }
    this.retrying--;
    if (hasSlot) await this.#owner.slots.acquire();
    return !this.ending;
  }

  /** Stops at a message until `resume()`; false = the assignment ended meanwhile. */
  async stall() {
    this.stalled = true;
    return this.mayStart();
  }

  /** The loop of the partition: waits for messages, handles them, until the assignment ends. */
  async run() {
    const { slots } = this.#owner;
    while (!this.ending) {
      if (!this.#hasMessage()) {
        await this.#waitForWake();
        continue;
      }
      await slots.acquire();
      try {
        let turn = performance.now();
        while (this.#hasMessage() && (await this.#waitToStart(true))) {
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
  #hasMessage() {
    if (this.#segment && this.#index < this.#segment.count) return true;
    this.#segment = undefined;
    const taken = this.isOver ? null : this.#owner.take(this.id);
    if (!taken) return false;
    this.high = taken.high;
    this.#segment = new Segment(this.topic, this.partition, taken);
    this.#index = 0;
    return true;
  }

  #handlerEnded() {
    if (--this.running > 0) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }

  /**
   * Handles the rest of the segment one after another.
   *
   * @param {HandleMessage} handle
   */
  async inOrder(handle) {
    const segment = /** @type {InstanceType<typeof Segment>} */ (this.#segment);
    const owner = this.#owner;
    for (; this.#index < segment.count; this.#index++) {
      if ((this.ending || this.stalled || owner.isPaused(this)) && !(await this.mayStart())) return;
      this.running = 1;
      const outcome = handle(this, segment, this.#index);
      if (outcome !== true && !(await outcome)) {
        this.#handlerEnded();
        return;
      }
      if (this.#whenIdle.length > 0) this.#handlerEnded();
      else this.running = 0;
      if (this.isOver) return;
      this.#position = segment.offset(this.#index) + 1;
    }
    this.reportPosition();
  }

  /**
   * Handles the rest of the segment, up to `limit` messages at once, in order within a key.
   *
   * @param {number} limit
   * @param {HandleMessage} handle
   */
  async concurrently(limit, handle) {
    this.#isConcurrent = true;
    const segment = /** @type {InstanceType<typeof Segment>} */ (this.#segment);
    for (; this.#index < segment.count; this.#index++) {
      // Where all who run wait for their next try, nobody needs the slot.
      while (!this.ending && this.running >= limit) await this.#waitForWake(this.retrying >= this.running);
      if (!(await this.#waitToStart(true))) return;
      this.#start(segment, this.#index, handle);
    }
  }

  /**
   * @param {InstanceType<typeof Segment>} segment
   * @param {number} index
   * @param {HandleMessage} handle
   */
  #start(segment, index, handle) {
    const entry = { next: segment.offset(index) + 1, done: false };
    this.#started.push(entry);
    this.running++;
    const key = segment.keyText(index);
    /** @type {(before: Promise<void> | undefined) => Promise<void>} */
    const run = async (before) => {
      try {
        await before;
        entry.done = (await this.mayStart()) && (await handle(this, segment, index));
        this.#advance();
      } finally {
        if (key !== null && this.#lastOfKey.get(key) === lane) this.#lastOfKey.delete(key);
        this.#handlerEnded();
        this.wake();
      }
    };
    const lane = run(key === null ? undefined : this.#lastOfKey.get(key));
    if (key !== null) this.#lastOfKey.set(key, lane);
  }

  /** Moves the end of the unbroken run of done messages. */
  #advance() {
    let run = 0;
    while (run < this.#started.length && this.#started[run].done) run++;
    if (run === 0) return;
    this.#position = this.#started[run - 1].next;
    this.#started.splice(0, run);
    if (this.#started.length === 0) this.reportPosition();
  }

  /**
   * Handles up to `maxMessages` at once, waiting `maxWaitMs` for a batch to fill. `decode` may leave messages out.
   *
   * @param {{ maxMessages: number, maxWaitMs: number }} limits
   * @param {DecodeMessage} decode
   * @param {HandleBatch} handle
   */
  async inBatches({ maxMessages, maxWaitMs }, decode, handle) {
    /** @type {Message[]} */
    const messages = [];
    let end = this.#position;
    const deadline = performance.now() + maxWaitMs;
    let stopped = false;
    while (messages.length < maxMessages && !stopped) {
      if (!this.#hasMessage()) {
        const left = deadline - performance.now();
        // Whoever waits for this slot has messages: waiting for more of ours would only delay them.
        if (left <= 0 || this.ending || (this.#owner.slots.isWanted && messages.length > 0)) break;
        if (!(await this.#waitForMessages(left))) break;
        continue;
      }
      const segment = /** @type {InstanceType<typeof Segment>} */ (this.#segment);
      while (this.#index < segment.count && messages.length < maxMessages) {
        const decoded = decode(this, segment, this.#index, messages.length === 0);
        const message = decoded instanceof Promise ? await this.#counted(decoded) : decoded;
        if (message === undefined) {
          stopped = true;
          break;
        }
        if (message !== null) messages.push(message);
        end = segment.offset(this.#index++) + 1;
      }
    }
    if (this.isOver) return;
    if (messages.length > 0) {
      if (!(await this.mayStart())) return;
      this.running = 1;
      const done = await handle(this, messages);
      this.#handlerEnded();
      if (!done || this.isOver) return;
    }
    this.#position = Math.max(end, this.#position);
    this.reportPosition();
  }

  /**
   * Counts what is done about a message that cannot be decoded as a handler.
   *
   * @param {Promise<T>} outcome
   * @template T
   */
  async #counted(outcome) {
    this.running = 1;
    try {
      return await outcome;
    } finally {
      this.#handlerEnded();
    }
  }

  /**
   * Waits for messages at most `ms`; true = something woke us.
   *
   * @param {number} ms
   * @returns {Promise<boolean>}
   */
  #waitForMessages(ms) {
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
