// A service as it runs in production: a Kafka stream with its states in Redis, its health and its metrics over HTTP, a
// clean end at SIGTERM.
//
//   node examples/service/service.mjs [--replay] [--port 9464]
//
// Needs DSPX_KAFKA_BROKERS=host:9092 and DSPX_REDIS_URL=redis://host:6379. Reads ECG frames from the topic "ecg" and
// writes the energy of their slopes to "energy", one state per patient. --replay sends the recording of examples/data
// in real time besides, so that there is something to see.
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { createKafkaProducer, createKafkaStream, createRedisStateStore } from 'dspx-rs';
import { pipeline } from '../ecg-monitor/pipeline.mjs';
import recording from '../ecg/recording.js';

const { SAMPLE_RATE, readEcg } = recording;
const { values } = parseArgs({ options: { replay: { type: 'boolean' }, port: { type: 'string', default: '9464' } } });
const { DSPX_KAFKA_BROKERS, DSPX_REDIS_URL } = process.env;

/** Sends a tenth of a second of ECG ten times a second, over and over. Returns a function that ends it. */
async function replay(brokers) {
  const frame = SAMPLE_RATE / 10;
  const ecg = readEcg();
  const producer = await createKafkaProducer({ brokers });
  let at = 0;
  const send = () => {
    const data = ecg.slice(at, at + frame);
    at = (at + frame) % ecg.length;
    const value = { data, channels: 1, sampleRate: SAMPLE_RATE };
    return producer.send({ topic: 'ecg', messages: [{ key: 'patient-208', value }] });
  };
  await send(); // which makes the topic, where the broker makes topics by itself
  const timer = setInterval(() => send().catch((error) => console.error(error.message)), 100);
  return async () => {
    clearInterval(timer);
    await producer.close();
  };
}

/** Answers /healthz for an orchestrator and /metrics for Prometheus. */
function serve(stream, port) {
  const answers = {
    '/healthz': () => {
      const status = stream.status();
      return [status.healthy ? 200 : 503, 'application/json', JSON.stringify(status)];
    },
    '/metrics': () => [200, 'text/plain; version=0.0.4', stream.prometheus()],
  };
  const server = createServer((request, response) => {
    const [code, type, body] = answers[request.url]?.() ?? [404, 'text/plain', 'not found\n'];
    response.writeHead(code, { 'content-type': type }).end(body);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, () => resolve(server));
  });
}

async function main() {
  if (!DSPX_KAFKA_BROKERS || !DSPX_REDIS_URL) throw new Error('set DSPX_KAFKA_BROKERS and DSPX_REDIS_URL');
  const brokers = DSPX_KAFKA_BROKERS.split(',');
  const endReplay = values.replay ? await replay(brokers) : async () => {};
  const store = await createRedisStateStore({ url: DSPX_REDIS_URL });
  const stream = createKafkaStream({
    applicationId: 'ecg-service', instanceId: hostname(), brokers, store,
    input: { topics: ['ecg'], sampleRate: SAMPLE_RATE },
    output: { topic: 'energy' },
    pipeline: pipeline(SAMPLE_RATE),
  });
  stream.on('error', (error) => console.error(error.message));
  await stream.start();
  const server = await serve(stream, Number(values.port));
  console.log(`listening on port ${server.address().port}`);

  const stop = async () => {
    await endReplay();
    await stream.stop(); // what was read is processed, saved and committed
    await store.close();
    server.close();
    server.closeAllConnections();
    console.log('stopped');
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);
}

await main();
