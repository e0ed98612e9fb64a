const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

const entry = JSON.stringify(join(__dirname, '../../index.js'));
/** KB of address space: three times what Node with the addon takes, and far less than these calls ask for. */
const LIMIT_KB = 3_000_000;

/** Calls that ask for more memory than there is. */
const CALLS = {
  'AdaptiveLMSFilter.init': `for (let i = 0; i < 8; i++) { const f = new d.AdaptiveLMSFilter(2 ** 20); f.init(128); kept.push(f); }`,
  goertzel: `kept.push(d.goertzel(new Float32Array(4), new Float64Array(2 ** 26)))`,
  getWindow: `kept.push(new ArrayBuffer(1.4e9), d.getWindow('hann', 2 ** 26))`,
  FftProcessor: `kept.push(new d.FftProcessor(2 ** 26))`,
  welch: `kept.push(d.welch(new Float32Array(2 ** 26), { nperseg: 2 ** 26 }))`,
  stft: `kept.push(d.stft(new Float32Array(2 ** 24), { nperseg: 4096, noverlap: 4095 }))`,
  spectrogram: `kept.push(d.spectrogram(new Float32Array(2 ** 22), { nperseg: 1024, noverlap: 1000 }))`,
  czt: `kept.push(d.czt(new Float32Array(2 ** 25), { m: 2 ** 25 }))`,
  analyticSignal: `kept.push(d.analyticSignal(new Float32Array(2 ** 26)))`,
  autocorrelation: `kept.push(d.autocorrelation(new Float32Array(2 ** 25)))`,
  calculateMelSpectrogram: `kept.push(d.calculateMelSpectrogram(new Float32Array(2 ** 22), { hopLength: 1 }))`,
  medianFilter: `kept.push(d.medianFilter(new Float32Array(2 ** 28), 3))`,
  calculateSampleEntropy: `kept.push(d.calculateSampleEntropy(new Float32Array(2 ** 29), 2))`,
  TimeAlignment: `kept.push(d.createDspPipeline().TimeAlignment({ targetSampleRate: 2 ** 29 }).processSync(new Float32Array(2), Float64Array.of(0, 1900)))`,
  Interpolate: `kept.push(d.createDspPipeline().Interpolate({ factor: 1024, sampleRate: 100, order: 11 }).processSync(new Float32Array(2 ** 20)))`,
};

const script = `
  const d = require(${entry});
  const calls = ${JSON.stringify(CALLS)};
  for (const [name, text] of Object.entries(calls)) {
    const kept = [];
    let outcome = 'done';
    try { new Function('d', 'kept', text)(d, kept); } catch (error) { outcome = error.name + ': ' + error.message; }
    require('node:fs').writeSync(1, JSON.stringify([name, outcome]) + '\\n');
    kept.length = 0;
    globalThis.gc();
  }`;

const limited = process.platform === 'linux' ? test : test.skip;
if (process.platform !== 'linux') console.info('No tests with a limit of memory: only Linux sets one for a process');

limited(
  'what there is no memory for is a RangeError',
  () => {
    const command = `ulimit -v ${LIMIT_KB}; exec "$0" --expose-gc -e "$1"`;
    const { stdout, stderr, status, signal } = spawnSync('sh', ['-c', command, process.execPath, script], {
      encoding: 'utf8',
    });
    const outcomes = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const names = outcomes.map(([name]) => name);
    expect([names, signal ?? status, stderr]).toEqual([Object.keys(CALLS), 0, '']);
    const wrong = outcomes.filter(([, outcome]) => outcome !== 'done' && !outcome.startsWith('RangeError: '));
    expect(wrong).toEqual([]);
    // The limit is there: with the machine's memory most of these would be done.
    expect(outcomes.filter(([, outcome]) => outcome !== 'done').length).toBeGreaterThan(4);
  },
  300_000,
);
