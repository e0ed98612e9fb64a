'use strict';
/** Messages packed for the addon: all bytes in one buffer, all lengths in one array. */
const { encodeFrame, isFrame, FRAME_TYPE, F32_TYPE } = require('./codecs.js');

/**
 * Collects messages; `take()` gives them packed. Parts are strings or bytes; while all of them are ASCII strings they
 * cross as one string, encoded once.
 */
class Packer {
  #parts = [];
  #layout = [];
  #timestamps = [];
  #binary = false;

  /** Number of messages. */
  get count() {
    return this.#timestamps.length;
  }

  /**
   * Adds a message. `headers` is a flat list: name, value, name, value, …
   * @param {{ key: any, value: any, headers: any[], partition?: number, timestamp?: number }} message
   */
  add({ key, value, headers, partition = -1, timestamp = NaN }) {
    this.#layout.push(partition, this.#part(key), this.#part(value), headers.length / 2);
    for (const part of headers) this.#layout.push(this.#part(part));
    this.#timestamps.push(timestamp);
  }

  #part(part) {
    if (part === null || part === undefined) return -1;
    this.#parts.push(part);
    if (typeof part !== 'string') this.#binary = true;
    return part.length;
  }

  /** The packed messages. */
  take() {
    const data = this.#binary ? undefined : Buffer.from(this.#parts.join(''));
    const layout = Int32Array.from(this.#layout);
    const timestamps = Float64Array.from(this.#timestamps);
    const isAscii = data !== undefined && data.length === this.#parts.reduce((sum, part) => sum + part.length, 0);
    return { data: isAscii ? data : this.#encode(layout), layout, timestamps };
  }

  /** Encodes part by part and writes the lengths in bytes into `layout`. */
  #encode(layout) {
    const chunks = this.#parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
    let next = 0;
    const length = (i) => {
      if (layout[i] >= 0) layout[i] = chunks[next++].length;
    };
    for (let i = 0; i < layout.length; ) {
      const headers = 2 * layout[i + 3];
      length(i + 1);
      length(i + 2);
      for (let h = 0; h < headers; h++) length(i + 4 + h);
      i += 4 + headers;
    }
    return Buffer.concat(chunks);
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
  return { value: bytes(value, 'message.value') };
}

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
