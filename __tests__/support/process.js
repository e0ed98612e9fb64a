'use strict';
const { fork, spawn } = require('node:child_process');

/**
 * Ends `child` when this process ends, however it does: a shell reads from a pipe that only we hold, and kills once
 * nobody can write to it any more. A test that is cut off leaves no server behind.
 */
function guard(child) {
  const watch = spawn('sh', ['-c', 'read -r _; kill -9 "$0" 2>/dev/null', `${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watch.stdin.on('error', () => {});
  child.once('exit', () => watch.kill('SIGKILL'));
  return child;
}

/** `child_process.spawn` of a process that does not outlive this one. */
const spawnGuarded = (...args) => guard(spawn(...args));

/** `child_process.fork` of a process that does not outlive this one. */
const forkGuarded = (...args) => guard(fork(...args));

/** Kills a process where it still runs, and waits for its end and for the last of its output. */
function end(child, signal = 'SIGKILL') {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill(signal);
  return closed;
}

module.exports = { end, forkGuarded, spawnGuarded };
