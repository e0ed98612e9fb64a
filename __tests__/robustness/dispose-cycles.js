// Creates, uses and disposes pipelines: node --expose-gc dispose-cycles.js CYCLES. Prints the resident memory in MB
// after the first three fifths, when the heap has grown to what it needs, and at the end.
const { createDspPipeline } = require('../..');

/** Every way in which native memory is taken: both threads, taps, states, results of another length, failures. */
async function cycle(i) {
  const pipeline = createDspPipeline()
    .MovingAverage({ mode: 'moving', windowSize: 50 })
    .tap(() => {})
    .filter({ type: 'butterworth', mode: 'lowpass', order: 4, sampleRate: 1000, cutoffFrequency: 40 })
    .Decimate({ factor: 2, sampleRate: 1000 });
  await pipeline.process(new Float32Array(256), { channels: 2 });
  if (i % 50 === 0) await pipeline.process(new Float32Array(20_000), { channels: 2, sampleRate: 1000 });
  await pipeline.loadState(await pipeline.saveState({ format: i % 2 ? 'toon' : 'json' }));
  try {
    pipeline.processSync(new Float32Array(3), { channels: 2 });
  } catch {
    // a length that is no multiple of the channels
  }
  if (i % 3) pipeline.dispose(); // the others are left to the collector
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function megabytes() {
  for (let k = 0; k < 5; k++) {
    globalThis.gc();
    await turn(); // finalizers of native objects run between turns of the event loop
  }
  return process.memoryUsage().rss / 1e6;
}

async function main(cycles) {
  let early;
  for (let i = 0; i < cycles; i++) {
    await cycle(i);
    if (i % 100 === 0) await turn();
    if (i === Math.floor(0.6 * cycles)) early = await megabytes();
  }
  console.log(JSON.stringify({ cycles, early, end: await megabytes() }));
}

main(Number(process.argv[2]));
