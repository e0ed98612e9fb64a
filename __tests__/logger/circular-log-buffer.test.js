const fc = require('fast-check');
const { CircularLogBuffer } = require('../../lib/logger/circular-log-buffer.js');

test('keeps the newest entries, oldest first, as the same objects', () => {
  const buffer = new CircularLogBuffer(3);
  const entries = [1, 2, 3, 4, 5].map((n) => ({ n }));
  for (const entry of entries) buffer.push(entry);
  expect(buffer.size()).toBe(3);
  const flushed = buffer.flush();
  expect(flushed.map(({ n }) => n)).toEqual([3, 4, 5]);
  expect(flushed[0]).toBe(entries[2]);
  expect(buffer.flush()).toEqual([]);
  expect(buffer.hasEntries()).toBe(false);
});

test('holds 32 entries by default', () => {
  const buffer = new CircularLogBuffer();
  for (let i = 0; i < 40; i++) buffer.push(i);
  expect(buffer.flush()).toEqual(Array.from({ length: 32 }, (_, i) => i + 8));
});

test('a large capacity costs nothing until it is used', () => {
  const buffer = new CircularLogBuffer(Number.MAX_SAFE_INTEGER);
  buffer.push('x');
  expect(buffer.flush()).toEqual(['x']);
});

test.each([0, -1, 2.5, NaN, Infinity, '32', null, {}])('refuses the capacity %p', (capacity) => {
  expect(() => new CircularLogBuffer(capacity)).toThrow(RangeError);
  expect(() => new CircularLogBuffer(capacity)).toThrow(/capacity/i);
});

test('behaves like the tail of a list, in any sequence of calls', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ call: fc.constant('push'), value: fc.anything() }) },
    fc.constant({ call: 'flush' }),
    fc.constant({ call: 'clear' }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const buffer = new CircularLogBuffer(capacity);
      let model = [];
      for (const { call, value } of steps) {
        if (call === 'push') {
          buffer.push(value);
          model = [...model, value].slice(-capacity);
        } else {
          const flushed = buffer[call]();
          if (call === 'flush') {
            expect(flushed.length).toBe(model.length);
            flushed.forEach((entry, i) => expect(Object.is(entry, model[i])).toBe(true));
          }
          model = [];
        }
        expect(buffer.size()).toBe(model.length);
        expect(buffer.hasEntries()).toBe(model.length > 0);
      }
    }),
  );
});
