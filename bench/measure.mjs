// What the benches share: floors in plain Rust, medians, a signal, a figure's form.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { Bench } from 'tinybench';

/** What plain Rust needs for each of `sizes`: `{ copy, runningSum, realFft }` in nanoseconds, by size. */
export function measureFloors(sizes) {
  const args = ['run', '--release', '--quiet', '-p', 'dsp-core', '--example', 'floors', '--', ...sizes.map(String)];
  const rows = JSON.parse(execFileSync('cargo', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  return Object.fromEntries(rows.map((row) => [row.samples, row]));
}

/**
 * Median nanoseconds of each function in `tasks`, measured in turn by one Bench. Its `refill`, if it has one, is called
 * before and not timed.
 */
export async function measure(tasks) {
  const bench = new Bench({ time: 120, warmupTime: 40 });
  for (const [name, f] of Object.entries(tasks)) bench.add(name, f, { beforeEach: f.refill });
  await bench.run();
  return Object.fromEntries(bench.tasks.map((task) => {
    if (task.result.error) throw task.result.error;
    return [task.name, task.result.latency.p50 * 1e6];
  }));
}

/** Samples, and a copy of them for what works in place. */
export function signal(n) {
  const source = Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.1) + 0.5 * Math.sin(i * 1.7));
  return { source, x: source.slice() };
}

export const ratio = (x) => (x === undefined ? '' : `${x >= 10 ? x.toFixed(0) : x.toFixed(2)}×`);

/** The machine, for the head of a table. */
export const machine = () => `${cpus()[0].model}, Node ${process.version}`;

/** What `--only` names: a part of a case's name; without it, of all. */
export const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : '';
