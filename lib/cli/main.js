'use strict';

const { parseArgs } = require('node:util');
const { oneLine } = require('../common/text.js');
const { RecordingError } = require('../files/recording-error.js');
const { UsageError } = require('../common/usage-error.js');

/** @typedef {NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>} ParseArgsOptions */

/**
 * @typedef {object} Command
 * @property {string} HELP
 * @property {Record<string, { type: string }>} options those of `parseArgs`
 * @property {(values: import('./numbers.js').Values, positionals: string[]) => unknown} run
 */

const HELP = `dspx-rs: streaming signal processing

  dspx-rs run PIPELINE.json --in FILE --out FILE    sends a file through a pipeline
  dspx-rs info FILE                                 prints the header of a recording
  dspx-rs design TYPE --mode MODE …                 designs a filter: its sections and its response
  dspx-rs bench                                     times the common stages on this machine
  dspx-rs migrate [FOLDER]                          changes the imports of an application from dspx
  dspx-rs COMMAND --help                            tells the options of a command
  dspx-rs --version
`;

/** Loaded on demand: help and mistakes need no native addon. @type {Record<string, () => Command>} */
const COMMANDS = {
  run: () => require('./run.js'),
  info: () => require('./info.js'),
  design: () => require('./design.js'),
  bench: () => require('./bench.js'),
  migrate: () => require('./migrate.js'),
};

/** @param {Command} command @param {string[]} args */
function optionsOf(command, args) {
  try {
    const own = /** @type {ParseArgsOptions} */ (command.options);
    /** @type {ParseArgsOptions} */
    const options = { ...own, help: { type: 'boolean', short: 'h' } };
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split('. ')[0]);
  }
}

/** @param {string[]} arguments */
async function dispatch([name, ...args]) {
  if (name === undefined || name === '--help' || name === '-h') return process.stdout.write(HELP);
  if (name === '--version') return console.log(require('../../package.json').version);
  if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`no command "${name}": ${Object.keys(COMMANDS).join(', ')}`);
  const command = COMMANDS[name]();
  const { values, positionals } = optionsOf(command, args);
  if (values.help) return process.stdout.write(command.HELP);
  return command.run(values, positionals);
}

/**
 * Whether an error is about the input (files, options, parameters), as opposed to a bug of ours.
 *
 * @param {any} error
 */
const isMistake = (error) =>
  error instanceof UsageError || error instanceof RecordingError || error.syscall !== undefined;

/**
 * Runs a command line. Mistakes of the user end in one line and exit status 2, ours in a stack and 1.
 *
 * @param {string[]} args
 */
async function main(args) {
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await dispatch(args);
  } catch (error) {
    console.error(isMistake(error) ? `dspx-rs: ${oneLine(/** @type {Error} */ (error).message)}` : error);
    process.exitCode = isMistake(error) ? 2 : 1;
  }
}

module.exports = { main };
