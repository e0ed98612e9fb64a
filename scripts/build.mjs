// npm run build: compiles the native addon and puts it beside index.js.
//   --release               optimised for use and for benchmarks (default: the development profile)
//   --no-default-features   without Kafka and Redis, so that no C is compiled
import { parseArgs } from 'node:util';
import { main } from './lib/process.mjs';
import { addonFile, build } from './lib/setup.mjs';

main(async () => {
  const { values } = parseArgs({
    options: { release: { type: 'boolean' }, 'no-default-features': { type: 'boolean' } },
  });
  await build({ release: values.release, defaultFeatures: !values['no-default-features'] });
  console.log(addonFile());
});
