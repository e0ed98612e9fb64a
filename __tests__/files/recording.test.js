const { createReadStream, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');
const { RecordingError, createDspPipeline, openRecording, writeRecording } = require('../../index.js');

const data = resolve(__dirname, '../../crates/dsp-files/tests/data');
const folder = mkdtempSync(join(tmpdir(), 'dspx-files-'));
const file = (name) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const sine = (frames, channels) => Float32Array.from({ length: frames * channels }, (_, i) => Math.sin(i / 7));

test.each([
  ['a path', (path) => path],
  ['a URL', pathToFileURL],
  ['a Buffer', (path) => readFileSync(path)],
  ['a stream', (path) => createReadStream(path, { highWaterMark: 100 })],
])('a recording opens from %s', async (_, source) => {
  const recording = await openRecording(source(join(data, 'edf-plus.edf')));
  expect(recording).toMatchObject({ format: 'edf+c', encoding: 'int16', sampleRate: 50, frames: 150, wide: false });
  expect(recording.channels.map(({ label, unit, sampleRate }) => [label, unit, sampleRate])).toEqual([
    ['EEG', 'uV', 50],
    ['EOG', 'mV', 50],
    ['Temp', 'degC', 10],
  ]);
  expect(await recording.annotations()).toEqual([
    { onset: 0.25, text: 'eyes open' },
    { onset: 1.5, duration: 0.75, text: 'blink' },
  ]);
  const all = await recording.readAll();
  const expected = await (await openRecording(join(data, 'edf-plus.npy'))).readAll();
  expect(all).toEqual(Float32Array.from(expected));
  recording.close();
  await expect(recording.readAll()).rejects.toThrow(/closed/);
});

test('blocks are parts of the whole, whatever their size, channels and ends', async () => {
  const recording = await openRecording(join(data, 'w212.hea'));
  const all = await recording.readAll();
  for (const frames of [1, 7, 1000]) {
    const joined = [];
    for await (const block of recording.blocks({ frames, channels: ['V 5'], from: 10, to: 60 })) joined.push(...block);
    expect(joined).toEqual([...all.subarray(20, 120)].filter((_, i) => i % 2 === 1));
  }
  const timed = [];
  for await (const block of recording.blocks({ frames: 40, times: true })) timed.push(block);
  expect(timed.map(({ frame, samples }) => [frame, samples.length])).toEqual([[0, 80], [40, 80], [80, 42]]);
  expect(timed[1].times[0]).toBeCloseTo(40000 / 360, 9);
});

test('wide files give float64 unless told otherwise', async () => {
  const recording = await openRecording(join(data, 'float64.wav'));
  expect(await recording.readAll({ to: 2 })).toBeInstanceOf(Float64Array);
  expect(await recording.readAll({ to: 2, precision: 'float32' })).toBeInstanceOf(Float32Array);
});

test('a recording runs through a pipeline and back into a file', async () => {
  await writeRecording(file('in.wav'), sine(1000, 2), { sampleRate: 250, channels: 2, bits: 24 });
  const recording = await openRecording(file('in.wav'));
  const pipeline = createDspPipeline().Rectify();
  async function* processed() {
    for await (const block of recording.blocks({ frames: 64 })) yield pipeline.process(block, { channels: 2, sampleRate: 250 });
  }
  const annotations = [{ onset: 1, duration: 0.5, text: 'artefact' }];
  const channels = [{ label: 'left', unit: 'mV' }, { label: 'right', unit: 'mV' }];
  expect(await writeRecording(file('out.edf'), processed(), { sampleRate: 250, channels, annotations })).toEqual({ frames: 1000 });
  const back = await openRecording(file('out.edf'));
  expect(back.channels.map(({ label }) => label)).toEqual(['left', 'right']);
  expect(await back.annotations()).toEqual(annotations);
  const samples = await back.readAll();
  expect(samples.length).toBe(2000);
  sine(1000, 2).forEach((x, i) => expect(Math.abs(samples[i] - Math.abs(x))).toBeLessThan(2e-5));
});

test('damaged files are refused with the place', async () => {
  writeFileSync(file('bad.csv'), 'a,b\n1,2\n3,x\n');
  const csv = await openRecording(file('bad.csv'));
  const failure = await csv.readAll().catch((error) => error);
  expect(failure).toBeInstanceOf(RecordingError);
  expect(failure).toMatchObject({ name: 'RecordingError', code: 'DAMAGED', file: file('bad.csv'), line: 3 });
  expect(failure.message).toBe(`${file('bad.csv')}:3: "x" is no number`);
  await expect(openRecording(Buffer.from('RIFF'))).rejects.toMatchObject({ code: 'DAMAGED', byte: 4 });
  await expect(openRecording(Buffer.alloc(0))).rejects.toThrow(/the file is empty/);
  await expect(openRecording(file('none.wav'))).rejects.toMatchObject({ code: 'IO', errno: 2 });
});

test('wrong arguments are refused by their names', async () => {
  await expect(openRecording(5)).rejects.toThrow(TypeError);
  await expect(openRecording(file('in.wav'), { format: 'tape' })).rejects.toThrow(/openRecording: format must be one of/);
  const recording = await openRecording(join(data, 'edf-plus.edf'));
  for (const [options, error] of [
    [{ frames: 0 }, /blocks: frames must be an integer, 1 or more, got 0/],
    [{ channels: [7] }, /there is no channel 7, only 0 to 2/],
    [{ channels: ['EKG'] }, /there is no "EKG"/],
    [{ channels: [0, 2] }, /must have one sample rate/],
    [{ frames: 2 ** 30 }, /at most 16777216/],
  ]) {
    await expect(recording.readAll(options)).rejects.toThrow(error);
  }
  await expect(writeRecording(file('x.wav'), 5)).rejects.toThrow(/writeRecording:/);
  await expect(writeRecording(file('x.wav'), sine(4, 1))).rejects.toThrow(/wav needs sampleRate/);
  await expect(writeRecording(file('x.wav'), [[1]], { sampleRate: 1 })).rejects.toThrow(/a block must be a Float32Array/);
  expect(readdirSync(folder).filter((name) => name.startsWith('x') || name.endsWith('.part'))).toEqual([]);
});
