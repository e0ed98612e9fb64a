// Five minutes of a real ECG: produced to Kafka in binary frames, consumed, analysed while they come, with the state
// handed over to a fresh pipeline half-way. Ends with the heart rate, a page to look around in and a picture.
//   node examples/ecg/demo.mjs [folder for the results]
import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import analysis from './analysis.js';
import { progressBar } from './progress.mjs';
import recording from './recording.js';
import { writePage, writePicture } from './report.mjs';
import { streamThroughKafka } from './stream.mjs';

const FRAME = 36; // samples: a tenth of a second
/** A SciPy chain finds 466 beats and a median of 103 bpm; how many of the distorted ones count is a matter of the method. */
const EXPECTED = { beats: [440, 520], heartRate: [95, 110] };

const { SAMPLE_RATE, readEcg } = recording;
const folder = resolve(process.argv[2] ?? 'demo-output');
const raw = readEcg();
const total = raw.length / FRAME;
const ecg = new analysis.EcgAnalysis(SAMPLE_RATE);

console.log(`${raw.length / SAMPLE_RATE / 60} minutes of ECG (MIT-BIH record 208) through an embedded Kafka broker:`);
const show = progressBar('frames', total);
let handedOver = 0;
let started;
await streamThroughKafka({
  samples: raw,
  sampleRate: SAMPLE_RATE,
  frameSize: FRAME,
  onFrame: async (samples, number) => {
    started ??= performance.now();
    if (number === total / 2) {
      const saved = await ecg.save();
      await ecg.restart(saved);
      handedOver = saved.length;
    }
    await ecg.push(samples);
    show(number + 1);
  },
});
const seconds = (performance.now() - started) / 1000;

const result = await ecg.end();
mkdirSync(folder, { recursive: true });
const page = join(folder, 'ecg.html');
const picture = join(folder, 'ecg.svg');
writePage(page, { raw, sampleRate: SAMPLE_RATE, ...result });
writePicture(picture, { raw, sampleRate: SAMPLE_RATE, ...result });

const here = (file) => relative(process.cwd(), file);
console.log(`
  heart beats found    ${result.beats.length}
  median heart rate    ${result.heartRate.toFixed(1)} bpm
  state handed over    ${handedOver} bytes, after frame ${total / 2}
  throughput           ${Math.round(raw.length / seconds).toLocaleString('en')} samples/s, ${Math.round(total / seconds).toLocaleString('en')} messages/s
  look around          ${here(page)}
  picture              ${here(picture)}
`);

const within = (value, [low, high]) => value >= low && value <= high;
if (!within(result.beats.length, EXPECTED.beats) || !within(result.heartRate, EXPECTED.heartRate)) {
  console.error(`Expected ${EXPECTED.beats.join('–')} beats and a median of ${EXPECTED.heartRate.join('–')} bpm.`);
  process.exitCode = 1;
}
