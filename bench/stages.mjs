// npm run bench: each stage on 64, 1,024 and 65,536 samples in 1 and 8 channels. Prints the time of one processSync
// call, million samples per second, and the ratio to plain JavaScript and to a plain Rust loop, all from this run.
//   --only TEXT   cases whose name holds it
import dspx from '../index.js';
import { cases } from './cases.mjs';
import { machine, measure, measureFloors, only, ratio, signal } from './measure.mjs';

const SIZES = [64, 1024, 65536];

const floors = measureFloors(SIZES);
console.log(`${machine()}; one call of processSync, refilled before each; medians\n`);
console.log(
  [
    'case'.padEnd(28),
    'ch',
    'samples'.padStart(8),
    'µs/call'.padStart(9),
    'M/s'.padStart(7),
    'vs JS'.padStart(7),
    'of floor'.padStart(9),
    ' asked M/s',
  ].join('  '),
);

for (const { name, build, plain, floor, asked, channels: counts = [1, 8] } of cases.filter((c) =>
  c.name.includes(only),
)) {
  for (const channels of counts) {
    for (const n of SIZES) {
      const pipeline = build(dspx.createDspPipeline());
      const options = { channels };
      const { source, x } = signal(n);
      const refill = () => x.set(source);
      const baseline = plain?.();
      const ns = await measure({
        refill,
        stage: () => { refill(); pipeline.processSync(x, options); },
        ...(baseline && { plain: () => { refill(); baseline(x, channels); } }),
      });
      const time = Math.max(ns.stage - ns.refill, 1);
      const js = baseline && (ns.plain - ns.refill) / time;
      console.log(
        [
          name.padEnd(28),
          String(channels).padStart(2),
          String(n).padStart(8),
          (time / 1000).toFixed(2).padStart(9),
          ((n / time) * 1000).toFixed(0).padStart(7),
          ratio(js).padStart(7),
          ratio(floor && floors[n][floor] / time).padStart(9),
          n === 65536 && channels === counts[0] && asked ? `  ${asked}` : '',
        ].join('  '),
      );
    }
  }
}

console.log('\nawait process(), any one stage (asked: ≤ 3 µs + the arithmetic)');
for (const n of [64, 256]) {
  const pipeline = dspx.createDspPipeline().Rectify();
  const x = new Float32Array(n);
  const { process } = await measure({ process: async () => { await pipeline.process(x); } });
  console.log(`${n} samples: ${(process / 1000).toFixed(2)} µs`);
}

console.log('\nsaveState + loadState of a moving average (asked: ≤ 10 µs; ≤ 1,000 µs binary, ≤ 10,000 µs JSON)');
for (const windowSize of [100, 100_000]) {
  const pipeline = dspx.createDspPipeline().MovingAverage({ mode: 'moving', windowSize });
  pipeline.processSync(signal(windowSize).x);
  const times = await measure({
    json: async () => { await pipeline.loadState(await pipeline.saveState()); },
    binary: async () => { await pipeline.loadState(await pipeline.saveState({ format: 'toon' })); },
  });
  console.log(
    `window ${windowSize}: JSON ${(times.json / 1000).toFixed(1)} µs, binary ${(times.binary / 1000).toFixed(1)} µs`,
  );
}
