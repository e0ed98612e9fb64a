'use strict';

/** A recording cannot be read or written: `code`, `file`, and `byte` or `line` where the place is known. */
class RecordingError extends Error {
  /**
   * @param {string} message
   * @param {{ code?: string, file?: string, byte?: number, line?: number, errno?: number }} [fields]
   */
  constructor(message, { code, file, byte, line, errno } = {}) {
    super(message);
    Object.defineProperty(this, 'name', { value: 'RecordingError', configurable: true, writable: true });
    this.code = code ?? 'DAMAGED';
    if (file !== undefined) this.file = file;
    if (byte !== undefined) this.byte = byte;
    if (line !== undefined) this.line = line;
    if (errno !== undefined) this.errno = errno;
  }
}

/**
 * Resolves to what native work gives; its failures become errors of this side.
 *
 * @template T
 * @param {string} label the function, for errors about its options
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
async function native(label, work) {
  try {
    return await work();
  } catch (error) {
    const failure = /** @type {Error & { code?: string }} */ (error);
    if (failure instanceof RangeError) throw new RangeError(`${label}: ${failure.message}`);
    if (['DAMAGED', 'UNSUPPORTED', 'IO'].includes(String(failure.code))) {
      throw new RecordingError(failure.message, failure);
    }
    throw error;
  }
}

module.exports = { RecordingError, native };
