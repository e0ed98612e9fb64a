const fc = require('fast-check');
const {
  JSONFormatter, Logger, SEVERITY_MAPPINGS, TextFormatter, createConsoleHandler, createMockHandler, withTracingContext,
} = require('../../lib/logger/index.js');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

afterEach(() => jest.restoreAllMocks());

describe('Logger', () => {
  test('passes an entry with everything in it', async () => {
    const { handler, getLogs } = createMockHandler();
    const context = { n: 1 };
    const before = Date.now();
    const ids = { traceId: 't', spanId: 's', correlationId: 'c' };
    await withTracingContext(ids, () => new Logger([handler]).warn('careful', 'a.b', context));
    const [log] = getLogs();
    expect(log).toEqual({
      level: 'warn',
      message: 'careful',
      topic: 'a.b',
      context,
      timestamp: expect.any(Number),
      ...ids,
    });
    expect(log.context).toBe(context);
    expect(log.timestamp).toBeGreaterThanOrEqual(before);
  });

  test('handlers get the formatted and the unformatted entry', async () => {
    const handler = jest.fn();
    await new Logger([handler], { formatter: new TextFormatter() }).info('hello');
    const [text, raw] = handler.mock.calls[0];
    expect(text).toMatch(/ INFO {2}\[default\] hello$/);
    expect(raw).toMatchObject({ level: 'info', message: 'hello', topic: 'default' });
  });

  test('starts all handlers in order, at once, and waits for all', async () => {
    const events = [];
    const slow = (name, ms) => async () => {
      events.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      events.push(`${name} ends`);
    };
    const done = new Logger([slow('a', 60), slow('b', 5), () => events.push('c')]).info('x');
    expect(events).toEqual(['a starts', 'b starts', 'c']);
    await done;
    expect(events).toEqual(['a starts', 'b starts', 'c', 'b ends', 'a ends']);
  });

  test('a failing handler is counted, reported to the fallback, and stops nobody', async () => {
    const fallbackHandler = jest.fn();
    const { handler, getLogs } = createMockHandler();
    const rejects = async () => { throw new RangeError('no'); };
    const logger = new Logger([rejects, () => { throw 'text'; }, handler], { fallbackHandler, enableMetrics: true });
    await logger.info('m', 't');
    expect(getLogs()).toHaveLength(1);
    const [original] = getLogs();
    expect(fallbackHandler.mock.calls.map(([log]) => log)).toEqual(
      expect.arrayContaining([
        {
          level: 'error',
          topic: 'logger.handler.error',
          message: 'Handler error: no',
          context: { originalLog: original, error: { name: 'RangeError', message: 'no', stack: expect.any(String) } },
          timestamp: expect.any(Number),
        },
        expect.objectContaining({ message: 'Handler error: text', context: { originalLog: original, error: 'text' } }),
      ]),
    );
    expect(logger.getMetrics()).toMatchObject({ logsProcessed: 1, logsFailed: 2 });
    expect(Object.fromEntries(logger.getMetrics().handlerErrors)).toEqual({ rejects: 1, anonymous: 1 });
  });

  test.each([
    ['throws', () => { throw new Error('worse'); }],
    ['rejects', async () => { throw new Error('worse'); }],
  ])('a fallback that %s is printed and swallowed', async (_how, fallbackHandler) => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {});
    await new Logger([() => { throw new Error('bad'); }], { fallbackHandler }).info('m');
    await new Promise(setImmediate);
    expect(error).toHaveBeenCalledTimes(1);
    expect(error.mock.calls[0][1].message).toBe('worse');
  });

  test('a throwing formatter counts as a failing handler', async () => {
    const fallbackHandler = jest.fn();
    const handler = jest.fn();
    const formatter = { format() { throw new Error('cannot'); } };
    const logger = new Logger([handler], { fallbackHandler, formatter, enableMetrics: true });
    await logger.info('m');
    expect(handler).not.toHaveBeenCalled();
    expect(fallbackHandler).toHaveBeenCalledTimes(1);
    expect(logger.getMetrics()).toMatchObject({ logsProcessed: 1, logsFailed: 1 });
  });

  test('minLevel drops what is lower, for every pair of levels', async () => {
    for (const [rank, minLevel] of LEVELS.entries()) {
      const { handler, getLogs } = createMockHandler();
      const logger = new Logger([handler], { minLevel });
      for (const level of LEVELS) await logger[level](level);
      expect(getLogs().map((log) => log.level)).toEqual(LEVELS.slice(rank));
    }
  });

  test('unknown levels: TypeError when set, counted when logged', async () => {
    expect(() => new Logger([], { minLevel: 'loud' })).toThrow(TypeError);
    const { handler, getLogs } = createMockHandler();
    const logger = new Logger([handler], { enableMetrics: true });
    expect(() => logger.setMinLevel('LOUD')).toThrow(/level/i);
    expect(logger.getMinLevel()).toBe('trace');
    await logger.log('loud', 'm');
    expect(getLogs()).toEqual([]);
    expect(logger.getMetrics()).toMatchObject({ logsProcessed: 0, logsFailed: 1 });
  });

  test('sampling compares with Math.random per level', async () => {
    const { handler, getLogs } = createMockHandler();
    const logger = new Logger([handler], { sampling: { debug: 0.5, info: 0 }, enableMetrics: true });
    const random = jest.spyOn(Math, 'random');
    for (const value of [0.49, 0.5, 0.1]) {
      random.mockReturnValue(value);
      await logger.debug(`${value}`);
      await logger.info('never');
    }
    await logger.warn('always');
    expect(getLogs().map((log) => log.message)).toEqual(['0.49', '0.1', 'always']);
    expect(logger.getMetrics().logsProcessed).toBe(3);
  });

  test.each([
    ['handlers', () => new Logger('x')],
    ['handlers\\[1\\]', () => new Logger([() => {}, null])],
    ['sampling.debug', () => new Logger([], { sampling: { debug: 'half' } })],
  ])('refuses bad %s', (text, create) => {
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new RegExp(text));
  });

  test('the level methods go through log', async () => {
    const logger = new Logger([]);
    logger.log = jest.fn();
    await logger.fatal('m', 't', 1);
    expect(logger.log.mock.calls).toEqual([['fatal', 'm', 't', 1]]);
  });

  test('nested children add up their prefixes and count in the root; settings are copies', async () => {
    const { handler, getLogs } = createMockHandler();
    const root = new Logger([handler], { enableMetrics: true, minLevel: 'info' });
    const child = root.child('x').child('y');
    root.setMinLevel('fatal');
    await child.info('a', 'topic');
    await child.info('b');
    await child.debug('filtered');
    expect(getLogs().map((log) => log.topic)).toEqual(['x.y.topic', 'x.y.default']);
    expect(root.getMetrics().logsProcessed).toBe(2);
    expect(child.getMinLevel()).toBe('info');
  });

  test('getMetrics is a copy; handlers’ own counters are added up, once per handler', async () => {
    const handler = Object.assign(() => {}, { metrics: () => ({ totalRetries: 3, queueSize: 2, logsDropped: 1 }) });
    const broken = Object.assign(() => {}, { metrics() { throw new Error('no'); } });
    const logger = new Logger([handler, handler, broken], { enableMetrics: true });
    logger.incrementRetries();
    expect(logger.getMetrics()).toMatchObject({ totalRetries: 4, queueSize: 2, logsDropped: 1 });
    logger.getMetrics().handlerErrors.set('x', 1);
    expect(logger.getMetrics().handlerErrors.size).toBe(0);
    logger.resetMetrics();
    expect(logger.getMetrics()).toMatchObject({ totalRetries: 0, queueSize: 2, logsDropped: 0 });
    expect(new Logger([handler]).getMetrics()).toMatchObject({ totalRetries: 0, queueSize: 0 });
  });

  test('flushAll flushes all at once, prints errors, counts', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {});
    const flush = jest.fn(async () => {});
    const good = Object.assign(() => {}, { flush });
    const bad = Object.assign(function bad() {}, { flush: () => { throw new Error('stuck'); } });
    const logger = new Logger([bad, good, () => {}], { enableMetrics: true });
    await logger.flushAll();
    await logger.flushAll();
    expect(flush).toHaveBeenCalledTimes(2);
    expect(error).toHaveBeenCalledTimes(2);
    expect(error.mock.calls[0][0]).toMatch(/bad/);
    expect(logger.getMetrics().flushCount).toBe(2);
    expect(logger.getMetrics().averageFlushTimeMs).toBeGreaterThanOrEqual(0);
  });
});

describe('TextFormatter', () => {
  const format = (log) => new TextFormatter().format(log);
  const at = { level: 'info', message: 'm', topic: 't', timestamp: 1_700_000_000_000 };

  test.each([
    [{ ...at, context: { big: 1n } }, /^\[2023-11-14T22:13:20\.000Z\] INFO {2}\[t\] m\n {2}Context: \{"big":"1"\}$/],
    [{ ...at, topic: '', traceId: 'abc' }, /INFO {2}\[default\] \[trace:abc\] m$/],
    [{ ...at, timestamp: NaN }, /^\[invalid time\]/],
  ])('%#', (log, text) => expect(format(log)).toMatch(text));

  test('never throws, and the message is always in it', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.double(),
        fc.object({ withBigInt: true }),
        (message, topic, timestamp, context) => {
          const printable = JSON.stringify(message).length === message.length + 2;
          const text = format({ level: 'warn', message, topic, timestamp, context });
          if (printable) expect(text).toContain(` ${message}`);
          expect(text.split('\n').length).toBe(Object.keys(context).length > 0 ? 2 : 1);
        },
      ),
    );
  });

  test('JSONFormatter returns the very same object', () => {
    expect(new JSONFormatter().format(at)).toBe(at);
  });
});

test('SEVERITY_MAPPINGS name every level', () => {
  for (const map of Object.values(SEVERITY_MAPPINGS)) expect(Object.keys(map)).toEqual(LEVELS);
});

const FORGED = 'ok\n[2023-11-14T22:13:20.000Z] ERROR [auth] root logged in\x1b[2J\u009b31m\u202e\r';
const ESCAPED = 'ok\\n[2023-11-14T22:13:20.000Z] ERROR [auth] root logged in\\x1b[2J\\x9b31m\\u202e\\r';

test('no text of a log can look like another log, or command a terminal', () => {
  const context = { a: FORGED, [FORGED]: 1 };
  const texts = { level: 'info', message: FORGED, topic: FORGED, traceId: '\x1b[0m\n', context };
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  createConsoleHandler()({ ...texts, timestamp: 0 });
  createConsoleHandler()({ ...texts, timestamp: 0, context: FORGED });
  const { format } = require('node:util');
  const colours = /\x1b\[(32|0)m/g;
  const printed = log.mock.calls.map((call) => format(...call).replace(colours, ''));
  expect(printed).toHaveLength(4);
  for (const line of [...printed, ...new TextFormatter().format({ ...texts, timestamp: 0 }).split('\n')]) {
    expect(line).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/);
    expect(line).not.toMatch(/^\[2023/m);
  }
  expect(printed[0]).toBe(`[1970-01-01T00:00:00.000Z] [INFO] [${ESCAPED}] [trace:\\x1b[0m\\n] ${ESCAPED}`);
});

describe('console handler', () => {
  test.each([
    ['trace', '90'], ['debug', '36'], ['info', '32'], ['warn', '33'], ['error', '31'], ['fatal', '35;1'],
  ])('%s in its colour', (level, colour) => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => {});
    const context = { a: 1 };
    const entry = { level, message: 'm', timestamp: 0, traceId: '123456789', context };
    createConsoleHandler()(entry);
    expect(log.mock.calls).toEqual([
      [`\x1b[${colour}m[1970-01-01T00:00:00.000Z] [${level.toUpperCase()}] [unknown] [trace:12345678]\x1b[0m m`],
      [`\x1b[${colour}m  Context:\x1b[0m`, context],
    ]);
    expect(log.mock.calls[1][1]).toBe(context);
  });

  test('prints a string as it is; has a name', () => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => {});
    createConsoleHandler()('ready', { level: 'info', message: 'raw', timestamp: 0 });
    expect(log.mock.calls).toEqual([['ready']]);
    expect(createConsoleHandler().name).toBe('consoleHandler');
  });
});

test('mock handler: getLogs is a copy, clear returns what it removed', () => {
  const { handler, getLogs, clear } = createMockHandler();
  handler('a');
  getLogs().push('b');
  expect(getLogs()).toEqual(['a']);
  expect(clear()).toEqual(['a']);
  expect(getLogs()).toEqual([]);
});
