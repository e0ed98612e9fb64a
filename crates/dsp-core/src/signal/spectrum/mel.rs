//! Mel filter banks, mel spectrograms and cepstral coefficients, equal to librosa's.

use crate::error::{Error, Result};
use crate::limits::{filled, reserved};
use crate::signal::smooth::detrend::Trend;
use crate::signal::spectrum::welch::{Options, Taper};
use crate::signal::transform::dct::CosineTable;
use crate::signal::transform::fft::half_size;
use crate::signal::window::Window;
use crate::text::js_number;

/// A mel scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Slaney's Auditory Toolbox: linear up to 1 kHz, logarithmic above.
    Slaney,
    /// `2595·log10(1 + f/700)`, as in HTK.
    Htk,
}

/// Slaney's scale: Hz per mel below the break, the break in Hz, and the logarithm of the ratio of neighbouring mels
/// above.
const LINEAR: f64 = 200.0 / 3.0;
const BREAK: f64 = 1000.0;

fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

impl Scale {
    /// Returns the mel of a frequency in Hz.
    pub fn to_mel(self, hz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
            Self::Slaney if hz >= BREAK => BREAK / LINEAR + (hz / BREAK).ln() / log_step(),
            Self::Slaney => hz / LINEAR,
        }
    }

    /// Returns the frequency in Hz of a mel.
    pub fn to_hz(self, mel: f64) -> f64 {
        match self {
            Self::Htk => 700.0 * (10.0_f64.powf(mel / 2595.0) - 1.0),
            Self::Slaney if mel >= BREAK / LINEAR => BREAK * (log_step() * (mel - BREAK / LINEAR)).exp(),
            Self::Slaney => mel * LINEAR,
        }
    }
}

/// A bank of triangular filters over the bins of a half spectrum (`librosa.filters.mel`).
#[derive(Debug, Clone, PartialEq)]
pub struct FilterBank {
    /// Sample rate in Hz.
    pub sample_rate: f64,
    /// Length of the transform whose bins are weighted.
    pub nfft: usize,
    /// Number of filters.
    pub bands: usize,
    /// Lower edge of the first filter in Hz.
    pub low: f64,
    /// Upper edge of the last filter in Hz; `None`: half the sample rate.
    pub high: Option<f64>,
    /// Scale on which the filters are equally wide.
    pub scale: Scale,
    /// Whether each filter is divided by its width in Hz, so that all pass white noise equally; else the peak of each
    /// is 1.
    pub area: bool,
}

/// Largest number of weights of a bank.
const MAX_WEIGHTS: usize = 1 << 26;

impl FilterBank {
    /// Returns the weights, row after row: `bands` rows of `nfft/2 + 1`.
    ///
    /// # Errors
    /// `RangeError` unless 0 ≤ low < high, both finite, and the sizes are at least 1 and give at most 2²⁶ weights.
    pub fn weights(&self) -> Result<Vec<f32>> {
        let high = self.high.unwrap_or(self.sample_rate / 2.0);
        if !(self.sample_rate > 0.0 && self.low >= 0.0 && self.low < high && high.is_finite()) {
            return Err(Error::range(format!(
                "mel filters: fMin must be from 0 to below fMax ({high}), got {}",
                self.low
            )));
        }
        let bins = half_size(self.nfft);
        if self.nfft == 0 || self.bands == 0 || bins.saturating_mul(self.bands) > MAX_WEIGHTS {
            return Err(Error::range("mel filters: nFft and nMels must be positive, and their product at most 2^27"));
        }
        let (from, to) = (self.scale.to_mel(self.low), self.scale.to_mel(high));
        let edge = |i: usize| self.scale.to_hz(from + (to - from) * i as f64 / (self.bands + 1) as f64);
        let mut weights = filled(0.0, bins * self.bands)?;
        for (band, row) in weights.chunks_exact_mut(bins).enumerate() {
            let [left, middle, right] = [edge(band), edge(band + 1), edge(band + 2)];
            let gain = if self.area { 2.0 / (right - left) } else { 1.0 };
            for (k, weight) in row.iter_mut().enumerate() {
                let hz = k as f64 * self.sample_rate / self.nfft as f64;
                let slope = ((hz - left) / (middle - left)).min((right - hz) / (right - middle));
                *weight = (slope.max(0.0) * gain) as f32;
            }
        }
        Ok(weights)
    }
}

/// Options of [`mel_spectrogram`] and [`mfcc`]; defaults are librosa's.
#[derive(Debug, Clone, PartialEq)]
pub struct MelOptions {
    /// The filter bank; its `nfft` is the frame length.
    pub bank: FilterBank,
    /// Samples from frame to frame.
    pub hop: usize,
    /// Window length in samples; the window is centred in the frame.
    pub window_length: usize,
    /// Window function (periodic).
    pub window: Window,
    /// Whether frame t is centred at sample `t·hop`, with zeros beyond the ends of the signal.
    pub centred: bool,
    /// Exponent of the magnitude: 2 is power.
    pub power: f64,
}

/// Returns the mel bands of every frame, frame after frame (`librosa.feature.melspectrogram`).
///
/// # Errors
/// `RangeError` for sizes that contradict each other.
pub fn mel_spectrogram(x: &[f64], options: &MelOptions) -> Result<Vec<f64>> {
    let weights = options.bank.weights()?;
    let (nfft, bins) = (options.bank.nfft, half_size(options.bank.nfft));
    if options.window_length == 0 || options.window_length > nfft || options.hop == 0 {
        return Err(Error::range("winLength must be from 1 to nFft, and hopLength at least 1"));
    }
    let edge = if options.centred { nfft / 2 } else { 0 };
    if x.is_empty() || x.len() + 2 * edge < nfft {
        return Ok(vec![]);
    }
    let mut signal = filled(0.0, x.len() + 2 * edge)?;
    signal[edge..edge + x.len()].copy_from_slice(x);
    let mut window = filled(0.0, nfft)?;
    let left = (nfft - options.window_length) / 2;
    window[left..left + options.window_length].copy_from_slice(&options.window.samples(options.window_length, true)?);
    // Frames may lie further apart than they are long.
    let plan = Options { taper: Taper::Samples(window), trend: Trend::None, ..Options::default() };
    let mut plan = plan.plan(signal.len())?;
    plan.step = options.hop;
    // Filters are narrow: only what lies between the first and the last weight of a row is added up.
    let rows: Vec<(usize, &[f32])> = weights.chunks_exact(bins).map(nonzero).collect();
    let mut mel = reserved(plan.segments(signal.len()).saturating_mul(rows.len()))?;
    let mut powers = filled(0.0, bins)?;
    plan.each(&signal, |_, z| {
        for (p, z) in powers.iter_mut().zip(z) {
            *p = if options.power == 2.0 { z.norm_sqr() } else { z.norm().powf(options.power) };
        }
        for (from, row) in &rows {
            mel.push(row.iter().zip(&powers[*from..]).map(|(&w, p)| f64::from(w) * p).sum());
        }
    });
    Ok(mel)
}

fn nonzero(row: &[f32]) -> (usize, &[f32]) {
    let from = row.iter().position(|&w| w != 0.0).unwrap_or(0);
    let to = row.iter().rposition(|&w| w != 0.0).map_or(from, |last| last + 1);
    (from, &row[from..to])
}

/// Converts power to decibels relative to `reference`, at least those of `least`, and limits them to `top` dB below the
/// largest value (`librosa.power_to_db`).
pub fn power_to_db(power: &mut [f64], reference: f64, least: f64, top: Option<f64>) {
    let offset = 10.0 * reference.max(least).log10();
    power.iter_mut().for_each(|p| *p = 10.0 * p.max(least).log10() - offset);
    if let Some(top) = top {
        let floor = power.iter().copied().fold(f64::NEG_INFINITY, f64::max) - top;
        power.iter_mut().for_each(|p| *p = p.max(floor));
    }
}

/// Returns `count` mel-frequency cepstral coefficients of every frame (`librosa.feature.mfcc`): the orthonormal DCT-II
/// of the mel powers in dB, liftered by `1 + (lifter/2)·sin(π(k+1)/lifter)` if `lifter` > 0.
///
/// # Errors
/// As [`mel_spectrogram`]; `RangeError` if `count` is not from 1 to the number of bands.
pub fn mfcc(x: &[f64], count: usize, lifter: f64, options: &MelOptions) -> Result<Vec<f64>> {
    let bands = options.bank.bands;
    if !(1..=bands).contains(&count) {
        return Err(Error::range(format!("nMfcc must be from 1 to nMels ({bands}), got {count}")));
    }
    if !(lifter == 0.0 || lifter >= 1e-6 && lifter.is_finite()) {
        return Err(Error::range(format!("lifter must be 0 or at least 0.000001, got {}", js_number(lifter))));
    }
    let mut mel = mel_spectrogram(x, options)?;
    power_to_db(&mut mel, 1.0, 1e-10, Some(80.0));
    let table = CosineTable::new(bands, count);
    let mut out = reserved(mel.len() / bands * count)?;
    for frame in mel.chunks_exact(bands) {
        let lift = |k: usize| {
            if lifter > 0.0 { 1.0 + lifter / 2.0 * (std::f64::consts::PI * (k + 1) as f64 / lifter).sin() } else { 1.0 }
        };
        out.extend(table.apply(frame).enumerate().map(|(k, c)| c * lift(k)));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_their_reference_points_and_inverses() {
        assert!((Scale::Slaney.to_mel(1000.0) - 15.0).abs() < 1e-12);
        assert!((Scale::Slaney.to_mel(6400.0) - 42.0).abs() < 1e-12);
        assert!((Scale::Htk.to_mel(1000.0) - 999.9855).abs() < 1e-3);
        for scale in [Scale::Slaney, Scale::Htk] {
            for hz in [0.0, 10.0, 999.0, 1001.0, 20_000.0] {
                assert!((scale.to_hz(scale.to_mel(hz)) - hz).abs() < 1e-9 * (1.0 + hz));
            }
        }
    }

    #[test]
    fn absurd_banks_are_refused() {
        let bank = FilterBank {
            sample_rate: 8000.0,
            nfft: 512,
            bands: 20,
            low: 0.0,
            high: None,
            scale: Scale::Slaney,
            area: true,
        };
        assert_eq!(bank.weights().unwrap().len(), 20 * 257);
        for bad in [
            FilterBank { low: 4000.0, ..bank.clone() },
            FilterBank { high: Some(f64::INFINITY), ..bank.clone() },
            FilterBank { bands: 0, ..bank.clone() },
            FilterBank { nfft: usize::MAX, ..bank.clone() },
        ] {
            assert!(bad.weights().is_err(), "{bad:?}");
        }
    }
}
