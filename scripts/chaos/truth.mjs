// The truth that must come out: one pipeline per key that sees every message once, without Kafka, store or crash.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { createDspPipeline, createKafkaConsumer, createKafkaProducer } = createRequire(import.meta.url)(
  '../../index.js',
);

/**
 * @typedef {{ first: Map<string, Buffer>, different: string[], count: number }} Outputs the first output for each message,
 *   those that have another one besides, and the number of all
 */

export const PARTITIONS = 4;
const KEYS = ['ann', 'bob', 'cyd'];

/** Counts every sample, so that any loss or repetition shows. */
export const pipeline = () => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 5 }).Integrator();

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
 * State bytes without the time of saving.
 *
 * @param {string | Buffer} toon
 */
async function comparable(toon) {
  const copy = pipeline();
  await copy.loadState(toon);
  return JSON.stringify(JSON.parse(String(await copy.saveState())).stages);
}

/** Produces messages until told to stop, and knows what has to become of them. */
export class Truth {
  /** @type {Map<string, { pipeline: ReturnType<typeof pipeline>, partition: number }>} */
  #keys = new Map();
  /** @type {Map<string, Buffer>} */
  #outputs = new Map();
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
    const value = Float32Array.from({ length: 1 + Math.floor(chance() * 20) }, () => chance() - 0.5);
    const isPoison = chance() < 0.03;
    const message = isPoison ? { key, value: 'not JSON', partition } : { key, value, partition };
    const [{ offset }] = await producer.send({ topic: this.#input, messages: [message] });
    this.#ends[partition] = Number(offset) + 1;
    const expected = this.#keys.get(key) ?? { pipeline: pipeline(), partition };
    this.#keys.set(key, expected);
    if (isPoison) return;
    const output = await expected.pipeline.processCopy(value, { channels: 1 });
    this.#outputs.set(`${this.#input}/${partition}/${offset}`, Buffer.from(output.buffer));
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
   * @param {boolean} isOnce
   */
  async checkOutputs(application, outputs, violations, isOnce) {
    const end = Date.now() + 15_000;
    while (outputs.first.size < this.#outputs.size && Date.now() < end) await sleep(50);
    await sleep(200);
    for (const [source, bytes] of outputs.first) {
      if (!this.#outputs.get(source)?.equals(bytes))
        violations.push(`${application}: the output for ${source} differs`);
    }
    const missing = [...this.#outputs.keys()].filter((source) => !outputs.first.has(source));
    if (missing.length)
      violations.push(`${application}: ${missing.length} outputs are missing, first that for ${missing[0]}`);
    const twice = outputs.count - outputs.first.size;
    if (isOnce && twice) violations.push(`${application}: ${twice} outputs came twice`);
    violations.push(...outputs.different.map((source) => `${application}: two outputs for ${source} differ`));
  }
}

/**
 * Reads the outputs of an application while it runs: the broker keeps the newest 5 MiB only.
 *
 * @param {string[]} brokers
 * @param {string} application
 * @returns {Promise<Outputs & { close(): Promise<void> }>}
 */
export async function readOutputs(brokers, application) {
  /** @type {Outputs} */
  const outputs = { first: new Map(), different: [], count: 0 };
  const consumer = await createKafkaConsumer({
    brokers,
    groupId: `check-${application}`,
    topics: [`out-${application}`],
    fromBeginning: true,
    codec: 'raw',
    onMessage: (/** @type {{ headers?: any, value: any }} */ { headers, value }) => {
      const source = String(headers?.['dspx-source']);
      outputs.count++;
      if (!outputs.first.has(source)) outputs.first.set(source, Buffer.from(value));
      else if (!outputs.first.get(source)?.equals(value)) outputs.different.push(source);
    },
    onError: () => {},
  });
  await consumer.run();
  return Object.assign(outputs, { close: () => consumer.disconnect() });
}
