/** Node's own modules for bundles; the same names as in `builtins.js`. */
import { fileURLToPath } from 'node:url';

export * as asyncHooks from 'node:async_hooks';
export * as diagnosticsChannel from 'node:diagnostics_channel';
export { default as events } from 'node:events';
export * as fs from 'node:fs';
export { default as module } from 'node:module';
export * as os from 'node:os';
export { default as path } from 'node:path';
export { default as stream } from 'node:stream';
export * as timers from 'node:timers';
export * as timersPromises from 'node:timers/promises';
export * as url from 'node:url';
export * as util from 'node:util';

/** The file that the bundle is in. */
export const filename = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
