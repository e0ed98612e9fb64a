// cargo with the features and the OpenSSL that the scripts build with, so that nothing is compiled twice:
//   node scripts/cargo.mjs clippy --workspace --all-targets -- -D warnings
import { settingsOf } from './lib/cargo.mjs';
import { Failure, main, run } from './lib/process.mjs';

main(() => {
  const given = process.argv.slice(2);
  if (given.length === 0) throw new Failure('usage: node scripts/cargo.mjs COMMAND [ARGUMENT…]');
  const { options, env } = settingsOf('development');
  const end = given.includes('--') ? given.indexOf('--') : given.length;
  run('cargo', [...given.slice(0, end), ...options, ...given.slice(end)], { env: { ...process.env, ...env } });
});
