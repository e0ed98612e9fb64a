const { Logger, TextFormatter, createLokiHandler: create } = require('../../lib/logger/index.js');
const { deadAddress, entry, startBackend } = require('./support/backend-server.js');

let backend;
let handlers = [];
/** No timer runs into another test unless a test asks for one. */
const createLokiHandler = (config) => {
  const handler = create({ flushInterval: 60_000, ...config });
  handlers.push(handler);
  return handler;
};

let errors;
const start = async (...answers) => {
  backend = await startBackend(...answers);
  return backend;
};
beforeEach(() => {
  errors = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(async () => {
  await backend?.stop();
  backend = undefined;
  // A handler that still has logs would go on trying, and report it after the last test. With no server it cannot send
  // them.
  await Promise.allSettled(handlers.map((handler) => handler.close()));
  handlers = [];
  jest.restoreAllMocks();
});

const lines = (request) => request.json().streams.flatMap(({ values }) => values.map(([, line]) => line));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test('pushes one stream per set of labels, in time order, the context as structured metadata', async () => {
  const { url, requests } = await start(204);
  const handler = createLokiHandler({
    endpoint: url, apiKey: 'KEY', headers: { 'X-Scope-OrgID': 'tenant', authorization: 'Basic mine' },
  });
  const at = 1_700_000_000_000;
  handler(entry({ message: 'second', timestamp: at + 2, context: { n: 1.5, o: { k: 1 }, gone: undefined, no: null } }));
  handler(entry({ message: 'first', timestamp: at + 1, traceId: 't', spanId: 's', correlationId: 'c' }));
  handler(entry({ message: 'other', level: 'info', topic: '', timestamp: at / 1000 }));
  await handler.flush();
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({ method: 'POST', url: '/loki/api/v1/push' });
  expect(requests[0].headers).toMatchObject({
    'content-type': 'application/json', authorization: 'Bearer KEY', 'x-scope-orgid': 'tenant',
  });
  const common = { job: 'dsp-pipeline', schema: 'dspx/log/v1' };
  expect(requests[0].json()).toEqual({
    streams: [
      {
        stream: { ...common, level: 'error', topic: 'pipeline.error' },
        values: [
          ['1700000000001000000', 'first', { traceId: 't', spanId: 's', correlationId: 'c' }],
          ['1700000000002000000', 'second', { n: '1.5', o: '{"k":1}', no: 'null' }],
        ],
      },
      { stream: { ...common, level: 'info', topic: 'unknown' }, values: [['1700000000000000000', 'other']] },
    ],
  });
});

test('config.headers carry the authorization when there is no apiKey', async () => {
  const { url, requests } = await start(204);
  const handler = createLokiHandler({ endpoint: url, headers: { authorization: 'Basic mine' } });
  handler(entry());
  await handler.flush();
  expect(requests[0].headers.authorization).toBe('Basic mine');
});

test('the call that fills the batch waits for its flush; the others do not', async () => {
  const { url, requests } = await start(204);
  const handler = createLokiHandler({ endpoint: url, batchSize: 3 });
  await handler(entry({ message: 'a' }));
  await handler(entry({ message: 'b' }));
  expect(requests).toHaveLength(0);
  expect(handler.metrics().queueSize).toBe(2);
  await handler(entry({ message: 'c' }));
  expect(lines(requests[0])).toEqual(['a', 'b', 'c']);
  expect(handler.metrics()).toEqual({ totalRetries: 0, queueSize: 0, logsDropped: 0 });
});

test('a timer flushes what does not fill a batch; an empty buffer sends nothing', async () => {
  const { url, requests, received } = await start(204);
  const handler = createLokiHandler({ endpoint: url, flushInterval: 20 });
  await handler.flush();
  await handler(entry({ message: 'a' }));
  await received(1);
  expect(lines(requests[0])).toEqual(['a']);
});

test('a failed batch stays, in front, and goes with the next; its call resolves, the user’s flush rejects', async () => {
  const { url, requests, answerWith } = await start(404);
  const handler = createLokiHandler({ endpoint: url, batchSize: 2, circuitBreaker: false });
  await handler(entry({ message: 'a' }));
  await handler(entry({ message: 'b' }));
  expect(errors.mock.calls[0][0]).toMatch(/^Loki handler error/);
  await expect(handler.flush()).rejects.toThrow('HTTP 404');
  expect(handler.metrics().queueSize).toBe(2);
  answerWith(204);
  await handler(entry({ message: 'c' }));
  expect(lines(requests.at(-1))).toEqual(['a', 'b', 'c']);
  await handler.close();
});

test('after a failure the timer tries again by itself', async () => {
  const { url, requests, received } = await start(404, 204);
  const handler = createLokiHandler({ endpoint: url, flushInterval: 20 });
  await handler(entry({ message: 'a' }));
  await received(2);
  await handler.flush();
  expect(lines(requests[1])).toEqual(['a']);
  expect(handler.metrics().queueSize).toBe(0);
});

test('close flushes; what it cannot send is told to its caller, and no timer is left', async () => {
  const { url, requests } = await start(404);
  const handler = createLokiHandler({ endpoint: url, flushInterval: 20 });
  handler(entry());
  await expect(handler.close()).rejects.toThrow('HTTP 404');
  const sent = requests.length;
  await pause(60);
  expect(requests).toHaveLength(sent);
});

test('keeps maxBuffered logs, drops and counts the oldest', async () => {
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  const { url, requests, answerWith } = await start(404);
  const handler = createLokiHandler({ endpoint: url, maxBuffered: 3, circuitBreaker: false });
  for (const message of ['a', 'b', 'c', 'd']) await handler(entry({ message }));
  await expect(handler.flush()).rejects.toThrow();
  await handler(entry({ message: 'e' }));
  expect(handler.metrics()).toMatchObject({ queueSize: 3, logsDropped: 2 });
  answerWith(204);
  await handler.flush();
  expect(lines(requests.at(-1))).toEqual(['c', 'd', 'e']);
});

test('one flush at a time: a second call waits for it and for what came after', async () => {
  let open;
  const gate = new Promise((resolve) => { open = resolve; });
  const { url, requests, received } = await start({ status: 204, after: gate });
  const handler = createLokiHandler({ endpoint: url });
  handler(entry({ message: 'a' }));
  const first = handler.flush();
  await received(1);
  handler(entry({ message: 'b' }));
  const second = handler.flush();
  const third = handler.flush();
  await pause(20);
  expect(requests).toHaveLength(1);
  open();
  await Promise.all([first, second, third]);
  expect(requests.map(lines)).toEqual([['a'], ['b']]);
});

test('a Loki without structured metadata gets the context in the line from then on', async () => {
  const { url, requests } = await start(
    { status: 400, body: 'stream includes structured metadata, but this feature is disallowed' }, 204,
  );
  const handler = createLokiHandler({ endpoint: url });
  for (const message of ['a', 'b']) {
    handler(entry({ message, context: { n: 1, deep: [2] } }));
    await handler.flush();
  }
  expect(requests).toHaveLength(3);
  expect(requests[0].json().streams[0].values[0]).toHaveLength(3);
  expect(lines(requests[1])).toEqual(['a {"n":1,"deep":[2]}']);
  expect(lines(requests[2])).toEqual(['b {"n":1,"deep":[2]}']);
});

/** A Loki that takes everything but lines that contain "bad". */
const startPicky = () => {
  const picky = ({ body }) => (body.includes('bad') ? { status: 400, body: 'entry too far behind' } : 204);
  return start(picky);
};
const accepted = () =>
  backend.requests.filter(({ body }) => !body.includes('bad')).flatMap(lines);

test('a log that Loki refuses goes, the others arrive, in one flush, and it is counted once', async () => {
  const { url, requests } = await startPicky();
  const handler = createLokiHandler({ endpoint: url });
  const messages = Array.from({ length: 52 }, (_, i) => (i === 17 ? 'bad' : `m${i}`));
  for (const message of messages) handler(entry({ message }));
  await expect(handler.flush()).rejects.toThrow('Loki: HTTP 400 - Bad Request; 1 of 52 logs are dropped');
  expect(accepted().sort()).toEqual(messages.filter((m) => m !== 'bad').sort());
  expect(handler.metrics()).toEqual({ totalRetries: 0, queueSize: 0, logsDropped: 1 });
  expect(handler.getCircuitBreakerStats()).toMatchObject({ state: 'closed', failureCount: 0 });
  const sent = requests.length;
  handler(entry({ message: 'next' }));
  await handler.flush();
  expect(requests.slice(sent).map(lines)).toEqual([['next']]);
});

test.each([400, 413, 422])('nothing but refusals (%d) end the queue, in few requests', async (status) => {
  const { url, requests } = await start(status);
  const handler = createLokiHandler({ endpoint: url, batchSize: 10_000 });
  for (let i = 0; i < 1000; i++) handler(entry({ message: `${i}` }));
  await expect(handler.flush()).rejects.toThrow(`HTTP ${status}`);
  expect(handler.metrics()).toMatchObject({ queueSize: 0, logsDropped: 1000 });
  expect(requests.length).toBeLessThanOrEqual(2 * 64 + 1);
});

test('a failure while a refused batch is divided keeps what was not sent, and only that', async () => {
  const { url, requests, answerWith } = await start(400, 204, 404);
  const handler = createLokiHandler({ endpoint: url });
  for (const message of ['a', 'b', 'c', 'd']) handler(entry({ message }));
  await expect(handler.flush()).rejects.toThrow('HTTP 404');
  expect(handler.metrics()).toMatchObject({ queueSize: 2, logsDropped: 0 });
  answerWith(204);
  await handler.flush();
  expect(requests.map(lines).slice(1)).toEqual([['a', 'b'], ['c', 'd'], ['c', 'd']]);
});

test('while the circuit is open logs stay; the first after the time-out is the probe', async () => {
  const debug = jest.spyOn(console, 'debug').mockImplementation(() => {});
  const { url, requests, answerWith } = await start(404);
  const circuitBreaker = {
    failureThreshold: 1, successThreshold: 1, timeout: 60_000, volumeThreshold: 1, errorPercentageThreshold: 101,
  };
  const handler = createLokiHandler({ endpoint: url, batchSize: 1, circuitBreaker });
  await handler(entry({ message: 'a' }));
  await handler(entry({ message: 'b' }));
  expect(requests).toHaveLength(1);
  expect(debug.mock.calls.flat().some((text) => /Loki.*Circuit OPEN/.test(text))).toBe(true);
  expect(handler.metrics()).toMatchObject({ queueSize: 2, logsDropped: 0 });
  await expect(handler.flush()).rejects.toThrow(/Circuit OPEN.*failing fast/);

  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now + 61_000);
  answerWith(204);
  await handler(entry({ message: 'c' }));
  expect(lines(requests[1])).toEqual(['a', 'b', 'c']);
  expect(handler.getCircuitBreakerStats().state).toBe('closed');
});

test.each([401, 403])('explains status %d', async (status) => {
  const { url } = await start(status);
  const handler = createLokiHandler({ endpoint: url });
  handler(entry());
  await expect(handler.flush()).rejects.toThrow(/Loki authentication failed.*X-Scope-OrgID/);
});

test('a large backlog goes back and out again', async () => {
  const { url, requests, answerWith } = await start(404);
  const handler = createLokiHandler({ endpoint: url, maxBuffered: 200_000, batchSize: 1e9 });
  for (let i = 0; i < 150_000; i++) handler(entry({ message: `${i}` }));
  await expect(handler.flush()).rejects.toThrow();
  answerWith(204);
  await handler.flush();
  expect(lines(requests.at(-1))).toHaveLength(150_000);
});

test('a logger’s flushAll sends what is buffered, prints a failure and never rejects', async () => {
  const { url, requests, answerWith } = await start(204);
  const logger = new Logger([createLokiHandler({ endpoint: url })], { formatter: new TextFormatter() });
  await logger.info('hello', 'a.b');
  await logger.flushAll();
  expect(lines(requests[0])[0]).toMatch(/^\[.*\] INFO {2}\[a\.b\] hello$/);
  answerWith(404);
  await logger.info('again', 'a.b');
  await logger.flushAll();
  expect(errors).toHaveBeenCalledWith(expect.stringMatching(/lokiHandler/), expect.any(Error));
});

test('nobody listening is an error of the flush, not of the log call', async () => {
  const handler = createLokiHandler({ endpoint: await deadAddress() });
  await handler(entry());
  await expect(handler.flush()).rejects.toThrow('ECONNREFUSED');
});

test.each([[{ batchSize: -1 }], [{ flushInterval: 'x' }], [{ batchSize: NaN, flushInterval: -5 }]])(
  'refuses %p',
  (config) => {
    expect(() => createLokiHandler({ endpoint: 'http://x', ...config })).toThrow(RangeError);
  },
);

test('without an endpoint it warns and drops', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const handler = create();
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/Loki.*endpoint not configured/)]]);
  await handler(entry());
  await handler.flush();
  expect(handler.metrics()).toMatchObject({ queueSize: 0, logsDropped: 1 });
});
