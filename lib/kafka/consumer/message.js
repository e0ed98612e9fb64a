'use strict';
const { inspect } = require('#node').util;
const { decodeFrame } = require('../frame.js');
const { KafkaDecodeError } = require('../../common/streaming-errors.js');

/**
 * @typedef {Record<string, Buffer | null | (Buffer | null)[]>} Headers
 * @typedef {import('../../../index.js').KafkaMessage & { rawKey: Buffer | null, rawValue: Buffer | null }} Message
 * @typedef {{ error: InstanceType<typeof KafkaDecodeError>, message: Message }} UndecodableMessage
 */

/** Numbers per message, and their places (`dsp_stream::kafka::consumer::STRIDE` describes them). */
const STRIDE = 7;
const [OFFSET, TIMESTAMP, VALUE_AT, VALUE_LENGTH, KEY_LENGTH, HEADERS_LENGTH, KIND] = Array(STRIDE).keys();
/** The kinds of values (`dsp_stream::codec::Kind`). */
const [RAW, JSON_TEXT, FRAME, F32, , BAD, TIMED_FRAME] = Array(7).keys();
/** Added to the kind where there are trace headers. */
const TRACED = 16;

/** @param {number} length bytes, negative for none */
/**
 * Returns the text of some bytes, without a view of them.
 *
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 * @returns {string}
 */
const utf8 = (bytes, start, end) =>
  /** @type {{ utf8Slice(start: number, end: number): string }} */ (/** @type {unknown} */ (bytes)).utf8Slice(
    start,
    end,
  );

/** @param {number} length bytes, negative for none @returns {number} the next multiple of 8 */
const aligned = (length) => (Math.max(length, 0) + 7) & ~7;

/** Consecutive messages of one partition, as the addon hands them over: two blocks of memory. */
class Segment {
  /**
   * @param {string} topic
   * @param {number} partition
   * @param {import('../../native/exports.js').MessageSegment} segment
   */
  constructor(topic, partition, { data, meta }) {
    this.topic = topic;
    this.partition = partition;
    this.meta = meta;
    this.count = meta.length / STRIDE;
    this.bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.base = data.byteOffset;
  }

  /** @param {number} i */
  offset(i) {
    return this.meta[i * STRIDE + OFFSET];
  }

  /**
   * Whether message `i` has trace headers.
   *
   * @param {number} i
   */
  isTraced(i) {
    return this.meta[i * STRIDE + KIND] >= TRACED;
  }

  /**
   * Whether only decoding tells if message `i` can be decoded: of frames and floats the addon has looked at the
   * layout.
   *
   * @param {number} i
   */
  mayBeBad(i) {
    const kind = this.meta[i * STRIDE + KIND] & (TRACED - 1);
    return kind === JSON_TEXT || kind === BAD;
  }

  /**
   * Returns a view of the value of message `i`.
   *
   * @param {number} i
   */
  value(i) {
    const at = this.meta[i * STRIDE + VALUE_AT];
    return this.bytes.subarray(at, at + this.meta[i * STRIDE + VALUE_LENGTH]);
  }

  /** @param {number} i */
  #keyAt(i) {
    return this.meta[i * STRIDE + VALUE_AT] + aligned(this.meta[i * STRIDE + VALUE_LENGTH]);
  }

  /** @param {number} i */
  key(i) {
    const at = this.#keyAt(i);
    return this.bytes.subarray(at, at + this.meta[i * STRIDE + KEY_LENGTH]);
  }

  /** @param {number} i */
  keyText(i) {
    const length = this.meta[i * STRIDE + KEY_LENGTH];
    if (length < 0) return null;
    const at = this.#keyAt(i);
    return utf8(this.bytes, at, at + length);
  }

  /** @param {number} i @returns {Headers | undefined} */
  headers(i) {
    if (this.meta[i * STRIDE + HEADERS_LENGTH] === 0) return undefined;
    let at = this.#keyAt(i) + aligned(this.meta[i * STRIDE + KEY_LENGTH]);
    const { bytes } = this;
    /** @type {Headers} */
    const headers = Object.create(null);
    const count = bytes.readInt32LE(at);
    at += 4;
    for (let h = 0; h < count; h++) {
      const nameLength = bytes.readInt32LE(at);
      const valueLength = bytes.readInt32LE(at + 4);
      at += 8;
      const name = utf8(bytes, at, at + nameLength);
      at += nameLength;
      const value = valueLength < 0 ? null : bytes.subarray(at, at + valueLength);
      at += Math.max(0, valueLength);
      const known = headers[name];
      if (!(name in headers)) headers[name] = value;
      else if (Array.isArray(known)) known.push(value);
      else headers[name] = [known, value];
    }
    return { ...headers };
  }

  /**
   * Returns the value of message `i` as its codec gives it.
   *
   * @param {number} i
   * @returns {any}
   * @throws {SyntaxError | TypeError} where it cannot be decoded
   */
  decode(i) {
    const at = this.meta[i * STRIDE + VALUE_AT];
    const length = this.meta[i * STRIDE + VALUE_LENGTH];
    switch (this.meta[i * STRIDE + KIND] & (TRACED - 1)) {
      case RAW:
        return this.value(i);
      case JSON_TEXT:
        return JSON.parse(utf8(this.bytes, at, at + length));
      case FRAME:
      case TIMED_FRAME:
        return this.#frame(at);
      case F32:
        return new Float32Array(this.bytes.buffer, this.base + at, length / 4);
      case BAD:
        return this.#bad(i);
      default:
        return null;
    }
  }

  /**
   * Returns a frame whose layout was checked natively; its samples are views.
   *
   * @param {number} at
   */
  #frame(at) {
    const { bytes } = this;
    const channels = bytes.readUInt16LE(at + 6);
    const frames = bytes.readUInt32LE(at + 8);
    const sampleRate = bytes.readDoubleLE(at + 16);
    const t0 = bytes.readDoubleLE(at + 24);
    const samples = channels * frames;
    const timesAt = this.base + at + aligned(32 + 4 * samples);
    return {
      data: new Float32Array(bytes.buffer, this.base + at + 32, samples),
      channels,
      sampleRate: sampleRate > 0 ? sampleRate : null,
      t0: Number.isNaN(t0) ? null : t0,
      timestamps: bytes.readUInt32LE(at + 12) === 0 ? null : new Float64Array(bytes.buffer, timesAt, frames),
    };
  }

  /**
   * @param {number} i
   * @throws {TypeError} with the reason
   * @returns {never}
   */
  #bad(i) {
    const value = this.value(i);
    if (value.subarray(0, 4).toString() === 'DSPX' || value.length % 4 === 0) decodeFrame(value);
    throw new TypeError(`${value.length} bytes are neither a frame nor a whole number of 32-bit floats`);
  }
}

/**
 * @param {string} name
 * @param {(message: any) => unknown} make
 * @returns {PropertyDescriptor & ThisType<object>}
 */
const lazy = (name, make) => ({
  enumerable: true,
  configurable: true,
  get() {
    const value = make(this);
    Object.defineProperty(this, name, { value, enumerable: true, configurable: true, writable: true });
    return value;
  },
  set(value) {
    Object.defineProperty(this, name, { value, enumerable: true, configurable: true, writable: true });
  },
});

/** A message. Its parts are made when they are first asked for. */
class KafkaMessage {
  #segment;
  #index;
  /** @type {any} */
  #value;
  #isDecoded = false;

  /** @param {Segment} segment @param {number} index */
  constructor(segment, index) {
    this.#segment = segment;
    this.#index = index;
  }

  get value() {
    if (!this.#isDecoded) this.value = this.#segment.decode(this.#index);
    return this.#value;
  }

  set value(value) {
    this.#value = value;
    this.#isDecoded = true;
  }

  get topic() {
    return this.#segment.topic;
  }

  get partition() {
    return this.#segment.partition;
  }

  get offset() {
    return String(this.#segment.offset(this.#index));
  }

  get timestamp() {
    return String(this.#segment.meta[this.#index * STRIDE + TIMESTAMP]);
  }

  /** @internal */
  static parts = {
    key: (/** @type {KafkaMessage} */ message) => message.#segment.keyText(message.#index),
    headers: (/** @type {KafkaMessage} */ message) => message.#segment.headers(message.#index),
    rawKey: (/** @type {KafkaMessage} */ message) => {
      const length = message.#segment.meta[message.#index * STRIDE + KEY_LENGTH];
      return length < 0 ? null : message.#segment.key(message.#index);
    },
    rawValue: (/** @type {KafkaMessage} */ message) => {
      const length = message.#segment.meta[message.#index * STRIDE + VALUE_LENGTH];
      return length < 0 ? null : message.#segment.value(message.#index);
    },
  };

  toJSON() {
    const { key, headers } = /** @type {Message} */ (/** @type {unknown} */ (this));
    const { topic, partition, offset, value, timestamp } = this;
    return { topic, partition, offset, key, value, headers, timestamp };
  }

  /** @param {number} _depth @param {import('node:util').InspectOptions} options */
  [inspect.custom](_depth, options) {
    return `KafkaMessage ${inspect(this.toJSON(), options)}`;
  }
}
for (const [name, make] of Object.entries(KafkaMessage.parts)) {
  Object.defineProperty(KafkaMessage.prototype, name, lazy(name, make));
}

/**
 * Returns message `i`, or a `KafkaDecodeError` as `error` with the message, whose bytes are there all the same.
 *
 * @param {Segment} segment
 * @param {number} i
 * @returns {Message | UndecodableMessage}
 */
function decode(segment, i) {
  const message = /** @type {Message} */ (/** @type {unknown} */ (new KafkaMessage(segment, i)));
  if (!segment.mayBeBad(i)) return message;
  try {
    message.value = segment.decode(i);
    return message;
  } catch (error) {
    message.value = undefined;
    const { topic, partition, offset } = message;
    return { error: new KafkaDecodeError(/** @type {Error} */ (error).message, { topic, partition, offset }), message };
  }
}

module.exports = { Segment, decode };
