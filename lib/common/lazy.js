'use strict';

/**
 * Returns a function whose module is loaded by its first call, so that importing the package stays quick: whoever
 * filters a signal waits for no Kafka client and no log backend.
 *
 * @template {string} Name
 * @template {(...values: any[]) => any} Value
 * @param {Name} name of the function in the module
 * @param {() => Record<Name, Value>} load requires the module
 * @returns {Value}
 */
function lazy(name, load) {
  /** @type {Value | undefined} */
  let loaded;
  const call = (/** @type {Parameters<Value>} */ ...args) => {
    loaded ??= load()[name];
    return loaded(...args);
  };
  Object.defineProperty(call, 'name', { value: name });
  return /** @type {any} */ (call); // a function of the same signature
}

module.exports = { lazy };
