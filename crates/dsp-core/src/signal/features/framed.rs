//! Features of the frames of a whole signal, framed as librosa does: by default frame k is centred on sample k·hop, and
//! what lies beyond the ends is 0.
//!
//! M. Müller, *Fundamentals of Music Processing*, 2015; for the contrast D.-N. Jiang and others, *Music type
//! classification by spectral contrast feature*, 2002.

use crate::error::{Error, Result};
use crate::limits::filled;
use crate::signal::transform::extension::Extension;
use crate::signal::transform::fft::{RealFft, ensure_room, half_size};

/// How a signal is cut into frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framing {
    /// Samples of a frame.
    pub length: usize,
    /// Samples from frame to frame.
    pub hop: usize,
    /// Whether frames are centred on their place.
    pub centred: bool,
}

impl Framing {
    /// Hands each frame of `x` (not empty), in order, to `take`.
    ///
    /// # Errors
    /// `RangeError` if the signal is shorter than a frame that is not centred, and if there is not enough memory.
    pub fn each(&self, x: &[f64], beyond: Extension, mut take: impl FnMut(&[f64])) -> Result<()> {
        let padding = if self.centred { self.length / 2 } else { 0 };
        let padded = beyond.extended(x, padding, padding)?;
        if padded.len() < self.length {
            let (n, length) = (x.len(), self.length);
            return Err(Error::range(format!("x must have at least {length} samples, a frame's, got {n}")));
        }
        padded.windows(self.length).step_by(self.hop).for_each(&mut take);
        Ok(())
    }

    /// Hands the magnitudes of the spectrum of each frame times `window` to `take`.
    ///
    /// # Errors
    /// Those of [`Framing::each`].
    pub fn each_spectrum(&self, x: &[f64], window: &[f64], mut take: impl FnMut(&[f64])) -> Result<()> {
        ensure_room(self.length)?;
        let mut fft = RealFft::<f64>::new(self.length);
        let mut magnitudes = filled(0.0, half_size(self.length))?;
        self.each(x, Extension::Zero, |frame| {
            let bins = fft.forward(|buffer| {
                buffer.iter_mut().zip(frame).zip(window).for_each(|((out, x), w)| *out = x * w);
            });
            magnitudes.iter_mut().zip(bins.iter()).for_each(|(m, z)| *m = z.norm());
            take(&magnitudes);
        })
    }

    /// Frequencies of the bins in Hz.
    pub fn frequencies(&self, sample_rate: f64) -> Vec<f64> {
        (0..half_size(self.length)).map(|k| k as f64 * sample_rate / self.length as f64).collect()
    }
}

/// The mean frequency, weighted by the magnitudes; 0 of silence.
pub fn centroid(magnitudes: &[f64], frequencies: &[f64]) -> f64 {
    let total: f64 = magnitudes.iter().sum();
    let moment: f64 = magnitudes.iter().zip(frequencies).map(|(m, f)| m * f).sum();
    if total < f64::MIN_POSITIVE { moment } else { moment / total }
}

/// The p-th root of the mean distance from the centroid to the power p, weighted by the magnitudes.
pub fn bandwidth(magnitudes: &[f64], frequencies: &[f64], power: f64) -> f64 {
    let (total, centre): (f64, f64) = (magnitudes.iter().sum(), centroid(magnitudes, frequencies));
    let scale = if total < f64::MIN_POSITIVE { 1.0 } else { total };
    let moment: f64 = magnitudes.iter().zip(frequencies).map(|(m, f)| m / scale * (f - centre).abs().powf(power)).sum();
    moment.powf(1.0 / power)
}

/// The lowest frequency below which the part `share` of the sum of magnitudes lies.
pub fn rolloff(magnitudes: &[f64], frequencies: &[f64], share: f64) -> f64 {
    let mut sum = 0.0;
    let sums: Vec<f64> = magnitudes
        .iter()
        .map(|m| {
            sum += m;
            sum
        })
        .collect();
    let reached = sums.iter().position(|s| *s >= share * sum).unwrap_or(0);
    frequencies[reached]
}

/// The geometric by the arithmetic mean of the magnitudes to a power, each at least `least`: 1 of noise, 0 of a tone.
pub fn flatness(magnitudes: &[f64], power: f64, least: f64) -> f64 {
    let count = magnitudes.len() as f64;
    let powers = || magnitudes.iter().map(|m| m.powf(power).max(least));
    (powers().map(f64::ln).sum::<f64>() / count).exp() / (powers().sum::<f64>() / count)
}

/// Bands of a spectral contrast: one below `lowest` Hz, then octaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Where the first octave begins, in Hz.
    pub lowest: f64,
    /// The number of octaves.
    pub octaves: usize,
    /// The part of a band's bins that count as its peaks, and as its valleys.
    pub quantile: f64,
}

impl Contrast {
    /// Returns the bins of each band, and how many of them count.
    ///
    /// # Errors
    /// `RangeError` if a band has no bins, or lies above half the sample rate.
    pub fn bands(&self, frequencies: &[f64]) -> Result<Vec<(std::ops::Range<usize>, usize)>> {
        let last = frequencies.len() - 1;
        let edge = |k: usize| if k == 0 { 0.0 } else { self.lowest * 2f64.powi(k as i32 - 1) };
        if edge(self.octaves + 1) > 2.0 * frequencies[last] || edge(self.octaves) >= frequencies[last] {
            return Err(Error::range("fMin and nBands must give bands below half the sample rate"));
        }
        (0..=self.octaves)
            .map(|k| {
                let mut from = frequencies.partition_point(|f| *f < edge(k));
                let mut to = frequencies.partition_point(|f| *f <= edge(k + 1));
                if from >= to {
                    return Err(Error::range("each band must hold a frequency of the spectrum: use a longer frame"));
                }
                if k > 0 {
                    from -= 1;
                }
                if k == self.octaves {
                    to = last + 1;
                }
                let count = (self.quantile * (to - from) as f64).round_ties_even().max(1.0) as usize;
                if k < self.octaves {
                    to -= 1;
                }
                if from >= to {
                    return Err(Error::range("each band must hold a frequency of the spectrum: use a longer frame"));
                }
                Ok((from..to, count.min(to - from)))
            })
            .collect()
    }
}

/// Returns the means of the highest and of the lowest `count` magnitudes.
pub fn peak_and_valley(magnitudes: &[f64], count: usize) -> (f64, f64) {
    let mut sorted = magnitudes.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    (mean(&sorted[sorted.len() - count..]), mean(&sorted[..count]))
}

/// Returns the part of a frame's samples whose sign differs from that of the one before; within `threshold` a sample is
/// 0.
pub fn zero_crossings(frame: &[f64], threshold: f64) -> f64 {
    let negative = |x: &f64| x.abs() > threshold && *x < 0.0;
    let count = frame.windows(2).filter(|pair| negative(&pair[0]) != negative(&pair[1])).count();
    count as f64 / frame.len() as f64
}

/// Returns the root of the mean square.
pub fn rms(frame: &[f64]) -> f64 {
    (frame.iter().map(|x| x * x).sum::<f64>() / frame.len() as f64).sqrt()
}

/// Returns `x[n] − c·x[n−1]`, with the sample before the first on the line through the first two.
pub fn preemphasis(x: &[f64], coefficient: f64) -> Vec<f64> {
    let first = 2.0 * x[0] - x.get(1).copied().unwrap_or(x[0]);
    std::iter::once(x[0] + first).chain(x.windows(2).map(|pair| pair[1] - coefficient * pair[0])).collect()
}

/// Returns the signal of which [`preemphasis`] makes `y`.
pub fn deemphasis(y: &[f64], coefficient: f64) -> Vec<f64> {
    let second = y.get(1).copied().unwrap_or(0.0);
    let mut start = ((2.0 - coefficient) * y[0] - second) / (3.0 - coefficient);
    let mut before = 0.0;
    y.iter()
        .map(|sample| {
            before = sample + coefficient * before;
            let out = before - start;
            start *= coefficient;
            out
        })
        .collect()
}

/// Returns the mean increase of the bands from each frame to the next, behind `delay` frames of 0. `values` holds the
/// bands of frame after frame, in dB.
pub fn onset_strength(values: &[f64], bands: usize, delay: usize) -> Vec<f64> {
    let frames: Vec<&[f64]> = values.chunks_exact(bands).collect();
    let increase = |pair: &[&[f64]]| {
        pair[1].iter().zip(pair[0]).map(|(now, before)| (now - before).max(0.0)).sum::<f64>() / bands as f64
    };
    std::iter::repeat_n(0.0, delay).chain(frames.windows(2).map(increase)).take(frames.len()).collect()
}
