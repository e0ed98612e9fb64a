//! The chirp z-transform `X[k] = Σ_n x[n]·z_k^(−n)` on the spiral `z_k = a·w^(−k)` (Rabiner, Schafer and Rader, 1969;
//! `scipy.signal.czt`), by Bluestein's convolution.

use std::f64::consts::PI;

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::limits::{collected, filled};
use crate::signal::transform::fft::{ComplexFft, MAX_SIZE, ensure_room};

/// Points of the z-plane: `count` of them, `z_k = start·step^(−k)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spiral {
    /// Number of points.
    pub count: usize,
    /// Ratio `w` of the spiral; `None` is `e^(−2πj/count)`, once around the unit circle.
    pub step: Option<Complex<f64>>,
    /// Starting point `a`.
    pub start: Complex<f64>,
}

impl Spiral {
    /// Returns the arc from `low` to `high` (both in units of the sample rate); the upper end is included only if
    /// `endpoint` (`scipy.signal.zoom_fft`).
    pub fn arc(low: f64, high: f64, count: usize, endpoint: bool) -> Self {
        let steps = if endpoint { count.max(2) - 1 } else { count.max(1) } as f64;
        let step = Complex::from_polar(1.0, -2.0 * PI * (high - low) / steps);
        Self { count, step: Some(step), start: Complex::from_polar(1.0, 2.0 * PI * low) }
    }

    /// Returns `step^(k²/2)`.
    fn chirp(&self, k: usize) -> Complex<f64> {
        match self.step {
            Some(w) => w.powf((k as f64) * (k as f64) / 2.0),
            None => {
                // The phase is reduced in integers: exact for any k.
                let turns = (k as u128 * k as u128 % (2 * self.count as u128)) as f64;
                Complex::from_polar(1.0, -PI * turns / self.count as f64)
            }
        }
    }
}

/// Returns the transform of `x` at the points of a spiral.
///
/// # Errors
/// `RangeError` if points and samples together are more than half the longest transform.
pub fn czt(x: &[Complex<f64>], spiral: &Spiral) -> Result<Vec<Complex<f64>>> {
    let (n, m) = (x.len(), spiral.count);
    if n == 0 || m == 0 {
        return filled(Complex::default(), m);
    }
    let size = n.saturating_add(m).checked_next_power_of_two().filter(|&s| s <= MAX_SIZE);
    let Some(size) = size else {
        return Err(Error::range(format!("czt: {n} samples and {m} points are too many, at most {MAX_SIZE} together")));
    };
    ensure_room(size)?;
    let chirps = collected((0..n.max(m)).map(|k| spiral.chirp(k)))?;
    let mut fft = ComplexFft::<f64>::new(size);
    let transformed = fft.forward(|z| {
        z.fill(Complex::default());
        for (k, chirp) in chirps.iter().enumerate() {
            if k < m {
                z[k] = chirp.inv();
            }
            if (1..n).contains(&k) {
                z[size - k] = chirp.inv();
            }
        }
    });
    let kernel = collected(transformed.iter().copied())?;
    fft.forward(|z| {
        z.fill(Complex::default());
        for (k, z) in z[..n].iter_mut().enumerate() {
            *z = x[k] * spiral.start.powf(-(k as f64)) * chirps[k];
        }
    });
    let product = fft.inverse(|z| z.iter_mut().zip(&kernel).for_each(|(z, k)| *z *= k));
    collected(product[..m].iter().zip(&chirps).map(|(z, chirp)| z * chirp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_its_definition() {
        let x: Vec<_> = (0..13).map(|i| Complex::new(f64::from(i % 5), f64::from(i % 3) - 1.0)).collect();
        let spiral =
            Spiral { count: 9, step: Some(Complex::from_polar(0.98, -0.3)), start: Complex::from_polar(1.1, 0.2) };
        for (k, got) in czt(&x, &spiral).unwrap().iter().enumerate() {
            let z = spiral.start * spiral.step.unwrap().powf(-(k as f64));
            let want: Complex<f64> = x.iter().enumerate().map(|(n, x)| x * z.powf(-(n as f64))).sum();
            assert!((got - want).norm() < 1e-11, "{k}: {got} {want}");
        }
    }

    #[test]
    fn limits() {
        let whole = Spiral { count: 0, step: None, start: Complex::new(1.0, 0.0) };
        assert!(czt(&[Complex::default()], &whole).unwrap().is_empty());
        assert!(czt(&[Complex::default()], &Spiral { count: usize::MAX, ..whole }).is_err());
        assert_eq!(czt(&[], &Spiral { count: 2, ..whole }).unwrap(), [Complex::default(); 2]);
    }
}
