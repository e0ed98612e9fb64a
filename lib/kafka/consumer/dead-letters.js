'use strict';
const { adopt } = require('../../common/streaming-errors.js');
const { clientProperties } = require('../client-options.js');
const { Packer, flatHeaders } = require('../producer/message-packer.js');
const { ProducerClient } = require('../producer/producer.js');

/** @typedef {import('./options.js').ConsumerSettings} ConsumerSettings */
/** @typedef {import('./message.js').Message} Message */

const MAX_TEXT_BYTES = 1024;

/**
 * Returns the first `MAX_TEXT_BYTES` bytes of a text, without half a character at the end.
 *
 * @param {string} text
 */
function shortened(text) {
  const bytes = Buffer.from(text);
  return bytes.length <= MAX_TEXT_BYTES
    ? text
    : bytes
        .subarray(0, MAX_TEXT_BYTES)
        .toString()
        .replace(/\uFFFD$/, '');
}

/** Sends messages that cannot be handled to another topic, as they came, with headers that say why. */
class DeadLetters {
  #settings;
  /** @type {InstanceType<typeof ProducerClient> | undefined} */
  #client;

  /** @param {ConsumerSettings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * Resolves to the topic once the broker has all messages.
   *
   * @param {Message[]} messages
   * @param {Error} error
   * @param {number} attempts
   * @returns {Promise<string>}
   */
  async send(messages, error, attempts) {
    const { deadLetterTopic, groupId } = this.#settings;
    const topic = typeof deadLetterTopic === 'function' ? deadLetterTopic(messages[0].topic) : deadLetterTopic;
    if (typeof topic !== 'string' || topic === '') throw new TypeError('deadLetterTopic must give a topic');
    const packer = new Packer(messages.length);
    for (const message of messages) {
      const cause = error.cause instanceof Error ? error.cause : error;
      const headers = [
        ...flatHeaders(message.headers),
        'dspx-dlq-topic',
        message.topic,
        'dspx-dlq-partition',
        String(message.partition),
        'dspx-dlq-offset',
        message.offset,
        'dspx-dlq-timestamp',
        message.timestamp,
        'dspx-dlq-group',
        groupId,
        'dspx-dlq-attempts',
        String(attempts),
        'dspx-dlq-error-class',
        cause.name,
        'dspx-dlq-error-message',
        shortened(error.message),
        'dspx-dlq-at',
        new Date().toISOString(),
      ];
      packer.add(message.rawKey, message.rawValue, headers);
    }
    this.#client ??= this.#connect();
    const { failures } = await this.#client.send(topic, packer.take(), false);
    if (failures) throw adopt(failures[0].error);
    return topic;
  }

  #connect() {
    const { brokers, clientId, consumerConfig } = this.#settings;
    const isConsumers = (/** @type {string} */ name) =>
      /^(fetch|queued|session|heartbeat|group|auto|isolation|max\.poll|partition)\./.test(name);
    const config = Object.fromEntries(Object.entries(consumerConfig ?? {}).filter(([name]) => !isConsumers(name)));
    const mapped = clientProperties(false, { brokers, clientId }, config);
    return new ProducerClient(mapped, { config });
  }

  async close() {
    await this.#client?.close(1000);
  }
}

module.exports = { DeadLetters };
