// npm run types: writes index.d.ts from lib/types/*.d.ts and what each registered stage declares of itself.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { declarations } from './lib/declarations.mjs';

const root = new URL('../', import.meta.url);
const MARKER = '  // @stages';

/** Writes a number as code does: 16777216 stays, 1e-6 is not written out. */
const spell = (x) => (Math.abs(x) >= 1e6 && Number.isInteger(x) ? x.toLocaleString('en-US') : String(x));

/** The range of an integer as a sentence. */
function integerRange({ least, most, odd }) {
  const noun = odd ? 'An odd integer' : 'An integer';
  if (least !== null && most !== null) return `${noun} from ${spell(least)} to ${spell(most)}.`;
  if (least !== null) return `${noun} ≥ ${spell(least)}.`;
  return most === null ? `${noun}.` : `${noun} ≤ ${spell(most)}.`;
}

/** The range of a number as a sentence; empty where there is none. */
function numberRange({ low, lowOpen, high, highOpen }) {
  if (low === null && high === null) return '';
  if (high === null) return lowOpen ? `Above ${spell(low)}.` : `At least ${spell(low)}.`;
  if (low === null) return highOpen ? `Below ${spell(high)}.` : `At most ${spell(high)}.`;
  return `${spell(low)} ${lowOpen ? '<' : '≤'} x ${highOpen ? '<' : '≤'} ${spell(high)}.`;
}

const ranges = { integer: integerRange, number: numberRange };
const types = {
  integer: () => 'number',
  number: () => 'number',
  flag: () => 'boolean',
  oneOf: ({ texts }) => texts.map((text) => JSON.stringify(text)).join(' | '),
  float32Array: () => 'Float32Array',
  numbers: () => 'Float32Array | Float64Array | number[]',
  any: ({ typescript }) => typescript,
};

/** The default as a sentence; empty where there is none. */
function defaultSentence(absent) {
  if (absent === null) return '';
  if (absent.default !== undefined) return `Default \`${JSON.stringify(absent.default)}\`.`;
  return absent.meaning ? `Default: ${absent.meaning}.` : '';
}

/** A JSDoc comment, on one line where it fits. */
function comment(lines, indent) {
  const [only, ...more] = lines;
  if (!more.length && only.length < 110) return `${indent}/** ${only} */`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */`;
}

function field({ name, doc, kind, absent, nullable }) {
  const sentences = [doc.split('\n').map((line) => line.trim()).join(' '), ranges[kind.type]?.(kind), defaultSentence(absent)];
  const type = types[kind.type](kind) + (nullable ? ' | null' : '');
  return `${comment([sentences.filter(Boolean).join(' ')], '  ')}\n  ${name}${absent ? '?' : ''}: ${type};`;
}

/** An interface of fields. */
function interfaceText(doc, head, fields) {
  return `${comment([doc], '')}\nexport interface ${head} {\n${fields.map(field).join('\n')}\n}`;
}

function interfaceOf({ params, paramsDoc, fields, method, variants }) {
  if (!fields.length) return '';
  const doc = paramsDoc.startsWith('Parameters of a ') ? `Parameters of \`${method}\`.` : paramsDoc;
  return variants.length ? unionOf({ params, doc, fields, variants }) : interfaceText(doc, params, fields);
}

/** Parameters of which some belong to certain values of the first one only: an interface for each value, and their union. */
function unionOf({ params, doc, fields: [first, ...rest], variants }) {
  const base = `Base${params}`;
  const common = rest.filter(({ onlyFor }) => onlyFor.length === 0);
  const one = ({ text, typescript, doc: about }) => {
    const own = rest.filter(({ onlyFor }) => onlyFor.includes(text));
    return interfaceText(about, `${typescript} extends ${base}`, [{ ...first, kind: { type: 'oneOf', texts: [text] } }, ...own]);
  };
  const names = variants.map(({ typescript }) => typescript);
  return [
    interfaceText(`What all ${params} have.`, base, common),
    ...variants.map(one),
    `${comment([doc], '')}\nexport type ${params} =\n  | ${names.join('\n  | ')};`,
  ].join('\n');
}

const CLASSES = { Type: 'TypeError', Range: 'RangeError', Failed: 'Error' };

/** One `@throws` line for each class of errors, with the parameters that bring it. */
function throwsLines(fields) {
  const names = new Map();
  for (const { name, class: kind } of fields) names.set(kind, [...(names.get(kind) ?? []), `\`${name}\``]);
  const list = (all) => (all.length > 1 ? `${all.slice(0, -1).join(', ')} or ${all.at(-1)}` : all[0]);
  return [...names].map(([kind, all]) => `@throws ${CLASSES[kind]} if ${list(all)} is not as described`);
}

function signature({ method, doc, params, fields }) {
  const text = comment([...doc.split('\n').map((line) => line.trim()), ...throwsLines(fields)], '  ');
  if (!fields.length) return `${text}\n  ${method}(): this;`;
  const optional = fields.every(({ absent, objectNeeded }) => absent !== null && !objectNeeded) ? '?' : '';
  return `${text}\n  ${method}(params${optional}: ${params}): this;`;
}

const stages = await declarations();
const folder = new URL('lib/types/', root);
const files = readdirSync(folder).filter((name) => name.endsWith('.d.ts')).sort();
const text = files.map((name) => readFileSync(new URL(name, folder), 'utf8').trim()).join('\n\n');
if (!text.includes(MARKER)) throw new Error(`no "${MARKER.trim()}" in lib/types`);
const written = new Set([...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name));
const parts = [
  '// Written by "npm run types" from lib/types and the registered stages; edit those.',
  '/// <reference types="node" />',
  text.replace(MARKER, () => stages.map(signature).join('\n')),
  ...stages.filter(({ params }) => !written.has(params)).map(interfaceOf).filter(Boolean),
];
writeFileSync(new URL('index.d.ts', root), `${parts.join('\n\n')}\n`);
