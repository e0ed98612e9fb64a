// npm run bench: builds in release mode and runs bench/stages.mjs and bench/functions.mjs; further arguments go to
// both.
import { main, run } from './lib/process.mjs';
import { build, installPackages } from './lib/setup.mjs';

main(async () => {
  installPackages();
  await build('release');
  for (const bench of ['stages', 'functions']) run(process.execPath, [`bench/${bench}.mjs`, ...process.argv.slice(2)]);
});
