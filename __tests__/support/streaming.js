'use strict';
const { createEmbeddedKafka, createKafkaConsumer, createKafkaProducer } = require('../../index.js');
const { createTopics } = require('../../scripts/chaos/topics.js');

/**
 * Only what hangs comes here: no wait of a test depends on the speed of the machine. Shorter for whoever writes a test.
 */
const HANG_MS = Number(process.env.DSPX_HANG_MS ?? 240_000);
// A child process of a test uses these helpers without Jest.
if (typeof jest !== 'undefined') jest.setTimeout(HANG_MS + 60_000);

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition()` holds; fails where that hangs, saying what was waited for. */
async function until(condition, what) {
  const end = performance.now() + HANG_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${HANG_MS} ms for ${what}`);
    await sleep(5);
  }
}

/** Fails where `promise` hangs, saying what of. */
async function settling(promise, what) {
  let timer;
  const hang = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${CLOSE_MS} ms for ${what}`)), CLOSE_MS);
  });
  try {
    return await Promise.race([promise, hang]);
  } finally {
    clearTimeout(timer);
  }
}
/** What closing one resource may take: those opened before it must be closed within the time of the test, too. */
const CLOSE_MS = 60_000;

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

  /** Closes all, also where closing one fails or hangs. */
  async close() {
    const errors = [];
    for (let close = this.#open.pop(); close; close = this.#open.pop()) {
      await settling((async () => close())(), 'a resource to be closed').catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
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
  if (kind === 'real') {
    const brokers = process.env.DSPX_KAFKA_BROKERS.split(',');
    await createTopics(brokers[0], [name], partitions);
    return { brokers, topic: name, group: name };
  }
  const kafka = await resources.kafka({ topics: [{ name, partitions }] });
  return { kafka, brokers: kafka.brokers, topic: name, group: name };
}
Object.assign(module.exports, { clusters, cluster });
