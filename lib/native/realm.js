'use strict';

/**
 * Objects of this realm. A native addon makes its arrays and errors in the realm that has loaded it first; where the
 * package runs in another one (the sandbox of a test runner), `instanceof` would fail for them there. Everything that
 * crosses the border is then made anew on this side, over the same memory. Where there is one realm only, nothing is
 * wrapped.
 */

const VIEWS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
];
const viewsByName = new Map(VIEWS.map((View) => [View.name, View]));
const errorsByName = new Map([Error, TypeError, RangeError, SyntaxError].map((Class) => [Class.name, Class]));

/** @param {unknown} value */
const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

/** The stand-ins of native objects here → the objects themselves. @type {WeakMap<object, object>} */
const originals = new WeakMap();
/** The other way round, so that an object stays one. @type {WeakMap<object, object>} */
const standIns = new WeakMap();

/** @typedef {(...values: any[]) => any} AnyFunction */

/**
 * @param {any} value
 * @returns {any} what the addon gets for it
 */
const toNative = (value) => {
  if (typeof value === 'function')
    return (/** @type {unknown[]} */ ...values) => toNative(value(...values.map(fromNative)));
  return originals.get(value) ?? value;
};

/**
 * Returns an error with the same text, stack and properties, of the class of the same name.
 *
 * @param {Error} error
 */
function errorOf(error) {
  const Class = errorsByName.get(error.name) ?? Error;
  const made = new Class(error.message);
  Object.defineProperty(made, 'stack', { value: error.stack, configurable: true, writable: true });
  return Object.assign(made, error);
}

/**
 * @param {Promise<unknown>} promise
 * @returns {Promise<unknown>} its result or error made of this realm
 */
function promiseOf(promise) {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => resolve(fromNative(value)),
      (error) => reject(fromNative(error)),
    );
  });
}

/**
 * @param {any} value
 * @returns {any} the same value made of this realm's objects
 */
function fromNative(value) {
  if (value === null || typeof value !== 'object') return value;
  if (standIns.has(value)) return standIns.get(value);
  if (Buffer.isBuffer(value)) return value;
  const tag = tagOf(value);
  if (tag === 'Error') return errorOf(value);
  if (tag === 'Promise') return promiseOf(value);
  if (tag === 'Array') return Array.from(value, fromNative);
  const View = viewsByName.get(tag);
  if (View) return value instanceof View ? value : new View(value.buffer, value.byteOffset, value.length);
  const isRecord = Object.getPrototypeOf(Object.getPrototypeOf(value) ?? null) === null;
  if (!isRecord) return standInFor(value);
  return Object.fromEntries(Object.entries(value).map(([key, x]) => [key, fromNative(x)]));
}

/**
 * Calls into the addon.
 *
 * @param {() => unknown} work
 */
function cross(work) {
  try {
    return fromNative(work());
  } catch (error) {
    throw fromNative(error);
  }
}

/**
 * Returns an object whose methods are those of the native one.
 *
 * @param {object} object
 */
function standInFor(object) {
  const methods = new Map();
  const standIn = new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return fromNative(value);
      if (!methods.has(name)) {
        methods.set(name, (/** @type {unknown[]} */ ...values) =>
          cross(() => value.apply(target, values.map(toNative))),
        );
      }
      return methods.get(name);
    },
  });
  originals.set(standIn, object);
  standIns.set(object, standIn);
  return standIn;
}

/** @param {AnyFunction} value */
const isClass = (value) => Object.getOwnPropertyNames(value.prototype ?? {}).length > 1;

/** @param {unknown} value an export of the addon */
function wrapExport(value) {
  if (typeof value !== 'function') return fromNative(value);
  const callable = /** @type {AnyFunction & (new (...values: unknown[]) => object)} */ (value);
  if (!isClass(callable)) {
    return (/** @type {unknown[]} */ ...values) => cross(() => callable(...values.map(toNative)));
  }
  return new Proxy(callable, {
    construct: (Class, /** @type {unknown[]} */ values) => cross(() => new Class(...values.map(toNative))),
  });
}

/**
 * Returns the addon's exports, or where they make objects of another realm, functions and classes that make some of
 * this one.
 *
 * @param {typeof import('./exports.js')} native
 * @returns {typeof import('./exports.js')}
 */
function inThisRealm(native) {
  if (native.toMilliseconds(new BigInt64Array(0)) instanceof Float64Array) return native;
  const wrapped = Object.fromEntries(Object.entries(native).map(([name, value]) => [name, wrapExport(value)]));
  return /** @type {any} */ (wrapped); // the same names with the same signatures
}

module.exports = { inThisRealm };
