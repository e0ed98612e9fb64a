// A Redis of our own that can be killed, stopped, emptied, and set back to an earlier moment as by a failover to a
// replica that was behind.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Counts the manifests that were written, not only acquired. */
const WRITTEN = `local n = 0
for _, key in ipairs(redis.call('keys', '*:m')) do n = n + redis.call('hexists', key, 'seq') end
return n`;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

export const hasRedis = () => spawnSync('redis-server', ['--version']).status === 0;

export class Redis {
  /** @type {string} */
  #folder = '';
  /** @type {number} */
  #port = 0;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;

  /** @param {string} folder */
  static async start(folder) {
    const redis = new Redis();
    redis.#folder = folder;
    redis.#port = await freePort();
    mkdirSync(folder);
    await redis.#launch();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** @param {...string} args */
  #cli(...args) {
    return execFileSync('redis-cli', ['-p', String(this.#port), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  async #launch() {
    const options = [
      '--port',
      this.#port,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ];
    const server = spawn('redis-server', options.map(String), { stdio: 'ignore', cwd: this.#folder });
    this.#process = server;
    // Also where the run is broken off.
    const stop = () => server.kill('SIGKILL');
    process.once('exit', stop);
    server.once('exit', () => process.off('exit', stop));
    const end = Date.now() + 10_000;
    for (;;) {
      try {
        if (this.#cli('ping').startsWith('PONG')) return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
      await sleep(20);
    }
  }

  async #end() {
    const exited = new Promise((resolve) => {
      this.#process?.once('exit', resolve);
    });
    this.#process?.kill('SIGKILL');
    await exited;
  }

  /**
   * Dies and comes back with everything that it has confirmed.
   *
   * @param {number} ms
   */
  async kill(ms) {
    await this.#end();
    await sleep(ms);
    await this.#launch();
  }

  /**
   * Notes the present, for `goBack`, once every partition has a manifest: a stream whose store is set back to nothing
   * stops, as it should. The file is a log: any prefix of it is an earlier state.
   *
   * @param {number} partitions
   */
  remember(partitions) {
    if (Number(this.#cli('eval', WRITTEN, '0')) < partitions) return;
    rmSync(join(this.#folder, 'before'), { recursive: true, force: true });
    cpSync(join(this.#folder, 'appendonlydir'), join(this.#folder, 'before'), { recursive: true });
  }

  /** Dies and comes back as it was when `remember` was called; false = it never was. */
  async goBack() {
    if (!existsSync(join(this.#folder, 'before'))) return false;
    await this.#end();
    rmSync(join(this.#folder, 'appendonlydir'), { recursive: true });
    cpSync(join(this.#folder, 'before'), join(this.#folder, 'appendonlydir'), { recursive: true });
    await this.#launch();
    return true;
  }

  /**
   * Does not answer for some time.
   *
   * @param {number} ms
   */
  async hang(ms) {
    this.#process?.kill('SIGSTOP');
    await sleep(ms);
    this.#process?.kill('SIGCONT');
  }

  flush() {
    this.#cli('flushall');
  }

  close() {
    this.#process?.kill('SIGKILL');
  }
}
