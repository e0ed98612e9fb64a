const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

test('whatever require gives, import gives by name', () => {
  const code = "console.log(JSON.stringify(Object.keys(await import('dspx-rs'))))";
  const options = { cwd: join(__dirname, '../..'), encoding: 'utf8' };
  const imported = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', code], options));
  expect(imported).toEqual(expect.arrayContaining(Object.keys(require('dspx-rs'))));
});
