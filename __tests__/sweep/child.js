'use strict';

/**
 * Runs cases of the sweep in a process of its own, from one index on until a point in time. Tells every index before
 * its case, so that whoever watches knows which one ended the process, and every finding.
 *
 *   node child.js SEED FROM UNTIL_MS
 */

const { writeSync } = require('node:fs');
const { argumentsOf, casesOf, count, describe } = require('./cases.js');
const { Thrown } = require('./hostile.js');

const [seed, from, until] = process.argv.slice(2).map(Number);
/** Resident memory that no case may need: what hostile values hold themselves is a few MB. */
const MAX_RESIDENT = 1.5 * 2 ** 30;
/** A message quotes some 100 characters of a value, and says a rule. */
const MAX_MESSAGE = 700;

/** Words of V8, of Node-API, of napi-rs and of Rust, which say nothing of the function that was called. */
const FOREIGN = [
  /Cannot (read|set|convert|mix|destructure|perform|redefine|define|assign)/,
  /is not (a function|iterable|a constructor|defined|extensible)/,
  /Invalid (typed )?array (buffer )?length|Invalid typed array|Array buffer allocation failed|Invalid array length/,
  /called on incompatible|is not callable|undefined is not|null is not|Reduce of|start offset|must be of type|The "\w+" argument/,
  /Failed to convert|get_named_property|napi|InvalidArg|GenericFailure|Expected? \w+ but|\w+Expected\b/i,
  /panicked|internal error|called `Option|index out of bounds|capacity overflow|out of memory/i,
  /Maximum call stack|Offset is outside|out of range for|Unexpected (token|end)|unwrap|\bRust\b/,
];

/** What is wrong with what a call threw, or undefined. */
function judge(error) {
  if (error instanceof Thrown) return undefined;
  if (!(error instanceof Error)) return `throws ${typeof error}, no error`;
  const { message } = error;
  // The proxy threw, whoever touched it.
  if (/on a proxy that has been revoked/.test(message)) return undefined;
  if (message.length > MAX_MESSAGE) return `a message of ${message.length} characters: ${message.slice(0, 80)}…`;
  if (message.length < 12) return `says only "${message}"`;
  if (/[\u0000-\u0008\u001b]/.test(message)) return `prints raw control characters: ${JSON.stringify(message)}`;
  const foreign = FOREIGN.some((words) => words.test(message));
  return foreign ? `${error.name}: ${message}` : undefined;
}

const holdsFinite = (result) => !ArrayBuffer.isView(result) || result.every((x) => Number.isFinite(Number(x)));

async function run(at) {
  let given;
  try {
    given = argumentsOf(at);
  } catch {
    return undefined; // an option of an object that is hostile itself cannot be replaced
  }
  try {
    const result = await at.subject.run(given);
    const isNaNGiven = at.changes.some(({ slot, value }) => slot.key === undefined && /NaN|shared/.test(value));
    return at.subject.isFinite && !isNaNGiven && !holdsFinite(result) ? 'gives numbers that are not finite' : undefined;
  } catch (error) {
    return judge(error);
  }
}

const tell = (object) => writeSync(1, `${JSON.stringify(object)}\n`);

async function main() {
  const caseOf = casesOf(seed);
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = () => {};
  process.on('unhandledRejection', (error) =>
    tell({ finding: `leaves a rejection unhandled: ${error}`, what: '(before this)' }),
  );
  process.emitWarning = () => {};
  // Pairs of hostile values are for runs that are asked for: there is no end of them.
  const end = process.env.DSPX_SWEEP_SECONDS ? Infinity : count;
  for (let index = from; index < end && (Date.now() < until || index < Math.min(from + 1, count)); index++) {
    const at = caseOf(index);
    tell({ index });
    const finding = await run(at);
    if (finding) tell({ finding, what: describe(at) });
    if (index % 64 === 0) {
      // Lets the collector in, and what was started in the background end.
      await new Promise((resolve) => setImmediate(resolve));
      const { rss } = process.memoryUsage();
      if (rss > MAX_RESIDENT) {
        tell({
          finding: `${Math.round(rss / 2 ** 20)} MB are in use`,
          what: `${describe(at)} (or up to 64 cases before)`,
        });
        process.exit(3);
      }
    }
  }
  tell({ done: true });
  process.exit(0);
}

main();
