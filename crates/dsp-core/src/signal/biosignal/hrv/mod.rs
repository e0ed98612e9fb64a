//! Heart rate variability: what the intervals between beats tell, with the definitions and the names of NeuroKit2 0.3.
//!
//! Intervals are in milliseconds. Where a number cannot be had (too short a recording, no variation) it is NaN, as there.

mod complexity;
mod fluctuation;
mod frequency;
mod poincare;
mod spline;
mod symbols;
mod time;

use crate::error::{Error, Result};

pub use frequency::Spectral;

/// Columns by name, in their order.
pub type Columns = Vec<(String, f64)>;

/// Most intervals for the non-linear numbers, of which some take time with the square of the number.
pub const MAX_NONLINEAR: usize = 20_000;
/// Most intervals: sixty days of a heart.
pub const MAX_INTERVALS: usize = 8_000_000;

/// Longest interval in milliseconds: an hour.
const LONGEST: f64 = 3.6e6;

/// Intervals between beats in milliseconds and, for each, whether it follows the one before it without a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    /// Milliseconds.
    pub values: Vec<f64>,
    /// Seconds at which they end, from the first beat.
    pub times: Vec<f64>,
    /// Whether each interval but the first follows the one before it; empty: all do.
    pub follows: Vec<bool>,
}

impl Intervals {
    /// Intervals between beats at the samples `peaks`, at `rate` Hz.
    ///
    /// # Errors
    /// `RangeError` where peaks do not rise, or are too few or too many.
    pub fn between(peaks: &[f64], rate: f64) -> Result<Self> {
        if peaks.windows(2).any(|pair| pair[1] <= pair[0]) || peaks.iter().any(|peak| !peak.is_finite()) {
            return Err(Error::range("peaks must be samples that rise"));
        }
        Self::of(peaks.windows(2).map(|pair| (pair[1] - pair[0]) / rate * 1000.0).collect())
    }

    /// Intervals in milliseconds; one that is not finite stands for a gap as long as the usual one.
    ///
    /// # Errors
    /// `RangeError` where an interval is not above 0 or longer than an hour, or there are fewer than three or too many.
    pub fn of(given: Vec<f64>) -> Result<Self> {
        if given.iter().any(|x| *x <= 0.0 || (x.is_finite() && *x > LONGEST)) {
            return Err(Error::range("intervals must be above 0 and at most 3,600,000 ms"));
        }
        let known: Vec<f64> = given.iter().copied().filter(|x| x.is_finite()).collect();
        if known.len() < 3 || given.len() > MAX_INTERVALS {
            let count = known.len();
            return Err(Error::range(format!("3 to {MAX_INTERVALS} intervals are needed, got {count}")));
        }
        let usual = super::numbers::median(&known);
        let (mut at, mut times, mut follows) = (0.0, Vec::with_capacity(known.len()), vec![]);
        let has_gaps = known.len() < given.len();
        let mut is_after_gap = false;
        for interval in &given {
            at += if interval.is_finite() { *interval } else { usual } / 1000.0;
            if interval.is_finite() {
                if has_gaps && !times.is_empty() {
                    follows.push(!is_after_gap);
                }
                times.push(at);
            }
            is_after_gap = !interval.is_finite();
        }
        Ok(Self { values: known, times, follows })
    }

    /// Pairs of intervals that follow one another.
    pub fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        let follows = |k: usize| self.follows.get(k).copied().unwrap_or(true);
        self.values.windows(2).enumerate().filter(move |(k, _)| follows(*k)).map(|(_, pair)| (pair[0], pair[1]))
    }

    /// Differences of intervals that follow one another.
    pub fn differences(&self) -> Vec<f64> {
        self.pairs().map(|(before, after)| after - before).collect()
    }
}

/// Numbers of the time domain, in milliseconds or percent.
pub fn time(intervals: &Intervals) -> Columns {
    time::columns(intervals)
}

/// Powers of the frequency bands.
///
/// # Errors
/// `RangeError` where the recording is too long for memory.
pub fn frequency(intervals: &Intervals, spectral: Spectral) -> Result<Columns> {
    frequency::columns(intervals, spectral)
}

/// Poincaré plot, asymmetry, fragmentation, fluctuations, entropies and dimensions.
///
/// # Errors
/// `RangeError` above [`MAX_NONLINEAR`] intervals.
pub fn nonlinear(intervals: &Intervals) -> Result<Columns> {
    let count = intervals.values.len();
    if count > MAX_NONLINEAR {
        return Err(Error::range(format!("non-linear numbers need at most {MAX_NONLINEAR} intervals, got {count}")));
    }
    let mut columns = poincare::columns(intervals);
    columns.extend(poincare::fragmentation(&intervals.differences()));
    columns.extend(poincare::asymmetry(intervals));
    columns.extend(fluctuation::columns(&intervals.values));
    columns.extend(complexity::columns(&intervals.values));
    columns.extend(symbols::columns(&intervals.values));
    Ok(columns)
}

/// Columns from names and numbers.
fn named<const N: usize>(columns: [(&str, f64); N]) -> Columns {
    columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_interval_is_a_gap() {
        let intervals = Intervals::of(vec![800.0, 810.0, f64::NAN, 790.0, 805.0]).expect("intervals");
        assert_eq!(intervals.differences(), [10.0, 15.0]);
        assert!((intervals.times[2] - 3.2025).abs() < 1e-12);
    }

    #[test]
    fn a_steady_heart_has_no_variability_and_no_panic() {
        let intervals = Intervals::of(vec![800.0; 400]).expect("intervals");
        let columns = [time(&intervals), nonlinear(&intervals).expect("numbers")].concat();
        let value = |name: &str| columns.iter().find(|(known, _)| known == name).expect(name).1;
        assert_eq!((value("MeanNN"), value("SDNN"), value("RMSSD"), value("ShanEn")), (800.0, 0.0, 0.0, 0.0));
        frequency(&intervals, Spectral::Welch).expect("numbers");
    }

    #[test]
    fn impossible_intervals_are_refused() {
        assert!(matches!(Intervals::between(&[5.0, 4.0, 9.0, 12.0], 250.0), Err(Error::Range(_))));
        assert!(matches!(Intervals::of(vec![800.0, -1.0, 800.0, 800.0]), Err(Error::Range(_))));
        assert!(matches!(Intervals::of(vec![800.0, 800.0]), Err(Error::Range(_))));
        let many = Intervals::of(vec![800.0; MAX_NONLINEAR + 1]).expect("intervals");
        assert!(matches!(nonlinear(&many), Err(Error::Range(_))));
    }
}
