'use strict';
/** Functions of whole signals, which the core knows by name: at once, or on a worker thread. */

const native = require('./addon.js');

const call = (name, ...values) => native.callFunction(name, values);

/** Rejects, never throws: reading the arguments is the one step that happens in the calling thread. */
const callAsync = async (name, ...values) => native.callFunctionAsync(name, values);

module.exports = { call, callAsync };
