import {
  createDspPipeline, createKafkaStream, createMemoryStateStore,
  type KafkaStream, type KafkaStreamConfig, type KafkaStreamEvent, type KafkaStreamMetrics, type KafkaStreamStatus,
} from 'dspx-rs';

const config: KafkaStreamConfig = {
  applicationId: 'app',
  brokers: ['localhost:9092'],
  consumer: { 'fetch.wait.max.ms': 5 },
  input: { topics: ['in'], codec: 'dspx', key: 'header:device', channels: 2, sampleRate: 500, startFrom: 'latest', finishOn: 'header:last' },
  pipeline: createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 5 }),
  output: { topic: 'out', codec: 'f32', partition: 'input', headers: { unit: 'mV' }, emitEmpty: true },
  events: { topic: 'seen', codec: 'json', key: 'state', types: ['beat', 'frame'], partition: 'key', headers: { by: 'us' } },
  store: createMemoryStateStore(),
  checkpoint: { intervalMs: 500, everyMessages: 100, timeoutMs: 1000 },
  maxKeysInMemory: 10,
  onPoison: 'dlq',
  deadLetterTopic: 'dead',
  onDataLoss: 'continue',
  onMissingState: 'reset',
  onDefinitionChange: 'reset',
  onOffsetMismatch: 'group',
  onPartitionCountChange: 'continue',
  maxRestarts: 3,
};
const stream: KafkaStream = createKafkaStream(config);
stream.on('stalled', (what) => console.log(what));
const started: Promise<void> = stream.start();
const status: KafkaStreamStatus = stream.status();
const lag: number = status.partitions[0].lag;
const metrics: KafkaStreamMetrics = stream.metrics();
const samples: number = metrics.samplesIn - metrics.samplesOut;
const state: Promise<Buffer | null> = stream.state('key', { topic: 'in', partition: 0 });
const text: string = stream.prometheus('app');
const beats = (event: KafkaStreamEvent): number => (event.type === 'beat' ? event.amplitude : event.sample);
const counts: number = metrics.events + metrics.keysFinished + metrics.keysMigrated;
const stopped: Promise<void> = stream.stop({ timeoutMs: 1000 });
console.log(started, lag, samples, state, text, beats, counts, stopped);
createKafkaStream({ ...config, onDefinitionChange: 'migrate' });

// @ts-expect-error: an unknown policy
createKafkaStream({ ...config, onDataLoss: 'ignore' });
// @ts-expect-error: no store
createKafkaStream({ applicationId: 'app', brokers: [], input: { topics: ['in'] }, pipeline: createDspPipeline() });
// @ts-expect-error: a type of events that no stage emits
createKafkaStream({ ...config, events: { topic: 'seen', types: ['heartbeat'] } });
// @ts-expect-error: states cannot migrate where they are missing
createKafkaStream({ ...config, onMissingState: 'migrate' });
// @ts-expect-error: an end from nowhere
createKafkaStream({ ...config, input: { topics: ['in'], finishOn: 'value' } });
// @ts-expect-error: a key from nowhere
createKafkaStream({ ...config, input: { topics: ['in'], key: 'value' } });
