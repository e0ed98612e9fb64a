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
