// One application under fire: its processes, its store, and what happens to them.
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PARTITIONS } from './truth.mjs';

/**
 * @typedef {import('./worker.mjs').WorkerSettings} WorkerSettings
 * @typedef {import('./redis.mjs').Redis} Redis
 */

/**
 * @typedef {object} Options
 * @property {() => number} chance decides everything but the time things take
 * @property {number} most instances at a time; more than one needs a store that they can share
 * @property {boolean} hasFailpoints
 * @property {string[]} failpoints
 * @property {Redis | undefined} redis
 * @property {number[]} away ms that make a zombie: at least, and more at random
 * @property {boolean} survivesLoss whether a stream goes on by itself with a store that was set back
 * @property {boolean} isMigrating whether the pipeline is replaced in the middle of the run
 * @property {(kind: string) => void} count notes a fault
 */

const START_MS = 20_000;
/** A process that catches up may take long (an embedded broker gives one message per fetch), but not stand still. */
const STILL_MS = 60_000;

/**
 * Resolves to the result of `promise`, or to undefined if that takes longer than `ms`.
 *
 * @param {Promise<T>} promise
 * @param {number} ms
 * @template T
 * @returns {Promise<T | undefined>}
 */
async function within(promise, ms) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<undefined>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const result = await Promise.race([promise, late]);
  clearTimeout(timer);
  return result;
}

/** A process that runs the stream. */
class Instance {
  complaint = 'its store is not open';

  /**
   * @param {WorkerSettings} settings
   * @param {string | undefined} failpoint
   * @param {(fresh: string[]) => void} migrated is called for each state that has migrated
   */
  constructor(settings, failpoint, migrated) {
    this.slot = settings.slot;
    this.failpoint = failpoint;
    this.child = fork(fileURLToPath(new URL('../chaos.mjs', import.meta.url)), ['--worker', JSON.stringify(settings)], {
      env: { ...process.env, DSPX_FAILPOINT: failpoint ?? '' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    /** @type {Promise<boolean>} */
    this.exited = new Promise((resolve) => {
      this.child.once('exit', () => resolve(true));
    });
    this.running = this.says('running');
    this.movedAt = Date.now();
    /** @type {string | undefined} */
    this.at = undefined;
    this.child.on('message', (message) => {
      const { error, at, fresh } = /** @type {{ error?: string, at?: string, fresh?: string[] }} */ (message);
      if (fresh) migrated(fresh);
      if (at && at !== this.at) [this.at, this.movedAt] = [at, Date.now()];
      this.complaint = error ?? at ?? this.complaint;
    });
    this.child.on('error', () => {});
  }

  get isAlive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Resolves with the first message of a kind, or when the process ends.
   *
   * @param {string} kind
   * @returns {Promise<object | undefined>}
   */
  says(kind) {
    return new Promise((resolve) => {
      this.child.on('message', (message) => {
        const report = /** @type {object} */ (message);
        if (kind in report) resolve(report);
      });
      this.child.once('exit', () => resolve(undefined));
    });
  }

  /** @param {NodeJS.Signals} name */
  signal(name) {
    this.child.kill(name);
  }

  /**
   * Sends a message to the process.
   *
   * @param {object} message
   */
  send(message) {
    if (this.child.connected) this.child.send(message, () => {});
  }
}

/** The processes of one application, with what happens to them. */
export class Application {
  #settings;
  #options;
  /** @type {Instance[]} */
  #instances = [];
  #deaths = 0;
  #isDeployed = false;
  /** States that have migrated, and stages of them that started fresh although both pipelines have them. */
  migrated = 0;
  /** @type {string[]} */
  lost = [];

  /**
   * @param {Pick<WorkerSettings, 'brokers' | 'place' | 'input' | 'guarantee'> & { name: string }} settings
   * @param {Options} options
   */
  constructor({ name, brokers, place, input, guarantee }, options) {
    this.name = name;
    this.#settings = { application: name, brokers, place, input, guarantee };
    this.#options = options;
  }

  /** @param {string} [failpoint] */
  #launch(failpoint) {
    // The lowest place that is free: a process has the transactional id of the one that it replaces.
    const taken = this.#instances.map(({ slot }) => slot);
    const slot = taken.findIndex((_, i) => !taken.includes(i));
    const instance = new Instance(
      {
        ...this.#settings,
        slot: slot < 0 ? taken.length : slot,
        isAlone: this.#options.most === 1,
        isMigrating: this.#options.isMigrating,
        isDeployed: this.#isDeployed,
      },
      failpoint,
      (fresh) => {
        this.migrated++;
        this.lost.push(...fresh.filter((name) => !name.includes('amplify')));
      },
    );
    this.#instances.push(instance);
    return instance;
  }

  /** Counts and forgets the processes that have died by themselves. */
  #removeDead() {
    for (const { isAlive, failpoint, child } of this.#instances) {
      if (isAlive) continue;
      if (child.signalCode === 'SIGABRT' && failpoint) {
        this.#deaths++;
        this.#options.count(`killed at ${failpoint.split(':')[0]}`);
      }
    }
    this.#instances = this.#instances.filter((instance) => instance.isAlive);
  }

  /**
   * Injects faults until `kills` processes have died of them.
   *
   * @param {number} kills
   */
  async suffer(kills) {
    const { chance, most, hasFailpoints, failpoints } = this.#options;
    while (this.#deaths < kills) {
      this.#removeDead();
      // From now on every process that starts has the new pipeline; the old ones go on until something happens to them.
      if (this.#options.isMigrating && !this.#isDeployed && this.#deaths >= kills / 2) {
        this.#isDeployed = true;
        this.#options.count('pipeline replaced');
      }
      const wanted = 1 + Math.floor(chance() * most);
      while (this.#instances.length < wanted) {
        const isArmed = hasFailpoints && chance() < 0.6;
        const failpoint = failpoints[Math.floor(chance() * failpoints.length)];
        this.#launch(isArmed ? `${failpoint}:${1 + Math.floor(chance() * 4)}` : undefined);
      }
      const victim = this.#instances[Math.floor(chance() * this.#instances.length)];
      // One in five is hit while it is still starting.
      if (chance() < 0.2) await sleep(100 + 600 * chance());
      else await within(victim.running, START_MS);
      await sleep(400 * chance() ** 2);
      await this.#fault(victim);
    }
    this.#removeDead();
    // The others still suffer: somebody goes on with the work meanwhile.
    this.#launch();
  }

  /** @param {Instance} victim */
  async #fault(victim) {
    const { chance, most, redis, count, away } = this.#options;
    const kind = chance();
    if (most > 1 && kind < 0.12 && victim.isAlive) {
      // Long enough to be expelled: it comes back as a zombie.
      victim.signal('SIGSTOP');
      await sleep(away[0] + away[1] * chance());
      victim.signal('SIGCONT');
      count('stopped and continued');
    } else if (most > 1 && kind < 0.22 && victim.isAlive) {
      victim.send({});
      await within(victim.exited, 5000);
      if (!victim.isAlive) count('left in peace');
    } else if (redis && kind < 0.4) {
      await this.#faultOfRedis(redis, chance);
    } else if (victim.isAlive) {
      if (victim.failpoint) await within(victim.exited, 1000);
      if (!victim.isAlive) return;
      victim.signal('SIGKILL');
      await victim.exited;
      this.#deaths++;
      count('killed at random');
    }
  }

  /** @param {Redis} redis @param {() => number} chance */
  async #faultOfRedis(redis, chance) {
    const { count, survivesLoss } = this.#options;
    const kind = chance() * (survivesLoss ? 1 : 0.5);
    if (kind < 0.3) {
      await redis.kill(300 * chance());
      count('Redis killed');
    } else if (kind < 0.5) {
      await redis.hang(300 + 700 * chance());
      count('Redis hung');
    } else if (kind < 0.75) {
      redis.remember(PARTITIONS);
    } else if (await redis.goBack()) {
      count('Redis set back');
    }
  }

  /**
   * All processes end; a last one catches up to `ends` and stops in peace.
   *
   * @param {number[]} ends
   */
  async finish(ends) {
    for (const instance of this.#instances.splice(0)) {
      instance.signal('SIGKILL');
      await instance.exited;
    }
    this.#isDeployed = this.#options.isMigrating;
    const last = this.#launch();
    await within(last.running, START_MS);
    last.send({ ends });
    while (!(await within(last.exited, 1000))) {
      if (Date.now() - last.movedAt < STILL_MS) continue;
      last.signal('SIGKILL');
      throw new Error(`${this.name} did not finish: ${last.complaint}`);
    }
  }

  /**
   * Whether a running process notices that its store has been emptied.
   *
   * @param {() => Promise<unknown>} send
   */
  async noticesFlush(send) {
    const { redis, count } = this.#options;
    const instance = this.#launch();
    const stalled = instance.says('stalled');
    await within(instance.running, START_MS);
    redis?.flush();
    count('Redis flushed');
    await send();
    const noticed = await within(stalled, START_MS);
    instance.signal('SIGKILL');
    await instance.exited;
    return Boolean(noticed);
  }

  close() {
    this.#instances.forEach((instance) => instance.signal('SIGKILL'));
  }
}
