// cargo, called the same way by every script: with the features of its purpose, the OpenSSL of this machine, one line
// of progress instead of one per crate.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lines, output, root } from './process.mjs';

/** @typedef {keyof typeof PURPOSES} Purpose of a build */
/** @typedef {{ options: string[], env: Record<string, string>, vendored?: boolean, withoutC?: boolean }} BuildSettings */

/**
 * Whether version `have` is at least `want`, both as `1.2.3` (missing parts are 0).
 *
 * @param {string} have
 * @param {string} want
 * @returns {boolean}
 */
export function atLeast(have, want) {
  const [a, b] = [have, want].map((version) => version.split('.').map(Number));
  const i = b.findIndex((part, k) => (a[k] ?? 0) !== part);
  return i < 0 || (a[i] ?? 0) > b[i];
}

/** Libraries that OpenSSL may need beside itself; one built with more (zlib, zstd) would need those as archives too. */
const OPENSSL_LIBRARIES = new Set(['-lssl', '-lcrypto', '-ldl', '-lpthread']);

/**
 * The environment in which openssl-sys takes the OpenSSL that is installed here, or null. Only archives (`libssl.a`)
 * will do: a shared libssl would find the functions of the OpenSSL inside Node before its own.
 *
 * @returns {Record<string, string> | null}
 */
function installedOpenssl() {
  const ask = (/** @type {string[]} */ ...args) => output('pkg-config', [...args, 'openssl'])?.trim() ?? '';
  const version = ask('--modversion')?.match(/^\d+\.\d+\.\d+/)?.[0];
  if (!version || !atLeast(version, '3.0.0')) return null;
  const [libraries, headers] = [ask('--variable=libdir'), ask('--variable=includedir')];
  const files = [join(libraries, 'libssl.a'), join(libraries, 'libcrypto.a'), join(headers, 'openssl/ssl.h')];
  const needed = ask('--static', '--libs-only-l').split(/\s+/);
  if (!files.every((file) => existsSync(file))) return null;
  if (!needed.every((library) => OPENSSL_LIBRARIES.has(library))) return null;
  return { OPENSSL_STATIC: '1', OPENSSL_LIB_DIR: libraries, OPENSSL_INCLUDE_DIR: headers };
}

/** Where cargo puts what it makes. */
export const targetFolder = () => resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');

/** The folder in which napi-rs notes the types of the addon's exports. */
const typeFolder = () => join(targetFolder(), 'napi-types');

/**
 * @param {string} crate
 * @returns {string} the file in which napi-rs notes the types of a crate's exports, one a line
 */
export const typeNotes = (crate) => join(typeFolder(), crate);

/** The environment in which napi-rs notes the types; its build script compiles the crate anew where that changes. */
function notingTypes() {
  mkdirSync(typeFolder(), { recursive: true }); // napi-rs makes no folder
  return { NAPI_TYPE_DEF_TMP_FOLDER: typeFolder() };
}

/**
 * Purposes of a build, each with cargo's options and whether C is compiled:
 *   development  for the tests: everything, and the failpoints at which a fault test ends the process
 *   demo         Kafka without TLS and zstd, without Redis, nothing optimised: what is there soonest
 *   release      what is published: everything, optimised, with an OpenSSL of its own
 *   core         without Kafka and Redis, so that no C is compiled
 */
const PURPOSES = {
  development: () => {
    const openssl = installedOpenssl();
    const tls = openssl ? 'kafka-tls' : 'kafka-tls-vendored';
    return {
      options: ['--no-default-features', '--features', `kafka,kafka-zstd,redis,failpoints,${tls}`],
      env: { ...openssl, ...notingTypes() },
      vendored: !openssl,
    };
  },
  demo: () => ({
    options: ['--profile', 'demo', '--no-default-features', '--features', 'kafka'],
    // librdkafka is optimised by its own makefile, whatever the profile says.
    env: { CFLAGS: `${process.env.CFLAGS ?? ''} -O0 -g0`.trim() },
  }),
  release: () => ({ options: ['--release'], env: {}, vendored: true }),
  core: () => ({ options: ['--no-default-features', '--features', 'failpoints'], env: {}, withoutC: true }),
};

/**
 * `{ options, env, withoutC, vendored }` of a purpose: what to add to cargo's arguments and to its environment.
 *
 * @param {keyof typeof PURPOSES} purpose
 * @returns {BuildSettings}
 */
export const settingsOf = (purpose) => PURPOSES[purpose]();

/** One line that says how far cargo is: kept up to date on a terminal, repeated now and then elsewhere. */
class Progress {
  #begun = performance.now();
  /** @type {{ done: string, total: string, names: string } | undefined} */
  #state;
  #last = performance.now();
  #timer;

  constructor(stream = process.stderr, repeatMs = 15_000) {
    this.stream = stream;
    this.repeatMs = repeatMs;
    this.#timer = setInterval(() => this.#show(), 1000);
  }

  /**
   * @param {string} done
   * @param {string} total
   * @param {string} names
   */
  update(done, total, names) {
    this.#state = { done, total, names };
  }

  /** Ends the line: everything is compiled. */
  finish() {
    this.#state = undefined;
    this.#clear();
  }

  /**
   * Prints a line of cargo's own where the progress does not hide it.
   *
   * @param {string} line
   */
  print(line) {
    this.#clear();
    this.stream.write(`${line}\n`);
  }

  close() {
    clearInterval(this.#timer);
    this.finish();
  }

  #clear() {
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }

  #show() {
    if (!this.#state) return;
    const { done, total, names } = this.#state;
    const seconds = Math.round((performance.now() - this.#begun) / 1000);
    const line = `  ${done} of ${total} compiled in ${seconds} s, now ${names}`;
    if (this.stream.isTTY) {
      this.stream.write(`\r${line.slice(0, this.stream.columns - 1)}\x1b[K`);
    } else if (performance.now() - this.#last >= this.repeatMs) {
      this.#last = performance.now();
      this.stream.write(`${line}\n`);
    }
  }
}

/** The lines that cargo prints for every crate; the progress line says it better. */
const ROUTINE =
  /^\s*(Compiling|Checking|Fresh|Downloading|Downloaded|Updating|Locking|Blocking|Finished|Running|Doc-tests) /;
const BAR = /^\s*Building \[[=> ]*\] (\d+)\/(\d+): (.*?)\s*$/;

/**
 * Runs cargo with a line of progress; lines of its output go to `onLine`. Gives its exit status.
 *
 * @param {string[]} args
 * @param {(line: string) => void} onLine
 * @param {Record<string, string>} [env]
 * @returns {Promise<number | null>}
 */
export async function cargo(args, onLine, env = {}) {
  const progress = new Progress();
  let rest = '';
  /** @param {string} line */
  const take = (line) => {
    const bar = line.match(BAR);
    if (bar) progress.update(bar[1], bar[2], bar[3]);
    else if (/^\s*Finished /.test(line)) progress.finish();
    else if (!ROUTINE.test(line) && line.trim()) progress.print(line.trimEnd());
  };
  /** @param {string} text */
  const onError = (text) => {
    const pieces = (rest + text).split(/[\r\n]/);
    rest = pieces.pop() ?? '';
    pieces.forEach(take);
  };
  try {
    return await lines('cargo', args, onLine, {
      onError,
      env: {
        ...process.env,
        ...env,
        CARGO_TERM_PROGRESS_WHEN: 'always',
        CARGO_TERM_PROGRESS_WIDTH: '200',
        CARGO_TERM_COLOR: 'never',
      },
    });
  } finally {
    take(rest);
    progress.close();
  }
}
