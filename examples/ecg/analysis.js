/**
 * Heart beats in a live ECG: the pipeline tells of them in events, each at its R peak (stage `EcgBeats`). Its samples are
 * the signal in the band of the QRS complex, for whoever looks on.
 */
const { createDspPipeline } = require('dspx-rs');

/** The band in which the QRS complex stands out from P and T waves, mains hum and muscle. */
const BAND = { lowCutoffFrequency: 5, highCutoffFrequency: 15 }; // Hz

/** Samples in, samples behind the band-pass out; the beats are found in what comes in. */
const pipeline = (sampleRate) =>
  createDspPipeline({ sampleRate })
    .EcgBeats({ id: 'beats' })
    .filter({ type: 'butterworth', mode: 'bandpass', order: 2, ...BAND });

class EcgAnalysis {
  #sampleRate;
  #pipeline;
  #filtered = [];
  #beats = [];

  /** `sampleRate` in Hz. */
  constructor(sampleRate) {
    this.#sampleRate = sampleRate;
    this.#pipeline = pipeline(sampleRate);
  }

  /** Takes the next samples, however many; their unit does not matter. */
  async push(samples) {
    // A copy, because a call leaves its result in the array that it was given.
    const { samples: filtered, events } = await this.#pipeline.processEvents(samples.slice());
    this.#filtered.push(filtered);
    this.#note(events);
  }

  #note(events) {
    for (const { type, sample } of events) if (type === 'beat') this.#beats.push(sample);
  }

  /** What another process needs to go on exactly here. */
  async save() {
    return this.#pipeline.saveState({ format: 'toon' });
  }

  /** Throws the running pipeline away and goes on with a new one from a saved state. */
  async restart(saved) {
    this.#pipeline.dispose();
    this.#pipeline = pipeline(this.#sampleRate);
    await this.#pipeline.loadState(saved);
  }

  /**
   * Ends the recording: the signal behind the band-pass, the beats as sample numbers of the recording, and the median heart
   * rate in bpm.
   */
  async end() {
    const { events } = await this.#pipeline.finish();
    this.#note(events ?? []);
    const beats = this.#beats;
    return { filtered: concatenate(this.#filtered), beats, heartRate: heartRate(beats, this.#sampleRate) };
  }
}

function concatenate(parts) {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The median over the intervals from beat to beat, in beats per minute. */
function heartRate(beats, sampleRate) {
  const intervals = beats.slice(1).map((beat, i) => beat - beats[i]).sort((a, b) => a - b);
  return (60 * sampleRate) / intervals[intervals.length >> 1];
}

module.exports = { EcgAnalysis };
