'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { createKafkaConsumer, createKafkaProducer, createKafkaProducerHandler } = require('../../index.js');
const { Resources, until } = require('../support/streaming.js');

const {
  DSPX_KAFKA_SASL_BROKERS: saslBrokers,
  DSPX_KAFKA_SSL_BROKERS: sslBrokers,
  DSPX_KAFKA_CERTS: certs,
} = process.env;
const isThere = Boolean(saslBrokers && sslBrokers && certs);
if (!isThere)
  console.info('No tests of TLS and logins with Kafka: DSPX_KAFKA_CERTS is not set (scripts/services start)');
const withLogins = isThere ? describe : describe.skip;

const resources = new Resources();
beforeEach(() => jest.spyOn(console, 'debug').mockImplementation(() => {}));
afterEach(async () => {
  await resources.close();
  jest.restoreAllMocks();
});

const pem = (name) => readFileSync(join(certs, name));
const login = (mechanism, change) => ({ mechanism, username: 'reader', password: 'reader-secret', ...change });
let unique = 0;
const newName = () => `dspx-secure-${process.pid}-${Date.now()}-${unique++}`;

/** A token that names somebody and is signed by nobody, as Kafka's built-in validator takes it. */
function unsecuredToken(principal = 'reader', lifetimeMs = 600_000) {
  const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: principal, iat: now, exp: now + lifetimeMs / 1000 };
  return { value: `${part({ alg: 'none' })}.${part(claims)}.`, principal, lifetime: Date.now() + lifetimeMs };
}

/** One message through a broker, with client options. */
async function roundTrip(brokers, options) {
  const topic = newName();
  const producer = await resources.producer({ brokers, producerConfig: options });
  await producer.send({ topic, messages: [{ key: 'k', value: '{"secret":1}' }] });
  const received = [];
  const consumer = await resources.consumer({
    brokers, groupId: topic, topics: [topic], fromBeginning: true, consumerConfig: options,
    onMessage: ({ value }) => { received.push(value); }, onError: () => {},
  });
  await consumer.run();
  await until(() => received.length === 1, 'the message');
  expect(received).toEqual([{ secret: 1 }]);
}

withLogins('logins over TLS', () => {
  const brokers = [saslBrokers];
  const ssl = () => ({ ca: pem('ca.crt') });

  test.each(['plain', 'scram-sha-256', 'SCRAM-SHA-512'])('%s', async (mechanism) => {
    await roundTrip(brokers, { ssl: ssl(), sasl: login(mechanism) });
  });

  test('oauthbearer: tokens come from the provider', async () => {
    const oauthBearerProvider = jest.fn(async () => unsecuredToken());
    await roundTrip(brokers, { ssl: ssl(), sasl: { mechanism: 'oauthbearer', oauthBearerProvider } });
    expect(oauthBearerProvider).toHaveBeenCalledTimes(2); // once for each client
  });

  test.each(['plain', 'scram-sha-256'])(
    '%s: a wrong password rejects at once, without the password',
    async (mechanism) => {
      const options = { ssl: ssl(), sasl: login(mechanism, { password: 'not-the-password' }) };
      const connectTimeoutMs = 600_000; // longer than a test may take
      const failures = await Promise.all([
        createKafkaProducer({ brokers, producerConfig: options, connectTimeoutMs }).catch((e) => e),
        createKafkaConsumer({
          brokers,
          groupId: newName(),
          topics: ['t'],
          consumerConfig: options,
          onMessage: () => {},
          onError: () => {},
          connectTimeoutMs,
        }).catch((e) => e),
      ]);
      for (const error of failures) {
        expect(error).toMatchObject({ name: 'KafkaError', code: '_AUTHENTICATION', retriable: false });
        expect(error.message).not.toContain('not-the-password');
      }
    },
  );

  test('the handler for logs: a wrong password is reported by flush(), and the logs wait', async () => {
    jest.spyOn(console, 'error').mockImplementation(() => {});
    const handler = createKafkaProducerHandler({
      brokers, topic: newName(), flushTimeoutMs: 1500, circuitBreaker: false,
      producerConfig: { ssl: ssl(), sasl: login('plain', { password: 'not-the-password' }) },
    });
    handler({ level: 'info', message: 'm', timestamp: 1 });
    await expect(handler.flush()).rejects.toMatchObject({ name: 'KafkaError' });
    expect(handler.metrics().buffered).toBe(1);
    await handler.close().catch(() => {});
  });

  test('who comes without TLS or without a login is told what the broker may want', async () => {
    const refused = (broker, producerConfig) =>
      createKafkaProducer({ brokers: [broker], producerConfig, connectTimeoutMs: 1000 }).catch((e) => e.message);
    const plain = await refused(sslBrokers, {});
    expect(plain).toMatch(/although its port is open: does it want TLS \(ssl: true\) or a login \(sasl\)\?$/);
    expect(await refused(saslBrokers, { sasl: login('plain') })).toMatch(/does it want TLS \(ssl: true\)\?$/);
    expect(await refused(saslBrokers, { ssl: ssl() })).toMatch(/does it want a login \(sasl\)\?$/);
    const { DSPX_KAFKA_BROKERS: plainBrokers } = process.env;
    if (plainBrokers)
      expect(await refused(plainBrokers.split(',')[0], { ssl: ssl() })).toMatch(/PLAINTEXT broker listener/);
  });

  test('a provider that fails rejects with its words', async () => {
    const sasl = { mechanism: 'oauthbearer', oauthBearerProvider: async () => { throw new Error('no token today'); } };
    const options = { brokers, producerConfig: { ssl: ssl(), sasl }, connectTimeoutMs: 5000 };
    const error = await createKafkaProducer(options).catch((e) => e);
    expect(error).toMatchObject({ name: 'KafkaError', code: '_AUTHENTICATION' });
    expect(error.message).toContain('no token today');
  });

  test('an unknown authority is refused, unless any certificate will do', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const options = { brokers, producerConfig: { ssl: true, sasl: login('plain') }, connectTimeoutMs: 2000 };
    const error = await createKafkaProducer(options).catch((e) => e);
    expect(error).toMatchObject({ name: 'KafkaError' });
    expect(error.message).toMatch(/certificate/);
    await roundTrip(brokers, { ssl: { rejectUnauthorized: false }, sasl: login('plain') });
    expect(warn.mock.calls.flat().join()).toContain('rejectUnauthorized');
  });
});

withLogins('TLS with certificates of both sides', () => {
  test('ours is known by its authority', async () => {
    await roundTrip([sslBrokers], { ssl: { ca: [pem('ca.crt')], cert: pem('client.crt'), key: pem('client.key') } });
  });

  test('without one of ours the broker refuses', async () => {
    const options = {
      brokers: [sslBrokers],
      producerConfig: { ssl: { ca: String(pem('ca.crt')) } },
      connectTimeoutMs: 1500,
    };
    await expect(createKafkaProducer(options)).rejects.toMatchObject({ name: 'KafkaError' });
  });
});
