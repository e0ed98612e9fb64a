// Sends a recording through a Kafka topic, as an acquisition device and an analysis service would do between them.
import { createEmbeddedKafka, createKafkaConsumer, createKafkaProducer, encodeFrame } from 'dspx-rs';

const TOPIC = 'ecg';
/** Frames in one request of the producer. */
const REQUEST = 50;

/**
 * Produces `samples` as binary frames of `frameSize` samples and awaits `onFrame(samples, number)` for each one
 * consumed.
 */
export async function streamThroughKafka({ samples, sampleRate, frameSize, onFrame }) {
  const kafka = await createEmbeddedKafka({ topics: [{ name: TOPIC, partitions: 1 }] });
  try {
    const total = Math.ceil(samples.length / frameSize);
    const consumed = consume(kafka.brokers, total, onFrame);
    await Promise.all([consumed, produce(kafka.brokers, frames(samples, sampleRate, frameSize))]);
  } finally {
    await kafka.close();
  }
}

function* frames(samples, sampleRate, frameSize) {
  const start = Date.now();
  for (let at = 0; at < samples.length; at += frameSize) {
    const t0 = start + (1000 * at) / sampleRate;
    yield encodeFrame(samples.subarray(at, at + frameSize), { channels: 1, sampleRate, t0 });
  }
}

async function produce(brokers, values) {
  const producer = await createKafkaProducer({ brokers });
  try {
    const messages = [];
    for (const value of values) {
      messages.push({ key: 'patient-208', value, headers: { 'content-type': 'application/x-dspx-f32' } });
      if (messages.length === REQUEST) await producer.send({ topic: TOPIC, messages: messages.splice(0) });
    }
    if (messages.length) await producer.send({ topic: TOPIC, messages });
  } finally {
    await producer.close();
  }
}

async function consume(brokers, total, onFrame) {
  let next = 0;
  let consumer;
  try {
    await new Promise((done, fail) => {
      createKafkaConsumer({
        brokers,
        topics: [TOPIC],
        groupId: 'ecg-analysis',
        codec: 'dspx',
        fromBeginning: true,
        onError: fail,
        onMessage: async ({ value }) => {
          await onFrame(value.data, next++);
          if (next === total) done();
        },
      }).then((made) => {
        consumer = made;
        return consumer.run();
      }).catch(fail);
    });
  } finally {
    await consumer?.disconnect();
  }
}
