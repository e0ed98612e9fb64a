// Replays every case against this package and compares with passing.txt, the list of the cases that pass.
//
//   node __tests__/conformance/check.mjs [--update] [--json]
//
// A listed case that fails is an error; a case that passes but is not listed is reported, and --update adds it. The
// list only grows: an id that any commit took away while its case is still there is an error too. Unlisted cases that
// fail count as skipped. --json ends with one more line: {"passed", "failed", "skipped"}. A case that hangs or ends the
// process fails alone: the replay goes on behind it in a new process.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, lines, main, output, root } from '../../scripts/lib/process.mjs';

const here = join(root, '__tests__/conformance');
const list = join(here, 'passing.txt');
/** Far above what the slowest case takes on a busy machine. */
const CASE_TIMEOUT_MS = 60_000;

/** Replays cases of one file from number `skip` on in a process of its own, until a case ends it. */
async function replayFrom(file, skip) {
  const found = [];
  let loaded = false;
  let errors = ''; // mostly what the cases provoke; told only where it explains something
  const args = [
    join(here, 'run.mjs'),
    join(root, 'index.js'),
    join(here, 'cases', file),
    '--json',
    '--skip',
    `${skip}`,
  ];
  const status = await lines(
    process.execPath,
    args,
    (line) => {
      const message = parse(line);
      if (message?.cases !== undefined) loaded = true;
      if (message?.id !== undefined) found.push(message.failure);
    },
    { idleMs: CASE_TIMEOUT_MS, onError: (text) => (errors = (errors + text).slice(-2000)) },
  );
  if (!loaded) throw new Failure(`The package could not be loaded:\n${errors}`);
  return { found, end: status === null ? 'was killed (hung or crashed)' : `ended the process (exit status ${status})` };
}

/** A line of run.mjs, or null: a case may print lines of its own. */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Failure text, or null for a pass, of every case of one file, by `file:id`. */
async function replay(file) {
  const ids = JSON.parse(readFileSync(join(here, 'cases', file), 'utf8')).map(({ id }) => id);
  const results = [];
  while (results.length < ids.length) {
    const { found, end } = await replayFrom(file, results.length);
    results.push(...found);
    if (results.length < ids.length) results.push(end);
  }
  const name = file.replace(/\.json$/, '');
  return ids.map((id, i) => [`${name}:${id}`, results[i]]);
}

const idsIn = (text) => text.split('\n').filter(Boolean);

/** Ids that a commit, or the work tree, took out of the list. */
function dropped(listed) {
  const history = output('git', ['log', '--format=', '--unified=0', '--patch', '--', list]) ?? '';
  const removed = history.split('\n').filter((line) => /^-[^-]/.test(line)).map((line) => line.slice(1));
  const committed = idsIn(output('git', ['show', 'HEAD:./__tests__/conformance/passing.txt']) ?? '');
  return [...new Set([...removed, ...committed])].filter((id) => !listed.has(id));
}

main(async () => {
  const { values } = parseArgs({ options: { update: { type: 'boolean' }, json: { type: 'boolean' } } });
  const listed = new Set(existsSync(list) ? idsIn(readFileSync(list, 'utf8')) : []);
  const results = new Map();
  for (const file of readdirSync(join(here, 'cases')).sort()) {
    const found = await replay(file);
    const passing = found.filter(([, failure]) => failure === null).length;
    console.log(`${file.padEnd(32)} ${String(passing).padStart(5)} of ${found.length} pass`);
    for (const [key, failure] of found) results.set(key, failure);
  }

  const passing = [...results.keys()].filter((key) => results.get(key) === null);
  const unlisted = passing.filter((key) => !listed.has(key));
  const errors = [
    ...[...listed].filter((key) => results.get(key)).map((key) => `listed, but fails: ${key}: ${results.get(key)}`),
    ...[...listed].filter((key) => !results.has(key)).map((key) => `listed, but there is no such case: ${key}`),
    ...dropped(listed).filter((key) => results.has(key)).map((key) => `was taken out of the list: ${key}`),
  ];
  for (const error of errors) console.log(error);
  if (values.update) {
    writeFileSync(list, [...listed, ...unlisted].sort().map((key) => `${key}\n`).join(''));
    console.log(`${unlisted.length} cases added to passing.txt`);
  } else if (unlisted.length) {
    const some = unlisted.slice(0, 20).join('\n  ');
    console.log(
      `${unlisted.length} cases pass and are not in passing.txt (--update adds them), for example\n  ${some}`,
    );
  }
  const counts = { passed: passing.length, failed: errors.length, skipped: results.size - passing.length };
  counts.skipped -= [...listed].filter((key) => results.get(key)).length;
  console.log(
    values.json
      ? JSON.stringify(counts)
      : `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
  process.exitCode = errors.length ? 1 : 0;
});
