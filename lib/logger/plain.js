'use strict';

/** Values of a log's context as JSON can hold them: what it cannot is replaced by itself, the rest stays. */

/** Deeper than this nobody reads. */
const MAX_DEPTH = 64;

/** @param {unknown} error */
const refused = (error) => `[Unable to stringify: ${reasonOf(error)}]`;

/** @param {any} error */
function reasonOf(error) {
  try {
    return String(error?.message ?? error);
  } catch {
    return 'unknown reason';
  }
}

/**
 * Returns an error's name, message, stack and cause, and what was added to it.
 *
 * @param {Error & { errors?: unknown }} error
 * @returns {Record<string, unknown>}
 */
function errorFields(error) {
  const { name, message, stack, cause, errors } = error;
  /** @type {Record<string, unknown>} */
  const own = { ...error };
  const fields = { name, message, stack, ...own };
  return { ...fields, ...(cause !== undefined && { cause }), ...(errors !== undefined && { errors }) };
}

/**
 * Another realm's errors are errors, too.
 *
 * @param {unknown} value
 * @returns {value is Error}
 */
const isError = (value) => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/**
 * Returns what `JSON.stringify` would write of a value, except that an Error keeps its name, message and stack, a
 * BigInt becomes its digits as text, a Map an object, a Set an array, and a reference to what encloses it
 * `[Circular]`.
 *
 * @param {unknown} value
 * @returns {any}
 */
function plain(value) {
  return converted(value, '', new Set());
}

/**
 * @param {any} value
 * @param {string} key
 * @param {Set<object>} enclosing
 * @returns {any}
 */
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

/**
 * Returns the contents of an object, which is in `enclosing`.
 *
 * @param {any} value
 * @param {string} key
 * @param {Set<object>} enclosing
 * @returns {any}
 */
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

/**
 * Defined, not assigned: a key may be `__proto__`.
 *
 * @param {Record<string, unknown>} fields
 * @param {string} name
 * @param {unknown} value
 */
function define(fields, name, value) {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * Returns one entry, or the reason why it cannot be read: a getter that throws spoils only itself.
 *
 * @param {Record<string, unknown>} source
 * @param {string} name
 * @param {Set<object>} enclosing
 * @returns {any}
 */
function field(source, name, enclosing) {
  try {
    return converted(source[name], name, enclosing);
  } catch (error) {
    return refused(error);
  }
}

module.exports = { plain };
