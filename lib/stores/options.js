'use strict';
/**
 * The options of state stores, checked before native code sees them, so that every refusal is in words of ours. None
 * holds a text that was given: it may be a password in the wrong place.
 */
const { warnOnce } = require('../common/warnings.js');

/**
 * Returns the kind of a value: `a string`, `an object`.
 *
 * @param {unknown} value
 */
function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (ArrayBuffer.isView(value)) return 'bytes';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** @param {unknown} value @returns {value is undefined | null} */
const isAbsent = (value) => value === undefined || value === null;

/** Reads options of one function; errors begin with its name. */
class Options {
  #caller;
  #path;
  #values;

  /**
   * @param {string} caller
   * @param {any} values
   * @param {string} [path] of the group, with a dot at its end
   */
  constructor(caller, values, path = '') {
    if (typeof values !== 'object' || values === null || Array.isArray(values) || ArrayBuffer.isView(values)) {
      throw new TypeError(
        `${caller}: ${path ? path.slice(0, -1) : 'the configuration'} must be an object, got ${kindOf(values)}`,
      );
    }
    this.#caller = caller;
    this.#path = path;
    this.#values = values;
  }

  /**
   * @param {ErrorConstructor} Class
   * @param {string} name
   * @param {string} rule
   * @param {string} [got]
   */
  #refuse(Class, name, rule, got) {
    return new Class(`${this.#caller}: ${this.#path}${name} must be ${rule}${got ? `, got ${got}` : ''}`);
  }

  /**
   * Returns the options in an option; without it, none.
   *
   * @param {string} name
   */
  group(name) {
    return new Options(this.#caller, this.#values[name] ?? {}, `${this.#path}${name}.`);
  }

  /**
   * Returns a text that is not empty.
   *
   * @param {string} name
   * @param {string} [fallback]
   * @returns {string}
   */
  text(name, fallback) {
    const value = this.#values[name] ?? fallback;
    if (typeof value !== 'string') throw this.#refuse(TypeError, name, 'a non-empty string', kindOf(value));
    if (value === '' || value.includes('\0')) throw this.#refuse(TypeError, name, 'a non-empty string without NUL');
    return value;
  }

  /**
   * Returns a text that may be absent or empty.
   *
   * @param {string} name
   * @returns {string | undefined}
   */
  optionalText(name) {
    const value = this.#values[name];
    if (isAbsent(value)) return undefined;
    if (typeof value !== 'string') throw this.#refuse(TypeError, name, 'a string', kindOf(value));
    return value;
  }

  /**
   * Returns a whole number within bounds.
   *
   * @param {string} name
   * @param {{ fallback?: Fallback, min?: number, max?: number }} bounds
   * @template {number | undefined} [Fallback=undefined]
   * @returns {number | Fallback}
   */
  integer(name, { fallback, min = 0, max = Number.MAX_SAFE_INTEGER }) {
    const value = this.#values[name];
    if (isAbsent(value)) return /** @type {Fallback} */ (fallback);
    const rule = `an integer from ${min} to ${max}`;
    if (typeof value !== 'number') throw this.#refuse(TypeError, name, rule, kindOf(value));
    if (!Number.isInteger(value) || value < min || value > max)
      throw this.#refuse(TypeError, name, rule, String(value));
    return value;
  }

  /**
   * Returns one of some texts.
   *
   * @param {string} name
   * @param {string[]} choices
   * @param {string} [fallback]
   * @returns {string}
   */
  choice(name, choices, fallback) {
    const value = this.#values[name] ?? fallback;
    if (!choices.includes(value)) throw this.#refuse(TypeError, name, choices.map((each) => `'${each}'`).join(' or '));
    return value;
  }

  /**
   * Returns whether something is on.
   *
   * @param {string} name
   * @param {boolean} fallback
   * @returns {boolean}
   */
  flag(name, fallback) {
    const value = this.#values[name] ?? fallback;
    if (typeof value !== 'boolean') throw this.#refuse(TypeError, name, 'true or false', kindOf(value));
    return value;
  }

  /**
   * Returns certificates or a key as PEM bytes.
   *
   * @param {string} name
   * @returns {Buffer | undefined}
   */
  pem(name) {
    const value = this.#values[name];
    if (isAbsent(value)) return undefined;
    const isBytes = ArrayBuffer.isView(value);
    if (!isBytes && typeof value !== 'string') throw this.#refuse(TypeError, name, 'a string or Buffer', kindOf(value));
    const bytes = isBytes ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value);
    if (!bytes.includes('-----BEGIN ')) throw this.#refuse(TypeError, name, 'in PEM format');
    return bytes;
  }
}

/**
 * Returns the settings of a Redis store for the addon.
 *
 * @param {unknown} config
 * @returns {import('../native/exports.js').NativeRedisConfig}
 */
function redisSettings(config) {
  const caller = 'createRedisStateStore';
  const options = new Options(caller, config);
  const tls = options.group('tls');
  const reconnect = options.group('reconnect');
  const acceptAny = !tls.flag('rejectUnauthorized', true);
  const [cert, key] = [tls.pem('cert'), tls.pem('key')];
  if (!cert !== !key) throw new TypeError(`${caller}: tls.cert and tls.key must be given together`);
  const settings = {
    url: options.text('url'),
    prefix: options.text('prefix', 'dspx'),
    ttlMs: options.integer('ttlMs', { fallback: 0 }),
    username: options.optionalText('username'),
    password: options.optionalText('password'),
    db: options.integer('db', { max: 2 ** 31 - 1 }),
    ca: tls.pem('ca'),
    cert,
    key,
    acceptAny,
    connectTimeoutMs: options.integer('connectTimeoutMs', { fallback: 5000 }),
    commandTimeoutMs: options.integer('commandTimeoutMs', { fallback: 2000 }),
    reconnectInitialMs: reconnect.integer('initialMs', { fallback: 100 }),
    reconnectMaxMs: reconnect.integer('maxMs', { fallback: 5000 }),
    retryForMs: options.integer('retryForMs', { fallback: 30_000 }),
    chunkBytes: options.integer('chunkBytes', { fallback: 1 << 20 }),
    chunkKeys: options.integer('chunkKeys', { fallback: 256, min: 1, max: 4000 }),
    compress: options.choice('compression', ['none', 'zstd'], 'none') === 'zstd',
    waitReplicas: options.integer('waitReplicas', { fallback: 0, max: 2 ** 31 - 1 }),
  };
  if (acceptAny) warnOnce('tls.rejectUnauthorized: false turns the Redis certificate check off');
  return settings;
}

/**
 * Returns the settings of an embedded store for the addon.
 *
 * @param {unknown} config
 */
function embeddedSettings(config) {
  const options = new Options('createEmbeddedStateStore', config);
  return {
    path: options.text('path'),
    fsync: options.choice('durability', ['fsync', 'os'], 'fsync') === 'fsync',
    ttlMs: options.integer('ttlMs', { fallback: 0 }),
    cacheBytes: options.integer('cacheBytes', { fallback: 64 << 20 }),
  };
}

module.exports = { redisSettings, embeddedSettings };
