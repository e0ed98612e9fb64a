'use strict';

/**
 * What a caller might pass by mistake or in bad faith. Each is made anew, because calls may change or keep what they
 * get.
 */

/** What throwing values throw: the caller's own error, which may come out of a call as it is. */
class Thrown extends Error {}

const fail = () => {
  throw new Thrown('thrown by the caller');
};

const TRAPS = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'apply', 'construct', 'set'];

function cycle() {
  const object = { a: [] };
  object.a.push(object);
  return object;
}

/** An array of 84 elements that is the element of another, and so on: few bytes here, 84⁵ values where it is copied. */
function nested() {
  let list = new Array(84).fill(0);
  for (let depth = 0; depth < 4; depth++) list = new Array(84).fill(list);
  return list;
}

function detached() {
  const array = Float32Array.of(1, 2, 3, 4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

function shrunk() {
  const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
  const array = new Float32Array(buffer, 32, 4);
  buffer.resize(8);
  return array;
}

/** By name, what makes it. */
const HOSTILE = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  '-1': () => -1,
  0: () => 0,
  '-0': () => -0,
  1: () => 1,
  2.5: () => 2.5,
  '2^31': () => 2 ** 31,
  '2^32+1': () => 2 ** 32 + 1,
  '2^53': () => 2 ** 53,
  '1e308': () => 1e308,
  '-1e308': () => -1e308,
  '5e-324': () => 5e-324,
  'an empty text': () => '',
  'a text': () => 'x',
  'a number as text': () => '8',
  'a text of escapes': () => '\u001b[31m\u0000\n',
  'a long text': () => 'x'.repeat(2 ** 22),
  'a lone surrogate': () => '\ud800',
  'an empty array': () => [],
  'an array of nothing': () => [undefined, null],
  'an array of texts': () => ['x', 'y'],
  'an array of NaN': () => [NaN, 1],
  'a sparse array': () => new Array(2 ** 32 - 1),
  'a nested array': nested,
  'an empty object': () => ({}),
  'an object without prototype': () => Object.create(null),
  'a cycle': cycle,
  'an Int16Array': () => Int16Array.of(1, -2, 3, -4),
  'a Uint8Array': () => Uint8Array.of(1, 2, 3, 4),
  'a BigInt64Array': () => BigInt64Array.of(1n, 2n),
  'a Float64Array': () => Float64Array.of(1, 2, 3, 4),
  'an empty Float32Array': () => new Float32Array(0),
  'a Float32Array of NaN': () => Float32Array.of(NaN, Infinity, 1, 2),
  'a detached Float32Array': detached,
  'a Float32Array that is out of bounds': shrunk,
  'a shared Float32Array': () => new Float32Array(new SharedArrayBuffer(64)),
  'a shared Float64Array': () => new Float64Array(new SharedArrayBuffer(64)),
  'an ArrayBuffer': () => new ArrayBuffer(16),
  'a DataView': () => new DataView(new ArrayBuffer(16)),
  'a proxy that throws': () => new Proxy({}, Object.fromEntries(TRAPS.map((trap) => [trap, fail]))),
  'a proxy of an array that throws': () => new Proxy([1, 2], { get: fail }),
  'a proxy that has everything': () =>
    new Proxy({}, { get: (_, key) => (typeof key === 'symbol' ? undefined : 'x'), has: () => true }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a getter that throws': () => ({
    get length() {
      return fail();
    },
    get real() {
      return fail();
    },
    get type() {
      return fail();
    },
  }),
  'an object whose text throws': () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  'a symbol': () => Symbol('x'),
  'a BigInt': () => 10n,
  'a function': () => () => {},
  'a function that throws': () => fail,
  'a class': () => class {},
  'a Date': () => new Date(NaN),
  'a Map': () => new Map([['a', 1]]),
  'a promise': () => Promise.resolve(1),
};

module.exports = { HOSTILE, Thrown };
