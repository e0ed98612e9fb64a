'use strict';
/** Messages packed for the addon: all bytes in one buffer, all lengths in one array. */
const { encodeFrame, isFrame, FRAME_TYPE, F32_TYPE } = require('../frame.js');

const isText = (part) => typeof part === 'string' || part === null || part === undefined;
const encoder = new TextEncoder();

/** Numbers, in memory that grows. */
class Numbers {
  #Type;
  #all;
  #count = 0;

  constructor(Type, expected) {
    this.#Type = Type;
    this.#all = new Type(expected);
  }

  push(number) {
    if (this.#count === this.#all.length) {
      const old = this.#all;
      this.#all = new this.#Type(2 * this.#count + 8);
      this.#all.set(old);
    }
    this.#all[this.#count++] = number;
  }

  all() {
    return this.#all.subarray(0, this.#count);
  }
}

/**
 * Collects messages; `take()` gives them packed. While all parts are strings they are joined to one text that is encoded
 * once; the first bytes end that.
 */
class Packer {
  #text = '';
  #chunks;
  #layout;
  #timestamps;

  /** @param {number} expected messages */
  constructor(expected) {
    this.#layout = new Numbers(Int32Array, 8 * expected);
    this.#timestamps = new Numbers(Float64Array, expected);
  }

  /**
   * Adds a message. `headers` is a flat list: name, value, name, value, …
   * @param {any} key @param {any} value @param {any[]} headers
   * @param {number} [timestamp] ms, NaN = now
   * @param {number} [partition] −1 = by key
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

  /** The same for strings alone, with the headers joined and their lengths beside them. Not to be mixed with bytes. */
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

  /** Adds a part; gives its length, −1 for null. */
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

  /** The packed messages. */
  take() {
    const data = this.#chunks ? Buffer.concat(this.#chunks) : this.#encodeText();
    return { data, layout: this.#layout.all(), timestamps: this.#timestamps.all() };
  }

  /** Bytes of the text; where it is not all ASCII, the lengths in the layout become lengths in bytes. */
  #encodeText() {
    const data = Buffer.allocUnsafeSlow(this.#text.length);
    // As many bytes as characters: only ASCII fits.
    if (encoder.encodeInto(this.#text, data).read === this.#text.length) return data;
    const layout = this.#layout.all();
    let at = 0;
    const measure = (i) => {
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

/** Bytes of a key or header value. */
function bytes(part, name) {
  if (part === null || part === undefined || typeof part === 'string') return part;
  if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  throw new TypeError(`${name} must be a string or Buffer`);
}

/** Value bytes and content type of what a user sends. */
function encodeValue(value) {
  if (value === null || value === undefined || typeof value === 'string') return { value };
  if (isFrame(value)) return { value: encodeFrame(value.data, value), type: FRAME_TYPE };
  if (Object.prototype.toString.call(value) === '[object Float32Array]') {
    return { value: bytes(value), type: F32_TYPE };
  }
  if (ArrayBuffer.isView(value) && !isBytes(value)) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    throw new TypeError(
      `message.value must not be a ${name}, which would be read as other numbers: send Float32Array.from(value), or its bytes ` +
        'with Buffer.from(value.buffer, value.byteOffset, value.byteLength)',
    );
  }
  return { value: bytes(value, 'message.value') };
}

/** Whether a view is one of bytes: a Buffer, Uint8Array or Uint8ClampedArray of any realm. */
const isBytes = (view) => /^\[object Uint8(Clamped)?Array\]$/.test(Object.prototype.toString.call(view));

/** A flat list of headers from a record; an array repeats its name. */
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
