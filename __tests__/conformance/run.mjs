#!/usr/bin/env node
// Replays recorded conformance cases against a package that mirrors the dspx API.
//
//   node run.mjs <module> [case files or folders…] [--only TEXT] [--verbose]
//   node run.mjs <module> <case files…> --record <folder>   (re-records every output)
//
// <module> is anything `import()` takes: a package name or a path to its entry file.
// Prints one line per failing case, a table per file, and "N passed, N failed". With --json: {"cases": N} per
// file before its first case, one line {"id", "failure"} per case as it ends (failure null if it passed), and nothing
// else of its own; --skip N leaves out each file's first N cases.
// Exit status 1 if a case fails. The case format is described in README.md beside this file.
import { readFileSync, writeFileSync, readdirSync, statSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { existsSync } from 'node:fs';

const here = dirname(fileURLToPath(import.meta.url));
const argv = process.argv.slice(2);
const flag = (name) => {
  const i = argv.indexOf(name);
  if (i < 0) return null;
  const [, v] = argv.splice(i, 2);
  return v;
};
const bool = (name) => {
  const i = argv.indexOf(name);
  if (i < 0) return false;
  argv.splice(i, 1);
  return true;
};
const only = flag('--only');
const record = flag('--record');
const verbose = bool('--verbose');
const json = bool('--json');
const skip = Number(flag('--skip') ?? 0);
const [moduleArg, ...paths] = argv;
if (!moduleArg) {
  console.error('usage: run.mjs <module> [cases…] [--only TEXT] [--verbose] [--json] [--skip N]');
  process.exit(2);
}

const api = await import(existsSync(moduleArg) ? pathToFileURL(resolve(moduleArg)).href : moduleArg);
const lib = { ...(api.default && typeof api.default === 'object' ? api.default : {}), ...api };

// ---- values -------------------------------------------------------------------------------
const TYPED = { $f32: Float32Array, $f64: Float64Array, $i32: Int32Array, $u8: Uint8Array, $i64: BigInt64Array };

/** Deterministic signals, so that long inputs need not be stored sample by sample. */
function generate({ kind, n, seed = 1, freq = 10, rate = 1000, amp = 1, offset = 0, channels = 1, freqs, noise = 0 }) {
  const out = new Float32Array(n * channels);
  let s = (seed >>> 0) || 1;
  const rnd = () => { s ^= s << 13; s >>>= 0; s ^= s >>> 17; s ^= s << 5; s >>>= 0; return s / 4294967296; };
  for (let i = 0; i < n; i++) for (let c = 0; c < channels; c++) {
    let v;
    const f = freqs ? freqs[c % freqs.length] : freq * (1 + 0.37 * c);
    switch (kind) {
      case 'sine': v = Math.sin(2 * Math.PI * f * i / rate); break;
      case 'noise': v = 2 * rnd() - 1; break;
      case 'chirp': v = Math.sin(2 * Math.PI * f * i * i / (rate * n)); break;
      case 'step': v = i >= n / 2 ? 1 : 0; break;
      case 'impulse': v = i === 0 ? 1 : 0; break;
      case 'ramp': v = i / n; break;
      case 'square': v = Math.sin(2 * Math.PI * f * i / rate) >= 0 ? 1 : -1; break;
      case 'const': v = 1; break;
      case 'laplace': { const u = 2 * rnd() - 1; v = -Math.sign(u) * Math.log(1 - Math.abs(u)); break; }
      default: throw new Error(`unknown signal ${kind}`);
    }
    if (noise) v += noise * (2 * rnd() - 1);
    out[i * channels + c] = amp * v + offset;
  }
  return out;
}

/** What a case file says → the value itself. `ctx` holds the saved values and the spies of the running case. */
function decode(v, ctx) {
  if (Array.isArray(v)) return v.map((x) => decode(x, ctx));
  if (v && typeof v === 'object') {
    const k = Object.keys(v)[0];
    if (k in TYPED && Object.keys(v).length === 1) return TYPED[k].from(v[k], k === '$i64' ? BigInt : unnum);
    if (k === '$gen') return generate(v.$gen);
    if (k === '$num') return unnum(v.$num);
    if (k === '$undefined') return undefined;
    if (k === '$base64') return Buffer.from(v.$base64, 'base64');
    if (k === '$ref') return lookup(v, ctx);
    if (k === '$let') {
      ctx.saved[v.$let] = decode(v.value, ctx);
      return ctx.saved[v.$let];
    }
    if (k === '$spy') return spy(v, ctx);
    if (k === '$edit') return edit(lookup({ $ref: v.$edit }, ctx), v);
    return Object.fromEntries(Object.entries(v).map(([a, b]) => [a, decode(b, ctx)]));
  }
  return v;
}
/** {"$ref":"name"}, {"$ref":"name.key.0"}; "view":[from,to] is a subarray of it (the same memory). */
function lookup({ $ref, view }, ctx) {
  const x = $ref in ctx.saved ? ctx.saved[$ref] : $ref.split('.').reduce((o, k) => o?.[k], ctx.saved);
  return view ? x.subarray(...view) : x;
}
/** A saved string with one place replaced, or saved bytes with one bit flipped. */
function edit(x, { find, with: text, byte, bit = 0 }) {
  if (typeof x !== 'string') { const b = Buffer.from(x); b[byte] ^= 1 << bit; return b; }
  const y = x.replace(new RegExp(find), text);
  if (y === x) throw new Error(`/${find}/ is not in the saved text`);
  return y;
}
/**
 * A function that notes what it is called with. `as` goes before the arguments, so that several functions can share a
 * list.
 */
function spy({ $spy, as, write, returns, throws }, ctx) {
  return (...args) => {
    ctx.spies[$spy] ??= [];
    ctx.spies[$spy].push([...(as === undefined ? [] : [as]), ...args.map(encode)]);
    ctx.saved[$spy] = args;                                       // the last call's own arguments, for "is"
    if (write) args[0][write[0]] = write[1];
    if (throws) throw new Error(throws);
    return decode(returns, ctx);
  };
}
function unnum(x) {
  return typeof x === 'string' ? Number(x) : x;
}
function numRaw(x) {
  return Number.isFinite(x) ? (Object.is(x, -0) ? 0 : Number(x.toPrecision(Math.abs(x) < 1e6 ? 9 : 17))) : String(x);
}
function num(x) {
  const y = numRaw(x);
  return typeof y === 'string' ? { $num: y } : y;
}
function encode(v) {
  if (v === undefined) return { $undefined: true };
  if (typeof v === 'number') return num(v);
  if (typeof v === 'bigint') return Number(v);
  if (v === null || typeof v === 'string' || typeof v === 'boolean') return v;
  if (Buffer.isBuffer(v)) return { $base64: v.toString('base64') };
  for (const [k, T] of Object.entries(TYPED))
    if (v instanceof T) return { [k]: Array.from(v, k === '$i64' ? String : numRaw) };
  if (Array.isArray(v)) return v.map(encode);
  if (v instanceof Map) return encode(Object.fromEntries(v));
  if (typeof v === 'function') return '[function]';
  if (v instanceof Error) return { $error: v.name, message: v.message };
  return Object.fromEntries(
    Object.entries(v)
      .filter(([, x]) => typeof x !== 'function')
      .map(([a, b]) => [a, encode(b)]),
  );
}

function scaleOf(a) {
  let m = 0;
  for (const x of a) {
    const y = Math.abs(unnum(x));
    if (Number.isFinite(y) && y > m) m = y;
  }
  return m;
}
/** First difference between what was recorded and what came back, or null. */
function differ(want, got, tol, path = '') {
  if (want && typeof want === 'object' && !Array.isArray(want)) {
    const k = Object.keys(want)[0];
    if (k === '$any')
      return want.$any === true || typeof got === want.$any ? null : `${path}: ${short(got)}, expected a ${want.$any}`;
    if (k === '$match')
      return typeof got === 'string' && new RegExp(want.$match, 'i').test(got)
        ? null
        : `${path}: ${short(got)} does not match /${want.$match}/i`;
    if (k in TYPED) {
      const g = got && Object.keys(TYPED).map((t) => got[t]).find(Boolean);
      if (!g) return `${path}: expected a typed array, got ${short(got)}`;
      if (g.length !== want[k].length) return `${path}: length ${g.length}, expected ${want[k].length}`;
      const bound = (tol.abs ?? 1e-6) + (tol.rel ?? 1e-4) * Math.max(scaleOf(want[k]), 1e-3);
      for (let i = 0; i < g.length; i++) {
        const a = unnum(want[k][i]), b = unnum(g[i]);
        if (Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b)) || a === b) continue;
        if (!(Math.abs(a - b) <= bound)) return `${path}[${i}]: ${b}, expected ${a} (±${bound.toPrecision(2)})`;
      }
      return null;
    }
    if (k === '$num')
      return String(got?.$num ?? got) === want.$num ? null : `${path}: ${short(got)}, expected ${want.$num}`;
    if (k === '$undefined') return got?.$undefined ? null : `${path}: ${short(got)}, expected undefined`;
    if (k === '$base64') return got?.$base64 === want.$base64 ? null : `${path}: bytes differ`;
    if (!got || typeof got !== 'object') return `${path}: ${short(got)}, expected an object`;
    for (const key of Object.keys(want)) {
      if (want[key]?.$undefined || key === 'timestamp') continue;
      const d = differ(want[key], got[key], tol, `${path}.${key}`);
      if (d) return d;
    }
    return null;
  }
  if (Array.isArray(want)) {
    const g = Array.isArray(got) ? got : null;
    if (!g || g.length !== want.length)
      return `${path}: ${g ? `length ${g.length}` : short(got)}, expected length ${want.length}`;
    for (let i = 0; i < want.length; i++) {
      const d = differ(want[i], g[i], tol, `${path}[${i}]`);
      if (d) return d;
    }
    return null;
  }
  if (typeof want === 'number' && typeof got === 'number') {
    const bound = (tol.abs ?? 1e-6) + (tol.rel ?? 1e-4) * Math.abs(want);
    return Math.abs(want - got) <= bound ? null : `${path}: ${got}, expected ${want}`;
  }
  return want === got ? null : `${path}: ${short(got)}, expected ${short(want)}`;
}
const short = (v) => { const s = JSON.stringify(v) ?? String(v); return s.length > 80 ? `${s.slice(0, 77)}…` : s; };

// ---- replay -------------------------------------------------------------------------------
const nameOf = (call) =>
  call.export ??
  call.global ??
  call.method ??
  (call.spy ? `spy ${call.spy}` : call.join !== undefined ? `join ${call.join}` : `value ${short(call.value)}`);
async function step(ctx, call, index) {
  if (call.spy) return ctx.spies[call.spy]?.splice(0) ?? [];
  if (call.value !== undefined) {
    const x = typeof call.value === 'string' ? lookup({ $ref: call.value }, ctx) : decode(call.value, ctx);
    return call.is ? x === lookup({ $ref: call.is }, ctx) : x;
  }
  let out;
  if (call.join !== undefined) {
    if (!(call.join in ctx.jobs)) throw new Error(`nothing was started as ${call.join}`);
    out = await ctx.jobs[call.join];
  } else {
    const args = (call.args ?? []).map((a) => decode(a, ctx));
    const path = call.export ?? call.global, root = call.global ? globalThis : lib;
    let fn, self;
    if (path) {
      self = undefined;
      fn = path.split('.').reduce((o, k) => {
        self = o;
        return o?.[k];
      }, root);
      if (self === root) self = undefined;
    } else {
      self = ctx.object;
      fn = self?.[call.method];
    }
    if (typeof fn !== 'function') throw new Error(`no function ${path ?? call.method}`);
    if (call.background) {                                         // started, awaited by a later "join"
      const job = fn.apply(self, args);
      job?.catch?.(() => {});
      ctx.jobs[call.background === true ? index : call.background] = job;
      return undefined;
    }
    out = call.new ? new fn(...args) : await fn.apply(self, args);
  }
  if (call.save) ctx.saved[call.save] = out;
  if (call.keep) ctx.object = out;
  return out;
}
/** What is compared: the result, or part of it. */
const part = (call, out) =>
  encode(call.slice ? out.slice(...call.slice) : call.parse === 'json' ? JSON.parse(out) : out);
/** Recording keeps the wildcards that a case already had. */
function keepAny(old, now) {
  if (old?.$any || old?.$match) return old;
  if (Array.isArray(old) && Array.isArray(now)) return now.map((x, i) => keepAny(old[i], x));
  if (old && now && typeof old === 'object' && typeof now === 'object' && !Array.isArray(now))
    return Object.fromEntries(Object.entries(now).map(([k, x]) => [k, keepAny(old[k], x)]));
  return now;
}
async function runCase(c, rec) {
  const ctx = { saved: {}, spies: {}, jobs: {}, object: null };
  // A case that asks for the spy "console.warn" (log, error …) gets what is printed meanwhile.
  const watched = c.calls.flatMap((k) => (k.spy?.startsWith('console.') ? [k.spy.slice(8)] : []));
  const printers = watched.map((m) => [m, console[m]]);
  for (const m of watched) console[m] = spy({ $spy: `console.${m}` }, ctx);
  try { return await replay(c, rec, ctx); } finally {
    await Promise.allSettled(Object.values(ctx.jobs));
    for (const [m, f] of printers.reverse()) console[m] = f;
  }
}
async function replay(c, rec, ctx) {
  const tol = c.tolerance ?? {};
  const calls = rec ? structuredClone(c.calls) : c.calls;
  let resume = null;
  if (c.stages) {
    ctx.object = lib.createDspPipeline();
  }
  const all = [
    ...(c.stages ?? []).map((s) => ({
      method: s.method,
      args: s.params === undefined ? [] : [s.params],
      error: s.error,
      ignore: true,
    })),
    ...calls,
  ];
  for (let i = 0; i < all.length; i++) {
    const call = all[i];
    const index = i - (c.stages?.length ?? 0);
    const at = `${nameOf(call)}#${index}`;
    let out, err = null;
    try { out = await step(ctx, call, index); } catch (e) { err = e; }
    if (rec) {
      if (i < (c.stages?.length ?? 0)) {
        if (err) throw new Error(`${c.id}: stage ${call.method}: ${err.message}`);
        continue;
      }
      const { output: was, error: bad } = call;
      delete call.output; delete call.error;
      if (err) call.error = { name: err.name, message: err.message, ...(bad?.match && { match: bad.match }) };
      else if (was?.$ref) call.output = was;
      else if (!call.keep && !call.ignore && !call.resume && !call.background)
        call.output = keepAny(was, part(call, out));
      if (call.resume) resume = { at: i - (c.stages?.length ?? 0), state: encode(out) };
      continue;
    }
    if (call.error) {
      if (!err) return `${at}: expected ${call.error.name ?? 'an error'} “${call.error.message}”, nothing was thrown`;
      if (call.error.name && err.name !== call.error.name)
        return `${at}: ${err.name} (${err.message}), expected ${call.error.name}`;
      if (call.error.match && !new RegExp(call.error.match, 'i').test(err.message))
        return `${at}: message “${err.message}” does not match /${call.error.match}/i`;
      continue;
    }
    if (err) return `${at}: threw ${err.name}: ${err.message}`;
    if (call.output !== undefined && !call.ignore) {
      const want = call.output?.$ref ? encode(lookup(call.output, ctx)) : call.output;
      const d = differ(want, part(call, out), { ...tol, ...(call.tolerance ?? {}) }, at);
      if (d) return d;
    }
  }
  if (!rec) return null;
  // A state that was saved mid-stream becomes a case of its own: load it, go on, same samples.
  const extra = resume && {
    ...c,
    id: `${c.id}/resume`,
    calls: [{ method: 'loadState', args: [resume.state], output: true }, ...calls.slice(resume.at + 1)],
  };
  return extra ? [{ ...c, calls }, extra] : [{ ...c, calls }];
}

const files = (paths.length ? paths : [join(here, 'cases')]).flatMap((p) =>
  statSync(p).isDirectory()
    ? readdirSync(p)
        .filter((f) => f.endsWith('.json'))
        .sort()
        .map((f) => join(p, f))
    : [p],
);
let passed = 0,
  failed = 0;
const rows = [];
for (const file of files) {
  const cases = JSON.parse(readFileSync(file, 'utf8')).slice(skip).filter((c) => !only || c.id.includes(only));
  let ok = 0, bad = 0; const recorded = [];
  if (json) process.stdout.write(`${JSON.stringify({ cases: cases.length })}\n`);
  for (const c of cases) {
    let r;
    try {
      r = await runCase(c, record);
    } catch (e) {
      r = record ? null : `harness: ${e.stack}`;
      if (record) console.error(`cannot record ${c.id}: ${e.message}`);
    }
    if (record) {
      if (r) recorded.push(...r);
      continue;
    }
    if (json) process.stdout.write(`${JSON.stringify({ id: c.id, failure: r })}\n`);
    else if (r) console.log(`FAIL ${c.id}: ${r}`);
    else if (verbose) console.log(`ok   ${c.id}`);
    if (r) bad++; else ok++;
  }
  if (record) {
    mkdirSync(record, { recursive: true });
    writeFileSync(join(record, basename(file)), `[\n${recorded.map((c) => JSON.stringify(c)).join(',\n')}\n]\n`);
    console.log(`${basename(file)}: ${recorded.length} recorded`);
    continue;
  }
  passed += ok;
  failed += bad;
  rows.push([basename(file, '.json'), ok, bad]);
}
if (!record && !json) {
  for (const [f, ok, bad] of rows)
    console.log(`${f.padEnd(28)} ${String(ok).padStart(5)} ok ${String(bad).padStart(5)} failing`);
  console.log(`${passed} passed, ${failed} failed`);
}
process.exit(failed ? 1 : 0);
