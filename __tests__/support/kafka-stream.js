'use strict';
const { createDspPipeline, createKafkaStream, createMemoryStateStore } = require('../../index.js');
const { Resources, sleep, until } = require('./streaming.js');

/** Counts every sample, so that any loss or repetition shows. */
const counting = () => createDspPipeline().Integrator();

const source = (message) => message.headers['dspx-source'].toString();

/** What one pipeline makes of messages, one after the other. */
async function offline(values) {
  const pipeline = counting();
  const outputs = [];
  for (const value of values) outputs.push(await pipeline.processCopy(value, { channels: 1 }));
  return { outputs, state: await stagesOf(pipeline) };
}

const stagesOf = async (pipeline) => JSON.parse(await pipeline.saveState()).stages;

/** The state of a key, as `offline` gives it. */
async function stateOf(stream, key, pipeline = counting()) {
  const state = await stream.state(key);
  if (state === null) return null;
  await pipeline.loadState(state);
  return stagesOf(pipeline);
}

/** What a test of streams opens, closed after it. */
class StreamResources extends Resources {
  /**
   * A broker with `in` and `out`, a store, and what sends to `in`: `send(values)` with the key `k`, or whole messages
   * by `producer`.
   */
  async place(topics = ['in', 'out'], options = {}) {
    const kafka = await this.kafka({ topics, ...options });
    const producer = await this.producer({ brokers: kafka.brokers });
    const send = (...values) => producer.send({ topic: 'in', messages: values.map((value) => ({ key: 'k', value })) });
    return { kafka, producer, send, store: await this.memoryStore() };
  }

  /** Messages that are sent to the two partitions of a topic, the keys in turn, until `stop()`. */
  load(producer, { topic = 'in', keys = ['a', 'b', 'c', 'd'] } = {}) {
    const load = { sent: new Map(keys.map((key) => [key, []])), count: 0, sends: [] };
    let isOver = false;
    const work = (async () => {
      for (; !isOver; load.count++) {
        const at = load.count % keys.length;
        const value = Float32Array.of(load.count, 0.25);
        load.sent.get(keys[at]).push(value);
        load.sends.push(producer.send({ topic, messages: [{ key: keys[at], value, partition: at % 2 }] }));
        await sleep(4);
      }
    })();
    /** Waits until that many more messages have been handed to the producer. */
    load.more = async (messages) => {
      const enough = load.count + messages;
      await until(() => load.count >= enough, 'more messages');
    };
    load.stop = async () => {
      isOver = true;
      await work;
      await Promise.all(load.sends);
    };
    return this.use(load, () => load.stop().catch(() => {}));
  }

  /**
   * Ends a load; then all of its outputs come, equal where they come twice, and the states are those of one pipeline
   * per key.
   */
  async settle(load, received, ...streams) {
    await load.stop();
    await until(() => new Set(received.map(source)).size === load.count, `${load.count} outputs`);
    for (const [key, values] of load.sent) {
      if (values.length === 0) continue;
      const { outputs, state } = await offline(values);
      const bySource = new Map();
      for (const message of received.filter((m) => m.key === key)) {
        const earlier = bySource.get(source(message)) ?? message.value;
        expect(message.value).toEqual(earlier);
        bySource.set(source(message), message.value);
      }
      const place = (name) => Number(name.split('/').at(-1));
      const inOrder = [...bySource].sort(([a], [b]) => place(a) - place(b)).map(([, value]) => value);
      expect(inOrder).toEqual(outputs);
      const states = await Promise.all(streams.map((stream) => stateOf(stream, key)));
      expect(states.find((found) => found !== null)).toEqual(state);
    }
  }

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
      onMessage: (m) => received.push(m), onError: () => {}, ...options,
    });
    await consumer.run();
    return received;
  }
}

/** A group that misses a member soon. The embedded broker's have this time less a second for a rebalance. */
const hasty = { consumer: { sessionTimeout: 1600, heartbeatInterval: 100 } };

/** Waits until `value()` stays the same while a load goes on, and returns it. */
async function steady(load, value) {
  for (;;) {
    const before = value();
    await load.more(50);
    if (value() === before) return before;
  }
}

/** Waits until a partition is in a state; where it is stalled also for the error that says why. */
async function partition(stream, state, number = 0) {
  const find = () => stream.status().partitions.find((p) => p.partition === number);
  await until(() => find()?.state === state, `partition ${number} to be ${state}`);
  const isTold = () => find()?.state !== 'stalled' || stream.errors.some(({ message }) => message === find()?.reason);
  if (state === 'stalled' && stream.errors) await until(isTold, `the reason why partition ${number} is stalled`);
  return find();
}

/** Collects the conditions of a stream, from now on. */
function conditions(stream) {
  const seen = [];
  stream.on('state', (state) => seen.push(state));
  return seen;
}

module.exports = { StreamResources, conditions, counting, hasty, offline, partition, source, stateOf, steady };
