// The ECG analysis of ../analysis.js for a page that looks on: results come at once, and the filters can be changed
// meanwhile.
import { createDspPipeline, welch } from 'dspx-rs';

/** The heart rate is the median over this many intervals. */
const INTERVALS = 8;
/** A spectrum is the mean over segments of so many samples … */
const SEGMENT = 1024;
/** … in the last so many. */
const HISTORY = 4 * SEGMENT;

const LIMITS = { low: [0.1, 40], high: [1, 100], order: [1, 8], mains: [0, 60] };
export const DEFAULTS = { low: 5, high: 15, order: 2, mains: 0 };

/** Settings for the stages; `mains` is the frequency of a notch in Hz, 0 for none. */
export function checkSettings(settings) {
  const checked = {};
  for (const [name, [min, max]] of Object.entries(LIMITS)) {
    const value = settings[name];
    if (!Number.isFinite(value) || value < min || value > max)
      throw new RangeError(`${name} must be between ${min} and ${max}`);
    checked[name] = value;
  }
  if (!Number.isInteger(checked.order)) throw new RangeError('order must be an integer');
  if (checked.low >= checked.high) throw new RangeError('low must be below high');
  return checked;
}

/** The last samples of a signal, by their number since its beginning. */
class History {
  #samples;
  length = 0;

  constructor(size) {
    this.#samples = new Float32Array(size);
  }

  push(samples) {
    for (const sample of samples) this.#samples[this.length++ % this.#samples.length] = sample;
  }

  at(number) {
    return this.#samples[number % this.#samples.length];
  }

  /** The last `count` samples; zeros before the first. */
  last(count) {
    return Float32Array.from({ length: count }, (_, i) =>
      this.length - count + i >= 0 ? this.at(this.length - count + i) : 0,
    );
  }
}

export class LiveAnalysis {
  #rate;
  /** Finds the beats in the signal as it comes, whatever the filters do. */
  #heart;
  #filters;
  #fresh = [];
  #raw = new History(HISTORY);
  #filtered = new History(HISTORY);
  #beats = [];

  constructor(sampleRate, settings = DEFAULTS) {
    this.#rate = sampleRate;
    this.#heart = createDspPipeline({ sampleRate }).EcgBeats();
    // `sample` counts from the beginning of the stream, and is the R peak.
    this.#heart.on('beat', ({ sample }) => this.#fresh.push(sample));
    this.configure(settings);
  }

  /** Builds the filters anew. Throws, and changes nothing, if they refuse the settings. */
  configure(settings) {
    const { low, high, order, mains } = checkSettings(settings);
    const filters = createDspPipeline({ sampleRate: this.#rate });
    if (mains) filters.filter({ type: 'biquad', mode: 'notch', cutoffFrequency: mains, q: 20 });
    filters.filter({ type: 'butterworth', mode: 'bandpass', order, lowCutoffFrequency: low, highCutoffFrequency: high });
    this.#filters = filters;
    this.settings = { low, high, order, mains };
  }

  /** Takes the next samples; gives them filtered, and the numbers of the samples at which beats were found. */
  push(samples) {
    this.#fresh = [];
    this.#heart.processSyncCopy(samples);
    const filtered = this.#filters.processSyncCopy(samples);
    const beats = this.#fresh;
    this.#raw.push(samples);
    this.#filtered.push(filtered);
    this.#beats = [...this.#beats, ...beats].slice(-INTERVALS - 1);
    return { filtered, beats };
  }

  /** Beats per minute; null before there are two beats. */
  heartRate() {
    const intervals = this.#beats.slice(1).map((beat, i) => beat - this.#beats[i]).sort((a, b) => a - b);
    return intervals.length ? (60 * this.#rate) / intervals[intervals.length >> 1] : null;
  }

  /** Spectra of the last seconds in dB (a sine of 1 mV: −3), from 0 Hz to `highest`. */
  spectrum(highest) {
    const [raw, filtered] = [this.#raw, this.#filtered].map((history) => this.#decibels(history, highest));
    return { step: this.#rate / SEGMENT, raw, filtered };
  }

  #decibels(history, highest) {
    const samples = history.last(Math.max(SEGMENT, Math.min(history.length, HISTORY)));
    const { frequencies, power } = welch(samples, { sampleRate: this.#rate, nperseg: SEGMENT, scaling: 'spectrum' });
    return Array.from(
      power.subarray(
        0,
        frequencies.findIndex((f) => f >= highest),
      ),
      (p) => Number((10 * Math.log10(p + 1e-12)).toFixed(1)),
    );
  }
}
