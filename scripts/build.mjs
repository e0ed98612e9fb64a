// npm run build: compiles the native addon and puts it beside index.js.
//   --release               optimised for use and for benchmarks (default: the development profile)
//   --no-default-features   without Kafka and Redis, so that no C is compiled
import { parseArgs } from 'node:util';
import { Failure, main } from './lib/process.mjs';
import { addonFile, build } from './lib/setup.mjs';

main(async () => {
  const { values } = parseArgs({
    options: { release: { type: 'boolean' }, 'no-default-features': { type: 'boolean' } },
  });
  if (values.release && values['no-default-features']) throw new Failure('--release builds with every feature');
  await build(values.release ? 'release' : values['no-default-features'] ? 'core' : 'development');
  console.log(addonFile());
});
