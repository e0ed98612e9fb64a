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
    /// Σx and Σ(i − ī)(x − x̄), where `i` counts the samples
    Trend,
}

impl Measure {
    /// The summands.
    pub fn widen(self, x: &[f32], v: &mut [f64]) {
        match self {
            Self::Sum | Self::Moments | Self::Trend => sliding::widen(x, v),
            Self::SumOfAbs => sliding::widen_abs(x, v),
            Self::SumOfSquares => sliding::widen_square(x, v),
        }
    }

    /// Whether there is a second accumulator beside the sum.
    pub fn has_moments(self) -> bool {
        matches!(self, Self::Moments | Self::Trend)
    }

    /// What each sample of a run that grows by one at a time adds to its moment (see [`sliding::moment_terms`]).
    fn terms(self, v: &mut [f64], s: &[f64], first: f64, step: f64) {
        match self {
            Self::Trend => sliding::trend_terms(v, s, first, step),
            _ => sliding::moment_terms(v, s, first, step),
        }
    }

    /// From runs of `n` samples to runs of `2n`, in place.
    fn double(self, runs: &mut Runs, n: usize) {
        match self {
            Self::Moments => sliding::double_moments(&mut runs.s, &mut runs.m, n),
            Self::Trend => sliding::double_trends(&mut runs.s, &mut runs.m, n),
            _ => sliding::double_sums(&mut runs.s, n),
        }
    }

    /// Appends to runs of `na` samples those of `nb` that follow them.
    fn append(self, total: &mut Runs, na: usize, sb: &[f64], mb: &[f64], nb: usize) {
        match self {
            Self::Moments => sliding::append_moments(&mut total.s, &mut total.m, na, sb, mb, nb),
            Self::Trend => sliding::append_trends(&mut total.s, &mut total.m, na, sb, mb, nb),
            _ => sliding::append_sums(&mut total.s, sb),
        }
    }

    /// Puts suffix runs before prefix runs (see [`sliding::merge_moments`]).
    fn merge(self, sa: &[f64], ma: &[f64], first_a: f64, sb: &mut [f64], mb: &mut [f64], first_b: f64) {
        match self {
            Self::Moments => sliding::merge_moments(sa, ma, first_a, sb, mb, first_b),
            Self::Trend => sliding::merge_trends(sa, ma, first_a, sb, mb, first_b),
            _ => sliding::append_sums(sb, sa),
        }
    }

    /// Sum and moment of all of `x` as one window, in two passes; for the measures of windows that are whole calls.
    pub fn of_whole(self, x: &[f32]) -> (f64, f64) {
        let s = match self {
            Self::Sum | Self::Moments | Self::Trend => sliding::sum(x),
            Self::SumOfAbs => sliding::sum_of_abs(x),
            Self::SumOfSquares => sliding::sum_of_squares(x),
        };
        let with_deviations = self == Self::Moments;
        (s, if with_deviations { sliding::sum_of_squared_deviations(x, s / x.len() as f64) } else { 0.0 })
    }

    /// Sum and moment of one run, in the plain two passes.
    fn direct(self, v: &[f64]) -> (f64, f64) {
        let s: f64 = v.iter().sum();
        let mean = s / v.len() as f64;
        let m = match self {
            Self::Moments => v.iter().map(|x| (x - mean) * (x - mean)).sum(),
            Self::Trend => {
                let middle = (v.len() as f64 - 1.0) / 2.0;
                v.iter().enumerate().map(|(i, x)| (i as f64 - middle) * (x - mean)).sum()
            }
            _ => 0.0,
        };
        (s, m)
    }
}

/// Sums of runs of samples, one per position, with moments where the [`Measure`] has them.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// Σ of the summands.
    pub s: Vec<f64>,
    /// Σ(x − x̄)² or Σ(i − ī)(x − x̄), or empty.
    pub m: Vec<f64>,
}

impl Runs {
    /// Makes the sums of all suffixes of `x`: position `i` gets those of `x[i..]`. `scales`
    /// may hold the reciprocals that second moments need, or nothing.
    fn suffixes_of(&mut self, measure: Measure, x: &[f32], scales: &[f64]) {
        self.s.resize(x.len(), 0.0);
        if measure == Measure::Moments && !scales.is_empty() {
            self.m.resize(x.len(), 0.0);
            return scan::suffix_moments(x, &mut self.s, &mut self.m, scales);
        }
        measure.widen(x, &mut self.s);
        if measure.has_moments() {
            self.m.clear();
            self.m.extend_from_slice(&self.s);
        }
        scan::suffix_sums(&mut self.s);
        if measure.has_moments() {
            measure.terms(&mut self.m, &self.s, x.len() as f64, -1.0);
            scan::suffix_sums(&mut self.m);
        }
    }
}
