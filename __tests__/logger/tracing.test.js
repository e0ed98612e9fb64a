const fc = require('fast-check');
const {
  generateTraceparent,
  getTracingContext,
  tracingContext,
  withTracingContext,
} = require('../../lib/logger/index.js');
const { parseTraceparent } = require('../../lib/telemetry/tracing.js');

test('the context follows a promise; concurrent ones do not mix', async () => {
  const run = (traceId) =>
    withTracingContext({ traceId }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return getTracingContext().traceId;
    });
  expect(await Promise.all(['a', 'b', 'c'].map(run))).toEqual(['a', 'b', 'c']);
  expect(getTracingContext()).toEqual({});
  expect(tracingContext.getStore()).toBeUndefined();
});

test('a nested context replaces the outer one whole; a throw passes through', () => {
  withTracingContext({ traceId: 'outer', spanId: 's' }, () => {
    withTracingContext({ traceId: 'inner' }, () => expect(getTracingContext()).toEqual({ traceId: 'inner' }));
    expect(getTracingContext().spanId).toBe('s');
  });
  expect(() => withTracingContext({}, () => { throw new RangeError('x'); })).toThrow(RangeError);
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test.each([
  [TRACE, SPAN, `00-${TRACE}-${SPAN}-01`],
  [TRACE.toUpperCase(), SPAN.toUpperCase(), `00-${TRACE}-${SPAN}-01`],
  ['0'.repeat(32), SPAN, undefined],
  [TRACE, '0'.repeat(16), undefined],
  [TRACE.slice(1), SPAN, undefined],
  [TRACE, `${SPAN}0`, undefined],
  ['trace-12345', 'span-67890', undefined],
  [`${TRACE.slice(1)}g`, SPAN, undefined],
  [{ length: 32 }, SPAN, undefined],
])('generateTraceparent(%p, %p)', (traceId, spanId, expected) => {
  expect(generateTraceparent(traceId, spanId)).toBe(expected);
});

test('parseTraceparent reads what generateTraceparent writes', () => {
  const hex = (digits) =>
    fc.bigInt({ min: 1n, max: 16n ** BigInt(digits) - 1n }).map((n) => n.toString(16).padStart(digits, '0'));
  fc.assert(
    fc.property(hex(32), hex(16), (traceId, spanId) => {
      expect(parseTraceparent(generateTraceparent(traceId, spanId))).toEqual({ traceId, spanId, sampled: true });
    }),
  );
});

test.each([
  [undefined], [''], [`01-${TRACE}-${SPAN}-01`], [`00-${TRACE}-${SPAN}`], [`00-${'0'.repeat(32)}-${SPAN}-01`],
  [`00-${TRACE}-${'0'.repeat(16)}-01`], [`00-${TRACE.toUpperCase()}-${SPAN}-01`], [`00-${TRACE}-${SPAN}-01-x`],
])('parseTraceparent(%p) is nothing', (header) => expect(parseTraceparent(header)).toBeUndefined());
