'use strict';
/** Functions of the core by name: at once, or on a worker thread. */

const { call, callAsync } = require('../../native/call.js');

/**
 * `core` is the core's name, `name` this function's.
 *
 * @param {string} core the core's name
 * @param {string} [name] this function's
 * @returns {(...values: unknown[]) => any}
 */
const atOnce = (core, name = core) => ({ [name]: (/** @type {unknown[]} */ ...values) => call(core, ...values) })[name];
/**
 * @param {string} core the core's name
 * @param {string} [name] this function's
 * @returns {(...values: unknown[]) => Promise<any>}
 */
const onThread = (core, name = `${core}Async`) =>
  ({ [name]: async (/** @type {unknown[]} */ ...values) => callAsync(core, ...values) })[name];

module.exports = { atOnce, onThread };
