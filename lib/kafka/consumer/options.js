'use strict';
const { callback, choice, integer, isListOfStrings, shown } = require('../../common/arguments.js');
const { warnUnknown } = require('../../common/warnings.js');
const { instanceProperty, tokenProviderOf, topicList } = require('../client-options.js');
const { assignorProperty } = require('../group-protocol.js');

/** @typedef {import('../../../index.js').KafkaConsumerConfig} Config */
/** @typedef {ReturnType<typeof settingsOf>} ConsumerSettings */

const CODECS = ['auto', 'json', 'dspx', 'f32', 'raw'];
/** The outcomes of a message that cannot be handled. @type {('dlq' | 'stop' | 'skip')[]} */
const OUTCOMES = ['dlq', 'stop', 'skip'];
const KNOWN = [
  'brokers',
  'groupId',
  'topics',
  'clientId',
  'consumerConfig',
  'fromBeginning',
  'onMessage',
  'onBatch',
  'onError',
  'codec',
  'batch',
  'concurrency',
  'partitionConcurrency',
  'prefetch',
  'handlerTimeoutMs',
  'retry',
  'deadLetterTopic',
  'onExhausted',
  'onPoison',
  'autoCommit',
  'autoCommitIntervalMs',
  'assignor',
  'groupProtocol',
  'groupInstanceId',
  'connectTimeoutMs',
  'shutdownTimeoutMs',
  'revokeTimeoutMs',
  'onAssigned',
  'onRevoked',
  'onLost',
];
/** A small bound here would make the fetcher wait between fetches; memory is bounded by bytes. */
const FETCH_AHEAD = 100;

/**
 * @param {import('../../common/arguments.js').Options} config
 * @param {string} name
 * @param {number} fallback
 * @param {number} min
 * @returns {number}
 */
function number(config, name, fallback, min) {
  const value = config?.[name] ?? fallback;
  if (typeof value !== 'number' || !(value >= min) || !Number.isFinite(value)) {
    throw new TypeError(`${name} must be a number of ${min} or more, got ${shown(value)}`);
  }
  return value;
}

/** @param {Config['retry']} retry */
function retryOf(retry) {
  return {
    attempts: integer(retry, 'attempts', { fallback: 5 }),
    initialMs: number(retry, 'initialMs', 200, 0),
    maxMs: number(retry, 'maxMs', 30_000, 0),
    factor: number(retry, 'factor', 2, 1),
    jitter: Math.min(1, number(retry, 'jitter', 0.2, 0)),
  };
}

/**
 * Checks the configuration of a consumer and fills in its defaults.
 *
 * @param {Config} config
 * @throws {TypeError} naming the option that is wrong
 */
function settingsOf(config) {
  if (typeof config !== 'object' || config === null) throw new TypeError('a configuration is needed');
  const { groupId, deadLetterTopic, consumerConfig, autoCommit = true } = config;
  if (!isListOfStrings(consumerConfig?.brokers ?? config.brokers)) {
    throw new TypeError('brokers must be a non-empty array of non-empty strings');
  }
  const topics = topicList(config.topics, 'topics');
  if (typeof autoCommit !== 'boolean')
    throw new TypeError(`autoCommit must be true or false, got ${shown(autoCommit)}`);
  if (typeof groupId !== 'string' || groupId === '') throw new TypeError('groupId must be a non-empty string');
  const onMessage = callback(config, 'onMessage');
  const onBatch = callback(config, 'onBatch');
  if (!onMessage === !onBatch) throw new TypeError('onMessage must be a function (or onBatch, but not both)');
  if (deadLetterTopic !== undefined && typeof deadLetterTopic !== 'function' && !isListOfStrings([deadLetterTopic])) {
    throw new TypeError('deadLetterTopic must be a non-empty string or a function');
  }
  const orDlq = (/** @type {'stop' | 'skip'} */ otherwise) => (deadLetterTopic ? 'dlq' : otherwise);
  const settings = {
    groupId,
    onMessage,
    onBatch,
    deadLetterTopic,
    clientId: config.clientId ?? 'dsp-consumer',
    brokers: config.brokers,
    consumerConfig,
    onError: callback(config, 'onError'),
    onAssigned: callback(config, 'onAssigned'),
    onRevoked: callback(config, 'onRevoked'),
    onLost: callback(config, 'onLost'),
    tokenProvider: tokenProviderOf(consumerConfig),
    batch: {
      maxMessages: integer(config.batch, 'maxMessages', { fallback: 500, min: 1, max: 100_000 }),
      maxWaitMs: integer(config.batch, 'maxWaitMs', { fallback: 5 }),
    },
    concurrency: integer(config, 'concurrency', { fallback: 1, min: 1 }),
    partitionConcurrency: integer(config, 'partitionConcurrency', { fallback: 1, min: 1 }),
    handlerTimeoutMs: integer(config, 'handlerTimeoutMs', { fallback: 0 }),
    retry: retryOf(config.retry),
    onExhausted: choice(config, 'onExhausted', OUTCOMES, orDlq('stop')),
    onPoison: choice(config, 'onPoison', OUTCOMES, orDlq('skip')),
    autoCommit,
    autoCommitIntervalMs: integer(config, 'autoCommitIntervalMs', { fallback: 1000, min: 1 }),
    connectTimeoutMs: integer(config, 'connectTimeoutMs', { fallback: 10_000, min: 1 }),
    shutdownTimeoutMs: integer(config, 'shutdownTimeoutMs', { fallback: 30_000 }),
  };
  for (const [name, outcome] of Object.entries({ onExhausted: settings.onExhausted, onPoison: settings.onPoison })) {
    if (outcome === 'dlq' && !deadLetterTopic) throw new TypeError(`${name}: 'dlq' needs a deadLetterTopic`);
  }
  const prefetchMessages = integer(config.prefetch, 'messages', { fallback: 1000, min: 1 });
  const prefetchBytes = integer(config.prefetch, 'bytes', { fallback: 16 << 20, min: 1 });
  const native = {
    topics,
    autoCommit,
    fromBeginning: Boolean(config.fromBeginning),
    codec: choice(config, 'codec', CODECS, 'auto'),
    prefetchMessages,
    prefetchBytes,
    batch: Math.min(settings.onBatch ? settings.batch.maxMessages : 500, prefetchMessages),
    revokeTimeoutMs: integer(config, 'revokeTimeoutMs', { fallback: 10_000 }),
    topicTimeoutMs: settings.connectTimeoutMs,
  };
  /**
   * @param {object} user the user's own properties, which win
   * @param {Record<string, string>} mapped the properties of the client
   */
  const properties = (user, mapped) => {
    /** @type {Record<string, string>} */
    const own = {
      'group.id': groupId,
      'auto.offset.reset': config.fromBeginning ? 'earliest' : 'latest',
      'queued.max.messages.kbytes': String(Math.max(1, Math.ceil(prefetchBytes / 1024))),
      'queued.min.messages': String(Math.min(10_000_000, FETCH_AHEAD * prefetchMessages)),
    };
    Object.assign(own, assignorProperty(config, mapped));
    Object.assign(own, instanceProperty(config));
    return Object.fromEntries(Object.entries(own).filter(([name]) => !(name in user)));
  };
  warnUnknown('createKafkaConsumer', config, KNOWN);
  return { ...settings, native, properties };
}

module.exports = { settingsOf };
