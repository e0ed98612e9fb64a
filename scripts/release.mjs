// Steps of a release (.github/workflows/release.yml):
//   node scripts/release.mjs platforms      writes npm/<platform>/package.json and README.md (after a change of the
//   version) node scripts/release.mjs check [v1.2.3] fails unless tag, Cargo.toml, package.json, npm/ and CHANGELOG.md
//   agree node scripts/release.mjs prepare FOLDER takes the binaries in FOLDER into npm/, and names the platform
//   packages as
//                                           optionalDependencies in package.json: only a release has them, so that "npm
//                                           ci" in a clone never asks for packages that are not published yet
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformFiles, platformPackage, platforms, readPackage, writePlatform } from './lib/platforms.mjs';
import { Failure, main, root } from './lib/process.mjs';

/** @param {string} file */
const read = (file) => readFileSync(join(root, file), 'utf8');
/** @param {unknown} value */
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

function writePlatforms() {
  for (const platform of platforms) {
    const folder = join(root, 'npm', platform.name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(platformFiles(platform))) writeFileSync(join(folder, file), text);
  }
}

/** Where each version is written, as it is there. */
function versions() {
  const cargo = read('Cargo.toml').match(/^\[workspace\.package\]\nversion = "(.+)"/m)?.[1];
  const [, changelog, date] = read('CHANGELOG.md').match(/^## \[(.+?)\] - (.+)$/m) ?? [];
  return { cargo, changelog, date, package: readPackage().version };
}

/** @param {string | undefined} tag */
function check(tag) {
  const found = versions();
  /** @type {string[]} */
  const problems = [];
  /** @param {string} place @param {unknown} have @param {unknown} want */
  const expect = (place, have, want) => {
    if (have !== want) problems.push(`${place} says ${have}, not ${want}`);
  };
  expect('Cargo.toml', found.cargo, found.package);
  expect('CHANGELOG.md', found.changelog, found.package);
  if (tag !== undefined) {
    expect('the tag', tag, `v${found.package}`);
    if (!/^\d{4}-\d\d-\d\d$/.test(found.date))
      problems.push(`CHANGELOG.md gives ${found.package} the date "${found.date}"`);
  }
  for (const platform of platforms) {
    for (const [file, text] of Object.entries(platformFiles(platform))) {
      const path = `npm/${platform.name}/${file}`;
      if (!existsSync(join(root, path)) || read(path) !== text) problems.push(`${path} is not what "platforms" writes`);
    }
  }
  if (problems.length) throw new Failure(problems.join('\n'));
  console.log(`version ${found.package} everywhere`);
}

/** @param {string} folder */
function prepare(folder) {
  if (folder === undefined) throw new Failure('prepare takes the folder with the binaries');
  const packages = platforms.map((platform) => ({ platform, content: platformPackage(platform) }));
  for (const { platform, content } of packages) {
    const binary = join(folder, content.main);
    if (!existsSync(binary)) throw new Failure(`${binary} is missing`);
    const target = join(root, 'npm', platform.name);
    writePlatform(platform, target);
    copyFileSync(binary, join(target, content.main));
  }
  const optionalDependencies = Object.fromEntries(packages.map(({ content }) => [content.name, content.version]));
  writeFileSync(join(root, 'package.json'), json({ ...readPackage(), optionalDependencies }));
}

main(() => {
  const [command, argument] = process.argv.slice(2);
  /** @type {Record<string, (argument: any) => void>} */
  const commands = { platforms: writePlatforms, check, prepare };
  if (!Object.hasOwn(commands, command ?? '')) throw new Failure(`one of ${Object.keys(commands).join(', ')}`);
  commands[command](argument);
});
