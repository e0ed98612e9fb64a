/**
 * The decision half of Pan and Tompkins (1985): which peaks of the integrated signal are heart beats.
 *
 * Two running levels, of beats and of noise, put a threshold between them, and every peak moves the level of its kind.
 * A gap that is too long is searched again with half the threshold.
 */

/** A heart does not beat twice within 200 ms. */
const REFRACTORY_S = 0.2;
/** The peaks of the first seconds set the levels before they are judged. */
const LEARNING_S = 2;
/** Weight of a new peak in its running level, and of one found by searching back. */
const GAIN = 1 / 8;
const GAIN_BACK = 1 / 4;
/** The search for a missed beat begins after this many usual intervals; usual is the mean of the last eight. */
const GAP = 1.66;
const INTERVALS = 8;
/** A peak counts as at most this many beat levels, so that a loose electrode does not deafen the detector. */
const MAX_RISE = 3;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

class BeatDetector {
  #rate;
  #state = {
    position: 0, // of the next sample
    previous: 0,
    peak: null, // the highest point since the signal began to rise: { at, value }
    learning: [], // the peaks of the first seconds
    signal: 0,
    noise: 0,
    last: null, // the latest beat
    missed: null, // the highest peak behind it that was taken for noise
    intervals: [],
  };

  /** `sampleRate` in Hz. */
  constructor(sampleRate) {
    this.#rate = sampleRate;
  }

  /** Takes samples of the integrated signal; returns the positions of the beats that they made certain. */
  push(samples) {
    const beats = [];
    for (const value of samples) {
      const peak = this.#peakEndingAt(value);
      if (this.#state.learning) this.#learn(peak, beats);
      else this.#decide(peak, beats);
    }
    return beats;
  }

  /** All that the detector knows, as plain JSON. */
  save() {
    return JSON.stringify(this.#state);
  }

  load(saved) {
    this.#state = JSON.parse(saved);
  }

  /** A peak is over when the signal has fallen to half of it. */
  #peakEndingAt(value) {
    const s = this.#state;
    let ended = null;
    if (s.peak === null) {
      if (value > s.previous) s.peak = { at: s.position, value };
    } else if (value > s.peak.value) {
      s.peak = { at: s.position, value };
    } else if (value < s.peak.value / 2) {
      ended = s.peak;
      s.peak = null;
    }
    s.previous = value;
    s.position++;
    return ended;
  }

  #learn(peak, beats) {
    const s = this.#state;
    if (peak) s.learning.push(peak);
    if (s.position < LEARNING_S * this.#rate) return;
    const heights = s.learning.map(({ value }) => value);
    s.signal = Math.max(0, ...heights) / 2;
    s.noise = heights.length ? mean(heights) / 8 : 0;
    const learned = s.learning;
    s.learning = null;
    for (const early of learned) this.#decide(early, beats);
  }

  #decide(peak, beats) {
    const s = this.#state;
    const threshold = s.noise + (s.signal - s.noise) / 4;
    if (peak && !(s.last !== null && peak.at - s.last < REFRACTORY_S * this.#rate)) {
      if (peak.value > threshold) {
        this.#accept(peak, GAIN, beats);
      } else {
        s.noise += GAIN * (peak.value - s.noise);
        if (peak.value > (s.missed?.value ?? 0)) s.missed = peak;
      }
    }
    const late = s.intervals.length > 0 && s.position - s.last > GAP * mean(s.intervals);
    if (late && s.missed?.value > threshold / 2) this.#accept(s.missed, GAIN_BACK, beats);
  }

  #accept({ at, value }, gain, beats) {
    const s = this.#state;
    s.signal += gain * (Math.min(value, MAX_RISE * s.signal) - s.signal);
    if (s.last !== null) s.intervals = [...s.intervals, at - s.last].slice(-INTERVALS);
    s.last = at;
    s.missed = null;
    beats.push(at);
  }
}

module.exports = { BeatDetector };
