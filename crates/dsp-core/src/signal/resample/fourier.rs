//! Another number of samples of a period, by its spectrum (`scipy.signal.resample`): the trigonometric polynomial
//! through the samples at other places.

use rustfft::num_complex::Complex64;

use crate::error::Result;
use crate::signal::transform::fft::{RealFft, ensure_room, half_size};

/// Returns `count` samples of the period that `x` (not empty) is one of. `window`, as long as `x` and with its middle
/// first (bin 0), weights the spectrum.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn resample(x: &[f64], count: usize, window: Option<&[f64]>) -> Result<Vec<f64>> {
    let n = x.len();
    ensure_room(n.max(count))?;
    let mut spectrum = RealFft::<f64>::new(n).forward(|buffer| buffer.copy_from_slice(x)).to_vec();
    if let Some(window) = window {
        for (k, bin) in spectrum.iter_mut().enumerate() {
            *bin *= f64::midpoint(window[k], window[(n - k) % n]);
        }
    }
    let fewer = n.min(count);
    spectrum.truncate(half_size(fewer));
    if fewer.is_multiple_of(2) && n != count {
        // The bin that stood for both signs of a frequency, or that now does.
        spectrum[fewer / 2] *= if count < n { 2.0 } else { 0.5 };
    }
    let scale = count as f64 / n as f64;
    let samples = RealFft::<f64>::new(count)
        .inverse(|bins| {
            bins.fill(Complex64::ZERO);
            bins.iter_mut().zip(&spectrum).for_each(|(bin, z)| *bin = z * scale);
        })
        .to_vec();
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_sine_stays_one() {
        for (n, count) in [(20, 33), (21, 12), (16, 16), (9, 40)] {
            let sine = |i: usize, n: usize| (TAU * 3.0 * i as f64 / n as f64 + 0.3).sin();
            let x: Vec<f64> = (0..n).map(|i| sine(i, n)).collect();
            let y = resample(&x, count, None).unwrap();
            assert!(y.iter().enumerate().all(|(i, y)| (y - sine(i, count)).abs() < 1e-13), "{n} {count}");
        }
    }
}
