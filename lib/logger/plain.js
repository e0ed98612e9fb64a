'use strict';

/** Values of a log's context as JSON can hold them: what it cannot is replaced by itself, the rest stays. */

/** Deeper than this nobody reads. */
const MAX_DEPTH = 64;

const refused = (error) => `[Unable to stringify: ${reasonOf(error)}]`;

function reasonOf(error) {
  try {
    return String(error?.message ?? error);
  } catch {
    return 'unknown reason';
  }
}

/** @returns {Record<string, unknown>} an error's name, message, stack and cause, and what was added to it */
function errorFields(error) {
  const { name, message, stack, cause, errors } = error;
  const fields = { name, message, stack, ...error };
  if (cause !== undefined) fields.cause = cause;
  if (errors !== undefined) fields.errors = errors;
  return fields;
}

/** Another realm's errors are errors, too. */
const isError = (value) => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/**
 * @param {unknown} value
 * @returns {any} what `JSON.stringify` would write, except that an Error keeps its name, message and stack, a BigInt
 *   becomes its digits as text, a Map an object, a Set an array, and a reference to what encloses it `[Circular]`
 */
function plain(value) {
  return converted(value, '', new Set());
}

function converted(value, key, enclosing) {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (enclosing.has(value)) return '[Circular]';
  if (enclosing.size === MAX_DEPTH) return '[Too deep]';
  enclosing.add(value);
  try {
    return contents(value, key, enclosing);
  } catch (error) {
    return refused(error);
  } finally {
    enclosing.delete(value);
  }
}

function contents(value, key, enclosing) {
  if (typeof value.toJSON === 'function') return converted(value.toJSON(key), key, enclosing);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  if (Array.isArray(value)) return value.map((item, i) => converted(item, String(i), enclosing) ?? null);
  if (value instanceof Set) return contents([...value], key, enclosing);
  if (value instanceof Map) return contents(Object.fromEntries(value), key, enclosing);
  const fields = {};
  const source = isError(value) ? errorFields(value) : value;
  for (const name of Object.keys(source)) {
    const item = field(source, name, enclosing);
    if (item !== undefined) define(fields, name, item);
  }
  return fields;
}

/** Defined, not assigned: a key may be `__proto__`. */
function define(fields, name, value) {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}

/** One entry: a getter that throws spoils only itself. */
function field(source, name, enclosing) {
  try {
    return converted(source[name], name, enclosing);
  } catch (error) {
    return refused(error);
  }
}

module.exports = { plain };
