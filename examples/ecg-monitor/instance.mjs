// One instance of the stream: finds the heart beats of its share of the patients, which go to a topic of events, and filters
// their ECG, with states in Redis. Run as many as there are partitions; they share the work, and take over from one that has died.
import dspx from 'dspx-rs';
import recording from '../ecg/recording.js';
import { pipeline } from './pipeline.mjs';

const { SAMPLE_RATE } = recording;
const { brokers, redis, name } = JSON.parse(process.argv[2]);

const store = await dspx.createRedisStateStore({ url: redis });
const stream = dspx.createKafkaStream({
  applicationId: 'ecg-monitor', instanceId: name, brokers, store,
  input: { topics: ['ecg'], sampleRate: SAMPLE_RATE },
  output: { topic: 'filtered', partition: 'input' },
  events: { topic: 'beats', partition: 'input' },
  pipeline: pipeline(SAMPLE_RATE),
  checkpoint: { intervalMs: 500 },
  // A dead instance is noticed after this time; its patients' messages wait meanwhile.
  consumer: { 'session.timeout.ms': 1500, 'heartbeat.interval.ms': 300 },
});
stream.on('error', (error) => process.send({ name, error: error.message }));
stream.on('assigned', (places) => places.length && process.send({ name, partitions: places.map((p) => p.partition) }));
process.on('message', async () => {
  await stream.stop();
  await store.close();
  process.exit();
});
process.on('disconnect', () => process.exit());
await stream.start();
