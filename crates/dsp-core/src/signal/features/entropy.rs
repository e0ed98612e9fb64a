//! Entropies of a signal: Shannon's of its histogram, sample entropy (Richman and Moorman, 2000), approximate entropy
//! (Pincus, 1991).
//!
//! Two templates match if all their components differ by at most r; `|a − b| > r` is the test, so a NaN matches anything.
//! Templates are compared lag by lag: one pass marks the samples that lie within r of the sample `lag` later, and runs of m
//! marks are matches of length m. That is the number of comparisons of the definition divided by the vector width, and by m.

use crate::error::{Error, Result};
use crate::kernels::matches::{add, and_shifted, count, within};

/// The most bins of a histogram.
pub const MAX_BINS: usize = 1 << 24;

/// Shannon entropy in bits of the histogram of `x` over [min, max] in `bins` equal bins; 0 for empty or constant input.
pub fn shannon(x: &[f32], bins: usize) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &x in x {
        low = low.min(x.into());
        high = high.max(x.into());
    }
    if bins == 0 || x.is_empty() || high <= low {
        return 0.0;
    }
    let width = (high - low) / bins as f64;
    let mut counts = vec![0_u32; bins];
    for &x in x {
        // A NaN, or an infinite range, ends up in bin 0.
        counts[(((f64::from(x) - low) / width) as usize).min(bins - 1)] += 1;
    }
    let n = x.len() as f64;
    -counts.iter().filter(|&&c| c > 0).map(|&c| f64::from(c) / n).map(|p| p * p.log2()).sum::<f64>()
}

/// The default tolerance, 0.2 population standard deviations.
fn default_tolerance(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    0.2 * (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt()
}

fn prepared(x: &[f32], m: usize, r: Option<f64>) -> Result<(Vec<f64>, f64)> {
    if x.len() < m.saturating_add(1) {
        return Err(Error::failed(format!("Signal too short for pattern length {m}")));
    }
    let x: Vec<f64> = x.iter().map(|&x| x.into()).collect();
    let r = r.unwrap_or_else(|| default_tolerance(&x));
    Ok((x, r))
}

/// Makes marks of single matches to marks of `m` matches in a row, beginning there: `flags[i] = Π_{k<m} flags[i+k]`.
/// The last m − 1 flags become stale.
fn runs(flags: &mut [u8], m: usize) {
    let mut width = 1;
    while width < m {
        let step = width.min(m - width);
        and_shifted(flags, step);
        width += step;
    }
}

/// Sample entropy `−ln(A/B)` for templates of `m` samples; `r` is 0.2 standard deviations unless given. Of all pairs
/// i < j < n−m, B have m matching samples, and A of those with j < n−m−1 match in the next one too. Infinity if A or B is 0.
///
/// # Errors
/// A plain `Error` for fewer than m + 1 samples.
pub fn sample_entropy(x: &[f32], m: usize, r: Option<f64>) -> Result<f64> {
    let (x, r) = prepared(x, m, r)?;
    let n = x.len();
    let templates = n - m;
    let mut flags = vec![1_u8; n];
    let (mut a, mut b) = (0, 0);
    for lag in 1..templates {
        let flags = &mut flags[..n - lag];
        within(&x, lag, r, flags);
        let pairs = templates - lag;
        if m == 0 {
            b += pairs as u64;
            a += count(&flags[..pairs - 1]);
            continue;
        }
        runs(flags, m);
        b += count(&flags[..pairs]);
        // One more in a row.
        and_shifted(&mut flags[..pairs], 1);
        a += count(&flags[..pairs - 1]);
    }
    Ok(if a == 0 || b == 0 { f64::INFINITY } else { -(a as f64 / b as f64).ln() })
}

/// Approximate entropy `φ(m) − φ(m+1)`, where φ(q) is the mean logarithm of the share of templates of q samples that match each
/// one, itself included; `r` as in [`sample_entropy`].
///
/// # Errors
/// A plain `Error` for fewer than m + 1 samples.
pub fn approximate_entropy(x: &[f32], m: usize, r: Option<f64>) -> Result<f64> {
    let (x, r) = prepared(x, m, r)?;
    let n = x.len();
    let (shorter, longer) = (n - m + 1, n - m);
    // Every template matches itself.
    let (mut short, mut long) = (vec![1_u32; shorter], vec![1_u32; longer]);
    let mut flags = vec![1_u8; n];
    for lag in 1..n {
        let flags = &mut flags[..n - lag];
        within(&x, lag, r, flags);
        if m > 0 && lag < shorter {
            runs(flags, m);
            add_pairs(&mut short, &flags[..shorter - lag], lag);
            and_shifted(flags, 1);
        }
        if lag < longer {
            add_pairs(&mut long, &flags[..longer - lag], lag);
        }
    }
    // Templates of no samples all match, and φ(0) = 0.
    Ok(if m == 0 { 0.0 } else { phi(&short) } - phi(&long))
}

/// Counts the matches of i and i + lag for both.
fn add_pairs(counts: &mut [u32], flags: &[u8], lag: usize) {
    add(counts, flags);
    add(&mut counts[lag..], flags);
}

fn phi(matching: &[u32]) -> f64 {
    let total = matching.len() as f64;
    matching.iter().map(|&c| (f64::from(c) / total).ln()).sum::<f64>() / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mismatch(x: &[f32], i: usize, j: usize, m: usize, r: f64) -> bool {
        (0..m).any(|k| (f64::from(x[i + k]) - f64::from(x[j + k])).abs() > r)
    }

    fn sample_by_definition(x: &[f32], m: usize, r: f64) -> f64 {
        let (mut a, mut b) = (0.0, 0.0);
        for j in 0..x.len() - m {
            for i in 0..j {
                if !mismatch(x, i, j, m, r) {
                    b += 1.0;
                    a += f64::from(u8::from(j + 1 < x.len() - m && !mismatch(x, i + m, j + m, 1, r)));
                }
            }
        }
        if a == 0.0 || b == 0.0 { f64::INFINITY } else { -f64::ln(a / b) }
    }

    fn phi_by_definition(x: &[f32], q: usize, r: f64) -> f64 {
        let t = x.len() - q + 1;
        let share = |i| (0..t).filter(|&j| !mismatch(x, i, j, q, r)).count() as f64 / t as f64;
        (0..t).map(|i| share(i).ln()).sum::<f64>() / t as f64
    }

    proptest! {
        #[test]
        fn equal_their_definitions(
            x in prop::collection::vec(prop_oneof![9 => -3_f32..3.0, 1 => Just(f32::NAN)], 8..90), m in 0_usize..6, r in 0_f64..2.0
        ) {
            let sample = sample_entropy(&x, m, Some(r)).unwrap();
            prop_assert!(sample == sample_by_definition(&x, m, r), "{} {}", sample, sample_by_definition(&x, m, r));
            let want = phi_by_definition(&x, m, r) - phi_by_definition(&x, m + 1, r);
            prop_assert!((approximate_entropy(&x, m, Some(r)).unwrap() - want).abs() < 1e-12);
        }
    }

    #[test]
    fn shannon_counts_the_histogram() {
        assert_eq!(shannon(&[0.0, 1.0, 2.0, 3.0], 4), 2.0);
        assert_eq!(shannon(&[0.0, 0.0, 1.0, 1.0], 256), 1.0);
        assert_eq!((shannon(&[], 4), shannon(&[3.0; 9], 4)), (0.0, 0.0));
    }

    #[test]
    fn short_signals_are_refused() {
        let error = sample_entropy(&[1.0, 2.0], 2, None).unwrap_err();
        assert!(matches!(error, Error::Failed(_)) && error.to_string().contains("too short for pattern length 2"));
        assert!(approximate_entropy(&[1.0, 2.0], 2, None).is_err());
        assert_eq!(sample_entropy(&[1.0, 2.0, 3.0], 2, None), Ok(f64::INFINITY));
    }
}
