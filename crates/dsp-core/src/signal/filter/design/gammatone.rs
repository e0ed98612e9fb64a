//! Gammatone filters (`scipy.signal.gammatone`): the response of the cochlea around a frequency, with a gain of about 1 there.
//!
//! M. Slaney, *An Efficient Implementation of the Patterson-Holdsworth Auditory Filter Bank*, Apple Technical Report 35, 1993.

use std::f64::consts::{PI, TAU};

use rustfft::num_complex::Complex64;

use crate::signal::filter::design::conversions::Transfer;

/// Glasberg's and Moore's constants of the equivalent rectangular bandwidth: its quality at high frequencies, and its least
/// width in Hz.
const EAR_QUALITY: f64 = 9.26449;
const LEAST_WIDTH: f64 = 24.7;

/// The bandwidth parameter in rad/s of a gammatone at `frequency` Hz.
fn decay(frequency: f64) -> f64 {
    TAU * 1.019 * (frequency / EAR_QUALITY + LEAST_WIDTH)
}

/// Returns `taps` samples of `t^(N−1) e^(−bt) cos 2πft` for order N.
pub fn fir(frequency: f64, sample_rate: f64, order: usize, taps: usize) -> Vec<f64> {
    let b = decay(frequency);
    let factorial: f64 = (1..order).map(|k| k as f64).product();
    let scale = 2.0 * b.powi(order as i32) / factorial / sample_rate;
    let at = |n: usize| {
        let t = n as f64 / sample_rate;
        t.powi(order as i32 - 1) * (-b * t).exp() * (TAU * frequency * t).cos() * scale
    };
    (0..taps).map(at).collect()
}

/// Returns Slaney's recursive filter of eight poles.
pub fn iir(frequency: f64, sample_rate: f64) -> Transfer {
    let period = 1.0 / sample_rate;
    let angle = 2.0 * frequency * PI * period;
    let damping = decay(frequency) * period;
    let e = |power: f64| (-power * damping).exp();
    let cos = |multiple: f64| (multiple * angle).cos();

    let turn = Complex64::cis(2.0 * angle);
    let first = -2.0 * turn * period;
    let second = 2.0 * Complex64::new(-damping, angle).exp() * period;
    let wide = (3.0 + 2f64.powf(1.5)).sqrt() * angle.sin();
    let narrow = (3.0 - 2f64.powf(1.5)).sqrt() * angle.sin();
    let zeros: Complex64 =
        [-narrow, narrow, -wide, wide].iter().map(|offset| first + second * (angle.cos() + offset)).product();
    let poles = -2.0 * e(2.0) - 2.0 * turn + 2.0 * (1.0 + turn) * e(1.0);
    let gain = (zeros / poles.powi(4)).norm();

    let binomials = [1.0, -4.0, 6.0, -4.0, 1.0];
    let numerator = |k: usize| binomials[k] * period.powi(4) * cos(k as f64) * e(k as f64) / gain;
    Transfer {
        b: (0..5).map(numerator).collect(),
        a: vec![
            1.0,
            -8.0 * cos(1.0) * e(1.0),
            4.0 * (4.0 + 3.0 * cos(2.0)) * e(2.0),
            -8.0 * (6.0 * cos(1.0) + cos(3.0)) * e(3.0),
            2.0 * (18.0 + 16.0 * cos(2.0) + cos(4.0)) * e(4.0),
            -8.0 * (6.0 * cos(1.0) + cos(3.0)) * e(5.0),
            4.0 * (4.0 + 3.0 * cos(2.0)) * e(6.0),
            -8.0 * cos(1.0) * e(7.0),
            e(8.0),
        ],
    }
}
