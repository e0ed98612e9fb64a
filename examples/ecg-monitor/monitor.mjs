// A ward: six patients wear an ECG each (the recording of examples/data, from six places on), two processes turn the
// signals into heart rates through Kafka. One process is killed while you watch, another one is started; the rates do
// not notice.
//
//   node examples/ecg-monitor/monitor.mjs [--seconds 120] [--speed 10]     seconds of ECG, times as fast as life
//
// Needs redis-server (the instances share their states there). Kafka is the embedded broker, or DSPX_KAFKA_BROKERS.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import dspx from 'dspx-rs';
import { Redis } from '../../scripts/chaos/redis.mjs';
import recording from '../ecg/recording.js';
import { pipeline } from './pipeline.mjs';

const { SAMPLE_RATE, readEcg } = recording;
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, speed: { type: 'string', default: '10' } },
});
const seconds = Number(values.seconds);
const speed = Number(values.speed);
const PARTITIONS = 2;
/** A tenth of a second. */
const FRAME = SAMPLE_RATE / 10;
const ecg = readEcg();

/** One patient: the recording from a place of its own on, and what has been found in it. */
class Patient {
  #from;
  /** Numbers of the samples at which the R peaks are. */
  beats = [];
  frames = 0;

  constructor(name, number) {
    this.name = name;
    this.partition = number % PARTITIONS;
    this.#from = number * 36 * SAMPLE_RATE;
  }

  frame(i) {
    const at = (this.#from + i * FRAME) % (ecg.length - FRAME);
    return ecg.slice(at, at + FRAME);
  }

  /** Beats per minute: the median interval of the last sixteen beats. */
  get rate() {
    const last = this.beats.slice(-17);
    const intervals = last.slice(1).map((beat, i) => beat - last[i]).sort((a, b) => a - b);
    return intervals.length ? (60 * SAMPLE_RATE) / intervals[intervals.length >> 1] : NaN;
  }
}

const ward = () => ['Ann', 'Bob', 'Cyd', 'Dan', 'Eve', 'Fay'].map((name, i) => new Patient(name, i));

/** Starts an instance; its partitions and errors are printed. */
function start(name, brokers, redis) {
  const child = fork(fileURLToPath(new URL('instance.mjs', import.meta.url)), [
    JSON.stringify({ brokers, redis, name }),
  ]);
  child.on('message', ({ partitions, error }) =>
    console.log(error ? `  ${name}: ${error}` : `  ${name} has partitions ${partitions.join(', ')}`),
  );
  child.exited = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  return child;
}

/** Reads what the instances produce. What comes twice after a crash is known by its source, and by its number there. */
async function watch(brokers, patients) {
  const seen = new Set();
  let repeated = 0;
  const consumer = await dspx.createKafkaConsumer({
    brokers, groupId: `ward-${process.pid}`, topics: ['filtered', 'beats'], fromBeginning: true,
    onMessage: ({ topic, key, value, headers }) => {
      const source = `${topic} ${headers['dspx-source']} ${headers['dspx-event'] ?? ''}`;
      if (seen.has(source)) return void repeated++;
      seen.add(source);
      const patient = patients.find(({ name }) => name === key);
      if (topic === 'beats') patient.beats.push(value.sample);
      else patient.frames++;
    },
    onError: () => {},
  });
  await consumer.run();
  return { repeated: () => repeated, close: () => consumer.disconnect() };
}

/** What the patients' rates are without Kafka, processes and deaths: the same pipeline over the whole signal. */
async function undisturbed(frames) {
  const patients = ward();
  for (const patient of patients) {
    const whole = pipeline(SAMPLE_RATE);
    for (; patient.frames < frames; patient.frames++) {
      const { events } = await whole.processEvents(patient.frame(patient.frames));
      patient.beats.push(...events.map(({ sample }) => sample));
    }
  }
  return patients;
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'dspx-ward-'));
  const redis = await Redis.start(join(folder, 'redis'));
  const real = process.env.DSPX_KAFKA_BROKERS ? process.env.DSPX_KAFKA_BROKERS.split(',') : undefined;
  const topics = ['ecg', 'filtered', 'beats'].map((name) => ({ name, partitions: PARTITIONS }));
  const kafka = real ? undefined : await dspx.createEmbeddedKafka({ topics });
  const brokers = real ?? kafka.brokers;
  const patients = ward();
  const monitor = await watch(brokers, patients);
  const producer = await dspx.createKafkaProducer({ brokers });
  const instances = { A: start('A', brokers, redis.url), B: start('B', brokers, redis.url) };
  const frames = seconds * 10;
  const begun = performance.now();
  for (let i = 0; i < frames; i++) {
    const value = (patient) => ({ data: patient.frame(i), channels: 1, sampleRate: SAMPLE_RATE });
    const messages = patients.map((p) => ({ key: p.name, value: value(p), partition: p.partition }));
    await producer.send({ topic: 'ecg', messages });
    if (i === Math.floor(frames / 3)) {
      console.log('  A is killed (SIGKILL)');
      instances.A.kill('SIGKILL');
    }
    if (i === Math.floor((2 * frames) / 3)) {
      console.log('  C is started');
      instances.C = start('C', brokers, redis.url);
    }
    if (i % (50 * Math.max(1, Math.round(speed / 10))) === 0 && i > 0) {
      const rates = patients.map((p) => `${p.name} ${Number.isNaN(p.rate) ? '--' : p.rate.toFixed(0)}`);
      console.log(`${String(i / 10).padStart(5)} s  ${rates.join('  ')} bpm`);
    }
    const ahead = (i * 100) / speed - (performance.now() - begun);
    if (ahead > 0) await sleep(ahead);
  }
  const expected = await undisturbed(frames);
  const lacks = (patient, i) => patient.frames < frames || patient.beats.length < expected[i].beats.length;
  const end = Date.now() + 60_000;
  while (patients.some(lacks) && Date.now() < end) await sleep(50);
  for (const [name, child] of Object.entries(instances)) {
    if (name !== 'A') child.send('stop', () => {});
    await child.exited;
  }
  const same = patients.filter(
    (patient, i) => patient.frames === frames && String(patient.beats) === String(expected[i].beats),
  );
  console.log(`messages that came twice and were dropped: ${monitor.repeated()}`);
  patients.forEach((patient, i) =>
    console.log(
      `${patient.name}: ${patient.beats.length} beats, ${patient.rate.toFixed(1)} bpm; ` +
        `undisturbed ${expected[i].rate.toFixed(1)} bpm`,
    ),
  );
  console.log(`heart rates unaffected: ${same.length} of ${patients.length} patients`);
  await producer.close();
  await monitor.close();
  await kafka?.close();
  redis.close();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = same.length === patients.length ? 0 : 1;
}

await main();
