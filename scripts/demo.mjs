// npm run demo: sets everything up and runs the ECG example; its results are in demo-output/.
import { main, run } from './lib/process.mjs';
import { build, installPackages } from './lib/setup.mjs';

main(async () => {
  installPackages();
  await build();
  run(process.execPath, ['examples/ecg/demo.mjs', 'demo-output']);
});
