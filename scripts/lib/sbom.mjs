// The parts of the addon: the crates that are linked into it and the C libraries that they bring, as a CycloneDX
// document, and the licence texts that go with the binary.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure, output, root } from './process.mjs';

/**
 * The part of cargo's metadata that is read.
 *
 * @typedef {object} Crate
 * @property {string} id
 * @property {string} name
 * @property {string} version
 * @property {string} license
 * @property {string} manifest_path
 * @property {string | null} source
 * @property {{ kind: string[] }[]} targets
 *
 * @typedef {{ id: string, dependencies: string[], deps: { pkg: string, dep_kinds: { kind: string | null }[] }[] }} Node
 * @typedef {{ packages: Crate[], resolve: { root: string, nodes: Node[] } }} Metadata
 */

/** C libraries inside crates. A version that is not part of the crate's (`4.10.0+2.12.1`) is read in its source. */
/** @type {Record<string, { name: string, license: string, text: string, version?: [string, RegExp] }>} */
const LIBRARIES = {
  'rdkafka-sys': { name: 'librdkafka', license: 'BSD-2-Clause', text: 'librdkafka/LICENSES.txt' },
  'openssl-src': { name: 'openssl', license: 'Apache-2.0', text: 'openssl/LICENSE.txt' },
  'zstd-sys': { name: 'zstd', license: 'BSD-3-Clause', text: 'zstd/LICENSE' },
  'libz-sys': {
    name: 'zlib',
    license: 'Zlib',
    text: 'src/zlib/LICENSE',
    version: ['src/zlib/zlib.h', /ZLIB_VERSION "([\d.]+)"/],
  },
};

/** @param {Crate} crate */
const isMacro = ({ targets }) => targets.some(({ kind }) => kind.includes('proc-macro'));

/**
 * The packages of the graph that are linked into the addon: no tools of the build but the one with OpenSSL, no macros.
 *
 * @param {Metadata} metadata
 */
function linked({ packages, resolve }) {
  const byId = new Map(packages.map((entry) => [entry.id, entry]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  /** @type {Map<string, Crate>} */
  const found = new Map();
  const visit = (/** @type {string} */ id) => {
    const entry = byId.get(id);
    if (!entry || found.has(id) || isMacro(entry)) return;
    found.set(id, entry);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id)?.deps ?? []) {
      if (kinds.some(({ kind }) => kind === null) || byId.get(pkg)?.name === 'openssl-src') visit(pkg);
    }
  };
  visit(resolve.root);
  return { found: [...found.values()], nodes };
}

/** @param {Crate & { checksum?: string }} crate */
function crateComponent({ id, name, version, license, checksum }) {
  return {
    type: 'library',
    'bom-ref': id,
    name,
    version,
    purl: `pkg:cargo/${name}@${version}`,
    ...(checksum && { hashes: [{ alg: 'SHA-256', content: checksum }] }),
    ...(license && { licenses: [{ expression: license.replaceAll('/', ' OR ') }] }),
  };
}

/** @param {Crate} crate */
function libraryOf({ name: crate, version, manifest_path: manifest }) {
  const library = LIBRARIES[crate];
  if (!library) return null;
  /** @type {string | undefined} */
  let found = version.split('+')[1]?.replace(/^zstd\./, '');
  if (library.version) {
    const [file, pattern] = library.version;
    found = readFileSync(join(dirname(manifest), file), 'utf8').match(pattern)?.[1];
  }
  if (!found) throw new Failure(`the version of ${library.name} in ${crate} ${version} is not known`);
  return {
    type: 'library',
    'bom-ref': library.name,
    name: library.name,
    version: found,
    purl: `pkg:generic/${library.name}@${found}`,
    licenses: [{ license: { id: library.license } }],
  };
}

/** Checksums of Cargo.lock, by "name version". */
function checksums() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const entries = lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"/g);
  return new Map([...entries].map(([, name, version, checksum]) => [`${name} ${version}`, checksum]));
}

/**
 * The licence files of a crate's folder, and the one of the C library in it.
 *
 * @param {Crate} crate
 */
function licenceTexts({ name, manifest_path: manifest }) {
  const folder = dirname(manifest);
  const isLicence = (/** @type {string} */ file) =>
    /^(licen[cs]e|copying|notice)/i.test(file) && !file.endsWith('.toml');
  const files = readdirSync(folder).filter(isLicence);
  const library = LIBRARIES[name]?.text;
  return [...files, ...(library ? [library] : [])]
    .map((file) => join(folder, file))
    .filter((file) => existsSync(file))
    .map((file) => safeRead(file))
    .filter(Boolean);
}

/** @param {string} file */
function safeRead(file) {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
  } catch {
    return null; // a folder of texts, which are in the crate's licence file too
  }
}

/** @param {Crate[]} crates */
function licences(crates) {
  const users = new Map();
  for (const entry of crates) {
    const name = `${entry.name} ${entry.version}`;
    for (const text of licenceTexts(entry)) users.set(text, [...(users.get(text) ?? []), name]);
  }
  const line = '='.repeat(100);
  return [...users].map(([text, names]) => `${line}\n${names.join(', ')}\n${line}\n\n${text}\n`).join('\n');
}

/**
 * `{ document, licences }` for the addon of a target triple, as the release builds it.
 *
 * @param {string} target triple
 */
export function sbom(target) {
  const metadata = output('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', target]);
  if (metadata === null) throw new Failure(`cargo metadata failed for ${target}`);
  const { found, nodes } = linked(JSON.parse(metadata));
  const own = /** @type {Crate} */ (found.find(({ name }) => name === 'dspx-rs'));
  const crates = found.filter((entry) => entry !== own);
  const sums = checksums();
  const components = crates.flatMap((entry) => {
    const library = libraryOf(entry);
    const checksum = sums.get(`${entry.name} ${entry.version}`);
    return [crateComponent({ ...entry, checksum }), ...(library ? [library] : [])];
  });
  const refs = new Set(components.map((component) => component['bom-ref']));
  const dependencies = found.map(({ id, name }) => ({
    ref: id,
    dependsOn: [
      ...(nodes.get(id)?.dependencies ?? []).filter((other) => refs.has(other)),
      ...(LIBRARIES[name] ? [LIBRARIES[name].name] : []),
    ],
  }));
  const content = { components, dependencies };
  return {
    document: {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      serialNumber: serial(target, content),
      metadata: {
        component: { ...crateComponent(own), type: 'application' },
        properties: [{ name: 'cargo:target', value: target }],
      },
      ...content,
    },
    licences: licences(crates.filter(({ source }) => source !== null)),
  };
}

/**
 * A UUID that is the content's: the same build has the same document.
 *
 * @param {string} target
 * @param {object} content
 */
function serial(target, content) {
  const hex = createHash('sha256').update(target).update(JSON.stringify(content)).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
