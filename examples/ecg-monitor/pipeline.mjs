// Beats of an ECG at their R peaks, as events; its samples go on behind a band-pass, as in ../ecg/analysis.js.
import dspx from 'dspx-rs';

/** @param {number} sampleRate in Hz */
export const pipeline = (sampleRate) => dspx.createDspPipeline({ sampleRate })
  .EcgBeats({ id: 'beats' })
  .filter({ type: 'butterworth', mode: 'bandpass', order: 2, lowCutoffFrequency: 5, highCutoffFrequency: 15 });
