'use strict';

/** The configuration of a stream, checked and with its defaults. */

const { availableParallelism, cpus, hostname } = require('#node').os;
const { checkOptions, checkPositive, choice, integer, shown, text } = require('../../common/arguments.js');
const { warnOnce, warnUnknown } = require('../../common/warnings.js');
const { DspProcessor } = require('../../pipeline/create-pipeline.js');
const { nativeStore } = require('../../stores/state-store.js');
const { kafkaAddon } = require('../addon.js');
const { clientProperties, instanceProperty, topicList } = require('../client-options.js');
const { assignorProperty, withGroupProtocol } = require('../group-protocol.js');

/**
 * @typedef {import('../../../index.js').KafkaStreamConfig} Config
 * @typedef {ReturnType<typeof settingsOf>} StreamSettings
 * @typedef {import('../../native/exports.js').KafkaProperties} KafkaProperties
 */

/** @type {('fail' | 'reset')[]} */
const FAIL_OR_RESET = ['fail', 'reset'];
/** After this time brokers abort a transaction that nobody has committed, ms. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const KNOWN = [
  'applicationId',
  'brokers',
  'client',
  'consumer',
  'producer',
  'input',
  'pipeline',
  'output',
  'events',
  'store',
  'guarantee',
  'changelog',
  'checkpoint',
  'maxKeysInMemory',
  'prefetch',
  'workers',
  'onPoison',
  'deadLetterTopic',
  'onDataLoss',
  'onMissingState',
  'onDefinitionChange',
  'onOffsetMismatch',
  'onPartitionCountChange',
  'instanceId',
  'groupInstanceId',
  'assignor',
  'groupProtocol',
  'revokeTimeoutMs',
  'connectTimeoutMs',
  'maxRestarts',
  'tracing',
];

/**
 * Returns the parts of which a stream is made.
 *
 * @param {Config} config
 * @throws {TypeError} naming the option that is wrong
 */
function readConfig(config) {
  if (typeof config !== 'object' || config === null) throw new TypeError('a configuration is needed');
  const { applicationId, brokers, client, input, output } = config;
  if (typeof applicationId !== 'string' || !/^[A-Za-z0-9._-]{1,128}$/.test(applicationId)) {
    throw new TypeError('applicationId must be 1 to 128 letters, digits, dots, dashes or underscores');
  }
  topicList(input?.topics, 'input.topics');
  const settings = settingsOf(config);
  const store = storeOf(config.store);
  const pipeline = templateOf(config.pipeline, settings.input.codec);
  if (output && !settings.output) throw new TypeError('output.topic must be a non-empty string');
  warnUnknown('createKafkaStream', config, KNOWN);
  for (const name of /** @type {const} */ (['client', 'consumer', 'producer'])) {
    checkOptions(name, config[name]);
  }
  const clientId = `${applicationId}-${settings.owner}`;
  const reading = withGroupProtocol(config, { ...client, ...config.consumer });
  const consumer = clientProperties(true, { brokers, clientId }, reading);
  const producer = clientProperties(false, { brokers, clientId }, { ...client, ...config.producer });
  Object.assign(consumer.values, {
    'group.id': applicationId,
    'auto.offset.reset': 'error',
    'queued.max.messages.kbytes': String(Math.max(1, Math.ceil(settings.prefetch.bytes / 1024))),
    ...assignorProperty(config, consumer.values),
    ...instanceProperty(config),
  });
  if (settings.guarantee === 'exactly-once') setExactlyOnce(settings, clientId, consumer, producer);
  return { settings, client: { ...client, ...config.consumer }, consumer, producer, store, pipeline };
}

/**
 * Sets the properties on which exactly-once depends.
 *
 * @param {StreamSettings} settings
 * @param {string} clientId
 * @param {KafkaProperties} consumer
 * @param {KafkaProperties} producer
 * @throws {TypeError} if the user's own properties contradict them
 */
function setExactlyOnce(settings, clientId, consumer, producer) {
  if (producer.values['enable.idempotence'] === 'false') {
    throw new TypeError(
      "guarantee: 'exactly-once' needs acks -1, retries and at most 5 maxInFlightRequests of the producer",
    );
  }
  producer.values['transactional.id'] = clientId;
  producer.values['transaction.timeout.ms'] ??= String(
    Math.max(TRANSACTION_TIMEOUT_MS, 2 * settings.checkpoint.timeoutMs),
  );
  const timeout = producer.values['transaction.timeout.ms'];
  if (!(Number(timeout) > settings.checkpoint.timeoutMs)) {
    throw new TypeError(
      `transactionTimeout must exceed checkpoint.timeoutMs (${settings.checkpoint.timeoutMs}), got ${timeout}`,
    );
  }
  // Only so are committed offsets read that no transaction can change any more.
  consumer.values['isolation.level'] = 'read_committed';
  if (kafkaAddon().isEmbeddedKafka(producer.values['bootstrap.servers'])) {
    warnOnce('exactly-once on an embedded broker: it neither isolates transactions nor keeps their offsets');
  }
}

/**
 * Returns the settings of the native stream.
 *
 * @param {Config} config
 * @throws {TypeError} naming the option that is wrong
 */
function settingsOf(config) {
  const { input, output, events, checkpoint, prefetch, deadLetterTopic } = config;
  const optional = (/** @type {unknown} */ value, /** @type {string} */ name) =>
    value === undefined || value === null ? undefined : text(value, name);
  const guarantee = choice(config, 'guarantee', ['at-least-once', 'exactly-once'], 'at-least-once');
  const exactlyOnce = guarantee === 'exactly-once';
  const key = input.key ?? 'key';
  if (typeof key !== 'string') throw new TypeError("input.key must be 'key', 'header:<name>' or 'json:<path>'");
  if (input.sampleRate !== undefined) checkPositive('input.sampleRate', input.sampleRate, shown);
  const { changelog } = config;
  if (changelog !== undefined && (typeof changelog !== 'object' || changelog === null)) {
    throw new TypeError('changelog must be an object');
  }
  const onPoison = choice(config, 'onPoison', ['dlq', 'skip', 'fail'], deadLetterTopic ? 'dlq' : 'fail');
  if (onPoison === 'dlq' && !deadLetterTopic) throw new TypeError("onPoison: 'dlq' needs a deadLetterTopic");
  const outputTopic = optional(output?.topic, 'output.topic');
  // The same names as in `StreamConfig` of crates/dsp-stream.
  return {
    applicationId: config.applicationId,
    topics: topicList(input.topics, 'input.topics'),
    input: {
      codec: choice(input, 'codec', ['auto', 'json', 'dspx', 'f32'], 'auto'),
      key,
      channels: integer(input, 'channels', { fallback: undefined, min: 1, max: 65_535 }),
      sampleRate: input.sampleRate,
      fromLatest: choice(input, 'startFrom', ['earliest', 'latest'], 'earliest') === 'latest',
      finishOn: finishOn(input, key),
    },
    output: outputOf(output, outputTopic, config.tracing !== false),
    events: eventsOf(events, config.tracing !== false),
    guarantee,
    deadLetterTopic: optional(deadLetterTopic, 'deadLetterTopic'),
    onPoison,
    policies: {
      dataLoss: choice(config, 'onDataLoss', [...FAIL_OR_RESET, 'continue'], 'fail'),
      missingState: choice(config, 'onMissingState', FAIL_OR_RESET, 'fail'),
      definitionChange: choice(config, 'onDefinitionChange', [...FAIL_OR_RESET, 'migrate'], 'fail'),
      partitionCountChange: choice(config, 'onPartitionCountChange', ['fail', 'continue'], 'fail'),
      offsetMismatch: choice(config, 'onOffsetMismatch', ['state', 'group', 'fail'], exactlyOnce ? 'fail' : 'state'),
    },
    changelogTopic: changelog && (optional(changelog.topic, 'changelog.topic') ?? `${config.applicationId}-changelog`),
    maxRestarts: integer(config, 'maxRestarts', { fallback: 10 }),
    checkpoint: {
      intervalMs: integer(checkpoint, 'intervalMs', { fallback: exactlyOnce ? 200 : 1000, min: 1 }),
      everyMessages: integer(checkpoint, 'everyMessages', { fallback: 5000, min: 1 }),
      timeoutMs: integer(checkpoint, 'timeoutMs', { fallback: 10_000, min: 1 }),
    },
    maxKeys: integer(config, 'maxKeysInMemory', { fallback: 10_000, min: 1 }),
    prefetch: {
      messages: integer(prefetch, 'messages', { fallback: 1000, min: 1 }),
      bytes: integer(prefetch, 'bytes', { fallback: 16 << 20, min: 1 }),
    },
    workers: integer(config, 'workers', { fallback: availableParallelism?.() ?? cpus().length, min: 1, max: 1024 }),
    owner: optional(config.instanceId, 'instanceId') ?? hostname(),
    revokeTimeoutMs: integer(config, 'revokeTimeoutMs', { fallback: 10_000 }),
    connectTimeoutMs: integer(config, 'connectTimeoutMs', { fallback: 10_000, min: 1 }),
  };
}

/**
 * Returns the settings of the output, whose options are checked also where it has no topic.
 *
 * @param {Config['output']} output
 * @param {string | undefined} topic
 * @param {boolean} tracing
 */
function outputOf(output, topic, tracing) {
  const options = {
    codec: output?.codec === undefined ? 'auto' : choice(output, 'codec', ['json', 'dspx', 'f32']),
    samePartition: choice(output, 'partition', ['key', 'input'], 'key') === 'input',
    headers: headersOf(output?.headers),
    emitEmpty: Boolean(output?.emitEmpty),
    tracing,
  };
  return topic === undefined ? undefined : { topic, ...options };
}

/**
 * Returns which message is the last of its key.
 *
 * @param {Config['input']} input
 * @param {string} key where keys come from
 * @throws {TypeError} if it is neither, or a message without a value can have no key
 */
function finishOn({ finishOn: end }, key) {
  if (end === undefined || end === null) return undefined;
  if (typeof end !== 'string') throw new TypeError("input.finishOn must be 'tombstone' or 'header:<name>'");
  if (end === 'tombstone' && key.startsWith('json:')) {
    throw new TypeError("input.finishOn: 'tombstone' needs an input.key that is not in the value");
  }
  return end;
}

/**
 * Returns headers as texts.
 *
 * @param {Record<string, unknown> | undefined} headers
 * @returns {Record<string, string>}
 */
function headersOf(headers) {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

/**
 * Returns the settings of the topic of events; the native side knows which types the pipeline emits.
 *
 * @param {Config['events']} events
 * @param {boolean} tracing
 * @throws {TypeError} naming the option that is wrong
 */
function eventsOf(events, tracing) {
  if (events === undefined || events === null) return undefined;
  if (typeof events !== 'object') throw new TypeError(`events must be an object, got ${shown(events)}`);
  warnUnknown('createKafkaStream: events', events, ['topic', 'codec', 'key', 'types', 'partition', 'headers']);
  const { types } = events;
  if (
    types !== undefined &&
    !(Array.isArray(types) && types.length && types.every((type) => typeof type === 'string'))
  ) {
    throw new TypeError(`events.types must be an array of types of events, got ${shown(types)}`);
  }
  return {
    topic: text(events.topic, 'events.topic'),
    codec: choice(events, 'codec', ['json'], 'json'),
    key: choice(events, 'key', ['key', 'state', 'none'], 'key'),
    types,
    samePartition: choice(events, 'partition', ['key', 'input'], 'key') === 'input',
    headers: headersOf(events.headers),
    tracing,
  };
}

/** @param {Config['store']} store @returns {import('../../native/exports.js').NativeStateStore} */
function storeOf(store) {
  const found = nativeStore(store);
  if (!found) throw new TypeError('store must be a state store of this package');
  if (/** @type {{ closed?: boolean }} */ (store).closed) throw new TypeError('store is closed');
  return found;
}

/**
 * Returns the native pipeline of which the stream makes one for each key.
 *
 * @param {unknown} pipeline
 * @param {string} codec of the input
 * @throws {TypeError} if a stream cannot run it
 */
function templateOf(pipeline, codec) {
  if (!(pipeline instanceof DspProcessor)) throw new TypeError('pipeline must be what createDspPipeline() gave');
  const template = pipeline._template;
  if (template.hasCallbacks)
    throw new TypeError('pipeline must have no tap and no callback: JavaScript cannot run in a stream');
  if (template.needsTimestamps && codec === 'f32') {
    throw new TypeError('pipeline has a stage that needs timestamps, which the codec f32 does not have');
  }
  return template.native;
}

module.exports = { readConfig };
