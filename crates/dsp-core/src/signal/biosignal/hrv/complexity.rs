//! Entropies and dimensions of the intervals as a sequence.

use super::{Columns, named};
use crate::signal::biosignal::numbers::{deviation, mean, slope, sorted};

/// Length of the templates.
const M: usize = 2;

pub fn columns(values: &[f64]) -> Columns {
    let tolerance = 0.2 * deviation(values);
    named([
        ("ApEn", approximate(values, tolerance)),
        ("SampEn", quotient(matches(values, tolerance))),
        ("ShanEn", shannon(values)),
        ("FuzzyEn", quotient(fuzzy(values, tolerance))),
        ("MSEn", multiscale(values, |scale| quotient(matches(&averaged(values, scale), tolerance)))),
        ("CMSEn", multiscale(values, |scale| composite(values, scale, tolerance))),
        ("RCMSEn", multiscale(values, |scale| refined(values, scale, tolerance))),
        ("CD", correlation_dimension(values)),
        ("HFD", higuchi(values)),
        ("KFD", katz(values)),
        ("LZC", lempel_ziv(values)),
    ])
}

/// Whether two templates of `length` differ nowhere by more than the tolerance.
fn is_match(values: &[f64], i: usize, j: usize, length: usize, tolerance: f64) -> bool {
    (0..length).all(|k| (values[i + k] - values[j + k]).abs() <= tolerance)
}

/// Shares of pairs of templates of m and m + 1 values that match.
fn matches(values: &[f64], tolerance: f64) -> [f64; 2] {
    let Some(count) = values.len().checked_sub(M).filter(|count| *count > 1) else { return [f64::NAN; 2] };
    let (mut short, mut long) = (0.0, 0.0);
    for i in 0..count {
        for j in i + 1..count {
            if is_match(values, i, j, M, tolerance) {
                short += 2.0;
                long += f64::from(u8::from((values[i + M] - values[j + M]).abs() <= tolerance)) * 2.0;
            }
        }
    }
    let pairs = count as f64 * (count as f64 - 1.0);
    [short / pairs, long / pairs]
}

/// `−ln` of how many matches go on; infinite where there are none.
fn quotient([short, long]: [f64; 2]) -> f64 {
    const NOTHING: f64 = 1e-8;
    if short.is_nan() {
        return f64::NAN;
    }
    if short.abs() <= NOTHING {
        return f64::NEG_INFINITY;
    }
    let share = long / short;
    if share.abs() <= NOTHING { f64::INFINITY } else { -share.ln() }
}

/// Approximate entropy: each template matches itself.
fn approximate(values: &[f64], tolerance: f64) -> f64 {
    let phi = |length: usize| {
        let Some(count) = (values.len() + 1).checked_sub(length).filter(|count| *count > 0) else { return f64::NAN };
        let mut found = vec![1.0; count];
        for i in 0..count {
            for j in i + 1..count {
                if is_match(values, i, j, length, tolerance) {
                    found[i] += 1.0;
                    found[j] += 1.0;
                }
            }
        }
        found.iter().map(|n: &f64| (n / count as f64).ln()).sum::<f64>() / count as f64
    };
    (phi(M) - phi(M + 1)).abs()
}

/// Entropy in bits of how often each value comes.
fn shannon(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let ordered = sorted(values);
    let shares = ordered.chunk_by(|a, b| a == b).map(|same| same.len() as f64 / n);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

/// Mean similarities of templates of m and m + 1 values, each less its mean: `exp(−d/r)` with the largest difference d.
fn fuzzy(values: &[f64], tolerance: f64) -> [f64; 2] {
    let Some(count) = values.len().checked_sub(M).filter(|count| *count > 1) else { return [f64::NAN; 2] };
    [M, M + 1].map(|length| {
        let centres: Vec<f64> = (0..count).map(|i| mean(&values[i..i + length])).collect();
        let mut sum = 0.0;
        for i in 0..count {
            for j in i + 1..count {
                let shift = centres[i] - centres[j];
                let distance =
                    (0..length).fold(0.0, |most: f64, k| most.max((values[i + k] - values[j + k] - shift).abs()));
                sum += (-distance / tolerance).exp();
            }
        }
        2.0 * sum / (count as f64 * (count as f64 - 1.0))
    })
}

/// Means of `scale` values at a time.
fn averaged(values: &[f64], scale: usize) -> Vec<f64> {
    values.chunks_exact(scale).map(mean).collect()
}

/// Every `scale`-th value from `first` on, of the values that fill whole rows.
fn shifted(values: &[f64], scale: usize, first: usize) -> Vec<f64> {
    let whole = values.len() / scale * scale;
    values[first..whole].iter().step_by(scale).copied().collect()
}

/// Mean over the scales 1 to n/12, by the trapezoidal rule, of what is finite.
fn multiscale(values: &[f64], entropy: impl Fn(usize) -> f64) -> f64 {
    let scales = 1..values.len() / (M + 10);
    let found: Vec<f64> = scales.map(entropy).filter(|x| x.is_finite()).collect();
    let area: f64 = found.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).sum();
    area / found.len() as f64
}

/// Mean of what is finite; NaN of nothing.
fn finite_mean(values: impl Iterator<Item = f64>) -> f64 {
    mean(&values.filter(|x| x.is_finite()).collect::<Vec<f64>>())
}

fn composite(values: &[f64], scale: usize, tolerance: f64) -> f64 {
    if scale == 1 {
        return quotient(matches(values, tolerance));
    }
    finite_mean((0..scale).map(|first| quotient(matches(&shifted(values, scale, first), tolerance))))
}

fn refined(values: &[f64], scale: usize, tolerance: f64) -> f64 {
    let found: Vec<[f64; 2]> = (0..scale).map(|first| matches(&shifted(values, scale, first), tolerance)).collect();
    quotient([finite_mean(found.iter().map(|pair| pair[0])), finite_mean(found.iter().map(|pair| pair[1]))])
}

/// Correlation dimension: slope of the logarithm of the share of pairs of points closer than a radius, over 64 radii.
fn correlation_dimension(values: &[f64]) -> f64 {
    const RADII: usize = 64;
    let points: Vec<(f64, f64)> = values.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let pairs = || points.iter().enumerate().flat_map(|(i, p)| points[i + 1..].iter().map(move |q| (p, q)));
    let distance = |(p, q): (&(f64, f64), &(f64, f64))| (p.0 - q.0).hypot(p.1 - q.1);
    let most = pairs().map(distance).fold(0.0, f64::max);
    let (first, last) = ((1.0 + 0.025 * most).log2(), (1.0 + 0.5 * most).log2());
    let step = (last - first) / (RADII - 1) as f64;
    let radii: Vec<f64> = (0..RADII).map(|k| (first + step * k as f64 - 1.0).exp2()).collect();
    let mut counts = [0.0; RADII + 1];
    for pair in pairs() {
        let near = distance(pair);
        counts[radii.partition_point(|radius| *radius <= near)] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    let (mut x, mut y, mut below) = (vec![], vec![], 0.0);
    for (radius, count) in radii.iter().zip(counts) {
        below += count;
        if below > 0.0 {
            x.push(radius.log2());
            y.push((below / total).log2());
        }
    }
    slope(&x, &y)
}

/// Higuchi's dimension from lengths at the steps 1 to 10.
fn higuchi(values: &[f64]) -> f64 {
    const STEPS: usize = 10;
    let n = values.len();
    let length = |step: usize| {
        let parts = (0..step.min(n)).map(|first| {
            let count = (n - first - 1) / step;
            let steps = (1..=count).map(|i| (values[first + i * step] - values[first + (i - 1) * step]).abs());
            steps.sum::<f64>() * (n - 1) as f64 / (count * step) as f64 / step as f64
        });
        parts.sum::<f64>() / step as f64
    };
    let logs: Vec<f64> = (1..=STEPS).map(|step| (step as f64).ln()).collect();
    let lengths: Vec<f64> = (1..=STEPS).map(|step| length(step).ln()).collect();
    -slope(&logs, &lengths)
}

/// Katz' dimension: `log(L/a) / log(d/a)`.
fn katz(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let (length, step) = (steps.iter().sum::<f64>(), mean(&steps));
    let reach = values.iter().map(|x| (x - values[0]).abs()).fold(0.0, f64::max);
    (length / step).log10() / (reach / step).log10()
}

/// Lempel and Ziv's complexity (1976, by the algorithm of Kaspar and Schuster) of which values are above the mean.
fn lempel_ziv(values: &[f64]) -> f64 {
    let centre = mean(values);
    let bits: Vec<bool> = values.iter().map(|x| *x > centre).collect();
    let n = bits.len();
    let (mut words, mut start) = (1, 1);
    while start < n {
        // The longest beginning of the rest that has come before, overlapping allowed, and one more.
        let longest = (0..start)
            .map(|from| (0..n - start).take_while(|k| bits[from + k] == bits[start + k]).count())
            .max()
            .unwrap_or(0);
        words += 1;
        start += longest + 1;
    }
    f64::from(words) * (n as f64).log2() / n as f64
}
