const { TestEnvironment } = require('jest-environment-node');

/**
 * Errors and typed arrays made by native code belong to Node's own realm, so inside Jest's sandbox `instanceof` and
 * `toThrow(TypeError)` would fail for them. Sharing the classes makes the sandbox's names mean the same objects.
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of [
      'Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError', 'Array', 'Promise', 'Map',
      'ArrayBuffer', 'Float32Array', 'Float64Array', 'Int16Array', 'Int32Array', 'Uint8Array', 'BigInt64Array',
    ]) {
      this.global[name] = globalThis[name];
    }
  }
};
