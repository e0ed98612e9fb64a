//! Detrended fluctuation analysis, of one order and of many (multifractal).
//!
//! The profile (cumulative sum of what is above the mean) is cut into half-overlapping windows, each less its line; the
//! fluctuation of a length is a power mean of their variances, and α the slope of its logarithm over that of the length.

use super::Columns;
use crate::signal::biosignal::numbers::{mean, slope};

/// Lengths of the short windows, and the first of the long ones.
const SHORT: std::ops::RangeInclusive<usize> = 4..=11;
const LONG: usize = 12;
/// Orders of the multifractal analysis: −5 to 5.
const ORDERS: usize = 11;

pub fn columns(values: &[f64]) -> Columns {
    let mut columns = vec![];
    if values.len() < 12 {
        return vec![("DFA_alpha1".into(), f64::NAN), ("DFA_alpha2".into(), f64::NAN)];
    }
    let centre = mean(values);
    let mut sum = 0.0;
    let profile: Vec<f64> = values
        .iter()
        .map(|x| {
            sum += x - centre;
            sum
        })
        .collect();
    analyse(&profile, SHORT.collect(), "1", &mut columns);
    let longest = (values.len() + 1) as f64 / 10.0;
    if longest >= (LONG + 1) as f64 {
        analyse(&profile, (LONG..=longest as usize).collect(), "2", &mut columns);
    }
    columns
}

/// The columns of one range of window lengths.
fn analyse(profile: &[f64], lengths: Vec<usize>, number: &str, columns: &mut Columns) {
    let variances: Vec<Vec<f64>> = lengths.iter().map(|length| detrended_variances(profile, *length)).collect();
    let logs: Vec<f64> = lengths.iter().map(|length| (*length as f64).log2()).collect();
    let alpha = |order: f64| {
        let fluctuations: Vec<f64> = variances.iter().map(|list| power_mean(list, order).log2()).collect();
        slope(&logs, &fluctuations)
    };
    columns.push((format!("DFA_alpha{number}"), alpha(2.0)));
    let slopes: Vec<f64> = (0..ORDERS).map(|k| alpha(k as f64 - 5.0)).collect();
    for (name, value) in spectrum(&slopes) {
        columns.push((format!("MFDFA_alpha{number}_{name}"), value));
    }
}

/// Variances of the windows of a length, each less its line, but those that are nearly 0.
fn detrended_variances(profile: &[f64], length: usize) -> Vec<f64> {
    let n = length as f64;
    let middle = (n - 1.0) / 2.0;
    let spread = n * (n * n - 1.0) / 12.0;
    let mut variances: Vec<f64> = (0..profile.len().saturating_sub(length))
        .step_by(length / 2)
        .map(|start| {
            let window = &profile[start..start + length];
            let centre = mean(window);
            let rise = window.iter().enumerate().map(|(k, y)| (k as f64 - middle) * (y - centre)).sum::<f64>() / spread;
            let rest = |(k, y): (usize, &f64)| (y - centre - rise * (k as f64 - middle)).powi(2);
            window.iter().enumerate().map(rest).sum::<f64>() / n
        })
        .collect();
    let largest = variances.iter().copied().fold(0.0, f64::max);
    variances.retain(|variance| *variance > 1e-8 * largest);
    variances
}

/// Mean of deviations: `(mean vᵠᐟ²)^(1/q)`, the geometric one for q = 0.
fn power_mean(variances: &[f64], order: f64) -> f64 {
    let logs: Vec<f64> = variances.iter().map(|v| v.ln()).collect();
    if order == 0.0 {
        return (0.5 * mean(&logs)).exp();
    }
    let powers: Vec<f64> = variances.iter().map(|v| v.powf(order / 2.0)).collect();
    mean(&powers).powf(1.0 / order)
}

/// Differences to both neighbours, at the ends to one.
fn gradient(values: &[f64]) -> Vec<f64> {
    let last = values.len() - 1;
    (0..=last)
        .map(|k| match k {
            0 => values[1] - values[0],
            k if k == last => values[k] - values[k - 1],
            k => (values[k + 1] - values[k - 1]) / 2.0,
        })
        .collect()
}

/// Place of the first largest value.
fn place(values: &[f64], is_better: fn(f64, f64) -> bool) -> usize {
    (1..values.len()).fold(0, |best, k| if is_better(values[k], values[best]) { k } else { best })
}

/// The singularity spectrum that slopes of the orders −5 to 5 describe.
fn spectrum(slopes: &[f64]) -> [(&'static str, f64); 8] {
    let orders: Vec<f64> = (0..slopes.len()).map(|k| k as f64 - 5.0).collect();
    let tau: Vec<f64> = orders.iter().zip(slopes).map(|(q, slope)| q * slope - 1.0).collect();
    let h = gradient(&tau);
    let d: Vec<f64> = h.iter().zip(&orders).zip(&tau).map(|((h, q), tau)| q * h - tau).collect();
    let (most, least) = (place(&h, |a, b| a > b), place(&h, |a, b| a < b));
    let width = h[most] - h[least];
    let peak = h[place(&d, |a, b| a > b)];
    let first = gradient(slopes);
    let second: f64 = gradient(&first).iter().map(|x| x * x).sum();
    [
        ("Width", width),
        ("Peak", peak),
        ("Mean", (h[most] + h[least]) / 2.0),
        ("Max", d[most]),
        ("Delta", d[most] - d[least]),
        ("Asymmetry", (h[least] - peak) / width),
        ("Fluctuation", second / (2.0 * 5.0 + 2.0)),
        ("Increment", first.iter().map(|x| x * x).sum()),
    ]
}
