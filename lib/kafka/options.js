'use strict';
const { kafkaAddon } = require('./addon.js');
const { native } = require('./errors.js');

const warned = new Set();

/** Prints a sentence once per process. */
function warnOnce(sentence) {
  if (warned.has(sentence)) return;
  warned.add(sentence);
  console.warn(`dspx-rs: ${sentence}`);
}

/** A value for a message: short, and never the inside of an object. */
function shown(value) {
  if (typeof value === 'string') return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value).slice(0, 100);
}

/** JSON text of client options: functions by name only, buffers as text. */
function plain(config, name) {
  try {
    return JSON.stringify(config ?? {}, (_name, value) => {
      if (typeof value === 'function') return '[function]';
      if (value?.type === 'Buffer' && Array.isArray(value.data)) return Buffer.from(value.data).toString();
      if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
      return value;
    });
  } catch {
    // The reason may hold a piece of the options.
    throw new TypeError(`${name} must hold plain values: no BigInt, no cycle, no getter that throws`);
  }
}

/**
 * librdkafka's properties for kafkajs-style client options.
 * @param {boolean} consumer whether they are for a consumer
 */
function properties(consumer, { brokers, clientId }, config) {
  const name = consumer ? 'consumerConfig' : 'producerConfig';
  if (config !== undefined && config !== null && (typeof config !== 'object' || Array.isArray(config))) {
    throw new TypeError(`${name} must be an object`);
  }
  checkBrokers(config?.brokers ?? brokers);
  const list = isListOfStrings(brokers) ? brokers : config.brokers;
  if (clientId !== undefined) text(clientId, 'clientId');
  const mapped = native(() => kafkaAddon().kafkaProperties(consumer, list, clientId, plain(config, name)));
  mapped.warnings.forEach(warnOnce);
  return mapped;
}

function checkBrokers(brokers) {
  if (!isListOfStrings(brokers)) throw new TypeError('brokers must be a non-empty array of "host:port" strings');
}

/** Whether `list` is a non-empty array of non-empty strings. */
function isListOfStrings(list) {
  return Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string' && item.trim() !== '');
}

/** A text that librdkafka takes, such as the name of a topic. */
function text(value, name) {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new TypeError(`${name} must be a non-empty string`);
}

/** An integer option: its default where absent, a TypeError where it is not in range. */
function integer(config, name, { fallback, min = 0, max = 2 ** 31 - 1, zeroIsAbsent = false }) {
  const value = config?.[name];
  if (value === undefined || value === null || (zeroIsAbsent && value === 0)) return fallback;
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new TypeError(`${name} must be an integer from ${min} to ${max}, got ${shown(value)}`);
  }
  return value;
}

/** One of `choices`, or the default where absent. */
function choice(config, name, choices, fallback) {
  const value = config?.[name] ?? fallback;
  if (!choices.includes(value)) throw new TypeError(`${name} must be ${choices.join(', ')}, got ${shown(value)}`);
  return value;
}

/** A function, or nothing. */
function callback(config, name) {
  const value = config?.[name];
  if (value !== undefined && value !== null && typeof value !== 'function') {
    throw new TypeError(`${name} must be a function`);
  }
  return value ?? undefined;
}

module.exports = { properties, isListOfStrings, text, integer, choice, callback, shown, warnOnce };
