'use strict';

const { setTimeout: sleep } = require('#node').timersPromises;

const MAX_ATTEMPTS = 3;
/** Delay before the first retry, doubled for each further one, and the most that chance adds to it; ms. */
const FIRST_DELAY = 100;
const JITTER = 50;
/** A `Retry-After` counts up to this, in ms. */
const MAX_RETRY_AFTER = 30_000;
/** Statuses below 500 that say "later", not "never". */
const RETRIED = new Set([408, 425, 429]);
/** Statuses that speak of the content: the same request is refused again, however often and whenever it is sent. */
const REFUSED = new Set([400, 406, 409, 411, 413, 414, 415, 422, 431]);
/** Most halvings of one batch: room to find about ten bad logs among a hundred. */
const MAX_HALVINGS = 64;
/** As much of an answer is read as it takes to see why a request was refused; bytes. */
const MAX_ANSWER = 64 * 1024;

/**
 * The outcome of a request: the answer's status, or the code of the failure to get one. It is data and not an error,
 * because the errors of `fetch` name the URL, which may hold an API key.
 *
 * @typedef {{ ok: boolean, retryable: boolean, refused: boolean, retryAfterMs?: number, status?: number,
 *   statusText?: string, body?: string, code?: string, failure?: string }} Outcome
 *
 * @typedef {{ url: string, headers?: Record<string, string>, ownHeaders?: Record<string, string>, body: string }}
 *   Request
 */

/** Sends requests with `fetch`: a time limit for each attempt, and retries where a retry can help. */
class HttpSender {
  #timeoutMs;
  totalRetries = 0;

  /** @param {number} timeoutMs limit of one attempt */
  constructor(timeoutMs) {
    this.#timeoutMs = timeoutMs;
  }

  /** @param {Request} request @returns {Promise<Outcome>} of the last attempt; never rejects */
  async send(request) {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request);
      if (outcome.ok || !outcome.retryable || attempt === MAX_ATTEMPTS) return outcome;
      this.totalRetries++;
      await sleep(outcome.retryAfterMs ?? FIRST_DELAY * 2 ** (attempt - 1) + Math.random() * JITTER);
    }
  }

  /**
   * Sends entries in one request. If it is refused for its content they go in halves, each half likewise, so that only
   * what is refused by itself is lost.
   *
   * @template T
   * @param {T[]} entries
   * @param {(entries: T[]) => Promise<Outcome>} post sends them in one request
   * @returns {Promise<{ refused: T[], refusal?: Outcome, unsent: T[], failure?: Outcome }>} `refused`: never to be sent
   *   again, and the first answer that said so; `unsent`: what a failure of another kind has left, in order
   */
  static async deliver(entries, post) {
    const waiting = [entries];
    /** @type {T[]} */
    const refused = [];
    let refusal;
    for (let halvings = 0; waiting.length > 0; ) {
      const part = /** @type {T[]} */ (waiting.pop());
      const outcome = await post(part).catch(impossible);
      if (outcome.ok) continue;
      if (!outcome.refused) return { refused, refusal, unsent: [part, ...waiting.reverse()].flat(), failure: outcome };
      if (part.length > 1 && halvings++ < MAX_HALVINGS) {
        const half = Math.ceil(part.length / 2);
        waiting.push(part.slice(half), part.slice(0, half));
      } else {
        refused.push(...part);
        refusal ??= outcome;
      }
    }
    return { refused, refusal, unsent: [] };
  }

  /** @param {Request} request @returns {Promise<Outcome>} */
  async #attempt({ url, headers, body }) {
    if (!URL.canParse(url)) {
      return { ok: false, retryable: false, refused: false, failure: 'the endpoint is not a URL' };
    }
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#timeoutMs);
    try {
      // A redirect is refused like any other answer but 2xx: followed, it would turn the POST into a GET that
      // succeeds without the log, or carry the API key to another host.
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: abort.signal });
      return {
        ok: response.ok,
        retryable: response.status >= 500 || RETRIED.has(response.status),
        refused: REFUSED.has(response.status),
        retryAfterMs: retryAfter(response.headers.get('retry-after')),
        status: response.status,
        statusText: response.statusText,
        body: await readAnswer(response),
      };
    } catch (error) {
      if (abort.signal.aborted) {
        const failure = `no answer within ${this.#timeoutMs} ms`;
        return { ok: false, retryable: true, refused: false, code: 'ETIMEDOUT', failure };
      }
      const { cause, code: own } = /** @type {{ cause?: { code?: string }, code?: string }} */ (error ?? {});
      const code = cause?.code ?? own;
      return { ok: false, retryable: true, refused: false, code, failure: `request failed${code ? ` (${code})` : ''}` };
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Returns the outcome of a request that could not even be written, being too long for a string, say.
 *
 * @param {Error} error
 * @returns {Outcome}
 */
function impossible(error) {
  return { ok: false, retryable: false, refused: true, failure: `the request cannot be written: ${error?.message}` };
}

/**
 * Returns the wait that a `Retry-After` header asks for, ms, from seconds or a date.
 *
 * @param {string | null} header
 * @returns {number | undefined}
 */
function retryAfter(header) {
  if (!header) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER);
}

/**
 * Reads the answer, so that its connection can be used again; a longer one than `MAX_ANSWER` is broken off.
 *
 * @param {Response} response
 */
async function readAnswer(response) {
  const chunks = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER) break;
  }
  return Buffer.concat(chunks).toString();
}

/**
 * The built-in headers with the user's after them, whatever the case of their names.
 *
 * @param {Record<string, string | undefined>} builtIn
 * @param {Record<string, string>} [own]
 * @returns {Record<string, string>}
 */
function mergeHeaders(builtIn, own = {}) {
  const merged = new Map();
  for (const [name, value] of [...Object.entries(builtIn), ...Object.entries(own)]) {
    if (value !== undefined) merged.set(name.toLowerCase(), [name, String(value)]);
  }
  return Object.fromEntries(merged.values());
}

module.exports = { HttpSender, mergeHeaders };
