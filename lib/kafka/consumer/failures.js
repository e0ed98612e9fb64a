'use strict';
const { KafkaHandlerError } = require('../../common/streaming-errors.js');

/** The wait before retry `attempt`, 1 = the first. */
function backoff({ initialMs, maxMs, factor, jitter }, attempt) {
  const ms = Math.min(maxMs, initialMs * factor ** (attempt - 1));
  return ms * (1 + jitter * (2 * Math.random() - 1));
}

/** What becomes of messages whose handler failed, or that cannot be decoded. */
class Failures {
  #settings;
  #deadLetters;
  #emitter;
  counts = { failed: 0, retried: 0, deadLettered: 0, skipped: 0, decodeErrors: 0 };

  /** @param {object} settings @param {import('./dead-letters.js').DeadLetters} deadLetters @param {EventEmitter} emitter */
  constructor(settings, deadLetters, emitter) {
    this.#settings = settings;
    this.#deadLetters = deadLetters;
    this.#emitter = emitter;
  }

  /**
   * After a failure of `call`: asks `onError`, then retries, skips, dead-letters or stops. `again` calls the handler once
   * more. Gives true when the messages are done, false when the assignment is over.
   */
  async retry(partition, messages, again, cause) {
    const { retry, onExhausted } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      if (partition.over) return false;
      this.counts.failed++;
      const place = { ...partition.place, offset: messages[0].offset };
      const error = new KafkaHandlerError(cause, { ...place, attempts: attempt });
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
        if (!(await partition.rest(backoff(retry, attempt))) || !(await partition.gate())) return false;
      }
      try {
        await again();
        return true;
      } catch (next) {
        cause = next;
      }
    }
  }

  #skip(messages, error) {
    this.counts.skipped += messages.length;
    const { topic, partition, offset } = messages[0];
    console.warn(`dspx-rs: ${topic}/${partition}/${offset} is skipped: ${error.message}`);
    return true;
  }

  #stall(partition, error) {
    this.announce('stalled', { ...partition.place, offset: error.offset, error });
    return partition.stall();
  }

  /** A message that cannot be decoded. */
  async poison(partition, { error, message }) {
    this.counts.decodeErrors++;
    const { topic, offset } = error;
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

  /** Sends messages to the dead-letter topic until the broker has them. */
  async #deadLetter(partition, messages, error, attempts) {
    for (let attempt = 1; !partition.over; attempt++) {
      let topic;
      try {
        topic = await this.#deadLetters.send(messages, error, attempts);
      } catch (failure) {
        const context = { kind: 'dlq', ...partition.place, offset: messages[0].offset, attempt, message: messages[0] };
        await this.report(failure, context, 'retry');
        if (!(await partition.rest(backoff(this.#settings.retry, attempt)))) return false;
        continue;
      }
      this.counts.deadLettered += messages.length;
      for (const { offset } of messages) {
        this.announce('dlq', { ...partition.place, offset, deadLetterTopic: topic, error });
      }
      return true;
    }
    return false;
  }

  /** Tells `onError` and who listens; gives the action that `onError` asks for, else `plan`. Never rejects. */
  async report(error, context, plan) {
    const { onError } = this.#settings;
    const isHeard = this.#emitter.listenerCount('error') > 0;
    if (isHeard) this.announce('error', error, context);
    if (!onError) {
      if (!isHeard) console.error(`Kafka consumer error (${context.kind}):`, error?.message ?? error);
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

  /** Without a dead-letter topic a message can only stop the partition. */
  #possible(action) {
    return action === 'dlq' && !this.#settings.deadLetterTopic ? 'stop' : action;
  }

  /** Emits an event. A listener that throws must not change what becomes of messages. */
  announce(name, ...details) {
    try {
      this.#emitter.emit(name, ...details);
    } catch (failure) {
      console.error(`Kafka consumer: a listener of "${name}" failed:`, failure);
    }
  }
}

module.exports = { Failures };
