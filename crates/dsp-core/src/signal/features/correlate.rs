//! Linear correlation at lags 0…n−1: `r[k] = Σ_i x[i]·y[i+k]`.
//!
//! Long signals are correlated by FFT, except for their outliers ([`Outliers`]): a NaN affects only the lags whose sums
//! contain it.

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::limits::collected;
use crate::signal::transform::fft::{MAX_SIZE, RealFft, ensure_room};
use crate::signal::transform::outliers::Outliers;

/// Largest length for which direct sums are faster than three transforms of twice the length.
const DIRECT: usize = 64;

/// Returns the correlation of two signals of the same length; for `x = y` the autocorrelation.
///
/// # Errors
/// `RangeError` for signals of different length, or longer than half the longest transform.
pub fn correlate(x: &[f32], y: &[f32]) -> Result<Vec<f32>> {
    let n = x.len();
    if n != y.len() {
        return Err(Error::range(format!("signals must have the same length, got {n} and {}", y.len())));
    }
    if n > MAX_SIZE / 2 {
        return Err(Error::range(format!("signals of {n} samples are too long, at most {}", MAX_SIZE / 2)));
    }
    if n <= DIRECT {
        let lag = |k: usize| x.iter().zip(&y[k..]).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
        return Ok((0..n).map(|k| lag(k) as f32 + 0.0).collect());
    }
    ensure_room(2 * n)?;
    let widened = |signal: &[f32]| collected(signal.iter().map(|&s| f64::from(s)));
    let (mut quiet_x, mut quiet_y) = (widened(x)?, widened(y)?);
    let (mut loud_x, mut loud_y) = (Outliers::default(), Outliers::default());
    loud_x.take(&mut quiet_x);
    loud_y.take(&mut quiet_y);
    let mut r = transformed(&quiet_x, (!std::ptr::eq(x, y)).then_some(&quiet_y))?;
    for &(place, value) in loud_x.list() {
        r.iter_mut().zip(&y[place..]).for_each(|(r, &y)| *r += value * f64::from(y));
    }
    for &(place, value) in loud_y.list() {
        r.iter_mut().zip(quiet_x[..=place].iter().rev()).for_each(|(r, x)| *r += value * x);
    }
    collected(r.iter().map(|&r| r as f32))
}

/// Returns the correlation by three transforms; without `y` the autocorrelation by two.
fn transformed(x: &[f64], y: Option<&Vec<f64>>) -> Result<Vec<f64>> {
    let n = x.len();
    let mut fft = RealFft::<f64>::new((2 * n).next_power_of_two());
    let load = |signal: &[f64], buffer: &mut [f64]| {
        buffer[..n].copy_from_slice(signal);
        buffer[n..].fill(0.0);
    };
    let a: Vec<Complex<f64>> = collected(fft.forward(|buffer| load(x, buffer)).iter().copied())?;
    if let Some(y) = y {
        fft.forward(|buffer| load(y, buffer));
    }
    collected(fft.inverse(|b| b.iter_mut().zip(&a).for_each(|(b, a)| *b *= a.conj()))[..n].iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delayed_copy_peaks_at_its_delay() {
        let x: Vec<f32> = (0..200).map(|i| ((i * i) % 17) as f32 - 8.0).collect();
        let y: Vec<f32> = (0..200).map(|i| if i < 7 { 0.0 } else { x[i - 7] }).collect();
        let r = correlate(&x, &y).unwrap();
        let largest = r.iter().copied().fold(f32::MIN, f32::max);
        assert_eq!(r.iter().position(|&v| v == largest), Some(7));
    }

    #[test]
    fn transform_and_sums_agree() {
        for n in [1, 2, DIRECT, DIRECT + 1, 300] {
            let x: Vec<f32> = (0..n).map(|i| ((i * 31) % 19) as f32 - 9.0).collect();
            let y: Vec<f32> = (0..n).map(|i| ((i * 17) % 23) as f32 - 11.0).collect();
            for other in [&x, &y] {
                let r = correlate(&x, other).unwrap();
                for (k, r) in r.iter().enumerate() {
                    let want: f64 = (0..n - k).map(|i| f64::from(x[i]) * f64::from(other[i + k])).sum();
                    // The largest value is about 30·n; half a unit of f32 there.
                    assert!((f64::from(*r) - want).abs() <= 3e-6 * n as f64, "{n} {k}");
                }
            }
        }
    }

    #[test]
    fn a_bad_sample_touches_the_lags_that_it_is_part_of() {
        let n = 500;
        let signal = |step: usize| (0..n).map(|i| ((i * step) % 19) as f32 - 8.5).collect::<Vec<_>>();
        let (x, y) = (signal(31), signal(17));
        for bad in [f32::NAN, f32::INFINITY, 3e38] {
            let (mut bad_x, mut bad_y) = (x.clone(), y.clone());
            bad_x[300] = bad;
            bad_y[100] = bad;
            let clean = correlate(&x, &y).unwrap();
            for (got, last) in [(correlate(&bad_x, &y), n - 1 - 300), (correlate(&x, &bad_y), 100)] {
                let got = got.unwrap();
                // No sample is 0 and none of the products cancels, so each lag up to the last is touched. Sums below
                // 5e4.
                let differs = |k: &usize| got[*k].is_nan() || (got[*k] - clean[*k]).abs() >= 0.01;
                let touched: Vec<usize> = (0..n).filter(differs).collect();
                assert_eq!(touched, (0..=last).collect::<Vec<_>>(), "{bad}");
            }
        }
    }

    #[test]
    fn limits() {
        assert!(correlate(&[], &[]).unwrap().is_empty());
        assert!(correlate(&[1.0], &[]).is_err());
        assert!(correlate(&[0.0; 100], &[0.0; 100]).unwrap().iter().all(|r| r.to_bits() == 0));
    }
}
