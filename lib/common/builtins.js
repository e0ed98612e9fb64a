'use strict';

/**
 * Node's own modules, each loaded when it is first asked for. The package asks for them as `require('#node')`, which
 * bundlers take for `builtins.mjs`: in a bundle of ES modules there is no `require`.
 */
module.exports = {
  get asyncHooks() {
    return require('node:async_hooks');
  },
  get diagnosticsChannel() {
    return require('node:diagnostics_channel');
  },
  get events() {
    return require('node:events');
  },
  get fs() {
    return require('node:fs');
  },
  get module() {
    return require('node:module');
  },
  get os() {
    return require('node:os');
  },
  get path() {
    return require('node:path');
  },
  get stream() {
    return require('node:stream');
  },
  get timers() {
    return require('node:timers');
  },
  get timersPromises() {
    return require('node:timers/promises');
  },
  get url() {
    return require('node:url');
  },
  get util() {
    return require('node:util');
  },
  /** The file that the package's code is in. */
  filename: __filename,
};
