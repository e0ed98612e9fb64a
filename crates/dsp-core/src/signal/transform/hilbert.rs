//! The analytic signal: the positive half of the spectrum, doubled (`scipy.signal.hilbert`).

use std::f64::consts::PI;

use rustfft::num_complex::Complex;

use crate::error::Result;
use crate::limits::collected;
use crate::signal::transform::fft::{RealFft, ensure_room};

/// Returns `x + j·H{x}` of the whole signal, taken as one period.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn analytic_signal(x: &[f64]) -> Result<Vec<Complex<f64>>> {
    let n = x.len();
    if n == 0 {
        return Ok(vec![]);
    }
    ensure_room(n)?;
    // The real part is x itself; the imaginary part has its spectrum, turned back by a quarter, without DC and Nyquist.
    let mut fft = RealFft::<f64>::new(n);
    let turned = fft.forward(|samples| samples.copy_from_slice(x));
    turned.iter_mut().for_each(|z| *z = Complex::new(z.im, -z.re));
    turned[0] = Complex::default();
    if n.is_multiple_of(2) {
        turned[n / 2] = Complex::default();
    }
    let quadrature = fft.inverse(|_| ());
    collected(x.iter().zip(quadrature).map(|(&re, &mut im)| Complex::new(re, im)))
}

/// Returns weights w such that the imaginary part of the analytic signal's sample at `place` is `Σ w[m]·x[m]`, for n
/// samples.
///
/// The Hilbert transform of one period is a circular convolution with `(2/N)·cot(πd/N)` for odd d and 0 for even d if N
/// is even; with `cot(πd/2N)/N` for odd d and `−tan(πd/2N)/N` for even d if N is odd. Its real part is x itself, so
/// that one dot product replaces two transforms.
pub fn quadrature_weights(n: usize, place: usize) -> Vec<f64> {
    let size = n as f64;
    let kernel = |d: usize| {
        let angle = PI * d as f64 / size;
        match (!d.is_multiple_of(2), n.is_multiple_of(2)) {
            (true, true) => 2.0 / (size * angle.tan()),
            (false, true) => 0.0,
            (true, false) => 1.0 / (size * (angle / 2.0).tan()),
            (false, false) => -(angle / 2.0).tan() / size,
        }
    };
    (0..n).map(|m| kernel((place + n - m) % n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_give_a_sample_of_the_analytic_signal() {
        for n in (1..70).chain([127, 128, 1000]) {
            let x: Vec<f64> = (0..n).map(|i| f64::from((i * 17) % 23) - 9.0).collect();
            let z = analytic_signal(&x).unwrap();
            for place in [0, n as usize / 2, n as usize - 1] {
                let weights = quadrature_weights(n as usize, place);
                let (dot, z): (f64, _) = (weights.iter().zip(&x).map(|(w, x)| w * x).sum(), z[place]);
                assert!((z.im - dot).abs() < 1e-11 && (z.re - x[place]).abs() < 1e-11, "{n}: {z} {dot}");
            }
        }
    }

    #[test]
    fn envelope_of_a_sine_is_its_amplitude() {
        let x: Vec<f64> = (0..64).map(|i| 3.0 * (2.0 * PI * 5.0 * f64::from(i) / 64.0).sin()).collect();
        assert!(analytic_signal(&x).unwrap().iter().all(|z| (z.norm() - 3.0).abs() < 1e-12));
    }
}
