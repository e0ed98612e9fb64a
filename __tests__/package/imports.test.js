/** lib/ keeps its shape: no circle of imports, and each area imports only those below it. */
const { readFileSync, readdirSync } = require('node:fs');
const { dirname, join, relative, resolve, sep } = require('node:path');

const lib = resolve(__dirname, '../../lib');

/** The areas that the modules of an area may import, besides their own. */
const MAY_IMPORT = {
  common: [],
  native: ['common'],
  telemetry: ['common'],
  signal: ['common', 'native'],
  logger: ['common', 'native', 'telemetry'],
  stores: ['common', 'native', 'telemetry'],
  files: ['common', 'native'],
  pipeline: ['common', 'native', 'telemetry', 'signal', 'logger'],
  kafka: ['common', 'native', 'telemetry', 'logger', 'stores', 'pipeline'],
  cli: ['common', 'pipeline', 'files'],
  credits: ['pipeline'],
};

/** The modules of lib/ by their paths, each with those that it imports: those that it loads later, too. */
function readModules() {
  const files = readdirSync(lib, { recursive: true }).filter((file) => /\.m?js$/.test(file));
  return new Map(files.map((file) => [file.replaceAll(sep, '/'), importsOf(file)]));
}

function importsOf(file) {
  const code = readFileSync(join(lib, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found = code.matchAll(/\brequire\('(\.[^']+)'\)|\bfrom '(\.[^']+)'/g);
  const paths = [...found].map(([, required, imported]) => resolve(lib, dirname(file), required ?? imported));
  return paths.map((path) => relative(lib, path).replaceAll(sep, '/'));
}

const modules = readModules();
const areaOf = (file) => file.split('/')[0];

/** The first circle of imports that is reached from a module, as the modules on it. */
function circleFrom(file, path = [], done = new Set()) {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  done.add(file);
  for (const next of modules.get(file) ?? []) {
    const circle = circleFrom(next, [...path, file], done);
    if (circle) return circle;
  }
  return undefined;
}

test('no module imports itself by way of others', () => {
  expect(modules.size).toBeGreaterThan(80);
  expect([...modules.keys()].map((file) => circleFrom(file)?.join(' → ')).filter(Boolean)).toEqual([]);
});

test('areas import only those below them', () => {
  const imports = [...modules].flatMap(([file, targets]) => targets.map((target) => ({ file, target })));
  const forbidden = imports.filter(({ file, target }) => {
    const [from, to] = [areaOf(file), areaOf(target)];
    return from !== to && !target.startsWith('..') && !MAY_IMPORT[from].includes(to);
  });
  expect(forbidden.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

test('every area is in the list', () => {
  expect([...new Set([...modules.keys()].map(areaOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});
