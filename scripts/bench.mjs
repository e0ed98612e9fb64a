// npm run bench: builds in release mode and runs bench/stages.mjs; further arguments go to it.
import { main, run } from './lib/process.mjs';
import { build, installPackages } from './lib/setup.mjs';

main(async () => {
  installPackages();
  await build({ release: true });
  run(process.execPath, ['bench/stages.mjs', ...process.argv.slice(2)]);
});
