'use strict';
/** Functions of whole signals, which the core knows by name: at once, or on a worker thread. */

const native = require('./addon.js');

/**
 * Returns the result of one of the core's functions, computed in the calling thread.
 *
 * @param {string} name
 * @param {...unknown} values
 * @returns {any} the type is that of the function
 */
const call = (name, ...values) => native.callFunction(name, values);

/**
 * Resolves to the result of one of the core's functions, computed on a worker thread. Rejects, never throws: reading
 * the arguments is the one step that happens in the calling thread.
 *
 * @param {string} name
 * @param {...unknown} values
 * @returns {Promise<any>}
 */
const callAsync = async (name, ...values) => native.callFunctionAsync(name, values);

module.exports = { call, callAsync };
