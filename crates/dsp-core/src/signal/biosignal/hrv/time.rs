//! The time domain: deviations, differences, and the shape of the histogram.

use super::{Columns, Intervals, named};
use crate::signal::biosignal::numbers::{deviation, mean, median, percentile, sorted};

/// Milliseconds of a bin of the histogram: 1/128 s, as the task force's guidelines have it.
const BIN: f64 = 1000.0 / 128.0;
/// The factor from a median absolute deviation to the standard deviation of Gaussian values.
const GAUSSIAN: f64 = 1.4826;
/// An hour of one bin would be no heart: longer intervals are not counted.
const MAX_BINS: usize = 1 << 20;

pub fn columns(intervals: &Intervals) -> Columns {
    let values = &intervals.values;
    let differences = intervals.differences();
    let (average, spread, ordered) = (mean(values), deviation(values), sorted(values));
    let squares: Vec<f64> = differences.iter().map(|x| x * x).collect();
    let rmssd = mean(&squares).sqrt();
    let middle = percentile(&ordered, 0.5);
    let mad = GAUSSIAN * median(&values.iter().map(|x| (x - middle).abs()).collect::<Vec<f64>>());
    let above = |limit: f64| {
        let count = differences.iter().filter(|x| x.abs() > limit).count();
        100.0 * count as f64 / (differences.len() + 1) as f64
    };
    let (index, width) = histogram(values, &ordered);
    let mut columns = named([("MeanNN", average), ("SDNN", spread)]);
    for minutes in [1_u32, 2, 5] {
        let (of_means, of_deviations) = in_windows(intervals, f64::from(minutes) * 60_000.0);
        columns.push((format!("SDANN{minutes}"), of_means));
        columns.push((format!("SDNNI{minutes}"), of_deviations));
    }
    columns.extend(named([
        ("RMSSD", rmssd),
        ("SDSD", deviation(&differences)),
        ("CVNN", spread / average),
        ("CVSD", rmssd / average),
        ("MedianNN", middle),
        ("MadNN", mad),
        ("MCVNN", mad / middle),
        ("IQRNN", percentile(&ordered, 0.75) - percentile(&ordered, 0.25)),
        ("SDRMSSD", spread / rmssd),
        ("Prc20NN", percentile(&ordered, 0.2)),
        ("Prc80NN", percentile(&ordered, 0.8)),
        ("pNN50", above(50.0)),
        ("pNN20", above(20.0)),
        ("MinNN", ordered[0]),
        ("MaxNN", ordered[ordered.len() - 1]),
        ("HTI", index),
        ("TINN", width),
    ]));
    columns
}

/// Deviation of the means of windows so many milliseconds long, and the mean of their deviations; NaN for fewer than three.
fn in_windows(intervals: &Intervals, length: f64) -> (f64, f64) {
    let first = intervals.times[0];
    let ends: Vec<f64> = intervals.times.iter().map(|at| (at - first) * 1000.0 + intervals.values[0]).collect();
    let windows = (ends[ends.len() - 1] / length).round_ties_even();
    if windows < 3.0 {
        return (f64::NAN, f64::NAN);
    }
    let (mut means, mut deviations) = (vec![], vec![]);
    for window in 0..windows as usize {
        let start = window as f64 * length;
        let from = ends.partition_point(|end| *end < start);
        let to = ends.partition_point(|end| *end < start + length);
        if from < to {
            means.push(mean(&intervals.values[from..to]));
            deviations.push(deviation(&intervals.values[from..to]));
        }
    }
    deviations.retain(|x| !x.is_nan());
    (deviation(&means), mean(&deviations))
}

/// Triangular index, and the width of the triangle that fits the histogram best.
fn histogram(values: &[f64], ordered: &[f64]) -> (f64, f64) {
    let (least, most) = (ordered[0], ordered[ordered.len() - 1]);
    let edges = ((most + BIN) / BIN).ceil();
    if edges > MAX_BINS as f64 {
        return (f64::NAN, f64::NAN);
    }
    let mut counts = vec![0.0; (edges as usize - 1).max(1)];
    let last = counts.len() - 1;
    for value in values {
        counts[((value / BIN) as usize).min(last)] += 1.0;
    }
    // The first of the highest bins.
    let highest = counts.iter().copied().fold(0.0, f64::max);
    let top = counts.iter().position(|count| *count == highest).unwrap_or(0);
    (values.len() as f64 / highest, triangle(&counts, top, highest, least, most))
}

/// The least-squares triangle with its top at the highest bin, its left foot at the first edge above all values of the
/// bins before, its right one behind the top.
fn triangle(counts: &[f64], top: usize, highest: f64, least: f64, most: f64) -> f64 {
    let left = (least / BIN).floor() as usize + 1;
    if left >= top {
        return 0.0;
    }
    let mut best = (f64::INFINITY, 0.0);
    let mut right = top + 1;
    while (right as f64) * BIN < most {
        let height = |edge: usize| {
            if edge >= top {
                highest * (right - edge) as f64 / (right - top) as f64
            } else {
                highest * (edge - left) as f64 / (top - left) as f64
            }
        };
        let error: f64 = (left..=right.min(counts.len() - 1)).map(|edge| (counts[edge] - height(edge)).powi(2)).sum();
        if error < best.0 {
            best = (error, (right - left) as f64 * BIN);
        }
        right += 1;
    }
    best.1
}
