//! FIR filters of least squares (`scipy.signal.firls`): linear phase, an odd number of taps, and the weighted integral of the
//! squared error over the bands as small as it can be.
//!
//! I. W. Selesnick, *Linear-Phase FIR Filter Design by Least Squares*, OpenStax CNX, 2005: with the amplitude
//! `A(ω) = Σ_{n≤M} a[n] cos nω` the normal equations are `Q a = b`, where
//! `Q[i][j] = ∫ W(ω) cos iω cos jω dω` is a Toeplitz plus a Hankel matrix of `q[n] = ∫ W(ω) cos nω dω`, and
//! `b[n] = ∫ W(ω) D(ω) cos nω dω`.

use std::f64::consts::PI;

use nalgebra::{DMatrix, DVector};

use crate::error::{Error, Result};

/// The most taps: solving takes time with the third power of their half.
pub const MAX_TAPS: usize = 2001;

/// A band: its edges in units of half the sample rate, the gain at both (a straight line between), and the error's weight.
#[derive(Debug, Clone, Copy)]
pub struct Band {
    /// Lower and upper edge, 0 to 1.
    pub edges: [f64; 2],
    /// The gain at them.
    pub gains: [f64; 2],
    /// The weight of the squared error.
    pub weight: f64,
}

/// `∫ cos nπf df` up to `f`.
fn integral(n: f64, f: f64) -> f64 {
    if n == 0.0 { f } else { (n * PI * f).sin() / (n * PI) }
}

impl Band {
    /// Its part of `q[n]`.
    fn power(&self, n: f64) -> f64 {
        self.weight * (integral(n, self.edges[1]) - integral(n, self.edges[0]))
    }

    /// Its part of `b[n]`.
    fn wanted(&self, n: f64) -> f64 {
        let slope = (self.gains[1] - self.gains[0]) / (self.edges[1] - self.edges[0]);
        let offset = self.gains[0] - slope * self.edges[0];
        let up_to = |f: f64| {
            let of_line = if n == 0.0 { -slope * f * f / 2.0 } else { slope * (n * PI * f).cos() / (n * PI).powi(2) };
            (slope * f + offset) * integral(n, f) + of_line
        };
        self.weight * (up_to(self.edges[1]) - up_to(self.edges[0]))
    }
}

/// Returns the `taps` taps (odd) of the filter of least squares over `bands`.
///
/// # Errors
/// `RangeError` if the equations have no solution within float64: the bands leave too much open for so many taps.
pub fn firls(taps: usize, bands: &[Band]) -> Result<Vec<f64>> {
    let half = taps / 2;
    let q: Vec<f64> = (0..taps).map(|n| bands.iter().map(|band| band.power(n as f64)).sum()).collect();
    let matrix = DMatrix::from_fn(half + 1, half + 1, |i, j| q[i.abs_diff(j)] + q[i + j]);
    let wanted = DVector::from_fn(half + 1, |n, _| bands.iter().map(|band| band.wanted(n as f64)).sum());
    let solved = match matrix.clone().cholesky() {
        Some(factor) => Some(factor.solve(&wanted)),
        // Not positive definite to rounding: the solution of least squares and least norm.
        None => matrix.svd(true, true).solve(&wanted, f64::EPSILON * (half + 1) as f64).ok(),
    };
    let a = solved.filter(|a| a.iter().all(|x| x.is_finite())).ok_or_else(|| {
        Error::range("the equations of this filter have no solution in float64: use fewer taps or wider bands")
    })?;
    let side = a.iter().skip(1);
    Ok(side.clone().rev().copied().chain([2.0 * a[0]]).chain(side.copied()).collect())
}
