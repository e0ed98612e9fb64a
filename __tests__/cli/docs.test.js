const { spawnSync } = require('node:child_process');
const { chmodSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { delimiter, join, resolve } = require('node:path');
const { createDspPipeline } = require('../..');
const { workplace } = require('./support.js');

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
const blocks = (language) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text);

const place = workplace();
afterAll(() => place.remove());

/** `npx dspx-rs` of the page, without npm. */
function installed() {
  const bin = join(place.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'bin/dspx-rs.js')}" "$@"\n`,
  );
  chmodSync(join(bin, 'npx'), 0o755);
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
}

beforeAll(() => {
  const wave = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i / 5));
  const bytes = Buffer.from(wave.buffer);
  place.write('pipeline.json', blocks('json')[0]);
  place.write('ecg.csv', `t,MLII\n${Array.from(wave, (x, i) => `${i / 360},${x}`).join('\n')}\n`);
  for (const name of ['x', 'part1', 'part2']) place.write(`${name}.f32`, bytes);
  expect(place.cli(['run', 'pipeline.json', '--in', 'x.f32', '--out', 'voice.wav']).status).toBe(0);
});

const commands = blocks('sh').flatMap((text) => text.trim().split('\n'));

test('the page shows commands', () => expect(commands.length).toBeGreaterThan(7));

(process.platform === 'win32' ? test.skip : test)('and all of them run', () => {
  const env = installed();
  for (const command of commands) {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd: place.folder, encoding: 'utf8', env });
    expect([command, status, stderr.includes('dspx-rs: ')]).toEqual([command, 0, false]);
  }
  expect(place.text('filtered.svg')).toMatch(/^<svg/);
});

test('the parts that were saved and loaded are those of the whole', () => {
  const part = place.floats('part1.f32');
  const whole = createDspPipeline();
  for (const stage of JSON.parse(blocks('json')[0]).stages) {
    if (typeof stage === 'string') whole[stage]();
    else for (const [method, params] of Object.entries(stage)) whole[method](params);
  }
  const expected = whole.processSync(Float32Array.of(...part, ...part), { sampleRate: 360 });
  expect(place.floats('y2.f32')).toEqual(expected.subarray(part.length));
});
