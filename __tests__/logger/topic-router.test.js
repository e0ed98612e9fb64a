const fc = require('fast-check');
const { TopicRouter, TopicRouterBuilder, createTopicRouter } = require('../../lib/logger/index.js');

const log = (topic, more) => ({ level: 'info', message: topic, topic, timestamp: 1, ...more });
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(() => jest.restoreAllMocks());

test('a route’s failure is printed and counted, the others go on', async () => {
  const error = jest.spyOn(console, 'error').mockImplementation(() => {});
  const good = jest.fn();
  const router = new TopicRouter()
    .addRoute('a', () => { throw new Error('sync'); }, 'broken')
    .addRoute(/a/, async () => { throw new Error('async'); })
    .addRoute('a', good);
  await router.route(log('a'));
  expect(good).toHaveBeenCalledWith(log('a'));
  expect(error.mock.calls.map(([text]) => text)).toEqual([
    'Topic router error in route broken:', 'Topic router error in route /a/:',
  ]);
  expect(router.getRoutes().map(({ metrics }) => metrics.errorCount)).toEqual([1, 1, 0]);
});

test('matching does not depend on what was matched before', async () => {
  const handler = jest.fn();
  const sticky = jest.fn();
  const router = new TopicRouter().addRoute(/pipe/g, handler).addRoute(/pipe/y, sticky);
  for (let i = 0; i < 4; i++) await router.route(log('pipeline'));
  await router.route(log('a.pipeline'));
  expect(handler).toHaveBeenCalledTimes(5);
  expect(sticky).toHaveBeenCalledTimes(4);
});

test('route resolves when slow handlers are done', async () => {
  const events = [];
  const router = new TopicRouter().addRoute('a', async () => {
    await later(20);
    events.push('handled');
  });
  await router.routeBatch([log('a'), log('a')]);
  expect(events).toHaveLength(2);
});

test('takes by pattern and priority, as stated', async () => {
  const topic = fc.constantFrom('pipeline.error', 'pipeline.info', 'other', '');
  const priority = fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(topic, priority, priority, priority, async (name, minPriority, maxPriority, own) => {
      const handler = jest.fn();
      const router = new TopicRouter().addRoute('^pipeline', handler, { minPriority, maxPriority });
      await router.route(log(name, { priority: own }));
      const takes =
        name.startsWith('pipeline') && (own ?? 1) >= (minPriority ?? 1) && (own ?? 1) <= (maxPriority ?? 10);
      expect(handler).toHaveBeenCalledTimes(takes ? 1 : 0);
    }),
  );
});

test('the concurrency limit holds strictly, first in, first out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 25 }),
      async (concurrency, waits) => {
        let running = 0;
        let most = 0;
        const order = [];
        const router = new TopicRouter();
        router.addRoute('a', async ({ message: i }) => {
          most = Math.max(most, ++running);
          order.push(i);
          for (let turn = 0; turn <= (waits[i] ?? 0); turn++) await null;
          running--;
          if (i === 0) router.route(log('a', { message: waits.length })); // a newcomer at the moment of a release
        }, { concurrency });
        await router.routeBatch(waits.map((_, i) => log('a', { message: i })));
        await later(0);
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(order).toEqual([...waits.keys(), waits.length]);
      },
    ),
    { numRuns: 60 },
  );
});

test('waiting entries are bounded, the oldest dropped and counted', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  let open;
  const gate = new Promise((resolve) => { open = resolve; });
  const seen = [];
  const router = new TopicRouter().addRoute('a', async ({ message }) => {
    await gate;
    seen.push(message);
  }, { concurrency: 1, trackMetrics: true });
  const all = router.routeBatch(Array.from({ length: 10_011 }, (_, i) => log('a', { message: i })));
  open();
  await all;
  expect(seen).toHaveLength(10_001);
  expect(seen.slice(0, 2)).toEqual([0, 11]);
  expect(router.getMetrics()[0]).toMatchObject({ executionCount: 10_001, dropped: 10 });
  expect(warn).toHaveBeenCalledTimes(1);
});

test('metrics: durations without the wait for a slot; reset', async () => {
  const router = new TopicRouter().addRoute('a', () => later(15), { trackMetrics: true, concurrency: 1, name: 'slow' });
  const before = Date.now();
  await router.routeBatch([log('a'), log('a'), log('a')]);
  const [metrics] = router.getMetrics();
  expect(metrics).toMatchObject({ name: 'slow', pattern: 'a', executionCount: 3, errorCount: 0 });
  expect(metrics.minDuration).toBeGreaterThan(10);
  expect(metrics.averageDuration).toBeCloseTo(metrics.totalDuration / 3, 9);
  expect(metrics.maxDuration).toBeLessThanOrEqual(metrics.totalDuration - 2 * metrics.minDuration + 1e-6);
  expect(metrics.lastExecuted).toBeGreaterThanOrEqual(before);
  router.resetMetrics();
  expect(router.getMetrics()[0]).toMatchObject({
    executionCount: 0, totalDuration: 0, averageDuration: 0, minDuration: 0, maxDuration: 0, lastExecuted: undefined,
  });
});

test('what is not an entry goes nowhere', async () => {
  const handler = jest.fn();
  const router = new TopicRouter().addRoute('.*', handler);
  for (const odd of [null, undefined, {}, { topic: 5 }, { topic: '' }]) await router.route(odd);
  expect(handler).not.toHaveBeenCalled();
});

test.each([
  ['(', () => {}, {}, SyntaxError, /regular expression/i],
  [5, () => {}, {}, TypeError, /pattern/],
  ['a', 'no', {}, TypeError, /handler/],
  ['a', () => {}, { concurrency: -1 }, RangeError, /concurrency/],
  ['a', () => {}, { concurrency: 1.5 }, RangeError, /concurrency/],
])('addRoute(%p, %p, %p) is refused', (pattern, handler, options, type, text) => {
  const add = () => new TopicRouter().addRoute(pattern, handler, options);
  expect(add).toThrow(expect.objectContaining({ name: type.name })); // the sandbox has a SyntaxError of its own
  expect(add).toThrow(text);
});

describe('builder', () => {
  test('keeps names with options, an options.name wins, stage names are literal', async () => {
    const hit = jest.fn();
    const options = { trackMetrics: true };
    const builder = createTopicRouter();
    expect(builder).toBeInstanceOf(TopicRouterBuilder);
    const router = builder
      .errors(hit, options).performance(hit, options).stage('a.b+c', hit, options).alerts(hit, options)
      .debug(hit, options).default(hit, options).custom('x', hit, { ...options, name: 'mine' })
      .errors(hit, { ...options, name: 'own' })
      .build();
    expect(builder.build()).toBe(router);
    expect(router.getMetrics().map(({ name }) => name)).toEqual([
      'errors', 'performance', 'stage-a.b+c', 'alerts', 'debug', 'default', 'mine', 'own',
    ]);
    await router.route(log('pipeline.stage.a.b+c.info'));
    await router.route(log('pipeline.stage.aXbbc.info'));
    const counts = Object.fromEntries(router.getMetrics().map(({ name, executionCount }) => [name, executionCount]));
    expect(counts).toMatchObject({ 'stage-a.b+c': 1, default: 2 });
  });
});
