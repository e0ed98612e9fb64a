//! Slepian sequences: the eigenvectors of a tridiagonal matrix.

use std::f64::consts::PI;

use crate::error::{Error, Result};

pub(super) fn dpss_window(n: usize, nw: f64) -> Result<Vec<f64>> {
    let mut w = dpss(n, nw, 1)?.remove(0);
    let top = w.iter().copied().fold(f64::MIN, f64::max);
    // For an even length the peak lies between two samples; this is SciPy's correction for it.
    let scale = if n.is_multiple_of(2) { (n * n) as f64 / ((n * n) as f64 + nw) } else { 1.0 } / top;
    w.iter_mut().for_each(|v| *v *= scale);
    Ok(w)
}

/// Returns the first `count` discrete prolate spheroidal sequences of length `n` and half bandwidth `nw`, with unit
/// energy: eigenvectors of a symmetric tridiagonal matrix (Percival and Walden, 1993, chapter 8.3), the largest
/// eigenvalue first. Even ones have a positive mean, odd ones begin with a positive lobe.
///
/// # Errors
/// `RangeError` unless 0 < nw < n/2 and 1 ≤ count ≤ n.
pub fn dpss(n: usize, nw: f64, count: usize) -> Result<Vec<Vec<f64>>> {
    if !(nw > 0.0 && nw < n as f64 / 2.0) {
        return Err(Error::range(format!("dpss: NW must be above 0 and below half the length {n}, got {nw}")));
    }
    if !(1..=n).contains(&count) {
        return Err(Error::range(format!("dpss: the number of sequences must be from 1 to {n}, got {count}")));
    }
    let cosine = (2.0 * PI * nw / n as f64).cos();
    let diagonal: Vec<f64> = (0..n).map(|i| ((n as f64 - 1.0 - 2.0 * i as f64) / 2.0).powi(2) * cosine).collect();
    let off: Vec<f64> = (1..n).map(|i| i as f64 * (n - i) as f64 / 2.0).collect();
    Ok((0..count).map(|k| oriented(eigenvector(&diagonal, &off, eigenvalue(&diagonal, &off, k)), k)).collect())
}

/// Returns the k-th largest eigenvalue of a symmetric tridiagonal matrix, by bisection on the count of Sturm's
/// sequence.
fn eigenvalue(diagonal: &[f64], off: &[f64], k: usize) -> f64 {
    let radius = |i: usize| {
        let left = if i > 0 { off[i - 1] } else { 0.0 };
        left + off.get(i).copied().unwrap_or(0.0)
    };
    let discs = || diagonal.iter().enumerate().map(|(i, d)| (d - radius(i), d + radius(i)));
    let mut low = discs().map(|d| d.0).fold(f64::MAX, f64::min);
    let mut high = discs().map(|d| d.1).fold(f64::MIN, f64::max);
    let above = |x: f64| {
        let (mut count, mut q) = (0, 1.0);
        for (i, d) in diagonal.iter().enumerate() {
            let square = if i == 0 { 0.0 } else { off[i - 1] * off[i - 1] };
            q = d - x - square / q;
            if q == 0.0 {
                q = f64::EPSILON * (d.abs() + x.abs()).max(f64::MIN_POSITIVE);
            }
            count += usize::from(q > 0.0);
        }
        count
    };
    // 100 halvings exhaust the bits of any f64 interval of this kind.
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if above(middle) > k { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Returns the eigenvector of unit length for an eigenvalue, by inverse iteration with partial pivoting.
fn eigenvector(diagonal: &[f64], off: &[f64], value: f64) -> Vec<f64> {
    let n = diagonal.len();
    let scale = diagonal.iter().chain(off).fold(0.0_f64, |m, x| m.max(x.abs())).max(f64::MIN_POSITIVE);
    // Rows of the triangular factor (three diagonals) and what elimination did at each step.
    let (mut upper, mut steps) = (vec![[0.0; 3]; n], vec![(0.0, false); n]);
    let mut row = [diagonal[0] - value, off.first().copied().unwrap_or(0.0), 0.0];
    for i in 0..n - 1 {
        let below = [off[i], diagonal[i + 1] - value, off.get(i + 1).copied().unwrap_or(0.0)];
        let swapped = below[0].abs() > row[0].abs();
        let (pivot, other) = if swapped { (below, row) } else { (row, below) };
        let factor = if pivot[0] == 0.0 { 0.0 } else { other[0] / pivot[0] };
        upper[i] = pivot;
        steps[i] = (factor, swapped);
        row = [other[1] - factor * pivot[1], other[2] - factor * pivot[2], 0.0];
    }
    upper[n - 1] = row;
    for row in &mut upper {
        if row[0].abs() < scale * f64::EPSILON {
            row[0] = scale * f64::EPSILON;
        }
    }
    // A start that is orthogonal to no eigenvector: neither even nor odd.
    let mut v: Vec<f64> = (0..n).map(|i| 1.0 + 0.5 * (i as f64 * 0.7).sin() + i as f64 / n as f64).collect();
    for _ in 0..4 {
        for i in 0..n - 1 {
            let (factor, swapped) = steps[i];
            if swapped {
                v.swap(i, i + 1);
            }
            v[i + 1] -= factor * v[i];
        }
        for i in (0..n).rev() {
            let later = |k: usize| v.get(i + k).copied().unwrap_or(0.0);
            v[i] = (v[i] - upper[i][1] * later(1) - upper[i][2] * later(2)) / upper[i][0];
        }
        let largest = v.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        v.iter_mut().for_each(|x| *x /= largest);
        let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        v.iter_mut().for_each(|x| *x /= norm);
    }
    v
}

fn oriented(mut v: Vec<f64>, k: usize) -> Vec<f64> {
    let negative = if k.is_multiple_of(2) {
        v.iter().sum::<f64>() < 0.0
    } else {
        // The first value that is more than rounding noise says which way the first lobe points.
        let noise = (1.0 / v.len() as f64).min(1e-7);
        v.iter().find(|x| *x * *x > noise).is_some_and(|x| *x < 0.0)
    };
    if negative {
        v.iter_mut().for_each(|x| *x = -*x);
    }
    v
}
