'use strict';
/** The error classes of streaming. All have `name` = class name and a `code`. */

class StreamingError extends Error {
  /** @param {string} message @param {object} [fields] */
  constructor(message, { cause, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
    Object.assign(this, fields);
  }
}

/** A failure that Kafka or its client reports: `code` (librdkafka's name), `retriable`, `fatal`. */
class KafkaError extends StreamingError {
  constructor(message, fields) {
    super(message, { code: '_FAIL', retriable: false, fatal: false, ...fields });
  }
}

/** A handler failed: `cause`, `topic`, `partition`, `offset`, `attempts`. */
class KafkaHandlerError extends StreamingError {
  constructor(cause, place) {
    super(cause instanceof Error ? cause.message : String(cause), { code: 'HANDLER_FAILED', ...place, cause });
  }
}

/** A message cannot be decoded: `topic`, `partition`, `offset`, `reason`. */
class KafkaDecodeError extends StreamingError {
  constructor(reason, place) {
    super(`${place.topic}/${place.partition}/${place.offset} cannot be decoded: ${reason}`, {
      code: 'DECODE_FAILED',
      ...place,
      reason,
    });
  }
}

/** A state store failed: `code`, `retriable`. */
class StateStoreError extends StreamingError {
  constructor(message, fields) {
    super(message, { code: 'STORE_FAILED', retriable: false, ...fields });
  }
}

/** A scope belongs to a later owner: `scope`, `ours`, `theirs`, `owner`. */
class StateFencedError extends StreamingError {
  constructor(message, fields) {
    super(message, { code: 'FENCED', ...fields });
  }
}

/** The folder of an embedded store belongs to another process. */
class StateLockedError extends StreamingError {
  constructor(message, fields) {
    super(message, { code: 'LOCKED', ...fields });
  }
}

/** The pipeline differs from the one that wrote the state. */
class StateDefinitionError extends StreamingError {
  constructor(message, fields) {
    super(message, { code: 'DEFINITION_CHANGED', ...fields });
  }
}

/** Messages that were wanted are gone: `topic`, `partition`, `wanted`, `low`, `high`. */
class StreamDataLossError extends StreamingError {
  constructor(message, fields) {
    super(message, { code: 'DATA_LOSS', ...fields });
  }
}

/** The state of a partition is not in this store: `topic`, `partition`, `store`. */
class StreamStateMissingError extends StreamingError {
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
  StateDefinitionError,
  StreamDataLossError,
  StreamStateMissingError,
};

/** An instance of its class for an error that came from the addon as data, or as a plain error with its fields. */
function adopt(failure) {
  if (failure.name === 'TypeError') return failure instanceof Error ? failure : new TypeError(failure.message);
  const Class = classes[failure.name];
  if (!Class) return failure;
  const { name, message, stack, ...fields } = failure;
  return new Class(failure.message, fields);
}

/** Calls the addon; what it throws becomes an instance of its class. */
function native(call) {
  try {
    return call();
  } catch (error) {
    throw adopt(error);
  }
}

module.exports = { ...classes, adopt, native };
