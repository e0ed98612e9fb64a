// Starting other programs, the same way in every script.
import { spawn, spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The folder of the package, whatever folder a script was started in. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** A failure that is explained by its message alone: no stack is printed for it. */
export class Failure extends Error {}

/**
 * On Windows npm is a command file, which only a shell can start.
 *
 * @param {string} command
 */
const shell = (command) => process.platform === 'win32' && command === 'npm';

/**
 * Runs a program in the package's folder with its output shown; a `Failure` if it does not exit with 0.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions & { quiet?: boolean }} [options]
 */
export function run(command, args, { quiet = false, ...options } = {}) {
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'];
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio, shell: shell(command), ...options });
  if (error) throw new Failure(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Failure(`${[command, ...args].join(' ')} failed (${signal ?? `exit status ${status}`})`);
}

/**
 * Returns the output of a program, or null where it cannot be started or fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @returns {string | null}
 */
export function output(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
    ...options,
  });
  return status === 0 ? stdout : null;
}

/**
 * Runs a program and hands every line of its standard output to `onLine`. Gives its exit status (null: killed). With
 * `idleMs` it is killed when it prints no line for so long; with `onError` its standard error goes there in pieces.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {(line: string) => void} onLine
 * @param {import('node:child_process').SpawnOptions & { idleMs?: number, onError?: (text: string) => void }}
 *   [options]
 * @returns {Promise<number | null>}
 */
export function lines(command, args, onLine, { idleMs, onError, ...options } = {}) {
  return new Promise((done, fail) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = ['ignore', 'pipe', onError ? 'pipe' : 'inherit'];
    const child = spawn(command, args, { cwd: root, stdio, ...options });
    if (onError) child.stderr?.setEncoding('utf8').on('data', onError);
    const timer = idleMs ? setTimeout(() => child.kill('SIGKILL'), idleMs) : undefined;
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) }).on('line', (line) => {
      timer?.refresh();
      onLine(line);
    });
    child.on('error', fail);
    child.on('close', (status) => {
      clearTimeout(timer);
      done(status);
    });
  });
}

/**
 * Ends the script: a `Failure` is told in one line, anything else is our bug and keeps its stack.
 *
 * @param {() => unknown} body
 */
export function main(body) {
  Promise.resolve()
    .then(body)
    .catch((error) => {
      console.error(error instanceof Failure ? `\n${error.message}` : error);
      process.exitCode = 1;
    });
}
