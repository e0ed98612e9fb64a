'use strict';
const { createDspPipeline, createKafkaStream, createMemoryStateStore } = require('../../index.js');
const { Resources, until } = require('./streaming.js');

/** Counts every sample, so that any loss or repetition shows. */
const counting = () => createDspPipeline().Integrator();

/** What a test of streams opens, closed after it. */
class StreamResources extends Resources {
  async memoryStore() {
    return this.use(await createMemoryStateStore(), (store) => store.close());
  }

  /** A stream from `in` to `out` that is not started. Its errors are kept, not printed. */
  stream(kafka, store, options = {}) {
    const { pipeline = counting(), ...rest } = options;
    const stream = this.use(createKafkaStream({
      applicationId: 'app', brokers: kafka.brokers, input: { topics: ['in'] }, output: { topic: 'out' },
      pipeline, store, checkpoint: { intervalMs: 50 }, ...rest,
    }), (s) => s.stop());
    stream.errors = [];
    stream.on('error', (error) => stream.errors.push(error));
    return stream;
  }

  /** The same, running. */
  async running(kafka, store, options) {
    const stream = this.stream(kafka, store, options);
    await stream.start();
    return stream;
  }

  /** Everything in `topic` so far, as it comes. */
  async read(kafka, topic = 'out', options = {}) {
    const received = [];
    const consumer = await this.consumer({
      brokers: kafka.brokers, groupId: `reader-${topic}`, topics: [topic], fromBeginning: true,
      onMessage: (m) => received.push(m), ...options,
    });
    await consumer.run();
    return received;
  }
}

/** Waits until a partition is in a state. */
async function partition(stream, state, number = 0) {
  const find = () => stream.status().partitions.find((p) => p.partition === number);
  await until(() => find()?.state === state, `partition ${number} to be ${state}`);
  return find();
}

module.exports = { StreamResources, counting, partition };
