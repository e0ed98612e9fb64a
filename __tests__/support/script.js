'use strict';
const { spawn } = require('node:child_process');

/** Runs a script of ours to its end, beside us; gives its exit code and all that it printed. */
function runScript(file, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...env } });
    let output = '';
    child.stdout.on('data', (text) => { output += text; });
    child.stderr.on('data', (text) => { output += text; });
    child.on('exit', (code) => resolve({ code, output }));
  });
}

module.exports = { runScript };
