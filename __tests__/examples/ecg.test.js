const { execFileSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { EcgAnalysis } = require('../../examples/ecg/analysis.js');
const { SAMPLE_RATE, readEcg } = require('../../examples/ecg/recording.js');

const FRAME = 36;
const raw = readEcg();

/** The whole recording, frame by frame; a new pipeline takes over before each of the frames `handOvers`. */
async function analyse(frame, handOvers = []) {
  const ecg = new EcgAnalysis(SAMPLE_RATE);
  for (let at = 0; at < raw.length; at += frame) {
    if (handOvers.includes(at / frame)) await ecg.restart(await ecg.save());
    await ecg.push(raw.subarray(at, at + frame));
  }
  return ecg.end();
}

/** The first ten minutes of record 100 with the marks of cardiologists: in the folder of shared data, where that is. */
const marked = join(process.env.DSPX_SHARED_DATA ?? join(__dirname, '../../../shared/data'), 'ecg-mitdb-100-10min');
const hasMarked = existsSync(`${marked}.i16`);
if (!hasMarked) console.info(`The ECG example is not compared with marks: ${marked}.i16 is not there`);

/** Its first lead, and the samples of the marks. */
function readMarked() {
  const file = readFileSync(`${marked}.i16`);
  const lead = Float32Array.from({ length: file.length / 4 }, (_, i) => file.readInt16LE(4 * i));
  return { lead, marks: JSON.parse(readFileSync(`${marked}.beats.json`, 'utf8')).beats };
}

const bytes = (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

describe('the ECG example', () => {
  let whole;
  beforeAll(async () => {
    whole = await analyse(FRAME);
  });

  test('finds the beats and the heart rate that a SciPy chain finds', () => {
    // SciPy: 466 beats, median 103 bpm; the range is what a method may make of the distorted ones.
    expect(whole.beats.length).toBeGreaterThanOrEqual(440);
    expect(whole.beats.length).toBeLessThanOrEqual(520);
    expect(whole.heartRate).toBeGreaterThanOrEqual(95);
    expect(whole.heartRate).toBeLessThanOrEqual(110);
  });

  test.each([
    ['a hand-over of state half-way', FRAME, [raw.length / FRAME / 2]],
    ['three hand-overs', FRAME, [1, 700, 2999]],
    ['other frames', 1000, []],
  ])('%s changes no bit', async (_, frame, handOvers) => {
    const other = await analyse(frame, handOvers);
    expect(bytes(other.filtered).equals(bytes(whole.filtered))).toBe(true);
    expect(other.beats).toEqual(whole.beats);
  });

  test('a call leaves the samples that it was given as they are', async () => {
    const samples = raw.slice(0, 720);
    await new EcgAnalysis(SAMPLE_RATE).push(samples);
    expect(bytes(samples).equals(bytes(raw.slice(0, 720)))).toBe(true);
  });

  (hasMarked ? test : test.skip)('marks the R peaks of record 100, all that cardiologists have marked and no other', async () => {
    const { lead, marks } = readMarked();
    const ecg = new EcgAnalysis(360);
    for (let at = 0; at < lead.length; at += FRAME) await ecg.push(lead.subarray(at, at + FRAME));
    const { beats } = await ecg.end();
    // Both are in order, so that each has to be at its own mark: within 5 samples, 14 ms.
    expect(beats).toHaveLength(marks.length);
    expect(Math.max(...beats.map((beat, i) => Math.abs(beat - marks[i])))).toBeLessThanOrEqual(5);
  });

  test('npm run demo writes a page and a picture, and reports what the analysis finds', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dspx-demo-'));
    try {
      const text = execFileSync(process.execPath, [join(__dirname, '../../examples/ecg/demo.mjs'), folder], {
        encoding: 'utf8',
      });
      expect(text).toMatch(new RegExp(`heart beats found +${whole.beats.length}\n`));
      expect(text).toMatch(new RegExp(`median heart rate +${whole.heartRate.toFixed(1)} bpm\n`));
      expect(readFileSync(join(folder, 'ecg.html'), 'utf8')).toContain(`${whole.beats.length} beats`);
      expect(readFileSync(join(folder, 'ecg.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
