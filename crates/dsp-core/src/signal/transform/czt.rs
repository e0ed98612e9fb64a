//! The chirp z-transform `X[k] = Σ_n x[n]·z_k^(−n)` on the spiral `z_k = a·w^(−k)` (Rabiner, Schafer and Rader, 1969;
//! `scipy.signal.czt`), by Bluestein's convolution.

use std::f64::consts::PI;

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::limits::{collected, filled};
use crate::signal::transform::fft::{ComplexFft, MAX_SIZE, ensure_room};

/// A number `radius·e^(2πj·turns)`, to be raised to high powers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Polar {
    radius: f64,
    turns: f64,
}

impl Polar {
    /// The number that floating-point parts stand for: on the unit circle where they are as near to it as they can be.
    fn of(z: Complex<f64>) -> Self {
        let radius = z.norm();
        let is_unit = (radius - 1.0).abs() <= 4.0 * f64::EPSILON;
        Self { radius: if is_unit { 1.0 } else { radius }, turns: z.arg() / (2.0 * PI) }
    }

    /// A number on the unit circle.
    fn unit(turns: f64) -> Self {
        Self { radius: 1.0, turns }
    }

    fn power(self, exponent: f64) -> Complex<f64> {
        // The product in two numbers without an error, from which whole turns go.
        let product = self.turns * exponent;
        let rest = self.turns.mul_add(exponent, -product);
        let angle = 2.0 * PI * (product - product.round() + rest);
        let radius = if self.radius == 1.0 { 1.0 } else { self.radius.powf(exponent) };
        Complex::from_polar(radius, angle)
    }

    /// Returns `z^(−k)` for k < n, each as a product of two powers.
    fn negative_powers(self, n: usize) -> impl Iterator<Item = Complex<f64>> {
        const ROW: usize = 256;
        let row: Vec<_> = (0..ROW).map(|k| self.power(-(k as f64))).collect();
        let starts = (0..n).step_by(ROW).map(move |k| self.power(-(k as f64)));
        starts.flat_map(move |start| row.clone().into_iter().map(move |power| start * power)).take(n)
    }
}

/// Points of the z-plane: `count` of them, `z_k = start·step^(−k)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spiral {
    count: usize,
    /// `w`; `None` is `e^(−2πj/count)`, once around the circle.
    step: Option<Polar>,
    /// `a`
    start: Polar,
}

impl Spiral {
    /// `count` points from `start` on; without a `step` once around the circle.
    pub fn new(count: usize, step: Option<Complex<f64>>, start: Complex<f64>) -> Self {
        Self { count, step: step.map(Polar::of), start: Polar::of(start) }
    }

    /// The arc from `low` to `high` (both in units of the sample rate), the upper end included only if `endpoint`
    /// (`scipy.signal.zoom_fft`).
    pub fn arc(low: f64, high: f64, count: usize, endpoint: bool) -> Self {
        let steps = if endpoint { count.max(2) - 1 } else { count.max(1) } as f64;
        Self { count, step: Some(Polar::unit((low - high) / steps)), start: Polar::unit(low) }
    }

    /// Returns `step^(k²/2)`.
    fn chirp(&self, k: usize) -> Complex<f64> {
        match self.step {
            Some(w) => w.power((k as f64) * (k as f64) / 2.0),
            None => {
                // The phase is reduced in integers: exact for any k.
                let turns = (k as u128 * k as u128 % (2 * self.count as u128)) as f64;
                Complex::from_polar(1.0, -PI * turns / self.count as f64)
            }
        }
    }

    /// `1/chirp` for one of the chirps.
    fn inverse(&self, chirp: Complex<f64>) -> Complex<f64> {
        let is_unit = self.step.is_none_or(|step| step.radius == 1.0);
        if is_unit { chirp.conj() } else { chirp.inv() }
    }
}

/// The length of a transform of at least `least` points, at most [`MAX_SIZE`]: 1, 3 or 9 times a power of two.
fn transform_length(least: usize) -> Option<usize> {
    let power = least.checked_next_power_of_two().filter(|&size| size <= MAX_SIZE)?;
    // Plans of other lengths take more memory, which counts where they are long.
    let others = [power / 4 * 3, power / 16 * 9].into_iter().filter(|&size| size >= least && power <= 1 << 20);
    others.chain([power]).min()
}

/// Returns the transform of `x` at the points of a spiral.
///
/// # Errors
/// `RangeError` if points and samples together are more than the longest transform.
pub fn czt(x: &[Complex<f64>], spiral: &Spiral) -> Result<Vec<Complex<f64>>> {
    let (n, m) = (x.len(), spiral.count);
    if n == 0 || m == 0 {
        return filled(Complex::default(), m);
    }
    let Some(size) = transform_length(n.saturating_add(m)) else {
        return Err(Error::range(format!("czt: {n} samples and {m} points are too many, at most {MAX_SIZE} together")));
    };
    ensure_room(size)?;
    let chirps = collected((0..n.max(m)).map(|k| spiral.chirp(k)))?;
    let mut fft = ComplexFft::<f64>::new(size);
    let transformed = fft.forward(|z| {
        z.fill(Complex::default());
        for (k, &chirp) in chirps.iter().enumerate() {
            let inverse = spiral.inverse(chirp);
            if k < m {
                z[k] = inverse;
            }
            if (1..n).contains(&k) {
                z[size - k] = inverse;
            }
        }
    });
    let kernel = collected(transformed.iter().copied())?;
    fft.forward(|z| {
        z[n..].fill(Complex::default());
        for (((z, x), chirp), power) in z.iter_mut().zip(x).zip(&chirps).zip(spiral.start.negative_powers(n)) {
            *z = x * power * chirp;
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
        let (step, start) = (Complex::from_polar(0.98, -0.3), Complex::from_polar(1.1, 0.2));
        for (k, got) in czt(&x, &Spiral::new(9, Some(step), start)).unwrap().iter().enumerate() {
            let z = start * step.powf(-(k as f64));
            let want: Complex<f64> = x.iter().enumerate().map(|(n, x)| x * z.powf(-(n as f64))).sum();
            assert!((got - want).norm() < 1e-11, "{k}: {got} {want}");
        }
    }

    #[test]
    fn long_signals_keep_their_digits() {
        // A sine between two bins of a narrow arc, whose transform is a geometric series.
        let (n, m, frequency) = (50_000_usize, 5, 0.1234);
        let wave = Polar::unit(frequency);
        let x: Vec<_> = (0..n).map(|k| wave.power(k as f64)).collect();
        let (low, high) = (0.123_41, 0.123_43);
        for (k, got) in czt(&x, &Spiral::arc(low, high, m, true)).unwrap().iter().enumerate() {
            let turns = frequency - (low + (high - low) / (m - 1) as f64 * k as f64);
            let one = Complex::new(1.0, 0.0);
            let want = (one - Polar::unit(turns).power(n as f64)) / (one - Polar::unit(turns).power(1.0));
            assert!((got - want).norm() < 1e-6, "{k}: {got} {want}");
        }
    }

    #[test]
    fn transforms_are_no_longer_than_needed() {
        assert_eq!([1, 2, 3, 17, 69_632, 90_000].map(|n| transform_length(n).unwrap()), [1, 2, 3, 18, 73_728, 98_304]);
        assert_eq!([MAX_SIZE, MAX_SIZE + 1, usize::MAX].map(transform_length), [Some(MAX_SIZE), None, None]);
    }

    #[test]
    fn limits() {
        let whole = |count| Spiral::new(count, None, Complex::new(1.0, 0.0));
        assert!(czt(&[Complex::default()], &whole(0)).unwrap().is_empty());
        assert!(czt(&[Complex::default()], &whole(usize::MAX)).is_err());
        assert_eq!(czt(&[], &whole(2)).unwrap(), [Complex::default(); 2]);
    }
}
