'use strict';
const { createEmbeddedKafka } = require('./kafka/embedded.js');
const { encodeFrame, decodeFrame } = require('./kafka/codecs.js');
const { createKafkaConsumer } = require('./kafka/consumer.js');
const { createKafkaProducer } = require('./kafka/producer.js');
const { createKafkaProducerHandler } = require('./kafka/producer-handler.js');
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
const { createMemoryStateStore, createEmbeddedStateStore, createRedisStateStore } = require('./kafka/stores.js');

// Every name is written out, here and in index.js, so that Node finds it for `import { … }` too.
module.exports = {
  createEmbeddedKafka,
  createKafkaConsumer,
  createKafkaProducer,
  createKafkaProducerHandler,
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
