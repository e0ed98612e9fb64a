'use strict';

const { AsyncLocalStorage } = require('#node').asyncHooks;
const { shown } = require('../common/arguments.js');

/** @typedef {import('../../index.js').TracingContext} TracingContext */

/** @type {import('node:async_hooks').AsyncLocalStorage<TracingContext>} */
const tracingContext = new AsyncLocalStorage();

/** @returns {TracingContext} the current context, `{}` outside of any */
function getTracingContext() {
  return tracingContext.getStore() ?? {};
}

/**
 * Runs `fn`, and what it starts, with `context`. A nested call replaces the context whole.
 *
 * @template T
 * @param {TracingContext} context
 * @param {() => T} fn
 * @returns {T} what `fn` returns
 */
function withTracingContext(context, fn) {
  if (typeof fn !== 'function') throw new TypeError(`withTracingContext: fn must be a function, got ${shown(fn)}`);
  return tracingContext.run(context, fn);
}

/**
 * Returns an id in lower case, `undefined` unless it is `digits` hexadecimal digits and not all zeros.
 *
 * @param {unknown} id
 * @param {number} digits
 */
function validId(id, digits) {
  if (typeof id !== 'string' || id.length !== digits || !/^[0-9a-f]+$/i.test(id) || /^0+$/.test(id)) return undefined;
  return id.toLowerCase();
}

/**
 * Returns a W3C `traceparent` header, sampled: `00-<traceId>-<spanId>-01`.
 *
 * @param {string} [traceId] 32 hexadecimal digits, not all zeros
 * @param {string} [spanId] 16 hexadecimal digits, not all zeros
 * @returns {string | undefined} nothing when an id is missing or not valid
 */
function generateTraceparent(traceId, spanId) {
  const trace = validId(traceId, 32);
  const span = validId(spanId, 16);
  return trace && span && `00-${trace}-${span}-01`;
}

/**
 * Reads a W3C `traceparent` header of version 00.
 *
 * @param {unknown} header
 * @returns {{ traceId: string, spanId: string, sampled: boolean } | undefined} nothing when it is not valid
 */
function parseTraceparent(header) {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(header));
  if (!parts || !validId(parts[1], 32) || !validId(parts[2], 16)) return undefined;
  return { traceId: parts[1], spanId: parts[2], sampled: (parseInt(parts[3], 16) & 1) === 1 };
}

module.exports = { tracingContext, getTracingContext, withTracingContext, generateTraceparent, parseTraceparent };
