const fc = require('fast-check');
const { CIRCUIT_BREAKER_CONFIGS, CircuitBreaker, CircuitState } = require('../../lib/logger/index.js');

const config = (more) => ({
  failureThreshold: 3, successThreshold: 2, timeout: 1000, volumeThreshold: 1, errorPercentageThreshold: 101, ...more,
});
const fail = (breaker, error = new Error('down')) =>
  expect(
    breaker.execute(() => {
      throw error;
    }),
  ).rejects.toBe(error);
const succeed = (breaker) => expect(breaker.execute(() => 'up')).resolves.toBe('up');

let now;
beforeEach(() => {
  now = 1_700_000_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  jest.spyOn(console, 'debug').mockImplementation(() => {});
});
afterEach(() => jest.restoreAllMocks());

test('opens after failures in a row, refuses, then probes and closes', async () => {
  const breaker = new CircuitBreaker('svc', config());
  for (let i = 0; i < 3; i++) await fail(breaker);
  expect(breaker.getStats()).toMatchObject({
    state: CircuitState.OPEN, failureCount: 0, requestCount: 0, lastFailureTime: now, nextAttemptTime: now + 1000,
  });
  now += 1;
  const fn = jest.fn();
  await expect(breaker.execute(fn)).rejects.toThrow('[CircuitBreaker:svc] Circuit OPEN - failing fast. Retry in 1s');
  expect(fn).not.toHaveBeenCalled();
  now += 999;
  await succeed(breaker);
  expect(breaker.getState()).toBe(CircuitState.HALF_OPEN);
  await succeed(breaker);
  expect(breaker.getStats()).toMatchObject({ state: CircuitState.CLOSED, successCount: 0, requestCount: 0 });
  expect(console.debug.mock.calls.map(([text]) => text)).toEqual([
    expect.stringContaining('closed -> open'),
    expect.stringContaining('open -> half_open'),
    expect.stringContaining('half_open -> closed'),
  ]);
});

test('half-open lets one call through at a time', async () => {
  const breaker = new CircuitBreaker('svc', config({ failureThreshold: 1, timeout: 0 }));
  await fail(breaker);
  let finish;
  const probe = breaker.execute(() => new Promise((resolve) => { finish = resolve; }));
  const second = jest.fn();
  await expect(breaker.execute(second)).rejects.toThrow(/Circuit OPEN.*failing fast/);
  expect(second).not.toHaveBeenCalled();
  finish('ok');
  await expect(probe).resolves.toBe('ok');
  await succeed(breaker);
  expect(breaker.getState()).toBe(CircuitState.CLOSED);
});

test('a call from before the outage says nothing about the probe', async () => {
  const breaker = new CircuitBreaker('svc', config({ failureThreshold: 1, timeout: 0, successThreshold: 1 }));
  let failLate;
  const late = breaker.execute(() => new Promise((_, reject) => { failLate = reject; }));
  await fail(breaker);
  let finish;
  const probe = breaker.execute(() => new Promise((resolve) => { finish = resolve; }));
  failLate(new Error('late'));
  await expect(late).rejects.toThrow('late');
  expect(breaker.getState()).toBe(CircuitState.HALF_OPEN);
  await expect(breaker.execute(() => {})).rejects.toThrow(/Circuit OPEN/);
  finish();
  await probe;
  expect(breaker.getState()).toBe(CircuitState.CLOSED);
});

test('the error percentage is of the last 100 requests, however long the service was healthy', async () => {
  const breaker = new CircuitBreaker('svc', config({ failureThreshold: 1000, errorPercentageThreshold: 50 }));
  for (let i = 0; i < 1000; i++) await succeed(breaker);
  for (let i = 0; i < 49; i++) await fail(breaker);
  expect(breaker.getStats()).toMatchObject({ state: 'closed', errorPercentage: 49 });
  await fail(breaker);
  expect(breaker.getState()).toBe('open');
});

test('successes between failures do not hide the rate', async () => {
  const breaker = new CircuitBreaker(
    'svc',
    config({ failureThreshold: 10, volumeThreshold: 10, errorPercentageThreshold: 50 }),
  );
  for (let i = 0; i < 4; i++) {
    await fail(breaker);
    await succeed(breaker);
  }
  await fail(breaker);
  expect(breaker.getState()).toBe('closed');
  await fail(breaker); // the 10th request, 6 of them failures
  expect(breaker.getState()).toBe('open');
});

test('the window agrees with the tail of a list', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 300 }), async (outcomes) => {
      const breaker = new CircuitBreaker('svc', config({ failureThreshold: Infinity, volumeThreshold: 120 }));
      for (const failed of outcomes) await breaker.execute(() => { if (failed) throw new Error(); }).catch(() => {});
      const tail = outcomes.slice(-120);
      const expected = tail.length === 0 ? 0 : (tail.filter(Boolean).length / tail.length) * 100;
      expect(breaker.getStats().errorPercentage).toBeCloseTo(expected, 9);
    }),
    { numRuns: 30 },
  );
});

test('reset closes and forgets', async () => {
  const breaker = new CircuitBreaker('svc', config({ failureThreshold: 1 }));
  await fail(breaker);
  breaker.reset();
  expect(breaker.getStats()).toEqual({
    name: 'svc', state: 'closed', failureCount: 0, successCount: 0, requestCount: 0, errorPercentage: 0,
    lastFailureTime: 0, nextAttemptTime: 0,
  });
  await succeed(breaker);
});

test('takes the presets, refuses what is no configuration', () => {
  for (const preset of Object.values(CIRCUIT_BREAKER_CONFIGS)) {
    expect(new CircuitBreaker('svc', preset).getState()).toBe('closed');
  }
  for (const bad of [undefined, {}, config({ timeout: '5' }), config({ volumeThreshold: NaN })]) {
    expect(() => new CircuitBreaker('svc', bad)).toThrow(TypeError);
  }
});
