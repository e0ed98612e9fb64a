//! Periodograms of samples at any times (`scipy.signal.lombscargle`), and how much events keep to a period
//! (`vectorstrength`).
//!
//! J. D. Scargle, *Studies in astronomical time series analysis II*, Astrophysical Journal 263, 1982; M. Zechmeister
//! and M. Kürster, *The generalised Lomb-Scargle periodogram*, Astronomy and Astrophysics 496, 2009.

use std::f64::consts::TAU;

use rustfft::num_complex::Complex64;

use crate::error::Result;
use crate::limits::reserved;

crate::texts! {
    /// The unit of a periodogram.
    #[derive(Default)]
    pub enum Normalization {
        /// The squared amplitude times a quarter of the number of samples.
        #[default]
        Power = "power",
        /// The part of the variance that the sine explains.
        Normalize = "normalize",
        /// Amplitude and phase: `a + jb` of `a·cos ωt + b·sin ωt`.
        Amplitude = "amplitude",
    }
}

/// Samples at times, with weights whose sum is 1.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// The times.
    pub x: &'a [f64],
    /// The values.
    pub y: &'a [f64],
    /// Their weights.
    pub weights: &'a [f64],
}

/// Sums of squares below this are roundings of 0.
const LEAST: f64 = f64::EPSILON / 2.0;

/// Returns the periodogram at angular frequencies `omega` (radians per unit of time), `{power, 0}` or amplitudes; with
/// `floating_mean` the mean is part of what is fitted.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn lombscargle(
    samples: Samples<'_>,
    omega: &[f64],
    normalization: Normalization,
    floating_mean: bool,
) -> Result<Vec<Complex64>> {
    let mut found = reserved(omega.len())?;
    let sum =
        |of: &dyn Fn(f64, f64) -> f64| -> f64 { samples.y.iter().zip(samples.weights).map(|(&y, &w)| of(y, w)).sum() };
    let mean = sum(&|y, w| w * y);
    let mut square = sum(&|y, w| w * y * y);
    if floating_mean {
        square -= mean * mean;
    }
    for &omega in omega {
        let Sums { mut yc, mut ys, c, s, cc, cs } = Sums::at(samples, omega);
        let (mut cc, mut ss, mut cs) = (cc, 1.0 - cc, cs);
        if floating_mean {
            (yc, ys) = (yc - mean * c, ys - mean * s);
            (cc, ss, cs) = (cc - c * c, ss - s * s, cs - c * s);
        }
        // The offset at which the cosine and the sine are orthogonal.
        let tau = 0.5 * (2.0 * cs).atan2(cc - ss);
        let (sin, cos) = tau.sin_cos();
        (yc, ys) = (yc * cos + ys * sin, ys * cos - yc * sin);
        let turned = cc * cos * cos + 2.0 * cs * cos * sin + ss * sin * sin;
        let (cc, ss) = (turned.max(LEAST), (cc + ss - turned).max(LEAST));
        let (a, b) = (yc / cc, ys / ss);
        let power = 2.0 * (a * yc + b * ys);
        found.push(match normalization {
            Normalization::Power => Complex64::from(power * samples.x.len() as f64 / 4.0),
            Normalization::Normalize => Complex64::from(power * 0.5 / square),
            Normalization::Amplitude => Complex64::new(a, b) * Complex64::cis(tau),
        });
    }
    Ok(found)
}

/// Weighted sums of products with `cos ωt` and `sin ωt`.
#[derive(Default)]
struct Sums {
    yc: f64,
    ys: f64,
    c: f64,
    s: f64,
    cc: f64,
    cs: f64,
}

impl Sums {
    fn at(Samples { x, y, weights }: Samples<'_>, omega: f64) -> Self {
        let mut sums = Self::default();
        for ((x, y), w) in x.iter().zip(y).zip(weights) {
            let (sin, cos) = (omega * x).sin_cos();
            let (weighted_sin, weighted_cos) = (w * sin, w * cos);
            sums.yc += weighted_cos * y;
            sums.ys += weighted_sin * y;
            sums.c += weighted_cos;
            sums.s += weighted_sin;
            sums.cc += weighted_cos * cos;
            sums.cs += weighted_cos * sin;
        }
        sums
    }
}

/// Returns length and angle of the mean of `e^(j2πt/period)` over the events: 1 for events that all have one phase.
pub fn vector_strength(events: &[f64], period: f64) -> (f64, f64) {
    let mean = events.iter().map(|t| Complex64::cis(TAU * t / period)).sum::<Complex64>() / events.len() as f64;
    (mean.norm(), mean.arg())
}
