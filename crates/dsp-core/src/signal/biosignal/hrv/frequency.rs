//! The frequency domain: powers of bands by Welch's method or by Lomb and Scargle's.
//!
//! Intervals are interpolated by a quadratic spline at 100 Hz; half of them is a segment, zero-padded to twice its length.
//! The density is divided by its largest value, and bands are integrated by the trapezoidal rule.

use std::f64::consts::TAU;

use super::spline::Quadratic;
use super::{Columns, Intervals};
use crate::error::{Error, Result};
use crate::signal::biosignal::numbers::mean;
use crate::signal::smooth::detrend::Trend;
use crate::signal::spectrum::welch::{Options, welch};

/// How the density is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spectral {
    /// Averaged periodograms.
    Welch,
    /// The periodogram of Lomb and Scargle.
    Lomb,
}

/// Hz at which intervals are interpolated.
const RATE: f64 = 100.0;
/// Bands and their edges in Hz.
const BANDS: [(&str, f64, f64); 5] =
    [("ULF", 0.0, 0.0033), ("VLF", 0.0033, 0.04), ("LF", 0.04, 0.15), ("HF", 0.15, 0.4), ("VHF", 0.4, 0.5)];
/// Highest frequency of a band.
const HIGHEST: f64 = 0.5;
/// Samples of the interpolated intervals, of which a transform of half can be made: five days.
const MAX_GRID: f64 = 4.5e7;
/// Products of samples and frequencies for Lomb's periodogram.
const MAX_PRODUCTS: f64 = 4e8;

pub fn columns(intervals: &Intervals, spectral: Spectral) -> Result<Columns> {
    let grid = interpolated(intervals)?;
    // Two cycles of the lowest frequency fit into half of the recording.
    let lowest = 2.0 * RATE / (grid.len() as f64 / 2.0);
    let (frequencies, powers) = match spectral {
        Spectral::Welch => density(&grid, lowest)?,
        Spectral::Lomb => lomb(&grid, lowest)?,
    };
    let largest = powers.iter().copied().fold(0.0, f64::max);
    let range = frequencies.partition_point(|f| *f < lowest)..frequencies.partition_point(|f| *f <= HIGHEST);
    let power = |from: f64, to: f64| {
        let start = range.start.max(frequencies.partition_point(|f| *f < from));
        let end = range.end.min(frequencies.partition_point(|f| *f < to));
        let width = |k: usize| frequencies[k] - frequencies[k - 1];
        let sum: f64 = (start + 1..end).map(|k| 0.5 * (powers[k] + powers[k - 1]) / largest * width(k)).sum();
        if sum == 0.0 { f64::NAN } else { sum }
    };
    let mut columns: Columns = BANDS.iter().map(|(name, from, to)| ((*name).to_owned(), power(*from, *to))).collect();
    let (low, high) = (columns[2].1, columns[3].1);
    let total: f64 = columns.iter().map(|(_, power)| *power).filter(|power| !power.is_nan()).sum();
    columns.extend(super::named([
        ("TP", total),
        ("LFHF", low / high),
        ("LFn", low / total),
        ("HFn", high / total),
        ("LnHF", high.ln()),
    ]));
    Ok(columns)
}

/// The intervals at 100 Hz, less their mean.
fn interpolated(intervals: &Intervals) -> Result<Vec<f64>> {
    let (first, last) = (intervals.times[0], intervals.times[intervals.times.len() - 1]);
    let step = (first + 1.0 / RATE) - first;
    let count = ((last + 1.0 / RATE - first) / (1.0 / RATE)).ceil();
    if count > MAX_GRID {
        return Err(Error::range("a spectrum needs at most five days of intervals"));
    }
    let spline = Quadratic::through(&intervals.times, &intervals.values);
    let mut grid = spline.at_all((0..count as usize).map(|k| first + k as f64 * step));
    let centre = mean(&grid);
    grid.iter_mut().for_each(|x| *x -= centre);
    Ok(grid)
}

/// Welch's density.
fn density(grid: &[f64], lowest: f64) -> Result<(Vec<f64>, Vec<f64>)> {
    // Two cycles of the lowest frequency, rounded down as NeuroKit2 does: half of the grid or a sample less.
    let segment = ((2.0 / lowest * RATE) as usize).min(grid.len() / 2).max(1);
    let options = Options {
        sample_rate: RATE,
        segment: Some(segment),
        nfft: Some(2 * segment),
        trend: Trend::None,
        ..Options::default()
    };
    let spectrum = welch(grid, &options)?;
    Ok((spectrum.frequencies, spectrum.values))
}

/// Lomb's periodogram with a floating mean, five frequencies a resolution, as astropy's `LombScargle` has them.
fn lomb(grid: &[f64], lowest: f64) -> Result<(Vec<f64>, Vec<f64>)> {
    let n = grid.len() as f64;
    let step = 1.0 / (5.0 * (n - 1.0) / RATE);
    let count = 1.0 + ((HIGHEST - lowest) / step).round().max(0.0);
    if n * count > MAX_PRODUCTS {
        return Err(Error::range("Lomb's periodogram needs at most twenty minutes of intervals"));
    }
    let frequencies: Vec<f64> = (0..count as usize).map(|k| lowest + step * k as f64).collect();
    let powers = frequencies.iter().map(|frequency| floating_mean(grid, *frequency)).collect();
    Ok((frequencies, powers))
}

/// Half of what a sine and a constant, fitted by least squares, explain of the squares of a signal.
fn floating_mean(grid: &[f64], frequency: f64) -> f64 {
    let (mut c, mut s, mut cc, mut cs, mut yc, mut ys, mut y) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (k, x) in grid.iter().enumerate() {
        let (sine, cosine) = (TAU * frequency / RATE * k as f64).sin_cos();
        c += cosine;
        s += sine;
        cc += cosine * cosine;
        cs += cosine * sine;
        yc += x * cosine;
        ys += x * sine;
        y += x;
    }
    let n = grid.len() as f64;
    let ss = n - cc;
    let (cc, ss, cs) = (cc - c * c / n, ss - s * s / n, cs - c * s / n);
    let (yc, ys) = (yc - y * c / n, ys - y * s / n);
    let determinant = cc * ss - cs * cs;
    0.5 * (ss * yc * yc + cc * ys * ys - 2.0 * cs * yc * ys) / determinant
}
