// node scripts/migration-notes.mjs: writes lib/cli/migrate-differences.json from the tables and lists of
// docs/migration.md, so that `npx dspx-rs migrate` lists the differences that an application touches. `--check` only
// compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Failure, main, root } from './lib/process.mjs';

const dspx = createRequire(import.meta.url)(root);
const file = join(root, 'lib/cli/migrate-differences.json');

const prototypeOf = (/** @type {object} */ object) => Object.getOwnPropertyNames(Object.getPrototypeOf(object));
const exported = new Set(Object.keys(dspx));
/** Methods of pipelines, loggers and of all exported classes. */
const methods = new Set([
  ...prototypeOf(dspx.createDspPipeline()),
  ...prototypeOf(new dspx.Logger([])),
  ...Object.values(dspx).flatMap((value) => (value?.prototype ? Object.getOwnPropertyNames(value.prototype) : [])),
]);
methods.delete('constructor');

/** What the lines of a section are about that name no function and no option. */
const SECTIONS = /** @type {Record<string, string[]>} */ ({
  'Keeping the old numbers': ['createDspPipeline'],
  Pipeline: ['createDspPipeline'],
  'Time-domain stages': ['MovingAverage', 'Rms', 'MeanAbsoluteValue', 'Variance', 'ZScoreNormalize'],
  'Filters, in both designs': [
    'filter',
    'convolution',
    'FirFilter',
    'IirFilter',
    'FilterBankDesign',
    'FilterBank',
    'LmsFilter',
    'RlsFilter',
  ],
  'Transforms and features': ['fft', 'stft', 'FftProcessor', 'MovingFftProcessor', 'WaveletTransform'],
  'Multirate and spatial stages': ['Interpolate', 'Decimate', 'Resample', 'TimeAlignment'],
  Observability: [
    'Logger',
    'createTopicRouter',
    ...Object.keys(dspx).filter((name) => /^create(?!Kafka|Native).*Handler$/.test(name)),
  ],
  Kafka: ['createKafkaConsumer', 'createKafkaProducerHandler'],
});
const CALLS = ['process', 'processSync', 'processCopy', 'processSyncCopy'];
const FIR = ["type: 'fir'", 'FirFilter', 'Fir', 'convolution'];

/** What these lines are about: they name it in words, or name other things as well. A line begins with its key. */
const SUBJECTS = {
  Chebyshev: ["type: 'chebyshev'", "type: 'chebyshev2'", 'IirFilter', 'Iir'],
  'band-pass': ["mode: 'bandpass'", 'FirFilter', 'IirFilter', 'FilterBankDesign'],
  'order of an IIR filter': ["type: 'butterworth'", "type: 'chebyshev'", 'IirFilter', 'Iir', 'FilterBankDesign'],
  'notch, band-stop': [
    "mode: 'notch'",
    "mode: 'bandstop'",
    "type: 'bessel'",
    "type: 'biquad'",
    'IirFilter',
    'FirFilter',
  ],
  'notch tables': ['getPowerLineNotch', 'OPTIMAL_NOTCH_COEFFS'],
  'a second `process`': ['process'],
  'times behind a resampler': ['Interpolate', 'Decimate', 'Resample', 'ResampleTo'],
  'generated timestamps': CALLS,
  timestamps: CALLS,
  'windows by duration': ['windowDuration'],
  taps: ['tap'],
  'drift detection': ['enableDriftDetection'],
  'running sums': ['MovingAverage', 'Rms', 'MeanAbsoluteValue', 'Variance', 'ZScoreNormalize'],
  'a load that fails': ['loadState'],
  'a huge': ['windowSize'],
  'Constant windows': ['Variance', 'ZScoreNormalize'],
  'FIR filters and moving': FIR,
  'FFT convolution': FIR,
  'The regressor of RLS': ['RlsFilter', 'LmsFilter'],
  'Drift detection compares': ['enableDriftDetection', 'DriftDetector'],
  'With `order` omitted': ['Interpolate', 'Decimate', 'Resample'],
  'Prometheus bodies': ['createPrometheusHandler', 'createLokiHandler'],
  'Backends:': Object.keys(dspx).filter((name) =>
    /^create(Loki|Datadog|CloudWatch|PagerDuty|Prometheus)Handler$/.test(name),
  ),
  '`**` stands': ['createTopicRouter', 'topicFilter'],
};

/** Sections that list no differences. */
const WITHOUT = ['What stays odd'];

/** Options that few calls give, so that giving one says something. The others are in nearly every call. */
const TELLING = new Set([
  'windowDuration',
  'enableDriftDetection',
  'topicFilter',
  'maxRetries',
  'sampleCount',
  'severityMapping',
]);
/** Methods that say little about what an application uses. */
const COMMON = new Set(['process', 'processSync', 'processCopy', 'clearState', 'init', 'pause', 'flush']);

const plain = (/** @type {string} */ markdown) =>
  markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(`[^`]*`)|\*\*/g, '$1')
    .replaceAll('`', '')
    .replace(/ More in [^.]*\.$/, '')
    .replace(/\s+/g, ' ')
    .trim();
/** Names in code spans, and those of stages and classes without. */
const namesIn = (/** @type {string} */ markdown) =>
  [...markdown.matchAll(/`([^`]+)`|\b([A-Z]\w+[a-z]\w*)\b/g)].map(([, code, word]) => code ?? word);

/** A function as `name`, a method as `.name`. */
const spellings = (/** @type {string} */ name) => [
  ...(exported.has(name) ? [name] : []),
  ...(methods.has(name) ? [`.${name}`] : []),
];

/**
 * An option `key`, `key: 5` or `key: 'text'`, if the name is one that tells something.
 *
 * @param {string} name
 * @param {boolean} wanted
 */
function optionOf(name, wanted) {
  const [, key, value, text] = /^([a-z]\w*)(?:: (?:(\d+|true|false)|'(\w+)'))?$/.exec(name) ?? [];
  if (key === undefined || spellings(key).length > 0 || !(wanted || value || TELLING.has(key))) return [];
  return [text ? { key, text } : value ? { key, value } : { key }];
}

/**
 * What a program has that a difference is about: functions that it calls, options that it gives.
 *
 * @param {string} what
 * @param {string[]} names
 * @param {string} section
 */
function touches(what, names, section) {
  const [start, subjects] = Object.entries(SUBJECTS).find(([key]) => what.startsWith(key)) ?? [];
  if (start) unused.delete(start);
  const all = (subjects ?? names).flatMap((name) => spellings(/^(\w+)(?=[.(]|$)/.exec(name)?.[1] ?? ''));
  const calls = all.filter((name) => subjects || !COMMON.has(name.replace('.', '')));
  const options = (subjects ?? names).flatMap((name) => optionOf(name, subjects !== undefined));
  if (subjects) return { calls, options };
  if (calls.length > 0) return { calls: [...new Set(calls)] };
  if (options.length > 0) return { options };
  return { calls: [...new Set(all.length > 0 ? all : SECTIONS[section].flatMap(spellings))] };
}
const unused = new Set(Object.keys(SUBJECTS));

/**
 * The rows of a table: the first cell names what differs, the others say how.
 *
 * @param {string[]} lines
 * @param {string} section
 */
function* rows(lines, section) {
  const cells = lines.map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
  const [[subject, ...heads], , ...body] = cells;
  for (const [what, ...values] of body) {
    const text = [what, ...heads.map((head, i) => `${head.replace('here', 'dspx-rs')}: ${values[i]}`)].join(' | ');
    yield { what, text, names: namesIn(subject).length > 0 ? namesIn(subject) : namesIn(what), section };
  }
}

/**
 * The tables and list items of a text, each with the heading that it stands under.
 *
 * @param {string} markdown
 */
function* differences(markdown) {
  /** @type {string | undefined} */
  let section;
  for (const part of markdown.replace(/^```[\s\S]*?^```$/gm, '').split(/\n(?=## |- )|\n\n/)) {
    const [, title] = /^## (.+)/.exec(part) ?? [];
    if (title) section = title;
    if (!section || WITHOUT.includes(section)) continue;
    if (!SECTIONS[section])
      throw new Failure(`docs/migration.md: scripts/migration-notes.mjs does not know the section "${section}"`);
    const text = part.trim();
    if (text.startsWith('|')) yield* rows(text.split('\n'), section);
    else if (text.startsWith('- ')) yield { what: text.slice(2), text: text.slice(2), names: namesIn(text), section };
  }
}

main(() => {
  const list = [...differences(readFileSync(join(root, 'docs/migration.md'), 'utf8'))].map(
    ({ what, text, names, section }) => ({ text: plain(text), ...touches(what, names, section) }),
  );
  if (unused.size > 0) throw new Failure(`docs/migration.md: no line begins with ${[...unused].join(', ')} any more`);
  const text = `[\n${list.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]\n`;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text)
    throw new Failure('run node scripts/migration-notes.mjs: docs/migration.md has changed');
});
