//! Filter coefficients from analytic roots, in f64.
//!
//! The modules take checked arguments: frequencies in cycles per sample, orders in range ([`crate::design::spec`]
//! checks them). The reference is `scipy.signal` 1.17; `dspx` holds the original's numbers where they differ.

pub mod analog;
pub mod bessel;
pub mod biquad;
pub mod butterworth;
pub mod chebyshev;
pub mod conversions;
pub mod dspx;
pub mod elliptic;
pub mod fir;
pub mod fir_bands;
pub mod frequency;
pub mod gammatone;
pub mod least_squares;
pub mod minimum_phase;
pub mod orders;
pub mod remez;
pub mod resonators;
pub mod response;
pub mod substitution;
pub mod zpk;

use std::f64::consts::{LN_10, PI};

use crate::error::{Error, Result};
use zpk::{Row, Zpk, polynomials};

/// A designed recursive filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Iir {
    /// b0 … bM of the whole filter.
    pub b: Vec<f64>,
    /// a1 … aN of the whole filter, without the leading 1.
    pub a: Vec<f64>,
    /// Second-order sections `[b0, b1, b2, 1, a1, a2]`.
    pub rows: Vec<Row>,
    /// Whether the sections run one after the other; else `b` and `a` run as one direct-form section.
    pub cascade: bool,
}

impl Iir {
    /// Returns a cascade of second-order sections from digital zeros and poles.
    ///
    /// # Errors
    /// `RangeError` if a root, the gain or a coefficient is not a finite f64 number, or a pole is rounded to the unit
    /// circle.
    pub fn cascade(zpk: &Zpk) -> Result<Self> {
        let rows = zpk.sections().ok_or_else(beyond_float64)?;
        Self::from_rows(rows, zpk.poles.len()).checked()
    }

    /// Returns the filter itself.
    ///
    /// # Errors
    /// `RangeError` if a coefficient is not finite, or a pole as rounded to f64 does not lie inside the unit circle.
    pub(crate) fn checked(self) -> Result<Self> {
        let is_finite = self.rows.iter().flatten().chain(&self.b).chain(&self.a).all(|c| c.is_finite());
        if is_finite && response::is_stable(&self.rows) { Ok(self) } else { Err(beyond_float64()) }
    }

    /// Returns a cascade of `rows` with `poles` poles in all (the others, which fill the rows, are at 0).
    pub fn from_rows(rows: Vec<Row>, poles: usize) -> Self {
        let (b, mut a) = polynomials(&rows, poles);
        a.remove(0);
        let cascade = rows.len() > 1;
        Self { b, a, rows, cascade }
    }
}

fn beyond_float64() -> Error {
    Error::range("the coefficients of this filter exceed float64: its frequency, ripple, Q or gain is too extreme")
}

/// Returns `10^{db/10} − 1`, exact for small `db`.
fn power_minus_one(db: f64) -> f64 {
    (db / 10.0 * LN_10).exp_m1()
}

/// Returns the angles θ = πμ/(2N), μ = −N+1, −N+3, …, N−1, of the roots of a prototype of order N.
fn prototype_angles(order: usize) -> impl Iterator<Item = f64> {
    let n = order as f64;
    (0..order).map(move |i| PI * (2.0 * i as f64 + 1.0 - n) / (2.0 * n))
}
