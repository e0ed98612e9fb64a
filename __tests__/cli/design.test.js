const { createDspPipeline } = require('../..');
const { response, responseAt } = require('../../lib/cli/response.js');
const { workplace } = require('./support.js');

const place = workplace();
afterAll(() => place.remove());

describe('design', () => {
  test('prints sections, the −3 dB points and the response', () => {
    const { status, stdout } = place.cli(
      'design butterworth --mode bandpass --order 2 --sample-rate 360 --low 5 --high 15'.split(' '),
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/section 1:\n {2}b = .*\n {2}a = {2}1, -1\.79193383/);
    expect(stdout).toMatch(/−3 dB at 5 Hz, 15 Hz/);
    expect(stdout).toMatch(/█/);
  });

  test('prints taps of a fir and draws a plot', () => {
    const { stdout } = place.cli(
      'design fir --mode lowpass --order 5 --sample-rate 100 --cutoff 10 --plot r.svg'.split(' '),
    );
    expect(stdout).toMatch(/5 taps:\n {2}b\[0\] = /);
    expect(place.text('r.svg')).toMatch(/magnitude[\s\S]*phase[\s\S]*group delay/);
    expect(place.text('r.svg')).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('its JSON fits the filter stage', () => {
    const { stdout } = place.cli(
      'design chebyshev --mode highpass --order 3 --ripple 1 --sample-rate 100 --cutoff 10 --json'.split(' '),
    );
    const { filter, sections } = JSON.parse(stdout);
    expect(filter).toEqual({
      type: 'chebyshev',
      mode: 'highpass',
      sampleRate: 100,
      cutoffFrequency: 10,
      order: 3,
      ripple: 1,
    });
    const impulse = new Float32Array(500);
    impulse[0] = 1;
    // The response of the sections at 20 Hz against the Fourier sum of the stage's impulse response (float32: 1e-6).
    const h = createDspPipeline().filter(filter).processSync(impulse);
    const [re, im] = h.reduce(
      ([x, y], v, k) => [x + v * Math.cos(0.4 * Math.PI * k), y - v * Math.sin(0.4 * Math.PI * k)],
      [0, 0],
    );
    const { db, phase } = responseAt(sections, 20, 100);
    expect(10 ** (db / 20)).toBeCloseTo(Math.hypot(re, im), 5);
    expect(phase).toBeCloseTo(Math.atan2(im, re), 5);
  });

  test('an elliptic filter ripples and stops as told', () => {
    const line =
      'design elliptic --mode lowpass --order 5 --ripple 1 --stopband 60 --sample-rate 1000 --cutoff 100 --json';
    const { filter, sections } = JSON.parse(place.cli(line.split(' ')).stdout);
    expect(filter).toMatchObject({ type: 'elliptic', ripple: 1, stopbandDb: 60 });
    expect(responseAt(sections, 100, 1000).db).toBeCloseTo(-1, 6);
    const stop = Array.from({ length: 330 }, (_, i) => responseAt(sections, 170 + i, 1000).db);
    // The stop-band touches −60 dB between its zeros, whichever of these frequencies come nearest.
    expect(Math.max(...stop)).toBeCloseTo(-60, 1);
  });

  test.each([
    ['design', /^design takes one type/],
    ['design butterworth --mode lowpass --order 2 --sample-rate 100 --cutoff 50', /cutoff/i],
    ['design moose --mode lowpass', /type/i],
    ['design elliptic --mode lowpass --order 5 --sample-rate 1000 --cutoff 100', /not supported without stopbandDb/],
    [
      'design butterworth --mode lowpass --order 2.5 --sample-rate 1000 --cutoff 100',
      /Order must be an integer, got 2.5/,
    ],
    ['design butterworth --mode lowpass --order two', '--order must be a number, got "two"'],
  ])('%s is a mistake', (line, message) => {
    const { status, stderr } = place.cli(line.split(' '));
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr.replace('dspx-rs: ', '').trim()).toMatch(message);
  });
});

describe('response', () => {
  test('of a delay and of an average', () => {
    const delay = response([{ b: [0, 0, 1], a: [1] }], 8, 5);
    expect(delay.map((p) => p.frequency)).toEqual([0, 1, 2, 3, 4]);
    for (const point of delay) {
      expect(point.db).toBeCloseTo(0, 12);
      expect(point.groupDelay).toBeCloseTo(2, 12);
    }
    const average = responseAt([{ b: [0.5, 0.5], a: [1] }], 2, 8);
    expect(average.db).toBeCloseTo(20 * Math.log10(Math.cos(Math.PI / 4)), 12);
    expect(average.phase).toBeCloseTo(-Math.PI / 4, 12);
  });
});

test('bench prints a line for each case', () => {
  const { status, stdout } = place.cli(['bench', '--samples', '64', '--json']);
  expect(status).toBe(0);
  const { results } = JSON.parse(stdout);
  expect(results.length).toBeGreaterThan(5);
  for (const { microseconds } of results) expect(microseconds).toBeGreaterThan(0);
  expect(place.cli(['bench', '--samples', '7', '--channels', '2']).status).toBe(2);
});
