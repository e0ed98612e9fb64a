// Checks docker-compose.yml and the Dockerfiles that it builds from, where there is no Docker: syntax, the keys that
// Compose knows, image names with a fixed version, and that every service, volume and file which is named is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Failure, main, root } from './lib/process.mjs';

const FILE = 'docker-compose.yml';
const TOP_LEVEL = new Set(['name', 'services', 'volumes', 'networks', 'configs', 'secrets']);
/** Of a service, those that this file may want; a misspelt one is in none of Compose's lists either. */
const SERVICE = new Set([
  'build',
  'command',
  'depends_on',
  'entrypoint',
  'environment',
  'healthcheck',
  'image',
  'networks',
  'ports',
  'profiles',
  'restart',
  'stop_grace_period',
  'user',
  'volumes',
  'working_dir',
]);
const HEALTH = new Set(['test', 'interval', 'timeout', 'retries', 'start_period', 'disable']);
const CONDITIONS = new Set(['service_started', 'service_healthy', 'service_completed_successfully']);
/** [registry/]path:tag, as the reference grammar of container images has it; the tag must name a version. */
const IMAGE = /^(?:[a-z0-9.-]+(?:\.[a-z]+|:\d+)\/)?[a-z0-9]+(?:[._/-][a-z0-9]+)*:v?\d[\w.-]*$/;
/** Port of the host, bound to this machine alone: none of the services asks for a password. */
const PORT = /^127\.0\.0\.1:\d{2,5}:\d{2,5}$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/;

/** @type {string[]} */
const problems = [];
/** @param {string} where @param {string} text */
const problem = (where, text) => problems.push(`${where}: ${text}`);

/**
 * @param {string} where
 * @param {object} object
 * @param {Set<string>} keys
 */
const known = (where, object, keys) => {
  for (const key of Object.keys(object)) if (!keys.has(key)) problem(where, `unknown key "${key}"`);
};
/** @param {string} where @param {string} path */
const there = (where, path) => existsSync(join(root, path)) || problem(where, `${path} is not there`);

/** @param {string} where @param {any} health */
function checkHealth(where, health) {
  known(where, health, HEALTH);
  if (!health.test?.length) problem(where, 'has no test');
  for (const key of ['interval', 'timeout', 'start_period']) {
    if (key in health && !DURATION.test(health[key])) problem(where, `${key} "${health[key]}" is no duration`);
  }
}

/**
 * @param {string} where
 * @param {any} mount
 * @param {Record<string, unknown>} volumes
 */
function checkVolume(where, mount, volumes) {
  const [source, target, mode, ...rest] = String(mount).split(':');
  const isMount = target?.startsWith('/') && rest.length === 0 && ['ro', 'rw', undefined].includes(mode);
  if (!isMount) problem(where, `"${mount}" is no mount`);
  if (/^[./]/.test(source)) there(where, source);
  else if (!Object.hasOwn(volumes, source)) problem(where, `the volume ${source} is not declared`);
}

/**
 * @param {string} where
 * @param {Record<string, any>} dependencies
 * @param {Record<string, any>} services
 */
function checkDependencies(where, dependencies, services) {
  for (const [name, { condition } = {}] of Object.entries(dependencies)) {
    const service = services[name];
    if (!service) problem(where, `depends on ${name}, which is no service`);
    else if (!CONDITIONS.has(condition)) problem(where, `unknown condition "${condition}"`);
    else if (condition === 'service_healthy' && service.image && !service.healthcheck) {
      problem(where, `${name} has no healthcheck`);
    }
  }
}

/**
 * @param {string} name
 * @param {any} service
 * @param {{ services: Record<string, any>, volumes: Record<string, unknown> }} file
 */
function checkService(name, service, { services, volumes }) {
  const where = `${FILE}, ${name}`;
  known(where, service, SERVICE);
  if (!service.image === !service.build) problem(where, 'wants either image or build');
  if (service.image && !IMAGE.test(service.image)) problem(where, `"${service.image}" is no image name with a version`);
  if (service.build) {
    const { context, dockerfile = 'Dockerfile' } = service.build;
    checkDockerfile(join(context, dockerfile), context);
  }
  if (service.image) checkHealth(where, service.healthcheck ?? {});
  for (const port of service.ports ?? []) {
    if (!PORT.test(port)) problem(where, `port "${port}" is not 127.0.0.1:HOST:CONTAINER`);
  }
  for (const mount of service.volumes ?? []) checkVolume(where, mount, volumes);
  for (const [key, value] of Object.entries(service.environment ?? {})) {
    if (!['string', 'number'].includes(typeof value)) problem(where, `environment ${key} must be quoted`);
  }
  checkDependencies(where, service.depends_on ?? {}, services);
}

/**
 * A host port belongs to one service.
 *
 * @param {Record<string, any>} services
 */
function checkPorts(services) {
  const ports = Object.values(services).flatMap(({ ports = [] }) =>
    ports.map((/** @type {unknown} */ port) => String(port).split(':')[1]),
  );
  const twice = ports.find((port, i) => ports.indexOf(port) !== i);
  if (twice) problem(FILE, `port ${twice} is published twice`);
}

/** @param {string} file @param {string} context */
function checkDockerfile(file, context) {
  if (there(FILE, file) !== true) return;
  const lines = readFileSync(join(root, file), 'utf8').replace(/\\\n/g, ' ').split('\n');
  const instructions = lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.trim().split(/\s+/));
  const from = instructions.filter(([name]) => name === 'FROM').map(([, image]) => image);
  // Tags of Debian and of distroless images name a version in another place.
  for (const image of from) {
    if (!/:[\w.-]+$/.test(image) || image.endsWith(':latest')) problem(file, `"${image}" has no version`);
  }
  const [, ownUser] = instructions.findLast(([name]) => name === 'USER') ?? [];
  const user = ownUser ?? (from.at(-1)?.endsWith(':nonroot') ? 'nonroot' : 'root');
  if (['root', '0'].includes(user)) problem(file, 'the process would be root');
  for (const [name, ...args] of instructions) {
    if (name !== 'COPY' || args.some((arg) => arg.startsWith('--from='))) continue;
    for (const source of args.slice(0, -1)) there(file, join(context, source));
  }
}

main(() => {
  let compose;
  try {
    compose = parse(readFileSync(join(root, FILE), 'utf8'));
  } catch (error) {
    throw new Failure(`${FILE}: ${/** @type {Error} */ (error).message}`);
  }
  known(FILE, compose, TOP_LEVEL);
  const { services, volumes = {} } = compose;
  for (const [name, service] of Object.entries(services)) checkService(name, service, { services, volumes });
  checkPorts(services);
  const mounts = Object.values(services).flatMap((service) => service.volumes ?? []);
  const used = new Set(mounts.map((mount) => mount.split(':')[0]));
  for (const name of Object.keys(volumes)) if (!used.has(name)) problem(FILE, `no service uses the volume ${name}`);
  if (problems.length) throw new Failure(problems.join('\n'));
  console.log(`${FILE}: ${Object.keys(services).length} services, as they should be`);
});
