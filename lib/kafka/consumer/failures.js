'use strict';
const { KafkaHandlerError } = require('../../common/streaming-errors.js');

/**
 * @typedef {import('./options.js').ConsumerSettings} ConsumerSettings
 * @typedef {import('./partition.js').Loop} Partition
 * @typedef {import('./message.js').Message} Message
 * @typedef {import('./message.js').UndecodableMessage} UndecodableMessage
 * @typedef {import('../../../index.js').ErrorAction} Action
 */

/**
 * Returns the wait before a retry, ms.
 *
 * @param {ConsumerSettings['retry']} retry
 * @param {number} attempt 1 = the first retry
 * @returns {number}
 */
function backoff({ initialMs, maxMs, factor, jitter }, attempt) {
  const ms = Math.min(maxMs, initialMs * factor ** (attempt - 1));
  return ms * (1 + jitter * (2 * Math.random() - 1));
}

/** Retries, skips, dead-letters or stops at messages whose handler failed, or that cannot be decoded. */
class Failures {
  #settings;
  #deadLetters;
  #emitter;
  counts = { failed: 0, retried: 0, deadLettered: 0, skipped: 0, decodeErrors: 0 };

  /**
   * @param {ConsumerSettings} settings
   * @param {InstanceType<typeof import('./dead-letters.js').DeadLetters>} deadLetters
   * @param {import('node:events').EventEmitter} emitter
   */
  constructor(settings, deadLetters, emitter) {
    this.#settings = settings;
    this.#deadLetters = deadLetters;
    this.#emitter = emitter;
  }

  /**
   * After a failure of `call`: asks `onError`, then retries, skips, dead-letters or stops. `again` calls the handler
   * once more. Returns true when the messages are done, false when the assignment is over.
   *
   * @param {Partition} partition
   * @param {Message[]} messages
   * @param {() => Promise<void>} again
   * @param {unknown} cause
   * @returns {Promise<boolean>}
   */
  async retry(partition, messages, again, cause) {
    const { retry, onExhausted } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      if (partition.isOver) return false;
      this.counts.failed++;
      const place = { ...partition.topicPartition, offset: messages[0].offset };
      const error = new KafkaHandlerError(cause, { ...place, attempts: attempt });
      /** @type {import('../../../index.js').FailureContext} */
      const context = { kind: 'handler', ...place, attempt, message: messages[0] };
      const plan = attempt <= retry.attempts ? 'retry' : onExhausted;
      const action = await this.report(error, context, plan);
      if (action === 'skip') return this.#skip(messages, error);
      if (action === 'dlq') return this.#deadLetter(partition, messages, error, attempt);
      if (action === 'stop') {
        if (!(await this.#stall(partition, error))) return false;
        attempt = 0;
      } else {
        this.counts.retried++;
        if (!(await partition.sleep(backoff(retry, attempt))) || !(await partition.mayStart())) return false;
      }
      try {
        await again();
        return true;
      } catch (next) {
        cause = next;
      }
    }
  }

  /** @param {Message[]} messages @param {Error} error */
  #skip(messages, error) {
    this.counts.skipped += messages.length;
    const { topic, partition, offset } = messages[0];
    console.warn(`dspx-rs: ${topic}/${partition}/${offset} is skipped: ${error.message}`);
    return true;
  }

  /**
   * @param {Partition} partition
   * @param {Error & { offset: string }} error
   * @returns {Promise<boolean>}
   */
  #stall(partition, error) {
    this.emit('stalled', { ...partition.topicPartition, offset: error.offset, error });
    return partition.stall();
  }

  /**
   * Handles a message that cannot be decoded. Returns true when it is done, false when the assignment is over.
   *
   * @param {Partition} partition
   * @param {UndecodableMessage} failure
   * @returns {Promise<boolean>}
   */
  async poison(partition, { error, message }) {
    this.counts.decodeErrors++;
    const { topic, offset } = error;
    /** @type {import('../../../index.js').FailureContext} */
    const context = { kind: 'decode', topic, partition: partition.partition, offset, attempt: 1, message };
    for (;;) {
      const asked = await this.report(error, context, this.#settings.onPoison);
      const action = asked === 'retry' ? this.#settings.onPoison : asked;
      if (action === 'dlq') return this.#deadLetter(partition, [message], error, 1);
      if (action !== 'stop') {
        this.counts.skipped++;
        return true;
      }
      if (!(await this.#stall(partition, error))) return false;
    }
  }

  /**
   * Sends messages to the dead-letter topic until the broker has them.
   *
   * @param {Partition} partition
   * @param {Message[]} messages
   * @param {Error} error
   * @param {number} attempts
   */
  async #deadLetter(partition, messages, error, attempts) {
    for (let attempt = 1; !partition.isOver; attempt++) {
      let topic;
      try {
        topic = await this.#deadLetters.send(messages, error, attempts);
      } catch (failure) {
        /** @type {import('../../../index.js').FailureContext} */
        const context = {
          kind: 'dlq',
          ...partition.topicPartition,
          offset: messages[0].offset,
          attempt,
          message: messages[0],
        };
        await this.report(failure, context, 'retry');
        if (!(await partition.sleep(backoff(this.#settings.retry, attempt)))) return false;
        continue;
      }
      this.counts.deadLettered += messages.length;
      for (const { offset } of messages) {
        this.emit('dlq', { ...partition.topicPartition, offset, deadLetterTopic: topic, error });
      }
      return true;
    }
    return false;
  }

  /**
   * Calls `onError` and emits `error`. Returns the action that `onError` asks for, else `plan`. Never rejects.
   *
   * @param {unknown} error
   * @param {import('../../../index.js').FailureContext} context
   * @param {Action} [plan]
   * @returns {Promise<Action | undefined>}
   */
  async report(error, context, plan) {
    const { onError } = this.#settings;
    const isHeard = this.#emitter.listenerCount('error') > 0;
    if (isHeard) this.emit('error', error, context);
    if (!onError) {
      if (!isHeard)
        console.error(
          `Kafka consumer error (${context.kind}):`,
          /** @type {Error | undefined} */ (error)?.message ?? error,
        );
      return plan;
    }
    try {
      const action = await onError(error, context);
      return ['retry', 'skip', 'dlq', 'stop'].includes(action) ? this.#possible(action) : plan;
    } catch (failure) {
      console.error('Kafka consumer onError failed:', failure);
      return plan;
    }
  }

  /**
   * Without a dead-letter topic a message can only stop the partition.
   *
   * @param {Action} action
   * @returns {Action}
   */
  #possible(action) {
    return action === 'dlq' && !this.#settings.deadLetterTopic ? 'stop' : action;
  }

  /**
   * Emits an event. A listener that throws must not change what becomes of messages.
   *
   * @param {string} name
   * @param {...unknown} details
   */
  emit(name, ...details) {
    try {
      this.#emitter.emit(name, ...details);
    } catch (failure) {
      console.error(`Kafka consumer: a listener of "${name}" failed:`, failure);
    }
  }
}

module.exports = { Failures };
