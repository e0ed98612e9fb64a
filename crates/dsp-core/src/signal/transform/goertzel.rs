//! One bin of a Fourier transform at any frequency, sample by sample: `X = Σ x[n]·e^(−jωn)`.
//!
//! Goertzel's recurrence in Reinsch's form (Stoer and Bulirsch, Introduction to Numerical Analysis, 2.3.4), which keeps
//! its accuracy near 0 and near half the sample rate, where the plain one loses it.

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::limits::collected;
use crate::text::js_number;

/// A running sum for one bin.
#[derive(Debug, Clone)]
pub struct Goertzel {
    omega: f64,
    /// −4·sin²(ω/2) near 0, 4·cos²(ω/2) near π.
    factor: f64,
    sign: f64,
    state: f64,
    delta: f64,
    before: f64,
    count: u64,
}

impl Goertzel {
    /// Returns an empty sum for the bin at `omega` radians per sample.
    pub fn new(omega: f64) -> Self {
        let (sign, factor) = if omega.cos() >= 0.0 {
            (1.0, -4.0 * (omega / 2.0).sin().powi(2))
        } else {
            (-1.0, 4.0 * (omega / 2.0).cos().powi(2))
        };
        Self { omega, factor, sign, state: 0.0, delta: 0.0, before: 0.0, count: 0 }
    }

    /// Adds samples.
    pub fn push(&mut self, samples: impl IntoIterator<Item = f64>) {
        for x in samples {
            self.before = self.state;
            self.delta = x + self.factor * self.state + self.sign * self.delta;
            self.state = self.delta + self.sign * self.state;
            self.count += 1;
        }
    }

    /// Returns the sum over all samples so far; 0 before the first one.
    pub fn value(&self) -> Complex<f64> {
        if self.count == 0 {
            return Complex::default();
        }
        let last = Complex::from(self.state) - Complex::from_polar(self.before, -self.omega);
        last * Complex::from_polar(1.0, -self.omega * (self.count - 1) as f64)
    }
}

/// Returns the bins of `x` at `frequencies` (Hz) for a sample rate in Hz.
///
/// # Errors
/// `RangeError` for frequencies that are not finite in units of the sample rate, and if there is not enough memory.
pub fn goertzel(x: &[f64], frequencies: &[f64], sample_rate: f64) -> Result<Vec<Complex<f64>>> {
    let omega = |f: f64| std::f64::consts::TAU * f / sample_rate;
    if let Some(f) = frequencies.iter().find(|f| !omega(**f).is_finite()) {
        let (f, rate) = (js_number(*f), js_number(sample_rate));
        return Err(Error::range(format!("frequencies must be finite in units of sampleRate, got {f} at {rate}")));
    }
    collected(frequencies.iter().map(|f| {
        let mut bin = Goertzel::new(omega(*f));
        bin.push(x.iter().copied());
        bin.value()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_sum_at_any_frequency() {
        let x: Vec<f64> = (0..5000).map(|i| f64::from((i * 31) % 47) - 20.0).collect();
        let frequencies = [0.0, 1e-6, 0.1, 13.7, 250.0, 333.3, 499.9, 499.99999, 500.0];
        for (f, z) in frequencies.iter().zip(goertzel(&x, &frequencies, 1000.0).unwrap()) {
            let omega = std::f64::consts::TAU * f / 1000.0;
            let want: Complex<f64> =
                x.iter().enumerate().map(|(n, x)| Complex::from_polar(*x, -omega * n as f64)).sum();
            // Phases up to 15,000 radians, exact to 2^-53 of them, times 5,000 samples of about 13.
            assert!((z - want).norm() < 1e-6, "{f}: {z} {want}");
        }
        assert_eq!(goertzel(&[], &[5.0], 10.0), Ok(vec![Complex::default()]));
        assert!(goertzel(&[], &[1e308], 5e-324).is_err());
    }
}
