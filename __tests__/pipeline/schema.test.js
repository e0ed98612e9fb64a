const Ajv = require('ajv');
const { createDspPipeline } = require('../..');
const native = require('../../lib/native/addon.js');
const schema = require('dspx-rs/pipeline.schema.json');

const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);
const accepts = (definition) => validate(definition);

test('the schema describes every stage that there is', () => {
  const { stage, stages, pipeline, ...described } = schema.definitions;
  expect(Object.keys(described)).toEqual(native.stages().map(({ method }) => method));
  expect([stage, stages, pipeline].every(Boolean)).toBe(true);
});

const bank = [{ b: [1, 0.5], a: [-0.2] }];
const low = { mode: 'lowpass', cutoffFrequency: 40, sampleRate: 360 };

test.each([
  ['a list', ['Rectify', { Amplify: { gain: 2, id: 'louder' } }]],
  ['an object', { $schema: 'x', sampleRate: 360, channels: 2, design: 'dspx', stages: [{ Square: {} }] }],
  [
    'a filter',
    [
      { filter: { ...low, type: 'butterworth', order: 4, initial: 'steady' } },
      { filter: { ...low, type: 'fir', order: 31 } },
    ],
  ],
  [
    'another name of an option',
    [{ filter: { type: 'biquad', mode: 'notch', centerFrequency: 50, sampleRate: 360, Q: 30 } }],
  ],
  ['lists', [{ FilterBank: { definitions: bank, inputChannels: 1 } }, { convolution: { kernel: [0.5, 0.5] } }]],
])('%s is valid, and is a pipeline whose JSON is valid', (_what, definition) => {
  expect([accepts(definition), validate.errors]).toEqual([true, null]);
  const pipeline = createDspPipeline.from(definition);
  expect([accepts(JSON.parse(JSON.stringify(pipeline))), validate.errors]).toEqual([true, null]);
});

test.each([
  ['a stage that does not exist', ['Rectifi']],
  ['a stage that needs parameters, alone', ['MovingAverage']],
  ['two stages in one', [{ Rectify: {}, Square: {} }]],
  ['a number out of its range', [{ Amplify: { gain: 0 } }]],
  ['another text', [{ Rectify: { mode: 'quarter' } }]],
  ['a parameter that is missing', [{ filter: { type: 'fir', cutoffFrequency: 40, sampleRate: 360, order: 31 } }]],
  ['an empty id', [{ Rectify: { id: '' } }]],
  ['no stages', { sampleRate: 360 }],
])('%s is invalid, and is no pipeline', (_what, definition) => {
  expect(accepts(definition)).toBe(false);
  expect(() => createDspPipeline.from(definition)).toThrow();
});

test('a parameter that nobody reads is invalid', () => {
  expect(accepts([{ Amplify: { gain: 1, gian: 2 } }])).toBe(false);
});
