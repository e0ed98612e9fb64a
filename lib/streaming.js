'use strict';
const { createEmbeddedKafka } = require('./kafka/embedded.js');
const { encodeFrame, decodeFrame } = require('./kafka/codecs.js');
const { createKafkaConsumer } = require('./kafka/consumer.js');
const { createKafkaProducer } = require('./kafka/producer.js');
const { createKafkaProducerHandler } = require('./kafka/producer-handler.js');
const { adopt: _adopt, native: _native, ...errors } = require('./kafka/errors.js');

module.exports = {
  createEmbeddedKafka,
  createKafkaConsumer,
  createKafkaProducer,
  createKafkaProducerHandler,
  encodeFrame,
  decodeFrame,
  ...errors,
};
