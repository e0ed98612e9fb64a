const fc = require('fast-check');
const { compileTopicFilter } = require('../../lib/logger/topic-filter.js');

const passes = (patterns, topic) => compileTopicFilter(patterns)(topic);

test.each([
  ['pipeline.*', 'pipeline.info', true],
  ['pipeline.*', 'pipeline.stage.rms.error', false],
  ['pipeline.*', 'pipeline.', false],
  ['pipeline.*', 'pipeline', false],
  ['pipeline.*.error', 'pipeline.x.error', true],
  ['pipeline.*.error', 'pipeline.stage.rms.error', false],
  ['pipeline.in*', 'pipeline.info', true],
  ['pipeline.in*', 'pipeline.in', false],
  ['*', 'pipeline.info', false],
  ['*', 'alone', true],
  ['a*b*c', 'aXbbXc', true],
  ['a*b*c', 'abc', false],
  ['pipeline.info', 'pipeline.info', true],
  ['pipeline.info', 'pipelineXinfo', false],
  ['info', 'pipeline.info', false],
  ['[', '[', true],
  ['(a+)+$', 'aa', false],
  ['**', 'any.topic.at.all', true],
  ['pipeline.**.error', 'pipeline.stage.rms.error', true],
  ['pipeline.**.error', 'pipeline.error', true],
  ['pipeline.**.error', 'pipeline.stage.rms.errors', false],
  ['pipeline.**', 'pipeline.stage.rms.error', true],
  ['pipeline.**', 'pipelines.info', false],
  ['**.rms.**', 'pipeline.stage.rms.error', true],
])('%p on %p: %p', (pattern, topic, expected) => {
  expect(passes(pattern, topic)).toBe(expected);
});

test('one match of a list is enough; absent or empty passes all, an empty list nothing', () => {
  expect(passes(['a.*', 'b.*'], 'b.x')).toBe(true);
  expect(passes(['a.*', 'b.*'], 'c.x')).toBe(false);
  for (const all of [undefined, null, '']) expect(passes(all, 'any')).toBe(true);
  expect(passes([], 'any')).toBe(false);
});

test.each([[5], [[1]], [{}], [['a', undefined]], [true]])('refuses %p', (patterns) => {
  expect(() => compileTopicFilter(patterns)).toThrow(TypeError);
  expect(() => compileTopicFilter(patterns)).toThrow(/topicFilter/);
});

test('agrees with the regular expression that says the same', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '.', '*'), { maxLength: 10 }).map((list) => list.join(''));
  fc.assert(
    fc.property(text, text.map((topic) => topic.replaceAll('*', '')), (pattern, topic) => {
      fc.pre(pattern !== '' && !pattern.includes('**'));
      const regex = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`);
      expect(passes(pattern, topic)).toBe(regex.test(topic));
    }),
    { numRuns: 1000 },
  );
});

test('a pattern made to explode is answered at once', () => {
  const topic = 'a'.repeat(5000);
  expect(passes(`${'*a'.repeat(200)}b`, topic)).toBe(false);
  expect(passes(`${'**.a.'.repeat(50)}b`, 'a.'.repeat(2000))).toBe(false);
});
