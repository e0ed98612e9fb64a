'use strict';

const { parseArgs } = require('node:util');
const { oneLine } = require('../common/text.js');
const { UsageError } = require('../common/usage-error.js');

const HELP = `dspx-rs: streaming signal processing

  dspx-rs run PIPELINE.json --in FILE --out FILE    sends a file through a pipeline
  dspx-rs design TYPE --mode MODE …                 designs a filter: its sections and its response
  dspx-rs bench                                     times the common stages on this machine
  dspx-rs COMMAND --help                            tells the options of a command
  dspx-rs --version
`;

/** Loaded on demand: help and mistakes need no native addon. */
const COMMANDS = {
  run: () => require('./run.js'),
  design: () => require('./design.js'),
  bench: () => require('./bench.js'),
};

function optionsOf(command, args) {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } };
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error.message.split('. ')[0]);
  }
}

async function dispatch([name, ...args]) {
  if (name === undefined || name === '--help' || name === '-h') return process.stdout.write(HELP);
  if (name === '--version') return console.log(require('../../package.json').version);
  if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`no command "${name}": ${Object.keys(COMMANDS).join(', ')}`);
  const command = COMMANDS[name]();
  const { values, positionals } = optionsOf(command, args);
  if (values.help) return process.stdout.write(command.HELP);
  return command.run(values, positionals);
}

/** What is wrong with the input (files, options, parameters), as opposed to a bug of ours. */
const isMistake = (error) => error instanceof UsageError || error.syscall !== undefined;

/** Runs a command line. Mistakes of the user end in one line and exit status 2, ours in a stack and 1. */
async function main(args) {
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await dispatch(args);
  } catch (error) {
    console.error(isMistake(error) ? `dspx-rs: ${oneLine(error.message)}` : error);
    process.exitCode = isMistake(error) ? 2 : 1;
  }
}

module.exports = { main };
