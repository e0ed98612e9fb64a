//! Filters by rank and by local statistics of whole signals, with zeros beyond the ends (`scipy.signal.order_filter`,
//! `medfilt`, `wiener`).

use crate::error::Result;
use crate::limits::{filled, reserved};
use crate::signal::transform::convolve::{Method, Mode, convolve};

/// Returns at each place the sample of the given rank (0 is the smallest) among those around it where `domain` (of odd
/// length) is true; `rank` is below their number.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn order_filter(x: &[f64], domain: &[bool], rank: usize) -> Result<Vec<f64>> {
    let half = domain.len() / 2;
    let mut padded = filled(0.0, x.len() + 2 * half)?;
    padded[half..half + x.len()].copy_from_slice(x);
    if domain.iter().all(|inside| *inside) {
        return sliding_rank(&padded, domain.len(), rank);
    }
    let mut out = reserved(x.len())?;
    let mut chosen = Vec::with_capacity(domain.len());
    for window in padded.windows(domain.len()).take(x.len()) {
        chosen.clear();
        chosen.extend(window.iter().zip(domain).filter(|(_, inside)| **inside).map(|(x, _)| *x));
        out.push(*chosen.select_nth_unstable_by(rank, f64::total_cmp).1);
    }
    Ok(out)
}

/// The rank in each window of consecutive samples, which is kept sorted.
fn sliding_rank(x: &[f64], size: usize, rank: usize) -> Result<Vec<f64>> {
    let mut out = reserved((x.len() + 1).saturating_sub(size))?;
    let mut sorted = x.get(..size).unwrap_or_default().to_vec();
    sorted.sort_by(f64::total_cmp);
    for (i, oldest) in x.iter().enumerate().take(out.capacity()) {
        out.push(sorted[rank]);
        let Some(newest) = x.get(i + size) else { break };
        let from = sorted.partition_point(|s| s.total_cmp(oldest).is_lt());
        let to = sorted.partition_point(|s| s.total_cmp(newest).is_lt());
        // Only what lies between the two moves.
        if to > from {
            sorted.copy_within(from + 1..to, from);
            sorted[to - 1] = *newest;
        } else {
            sorted.copy_within(to..from, to + 1);
            sorted[to] = *newest;
        }
    }
    Ok(out)
}

/// Returns Wiener's estimate (J. S. Lim, *Two-Dimensional Signal and Image Processing*, 1990, p. 548) from mean and
/// variance of `size` samples around each; `noise` is the variance of the noise, by default the mean of the local ones.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn wiener(x: &[f64], size: usize, noise: Option<f64>) -> Result<Vec<f64>> {
    let box_car = filled(1.0 / size as f64, size)?;
    let mean = convolve(x, &box_car, Mode::Same, Method::Direct)?;
    let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
    let power = convolve(&squares, &box_car, Mode::Same, Method::Direct)?;
    let variance: Vec<f64> = power.iter().zip(&mean).map(|(p, m)| p - m * m).collect();
    let noise = noise.unwrap_or_else(|| variance.iter().sum::<f64>() / x.len() as f64);
    let estimate = |((x, mean), variance): ((&f64, &f64), &f64)| {
        if *variance < noise { *mean } else { (x - mean) * (1.0 - noise / variance) + mean }
    };
    Ok(x.iter().zip(&mean).zip(&variance).map(estimate).collect())
}
