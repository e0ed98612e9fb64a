const { chmodSync, existsSync, lstatSync, readdirSync, statSync, symlinkSync } = require('node:fs');
const { join } = require('node:path');
const { createDspPipeline } = require('../..');
const { workplace } = require('./support.js');

const place = workplace();
afterAll(() => place.remove());

const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const wave = (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i / 7) * (1 + (i % 13)));
const AVERAGE = { MovingAverage: { mode: 'moving', windowSize: 3 } };
const average = () => createDspPipeline().MovingAverage(AVERAGE.MovingAverage);

place.write('average.json', JSON.stringify({ stages: [AVERAGE] }));
place.write('rectify.json', JSON.stringify(['Rectify']));

/** Runs, and expects success. */
function run(...args) {
  const { status, stderr, stdout } = place.cli(['run', ...args]);
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^([\d,]+ frames in, [\d,]+ out, .*\n)?$/)]);
  return stdout;
}

describe('raw float32', () => {
  test('goes through the pipeline, channels interleaved', () => {
    const signal = wave(3 * 100_001);
    place.write('x.f32', bytes(signal));
    run('average.json', '--in', 'x.f32', '--out', 'y.f32', '--channels', '3');
    expect(place.floats('y.f32')).toEqual(average().processSync(signal, { channels: 3 }));
  });

  test('from standard input to standard output', () => {
    const { status, stdout } = place.cli(
      ['run', 'average.json', '--in', '-', '--out', '-', '--in-format', 'f32', '--out-format', 'csv'],
      { input: bytes(Float32Array.of(3, 4.5, 0.1)) },
    );
    expect([status, stdout]).toEqual([0, '3\n3.75\n2.5333333\n']);
  });

  test('through what toJSON() wrote, and through stages that leave the rate to the definition', () => {
    const lowpass = { type: 'butterworth', mode: 'lowpass', cutoffFrequency: 40, order: 4, id: 'low' };
    const pipeline = createDspPipeline({ sampleRate: 1000 }).filter({ ...lowpass, sampleRate: 1000 });
    const signal = wave(500);
    place.write('rate.f32', bytes(signal));
    place.write('written.json', JSON.stringify(pipeline));
    place.write('by-hand.json', JSON.stringify({ sampleRate: 1000, stages: [{ filter: lowpass }] }));
    const expected = pipeline.processSync(signal);
    for (const definition of ['written.json', 'by-hand.json']) {
      run(definition, '--in', 'rate.f32', '--out', 'low.f32');
      expect(place.floats('low.f32')).toEqual(expected);
    }
  });

  test('a saved state goes on bit for bit, as definition and by --load-state', () => {
    const signal = wave(1000);
    const whole = average().processSync(signal.slice());
    place.write('a.f32', bytes(signal.subarray(0, 401)));
    place.write('b.f32', bytes(signal.subarray(401)));
    run('average.json', '--in', 'a.f32', '--out', 'ya.f32', '--save-state', 'state.json');
    run('average.json', '--in', 'b.f32', '--out', 'yb.f32', '--load-state', 'state.json');
    run('state.json', '--in', 'b.f32', '--out', 'yc.f32', '--quiet');
    expect(Buffer.concat([place.read('ya.f32'), place.read('yb.f32')])).toEqual(bytes(whole));
    expect(place.read('yc.f32')).toEqual(place.read('yb.f32'));
  });
});

describe('csv', () => {
  test('columns are channels; header, comments, quotes and other delimiters are understood', () => {
    place.write('x.csv', '\uFEFF# recorded today\r\nlead;"ecg";resp\r\n0;-1;2\r\n\r\n1;3;-4.5\r\n');
    run('rectify.json', '--in', 'x.csv', '--out', 'y.csv');
    expect(place.text('y.csv')).toBe('lead,ecg,resp\n0,1,2\n1,3,4.5\n');
    run('rectify.json', '--in', 'x.csv', '--columns', 'resp,2', '--out', 'y.csv');
    expect(place.text('y.csv')).toBe('resp,ecg\n2,1\n4.5,3\n');
  });

  test('numbers read back as the same float32', () => {
    const signal = Float32Array.from({ length: 10_000 }, (_, i) => Math.fround(Math.sin(i) * 10 ** ((i % 60) - 30)));
    place.write('x.f32', bytes(signal));
    place.write('nothing.json', '[]');
    run('nothing.json', '--in', 'x.f32', '--out', 'y.csv');
    run('nothing.json', '--in', 'y.csv', '--out', 'z.f32');
    expect(place.read('z.f32')).toEqual(bytes(signal));
  });
});

/** A WAV file with two channels and an odd chunk before the samples. */
function wavOf(format, bits, body, { extensible = false, size = body.length } = {}) {
  const fmt = Buffer.alloc(extensible ? 40 : 16);
  fmt.writeUInt16LE(extensible ? 0xfffe : format, 0);
  fmt.writeUInt16LE(2, 2);
  fmt.writeUInt32LE(8000, 4);
  fmt.writeUInt32LE((8000 * 2 * bits) / 8, 8);
  fmt.writeUInt16LE((2 * bits) / 8, 12);
  fmt.writeUInt16LE(bits, 14);
  if (extensible) fmt.writeUInt16LE(format, 24);
  const chunk = (id, data, length = data.length) => {
    const head = Buffer.alloc(8);
    head.write(id, 'latin1');
    head.writeUInt32LE(length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  return Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WAVE'),
    chunk('LIST', Buffer.from('abc')),
    chunk('fmt ', fmt),
    chunk('data', body, size),
  ]);
}

describe('wav', () => {
  const pcm = (width, values) => {
    const body = Buffer.alloc(width * values.length);
    values.forEach((value, i) => body.writeIntLE(value, i * width, width));
    return body;
  };
  test.each([
    ['PCM 16', wavOf(1, 16, pcm(2, [-32768, 16384, 1, 0]))],
    ['PCM 24', wavOf(1, 24, pcm(3, [-8388608, 4194304, 256, 0]))],
    ['PCM 32, extensible', wavOf(1, 32, pcm(4, [-2147483648, 1073741824, 65536, 0]), { extensible: true })],
    ['float 32', wavOf(3, 32, bytes(Float32Array.of(-1, 0.5, 2 ** -15, 0)))],
    ['unknown length', wavOf(3, 32, bytes(Float32Array.of(-1, 0.5, 2 ** -15, 0)), { size: 0xffffffff })],
    ['text after the samples', Buffer.concat([wavOf(1, 16, pcm(2, [-32768, 16384, 1, 0])), Buffer.from('LISTxxxx')])],
  ])('%s is read at full scale ±1', (_name, file) => {
    place.write('x.wav', file);
    run('rectify.json', '--in', 'x.wav', '--out', 'y.f32');
    expect(place.floats('y.f32')).toEqual(Float32Array.of(1, 0.5, 2 ** -15, 0));
  });

  test('what it writes it reads, with sample rate and channels', () => {
    const signal = wave(2 * 70_000);
    place.write('x.f32', bytes(signal));
    run('average.json', '--in', 'x.f32', '--out', 'y.wav', '--channels', '2', '--sample-rate', '44100');
    const head = place.read('y.wav').subarray(0, 58);
    expect([
      head.readUInt32LE(4),
      head.readUInt16LE(22),
      head.readUInt32LE(24),
      head.readUInt32LE(46),
      head.readUInt32LE(54),
    ]).toEqual([50 + 4 * signal.length, 2, 44100, 70_000, 4 * signal.length]);
    run('rectify.json', '--in', 'y.wav', '--out', 'z.f32');
    expect(place.floats('z.f32')).toEqual(average().Rectify().processSync(signal, { channels: 2 }));
  });

  test('a resampling stage changes the rate of the output', () => {
    place.write(
      'half.json',
      JSON.stringify({ sampleRate: 8000, stages: [{ Decimate: { factor: 2, sampleRate: 8000 } }] }),
    );
    run('half.json', '--in', 'x.f32', '--out', 'y.wav');
    expect(place.read('y.wav').readUInt32LE(24)).toBe(4000);
    place.write(
      'to.json',
      JSON.stringify({ sampleRate: 8000, stages: [{ ResampleTo: { inputRate: 8000, outputRate: 11025 } }] }),
    );
    run('to.json', '--in', 'x.f32', '--out', 'y.wav');
    expect(place.read('y.wav').readUInt32LE(24)).toBe(11_025);
  });
});

describe('channels of the output', () => {
  const one = { b: [1], a: [0] };
  test.each([
    ['ChannelSelector', { numInputChannels: 3, numOutputChannels: 2 }, '1,2\n4,5\n'],
    ['ChannelSelect', { channels: [2], numInputChannels: 3 }, '3\n6\n'],
    ['ChannelMerge', { mapping: [0, 0, 1, 2], numInputChannels: 3 }, '1,1,2,3\n4,4,5,6\n'],
    ['FilterBank', { definitions: [one, one], inputChannels: 3 }, '1,1,2,2,3,3\n4,4,5,5,6,6\n'],
  ])('follow from %s', (method, params, expected) => {
    place.write('x.csv', '1,2,3\n4,5,6\n');
    place.write('channels.json', JSON.stringify([{ [method]: params }, 'Rectify']));
    run('channels.json', '--in', 'x.csv', '--out', 'y.csv');
    expect(place.text('y.csv')).toBe(expected);
  });

  test('or are given by --out-channels', () => {
    place.write('x.csv', '1,2,3\n4,5,6\n');
    run('rectify.json', '--in', 'x.csv', '--out', 'y.csv', '--out-channels', '2');
    expect(place.text('y.csv')).toBe('1,2\n3,4\n5,6\n');
    const { status, stderr } = place.cli('run rectify.json --in x.csv --out y.csv --out-channels 4'.split(' '));
    expect([status, stderr]).toEqual([2, expect.stringMatching('6 samples is no multiple of 4 channels')]);
  });
});

test('a plot of the input and the output in bounded size', () => {
  place.write('x.f32', bytes(wave(200_000)));
  run('rectify.json', '--in', 'x.f32', '--out', 'y.f32', '--sample-rate', '100', '--plot', 'y.svg');
  const svg = place.text('y.svg');
  expect(svg).toMatch(/^<svg xmlns[\s\S]*input, channel 1[\s\S]*output, channel 1[\s\S]*<\/svg>\n$/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(svg.length).toBeLessThan(200_000);
  run('rectify.json', '--in', 'x.f32', '--out', 'y.f32', '--plot', 'y.html');
  expect(place.text('y.html')).toMatch(/^<!doctype html>[\s\S]*<svg/);
});

test('a bar on demand', () => {
  const { stderr } = place.cli(['run', 'rectify.json', '--in', 'x.f32', '--out', 'y.f32', '--progress']);
  expect(stderr).toMatch(/\r\[█* *\] +\d+ %/);
});

describe('mistakes end in one line and exit status 2', () => {
  beforeAll(() => {
    place.write('x.csv', 'a,b\n1,2\n3,x\n');
    place.write('short.csv', '1,2\n3\n');
    place.write('odd.f32', Buffer.alloc(10));
    place.write('bad.json', '{"stages": [\n');
    place.write('unknown.json', '["Rectify", "Smooth"]');
    place.write('parameter.json', '[{"MovingAverage": {"mode": "moving", "windowSize": -1}}]');
    place.write('form.json', '[{"Rectify": {}, "Square": {}}]');
    place.write('x.wav', wavOf(2, 4, Buffer.alloc(8)));
    place.write('cut.wav', wavOf(1, 16, Buffer.alloc(8)).subarray(0, 30));
    place.write('damaged.json', '{"stages":[{"type":"movingAverage","state":{}}]');
  });

  test.each([
    ['no input', 'run rectify.json --out y.csv', '--in is missing'],
    ['no pipeline', 'run --in x.csv --out y.csv', /^run takes one pipeline file/],
    ['a missing file', 'run rectify.json --in none.csv --out y.csv', /ENOENT.*none\.csv/],
    ['a missing pipeline', 'run none.json --in x.csv --out y.csv', /ENOENT.*none\.json/],
    ['an unknown extension', 'run rectify.json --in x.csv --out y.xyz', /^y\.xyz: the format is not known/],
    ['an unknown format', 'run rectify.json --in x.csv --out y.csv --in-format tape', '--in-format must be csv, wav, f32, edf, bdf, wfdb, npy, aiff, caf, flac, ogg or mp3, got "tape"'],
    ['an unknown option', 'run rectify.json --speed 3', "Unknown option '--speed'"],
    ['text among the numbers', 'run rectify.json --in x.csv --out y.csv', 'x.csv:3: "x" is no number'],
    ['a short line', 'run rectify.json --in short.csv --out y.csv', 'short.csv:2: 1 columns, expected 2'],
    [
      'an unknown column',
      'run rectify.json --in x.csv --columns c --out y.csv',
      'x.csv: no column "c" (there are a, b)',
    ],
    [
      'an end inside a sample',
      'run rectify.json --in odd.f32 --out y.csv',
      'odd.f32: the input ended inside a frame (2 of 4 bytes)',
    ],
    ['broken JSON', 'run bad.json --in x.csv --out y.csv', /^bad\.json: .*JSON/],
    [
      'an unknown stage',
      'run unknown.json --in x.csv --out y.csv',
      'unknown.json: stage 2: there is no stage "Smooth"',
    ],
    [
      'a wrong parameter',
      'run parameter.json --in x.csv --out y.csv',
      /^parameter\.json: stage 1: MovingAverage: .*windowSize/,
    ],
    ['two stages in one', 'run form.json --in x.csv --out y.csv', /^form\.json: stage 1 must be/],
    ['another wav format', 'run rectify.json --in x.wav --out y.csv', 'x.wav: the wav format 0x0002 is not supported'],
    ['half a wav head', 'run rectify.json --in cut.wav --out y.csv', 'cut.wav: the file ends within its header (at byte 30)'],
    ['no wav at all', 'run rectify.json --in x.csv --in-format wav --out y.csv', 'x.csv: this is no RIFF/WAVE file (at byte 0)'],
    ['a wav without a rate', 'run rectify.json --in odd.f32 --out y.wav', 'a wav output needs --sample-rate'],
    ['a wrong number', 'run rectify.json --in odd.f32 --out y.f32 --channels 1.5', '--channels must be an integer, 1 or more, got "1.5"'],
    ['another plot', 'run rectify.json --in odd.f32 --out y.f32 --plot y.png', '--plot must end in .svg or .html, got "y.png"'],
    ['a damaged state', 'run rectify.json --in odd.f32 --out y.f32 --load-state damaged.json', /^damaged\.json: Failed to load state/],
    ['an unknown command', 'play x.wav', 'no command "play": run, info, design, bench, migrate'],
  ])('%s', (_what, line, message) => {
    const { status, stderr } = place.cli(line.split(' '));
    expect(stderr).toMatch(/^dspx-rs: [^\n]*\n$/);
    expect(status).toBe(2);
    const text = stderr.slice('dspx-rs: '.length, -1);
    if (message instanceof RegExp) expect(text).toMatch(message);
    else expect(text).toBe(message);
  });

  test.each([
    ['null'], ['5'], ['""'], ['[null]'], ['[5]'], ['[[]]'], ['{"stages":{}}'], ['{"stages":[{}]}'],
    ['{"stages":[{"filter":5}]}'],
    ['{"stages":[],"channels":"x"}'], ['{"stages":[],"channels":0}'], ['{"stages":[],"channels":2.5}'],
    ['{"stages":[],"channels":1e99}'], ['{"stages":[],"channels":{}}'], ['{"stages":[],"sampleRate":"x"}'],
    ['{"stages":[],"sampleRate":-1}'], ['{"stages":[],"sampleRate":[]}'], ['{"stages":[],"design":5}'],
    ['{"stages":["__proto__"]}'], ['{"stages":["constructor"]}'], ['{"stages":[{"toString":{}}]}'],
    ['{"stages":[{"ChannelSelect":{"channels":null}}]}'], ['{"stages":[{"ChannelMerge":{}}]}'],
    ['{"stages":["FilterBank"]}'],
    ['{"stages":[{"Resample":null}]}'], ['{"stages":[{"type":"movingAverage","state":5}]}'],
    ['{"stages":["a\u001b[2J\nb"]}'],
  ])('the definition %s', (definition) => {
    place.write('hostile.json', definition);
    const files = ['--in', 'short.csv', '--out', '-', '--out-format', 'csv'];
    const { status, stderr, stdout } = place.cli(['run', 'hostile.json', ...files]);
    expect(stderr).toMatch(/^dspx-rs: [^\x00-\x1f\x7f-\x9f]+\n$/);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('control characters of cells and file names are printed as escapes', () => {
    place.write('esc\x1b[2J.csv', '1\n\x1b]0;title\x07\n');
    const { status, stderr } = place.cli(['run', 'rectify.json', '--in', 'esc\x1b[2J.csv', '--out', 'y.csv']);
    expect(stderr).toBe('dspx-rs: esc\\x1b[2J.csv:2: "\\x1b]0;title\\x07" is no number\n');
    expect(status).toBe(2);
  });

  test('no half-written output is left', () => {
    expect(existsSync(join(place.folder, 'y.xyz'))).toBe(false);
    expect(readdirSync(place.folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('output files', () => {
  const run = (...args) => {
    const { status, stderr } = place.cli(['run', 'rectify.json', ...args, '--quiet']);
    expect([stderr, status]).toEqual(['', 0]);
  };

  test('an input that is named like a temporary file is read, and stays', () => {
    place.write('in.csv.part', '-1\n-2\n');
    run('--in', 'in.csv.part', '--in-format', 'csv', '--out', 'in.csv');
    expect([place.text('in.csv'), place.text('in.csv.part')]).toEqual(['1\n2\n', '-1\n-2\n']);
  });

  test('the input itself may be the output', () => {
    place.write('same.csv', '-1\n-2\n');
    run('--in', 'same.csv', '--out', 'same.csv');
    expect(place.text('same.csv')).toBe('1\n2\n');
  });

  test('a link that lies in wait is left alone; an output that is a link stays one', () => {
    place.write('precious', 'keep');
    place.write('real.csv', 'old');
    symlinkSync('precious', join(place.folder, 'o.csv.part'));
    symlinkSync('real.csv', join(place.folder, 'o.csv'));
    place.write('m.csv', '-1\n');
    run('--in', 'm.csv', '--out', 'o.csv');
    expect([place.text('precious'), place.text('real.csv')]).toEqual(['keep', '1\n']);
    expect(lstatSync(join(place.folder, 'o.csv')).isSymbolicLink()).toBe(true);
  });

  test.each(['secret.csv', 'secret.wav', 'secret.f32'])('%s keeps its mode, and so do a plot and a state', (name) => {
    const files = [name, 'secret.svg', 'secret.json'];
    for (const file of files) {
      place.write(file, '');
      chmodSync(join(place.folder, file), 0o600);
    }
    place.write('m.csv', '-1\n');
    run('--in', 'm.csv', '--sample-rate', '10', '--out', name, '--plot', 'secret.svg', '--save-state', 'secret.json');
    for (const file of files) {
      const { mode, size } = statSync(join(place.folder, file));
      expect([mode & 0o777, size > 0]).toEqual([0o600, true]);
    }
  });
});

test('recordings of other formats go in and out', () => {
  const signal = Float32Array.from({ length: 2 * 500 }, (_, i) => Math.sin(i / 9));
  place.write('two.f32', bytes(signal));
  const shape = ['--channels', '2', '--sample-rate', '250'];
  const call = (...args) => place.cli(['run', 'rectify.json', '--quiet', ...args]);
  for (const [name, step] of [['r.edf', 2e-5], ['r.bdf', 1e-6], ['r.npy', 0], ['r16.wav', 2 ** -15]]) {
    const bits = name === 'r16.wav' ? ['--bits', '16'] : [];
    expect(call('--in', 'two.f32', ...shape, '--out', name, ...bits)).toMatchObject({ status: 0, stderr: '' });
    const rate = name === 'r.npy' ? ['--sample-rate', '250'] : [];
    expect(call('--in', name, ...rate, '--out', 'back.f32')).toMatchObject({ status: 0, stderr: '' });
    const back = place.floats('back.f32');
    expect(back.length).toBe(signal.length);
    back.forEach((x, i) => expect(Math.abs(x - Math.abs(signal[i]))).toBeLessThanOrEqual(step));
  }
  expect(call('--in', 'r.edf', '--from', '0.5', '--to', '1', '--out', 'part.f32').status).toBe(0);
  expect(place.floats('part.f32').length).toBe(2 * 125);
  expect(place.cli(['info', 'r.edf']).stdout).toMatch(/^edf, int16, 250 Hz, 2 s\n {2}0 {2}channel 1\n {2}1 {2}channel 2\n$/);
  const { stderr, status } = place.cli(['info', 'none.edf']);
  expect([stderr.includes('none.edf'), stderr.split('\n').length, status]).toEqual([true, 2, 2]);
});

test('a wav that was never finished is read to its end', () => {
  const cut = wavOf(1, 16, Buffer.from([0, 64, 0, 192, 0, 32, 0, 32]), { size: 0 });
  for (const riffSize of [0, 36, cut.length - 8]) {
    cut.writeUInt32LE(riffSize, 4);
    place.write('unfinished.wav', cut);
    const files = ['--in', 'unfinished.wav', '--out', '-', '--out-format', 'csv'];
    const { stdout } = place.cli(['run', 'rectify.json', ...files]);
    // With a RIFF chunk that goes on behind the empty data, the data is empty indeed.
    expect(stdout).toBe(riffSize <= 36 ? '0.5,0.5\n0.25,0.25\n' : '');
  }
});

test('column names that need quotes get them, and are read back', () => {
  place.write('names.csv', '"a, b",c;d,"e ""f""",# g,12\n-1,-2,-3,-4,-5\n'.replace('12', '"12 Hz"'));
  for (const [from, to] of [['names.csv', 'again.csv'], ['again.csv', 'third.csv']]) {
    expect(place.cli(['run', 'rectify.json', '--in', from, '--out', to]).status).toBe(0);
  }
  expect(place.text('again.csv')).toBe('"a, b","c;d","e ""f""","# g",12 Hz\n1,2,3,4,5\n');
  expect(place.text('third.csv')).toBe(place.text('again.csv'));
});

test('help and version', () => {
  expect(place.cli([]).stdout).toMatch(/dspx-rs run PIPELINE\.json/);
  expect(place.cli(['run', '--help']).stdout).toMatch(/--sample-rate HZ/);
  expect(place.cli(['--version']).stdout.trim()).toBe(require('../../package.json').version);
});
