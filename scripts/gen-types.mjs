// npm run types: writes index.d.ts from the types beside the code in lib/ and what each registered stage declares of
// itself, and the JSON Schema of pipeline definitions.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { declarations } from './lib/declarations.mjs';
import { definitionSchema } from './lib/schema.mjs';

/**
 * The type of a parameter and its range, `null` where it has no end; each type has its own part of these.
 *
 * @typedef {object} Kind
 * @property {'integer' | 'number' | 'flag' | 'oneOf' | 'float32Array' | 'numbers' | 'any'} type
 * @property {number | null} least
 * @property {number | null} most
 * @property {boolean} odd
 * @property {number | null} low
 * @property {boolean} lowOpen
 * @property {number | null} high
 * @property {boolean} highOpen
 * @property {string[]} texts
 * @property {string} typescript
 *
 * @typedef {{ default?: unknown, meaning?: string }} Absent what stands for an absent parameter
 */

/**
 * @typedef {object} Field a parameter of a stage
 * @property {string} name
 * @property {string} doc
 * @property {Kind} kind
 * @property {Absent | null} absent
 * @property {boolean} [nullable]
 * @property {string[]} onlyFor
 * @property {string[]} aliases
 * @property {keyof typeof CLASSES} class
 * @property {boolean} [objectNeeded]
 *
 * @typedef {{ text: string, typescript: string, doc: string }} Variant
 */

/**
 * @typedef {object} EventDeclaration
 * @property {string} name
 * @property {string} doc
 * @property {{ name: string, doc: string }[]} fields
 * @property {string | null} data
 *
 * @typedef {EventDeclaration & { method: string }} EventKind
 */

/**
 * @typedef {object} Stage
 * @property {string} method
 * @property {string} doc
 * @property {string} params
 * @property {string} paramsDoc
 * @property {Field[]} fields
 * @property {Variant[]} variants
 * @property {EventDeclaration[]} events
 */

const root = new URL('../', import.meta.url);
const MARKER = '  // @stages';
/** The files of types in lib/, in the order in which index.d.ts has them. */
const TYPES = [
  'credits/types.d.ts',
  'signal/filter/types.d.ts',
  'signal/filter/iir-filter.types.d.ts',
  'signal/filter/filter-bank.types.d.ts',
  'signal/filter/optimal-fir-tables.types.d.ts',
  'kafka/stream/types.d.ts',
  'signal/spatial/types.d.ts',
  'logger/types.d.ts',
  'logger/circuit-breaker.types.d.ts',
  'telemetry/types.d.ts',
  'logger/topic-router.types.d.ts',
  'logger/circular-log-buffer.types.d.ts',
  'logger/native-log.types.d.ts',
  'pipeline/types.d.ts',
  'pipeline/processor.types.d.ts',
  'pipeline/branch.types.d.ts',
  'signal/spectrum/types.d.ts',
  'signal/functions/types.d.ts',
  'signal/functions/toolbox.types.d.ts',
  'signal/functions/toolbox-designs.types.d.ts',
  'signal/functions/toolbox-signals.types.d.ts',
  'signal/functions/toolbox-wavelets.types.d.ts',
  'signal/functions/toolbox-frames.types.d.ts',
  'signal/functions/biosignals.types.d.ts',
  'signal/features/types.d.ts',
  'kafka/client.types.d.ts',
  'kafka/producer/log-handler.types.d.ts',
  'kafka/consumer/types.d.ts',
  'kafka/frame.types.d.ts',
  'kafka/producer/types.d.ts',
  'kafka/embedded-broker.types.d.ts',
  'common/streaming-errors.types.d.ts',
  'stores/types.d.ts',
  'pipeline/chunk-streams.types.d.ts',
  'signal/timing/types.d.ts',
  'files/types.d.ts',
];
/** A stage may leave this parameter to its pipeline, which refuses it where neither says it. */
const INHERITED = 'sampleRate';

/**
 * Writes a number as code does: 16777216 stays, 1e-6 is not written out.
 *
 * @param {number} x
 */
const spell = (x) => (Math.abs(x) >= 1e6 && Number.isInteger(x) ? x.toLocaleString('en-US') : String(x));

/**
 * The range of an integer as a sentence.
 *
 * @param {Kind} range
 */
function integerRange({ least, most, odd }) {
  const noun = odd ? 'An odd integer' : 'An integer';
  if (least !== null && most !== null) return `${noun} from ${spell(least)} to ${spell(most)}.`;
  if (least !== null) return `${noun} ≥ ${spell(least)}.`;
  return most === null ? `${noun}.` : `${noun} ≤ ${spell(most)}.`;
}

/**
 * The range of a number as a sentence; empty where there is none.
 *
 * @param {Kind} range
 */
function numberRange({ low, lowOpen, high, highOpen }) {
  if (low === null) {
    if (high === null) return '';
    return highOpen ? `Below ${spell(high)}.` : `At most ${spell(high)}.`;
  }
  if (high === null) return lowOpen ? `Above ${spell(low)}.` : `At least ${spell(low)}.`;
  return `${spell(low)} ${lowOpen ? '<' : '≤'} x ${highOpen ? '<' : '≤'} ${spell(high)}.`;
}

/** @type {Partial<Record<Kind['type'], (kind: Kind) => string>>} */
const ranges = { integer: integerRange, number: numberRange };
/** @type {Record<Kind['type'], (kind: Kind) => string>} */
const types = {
  integer: () => 'number',
  number: () => 'number',
  flag: () => 'boolean',
  oneOf: ({ texts }) => texts.map((text) => JSON.stringify(text)).join(' | '),
  float32Array: () => 'Float32Array',
  numbers: () => 'Float32Array | Float64Array | number[]',
  any: ({ typescript }) => typescript,
};

/**
 * The default as a sentence; empty where there is none.
 *
 * @param {Absent | null} absent
 */
function defaultSentence(absent) {
  if (absent === null) return '';
  if (absent.default !== undefined) return `Default \`${JSON.stringify(absent.default)}\`.`;
  return absent.meaning ? `Default: ${absent.meaning}.` : '';
}

/**
 * A JSDoc comment, on one line where it fits.
 *
 * @param {string[]} lines
 * @param {string} indent
 */
function comment(lines, indent) {
  const [only, ...more] = lines;
  if (!more.length && only.length < 110) return `${indent}/** ${only} */`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */`;
}

/** @param {Field} field */
function field({ name, doc, kind, absent, nullable }) {
  const sentences = [
    doc
      .split('\n')
      .map((line) => line.trim())
      .join(' '),
    ranges[kind.type]?.(kind),
    defaultSentence(absent),
  ];
  const isInherited = name === INHERITED && absent === null;
  if (isInherited) sentences.push('Default: that of the pipeline at this stage.');
  const type = types[kind.type](kind) + (nullable ? ' | null' : '');
  const mark = absent || isInherited ? '?' : '';
  return `${comment([sentences.filter(Boolean).join(' ')], '  ')}\n  ${name}${mark}: ${type};`;
}

/**
 * An interface of fields.
 *
 * @param {string} doc
 * @param {string} head
 * @param {Field[]} fields
 */
function interfaceText(doc, head, fields) {
  return `${comment([doc], '')}\nexport interface ${head} {\n${fields.map(field).join('\n')}\n}`;
}

/** @param {Stage} stage */
function interfaceOf({ params, paramsDoc, fields, method, variants }) {
  if (!fields.length) return '';
  const doc = paramsDoc.startsWith('Parameters of a ') ? `Parameters of \`${method}\`.` : paramsDoc;
  return variants.length
    ? unionOf({ params, doc, fields, variants })
    : interfaceText(doc, `${params} extends StageOptions`, fields);
}

/**
 * Parameters of which some belong to certain values of the first one only: an interface for each value, and their
 * union.
 *
 * @param {{ params: string, doc: string, fields: Field[], variants: Variant[] }} parts
 */
function unionOf({ params, doc, fields: [first, ...rest], variants }) {
  const base = `Base${params}`;
  const common = rest.filter(({ onlyFor }) => onlyFor.length === 0);
  /** @param {Variant} variant */
  const one = ({ text, typescript, doc: about }) => {
    const own = rest.filter(({ onlyFor }) => onlyFor.includes(text));
    return interfaceText(about, `${typescript} extends ${base}`, [
      { ...first, kind: /** @type {Kind} */ ({ type: 'oneOf', texts: [text] }) },
      ...own,
    ]);
  };
  const names = variants.map(({ typescript }) => typescript);
  return [
    interfaceText(`The members that all ${params} share.`, `${base} extends StageOptions`, common),
    ...variants.map(one),
    `${comment([doc], '')}\nexport type ${params} =\n  | ${names.join('\n  | ')};`,
  ].join('\n');
}

const CLASSES = { Type: 'TypeError', Range: 'RangeError', Failed: 'Error' };

/**
 * One `@throws` line for each class of errors, with the parameters that bring it.
 *
 * @param {Field[]} fields
 */
function throwsLines(fields) {
  /** @type {Map<keyof typeof CLASSES, string[]>} */
  const names = new Map();
  for (const { name, class: kind } of fields) names.set(kind, [...(names.get(kind) ?? []), `\`${name}\``]);
  const list = (/** @type {string[]} */ all) =>
    all.length > 1 ? `${all.slice(0, -1).join(', ')} or ${all.at(-1)}` : all[0];
  return [...names].map(([kind, all]) => `@throws ${CLASSES[kind]} if ${list(all)} is not as described`);
}

/** @param {Stage} stage */
function signature({ method, doc, params, fields }) {
  const text = comment([...doc.split('\n').map((line) => line.trim()), ...throwsLines(fields)], '  ');
  if (!fields.length) return `${text}\n  ${method}(params?: StageOptions): this;`;
  const optional = fields.every(({ absent, objectNeeded }) => absent !== null && !objectNeeded) ? '?' : '';
  return `${text}\n  ${method}(params${optional}: ${params}): this;`;
}

/** @param {Stage} stage */
const paramsType = ({ params, fields }) => (fields.length ? params : 'StageOptions');

/**
 * The parameters of each stage by its method.
 *
 * @param {Stage[]} stages
 */
function stageParameters(stages) {
  const members = stages.map((stage) => `  /** Of \`${stage.method}\`. */\n  ${stage.method}: ${paramsType(stage)};`);
  const doc = '/** The parameters of each stage, by the method that appends it. */';
  return `${doc}\nexport interface StageParameters {\n${members.join('\n')}\n}`;
}

/** @param {string} name */
const eventType = (name) => `${name[0].toUpperCase()}${name.slice(1)}Event`;

/**
 * Returns the descriptions that several stages give of the same thing: once where they agree, else each with its
 * method.
 *
 * @param {{ method: string, doc: string }[]} sayings
 */
function saidBy(sayings) {
  const texts = [...new Set(sayings.map(({ doc }) => doc))];
  if (texts.length === 1) return texts;
  return texts.map((text) => {
    const methods = sayings.filter(({ doc }) => doc === text).map(({ method }) => `\`${method}\``);
    return `${methods.join(', ')}: ${text}`;
  });
}

/**
 * The members that a type of events has besides those of all events; one that not every stage gives is optional.
 *
 * @param {EventKind[]} kinds
 */
function eventMembers(kinds) {
  const members = kinds.flatMap(({ method, fields, data }) => [
    ...fields.map(({ name, doc }) => ({ name, doc, method, type: 'number' })),
    ...(data === null ? [] : [{ name: 'data', doc: data, method, type: 'Float32Array' }]),
  ]);
  const names = [...new Set(members.map(({ name }) => name))];
  return names.map((name) => {
    const same = members.filter((member) => member.name === name);
    return `${comment(saidBy(same), '  ')}\n  ${name}${same.length < kinds.length ? '?' : ''}: ${same[0].type};`;
  });
}

/** @param {string} name @param {EventKind[]} kinds */
function eventInterface(name, kinds) {
  const emitters = [...new Set(kinds.map(({ method }) => `\`${method}\``))].join(', ');
  const doc = comment([...saidBy(kinds), `Emitted by ${emitters}.`], '');
  const head = `${doc}\nexport interface ${eventType(name)} extends StageEvent {`;
  const type = `  /** The type of the event. */\n  type: ${JSON.stringify(name)};`;
  return `${head}\n${[type, ...eventMembers(kinds)].join('\n')}\n}`;
}

/**
 * An interface for each type of events, all of them by type, and their union.
 *
 * @param {Stage[]} stages
 */
function eventTypes(stages) {
  const all = stages.flatMap(({ method, events }) => events.map((event) => ({ ...event, method })));
  const names = [...new Set(all.map(({ name }) => name))];
  const members = names.map((name) => `  /** See \`${eventType(name)}\`. */\n  ${name}: ${eventType(name)};`);
  return [
    ...names.map((name) =>
      eventInterface(
        name,
        all.filter((kind) => kind.name === name),
      ),
    ),
    `/** The events of pipelines by their type. */\nexport interface PipelineEvents {\n${members.join('\n')}\n}`,
    '/** An event of a pipeline: `type` says which. */\n' +
      'export type PipelineEvent = PipelineEvents[keyof PipelineEvents];',
  ];
}

/** @type {Stage[]} */
const stages = await declarations();
const lib = new URL('lib/', root);
const found = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /(?:^|[/\\.])types\.d\.ts$/.test(name),
);
const unlisted = found.map((name) => name.replaceAll('\\', '/')).filter((name) => !TYPES.includes(name));
if (unlisted.length > 0) throw new Error(`not in the list TYPES of scripts/gen-types.mjs: ${unlisted.join(', ')}`);
const text = TYPES.map((name) => readFileSync(new URL(name, lib), 'utf8').trim()).join('\n\n');
if (!text.includes(MARKER)) throw new Error(`no "${MARKER.trim()}" in lib/pipeline/processor.types.d.ts`);
const written = new Set([...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name));
const parts = [
  '// Written by "npm run types" from the types in lib/ and the registered stages; edit those.',
  '/// <reference types="node" />',
  text.replace(MARKER, () => stages.map(signature).join('\n')),
  ...stages
    .filter(({ params }) => !written.has(params))
    .map(interfaceOf)
    .filter(Boolean),
  stageParameters(stages),
  ...eventTypes(stages),
];
writeFileSync(new URL('index.d.ts', root), `${parts.join('\n\n')}\n`);
writeFileSync(new URL('pipeline.schema.json', root), `${JSON.stringify(definitionSchema(stages), null, 1)}\n`);
