'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const MAX_ATTEMPTS = 3;
/** Delay before the first retry, doubled for each further one, and the most that chance adds to it; ms. */
const FIRST_DELAY = 100;
const JITTER = 50;
/** A `Retry-After` counts up to this, in ms. */
const MAX_RETRY_AFTER = 30_000;
/** Statuses below 500 that say "later", not "never". */
const RETRIED = new Set([408, 425, 429]);
/** As much of an answer is read as it takes to see why a request was refused; bytes. */
const MAX_ANSWER = 64 * 1024;

/**
 * What became of a request: the answer's status, or the code of the failure to get one. It is data and not an error,
 * because the errors of `fetch` name the URL, which may hold an API key.
 *
 * @typedef {{ ok: boolean, retryable: boolean, retryAfterMs?: number, status?: number, statusText?: string,
 *   body?: string, code?: string, failure?: string }} Outcome
 *
 * @typedef {{ url: string, headers?: Record<string, string>, ownHeaders?: Record<string, string>, body: string }} Request
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

  async #attempt({ url, headers, body }) {
    if (!URL.canParse(url)) return { ok: false, retryable: false, failure: 'the endpoint is not a URL' };
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#timeoutMs);
    try {
      // A redirect is refused like any other answer but 2xx: followed, it would turn the POST into a GET that
      // succeeds without the log, or carry the API key to another host.
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: abort.signal });
      return {
        ok: response.ok,
        retryable: response.status >= 500 || RETRIED.has(response.status),
        retryAfterMs: retryAfter(response.headers.get('retry-after')),
        status: response.status,
        statusText: response.statusText,
        body: await readAnswer(response),
      };
    } catch (error) {
      if (abort.signal.aborted) {
        return { ok: false, retryable: true, code: 'ETIMEDOUT', failure: `no answer within ${this.#timeoutMs} ms` };
      }
      const code = error?.cause?.code ?? error?.code;
      return { ok: false, retryable: true, code, failure: `request failed${code ? ` (${code})` : ''}` };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @returns {number | undefined} ms, from seconds or a date */
function retryAfter(header) {
  if (!header) return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER);
}

/** Reads the answer, so that its connection can be used again; a longer one than `MAX_ANSWER` is broken off. */
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
 * @param {Record<string, string>} builtIn
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
