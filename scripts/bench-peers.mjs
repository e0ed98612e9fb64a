// npm run bench:peers: builds in release mode, installs the peers into bench/peers and runs bench/peers.mjs; arguments
// go to it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main, root, run } from './lib/process.mjs';
import { build, installPackages } from './lib/setup.mjs';

main(async () => {
  installPackages();
  await build('release');
  const peers = join(root, 'bench/peers');
  if (!existsSync(join(peers, 'node_modules'))) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: peers });
  }
  run(process.execPath, ['bench/peers.mjs', ...process.argv.slice(2)]);
});
