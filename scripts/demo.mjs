// npm run demo: sets everything up and runs the ECG example; its results are in demo-output/.
//   --live   serves a page on which the same ECG is analysed while it comes
import { main, run } from './lib/process.mjs';
import { build, installPackages } from './lib/setup.mjs';

main(async () => {
  installPackages();
  await build('demo');
  const live = process.argv.includes('--live');
  run(process.execPath, live ? ['examples/ecg/live/server.mjs'] : ['examples/ecg/demo.mjs', 'demo-output']);
});
