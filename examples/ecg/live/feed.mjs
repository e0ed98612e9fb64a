// Kafka between a device that sends an ECG as it would be recorded and whoever analyses it.
import { createEmbeddedKafka, createKafkaConsumer, createKafkaProducer, encodeFrame } from 'dspx-rs';

const TOPIC = 'ecg';
/** Milliseconds between two sends. */
const TICK = 50;

/**
 * Sends `recording` round and round, `speed` times as fast as life, through an embedded broker to `onSamples`.
 * @returns `{ setSpeed, metrics, close }`
 */
export async function startFeed({ recording, sampleRate, speed = 1, onSamples, onError }) {
  const kafka = await createEmbeddedKafka({ topics: [{ name: TOPIC, partitions: 1 }] });
  const producer = await createKafkaProducer({ brokers: kafka.brokers });
  const consumer = await createKafkaConsumer({
    brokers: kafka.brokers, groupId: 'live', topics: [TOPIC], codec: 'dspx', fromBeginning: true,
    onMessage: ({ value }) => onSamples(value.data),
    onError,
  });
  await consumer.run();
  const device = new Device(recording, sampleRate, speed);
  const timer = setInterval(() => {
    const samples = device.next();
    if (!samples.length) return;
    const value = encodeFrame(samples, { channels: 1, sampleRate, t0: Date.now() });
    producer.send({ topic: TOPIC, messages: [{ key: 'patient-208', value }] }).catch(onError);
  }, TICK);
  return {
    setSpeed: (factor) => device.setSpeed(factor),
    metrics: () => consumer.metrics(),
    async close() {
      clearInterval(timer);
      await consumer.disconnect();
      await producer.close();
      await kafka.close();
    },
  };
}

/** What a recorder would have sampled since it was last asked. */
class Device {
  #recording;
  #rate;
  #speed;
  #at = 0;
  #since = performance.now();
  #owed = 0;

  constructor(recording, rate, speed) {
    this.#recording = recording;
    this.#rate = rate;
    this.#speed = speed;
  }

  setSpeed(factor) {
    this.#speed = factor;
  }

  next() {
    const now = performance.now();
    // A process that was held up (a sleeping laptop) does not owe more than a second.
    this.#owed += (Math.min(now - this.#since, 1000) / 1000) * this.#rate * this.#speed;
    this.#since = now;
    const count = Math.floor(this.#owed);
    this.#owed -= count;
    const samples = Float32Array.from(
      { length: count },
      (_, i) => this.#recording[(this.#at + i) % this.#recording.length],
    );
    this.#at += count;
    return samples;
  }
}
