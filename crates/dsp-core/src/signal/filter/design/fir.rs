//! FIR filters by windows (`scipy.signal.firwin`, `kaiserord`).

use std::f64::consts::{PI, TAU};

use crate::signal::filter::design::fir_bands::kaiser_beta;
use crate::signal::filter::design::zpk::Band;
use crate::signal::resample::taps::{bessel_i0_of_square, symmetric};

/// A symmetric window for FIR design. With t = n/(N−1):
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Window {
    /// `0.54 − 0.46 cos 2πt`
    Hamming,
    /// `0.5 (1 − cos 2πt)`
    Hann,
    /// `0.42 − 0.5 cos 2πt + 0.08 cos 4πt`
    Blackman,
    /// `1 − |2t − 1|`
    Bartlett,
    /// `I₀(β √(1 − (2t − 1)²)) / I₀(β)` with its β ≥ 0.
    Kaiser(f64),
}

impl Window {
    /// Returns the window's value at `t` between 0 and 1.
    pub fn at(self, t: f64) -> f64 {
        match self {
            Self::Hamming => 0.54 - 0.46 * (TAU * t).cos(),
            Self::Hann => 0.5 * (1.0 - (TAU * t).cos()),
            Self::Blackman => 0.42 - 0.5 * (TAU * t).cos() + 0.08 * (2.0 * TAU * t).cos(),
            Self::Bartlett => 1.0 - (2.0 * t - 1.0).abs(),
            Self::Kaiser(beta) => {
                let x = 2.0 * t - 1.0;
                bessel_i0_of_square(beta * beta * (1.0 - x) * (1.0 + x)) / bessel_i0_of_square(beta * beta)
            }
        }
    }

    /// Returns the `taps` values of the window (1 for a single one).
    pub fn values(self, taps: usize) -> Vec<f64> {
        if taps == 1 {
            return vec![1.0];
        }
        match self {
            Self::Kaiser(beta) => kaiser_values(beta, taps),
            _ => (0..taps).map(|n| self.at(n as f64 / (taps - 1) as f64)).collect(),
        }
    }
}

/// Returns the values of a Kaiser window. They are symmetric and each takes a series, so only half of them are
/// computed.
fn kaiser_values(beta: f64, taps: usize) -> Vec<f64> {
    let scale = bessel_i0_of_square(beta * beta);
    let value = |n: usize| {
        let x = 2.0 * (n as f64 / (taps - 1) as f64) - 1.0;
        bessel_i0_of_square(beta * beta * (1.0 - x) * (1.0 + x)) / scale
    };
    symmetric(taps, value)
}

/// Returns `sin(2πνk)/(πk)`, the ideal low-pass at distance `k` from its centre; 2ν at the centre.
pub(super) fn ideal_low_pass(nu: f64, k: f64) -> f64 {
    if k == 0.0 { 2.0 * nu } else { (TAU * nu * k).sin() / (PI * k) }
}

/// Returns the taps of `scipy.signal.firwin`: the ideal response of `band`, windowed and scaled to gain 1 in the
/// pass-band.
///
/// `taps` ≥ 2. High-pass and band-stop need an odd number (an even one has a zero at Nyquist).
pub fn firwin(taps: usize, band: Band, window: Window) -> Vec<f64> {
    let centre = (taps - 1) as f64 / 2.0;
    let all_pass = |k: f64| f64::from(k == 0.0);
    let ideal = |k: f64| match band {
        Band::LowPass(nu) => ideal_low_pass(nu, k),
        Band::HighPass(nu) => all_pass(k) - ideal_low_pass(nu, k),
        Band::BandPass(low, high) => ideal_low_pass(high, k) - ideal_low_pass(low, k),
        Band::BandStop(low, high) => ideal_low_pass(low, k) + all_pass(k) - ideal_low_pass(high, k),
    };
    let scale_at = match band {
        Band::LowPass(_) | Band::BandStop(..) => 0.0,
        Band::HighPass(_) => 0.5,
        Band::BandPass(low, high) => (low + high) / 2.0,
    };
    let distance = |n: usize| n as f64 - centre;
    let mut h: Vec<f64> = window.values(taps).into_iter().enumerate().map(|(n, w)| ideal(distance(n)) * w).collect();
    let gain: f64 = h.iter().enumerate().map(|(n, h)| h * (TAU * scale_at * distance(n)).cos()).sum();
    h.iter_mut().for_each(|h| *h /= gain);
    h
}

/// Returns, as `scipy.signal.kaiserord` does, the number of taps and β of the Kaiser window for `ripple_db` > 8 (the
/// deviation in pass- and stop-band, in dB below 1) and a transition of `width` in cycles per sample (0 < width ≤ ½).
pub fn kaiser_order(ripple_db: f64, width: f64) -> (f64, f64) {
    let taps = (ripple_db - 7.95) / 2.285 / (TAU * width) + 1.0;
    (taps.ceil(), kaiser_beta(ripple_db))
}
