'use strict';
const { once } = require('node:events');
const { join } = require('node:path');
const { createDspPipeline, createKafkaStream, createRedisStateStore } = require('../../index.js');
const { hasFailpoints } = require('../../lib/native/addon.js');
const { StreamResources, counting, partition, source, stateOf } = require('../support/kafka-stream.js');
const { end, forkGuarded } = require('../support/process.js');
const { until } = require('../support/streaming.js');
const { createTopics } = require('../../scripts/chaos/topics.js');

const real = process.env.DSPX_KAFKA_BROKERS?.split(',');
const redis = process.env.DSPX_REDIS_URL;
if (!real || !redis) console.info('No kills on a real Kafka: DSPX_KAFKA_BROKERS or DSPX_REDIS_URL is not set (scripts/services start)');

const resources = new StreamResources();
beforeEach(() => {
  // What an embedded broker lacks for exactly-once.
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  jest.spyOn(console, 'debug').mockImplementation(() => {});
});
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const guarantees = ['at-least-once', 'exactly-once'];
/** Peaks are known with the sample behind them, gaps at their end, and the filter holds some samples back. */
const peaks = () => createDspPipeline()
  .Gaps({ policy: 'hold', id: 'gaps' })
  .PeakDetection({ threshold: 1, id: 'tops' })
  .filter({ type: 'fir', mode: 'lowpass', order: 9, sampleRate: 100, cutoffFrequency: 10 });
/** The same behind another stage. */
const changed = () => createDspPipeline()
  .Amplify({ gain: 1, id: 'front' })
  .Gaps({ policy: 'hold', id: 'gaps' })
  .PeakDetection({ threshold: 1, id: 'tops' })
  .filter({ type: 'fir', mode: 'lowpass', order: 9, sampleRate: 100, cutoffFrequency: 10 })
  .MovingAverage({ mode: 'moving', windowSize: 2 });

/** The event that a message holds, as it would be in JavaScript. */
const plain = ({ type, key: _, stage, id, channel, sample, time, ...more }) => ({ type, stage, id, channel, sample, time, ...more });
const place = (message) => `${source(message)}#${message.headers['dspx-event']}`;

/** What one pipeline makes of messages, one after the other: samples and events by message; `null` ends the stream. */
async function offlineEvents(values, pipeline = peaks()) {
  const all = [];
  for (const value of values) {
    const { samples, events } = value === null
      ? await pipeline.finish()
      : await pipeline.processEvents(value.slice(), { channels: 1, sampleRate: 100 });
    all.push({ samples: [...samples], events: events ?? [] });
  }
  return all;
}

const wave = (i) => Float32Array.of(0, 1 + i, 0, 2 + i, 0, NaN);

describe('events', () => {
  const topics = ['in', 'out', 'seen'];

  test.each(guarantees)('are written to a topic of their own, the same as in JavaScript (%s)', async (guarantee) => {
    const { kafka, store, producer } = await resources.place(topics);
    const [events, outputs] = [await resources.read(kafka, 'seen'), await resources.read(kafka)];
    const options = { guarantee, pipeline: peaks(), input: { topics: ['in'], sampleRate: 100 }, events: { topic: 'seen', headers: { by: 'us' } } };
    const stream = await resources.running(kafka, store, options);
    const values = Array.from({ length: 6 }, (_, i) => wave(i));
    for (const value of values) await producer.send({ topic: 'in', messages: [{ key: 'k', value }] });
    const expected = (await offlineEvents(values)).flatMap(({ events: found }) => found);
    expect(expected.length).toBeGreaterThan(8);
    await until(() => events.length >= expected.length && outputs.length >= values.length, 'all events');
    expect(events.map(({ value }) => plain(value))).toEqual(expected);
    expect(events.map(({ key, value }) => [key, value.key])).toEqual(expected.map(() => ['k', 'k']));
    expect(String(events[0].headers.by)).toBe('us');
    expect(new Set(events.map(place)).size).toBe(expected.length);
    expect(stream.metrics()).toMatchObject({ events: expected.length, emitted: values.length });
    expect(stream.prometheus()).toMatch(new RegExp(`dspx_stream_events_total ${expected.length}\n`));
  });

  test('spectra are arrays of numbers, the key may be that of the state, and only some types are asked for', async () => {
    const { kafka, store, producer } = await resources.place(topics);
    const events = await resources.read(kafka, 'seen');
    const pipeline = createDspPipeline().ClipDetection({ threshold: 10 }).stft({ windowSize: 4, hopSize: 4 });
    const input = { topics: ['in'], key: 'header:who' };
    await resources.running(kafka, store, { pipeline, input, events: { topic: 'seen', key: 'state', types: ['frame'] } });
    await producer.send({ topic: 'in', messages: [{ key: 'k', value: Float32Array.of(20, 0, 0, 0), headers: { who: 'me' } }] });
    await until(() => events.length > 0, 'the spectrum');
    expect(events[0]).toMatchObject({ key: 'me', value: { type: 'frame', key: 'me', sample: 3 } });
    const [{ data }] = (await pipeline.clone().processEvents(Float32Array.of(20, 0, 0, 0), { channels: 1 })).events.filter(({ type }) => type === 'frame');
    expect(events[0].value.data).toEqual([...data].map((x) => expect.closeTo(x, 5)));
    expect(events).toHaveLength(1);
  });

  test('one that is too large makes its message a dead letter, as an output does', async () => {
    const { kafka, store, send } = await resources.place(['in', 'out', 'seen', 'dead']);
    const letters = await resources.read(kafka, 'dead', { codec: 'raw' });
    const pipeline = createDspPipeline().stft({ windowSize: 512, hopSize: 512 });
    const stream = await resources.running(kafka, store, {
      pipeline, events: { topic: 'seen' }, deadLetterTopic: 'dead', producer: { 'message.max.bytes': 2500 },
    });
    await send(new Float32Array(16));
    await send(Float32Array.from({ length: 512 }, (_, i) => Math.sin(i)));
    await until(() => letters.length === 1, 'the dead letter');
    expect(source({ headers: { 'dspx-source': letters[0].headers['dspx-dlq-offset'] } })).toBe('1');
    expect(stream.metrics().poison).toBe(1);
  });

  test('options that cannot be are refused', async () => {
    const { kafka, store } = await resources.place(['in', 'out', { name: 'wide', partitions: 2 }]);
    const make = (events, pipeline = peaks()) => () => resources.stream(kafka, store, { pipeline, events });
    for (const [events, message] of [
      [5, /events must be an object, got 5/],
      [{}, /events.topic must be a non-empty string/],
      [{ topic: '' }, /events.topic/],
      [{ topic: 't', codec: 'dspx' }, /codec must be json, got .?dspx/],
      [{ topic: 't', key: 'header:x' }, /key must be key, state, none/],
      [{ topic: 't', partition: 'other' }, /partition must be key, input/],
      [{ topic: 't', types: [] }, /events.types must be an array of types/],
      [{ topic: 't', types: ['beat'] }, /events.types: no stage of the pipeline emits "beat", only gap, peak/],
    ]) {
      expect(make(events)).toThrow(TypeError);
      expect(make(events)).toThrow(message);
    }
    expect(make({ topic: 't' }, counting())).toThrow(/events: no stage of the pipeline emits any/);
    const stream = make({ topic: 'wide', partition: 'input' })();
    await expect(stream.start()).rejects.toThrow("events.partition 'input' needs as many partitions: in has 1, wide has 2");
  });
});

describe('finishOn', () => {
  test.each(guarantees)('a message without a value ends the stream of its key (%s)', async (guarantee) => {
    const { kafka, store, producer } = await resources.place(['in', 'out', 'seen']);
    const [events, outputs] = [await resources.read(kafka, 'seen'), await resources.read(kafka)];
    const input = { topics: ['in'], sampleRate: 100, finishOn: 'tombstone' };
    const stream = await resources.running(kafka, store, { guarantee, pipeline: peaks(), input, events: { topic: 'seen' } });
    const values = [wave(1), wave(2), null, wave(3)];
    for (const value of values) await producer.send({ topic: 'in', messages: [{ key: 'k', value }] });
    const expected = await offlineEvents(values);
    expect(expected[2].samples.length).toBeGreaterThan(0);
    expect(expected[2].events.length).toBe(1);
    const found = expected.flatMap(({ events: all }) => all);
    await until(() => outputs.length >= 4 && events.length >= found.length, 'everything');
    const samples = ({ value }) => [...(value.data ?? value)].map(Math.fround);
    expect(outputs.map(samples)).toEqual(expected.map((message) => message.samples));
    expect(events.map(({ value }) => plain(value))).toEqual(found);
    expect(stream.metrics().keysFinished).toBe(1);
    await producer.send({ topic: 'in', messages: [{ key: 'k', value: null }] });
    await until(() => stream.metrics().keysFinished === 2, 'the second end');
    expect(await stream.state('k')).toBeNull();
    await stream.checkpoint();
    expect(await stream.state('k')).toBeNull();
  });

  test('a header ends it with the samples of its message; without the option a tombstone is poison', async () => {
    const { kafka, store, producer } = await resources.place();
    const outputs = await resources.read(kafka);
    const input = { topics: ['in'], sampleRate: 100, finishOn: 'header:last' };
    const stream = await resources.running(kafka, store, { pipeline: peaks(), input, onPoison: 'skip' });
    await producer.send({ topic: 'in', messages: [{ key: 'k', value: null }] });
    await producer.send({ topic: 'in', messages: [{ key: 'k', value: wave(1), headers: { last: '' } }] });
    await until(() => outputs.length === 1, 'the output');
    const [first, last] = await offlineEvents([wave(1), null]);
    expect([...outputs[0].value.data ?? outputs[0].value].map(Math.fround)).toEqual([...first.samples, ...last.samples]);
    expect(stream.metrics()).toMatchObject({ poison: 1, keysFinished: 1 });
  });

  test('options that cannot be are refused', async () => {
    const { kafka, store } = await resources.place();
    const make = (input) => () => resources.stream(kafka, store, { input: { topics: ['in'], ...input } });
    for (const finishOn of ['end', 'header:', 5]) expect(make({ finishOn })).toThrow(/finishOn must be 'tombstone' or 'header:<name>'/);
    expect(make({ finishOn: 'tombstone', key: 'json:user' })).toThrow(/needs an input.key that is not in the value/);
  });
});

describe('onDefinitionChange: migrate', () => {
  test.each(guarantees)('stages go on where they were, and each key says which do not (%s)', async (guarantee) => {
    const { kafka, store, producer } = await resources.place(['in', 'out', 'seen']);
    const events = await resources.read(kafka, 'seen');
    const options = { guarantee, input: { topics: ['in'], sampleRate: 100 }, events: { topic: 'seen' } };
    const values = [wave(1), wave(2)];
    const before = await resources.running(kafka, store, { ...options, pipeline: peaks() });
    for (const value of values) await producer.send({ topic: 'in', messages: [{ key: 'k', value }] });
    await until(() => before.metrics().messages === 2, 'both messages');
    await before.stop();

    const refused = await resources.running(kafka, store, { ...options, pipeline: changed() });
    expect(await partition(refused, 'stalled')).toMatchObject({ reason: expect.stringMatching(/another pipeline/) });
    await refused.stop();

    const after = resources.stream(kafka, store, { ...options, pipeline: changed(), onDefinitionChange: 'migrate' });
    const told = [];
    after.on('migrated', (event) => told.push(event));
    await after.start();
    values.push(wave(3));
    await producer.send({ topic: 'in', messages: [{ key: 'k', value: values[2] }] });
    const expected = (await offlineEvents(values)).flatMap(({ events: found }) => found);
    await until(() => events.length >= expected.length, 'all events');
    // The stage has moved by one; where it stands in its stream has not.
    expect(events.map(({ value }) => value.sample)).toEqual(expected.map(({ sample }) => sample));
    expect(new Set(events.map(({ value }) => value.stage))).toEqual(new Set([0, 1, 2]));
    expect(told).toEqual([
      { topic: 'in', partition: 0, key: 'k', kept: 3, fresh: ["stage 1 (amplify 'front')", 'stage 5 (movingAverage)'] },
    ]);
    expect(after.metrics().keysMigrated).toBe(1);
    await after.stop();
  });

  test('anything else is refused', async () => {
    const { kafka, store } = await resources.place();
    expect(() => resources.stream(kafka, store, { onDefinitionChange: 'continue' })).toThrow(/onDefinitionChange must be fail, reset, migrate/);
    expect(() => resources.stream(kafka, store, { onMissingState: 'migrate' })).toThrow(/onMissingState must be fail, reset/);
  });
});

(real && redis ? describe : describe.skip)('kills on a real Kafka', () => {
  let names = 0;

  /** A stream's topics, the options of its instances, and all that comes out. */
  async function setting(guarantee) {
    const name = `events-${process.pid}-${Date.now()}-${names++}`;
    const producer = await resources.producer({ brokers: real });
    const topics = { in: `${name}-in`, out: `${name}-out`, seen: `${name}-seen` };
    await createTopics(real[0], Object.values(topics), 1);
    const options = {
      applicationId: name, brokers: real, guarantee, instanceId: 'one', groupInstanceId: 'one',
      input: { topics: [topics.in], sampleRate: 100, finishOn: 'tombstone' }, output: { topic: topics.out }, events: { topic: topics.seen },
      consumer: { sessionTimeout: 6000, heartbeatInterval: 500 }, checkpoint: { intervalMs: 50 },
    };
    const received = { out: [], seen: [] };
    for (const kind of ['out', 'seen']) {
      const consumer = await resources.consumer({
        brokers: real, groupId: `${topics[kind]}-reader`, topics: [topics[kind]], fromBeginning: true,
        onMessage: (message) => received[kind].push(message), onError: () => {},
      });
      await consumer.run();
    }
    const values = [];
    const send = async () => {
      // Every eleventh ends the stream.
      const value = values.length % 11 === 10 ? null : wave(values.length);
      values.push(value);
      await producer.send({ topic: topics.in, messages: [{ key: 'k', value }] });
    };
    return { name, options, received, values, send };
  }

  /** An instance in a process of its own, which dies at a failpoint or in the middle of its work. */
  async function killed({ name, options, values, send }, pipeline, failpoint) {
    const settings = JSON.stringify({ ...options, redis, prefix: name, definition: pipeline.toJSON() });
    const child = forkGuarded(join(__dirname, '../support/kafka-stream-worker.js'), [settings], {
      env: { ...process.env, DSPX_FAILPOINT: failpoint }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const exited = once(child, 'exit');
    await Promise.race([once(child, 'message'), exited]);
    const isAlive = () => child.exitCode === null && child.signalCode === null;
    const most = failpoint && hasFailpoints?.() ? Infinity : values.length + 60;
    while (isAlive() && values.length < most) await send();
    await end(child);
  }

  /** One that runs until all is done. */
  async function settled({ name, options, values }, pipeline) {
    const store = resources.use(await createRedisStateStore({ url: redis, prefix: name }), (s) => s.close());
    const stream = resources.use(createKafkaStream({ ...options, pipeline, store }), (s) => s.stop());
    stream.on('error', () => {});
    await stream.start();
    await until(() => stream.status().partitions[0]?.checkpointed === String(values.length), 'all committed');
    return stream;
  }

  /** By source, the first of each; all others equal it, or there are none. */
  function distinct(messages, nameOf, guarantee) {
    const found = new Map();
    for (const message of messages) {
      const name = nameOf(message);
      if (found.has(name)) expect(message.value).toEqual(found.get(name));
      else found.set(name, message.value);
    }
    if (guarantee === 'exactly-once') expect(found.size).toBe(messages.length);
    const order = (name) => name.split(/[/#]/).slice(1).map(Number);
    const after = ([a], [b]) => order(a)[1] - order(b)[1] || (order(a)[2] ?? 0) - (order(b)[2] ?? 0);
    return [...found].sort(after).map(([, value]) => value);
  }

  test.each(guarantees)('every event and every tail is there, repeats are equal (%s)', async (guarantee) => {
    const arena = await setting(guarantee);
    await arena.send();
    for (const failpoint of ['after-produce-ack:2', 'after-manifest:3', '']) await killed(arena, peaks(), failpoint);
    await settled(arena, peaks());
    const expected = await offlineEvents(arena.values);
    const events = expected.flatMap(({ events: found }) => found);
    const outputs = expected.map(({ samples }) => samples).filter(({ length }) => length > 0);
    const count = (list, nameOf) => new Set(list.map(nameOf)).size;
    const { out, seen } = arena.received;
    await until(() => count(seen, place) >= events.length && count(out, source) >= outputs.length, 'everything');
    expect(distinct(seen, place, guarantee).map(plain)).toEqual(events);
    const samples = (value) => [...(value.data ?? value)].map(Math.fround);
    expect(distinct(out, source, guarantee).map(samples)).toEqual(outputs);
  });

  test.each(guarantees)('a pipeline is replaced between kills: events go on as if it had always been there (%s)', async (guarantee) => {
    const arena = await setting(guarantee);
    arena.options.onDefinitionChange = 'migrate';
    await arena.send();
    for (const [pipeline, failpoint] of [[peaks(), 'before-manifest:2'], [changed(), 'after-manifest:2'], [changed(), '']]) {
      await killed(arena, pipeline, failpoint);
    }
    const stream = await settled(arena, changed());
    const events = (await offlineEvents(arena.values)).flatMap(({ events: found }) => found.map((event) => ({ ...event, stage: 0 })));
    const { seen } = arena.received;
    await until(() => new Set(seen.map(place)).size >= events.length, 'all events');
    // The place of the stage tells which of the two pipelines has seen them.
    const stageless = seen.map((message) => ({ ...message, value: { ...message.value, stage: 0 } }));
    expect(distinct(stageless, place, guarantee).map(plain)).toEqual(events);
    expect(seen.some(({ value }) => value.stage === 0) && seen.some(({ value }) => value.stage === 2)).toBe(true);
    if (arena.values.at(-1) !== null) expect(await stateOf(stream, 'k', changed())).not.toBeNull();
  });
});
