'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const entry = JSON.stringify(join(__dirname, '../../index.js'));

/** Runs a script in a process of its own; it must end by itself. */
jest.setTimeout(300_000);
function run(script) {
  const prelude = `
    const s = require(${entry});
    const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
    const stream = (kafka, store, applicationId = 'a') => s.createKafkaStream({
      applicationId, brokers: kafka.brokers, input: { topics: ['t'] }, output: { topic: 'o' },
      pipeline: s.createDspPipeline().Rectify(), store, checkpoint: { intervalMs: 20 },
    });
    const config = (kafka, more) => ({
      brokers: kafka.brokers, groupId: 'g', topics: ['t'], onMessage() {}, onError() {}, ...more,
    });
  `;
  const child = spawnSync(process.execPath, ['-e', `${prelude}(async () => {${script}})();`], {
    timeout: 180_000,
    encoding: 'utf8',
  });
  return { status: child.status, signal: child.signal, out: child.stdout, err: child.stderr };
}

test.each([
  ['with everything open', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    const consumer = await s.createKafkaConsumer(config(kafka));
    await consumer.run();
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    await producer.send({ topic: 't', messages: [{ value: '1' }] });
    process.exit(7);`, 7],
  ['while joining the group', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    const consumer = await s.createKafkaConsumer(config(kafka));
    consumer.run();
    process.exit(7);`, 7],
  ['with a send under way and the broker away', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    kafka.brokerDown();
    producer.send({ topic: 't', messages: [{ value: '1' }] });
    while (producer.metrics().messages === 0) await sleep(1);
    process.exit(7);`, 7],
  ['while connecting to nobody', `
    s.createKafkaConsumer(config({ brokers: ['127.0.0.1:1'] }));
    s.createKafkaProducer({ brokers: ['127.0.0.1:1'] });
    await sleep(0);
    process.exit(7);`, 7],
  ['by an uncaught exception', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    const consumer = await s.createKafkaConsumer(config(kafka));
    await consumer.run();
    setImmediate(() => { throw new Error('mine'); });`, 1],
  ['by itself: idle clients hold nothing', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    await s.createKafkaConsumer(config(kafka));
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    await producer.send({ topic: 't', messages: [{ value: '1' }] });
    s.createKafkaProducerHandler({ brokers: kafka.brokers, topic: 't' })({ level: 'info', message: '', timestamp: 1 });`,
    0,
  ],
  [
    'by itself after everything was closed',
    `
    for (let i = 0; i < 5; i++) {
      const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
      const consumer = await s.createKafkaConsumer(config(kafka));
      await consumer.run();
      await consumer.disconnect();
      const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
      await producer.close();
      await kafka.close();
    }`, 0],
  ['with a stream at work', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t', 'o'] });
    const running = stream(kafka, s.createMemoryStateStore());
    await running.start();
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    await producer.send({ topic: 't', messages: [{ value: '[1]' }] });
    process.exit(7);`, 7],
  ['while a stream is joining, and one that was never started', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t', 'o'] });
    stream(kafka, s.createMemoryStateStore()).start();
    stream(kafka, s.createMemoryStateStore());
    process.exit(7);`, 7],
  ['by itself after streams were stopped, whether started or not', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t', 'o'] });
    const store = s.createMemoryStateStore();
    const streams = [stream(kafka, store), stream(kafka, store), stream(kafka, store)];
    await streams[0].start();
    streams[1].start().catch(() => {});
    await Promise.all(streams.map((one) => one.stop()));`, 0],
  ['after a cluster was closed under its clients', `
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    let reported;
    const error = new Promise((resolve) => { reported = resolve; });
    const consumer = await s.createKafkaConsumer(config(kafka, { onError: reported }));
    await consumer.run();
    await kafka.close();
    await error;
    await consumer.disconnect();`, 0],
])('the process ends well %s', (_name, script, status) => {
  const result = run(script);
  expect(result).toMatchObject({ status, signal: null });
  expect(result.err.includes('mine') || result.err === '').toBe(true);
});

test('worker threads end with their clients, also when terminated with calls in flight', () => {
  const result = run(`
    const { Worker } = require('node:worker_threads');
    const kafka = await s.createEmbeddedKafka({ topics: ['t'] });
    const code = \`
      const s = require(${entry});
      const { parentPort, workerData } = require('node:worker_threads');
      (async () => {
        const config = { brokers: workerData.brokers, topics: ['t'], onMessage() {}, onError() {} };
        const producer = await s.createKafkaProducer({ brokers: workerData.brokers });
        const consumer = await s.createKafkaConsumer({ ...config, groupId: workerData.group });
        const run = consumer.run();
        if (workerData.wait) await run;
        for (;;) {
          parentPort.postMessage('ready');
          await producer.send({ topic: 't', messages: [{ value: 'x' }] });
        }
      })();\`;
    for (let i = 0; i < 6; i++) {
      const worker = new Worker(code, { eval: true, workerData: { brokers: kafka.brokers, group: 'w' + i, wait: i % 2 === 0 } });
      for (let sends = 0; sends < 3; sends++) await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    await producer.send({ topic: 't', messages: [{ value: 'still here' }] });
    console.log('done');
    await producer.close();`);
  expect(result).toMatchObject({ status: 0, signal: null, err: '', out: 'done\n' });
});

test('worker threads end with their streams, whether these join, work or stop, and others go on', () => {
  const result = run(`
    const { Worker } = require('node:worker_threads');
    const kafka = await s.createEmbeddedKafka({ topics: ['t', 'o'] });
    const code = \`
      const s = require(${entry});
      const { parentPort, workerData } = require('node:worker_threads');
      (async () => {
        const stream = s.createKafkaStream({
          applicationId: workerData.name, brokers: workerData.brokers, input: { topics: ['t'] }, output: { topic: 'o' },
          pipeline: s.createDspPipeline().Rectify(), store: await s.createMemoryStateStore(), checkpoint: { intervalMs: 5 },
        });
        stream.on('error', () => {});
        const start = stream.start();
        if (workerData.until !== 'joining') await start;
        if (workerData.until === 'stopping') stream.stop();
        parentPort.postMessage('ready');
      })();\`;
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    const ours = stream(kafka, s.createMemoryStateStore(), 'ours');
    await ours.start();
    let count = 0;
    for (const until of ['joining', 'working', 'stopping', 'joining', 'working', 'stopping']) {
      const worker = new Worker(code, { eval: true, workerData: { brokers: kafka.brokers, name: 'w' + count, until } });
      await new Promise((resolve) => worker.once('message', resolve));
      await producer.send({ topic: 't', messages: [{ value: '[1]' }] });
      count++;
      await worker.terminate();
    }
    while (ours.metrics().messages < count) await sleep(5);
    await ours.stop();
    await producer.close();
    console.log('done');`);
  expect(result).toMatchObject({ status: 0, signal: null, err: '', out: 'done\n' });
});

const hasProc = existsSync('/proc/self/task');
if (!hasProc) console.info('No test of leaked threads and handles: there is no /proc');

(hasProc ? test : test.skip).each([
  ['200 cycles of clients', 200, `async (i) => {
    const consumer = await s.createKafkaConsumer(config(kafka, { groupId: 'g' + i }));
    const producer = await s.createKafkaProducer({ brokers: kafka.brokers });
    await producer.send({ topic: 't', messages: [{ value: '1' }] });
    await Promise.all([consumer.disconnect(), producer.close()]);
  }`],
  ['100 cycles of streams', 100, `async (i) => {
    const store = s.createMemoryStateStore();
    const running = stream(kafka, store, 'a' + i);
    await running.start();
    await running.stop();
    await store.close();
  }`],
])('%s leave no threads and no handles behind', (_name, times, cycle) => {
  const result = run(`
    const count = (what) => require('node:fs').readdirSync('/proc/self/' + what).length;
    const threads = () => count('task');
    const handles = () => count('fd') + process.getActiveResourcesInfo().length;
    const kafka = await s.createEmbeddedKafka({ topics: ['t', 'o'] });
    const cycle = ${cycle};
    const five = [0, 1, 2, 3, 4];
    await Promise.all(five.map((k) => cycle(k)));
    await Promise.all(five.map((k) => cycle(k + 5)));
    const before = [threads(), handles()];
    for (let i = 10; i < ${times}; i += 5) await Promise.all(five.map((k) => cycle(i + k)));
    const grown = () => [threads() - before[0], handles() - before[1]];
    // The last threads may still be ending.
    for (let i = 0; i < 1000 && Math.max(...grown()) > 8; i++) await sleep(20);
    console.log(Math.max(...grown()) <= 8 ? 'steady' : 'grew by ' + grown());
    await kafka.close();`);
  expect(result).toMatchObject({ status: 0, signal: null, out: 'steady\n' });
});
