// Starts and terminates workers while calls of theirs are in flight: node worker-cycles.js CYCLES. Prints the resident
// memory in MB after the first tenth and at the end.
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
const { createDspPipeline } = require('../..');

const AT_ONCE = 4;
/** Big enough for a thread of libuv's pool, with taps and times, so that every kind of job is cut off. */
const SAMPLES = 1 << 16;

function work() {
  const pipelines = [0, 1, 2].map(() => createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 100 }));
  pipelines[1].tap(() => {}).Rectify();
  const busy = () => pipelines.forEach((pipeline, i) => {
    const samples = new Float32Array(SAMPLES).fill(i);
    pipeline.process(samples, i === 2 ? new Float64Array(SAMPLES) : { sampleRate: 100 }).then(busy, () => {});
  });
  busy();
  parentPort.postMessage('busy');
}

/** One life of a worker; ends within a random moment of its work. */
function cycle() {
  return new Promise((done, fail) => {
    const worker = new Worker(__filename, { stderr: false });
    worker.once('message', () => setTimeout(() => worker.terminate().then(done, fail), Math.random() * 5));
    worker.once('error', fail);
  });
}

const megabytes = () => Math.round(process.memoryUsage().rss / 1e6);

async function main(cycles) {
  let left = cycles;
  let early;
  const lane = async () => {
    while (left-- > 0) {
      await cycle();
      if (left === Math.floor(cycles * 0.9)) early = megabytes();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  console.log(JSON.stringify({ cycles, early, end: megabytes() }));
}

if (isMainThread) main(Number(process.argv[2]));
else work();
