// The platforms that releases have binaries for, in napi-rs' naming: one package each, in npm/<name>.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './process.mjs';

const of = (name, rust, requirements) => ({ name, rust, requirements });
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

/** package.json of a platform's package. */
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
    files: [file],
    engines,
    ...requirements,
    publishConfig: { access: 'public', provenance: true },
  };
}
