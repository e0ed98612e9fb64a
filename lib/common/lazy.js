'use strict';

/**
 * A function whose module is loaded by its first call, so that importing the package stays quick: whoever filters a signal
 * waits for no Kafka client and no log backend.
 *
 * @param {string} name of the function in the module
 * @param {() => object} load requires the module
 */
function lazy(name, load) {
  let loaded;
  return {
    [name](...args) {
      loaded ??= load()[name];
      return loaded(...args);
    },
  }[name];
}

module.exports = { lazy };
