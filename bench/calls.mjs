// node bench/calls.mjs: `await process()` beside `processSync()` of the same samples, in turn, by medians of single
// calls; then many pipelines at once. Samples are refilled before each call, which is not timed.
//   --only TEXT   stages whose name holds it
//   DSPX_BENCH_PACKAGE   the package to measure, if not this one
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { machine, only, ratio, signal } from './measure.mjs';

const { default: dspx } = await import(pathToFileURL(process.env.DSPX_BENCH_PACKAGE ?? 'index.js').href);

const MOVING = { mode: 'moving', windowSize: 100 };
const STAGES = {
  Rectify: (p) => p.Rectify(),
  'MovingAverage 100': (p) => p.MovingAverage(MOVING),
  'Variance 100': (p) => p.Variance(MOVING),
  'MovingAverage→Rms→Rectify': (p) => p.MovingAverage(MOVING).Rms(MOVING).Rectify(),
};
const SIZES = [64, 1024, 4096, 16_384, 65_536, 262_144, 1 << 20];
const PIPELINES = [1, 8, 64];

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const turn = () => new Promise((resolve) => setImmediate(resolve));
const micros = (ms) => (ms * 1000).toFixed(ms < 0.1 ? 2 : 0).padStart(9);

/** Medians of both ways in milliseconds. Each eight calls begin with a turn of the event loop. */
async function pair(build, n) {
  const { source, x } = signal(n);
  const own = [build(dspx.createDspPipeline()), build(dspx.createDspPipeline())];
  const [sync, awaited] = [[], []];
  const rounds = Math.max(40, Math.min(2000, (1 << 25) / n));
  for (let i = 0; i < rounds; i++) {
    if (i % 8 === 0) await turn();
    x.set(source);
    let start = performance.now();
    own[0].processSync(x);
    sync.push(performance.now() - start);
    x.set(source);
    start = performance.now();
    await own[1].process(x);
    awaited.push(performance.now() - start);
  }
  return [median(sync.slice(rounds >> 3)), median(awaited.slice(rounds >> 3))];
}

/** Median milliseconds of one round of `count` pipelines: one after the other by processSync, and all at once. */
async function round(build, n, count) {
  const { source } = signal(n);
  const inputs = Array.from({ length: count }, () => source.slice());
  const pipelines = inputs.map(() => build(dspx.createDspPipeline()));
  const [sync, awaited] = [[], []];
  for (let i = 0; i < 30; i++) {
    await turn();
    let start = performance.now();
    pipelines.forEach((pipeline, k) => pipeline.processSync(inputs[k]));
    sync.push(performance.now() - start);
    await turn();
    start = performance.now();
    await Promise.all(pipelines.map((pipeline, k) => pipeline.process(inputs[k])));
    awaited.push(performance.now() - start);
  }
  return [median(sync), median(awaited)];
}

function row(name, n, sync, awaited) {
  const times = `${micros(sync)} ${micros(awaited)}  ${ratio(awaited / sync).padStart(8)}`;
  console.log(`${name.padEnd(28)} ${String(n).padStart(9)} ${times}`);
}

console.log(`${machine()}, ${availableParallelism()} cores\n`);
console.log(`${'stage'.padEnd(28)} ${'samples'.padStart(9)}  µs sync  µs await  await ÷ sync`);
const chosen = Object.entries(STAGES).filter(([name]) => name.includes(only));
for (const [name, build] of chosen) {
  for (const n of SIZES) {
    const [sync, awaited] = await pair(build, n);
    row(name, n, sync, awaited);
  }
}

console.log(`\n${'pipelines at once'.padEnd(28)} ${'samples'.padStart(9)}  µs sync  µs await  await ÷ sync`);
for (const [name, build] of chosen) {
  for (const n of [4096, 65_536]) {
    for (const count of PIPELINES) {
      const [sync, awaited] = await round(build, n, count);
      row(`${count} × ${name}`, n, sync, awaited);
    }
  }
}
