'use strict';
/** The error classes of Kafka and state stores. All have `name` = class name and a `code`. */

/** @typedef {import('../native/exports.js').NativeFailure} NativeFailure */
/** @typedef {Record<string, unknown> & { cause?: unknown, code?: string }} ErrorFields */

/**
 * @typedef {object} MessagePosition where a message is
 * @property {string} topic
 * @property {number} partition
 * @property {string} offset
 */

class StreamingError extends Error {
  /**
   * @param {string} message
   * @param {ErrorFields} [fields] become properties of the error
   */
  constructor(message, { cause, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    Object.assign(this, fields);
  }
}

/** A failure that Kafka or its client reports: `code` (librdkafka's name), `retriable`, `fatal`. */
class KafkaError extends StreamingError {
  /**
   * @param {string} message
   * @param {ErrorFields & { retriable?: boolean, fatal?: boolean }} [fields]
   */
  constructor(message, fields) {
    const all = { code: '_FAIL', retriable: false, fatal: false, ...fields };
    super(message, all);
    this.code = all.code;
    this.retriable = all.retriable;
    this.fatal = all.fatal;
  }
}

/** A handler failed: `cause`, `topic`, `partition`, `offset`, `attempts`. */
class KafkaHandlerError extends StreamingError {
  /**
   * @param {unknown} cause
   * @param {MessagePosition & { attempts: number }} position
   */
  constructor(cause, position) {
    super(cause instanceof Error ? cause.message : String(cause), { code: 'HANDLER_FAILED', ...position, cause });
    this.offset = position.offset;
  }
}

/** A message cannot be decoded: `topic`, `partition`, `offset`, `reason`. */
class KafkaDecodeError extends StreamingError {
  /**
   * @param {string} reason
   * @param {MessagePosition} position
   */
  constructor(reason, position) {
    const { topic, partition, offset } = position;
    const text = `${topic}/${partition}/${offset} cannot be decoded: ${reason}`;
    super(text, { code: 'DECODE_FAILED', ...position, reason });
    this.topic = topic;
    this.offset = offset;
  }
}

/** A state store failed: `code`, `retriable`. */
class StateStoreError extends StreamingError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'STORE_FAILED', retriable: false, ...fields });
  }
}

/** A scope belongs to a later owner: `scope`, `ours`, `theirs`, `owner`. */
class StateFencedError extends StreamingError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'FENCED', ...fields });
  }
}

/** The folder of an embedded store belongs to another process. */
class StateLockedError extends StreamingError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'LOCKED', ...fields });
  }
}

/** The file of an embedded store is damaged: `path`. */
class StateCorruptedError extends StateStoreError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'CORRUPT', ...fields });
  }
}

/** The pipeline differs from the one that wrote the state. */
class StateDefinitionError extends StreamingError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'DEFINITION_CHANGED', ...fields });
  }
}

/** Requested messages no longer exist in the topic; `topic`, `partition`, and the offsets `wanted`, `low`, `high`. */
class StreamDataLossError extends StreamingError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'DATA_LOSS', ...fields });
  }
}

/** The state of a partition is not in this store: `topic`, `partition`, `store`. */
class StreamStateMissingError extends StreamingError {
  /** @param {string} message @param {ErrorFields} [fields] */
  constructor(message, fields) {
    super(message, { code: 'STATE_MISSING', ...fields });
  }
}

const classes = {
  KafkaError,
  KafkaHandlerError,
  KafkaDecodeError,
  StateStoreError,
  StateFencedError,
  StateLockedError,
  StateCorruptedError,
  StateDefinitionError,
  StreamDataLossError,
  StreamStateMissingError,
};

/** The classes of which the addon reports failures, by their names. @type {Map<string, typeof KafkaError>} */
const classByName = new Map(/** @type {[string, any][]} */ (Object.entries(classes)));

/**
 * Returns an instance of its class for an error that came from the addon as data, or as a plain error with its fields.
 *
 * @param {NativeFailure | (Error & Partial<NativeFailure>)} failure
 * @returns {Error & Partial<KafkaError>}
 */
function adopt(failure) {
  if (failure.name === 'TypeError') return failure instanceof Error ? failure : new TypeError(failure.message);
  const Class = classByName.get(failure.name);
  if (!Class) return /** @type {Error} */ (failure);
  const { name, message, stack, ...fields } = /** @type {Error & Partial<NativeFailure>} */ (failure);
  return new Class(failure.message, fields);
}

/**
 * Calls the addon and returns what it returns.
 *
 * @template T
 * @param {() => T} call
 * @returns {T}
 * @throws {StreamingError} what the addon throws, as an instance of its class
 */
function native(call) {
  try {
    return call();
  } catch (error) {
    throw adopt(/** @type {Error & Partial<NativeFailure>} */ (error));
  }
}

module.exports = { ...classes, adopt, native };
