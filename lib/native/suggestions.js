'use strict';

/** "Did you mean …?" for names that nearly exist. */

const native = require('./addon.js');

/** A longer text is no name of a method. */
const MAX_LENGTH = 64;

/**
 * Returns the one of `names` that is probably meant, `undefined` where none is near.
 *
 * @param {string} name
 * @param {string[]} names
 */
const nearest = (name, names) => native.nearestName(name, names) ?? undefined;

/** Names that others look up to find out what an object is; they stay absent. */
const PROTOCOLS = new Set([
  'then',
  'catch',
  'finally',
  'toJSON',
  'inspect',
  'constructor',
  'nodeType',
  'tagName',
  'asymmetricMatch',
  'size',
  'length',
]);

/**
 * Returns the names of an object's own functions that are for users.
 *
 * @param {object} object
 */
function methodNames(object) {
  return Object.entries(Object.getOwnPropertyDescriptors(object))
    .filter(([name, { value }]) => typeof value === 'function' && !name.startsWith('_') && name !== 'constructor')
    .map(([name]) => name);
}

/**
 * Puts behind an object's methods a function for every name that nearly is one of them. Called, it says which.
 *
 * @param {object} object a class, for its static methods, or its prototype
 * @param {string} how the name of the object in the message
 */
function suggestMethods(object, how) {
  /** @param {string} name */
  const suggestion = (name) => {
    const meant = nearest(name, methodNames(object));
    return (
      meant &&
      {
        [name]() {
          throw new TypeError(`${how} has no method ${name}: did you mean ${meant}?`);
        },
      }[name]
    );
  };
  const parent = /** @type {object} */ (Object.getPrototypeOf(object));
  // The class that another one extends has to stay one, which can be called by `super`.
  const fallback = new Proxy(typeof parent === 'function' ? parent : Object.create(parent), {
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver);
      if (value !== undefined || typeof name !== 'string' || name.startsWith('_') || PROTOCOLS.has(name)) return value;
      return name.length <= MAX_LENGTH ? suggestion(name) : undefined;
    },
  });
  Object.setPrototypeOf(object, fallback);
}

module.exports = { nearest, suggestMethods };
