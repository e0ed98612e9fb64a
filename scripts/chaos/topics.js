'use strict';
const { connect } = require('node:net');

/**
 * Makes topics on a real broker: CreateTopics, version 2.
 *
 * @param {string} broker
 * @param {string[]} names
 * @param {number} partitions
 */
async function createTopics(broker, names, partitions) {
  const int = (/** @type {number} */ bytes) => (/** @type {number} */ value) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const [i8, i16, i32] = [int(1), int(2), int(4)];
  const text = (/** @type {string} */ value) => Buffer.concat([i16(Buffer.byteLength(value)), Buffer.from(value)]);
  const topic = (/** @type {string} */ name) => [text(name), i32(partitions), i16(1), i32(0), i32(0)];
  const request = Buffer.concat([
    i16(19),
    i16(2),
    i32(1),
    text('dspx-chaos'),
    i32(names.length),
    ...names.flatMap(topic),
    i32(10_000),
    i8(0),
  ]);
  const colon = broker.lastIndexOf(':');
  const socket = connect(Number(broker.slice(colon + 1)), broker.slice(0, colon));
  try {
    socket.write(Buffer.concat([i32(request.length), request]));
    let answer = Buffer.alloc(0);
    for await (const bytes of socket) {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE()) break;
    }
    // Length, correlation, throttle time, number of topics; then name, code and message of each.
    let at = 16;
    for (let i = 0; i < names.length; i++) {
      const end = at + 2 + answer.readInt16BE(at);
      const code = answer.readInt16BE(end);
      if (code !== 0) throw new Error(`${answer.subarray(at + 2, end)} was not made: Kafka error ${code}`);
      at = end + 4 + Math.max(0, answer.readInt16BE(end + 2));
    }
  } finally {
    socket.destroy();
  }
}

module.exports = { createTopics };
