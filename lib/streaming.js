'use strict';
const { lazy } = require('./lazy.js');
const {
  KafkaError,
  KafkaHandlerError,
  KafkaDecodeError,
  StateStoreError,
  StateFencedError,
  StateLockedError,
  StateDefinitionError,
  StreamDataLossError,
  StreamStateMissingError,
} = require('./kafka/errors.js');

const createEmbeddedKafka = lazy('createEmbeddedKafka', () => require('./kafka/embedded.js'));
const createKafkaConsumer = lazy('createKafkaConsumer', () => require('./kafka/consumer.js'));
const createKafkaProducer = lazy('createKafkaProducer', () => require('./kafka/producer.js'));
const createKafkaProducerHandler = lazy('createKafkaProducerHandler', () => require('./kafka/producer-handler.js'));
const createKafkaStream = lazy('createKafkaStream', () => require('./kafka-stream.js'));
const encodeFrame = lazy('encodeFrame', () => require('./kafka/codecs.js'));
const decodeFrame = lazy('decodeFrame', () => require('./kafka/codecs.js'));
const createMemoryStateStore = lazy('createMemoryStateStore', () => require('./kafka/stores.js'));
const createEmbeddedStateStore = lazy('createEmbeddedStateStore', () => require('./kafka/stores.js'));
const createRedisStateStore = lazy('createRedisStateStore', () => require('./kafka/stores.js'));

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
  StateLockedError,
  StateDefinitionError,
  StreamDataLossError,
  StreamStateMissingError,
};
