// The JSON Schema of pipeline definitions, from what the stages declare.

/**
 * @typedef {import('../gen-types.mjs').Kind} Kind
 * @typedef {import('../gen-types.mjs').Field} Field
 * @typedef {import('../gen-types.mjs').Variant} Variant
 * @typedef {import('../gen-types.mjs').Stage} Stage
 * @typedef {Record<string, unknown>} Schema
 */

/** A stage may leave this parameter to its pipeline. */
const INHERITED = 'sampleRate';

const ID = {
  description: 'Name of the stage in events and saved states, unique in its pipeline.',
  type: 'string',
  minLength: 1,
  maxLength: 100,
};

/**
 * Returns the members of `object` that say something.
 *
 * @param {Schema} object
 * @returns {Schema}
 */
const given = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));

/** @param {Kind} kind */
function integerSchema({ least, most, odd }) {
  return given({ type: 'integer', minimum: least, maximum: most, not: odd ? { multipleOf: 2 } : undefined });
}

/** @param {Kind} kind */
function numberSchema({ low, lowOpen, high, highOpen }) {
  return given({
    type: 'number',
    [lowOpen ? 'exclusiveMinimum' : 'minimum']: low,
    [highOpen ? 'exclusiveMaximum' : 'maximum']: high,
  });
}

/** @param {string} text */
const oneLine = (text) => text.replace(/\s*\n\s*/g, ' ').trim();

const numbers = () => ({ type: 'array', items: { type: 'number' } });

/** @type {Record<Kind['type'], (kind: Kind) => Schema>} */
const kinds = {
  integer: integerSchema,
  number: numberSchema,
  flag: () => ({ type: 'boolean' }),
  oneOf: ({ texts }) => ({ enum: texts }),
  float32Array: numbers,
  numbers,
  // The stage checks it; its type is in the documentation.
  any: () => ({}),
};

/** @param {Field} field */
function fieldSchema({ doc, kind, absent, nullable }) {
  const schema = kinds[kind.type](kind);
  const about = given({
    description: oneLine(doc),
    default: absent?.default,
  });
  return { ...about, ...(nullable && Object.keys(schema).length > 0 ? { anyOf: [schema, { type: 'null' }] } : schema) };
}

/**
 * Returns what demands the parameters that cannot be left out, each under one of its names.
 *
 * @param {Field[]} fields
 */
function demands(fields) {
  const needed = fields.filter(({ name, absent }) => absent === null && name !== INHERITED);
  const plain = needed.filter(({ aliases }) => aliases.length === 0).map(({ name }) => name);
  const named = needed.filter(({ aliases }) => aliases.length > 0);
  return given({
    required: plain.length > 0 ? plain : undefined,
    allOf:
      named.length > 0
        ? named.map(({ name, aliases }) => ({
            anyOf: [name, ...aliases].map((spelling) => ({ required: [spelling] })),
          }))
        : undefined,
  });
}

/** @param {Field[]} fields @param {string} [description] @returns {Schema} */
function parametersSchema(fields, description) {
  const properties = fields.flatMap((field) =>
    [field.name, ...field.aliases].map((name) => [name, fieldSchema(field)]),
  );
  return {
    ...given({ description }),
    type: 'object',
    properties: { id: ID, ...Object.fromEntries(properties) },
    ...demands(fields),
    additionalProperties: false,
  };
}

/**
 * Parameters that differ by the first one: a schema for each of its values.
 *
 * @param {Field[]} fields
 * @param {Variant[]} variants
 * @returns {Schema}
 */
function variantsSchema([first, ...rest], variants) {
  /** @param {Variant} variant */
  const one = ({ text, doc }) => {
    const own = rest.filter(({ onlyFor }) => onlyFor.length === 0 || onlyFor.includes(text));
    return parametersSchema([{ ...first, kind: /** @type {Kind} */ ({ type: 'oneOf', texts: [text] }) }, ...own], doc);
  };
  return { type: 'object', required: [first.name], oneOf: variants.map(one) };
}

/** @param {Stage} stage */
const stageSchema = ({ fields, variants, paramsDoc }) =>
  variants.length > 0 ? variantsSchema(fields, variants) : parametersSchema(fields, paramsDoc || undefined);

/** Whether the method alone is a stage. @param {Stage} stage */
const needsNothing = ({ fields }) =>
  fields.every(({ name, absent, objectNeeded }) => !objectNeeded && (absent !== null || name === INHERITED));

/** The comment of a method without its errors. @param {string} doc */
const summary = (doc) => oneLine(doc).replace(/ @throws.*/, '');

/**
 * Returns the schema of pipeline definitions (draft 7, which editors know).
 *
 * @param {Stage[]} stages what the stages declare
 */
export function definitionSchema(stages) {
  /** @param {Stage} stage */
  const entry = (stage) => ({
    description: summary(stage.doc),
    type: 'object',
    properties: { [stage.method]: { $ref: `#/definitions/${stage.method}` } },
    required: [stage.method],
    additionalProperties: false,
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Pipeline of dspx-rs',
    description:
      'A pipeline that createDspPipeline.from() and "npx dspx-rs run" read and toJSON() writes: a list of stages, or an object with one.',
    anyOf: [{ $ref: '#/definitions/stages' }, { $ref: '#/definitions/pipeline' }],
    definitions: {
      pipeline: {
        type: 'object',
        properties: {
          $schema: { description: 'The URL or path of this schema, for editors.', type: 'string' },
          sampleRate: { description: 'Frames per second (Hz) at the input.', type: 'number', exclusiveMinimum: 0 },
          channels: { description: 'Interleaved channels, for the command line.', type: 'integer', minimum: 1 },
          design: { description: 'Which numbers the filter designs give.', enum: ['standard', 'dspx'] },
          stages: { $ref: '#/definitions/stages' },
        },
        required: ['stages'],
      },
      stages: { description: 'The stages, in order.', type: 'array', items: { $ref: '#/definitions/stage' } },
      stage: {
        description: 'The method of a stage alone, or an object with its parameters.',
        anyOf: [{ enum: stages.filter(needsNothing).map(({ method }) => method) }, ...stages.map(entry)],
      },
      ...Object.fromEntries(stages.map((stage) => [stage.method, stageSchema(stage)])),
    },
  };
}
