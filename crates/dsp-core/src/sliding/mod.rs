//! Statistics over sliding windows, exact however long the stream.
//!
//! Running sums that add the new sample and subtract the old one keep rounding errors, and NaN, for ever. Here a window
//! is never subtracted from: [`counted`] and [`timed`] form every output from sums that hold samples of its window only.

pub mod counted;
pub mod timed;

use crate::kernels::{scan, sliding};

/// What is accumulated over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Σx
    Sum,
    /// Σ|x|
    SumOfAbs,
    /// Σx²
    SumOfSquares,
    /// Σx and Σ(x − x̄)²
    Moments,
}

impl Measure {
    /// The summands.
    pub fn widen(self, x: &[f32], v: &mut [f64]) {
        match self {
            Self::Sum | Self::Moments => sliding::widen(x, v),
            Self::SumOfAbs => sliding::widen_abs(x, v),
            Self::SumOfSquares => sliding::widen_square(x, v),
        }
    }

    /// Whether second moments are needed.
    pub fn has_moments(self) -> bool {
        self == Self::Moments
    }
}

/// Sums of runs of samples, one per position, with second moments where the [`Measure`] has them.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// Σ of the summands.
    pub s: Vec<f64>,
    /// Σ(x − x̄)², or empty.
    pub m: Vec<f64>,
}

impl Runs {
    /// Makes the sums of all suffixes of `x`: position `i` gets those of `x[i..]`.
    pub fn suffixes_of(&mut self, measure: Measure, x: &[f32]) {
        self.s.resize(x.len(), 0.0);
        measure.widen(x, &mut self.s);
        if measure.has_moments() {
            self.m.clear();
            self.m.extend_from_slice(&self.s);
        }
        scan::suffix_sums(&mut self.s);
        if measure.has_moments() {
            sliding::moment_terms(&mut self.m, &self.s, x.len() as f64, -1.0);
            scan::suffix_sums(&mut self.m);
        }
    }
}
