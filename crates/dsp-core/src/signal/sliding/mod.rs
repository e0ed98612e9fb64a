//! Statistics over sliding windows, exact however long the stream.
//!
//! Running sums that add the new sample and subtract the old one keep rounding errors and NaN for ever. Here nothing is
//! subtracted: [`counted`] and [`timed`] compute every output from sums over samples of its window only.

pub mod counted;
pub mod timed;

use crate::kernels::{scan, sliding};

/// The quantities accumulated over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Σx.
    Sum,
    /// Σ|x|.
    SumOfAbs,
    /// Σx².
    SumOfSquares,
    /// Σx and Σ(x − x̄)².
    Moments,
    /// Σx and Σ(i − ī)(x − x̄), with the index `i` of each sample.
    Trend,
}

impl Measure {
    /// Computes the summand of each sample.
    pub fn widen(self, x: &[f32], v: &mut [f64]) {
        match self {
            Self::Sum | Self::Moments | Self::Trend => sliding::widen(x, v),
            Self::SumOfAbs => sliding::widen_abs(x, v),
            Self::SumOfSquares => sliding::widen_square(x, v),
        }
    }

    /// Returns whether there is a second accumulator besides the sum.
    pub fn has_moments(self) -> bool {
        matches!(self, Self::Moments | Self::Trend)
    }

    /// Computes the contribution of each sample to the moment of a run that grows by one sample at a time (see
    /// [`sliding::moment_terms`]).
    fn terms(self, v: &mut [f64], s: &[f64], first: f64, step: f64) {
        match self {
            Self::Trend => sliding::trend_terms(v, s, first, step),
            _ => sliding::moment_terms(v, s, first, step),
        }
    }

    /// Turns runs of `n` samples into runs of `2n`, in place.
    fn double(self, runs: &mut Runs, n: usize) {
        match self {
            Self::Moments => sliding::double_moments(&mut runs.s, &mut runs.m, n),
            Self::Trend => sliding::double_trends(&mut runs.s, &mut runs.m, n),
            _ => sliding::double_sums(&mut runs.s, n),
        }
    }

    /// Appends to runs of `na` samples the runs of `nb` samples that follow them.
    fn append(self, total: &mut Runs, na: usize, sb: &[f64], mb: &[f64], nb: usize) {
        match self {
            Self::Moments => sliding::append_moments(&mut total.s, &mut total.m, na, sb, mb, nb),
            Self::Trend => sliding::append_trends(&mut total.s, &mut total.m, na, sb, mb, nb),
            _ => sliding::append_sums(&mut total.s, sb),
        }
    }

    /// Merges suffix runs with the prefix runs that follow them (see [`sliding::merge_moments`]).
    fn merge(self, sa: &[f64], ma: &[f64], first_a: f64, sb: &mut [f64], mb: &mut [f64], first_b: f64) {
        match self {
            Self::Moments => sliding::merge_moments(sa, ma, first_a, sb, mb, first_b),
            Self::Trend => sliding::merge_trends(sa, ma, first_a, sb, mb, first_b),
            _ => sliding::append_sums(sb, sa),
        }
    }

    /// Returns sum and moment of all of `x` as one window, in two passes, for windows that are whole calls.
    pub fn of_whole(self, x: &[f32]) -> (f64, f64) {
        let s = match self {
            Self::Sum | Self::Moments | Self::Trend => sliding::sum(x),
            Self::SumOfAbs => sliding::sum_of_abs(x),
            Self::SumOfSquares => sliding::sum_of_squares(x),
        };
        let with_deviations = self == Self::Moments;
        (s, if with_deviations { sliding::sum_of_squared_deviations(x, s / x.len() as f64) } else { 0.0 })
    }

    /// Returns sum and moment of one run, in two passes.
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
    /// Sums of the summands.
    pub s: Vec<f64>,
    /// Moments Σ(x − x̄)² or Σ(i − ī)(x − x̄), or empty.
    pub m: Vec<f64>,
}

impl Runs {
    /// Computes the sums of all suffixes of `x`: position `i` gets those of `x[i..]`. `scales` holds the reciprocals
    /// for second moments, or is empty.
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
