// From an ECG to the energy of its slopes, after Pan and Tompkins (1985), as in ../ecg/analysis.js.
import dspx from 'dspx-rs';

/** @param {number} sampleRate in Hz */
export const pipeline = (sampleRate) =>
  dspx
    .createDspPipeline()
    .filter({
      type: 'butterworth',
      mode: 'bandpass',
      order: 2,
      lowCutoffFrequency: 5,
      highCutoffFrequency: 15,
      sampleRate,
    })
    .Differentiator()
    .Square()
    .MovingAverage({ mode: 'moving', windowSize: Math.round(0.15 * sampleRate) });
