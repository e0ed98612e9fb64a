'use strict';
const { lazy } = require('../common/lazy.js');
const {
  KafkaError,
  KafkaHandlerError,
  KafkaDecodeError,
  StateStoreError,
  StateFencedError,
  StateCorruptedError,
  StateLockedError,
  StateDefinitionError,
  StreamDataLossError,
  StreamStateMissingError,
} = require('../common/streaming-errors.js');

const createEmbeddedKafka = lazy('createEmbeddedKafka', () => require('./embedded-broker.js'));
const createKafkaConsumer = lazy('createKafkaConsumer', () => require('./consumer/consumer.js'));
const createKafkaProducer = lazy('createKafkaProducer', () => require('./producer/producer.js'));
const createKafkaProducerHandler = lazy('createKafkaProducerHandler', () => require('./producer/log-handler.js'));
const createKafkaStream = lazy('createKafkaStream', () => require('./stream/stream.js'));
const encodeFrame = lazy('encodeFrame', () => require('./frame.js'));
const decodeFrame = lazy('decodeFrame', () => require('./frame.js'));
const createMemoryStateStore = lazy('createMemoryStateStore', () => require('../stores/state-store.js'));
const createEmbeddedStateStore = lazy('createEmbeddedStateStore', () => require('../stores/state-store.js'));
const createRedisStateStore = lazy('createRedisStateStore', () => require('../stores/state-store.js'));

// Every name is written out, here and in index.js, so that Node finds it for `import { … }` too.
module.exports = {
  createEmbeddedKafka,
  createKafkaConsumer,
  createKafkaProducer,
  createKafkaProducerHandler,
  createKafkaStream,
  encodeFrame,
  decodeFrame,
  createMemoryStateStore,
  createEmbeddedStateStore,
  createRedisStateStore,
  KafkaError,
  KafkaHandlerError,
  KafkaDecodeError,
  StateStoreError,
  StateFencedError,
  StateCorruptedError,
  StateLockedError,
  StateDefinitionError,
  StreamDataLossError,
  StreamStateMissingError,
};
