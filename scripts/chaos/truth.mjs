// The truth that must come out: one pipeline per key that sees every message once, without Kafka, store or crash.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { createDspPipeline, createKafkaConsumer, createKafkaProducer } = createRequire(import.meta.url)(
  '../../index.js',
);

/**
 * @typedef {{ first: Map<string, T>, different: string[], count: number }} Found the first of each source, those that have
 *   another one besides, and the number of all
 * @template T
 */
/** @typedef {Found<Buffer>} Outputs */
/** @typedef {Found<string>} Events by source and number there */

export const PARTITIONS = 4;
const KEYS = ['ann', 'bob', 'cyd'];

/**
 * Counts every sample, so that any loss or repetition shows; its events say where in its stream a sample was missing.
 * The deployed one has a stage in front, which moves the others, and one behind, by which its outputs are known: they are
 * twice as large, to the bit.
 *
 * @param {boolean} [isDeployed]
 */
export function pipeline(isDeployed) {
  const front = isDeployed ? createDspPipeline().Amplify({ gain: 1, id: 'front' }) : createDspPipeline();
  const both = front.Gaps({ policy: 'hold', id: 'gaps' }).MovingAverage({ mode: 'moving', windowSize: 5 }).Integrator();
  return isDeployed ? both.Amplify({ gain: 2, id: 'back' }) : both;
}

/** Of both pipelines, told by the size of their outputs: the bytes of what the deployed one makes. */
const twice = (/** @type {Buffer} */ bytes) =>
  Buffer.from(new Float32Array(new Uint8Array(bytes).buffer).map((x) => 2 * x).buffer);

/** An event as text, without the place of its stage: that depends on the pipeline. */
const described = (/** @type {any} */ { type, id, channel, sample, time, length, filled }, /** @type {string} */ key) =>
  JSON.stringify([key, type, id, channel, sample, time, length, filled]);

/**
 * Numbers from 0 to 1 that a seed decides.
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The states of the stages that both pipelines have, without the time of saving.
 *
 * @param {string | Buffer} toon of either pipeline
 */
async function comparable(toon) {
  // The bytes name the types of their stages.
  const copy = pipeline(Buffer.from(toon).includes('amplify'));
  await copy.loadState(toon);
  /** @type {{ type: string, state: unknown }[]} */
  const stages = JSON.parse(String(await copy.saveState())).stages;
  return JSON.stringify(stages.filter(({ type }) => type !== 'amplify').map(({ type, state }) => [type, state]));
}

/** Produces messages until told to stop, and knows what has to become of them. */
export class Truth {
  /** @type {Map<string, { pipeline: ReturnType<typeof pipeline>, partition: number }>} */
  #keys = new Map();
  /** @type {Map<string, Buffer>} */
  #outputs = new Map();
  /** @type {Map<string, string>} */
  #events = new Map();
  #input;
  /** @type {number[]} */
  #ends = Array(PARTITIONS).fill(0);
  #isOver = false;
  /** Resolves when messages may be sent. @type {Promise<void>} */
  #gate = Promise.resolve();
  #open = () => {};
  /** @type {Promise<void>} */
  #sending = Promise.resolve();
  #producing;

  /** @param {string[]} brokers @param {string} input topic @param {number} seed */
  constructor(brokers, input, seed) {
    this.#input = input;
    this.#producing = this.#produce(brokers, random(seed));
    this.#producing.catch(() => {});
  }

  /** @param {string[]} brokers @param {() => number} chance */
  async #produce(brokers, chance) {
    const producer = await createKafkaProducer({ brokers });
    while (!this.#isOver) {
      await this.#gate;
      this.#sending = this.#message(producer, chance);
      await this.#sending;
      await sleep(5);
    }
    await producer.close();
  }

  /** @param {import('../../index.js').KafkaProducer} producer @param {() => number} chance */
  async #message(producer, chance) {
    const partition = Math.floor(chance() * PARTITIONS);
    const key = `${KEYS[Math.floor(chance() * KEYS.length)]}${partition}`;
    // Some samples are missing, never the first of a message: a gap at the end of one is known with the next.
    const value = Float32Array.from({ length: 1 + Math.floor(chance() * 20) }, (_, i) =>
      i > 0 && chance() < 0.05 ? NaN : chance() - 0.5,
    );
    const isPoison = chance() < 0.03;
    const message = isPoison ? { key, value: 'not JSON', partition } : { key, value, partition };
    const [{ offset }] = await producer.send({ topic: this.#input, messages: [message] });
    this.#ends[partition] = Number(offset) + 1;
    const expected = this.#keys.get(key) ?? { pipeline: pipeline(), partition };
    this.#keys.set(key, expected);
    if (isPoison) return;
    const { samples, events } = await expected.pipeline.processEvents(value.slice(), { channels: 1 });
    const source = `${this.#input}/${partition}/${offset}`;
    this.#outputs.set(source, Buffer.from(samples.slice().buffer));
    for (const [i, event] of events.entries()) this.#events.set(`${source}#${i}`, described(event, key));
  }

  /**
   * Sends nothing until `resume`: a message that is sent while the broker goes away may be in the log once, twice or
   * not.
   */
  async pause() {
    this.#gate = new Promise((resolve) => {
      this.#open = () => resolve();
    });
    await this.#sending;
  }

  resume() {
    this.#open();
  }

  get messages() {
    return this.#ends.reduce((a, b) => a + b);
  }

  /** Ends the production; gives the end of each partition. */
  async end() {
    this.#isOver = true;
    await this.#producing;
    return this.#ends;
  }

  /**
   * Compares the stored states of an application; gives their number.
   *
   * @param {string} application
   * @param {import('../../index.js').StateStore} store
   * @param {string[]} violations
   */
  async checkStates(application, store, violations) {
    for (const [key, { pipeline: expected, partition }] of this.#keys) {
      const [record] = await store.get(`${application}/${this.#input}/${partition}`, key);
      const wanted = await comparable(await expected.saveState({ format: 'toon' }));
      if (!record || (await comparable(record.state)) !== wanted)
        violations.push(`${application}: the state of ${key} differs`);
    }
    return this.#keys.size;
  }

  /**
   * Compares all outputs of an application: each at least once and duplicates equal, or each once.
   *
   * @param {string} application
   * @param {Outputs} outputs
   * @param {string[]} violations
   * @param {{ isOnce: boolean, isDeployed: boolean }} run
   */
  async checkOutputs(application, outputs, violations, { isOnce, isDeployed }) {
    const end = Date.now() + 15_000;
    while (outputs.first.size < this.#outputs.size && Date.now() < end) await sleep(50);
    await sleep(200);
    for (const [source, bytes] of outputs.first) {
      const expected = this.#outputs.get(source);
      if (!expected?.equals(bytes) && !(isDeployed && expected && twice(expected).equals(bytes)))
        violations.push(`${application}: the output for ${source} differs`);
    }
    const missing = [...this.#outputs.keys()].filter((source) => !outputs.first.has(source));
    if (missing.length)
      violations.push(`${application}: ${missing.length} outputs are missing, first that for ${missing[0]}`);
    const repeated = outputs.count - outputs.first.size;
    if (isOnce && repeated) violations.push(`${application}: ${repeated} outputs came twice`);
    // Those of the two pipelines do.
    if (!isDeployed)
      violations.push(...outputs.different.map((source) => `${application}: two outputs for ${source} differ`));
  }

  /**
   * Compares all events of an application: each at least once and duplicates equal, or each once.
   *
   * @param {string} application
   * @param {Events} events
   * @param {string[]} violations
   * @param {boolean} isOnce
   */
  async checkEvents(application, events, violations, isOnce) {
    const end = Date.now() + 15_000;
    while (events.first.size < this.#events.size && Date.now() < end) await sleep(50);
    for (const [source, text] of events.first)
      if (this.#events.get(source) !== text) violations.push(`${application}: the event ${source} differs: ${text}`);
    const missing = [...this.#events.keys()].filter((source) => !events.first.has(source));
    if (missing.length) violations.push(`${application}: ${missing.length} events are missing, first ${missing[0]}`);
    const repeated = events.count - events.first.size;
    if (isOnce && repeated) violations.push(`${application}: ${repeated} events came twice`);
    violations.push(...events.different.map((source) => `${application}: two events ${source} differ`));
  }
}

/**
 * Notes one more of a source.
 *
 * @param {Found<T>} found
 * @param {string} source
 * @param {T} one
 * @param {(a: T, b: T) => boolean} isSame
 * @template T
 */
function note(found, source, one, isSame) {
  found.count++;
  const first = found.first.get(source);
  if (first === undefined) found.first.set(source, one);
  else if (!isSame(first, one)) found.different.push(source);
}

/**
 * Reads the outputs and events of an application while it runs: the broker keeps the newest 5 MiB only.
 *
 * @param {string[]} brokers
 * @param {string} application
 * @returns {Promise<{ outputs: Outputs, events: Events, close(): Promise<void> }>}
 */
export async function readOutputs(brokers, application) {
  /** @type {Outputs} */
  const outputs = { first: new Map(), different: [], count: 0 };
  /** @type {Events} */
  const events = { first: new Map(), different: [], count: 0 };
  const consumer = await createKafkaConsumer({
    brokers,
    groupId: `check-${application}`,
    topics: [`out-${application}`, `events-${application}`],
    fromBeginning: true,
    codec: 'raw',
    onMessage: (/** @type {{ topic: string, headers?: any, value: any }} */ { topic, headers, value }) => {
      const source = String(headers?.['dspx-source']);
      if (topic.startsWith('out-')) return note(outputs, source, Buffer.from(value), (a, b) => a.equals(b));
      const event = JSON.parse(String(value));
      const text = described(event, event.key);
      return note(events, `${source}#${headers['dspx-event']}`, text, (a, b) => a === b);
    },
    onError: () => {},
  });
  await consumer.run();
  return { outputs, events, close: () => consumer.disconnect() };
}
