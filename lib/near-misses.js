'use strict';

/** "Did you mean …?" for names that nearly exist. */

/** Typing mistakes that are forgiven: one for short names, two from this length on. */
const LONG = 8;
/** A longer text is no name of a method. */
const LONGEST = 64;

const plainForm = (name) => name.toLowerCase().replace(/[_\-\s]/g, '');

/** @returns {number} letters to insert, remove, replace or swap with their neighbour to make one text of the other */
function distance(a, b) {
  let [before, last] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1] + Number(a[i - 1] !== b[j - 1]);
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/** @returns {string | undefined} the one of `names` that is probably meant */
function nearest(name, names) {
  const wanted = plainForm(name);
  const allowed = wanted.length >= LONG ? 2 : 1;
  let best;
  let least = allowed + 1;
  for (const candidate of names) {
    const form = plainForm(candidate);
    if (Math.abs(form.length - wanted.length) >= least) continue;
    const far = distance(wanted, form);
    if (far < least) [best, least] = [candidate, far];
  }
  return wanted.length > 2 ? best : undefined;
}

/** Names that others look up to find out what an object is; they stay absent. */
const PROTOCOLS = new Set([
  'then', 'catch', 'finally', 'toJSON', 'inspect', 'constructor', 'nodeType', 'tagName', 'asymmetricMatch', 'size', 'length',
]);

/** The names of an object's own functions that are for users. */
function methodNames(object) {
  const isMethod = ([name, { value }]) => typeof value === 'function' && !name.startsWith('_') && name !== 'constructor';
  return Object.entries(Object.getOwnPropertyDescriptors(object)).filter(isMethod).map(([name]) => name);
}

/**
 * Puts behind an object's methods a function for every name that nearly is one of them. Called, it says which.
 *
 * @param {object} object a class, for its static methods, or its prototype
 * @param {string} how what the object is called in the message
 */
function suggestMethods(object, how) {
  const suggestion = (name) => {
    const meant = nearest(name, methodNames(object));
    return meant && {
      [name]() {
        throw new TypeError(`${how} has no method ${name}: did you mean ${meant}?`);
      },
    }[name];
  };
  const above = Object.getPrototypeOf(object);
  // A class above has to stay one, which can be called by `super`.
  const fallback = new Proxy(typeof above === 'function' ? above : Object.create(above), {
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver);
      if (value !== undefined || typeof name !== 'string' || name.startsWith('_') || PROTOCOLS.has(name)) return value;
      return name.length <= LONGEST ? suggestion(name) : undefined;
    },
  });
  Object.setPrototypeOf(object, fallback);
}

module.exports = { nearest, suggestMethods };
