/**
 * Heart beats in a live ECG, after Pan and Tompkins, "A Real-Time QRS Detection Algorithm" (1985). The signal runs
 * through a pipeline (band-pass, slope, square, moving average: `pipeline` below) and peaks of its output are judged in
 * `detector.js`.
 */
const { createDspPipeline } = require('dspx-rs');
const { BeatDetector } = require('./detector.js');

/** The band in which the QRS complex stands out from P and T waves, mains hum and muscle. */
const BAND = { lowCutoffFrequency: 5, highCutoffFrequency: 15 }; // Hz
/** About as long as the widest QRS complex. */
const INTEGRATION_S = 0.15;
/** The band-pass answers up to this much later. */
const FILTER_DELAY_S = 0.08;

/** Samples in, integrated slope energy out; `onFiltered` sees the signal behind the band-pass. */
function pipeline(sampleRate, onFiltered) {
  return createDspPipeline()
    .filter({ type: 'butterworth', mode: 'bandpass', order: 2, sampleRate, ...BAND })
    .tap(onFiltered)
    .Differentiator()
    .Square()
    .MovingAverage({ mode: 'moving', windowSize: Math.round(INTEGRATION_S * sampleRate) });
}

class EcgAnalysis {
  #sampleRate;
  #pipeline;
  #detector;
  #raw = [];
  #filtered = [];
  #integrated = [];
  #peaks = [];

  /** `sampleRate` in Hz. */
  constructor(sampleRate) {
    this.#sampleRate = sampleRate;
    this.#start();
  }

  #start() {
    this.#pipeline = pipeline(this.#sampleRate, (samples) => this.#filtered.push(samples.slice()));
    this.#detector = new BeatDetector(this.#sampleRate);
  }

  /** Takes the next samples, in millivolts, however many. */
  async push(samples) {
    const integrated = await this.#pipeline.processCopy(samples, { sampleRate: this.#sampleRate });
    this.#raw.push(samples);
    this.#integrated.push(integrated);
    this.#peaks.push(...this.#detector.push(integrated));
  }

  /** What another process needs to go on exactly here. */
  async save() {
    return { pipeline: await this.#pipeline.saveState({ format: 'toon' }), detector: this.#detector.save() };
  }

  /** Throws the running pipeline and detector away and goes on with new ones from a saved state. */
  async restart(saved) {
    this.#pipeline.dispose();
    this.#start();
    await this.#pipeline.loadState(saved.pipeline);
    this.#detector.load(saved.detector);
  }

  /** The signals behind the stages, the beats as sample numbers of the recording, and the median heart rate in bpm. */
  result() {
    const raw = concatenate(this.#raw);
    const filtered = concatenate(this.#filtered);
    const beats = this.#peaks.map((peak) => this.#locate(peak, filtered, raw));
    return {
      filtered,
      integrated: concatenate(this.#integrated),
      beats,
      heartRate: heartRate(beats, this.#sampleRate),
    };
  }

  /**
   * A peak of the integrated signal comes after its beat: back to where the filtered and then the raw signal stood out.
   */
  #locate(peak, filtered, raw) {
    const top = farthest(filtered, peak - Math.round(1.2 * INTEGRATION_S * this.#sampleRate), peak, 0);
    const from = Math.max(0, top - Math.round(FILTER_DELAY_S * this.#sampleRate));
    const around = raw.subarray(from, top + 1);
    return farthest(raw, from, top, around.reduce((sum, x) => sum + x, 0) / around.length);
  }
}

/** Where, from sample `from` to `to`, the signal is farthest from `level`. */
function farthest(signal, from, to, level) {
  let top = to;
  for (let i = Math.max(0, from); i < to; i++) if (Math.abs(signal[i] - level) > Math.abs(signal[top] - level)) top = i;
  return top;
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
