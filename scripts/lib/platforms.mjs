// The platforms that releases have binaries for, in napi-rs' naming: one package each, in npm/<name>.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './process.mjs';
import { sbom } from './sbom.mjs';

/** @typedef {{ os: string[], cpu: string[], libc?: string[] }} Requirements of package managers */
/** @typedef {{ name: string, rust: string, requirements: Requirements }} Platform `rust` is the target triple */

/**
 * @param {string} name
 * @param {string} rust
 * @param {Requirements} requirements
 */
const of = (name, rust, requirements) => ({ name, rust, requirements });
/** @param {string} cpu @param {string} libc */
const linux = (cpu, libc) => ({ os: ['linux'], cpu: [cpu], libc: [libc] });

export const platforms = [
  of('linux-x64-gnu', 'x86_64-unknown-linux-gnu', linux('x64', 'glibc')),
  of('linux-arm64-gnu', 'aarch64-unknown-linux-gnu', linux('arm64', 'glibc')),
  of('linux-x64-musl', 'x86_64-unknown-linux-musl', linux('x64', 'musl')),
  of('linux-arm64-musl', 'aarch64-unknown-linux-musl', linux('arm64', 'musl')),
  of('darwin-x64', 'x86_64-apple-darwin', { os: ['darwin'], cpu: ['x64'] }),
  of('darwin-arm64', 'aarch64-apple-darwin', { os: ['darwin'], cpu: ['arm64'] }),
  of('win32-x64-msvc', 'x86_64-pc-windows-msvc', { os: ['win32'], cpu: ['x64'] }),
  of('win32-arm64-msvc', 'aarch64-pc-windows-msvc', { os: ['win32'], cpu: ['arm64'] }),
];

export const readPackage = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The files beside the binary in its package: our licences, those of what is linked into it, and the list of that. */
const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT', 'NOTICE'];
export const COMPANIONS = [...LICENCES, 'THIRD-PARTY-LICENSES', 'sbom.cdx.json'];

/**
 * package.json of a platform's package.
 *
 * @param {Platform} platform
 */
export function platformPackage({ name, rust, requirements }) {
  const { name: main, version, license, repository, engines } = readPackage();
  const file = `${main}.${name}.node`;
  return {
    name: `${main}-${name}`,
    version,
    description: `The native binary of ${main} for ${rust}`,
    license,
    repository: { ...repository, directory: `npm/${name}` },
    main: file,
    files: [file, ...COMPANIONS],
    engines,
    ...requirements,
    publishConfig: { access: 'public', provenance: true },
  };
}

/**
 * The files of a platform's folder in npm/ that are committed.
 *
 * @param {Platform} platform
 */
export function platformFiles(platform) {
  const { name, description } = platformPackage(platform);
  const readme = `# ${name}\n\n${description}. It is installed with dspx-rs; do not depend on it.\n`;
  return { 'package.json': `${JSON.stringify(platformPackage(platform), null, 2)}\n`, 'README.md': readme };
}

/**
 * Writes a platform's package into `folder`, all of it but the binary.
 *
 * @param {Platform} platform
 * @param {string} folder
 */
export function writePlatform(platform, folder) {
  mkdirSync(folder, { recursive: true });
  const { document, licences } = sbom(platform.rust);
  const generated = { 'THIRD-PARTY-LICENSES': licences, 'sbom.cdx.json': `${JSON.stringify(document, null, 1)}\n` };
  const texts = { ...platformFiles(platform), ...generated };
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
  for (const file of LICENCES) copyFileSync(join(root, file), join(folder, file));
}
