const os = require('node:os');
const fc = require('fast-check');
const parsePrometheus = require('parse-prometheus-text-format');
const {
  Logger, TextFormatter, createCloudWatchHandler, createDatadogHandler, createLokiHandler, createPagerDutyHandler,
  createPrometheusHandler,
} = require('../../lib/logger/index.js');
const { deadAddress, entry, startBackend } = require('./support/backend-server.js');

const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', correlationId: 'c-1' };

let backend;
const start = async (...answers) => {
  backend = await startBackend(...answers);
  return backend;
};
afterEach(async () => {
  jest.restoreAllMocks();
  await backend?.stop();
  backend = undefined;
});

describe('PagerDuty', () => {
  test('posts a trigger event', async () => {
    const { url, requests } = await start(202);
    const handler = createPagerDutyHandler({
      endpoint: `${url}/v2/enqueue`, apiKey: 'R0UT1NG', headers: { 'x-team': 'dsp', 'content-type': 'application/x' },
    });
    await handler(entry({ level: 'fatal', context: { stage: 'rms', n: 1.5, gone: undefined }, ...TRACE }));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/v2/enqueue' });
    expect(requests[0].headers).toMatchObject({
      'x-team': 'dsp',
      'content-type': 'application/x',
      traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01`,
    });
    expect(requests[0].json()).toEqual({
      schema: 'dspx/log/v1',
      routing_key: 'R0UT1NG',
      event_action: 'trigger',
      payload: {
        summary: 'it broke',
        severity: 'critical',
        source: 'pipeline.error',
        timestamp: '2023-11-14T22:13:20.123Z',
        custom_details: { stage: 'rms', n: 1.5, ...TRACE },
      },
    });
  });

  test('leaves out what is absent, takes seconds as seconds', async () => {
    const { url, requests } = await start(202);
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k' });
    await handler({ level: 'odd', message: 'm', timestamp: 1_700_000_000, traceId: 'no', spanId: 'no' });
    expect(requests[0].headers).not.toHaveProperty('traceparent');
    expect(requests[0].headers['content-type']).toBe('application/json');
    expect(requests[0].json().payload).toEqual({
      summary: 'm',
      severity: 'warning',
      source: 'dsp-pipeline',
      timestamp: '2023-11-14T22:13:20.000Z',
      custom_details: { traceId: 'no', spanId: 'no' },
    });
  });

  test('a context that JSON cannot hold does not lose the log', async () => {
    const { url, requests } = await start(202);
    const cycle = {};
    cycle.self = cycle;
    await createPagerDutyHandler({ endpoint: url, apiKey: 'k' })(entry({ context: cycle }));
    expect(requests[0].json().payload.custom_details).toEqual({ self: '[Circular]' });
  });

  test('explains a wrong key, without retrying or showing it', async () => {
    const { url, requests } = await start(401);
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'SECRET' });
    await expect(handler(entry())).rejects.toThrow('PagerDuty authentication failed: Invalid routing_key');
    expect(requests).toHaveLength(1);
  });
});

describe('Prometheus', () => {
  const pushed = () => backend.requests.map(({ body }) => body);

  test('pushes one sample in the text format', async () => {
    const { url, requests } = await start(200);
    const handler = createPrometheusHandler({ endpoint: `${url}/` });
    await handler(
      entry({ topic: 'pipeline.stage.rms', context: { value: 0, channel: 3, path: 'a\\b"c\nd', o: { k: [1] } } }),
    );
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/metrics/job/dsp_pipeline' });
    expect(requests[0].headers['content-type']).toBe('text/plain');
    expect(pushed()).toEqual([
      'pipeline_stage_rms{channel="3",path="a\\\\b\\"c\\nd",o="{\\"k\\":[1]}",schema="dspx/log/v1"} 0\n',
    ]);
    expect(parsePrometheus(pushed()[0])).toEqual([
      {
        name: 'pipeline_stage_rms',
        help: '',
        type: 'UNTYPED',
        metrics: [
          { value: '0', labels: { channel: '3', path: 'a\\b"c\nd', o: '{"k":[1]}', schema: 'dspx/log/v1' } },
        ],
      },
    ]);
  });

  test('makes valid names, and a label set that never begins with a comma', async () => {
    const { url } = await start(200);
    const handler = createPrometheusHandler({ endpoint: url });
    await handler({ level: 'info', message: 'm', timestamp: 1 });
    await handler(
      entry({ topic: '3d-view:x', context: { 'a-b': 1, 'a.b': 2, '9x': 3, schema: 'mine', value: 'text' } }),
    );
    expect(pushed()).toEqual([
      'pipeline_metric{schema="dspx/log/v1"} 1\n',
      '_3d_view:x{a_b="1",a_b_="2",_9x="3",schema_="mine",schema="dspx/log/v1"} 1\n',
    ]);
    for (const text of pushed()) expect(parsePrometheus(text)).toHaveLength(1);
  });

  test.each([401, 403])('explains status %d', async (status) => {
    const { url } = await start(status);
    const failure = createPrometheusHandler({ endpoint: url })(entry());
    await expect(failure).rejects.toThrow(
      new RegExp(`Prometheus authentication failed \\(${status}\\).*config\\.headers`),
    );
  });

  test('says where it found nobody, without credentials', async () => {
    const url = await deadAddress();
    const handler = createPrometheusHandler({ endpoint: `${url}/gateway?token=SECRET` });
    const error = await handler(entry()).catch((e) => e);
    expect(error.message).toContain(`Prometheus Pushgateway unreachable at ${url}/gateway`);
    expect(error.message).not.toContain('SECRET');
    expect(handler.metrics().totalRetries).toBe(2);
  });
});

describe('CloudWatch', () => {
  test('posts PutLogEvents', async () => {
    const { url, requests } = await start(200);
    await createCloudWatchHandler({ endpoint: url, apiKey: 'AWS4 x' })(entry({ context: { a: 1 } }));
    expect(requests[0].headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.PutLogEvents',
      authorization: 'AWS4 x',
    });
    expect(requests[0].json()).toEqual({
      schema: 'dspx/log/v1',
      logGroupName: '/dsp-pipeline/logs',
      logStreamName: 'pipeline.error',
      logEvents: [{ message: '{"level":"error","message":"it broke","a":1}', timestamp: 1_700_000_000_123 }],
    });
  });

  test('explains a refusal', async () => {
    const { url } = await start(403);
    const failure = createCloudWatchHandler({ endpoint: url, apiKey: 'k' })(entry());
    await expect(failure).rejects.toThrow(
      /CloudWatch authentication failed.*HTTP 403 - Forbidden.*@aws-sdk\/client-cloudwatch-logs/,
    );
  });
});

describe('Datadog', () => {
  test('posts to the key’s intake; fixed fields win over the context', async () => {
    const { url, requests } = await start(200);
    const context = { message: 'mine', stage: 'rms', context: { kept: true } };
    await createDatadogHandler({ endpoint: url, apiKey: 'K E Y' })(entry({ level: 'fatal', context, ...TRACE }));
    expect(requests[0].url).toBe('/v1/input/K%20E%20Y');
    expect(requests[0].json()).toEqual({
      schema: 'dspx/log/v1',
      ddsource: 'dsp-pipeline',
      ddtags: 'topic:pipeline.error,level:fatal',
      hostname: os.hostname(),
      message: 'it broke',
      service: 'dsp-pipeline',
      status: 'emergency',
      timestamp: 1_700_000_000_123,
      dd: { trace_id: TRACE.traceId, span_id: TRACE.spanId },
      stage: 'rms',
      context: { kept: true, message: 'mine' },
    });
  });

  test('a log without topic and context', async () => {
    const { url, requests } = await start(200);
    await createDatadogHandler({ endpoint: url, apiKey: 'k' })({
      level: 'odd',
      message: 'm',
      timestamp: 1_700_000_000_123,
    });
    expect(requests[0].json()).toMatchObject({ ddtags: 'topic:default,level:odd', status: 'info', dd: {} });
  });

  test.each([401, 403])('explains status %d without showing the key', async (status) => {
    const { url } = await start(status);
    const error = await createDatadogHandler({ endpoint: url, apiKey: 'SECRET' })(entry()).catch((e) => e);
    expect(error.message).toMatch(new RegExp(`Datadog authentication failed: HTTP ${status} - `));
    expect(require('node:util').inspect(error, { depth: 9, showHidden: true })).not.toContain('SECRET');
  });

  test('a URL that is none fails once, without showing the key', async () => {
    const handler = createDatadogHandler({ endpoint: 'not a url', apiKey: 'SECRET' });
    const error = await handler(entry()).catch((e) => e);
    expect(error.message).toMatch(/endpoint is not a URL/);
    expect(require('node:util').inspect(error, { depth: 9, showHidden: true })).not.toContain('SECRET');
    expect(handler.metrics().totalRetries).toBe(0);
  });
});

describe('retries and limits', () => {
  test.each([408, 425, 429, 500, 503])('status %d is retried', async (status) => {
    const { url, requests } = await start(status, status, 204);
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k' });
    await handler(entry());
    expect(requests).toHaveLength(3);
    expect(handler.metrics()).toEqual({ totalRetries: 2, queueSize: 0, logsDropped: 0 });
  });

  test.each([400, 404, 413])('status %d is not', async (status) => {
    const { url, requests } = await start(status);
    await expect(createPagerDutyHandler({ endpoint: url, apiKey: 'k' })(entry())).rejects.toThrow(`HTTP ${status} - `);
    expect(requests).toHaveLength(1);
  });

  test('gives up after three attempts, spaced as promised', async () => {
    const { url, requests } = await start({ status: 502, headers: { 'retry-after': 'soon' } });
    const began = performance.now();
    await expect(createPagerDutyHandler({ endpoint: url, apiKey: 'k' })(entry())).rejects.toThrow(
      'HTTP 502 - Bad Gateway',
    );
    expect(requests).toHaveLength(3);
    expect(performance.now() - began).toBeGreaterThan(290); // 100 + 200 ms at least; timers may be 1 ms early
  });

  test('Retry-After as seconds and as a date', async () => {
    const { url, requests } = await start(
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': new Date(Date.now() - 5000).toUTCString() } },
      204,
    );
    const began = performance.now();
    await createPagerDutyHandler({ endpoint: url, apiKey: 'k' })(entry());
    expect(requests).toHaveLength(3);
    expect(performance.now() - began).toBeGreaterThan(990);
  });

  test('a server that hangs is cut off, a dropped connection retried', async () => {
    const { url, requests } = await start('hang', 'drop', 204);
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k', timeoutMs: 1000 });
    await handler(entry());
    expect(requests.length).toBeGreaterThanOrEqual(3);
    expect(handler.metrics().totalRetries).toBe(2);
  });

  test('the error of a hanging server says so', async () => {
    const { url } = await start('hang');
    const error = await createPagerDutyHandler({ endpoint: url, apiKey: 'k', timeoutMs: 30 })(entry()).catch((e) => e);
    expect(error.message).toBe('PagerDuty: no answer within 30 ms');
    expect(error.code).toBe('ETIMEDOUT');
  });

  test('a redirect is an error: followed, it would lose the log or show the key to another host', async () => {
    const { url, requests } = await start({ status: 301, headers: { location: '/elsewhere' } }, 200);
    await expect(createPagerDutyHandler({ endpoint: url, apiKey: 'k' })(entry())).rejects.toThrow('HTTP 301');
    expect(requests).toHaveLength(1);
  });

  test('an endless answer is broken off', async () => {
    const { url } = await start({ status: 400, body: 'x'.repeat(1_000_000) });
    await expect(createPagerDutyHandler({ endpoint: url, apiKey: 'k' })(entry())).rejects.toThrow('HTTP 400');
  });

  test('at most five requests at once, in order; flush waits for all', async () => {
    let open;
    const gate = new Promise((resolve) => { open = resolve; });
    const { url, requests, received } = await start({ status: 204, after: gate });
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k' });
    const all = Array.from({ length: 12 }, (_, i) => handler(entry({ message: `m${i}` })));
    await received(5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(requests).toHaveLength(5);
    expect(handler.metrics().queueSize).toBe(12);
    let flushed = false;
    const flushing = handler.flush().then(() => { flushed = true; });
    expect(flushed).toBe(false);
    open();
    await flushing;
    expect(requests).toHaveLength(12);
    const firstFive = requests.slice(0, 5).map((r) => r.json().payload.summary);
    expect(firstFive.sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    await Promise.all(all);
    expect(handler.metrics().queueSize).toBe(0);
  });

  test('waiting logs are bounded: the oldest is dropped, counted and announced once', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    let open;
    const gate = new Promise((resolve) => { open = resolve; });
    const { url, requests } = await start({ status: 204, after: gate });
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k', maxBuffered: 2 });
    const all = Array.from({ length: 10 }, (_, i) => handler(entry({ message: `m${i}` })));
    open();
    await Promise.all(all);
    expect(requests.map((r) => r.json().payload.summary).sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm8', 'm9']);
    expect(handler.metrics().logsDropped).toBe(3);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe('circuit breaker of a handler', () => {
  const breaker = {
    failureThreshold: 2, successThreshold: 1, timeout: 40, volumeThreshold: 1, errorPercentageThreshold: 101,
  };

  test('drops while open, recovers with the first log after the time-out', async () => {
    const debug = jest.spyOn(console, 'debug').mockImplementation(() => {});
    const { url, requests, answerWith } = await start(404);
    const handler = createDatadogHandler({
      endpoint: url,
      apiKey: 'k',
      circuitBreaker: { ...breaker, timeout: 60_000 },
    });
    await expect(handler(entry())).rejects.toThrow('HTTP 404');
    await expect(handler(entry())).rejects.toThrow('HTTP 404');
    expect(handler.getCircuitBreakerStats().state).toBe('open');
    await handler(entry());
    expect(requests).toHaveLength(2);
    expect(handler.metrics().logsDropped).toBe(1);
    expect(debug.mock.calls.flat().some((text) => /Circuit OPEN/.test(text))).toBe(true);
    handler.resetCircuitBreaker();
    answerWith(204);
    await handler(entry());
    expect(requests).toHaveLength(3);
  });

  test('probes after the time-out', async () => {
    jest.spyOn(console, 'debug').mockImplementation(() => {});
    const { url, answerWith } = await start(404);
    const handler = createDatadogHandler({ endpoint: url, apiKey: 'k', circuitBreaker: breaker });
    await expect(handler(entry())).rejects.toThrow();
    await expect(handler(entry())).rejects.toThrow();
    expect(handler.getCircuitBreakerStats().state).toBe('open');
    answerWith(204);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await handler(entry());
    expect(handler.getCircuitBreakerStats().state).toBe('closed');
  });

  test('a log refused for its content is counted, and does not open the circuit', async () => {
    const { url, requests, answerWith } = await start(422);
    const handler = createDatadogHandler({ endpoint: url, apiKey: 'k', circuitBreaker: breaker });
    for (let i = 0; i < 5; i++) {
      await expect(handler(entry())).rejects.toThrow('HTTP 422 - Unprocessable Entity; the log is dropped');
    }
    expect(handler.getCircuitBreakerStats()).toMatchObject({ state: 'closed', failureCount: 0 });
    expect(handler.metrics()).toMatchObject({ queueSize: 0, logsDropped: 5 });
    answerWith(204);
    await handler(entry());
    expect(requests).toHaveLength(6);
  });

  test('presets by backend; none when false', () => {
    const of = (handler) => handler.getCircuitBreakerStats().state;
    expect(of(createPagerDutyHandler({ endpoint: 'http://x', apiKey: 'k' }))).toBe('closed');
    const none = createDatadogHandler({ apiKey: 'k', circuitBreaker: false });
    expect(none.getCircuitBreakerStats).toBeUndefined();
    expect(none.resetCircuitBreaker).toBeUndefined();
  });
});

describe('configuration', () => {
  test.each([
    [createPagerDutyHandler, { endpoint: 'http://x' }, /PagerDuty.*not configured.*routing_key/],
    [createPagerDutyHandler, { apiKey: 'k' }, /PagerDuty.*not configured.*routing_key/],
    [createPrometheusHandler, undefined, /endpoint not configured/],
    [createCloudWatchHandler, { endpoint: 'http://127.0.0.1:9' }, /not configured.*@aws-sdk/],
    [createDatadogHandler, {}, /apiKey not configured/],
  ])('%p with %p warns once and drops', async (create, config, text) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const handler = create(config);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(text)]]);
    await expect(handler(entry())).resolves.toBeUndefined();
    expect(handler.metrics().logsDropped).toBe(1);
    await handler.flush();
  });

  test.each([
    [{ minLevel: 'loud' }, TypeError, /level/i],
    [{ timeoutMs: -1 }, RangeError, /timeoutMs/],
    [{ timeoutMs: 'soon' }, RangeError, /timeoutMs/],
    [{ maxBuffered: NaN, timeoutMs: {} }, RangeError, /timeoutMs/],
    [{ circuitBreaker: { failureThreshold: '1' } }, TypeError, /failureThreshold/],
    [{ circuitBreaker: true }, TypeError, /circuitBreaker must be an object or false, got true/],
    [{ circuitBreaker: [] }, TypeError, /circuitBreaker/],
  ])('refuses %p', (config, type, text) => {
    const create = () => createDatadogHandler({ apiKey: 'k', ...config });
    expect(create).toThrow(type);
    expect(create).toThrow(text);
  });

  test('minLevel filters', async () => {
    const { url, requests } = await start(202);
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k', minLevel: 'error' });
    for (const level of ['trace', 'info', 'warn', 'error', 'fatal']) await handler(entry({ level, message: level }));
    expect(requests.map((r) => r.json().payload.summary)).toEqual(['error', 'fatal']);
  });

  test('handlers have telling names', () => {
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    const names = [createPagerDutyHandler, createPrometheusHandler, createCloudWatchHandler, createDatadogHandler];
    expect(names.map((create) => create().name)).toEqual([
      'pagerDutyHandler', 'prometheusHandler', 'cloudWatchHandler', 'datadogHandler',
    ]);
  });
});

/** Every handler that sends over HTTP, with a configuration that is complete. */
const ALL = {
  PagerDuty: createPagerDutyHandler,
  Prometheus: createPrometheusHandler,
  CloudWatch: createCloudWatchHandler,
  Datadog: createDatadogHandler,
  Loki: createLokiHandler,
};
const each = Object.entries(ALL);

describe.each(each)('%s', (label, create) => {
  /** Sends one log now. @returns the error, if there is one */
  async function deliver(handler, log) {
    const failure = await handler(log).then(() => undefined, (error) => error);
    return failure ?? handler.flush().then(() => undefined, (error) => error);
  }

  test('a partial circuitBreaker is filled up from the preset', async () => {
    const debug = jest.spyOn(console, 'debug').mockImplementation(() => {});
    const { url, answerWith } = await start(404);
    const settings = { volumeThreshold: 1, failureThreshold: 1, timeout: undefined };
    const handler = create({ endpoint: url, apiKey: 'k', circuitBreaker: settings });
    await deliver(handler, entry());
    const { state, lastFailureTime, nextAttemptTime } = handler.getCircuitBreakerStats();
    expect(state).toBe('open');
    expect(nextAttemptTime - lastFailureTime).toBeGreaterThanOrEqual(15_000);
    expect(debug).toHaveBeenCalled();
    answerWith(204);
    handler.resetCircuitBreaker();
    await handler.flush();
  });

  test('a key that the server repeats is masked in whatever encoding; control characters are escaped', async () => {
    // A key that goes into a header holds Latin-1 only.
    const key = `S3cret/Key+=${label === 'Datadog' || label === 'PagerDuty' ? '€' : 'ä'} "x"`;
    const inUrl = encodeURIComponent(key);
    const inJson = JSON.stringify(key).slice(1, -1).replace('ä', '\\u00e4').replace('€', '\\u20AC');
    const inForm = new URLSearchParams({ key }).toString().slice('key='.length);
    const echoes = [key, inUrl, inUrl.toLowerCase(), encodeURI(key), inForm, inJson];
    const headerKey = 'Header-Secret-1';
    for (const echo of echoes) {
      const server = await startBackend({ status: 499, statusText: `no ${echo} ${headerKey} \x9b2Jend` });
      const headers = { 'x-api-key': headerKey, authorization: 'Basic dXNlcjpwYXNz' };
      const handler = create({ endpoint: server.url, apiKey: key, headers, circuitBreaker: false });
      const error = await deliver(handler, entry());
      server.answerWith(204);
      await handler.flush(); // nothing stays in Loki's buffer
      await server.stop();
      expect(error.message).toContain('HTTP 499 - no *** *** \\x9b2Jend');
      expect(require('node:util').inspect(error)).not.toMatch(/S3cret|Header-Secret|dXNlcjpwYXNz/i);
    }
  });

  test('errors, BigInts and cycles in a context spoil nothing but themselves', async () => {
    const { url, requests } = await start(204);
    const cycle = { deep: { ok: true } };
    cycle.deep.self = cycle.deep;
    const context = {
      fine: 1, big: 2n ** 70n, cycle, map: new Map([['k', 1]]),
      err: new RangeError('too far', { cause: new Error('why') }),
      get bad() { throw new Error('no'); },
      json: { toJSON() { throw new Error('never'); } },
    };
    expect(await deliver(create({ endpoint: url, apiKey: 'secret' }), entry({ context }))).toBeUndefined();
    const { body } = requests[0];
    const error = ['RangeError', 'too far', 'why', 'handlers.test.js'];
    const others = ['fine', '1180591620717411303424', '[Circular]', 'stringify: no', 'stringify: never'];
    for (const part of [...error, ...others]) expect(body).toContain(part);
  });

  test('a context’s own traceId is kept, beside the log’s', async () => {
    const { url, requests } = await start(204);
    const handler = create({ endpoint: url, apiKey: 'secret' });
    expect(await deliver(handler, entry({ context: { traceId: 'mine', spanId: 'own' } }))).toBeUndefined();
    const both = entry({ context: { traceId: 'mine' }, traceId: 'log', spanId: 's' });
    expect(await deliver(handler, both)).toBeUndefined();
    for (const { body } of requests) expect(body).toMatch(/traceId.{1,6}mine/);
    expect(requests[0].body).toMatch(/spanId.{1,6}own/);
    if (label !== 'Prometheus' && label !== 'CloudWatch') expect(requests[1].body).toContain('log');
  });
});

describe('behind a Logger', () => {
  test('a text formatter changes the message only; the user’s severity map is used', async () => {
    const { url, requests } = await start(202);
    const logger = new Logger([createPagerDutyHandler({ endpoint: url, apiKey: 'k' })], {
      formatter: new TextFormatter(),
      severityMapping: { error: 'warning' },
    });
    await logger.error('boom', 'a.b', { n: 1 });
    const { payload } = requests[0].json();
    expect(payload.summary).toMatch(/^\[.*\] ERROR \[a\.b\] boom\n {2}Context: \{"n":1\}$/);
    expect(payload).toMatchObject({ severity: 'warning', source: 'a.b', custom_details: { n: 1 } });
  });

  test('a formatter that makes another entry decides what is sent', async () => {
    const { url, requests } = await start(202);
    const logger = new Logger([createDatadogHandler({ endpoint: url, apiKey: 'k' })], {
      formatter: { format: (log) => ({ ...log, context: { password: '***' } }) },
    });
    await logger.info('login', 'auth', { password: 'hunter2' });
    expect(requests[0].json().password).toBe('***');
    expect(requests[0].body).not.toContain('hunter2');
  });

  test('retries and failures show in the logger’s metrics', async () => {
    const { url } = await start(500, 204, 404);
    const failed = jest.fn();
    const handler = createPagerDutyHandler({ endpoint: url, apiKey: 'k' });
    const logger = new Logger([handler], { enableMetrics: true, fallbackHandler: failed });
    await logger.error('a');
    await logger.error('b');
    expect(logger.getMetrics()).toMatchObject({ logsProcessed: 2, logsFailed: 1, totalRetries: 1 });
    expect(logger.getMetrics().handlerErrors.get('pagerDutyHandler')).toBe(1);
    expect(failed).toHaveBeenCalledTimes(1);
    logger.resetMetrics();
    expect(logger.getMetrics()).toMatchObject({ logsProcessed: 0, logsFailed: 0, totalRetries: 0 });
  });
});

test('whatever is logged arrives: no value spoils a request', async () => {
  const { url, requests } = await start(200);
  const config = { endpoint: url, apiKey: 'k' };
  const creators = [
    createPagerDutyHandler,
    createPrometheusHandler,
    createCloudWatchHandler,
    createDatadogHandler,
    createLokiHandler,
  ];
  const handlers = creators.map((create) => create(config));
  const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(
      value,
      value,
      value,
      fc.dictionary(fc.string(), value),
      async (message, topic, timestamp, context) => {
        requests.length = 0;
        await Promise.all(
          handlers.map(async (handler) => {
            await handler({ level: 'info', message, topic, timestamp, context });
            await handler.flush();
          }),
        );
        expect(requests).toHaveLength(handlers.length);
        for (const request of requests) {
          if (request.headers['content-type'] === 'text/plain') expect(parsePrometheus(request.body)).toHaveLength(1);
          else request.json();
        }
      },
    ),
    { numRuns: 50 },
  );
});
