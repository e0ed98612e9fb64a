'use strict';
const addon = require('../native/addon.js');

/** The addon, with Kafka in it. */
function kafkaAddon() {
  if (addon.NativeKafkaProducer) return addon;
  throw new Error('this build of dspx-rs has no Kafka: build it with the cargo feature "kafka" (a default)');
}

module.exports = { kafkaAddon };
