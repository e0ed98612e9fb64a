//! The designs of dspx 1.4.12 (`design: "dspx"`), number for number.
//!
//! They differ from what their names say, and are kept so that an application can continue with the same numbers. Class
//! and pipeline filters take ν = f / (sampleRate/2) *as cycles per sample*, so that everything sits at 2·f Hz; every
//! Butterworth or Chebyshev of order 2 and above is one and the same second-order section; a band-pass is a high-pass
//! times a low-pass, run as one direct-form section.

use std::f64::consts::PI;

use crate::signal::filter::design::fir::{Window, ideal_low_pass};
use crate::signal::filter::design::zpk::{Band, Row, multiply};
use crate::signal::filter::design::{Iir, power_minus_one};

/// The default quality of biquads and shelves.
pub const DEFAULT_Q: f64 = 0.707;

/// The families of second-order sections, by damping B and weight W.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Family {
    /// B = √2, W = 1.
    Butterworth,
    /// Ripple r in dB: `v = asinh(1/ε)/2`, B = 2 sinh v, W = cosh v.
    Chebyshev(f64),
}

/// Returns an FIR filter of an odd number of `taps`: low-pass parts are scaled at 0 Hz, and the other bands are
/// combined from them.
pub fn fir(taps: usize, band: Band, window: Window) -> Vec<f64> {
    let centre = (taps - 1) / 2;
    let low_pass = |nu: f64| {
        let mut h: Vec<f64> = window.values(taps);
        for (n, h) in h.iter_mut().enumerate() {
            *h *= ideal_low_pass(nu, n as f64 - centre as f64);
        }
        let sum: f64 = h.iter().sum();
        h.iter_mut().for_each(|h| *h /= sum);
        h
    };
    let high_pass = |nu: f64| {
        let mut h: Vec<f64> = low_pass(nu).iter().map(|h| -h).collect();
        h[centre] += 1.0;
        h
    };
    let combine = |x: Vec<f64>, y: Vec<f64>, sign: f64| x.iter().zip(&y).map(|(x, y)| x + sign * y).collect();
    match band {
        Band::LowPass(nu) => low_pass(nu),
        Band::HighPass(nu) => high_pass(nu),
        Band::BandPass(low, high) => combine(low_pass(high), low_pass(low), -1.0),
        Band::BandStop(low, high) => combine(low_pass(low), high_pass(high), 1.0),
    }
}

/// Returns a low-pass, high-pass or band-pass of `family` and `order`, with 0 < ν < ½.
///
/// This design has no band-stop: callers refuse it, and here it gives the band-pass.
pub fn iir(order: usize, band: Band, family: Family) -> Iir {
    match band {
        Band::LowPass(nu) => direct(order, vec![section(order, nu, false, family)]),
        Band::HighPass(nu) => direct(order, vec![section(order, nu, true, family)]),
        Band::BandPass(low, high) | Band::BandStop(low, high) => {
            direct(order, vec![section(order, low, true, family), section(order, high, false, family)])
        }
    }
}

/// Returns one direct-form section from the rows that are its factors.
fn direct(order: usize, rows: Vec<Row>) -> Iir {
    let used = if order == 1 { 2 } else { 3 };
    let product = |from: usize| {
        rows.iter().map(|row| row[from..from + used].to_vec()).reduce(|x, y| multiply(&x, &y)).unwrap_or_default()
    };
    let (b, mut a) = (product(0), product(3));
    a.remove(0);
    Iir { b, a, rows, cascade: false }
}

/// Returns the low- or high-pass section.
fn section(order: usize, nu: f64, high_pass: bool, family: Family) -> Row {
    let k = (PI * nu).tan();
    if order == 1 {
        let (b0, b1) = if high_pass { (1.0, -1.0) } else { (k, k) };
        return [b0 / (1.0 + k), b1 / (1.0 + k), 0.0, 1.0, (k - 1.0) / (1.0 + k), 0.0];
    }
    let (damping, weight) = match family {
        Family::Butterworth => (std::f64::consts::SQRT_2, 1.0),
        Family::Chebyshev(ripple_db) => {
            let v = (1.0 / power_minus_one(ripple_db).sqrt()).asinh() / 2.0;
            (2.0 * v.sinh(), v.cosh())
        }
    };
    let square = weight * k * k;
    let g = 1.0 / (1.0 + damping * k + square);
    let [b0, b1] = if high_pass { [g, -2.0 * g] } else { [square * g, 2.0 * square * g] };
    [b0, b1, b0, 1.0, 2.0 * (square - 1.0) * g, (1.0 - damping * k + square) * g]
}
