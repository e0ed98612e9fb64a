const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { openInput } = require('../../lib/cli/files.js');

const folder = mkdtempSync(join(tmpdir(), 'dspx-csv-'));
const before = process.cwd();
// Messages name the file as the command line does.
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** Reads a text as the command line does. @returns what was found, the samples as rows */
async function read(text, options) {
  writeFileSync('x.csv', text);
  const { channels, labels, sampleRate, blocks } = await openInput('x.csv', 'csv', options);
  const samples = [];
  for await (const block of blocks) samples.push(...block);
  const rows = [];
  for (let at = 0; at < samples.length; at += channels) rows.push(samples.slice(at, at + channels));
  return { rows, labels, sampleRate };
}

const rowsOf = async (text, options) => (await read(text, options)).rows;
const half = [[0.5, 1.25], [2, 3]];

describe('dialects are found', () => {
  test.each([
    ['commas', '0.5,1.25\n2,3\n'],
    ['semicolons', '0.5;1.25\n2;3\n'],
    ['semicolons and decimal commas', '0,5;1,25\n2;3\n'],
    ['tabs and decimal commas', '0,5\t1,25\r\n2\t3\r\n'],
    ['spaces, aligned', '  0.5   1.25\n    2      3\n'],
    ['spaces and decimal commas', '0,5 1,25\n2,0 3,0\n'],
    ['bars', '0.5|1.25\n2|3\n'],
    ['commas and spaces', '0.5, 1.25\n2,   3\n'],
    ['quotes around numbers', '"0.5","1.25"\n"2","3"\n'],
    ['single quotes', "'0.5','1.25'\n'2','3'\n"],
    ['a delimiter at the end of each line', '0.5,1.25,\n2,3,\n'],
    ['a delimiter at the end of some lines', '0.5,1.25\n2,3,\n'],
    ['line ends of old Macs', '0.5,1.25\r2,3\r'],
    ['comments, indented and of MATLAB', '% made by hand\n0.5,1.25\n   # pause\n2,3\n#end'],
    ['a quote in a comment', '# 5" and \'\n0.5,1.25\n2,3'],
    ['exponents and signs', '+5e-1,1.25E0\n2.,+3\n'],
  ])('%s', async (_, text) => {
    expect((await read(text)).rows).toEqual(half);
  });

  test('or told', async () => {
    expect(await rowsOf('1,5\n2,5\n')).toEqual([[1, 5], [2, 5]]);
    expect(await rowsOf('1,5\n2,5\n', { decimal: ',' })).toEqual([[1.5], [2.5]]);
    expect(await rowsOf('1:5\n2:5\n', { delimiter: ':' })).toEqual([[1, 5], [2, 5]]);
    expect(await rowsOf('1\t5\n', { delimiter: 'tab' })).toEqual([[1, 5]]);
    for (const delimiter of ['', 'ab', '"', '3', '\n']) {
      await expect(read('1', { delimiter })).rejects.toThrow(/^--delimiter/);
    }
    await expect(read('1', { decimal: ';' })).rejects.toThrow(/^--decimal must be/);
    await expect(read('1', { decimal: ',', delimiter: ',' })).rejects.toThrow(/both ","/);
    await expect(read('1', { header: 'maybe' })).rejects.toThrow(/^--header must be yes or no/);
  });
});

test('missing values are NaN, infinities are infinite', async () => {
  const missing = ['', 'NA', 'n/a', 'N/A', '#N/A', 'NaN', 'nan', 'null', 'None', '""', '-', '?'];
  const text = `1,${missing.join(',')}\n`;
  expect(await rowsOf(text)).toEqual([[1, ...missing.map(() => NaN)]]);
  const infinite = await rowsOf('inf,-inf,+Inf,Infinity,-infinity,1\n');
  expect(infinite).toEqual([[Infinity, -Infinity, Infinity, Infinity, -Infinity, 1]]);
});

describe('no sample is lost to a header that is none', () => {
  test.each([
    ['2024-01-01 00:00:00.000,0.5\n2024-01-01 00:00:00.004,1.5\n', { columns: '2' }, [[0.5], [1.5]]],
    ['2024-01-01 00:00:00.000,0.5\n2024-01-01 00:00:00.004,1.5\n', {}, [[0.5], [1.5]]],
    ['n/a,1\n2,3\n', {}, [[NaN, 1], [2, 3]]],
    ['inf,1\n2,3\n', {}, [[Infinity, 1], [2, 3]]],
    ['n/a,NA\n2,3\n', {}, [[NaN, NaN], [2, 3]]],
    ['lead I,5\nlead I,6\n', { columns: '2' }, [[5], [6]]],
  ])('%j', async (text, options, rows) => {
    const found = await read(text, options);
    expect(found.rows).toEqual(rows);
    expect(found.labels).toBeUndefined();
  });

  test.each([
    ['Na,K\n1,2\n', {}, ['Na', 'K']],
    [',a\n0,1\n', {}, ['', 'a']],
    ['1,2\n3,4\n', { header: 'yes' }, ['1', '2']],
    ['ecg,2\n3,4\n', { columns: 'ecg' }, ['ecg']],
    ["'Elapsed time','MLII'\n'seconds','mV'\n0.000,-0.145\n0.003,-\n", { columns: 'MLII' }, ['MLII']],
    ['"a, b","c ""d"""\n(s),(mV)\n1,2\n', {}, ['a, b', 'c "d"']],
    ['"two\nlines",b\n1,2\n', {}, ['two\nlines', 'b']],
  ])('%j has one', async (text, options, labels) => {
    const found = await read(text, options);
    expect(found.labels).toEqual(labels);
    expect(found.rows.length).toBe(text.startsWith("'") ? 2 : 1);
  });
});

describe('a column of times gives the sample rate and is no channel', () => {
  const at = (n, stamp) => Array.from({ length: n }, (_, i) => `${stamp(i)},${i}\n`).join('');
  const clock = (i) => `0:${(i / 125).toFixed(3).padStart(6, '0')}`;
  const iso = (i) => new Date(1_700_000_000_000 + Math.round((i * 1000) / 360)).toISOString();

  test.each([
    ['seconds', `time,ecg\n${at(50, (i) => (i / 250).toFixed(3))}`, 250],
    ['rounded seconds', `t (s),ecg\n${at(1000, (i) => (i / 360).toFixed(3))}`, 360],
    ['milliseconds by name', `time_ms,ecg\n${at(50, (i) => i * 4)}`, 250],
    ['milliseconds by a row of units', `t,ecg\nms,mV\n${at(50, (i) => i * 4)}`, 250],
    ['epoch milliseconds', `timestamp,ecg\n${at(50, (i) => 1_700_000_000_000 + 4 * i)}`, 250],
    ['ISO 8601 without a header', at(1000, iso), 360],
    ['ISO 8601 without a zone', `Date,ecg\n${at(1000, (i) => iso(i).replace('T', ' ').replace('Z', ''))}`, 360],
    ['a clock', `'Elapsed time','ecg'\n'mm:ss.mmm','mV'\n${at(500, clock)}`, 125],
    ['a gap', `time,ecg\n${at(50, (i) => (i < 25 ? i / 100 : 60 + i / 100).toFixed(2))}`, 100],
  ])('%s', async (_, text, rate) => {
    const { rows, sampleRate } = await read(text);
    expect(sampleRate).toBe(rate);
    expect(rows.slice(0, 3)).toEqual([[0], [1], [2]]);
  });

  test('on request, and not', async () => {
    const text = '0,5\n4,6\n8,7\n';
    const { rows, sampleRate } = await read(text, { time: '1', timeUnit: 'ms' });
    expect([rows, sampleRate]).toEqual([[[5], [6], [7]], 250]);
    const named = 'time,x\n0,5\n1,6\n';
    expect((await read(named, { time: 'none' })).rows).toEqual([[0, 5], [1, 6]]);
    expect((await read(named, { columns: 'time,x' })).rows).toEqual([[0, 5], [1, 6]]);
    await expect(read('x,t\n1,2\n3,2\n', { time: 't' })).rejects.toThrow('x.csv: the times of column "t" do not rise');
    expect((await read('x,t\n1,2\n3,2\n')).sampleRate).toBeUndefined();
  });
});

test('what is wrong is told with its line', async () => {
  await expect(read('1,2\n3\n')).rejects.toThrow('x.csv:2: 1 columns, expected 2');
  await expect(read('# c\na,b\n\n1,2\n3,x\n')).rejects.toThrow('x.csv:5: "x" is no number');
  const hint = 'if the first row names the columns, the option header says so';
  await expect(read('a,1\n2,3\n')).rejects.toThrow(`x.csv:1: "a" is no number; ${hint}`);
  await expect(read('1,2\n"3,4\n5,6\n')).rejects.toThrow(/x\.csv:3: a quote is not closed/);
  for (const text of ['', '\n\n', '# only\n', 'a,b\n']) {
    await expect(read(text)).rejects.toThrow('x.csv: there are no numbers');
  }
});

test('a long file in blocks, the same whatever the chunks', async () => {
  const text = `a,b\n${Array.from({ length: 20_000 }, (_, i) => `${i},${-i}\n`).join('')}`;
  const rows = await rowsOf(text);
  expect(rows).toHaveLength(20_000);
  expect(rows[19_999]).toEqual([19_999, -19_999]);
});
