//! Peaks as ridges of a wavelet transform over many widths (`scipy.signal.find_peaks_cwt`; P. Du, W. A. Kibbe, S. M.
//! Lin,
//! *Improved peak detection in mass spectrum by incorporating continuous wavelet transform-based pattern matching*,
//! Bioinformatics 22, 2006).

use std::f64::consts::PI;

use crate::error::Result;
use crate::signal::detect::extrema::{Comparison, Ends, relative_extrema};
use crate::signal::transform::convolve::{Method, Mode, convolve};

/// The conditions on which a ridge is a peak.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Widths of the wavelets in samples, rising.
    pub widths: Vec<f64>,
    /// How far a ridge may move from the row of each width to the next.
    pub distances: Vec<f64>,
    /// Rows without a maximum after which a ridge has ended.
    pub gap: f64,
    /// The fewest points of a ridge.
    pub length: f64,
    /// The least ratio of a ridge's value to the noise.
    pub signal_to_noise: f64,
    /// The percentile of the row of the smallest width that counts as noise.
    pub noise_percentile: f64,
    /// Samples around a ridge over which the noise is taken.
    pub noise_window: usize,
}

/// Rows and columns of a ridge, and the rows passed since its last point.
struct Ridge {
    points: Vec<(usize, usize)>,
    gap: usize,
}

/// The Mexican hat of a width over `points` samples.
fn mexican_hat(points: usize, width: f64) -> Vec<f64> {
    let scale = 2.0 / ((3.0 * width).sqrt() * PI.powf(0.25));
    let at = |i: usize| {
        let square = ((i as f64 - (points as f64 - 1.0) / 2.0) / width).powi(2);
        scale * (1.0 - square) * (-square / 2.0).exp()
    };
    (0..points).map(at).collect()
}

/// Returns the places of the peaks of `x` (not empty), rising.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn find_peaks(x: &[f64], conditions: &Conditions) -> Result<Vec<usize>> {
    let row = |&width: &f64| {
        let points = (10.0 * width).min(x.len() as f64).ceil().max(1.0) as usize;
        convolve(x, &mexican_hat(points, width), Mode::Same, Method::Auto)
    };
    let rows: Vec<Vec<f64>> = conditions.widths.iter().map(row).collect::<Result<_>>()?;
    let ridges = ridges(&rows, conditions);
    let mut peaks: Vec<usize> =
        ridges.iter().filter(|ridge| stands_out(ridge, &rows, conditions)).map(|r| r[0].1).collect();
    peaks.sort_unstable();
    Ok(peaks)
}

/// Joins maxima from the largest width down.
fn ridges(rows: &[Vec<f64>], conditions: &Conditions) -> Vec<Vec<(usize, usize)>> {
    let maxima: Vec<Vec<usize>> =
        rows.iter().map(|row| relative_extrema(row, Comparison::Greater, 1, Ends::Clip)).collect();
    let Some(start) = maxima.iter().rposition(|row| !row.is_empty()) else { return vec![] };
    let begun = |row: usize, column: usize| Ridge { points: vec![(row, column)], gap: 0 };
    let mut open: Vec<Ridge> = maxima[start].iter().map(|&column| begun(start, column)).collect();
    let mut ended = vec![];
    for row in (0..start).rev() {
        open.iter_mut().for_each(|ridge| ridge.gap += 1);
        // Ridges by where they were in the row before, in the order of their places; of equal ones the oldest.
        let mut before: Vec<(usize, usize)> =
            open.iter().enumerate().map(|(i, ridge)| (ridge.points[ridge.points.len() - 1].1, i)).collect();
        before.sort_unstable();
        for &column in &maxima[row] {
            match nearest(&before, column) {
                Some((distance, i)) if distance as f64 <= conditions.distances[row] => {
                    open[i].points.push((row, column));
                    open[i].gap = 0;
                }
                _ => open.push(begun(row, column)),
            }
        }
        let (still, over): (Vec<Ridge>, Vec<Ridge>) =
            open.into_iter().partition(|ridge| ridge.gap as f64 <= conditions.gap);
        ended.extend(over);
        open = still;
    }
    ended.into_iter().chain(open).map(|ridge| by_rising_rows(&ridge.points)).collect()
}

/// The distance to the nearest of sorted `(place, index)` pairs, and its index; of equally near ones the lowest index.
fn nearest(sorted: &[(usize, usize)], column: usize) -> Option<(usize, usize)> {
    let at = sorted.partition_point(|(place, _)| *place < column);
    let first_of_equal = |place: usize| sorted[sorted.partition_point(|(p, _)| *p < place)].1;
    let above = sorted.get(at).map(|&(place, index)| (place - column, index));
    let below = at.checked_sub(1).map(|i| (column - sorted[i].0, first_of_equal(sorted[i].0)));
    above.into_iter().chain(below).min()
}

/// A ridge from its smallest width up. Of several points in its first row the one found last comes first.
fn by_rising_rows(points: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by_key(|&i| points[i].0);
    let mut sorted = points.to_vec();
    order.iter().zip(points).for_each(|(&to, &point)| sorted[to] = point);
    sorted
}

fn stands_out(ridge: &[(usize, usize)], rows: &[Vec<f64>], conditions: &Conditions) -> bool {
    if (ridge.len() as f64) < conditions.length {
        return false;
    }
    let (row, column) = ridge[0];
    let half = conditions.noise_window / 2;
    let to = (column + half + conditions.noise_window % 2).min(rows[0].len());
    let noise = percentile(&rows[0][column.saturating_sub(half)..to], conditions.noise_percentile);
    (rows[row][column] / noise).abs() >= conditions.signal_to_noise
}

/// A percentile with linear interpolation; NaN of nothing.
fn percentile(x: &[f64], percent: f64) -> f64 {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = percent / 100.0 * (x.len() as f64 - 1.0).max(0.0);
    let below = place.floor() as usize;
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(low), Some(high)) => low + (high - low) * place.fract(),
        (Some(last), None) => *last,
        _ => f64::NAN,
    }
}
