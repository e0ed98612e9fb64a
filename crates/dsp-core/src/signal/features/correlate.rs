//! Linear correlation at lags 0…n−1: `r[k] = Σ_i x[i]·y[i+k]`.

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::signal::transform::fft::{MAX_SIZE, RealFft};

/// Up to this length the sums themselves take less time than three transforms of twice the length.
const DIRECT: usize = 64;

/// The correlation of two signals of one length. For `x = y` that is the autocorrelation.
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
    let mut fft = RealFft::<f64>::new((2 * n).next_power_of_two());
    let load = |signal: &[f32], buffer: &mut [f64]| {
        buffer.iter_mut().zip(signal).for_each(|(b, &s)| *b = s.into());
        buffer[n..].fill(0.0);
    };
    let a: Vec<Complex<f64>> = fft.forward(|buffer| load(x, buffer)).to_vec();
    if !std::ptr::eq(x, y) {
        fft.forward(|buffer| load(y, buffer));
    }
    let r = fft.inverse(|b| b.iter_mut().zip(&a).for_each(|(b, a)| *b *= a.conj()));
    Ok(r[..n].iter().map(|&r| r as f32).collect())
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
    fn limits() {
        assert!(correlate(&[], &[]).unwrap().is_empty());
        assert!(correlate(&[1.0], &[]).is_err());
        assert!(correlate(&[0.0; 100], &[0.0; 100]).unwrap().iter().all(|r| r.to_bits() == 0));
    }
}
