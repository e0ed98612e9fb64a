const { execFileSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
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
  return ecg.result();
}

const bytes = (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

describe('the ECG example', () => {
  let whole;
  beforeAll(async () => {
    whole = await analyse(FRAME);
  });

  test('finds the beats and the heart rate that a SciPy chain finds', () => {
    // SciPy: 466 beats, median 103 bpm; the range is what a detector may make of the distorted ones.
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
    expect(bytes(other.integrated).equals(bytes(whole.integrated))).toBe(true);
    expect(other.beats).toEqual(whole.beats);
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
