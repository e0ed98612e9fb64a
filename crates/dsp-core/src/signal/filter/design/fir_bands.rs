//! FIR filters of many bands: by windows (`scipy.signal.firwin`), by sampling a response (`firwin2`), and Kaiser's estimates
//! (`kaiser_atten`, `kaiser_beta`).
//!
//! A. V. Oppenheim and R. W. Schafer, *Discrete-Time Signal Processing*, 3rd edition, sections 7.5 and 7.6.

use std::f64::consts::{PI, TAU};

use rustfft::num_complex::Complex64;

use crate::error::{Error, Result};
use crate::signal::filter::design::fir::ideal_low_pass;
use crate::signal::transform::fft::{RealFft, ensure_room};

/// The most taps of a design by windows.
pub const MAX_TAPS: usize = 1 << 20;

/// Returns the taps of a filter that passes `bands` (edges in cycles per sample, rising, at least one band), as long as
/// `window`. With `scale` the gain is 1 at 0 Hz if the first band begins there, at half the sample rate if it ends there, and
/// else in its middle.
///
/// # Errors
/// `RangeError` if the gain where it should be 1 is 0.
pub fn firwin(bands: &[(f64, f64)], window: &[f64], scale: bool) -> Result<Vec<f64>> {
    let middle = (window.len() as f64 - 1.0) / 2.0;
    let ideal = |k: f64| bands.iter().map(|&(low, high)| ideal_low_pass(high, k) - ideal_low_pass(low, k)).sum::<f64>();
    let mut taps: Vec<f64> = window.iter().enumerate().map(|(n, w)| ideal(n as f64 - middle) * w).collect();
    if scale {
        let at = match bands[0] {
            (0.0, _) => 0.0,
            (_, 0.5) => 0.5,
            (low, high) => (low + high) / 2.0,
        };
        let gain: f64 = taps.iter().enumerate().map(|(n, h)| h * (TAU * at * (n as f64 - middle)).cos()).sum();
        taps.iter_mut().for_each(|h| *h /= gain);
    }
    if taps.iter().all(|h| h.is_finite()) {
        Ok(taps)
    } else {
        Err(Error::range("the gain of this filter within its first band is 0: use another window or more taps"))
    }
}

/// A response given at points.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// Frequencies in units of half the sample rate, from 0 to 1, each at most twice.
    pub frequencies: Vec<f64>,
    /// The gain at each of them.
    pub gains: Vec<f64>,
    /// Points of the grid on which the gain is interpolated.
    pub points: usize,
    /// Whether the taps are antisymmetric.
    pub antisymmetric: bool,
}

impl Sampled {
    /// Checks a response for a filter of `taps` taps.
    ///
    /// # Errors
    /// `RangeError` for frequencies that do not rise from 0 to half the sample rate, one that comes three times or at an end
    /// twice, too few points, and a gain other than 0 where such a filter has none.
    pub fn checked(self, taps: usize) -> Result<Self> {
        let (f, gains) = (&self.frequencies, &self.gains);
        let wrong = |rule: &str| Err(Error::range(rule));
        if f.len() != gains.len() || f.len() < 2 {
            return wrong("freq and gain must have the same length, at least 2");
        }
        if f[0] != 0.0 || f[f.len() - 1] != 1.0 {
            return wrong("freq must begin with 0 and end with half the sample rate");
        }
        if f.windows(2).any(|pair| pair[1] < pair[0]) || f.windows(3).any(|three| three[0] == three[2]) {
            return wrong("freq must not fall, and hold no frequency more than twice");
        }
        if f[1] == 0.0 || f[f.len() - 2] == 1.0 {
            return wrong("freq must hold 0 and half the sample rate once");
        }
        if self.points <= taps {
            return wrong("nfreqs must be greater than numtaps");
        }
        let (first, last, even) = (gains[0], gains[gains.len() - 1], taps.is_multiple_of(2));
        if self.antisymmetric && first != 0.0 {
            return wrong("gain must be 0 at 0 Hz for antisymmetric taps");
        }
        if last != 0.0 && even != self.antisymmetric {
            return wrong("gain must be 0 at half the sample rate for this number of taps");
        }
        Ok(self)
    }

    /// Returns the frequencies with those that come twice moved apart by a rounding.
    fn jumps_apart(&self) -> Vec<f64> {
        let mut f = self.frequencies.clone();
        for k in 0..f.len() - 1 {
            if f[k] == f[k + 1] {
                f[k] -= f64::EPSILON;
                f[k + 1] += f64::EPSILON;
            }
        }
        f
    }

    /// Returns the taps: the inverse transform of the interpolated gain with the delay of a linear phase, times `window`.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory, or two jumps are too near to each other.
    pub fn firwin2(&self, window: &[f64]) -> Result<Vec<f64>> {
        let f = self.jumps_apart();
        if f.windows(2).any(|pair| pair[1] <= pair[0]) {
            return Err(Error::range("freq must keep frequencies at least two roundings apart"));
        }
        let delay = (window.len() as f64 - 1.0) / 2.0;
        let step = 1.0 / (self.points - 1) as f64;
        let turn = if self.antisymmetric { Complex64::i() } else { Complex64::ONE };
        let size = 2 * (self.points - 1);
        ensure_room(size)?;
        let mut fft = RealFft::<f64>::new(size);
        let mut piece = 0;
        let response = fft.inverse(|bins| {
            for (k, bin) in bins.iter_mut().enumerate() {
                let x = if k + 1 == self.points { 1.0 } else { k as f64 * step };
                while piece + 2 < f.len() && x >= f[piece + 1] {
                    piece += 1;
                }
                let slope = (self.gains[piece + 1] - self.gains[piece]) / (f[piece + 1] - f[piece]);
                let gain = slope * (x - f[piece]) + self.gains[piece];
                *bin = Complex64::from_polar(1.0, -delay * PI * x) * turn * gain;
            }
        });
        let mut taps: Vec<f64> = response.iter().zip(window).map(|(h, w)| h * w).collect();
        if self.antisymmetric && !window.len().is_multiple_of(2) {
            taps[window.len() / 2] = 0.0;
        }
        Ok(taps)
    }
}

/// Kaiser's attenuation in dB of `taps` taps with a transition of `width` (1 is half the sample rate).
pub fn kaiser_attenuation(taps: f64, width: f64) -> f64 {
    2.285 * (taps - 1.0) * PI * width + 7.95
}

/// The β of Kaiser's window for an attenuation in dB.
pub fn kaiser_beta(attenuation: f64) -> f64 {
    if attenuation > 50.0 {
        0.1102 * (attenuation - 8.7)
    } else if attenuation > 21.0 {
        0.5842 * (attenuation - 21.0).powf(0.4) + 0.07886 * (attenuation - 21.0)
    } else {
        0.0
    }
}
