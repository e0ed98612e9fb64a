import {
  createDspPipeline, createKafkaStream, createMemoryStateStore,
  type KafkaStream, type KafkaStreamConfig, type KafkaStreamMetrics, type KafkaStreamStatus,
} from 'dspx-rs';

const config: KafkaStreamConfig = {
  applicationId: 'app',
  brokers: ['localhost:9092'],
  consumer: { 'fetch.wait.max.ms': 5 },
  input: { topics: ['in'], codec: 'dspx', key: 'header:device', channels: 2, sampleRate: 500, startFrom: 'latest' },
  pipeline: createDspPipeline().MovingAverage({ mode: 'moving', windowSize: 5 }),
  output: { topic: 'out', codec: 'f32', partition: 'input', headers: { unit: 'mV' }, emitEmpty: true },
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
const stopped: Promise<void> = stream.stop({ timeoutMs: 1000 });
console.log(started, lag, samples, state, text, stopped);

// @ts-expect-error: an unknown policy
createKafkaStream({ ...config, onDataLoss: 'ignore' });
// @ts-expect-error: no store
createKafkaStream({ applicationId: 'app', brokers: [], input: { topics: ['in'] }, pipeline: createDspPipeline() });
// @ts-expect-error: a key from nowhere
createKafkaStream({ ...config, input: { topics: ['in'], key: 'value' } });
