//! Entropies of a signal: Shannon's of its histogram, sample entropy (Richman and Moorman, 2000), approximate entropy
//! (Pincus, 1991).
//!
//! Two templates match if all their components differ by at most r. A distance to NaN is undefined, so a signal that
//! contains one has the entropy NaN; so has a signal with infinities if r follows from the standard deviation.
//! Templates are compared lag by lag: one pass marks the samples that lie within r of the sample `lag` later, and runs
//! of m marks are matches of length m. That is the number of comparisons of the definition divided by the vector width,
//! and by m.

use crate::error::{Error, Result};
use crate::kernels::matches::{add, and_shifted, count, within};
use crate::limits::filled;

/// Largest number of bins of a histogram.
pub const MAX_BINS: usize = 1 << 24;

/// Returns the Shannon entropy in bits of the histogram of `x` over [min, max] in `bins` equal bins; 0 for empty or
/// constant input, NaN for a signal that holds a NaN or an infinity.
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
    if !width.is_finite() || x.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let mut counts = vec![0_u32; bins];
    for &x in x {
        counts[(((f64::from(x) - low) / width) as usize).min(bins - 1)] += 1;
    }
    let n = x.len() as f64;
    -counts.iter().filter(|&&c| c > 0).map(|&c| f64::from(c) / n).map(|p| p * p.log2()).sum::<f64>()
}

/// Returns the default tolerance: 0.2 population standard deviations.
fn default_tolerance(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    0.2 * (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// Returns the samples as f64 and the tolerance; `None` if distances are undefined.
fn prepared(x: &[f32], m: usize, r: Option<f64>) -> Result<Option<(Vec<f64>, f64)>> {
    if x.len() < m.saturating_add(1) {
        return Err(Error::failed(format!("Signal too short for pattern length {m}")));
    }
    let mut samples = filled(0.0, x.len())?;
    samples.iter_mut().zip(x).for_each(|(sample, &x)| *sample = f64::from(x));
    let r = r.unwrap_or_else(|| default_tolerance(&samples));
    let is_defined = !r.is_nan() && !x.iter().any(|x| x.is_nan());
    Ok(is_defined.then_some((samples, r)))
}

/// The templates of m + 1 samples that [`sample_entropy`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Templates {
    /// All that begin where one of the N − m templates of m samples begins (Richman and Moorman).
    Equal,
    /// All of these but the last, as in dspx; the entropy of a constant is then not 0.
    OneLess,
}

/// Turns marks of single matches into marks of the starts of `m` consecutive matches: `flags[i] = Π_{k<m} flags[i+k]`.
/// The last m − 1 flags become stale.
fn runs(flags: &mut [u8], m: usize) {
    let mut width = 1;
    while width < m {
        let step = width.min(m - width);
        and_shifted(flags, step);
        width += step;
    }
}

/// Returns the sample entropy `−ln(A/B)` for templates of `m` samples; `r` is 0.2 population standard deviations unless
/// given. Of all pairs i < j < N−m, B have m matching samples, and A match in the next one too. Infinity if A or B is
/// 0, NaN for a signal that holds one. `templates` says whether A counts all of these pairs.
///
/// # Errors
/// A plain `Error` for fewer than m + 1 samples, `RangeError` for more than fit into memory.
pub fn sample_entropy(x: &[f32], m: usize, r: Option<f64>, templates: Templates) -> Result<f64> {
    let Some((x, r)) = prepared(x, m, r)? else { return Ok(f64::NAN) };
    let n = x.len();
    let shorter = n - m;
    let left_out = usize::from(templates == Templates::OneLess);
    let mut flags = filled(1_u8, n)?;
    let (mut a, mut b) = (0, 0);
    for lag in 1..shorter {
        let flags = &mut flags[..n - lag];
        within(&x, lag, r, flags);
        let pairs = shorter - lag;
        if m == 0 {
            b += pairs as u64;
            a += count(&flags[..pairs - left_out]);
            continue;
        }
        runs(flags, m);
        b += count(&flags[..pairs]);
        // One more in a row: the match after the last pair's is there for that.
        and_shifted(&mut flags[..=pairs], 1);
        a += count(&flags[..pairs - left_out]);
    }
    Ok(if a == 0 || b == 0 { f64::INFINITY } else { (b as f64 / a as f64).ln() })
}

/// Returns the approximate entropy `φ(m) − φ(m+1)`, where φ(q) is the mean logarithm of the share of templates of q
/// samples that match each one, itself included; `r`, NaN and errors as in [`sample_entropy`].
///
/// # Errors
/// As [`sample_entropy`].
pub fn approximate_entropy(x: &[f32], m: usize, r: Option<f64>) -> Result<f64> {
    let Some((x, r)) = prepared(x, m, r)? else { return Ok(f64::NAN) };
    let n = x.len();
    let (shorter, longer) = (n - m + 1, n - m);
    // Every template matches itself.
    let (mut short, mut long) = (filled(1_u32, shorter)?, filled(1_u32, longer)?);
    let mut flags = filled(1_u8, n)?;
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

/// Adds the matches of the pairs i and i + lag to the counts of both.
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

    fn sample_by_definition(x: &[f32], m: usize, r: f64, left_out: usize) -> f64 {
        let (mut a, mut b) = (0.0, 0.0);
        for j in 0..x.len() - m {
            for i in 0..j {
                if !mismatch(x, i, j, m, r) {
                    b += 1.0;
                    a += f64::from(u8::from(j + left_out < x.len() - m && !mismatch(x, i + m, j + m, 1, r)));
                }
            }
        }
        if a == 0.0 || b == 0.0 { f64::INFINITY } else { f64::ln(b / a) }
    }

    fn phi_by_definition(x: &[f32], q: usize, r: f64) -> f64 {
        let t = x.len() - q + 1;
        let share = |i| (0..t).filter(|&j| !mismatch(x, i, j, q, r)).count() as f64 / t as f64;
        (0..t).map(|i| share(i).ln()).sum::<f64>() / t as f64
    }

    proptest! {
        #[test]
        fn equal_their_definitions(
            x in prop::collection::vec(prop_oneof![9 => -3_f32..3.0, 1 => Just(f32::INFINITY)], 8..90), m in 0_usize..6, r in 0_f64..2.0
        ) {
            for (templates, left_out) in [(Templates::Equal, 0), (Templates::OneLess, 1)] {
                let sample = sample_entropy(&x, m, Some(r), templates).unwrap();
                let want = sample_by_definition(&x, m, r, left_out);
                prop_assert!(sample == want, "{} {}", sample, want);
            }
            let want = phi_by_definition(&x, m, r) - phi_by_definition(&x, m + 1, r);
            prop_assert!((approximate_entropy(&x, m, Some(r)).unwrap() - want).abs() < 1e-12);
        }
    }

    /// `neurokit2.entropy_sample(x, dimension=2, tolerance=0.2)` of the same samples; NeuroKit's issue 53 has the
    /// value.
    #[test]
    fn sample_entropy_is_that_of_richman_and_moorman() {
        let x: Vec<f32> = (0..100).map(|i| (30.0 * f64::from(i) / 99.0).cos() as f32).collect();
        let got = sample_entropy(&x, 2, Some(0.2), Templates::Equal).unwrap();
        assert!((got - 0.276_723_058_662).abs() < 1e-12, "{got}");
        let as_dspx = sample_entropy(&x, 2, Some(0.2), Templates::OneLess).unwrap();
        assert!((as_dspx - 0.290_44).abs() < 1e-5, "{as_dspx}");
    }

    #[test]
    fn a_constant_has_no_entropy_and_a_nan_has_no_number() {
        for m in 0..4 {
            assert_eq!(sample_entropy(&[3.0; 50], m, None, Templates::Equal).unwrap().to_bits(), 0);
            assert_eq!(approximate_entropy(&[3.0; 50], m, None).unwrap(), 0.0);
        }
        for bad in [f32::NAN, f32::INFINITY] {
            let mut x: Vec<f32> = (0..200).map(|i| (i * i % 37) as f32).collect();
            x[90] = bad;
            let sample = sample_entropy(&x, 2, None, Templates::Equal).unwrap();
            assert!(sample.is_nan() && approximate_entropy(&x, 2, None).unwrap().is_nan() && shannon(&x, 16).is_nan());
        }
        assert!(sample_entropy(&[0.0, 1.0, f32::NAN, 1.0, 0.0], 2, Some(0.2), Templates::Equal).unwrap().is_nan());
    }

    #[test]
    fn shannon_counts_the_histogram() {
        assert_eq!(shannon(&[0.0, 1.0, 2.0, 3.0], 4), 2.0);
        assert_eq!(shannon(&[0.0, 0.0, 1.0, 1.0], 256), 1.0);
        assert_eq!((shannon(&[], 4), shannon(&[3.0; 9], 4)), (0.0, 0.0));
    }

    #[test]
    fn short_signals_are_refused() {
        let error = sample_entropy(&[1.0, 2.0], 2, None, Templates::Equal).unwrap_err();
        assert!(matches!(error, Error::Failed(_)) && error.to_string().contains("too short for pattern length 2"));
        assert!(approximate_entropy(&[1.0, 2.0], 2, None).is_err());
        assert_eq!(sample_entropy(&[1.0, 2.0, 3.0], 2, None, Templates::Equal), Ok(f64::INFINITY));
    }
}
