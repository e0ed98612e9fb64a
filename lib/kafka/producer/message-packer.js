'use strict';
/** Messages packed for the addon: all bytes in one buffer, all lengths in one array. */
const { encodeFrame, isFrame, FRAME_TYPE, F32_TYPE } = require('../frame.js');

/** @typedef {string | Buffer | Uint8Array | null | undefined} Part of a message: its key, its value, a header */

/** @param {unknown} part @returns {part is string | null | undefined} */
const isText = (part) => typeof part === 'string' || part === null || part === undefined;
const encoder = new TextEncoder();

/**
 * Numbers, in memory that grows.
 *
 * @template {Int32Array | Float64Array} T
 */
class Numbers {
  #Type;
  #all;
  #count = 0;

  /** @param {new (length: number) => T} Type @param {number} expected */
  constructor(Type, expected) {
    this.#Type = Type;
    this.#all = new Type(expected);
  }

  /** @param {number} number */
  push(number) {
    if (this.#count === this.#all.length) {
      const old = this.#all;
      this.#all = new this.#Type(2 * this.#count + 8);
      this.#all.set(old);
    }
    this.#all[this.#count++] = number;
  }

  /** @returns {T} */
  all() {
    return /** @type {T} */ (this.#all.subarray(0, this.#count));
  }
}

/**
 * Collects messages; `take()` gives them packed. While all parts are strings they are joined to one text that is
 * encoded once; the first bytes end that.
 */
class Packer {
  #text = '';
  /** @type {Uint8Array[] | undefined} */
  #chunks;
  #layout;
  #timestamps;

  /** @param {number} expected messages */
  constructor(expected) {
    this.#layout = /** @type {Numbers<Int32Array>} */ (new Numbers(Int32Array, 8 * expected));
    this.#timestamps = /** @type {Numbers<Float64Array>} */ (new Numbers(Float64Array, expected));
  }

  /**
   * Adds a message. `headers` is a flat list: name, value, name, value, …
   * @param {Part} key
   * @param {Part} value
   * @param {Part[]} headers
   * @param {number} [timestamp] ms, NaN = now
   * @param {number} [partition] the one to send to; by key if −1
   */
  add(key, value, headers, timestamp = NaN, partition = -1) {
    if (!this.#chunks && !(isText(key) && isText(value) && headers.every(isText))) this.#chunks = [this.#encodeText()];
    const layout = this.#layout;
    layout.push(partition);
    layout.push(this.#part(key));
    layout.push(this.#part(value));
    layout.push(headers.length / 2);
    for (let i = 0; i < headers.length; i++) layout.push(this.#part(headers[i]));
    this.#timestamps.push(timestamp);
  }

  /**
   * Adds a message of strings alone, with the headers joined and their lengths beside them. Not to be mixed with
   * bytes.
   *
   * @param {string} key
   * @param {string} value
   * @param {string} headers
   * @param {number[]} lengths
   * @param {number} timestamp ms, NaN = now
   */
  addText(key, value, headers, lengths, timestamp) {
    const layout = this.#layout;
    this.#text += key + value + headers;
    layout.push(-1);
    layout.push(key.length);
    layout.push(value.length);
    layout.push(lengths.length / 2);
    for (let i = 0; i < lengths.length; i++) layout.push(lengths[i]);
    this.#timestamps.push(timestamp);
  }

  /**
   * Adds a part and returns its length, −1 for null.
   *
   * @param {Part} part
   */
  #part(part) {
    if (part === null || part === undefined) return -1;
    if (!this.#chunks) {
      this.#text += part;
      return part.length;
    }
    const chunk = typeof part === 'string' ? Buffer.from(part) : part;
    this.#chunks.push(chunk);
    return chunk.length;
  }

  /** Returns the packed messages. */
  take() {
    const data = this.#chunks ? Buffer.concat(this.#chunks) : this.#encodeText();
    return { data, layout: this.#layout.all(), timestamps: this.#timestamps.all() };
  }

  /** Returns the bytes of the text; where it is not all ASCII, the lengths in the layout become lengths in bytes. */
  #encodeText() {
    const data = Buffer.allocUnsafeSlow(this.#text.length);
    // As many bytes as characters: only ASCII fits.
    if (encoder.encodeInto(this.#text, data).read === this.#text.length) return data;
    const layout = this.#layout.all();
    let at = 0;
    const measure = (/** @type {number} */ i) => {
      if (layout[i] < 0) return;
      const end = at + layout[i];
      layout[i] = Buffer.byteLength(this.#text.slice(at, end));
      at = end;
    };
    for (let i = 0; i < layout.length; ) {
      const headers = 2 * layout[i + 3];
      measure(i + 1);
      measure(i + 2);
      for (let h = 0; h < headers; h++) measure(i + 4 + h);
      i += 4 + headers;
    }
    return Buffer.from(this.#text);
  }
}

/**
 * Returns the bytes of a key or header value; texts as they are.
 *
 * @param {unknown} part
 * @param {string} name for the message
 * @throws {TypeError} for other types
 * @returns {Part}
 */
function bytes(part, name) {
  if (part === null || part === undefined || typeof part === 'string') return part;
  if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  throw new TypeError(`${name} must be a string or Buffer`);
}

/**
 * Returns value bytes and content type of a value that a user sends.
 *
 * @param {any} value
 * @throws {TypeError} for other types
 * @returns {{ value: Part, type?: string }}
 */
function encodeValue(value) {
  if (value === null || value === undefined || typeof value === 'string') return { value };
  if (isFrame(value)) return { value: encodeFrame(value.data, value), type: FRAME_TYPE };
  if (Object.prototype.toString.call(value) === '[object Float32Array]') {
    return { value: bytes(value, 'message.value'), type: F32_TYPE };
  }
  if (ArrayBuffer.isView(value) && !isBytes(value)) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    throw new TypeError(
      `message.value must not be a ${name}, which would be read as other numbers: send Float32Array.from(value), ` +
        'or its bytes with Buffer.from(value.buffer, value.byteOffset, value.byteLength)',
    );
  }
  return { value: bytes(value, 'message.value') };
}

/**
 * Whether a view is one of bytes: a Buffer, Uint8Array or Uint8ClampedArray of any realm.
 *
 * @param {ArrayBufferView} view
 */
const isBytes = (view) => /^\[object Uint8(Clamped)?Array\]$/.test(Object.prototype.toString.call(view));

/**
 * Returns a flat list of headers from a record; an array repeats its name.
 *
 * @param {Record<string, unknown> | null | undefined} headers
 * @returns {Part[]}
 */
function flatHeaders(headers) {
  const flat = [];
  for (const [name, value] of Object.entries(headers ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      flat.push(name, typeof one === 'number' ? String(one) : bytes(one, `header ${name}`));
    }
  }
  return flat;
}

module.exports = { Packer, bytes, encodeValue, flatHeaders };
