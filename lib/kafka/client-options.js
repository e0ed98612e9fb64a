'use strict';
const { isListOfStrings, shown, text } = require('../common/arguments.js');
const { native } = require('../common/streaming-errors.js');
const { warnOnce } = require('../common/warnings.js');
const { kafkaAddon } = require('./addon.js');

/** What stands in a text that is no text: JSON of it cannot be read. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Returns client options as JSON: functions by name only, buffers as text.
 *
 * @param {object | null | undefined} config
 * @param {string} name for the message
 * @throws {TypeError} if they hold anything else
 */
function plain(config, name) {
  try {
    return JSON.stringify(config ?? {}, (_name, value) => {
      if (typeof value === 'function') return '[function]';
      if (typeof value === 'string' && LONE_SURROGATE.test(value)) throw new TypeError('no text');
      if (value?.type === 'Buffer' && Array.isArray(value.data)) return Buffer.from(value.data).toString();
      if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
      return value;
    });
  } catch {
    // The reason may hold a piece of the options.
    throw new TypeError(
      `${name} must hold plain values: no BigInt, no cycle, no lone surrogate, no getter that throws`,
    );
  }
}

/** @typedef {import('../../index.js').KafkaClientOptions} KafkaClientOptions */

/**
 * Returns librdkafka's properties for kafkajs-style client options.
 *
 * @param {boolean} consumer whether they are for a consumer
 * @param {{ brokers: string[] | undefined, clientId?: string }} client
 * @param {KafkaClientOptions | null} [config]
 * @throws {TypeError} naming the option that is wrong
 */
function clientProperties(consumer, { brokers, clientId }, config) {
  const name = consumer ? 'consumerConfig' : 'producerConfig';
  if (config !== undefined && config !== null && (typeof config !== 'object' || Array.isArray(config))) {
    throw new TypeError(`${name} must be an object`);
  }
  checkBrokers(config?.brokers ?? brokers);
  const list = isListOfStrings(brokers) ? brokers : /** @type {string[]} */ (config?.brokers);
  if (clientId !== undefined) text(clientId, 'clientId');
  const mapped = native(() => kafkaAddon().kafkaProperties(consumer, list, clientId, plain(config, name)));
  for (const sentence of mapped.warnings) warnOnce(sentence);
  return mapped;
}

/** @param {unknown} brokers */
function checkBrokers(brokers) {
  if (!isListOfStrings(brokers)) throw new TypeError('brokers must be a non-empty array of "host:port" strings');
}

/**
 * Prints a line of librdkafka's log where the user has asked for it with `logLevel`; in the native log it is always.
 *
 * @param {KafkaClientOptions | null | undefined} config
 * @param {string | null | undefined} line
 */
function logLine(config, line) {
  if (Number(config?.logLevel) > 0) console.error(line);
}

/**
 * Returns topics without repetition: names as Kafka takes them, or regular expressions that begin with ^.
 *
 * @param {unknown} list
 * @param {string} name for messages
 * @throws {TypeError} if it holds anything else
 */
function topicList(list, name) {
  if (!isListOfStrings(list)) throw new TypeError(`${name} must be a non-empty array of non-empty strings`);
  for (const topic of list) {
    if (
      topic.startsWith('^') ? topic.includes('\0') : !/^[A-Za-z0-9._-]{1,249}$/.test(topic) || /^\.\.?$/.test(topic)
    ) {
      throw new TypeError(
        `${name} must hold names of 1 to 249 letters, digits, dots, dashes or underscores, ` +
          `or expressions that begin with ^, got ${shown(topic)}`,
      );
    }
  }
  return [...new Set(list)];
}

/**
 * Returns librdkafka's property for `groupInstanceId`, if that is given.
 *
 * @param {{ groupInstanceId?: unknown }} config
 * @returns {Record<string, string>}
 * @throws {TypeError} when it is neither text nor a number
 */
function instanceProperty({ groupInstanceId }) {
  if (!groupInstanceId) return {};
  if (typeof groupInstanceId === 'number') return { 'group.instance.id': String(groupInstanceId) };
  return { 'group.instance.id': text(groupInstanceId, 'groupInstanceId') };
}

/**
 * Returns the user's function that gets OAuth tokens.
 *
 * @param {KafkaClientOptions | null | undefined} config
 */
function tokenProviderOf(config) {
  const sasl = config?.sasl;
  return sasl && 'oauthBearerProvider' in sasl ? sasl.oauthBearerProvider : undefined;
}

module.exports = { clientProperties, instanceProperty, logLine, tokenProviderOf, topicList };
