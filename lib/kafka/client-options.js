'use strict';
const { kafkaAddon } = require('./addon.js');
const { native } = require('../common/streaming-errors.js');

const warned = new Set();

/** Prints a sentence once per process. */
function warnOnce(sentence) {
  if (warned.has(sentence)) return;
  warned.add(sentence);
  console.warn(`dspx-rs: ${sentence}`);
}

/** A value for a message: short, and never the inside of an object. */
function shown(value) {
  if (typeof value === 'string')
    return value.length > 100 ? `a string of ${value.length} characters` : JSON.stringify(value);
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

/** A line of librdkafka's log: in the native log always, and on stderr where the user has asked for it with `logLevel`. */
function logLine(config, line) {
  if (config?.logLevel > 0) console.error(line);
}

/** How many letters one word is away from another. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** Warns once of each option that nobody reads, with the one that may have been meant. */
function warnUnknown(caller, config, known) {
  for (const name of Object.keys(config)) {
    if (known.includes(name)) continue;
    const far = (other) => distance(name.toLowerCase(), other.toLowerCase());
    const nearest = known.reduce((best, other) => (far(other) < far(best) ? other : best), known[0]);
    const hint = far(nearest) <= 2 ? `; did you mean ${nearest}?` : '';
    warnOnce(`${caller}: unknown option ${shown(name)} is ignored${hint}`);
  }
}

/** Topics without repetition: names as Kafka takes them, or regular expressions that begin with ^. */
function topicList(list, name) {
  if (!isListOfStrings(list)) throw new TypeError(`${name} must be a non-empty array of non-empty strings`);
  for (const topic of list) {
    if (
      topic.startsWith('^') ? topic.includes('\0') : !/^[A-Za-z0-9._-]{1,249}$/.test(topic) || /^\.\.?$/.test(topic)
    ) {
      throw new TypeError(
        `${name} must hold names of 1 to 249 letters, digits, dots, dashes or underscores, or expressions that begin with ^, got ${shown(topic)}`,
      );
    }
  }
  return [...new Set(list)];
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

module.exports = {
  logLine,
  properties,
  isListOfStrings,
  topicList,
  text,
  integer,
  choice,
  callback,
  shown,
  warnOnce,
  warnUnknown,
};
