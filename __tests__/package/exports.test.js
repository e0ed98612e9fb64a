const { execFileSync } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const ts = require('typescript');
const api = require('dspx-rs');

const root = join(__dirname, '../..');
const written = readFileSync(join(root, 'index.d.ts'), 'utf8');
const source = ts.createSourceFile('index.d.ts', written, ts.ScriptTarget.Latest);
const declarations = source.statements;

/** Names that stand for values in index.d.ts (types have none at run time). */
const declared = declarations.flatMap((statement) => {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.text);
  const hasValue = [ts.isFunctionDeclaration, ts.isClassDeclaration, ts.isEnumDeclaration].some((is) => is(statement));
  return hasValue ? [statement.name.text] : [];
});
const sorted = (names) => [...new Set(names)].sort();

test('whatever require gives, import gives by name', () => {
  const code = "console.log(JSON.stringify(Object.keys(await import('dspx-rs'))))";
  const options = { cwd: root, encoding: 'utf8' };
  const imported = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', code], options));
  expect(imported).toEqual(expect.arrayContaining(Object.keys(api)));
});

test('index.d.ts declares what the package exports, and nothing else', () => {
  expect(sorted(declared)).toEqual(sorted(Object.keys(api)));
});

const classes = new Map(declarations.filter(ts.isClassDeclaration).map((node) => [node.name.text, node]));

/** Names of the methods that a class declares, those of the declared classes that it extends included. */
function declaredMethods(node) {
  if (!node) return [];
  const isStatic = (member) => ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
  const own = node.members
    .filter((member) => ts.isMethodDeclaration(member) && ts.isIdentifier(member.name) && !isStatic(member))
    .map((member) => member.name.text);
  const parents = (node.heritageClauses ?? [])
    .flatMap((clause) => clause.types.map(({ expression }) => expression.getText(source)));
  return [...own, ...parents.flatMap((parent) => declaredMethods(classes.get(parent)))];
}

/** Names of the methods on a prototype and on those above it that are ours; a leading `_` marks what is not public. */
function methodsOf(prototype) {
  const foreign = [Object.prototype, Error.prototype, EventEmitter.prototype, null];
  if (foreign.includes(prototype)) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor' && !name.startsWith('_'))
    .map(([name]) => name);
  return [...own, ...methodsOf(Object.getPrototypeOf(prototype))];
}

test.each([...classes.keys()])('%s has the methods that index.d.ts declares, and no others', (name) => {
  expect(sorted(methodsOf(api[name].prototype))).toEqual(sorted(declaredMethods(classes.get(name))));
});
