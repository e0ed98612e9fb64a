'use strict';
const { createEmbeddedKafka, createKafkaConsumer, createKafkaProducer } = require('../../index.js');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition()` holds; fails after `ms`, saying what was waited for. */
async function until(condition, what, ms = 20_000) {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(5);
  }
}

/** What a test opens, closed after it: newest first. */
class Resources {
  #open = [];

  /** Closes `resource` after the test. */
  use(resource, close) {
    this.#open.push(() => close(resource));
    return resource;
  }

  async kafka(options) {
    return this.use(await createEmbeddedKafka(options), (kafka) => kafka.close());
  }

  async producer(config) {
    return this.use(await createKafkaProducer(config), (producer) => producer.close());
  }

  async consumer(config) {
    return this.use(await createKafkaConsumer(config), (consumer) => consumer.disconnect());
  }

  async close() {
    for (let close = this.#open.pop(); close; close = this.#open.pop()) await close();
  }
}

module.exports = { Resources, sleep, until };

/** Where tests run: on the embedded cluster always, on a real one if `DSPX_KAFKA_BROKERS` names it. */
function clusters() {
  const real = process.env.DSPX_KAFKA_BROKERS;
  if (!real) console.info('No tests on a real Kafka: DSPX_KAFKA_BROKERS is not set (scripts/services start)');
  return real ? ['embedded', 'real'] : ['embedded'];
}
let unique = 0;

/** A cluster of a kind, with a topic and a group that no other test has. */
async function cluster(resources, kind, { partitions = 1 } = {}) {
  const name = `dspx-test-${process.pid}-${Date.now()}-${unique++}`;
  if (kind === 'real') return { brokers: process.env.DSPX_KAFKA_BROKERS.split(','), topic: name, group: name };
  const kafka = await resources.kafka({ topics: [{ name, partitions }] });
  return { kafka, brokers: kafka.brokers, topic: name, group: name };
}
Object.assign(module.exports, { clusters, cluster });
