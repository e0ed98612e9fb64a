'use strict';
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { end, spawnGuarded } = require('./process.js');
const { until } = require('./streaming.js');

const entry = JSON.stringify(join(__dirname, '../../index.js'));

/**
 * Runs `script` in a process of its own, with the package as `s`, `config` as `config`, and `say(object)`, which sends
 * a line to us. It is killed after the test.
 */
function child(resources, script, config) {
  const prelude = `
    const s = require(${entry});
    console.debug = () => {};
    const config = ${JSON.stringify(config)};
    const say = (object) => require('node:fs').writeSync(1, JSON.stringify(object) + '\\n');
    const sleep = (ms) => new Promise((r) => setTimeout(r, ms));`;
  const options = { stdio: ['ignore', 'pipe', 'inherit'] };
  const process_ = spawnGuarded(
    process.execPath,
    ['--expose-gc', '-e', `${prelude}(async () => {${script}})();`],
    options,
  );
  const said = [];
  createInterface({ input: process_.stdout }).on('line', (line) => said.push(JSON.parse(line)));
  const ended = new Promise((resolve) => process_.once('close', (code, signal) => resolve({ code, signal })));
  const self = {
    said,
    ended,
    kill: (signal) => process_.kill(signal),
    /** Waits for something said that has the field. */
    async heard(field) {
      await until(() => said.some((object) => field in object), `a child to say "${field}"`);
      return said.find((object) => field in object);
    },
  };
  resources.use(self, () => end(process_));
  return self;
}

module.exports = { child };
