//! Complex wavelets: a Gaussian window over one cycle or two, symmetric and antisymmetric taps side by side.

use std::f64::consts::{FRAC_PI_2, TAU};

/// Taps of a complex wavelet with unit gain at its frequency and none at 0 Hz.
#[derive(Debug, Clone, PartialEq)]
pub struct Wavelet {
    even: Vec<f64>,
    odd: Vec<f64>,
}

crate::kernels::kernel! {
    /// Returns `√((Σ x·even)² + (Σ x·odd)²)` over slices of one length.
    fn magnitude(x: &[f64], even: &[f64], odd: &[f64]) -> f64 {
        let (mut real, mut imaginary) = ([0.0; 8], [0.0; 8]);
        let ((x, x_rest), (even, even_rest), (odd, odd_rest)) =
            (x.as_chunks::<8>(), even.as_chunks::<8>(), odd.as_chunks::<8>());
        for ((x, even), odd) in x.iter().zip(even).zip(odd) {
            for k in 0..8 {
                real[k] += x[k] * even[k];
                imaginary[k] += x[k] * odd[k];
            }
        }
        for ((k, x), (even, odd)) in x_rest.iter().enumerate().zip(even_rest.iter().zip(odd_rest)) {
            real[k] += x * even;
            imaginary[k] += x * odd;
        }
        for width in [4, 2, 1] {
            for k in 0..width {
                real[k] += real[k + width];
                imaginary[k] += imaginary[k + width];
            }
        }
        (real[0] * real[0] + imaginary[0] * imaginary[0]).sqrt()
    }
}

impl Wavelet {
    /// Returns a wavelet of `frequency` Hz under a Gaussian of `sigma` seconds, tapered to nothing `reach` seconds from
    /// its centre, at `rate` Hz.
    pub fn new(frequency: f64, sigma: f64, reach: f64, rate: f64) -> Self {
        let half = ((reach * rate).round() as i64).max(2);
        let taper = (half + 1) as f64;
        let window = |k: i64| {
            let seconds = k as f64 / rate;
            let edge = (k as f64 / taper * FRAC_PI_2).cos();
            (-0.5 * (seconds / sigma).powi(2)).exp() * edge * edge
        };
        let angle = |k: i64| TAU * frequency / rate * k as f64;
        let offset =
            (-half..=half).map(|k| window(k) * angle(k).cos()).sum::<f64>() / (-half..=half).map(window).sum::<f64>();
        let even = (-half..=half).map(|k| window(k) * (angle(k).cos() - offset)).collect();
        let odd = (-half..=half).map(|k| window(k) * angle(k).sin()).collect();
        let scaled = |taps: Vec<f64>, wave: fn(f64) -> f64| {
            let gain: f64 = taps.iter().zip(-half..=half).map(|(tap, k)| tap * wave(angle(k))).sum();
            taps.iter().map(|tap| tap / gain).collect()
        };
        Self { even: scaled(even, f64::cos), odd: scaled(odd, f64::sin) }
    }

    /// Returns the number of samples before and after the centre.
    pub fn half(&self) -> usize {
        self.even.len() / 2
    }

    /// Returns the magnitude at the sample `centre` of `values`, which must reach as far as the taps on both sides.
    #[inline]
    pub fn magnitude(&self, values: &[f64], centre: usize) -> f64 {
        magnitude(&values[centre - self.half()..=centre + self.half()], &self.even, &self.odd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn a_sine_of_its_frequency_has_its_amplitude_at_any_phase_and_a_constant_nothing() {
        let wavelet = Wavelet::new(11.0, 0.032, 0.08, 125.0);
        for phase in [0.0, 0.7, 1.5] {
            let sine: Vec<f64> =
                (0..41).map(|k| 5.0 + 2.0 * (TAU * 11.0 / 125.0 * f64::from(k) + phase).sin()).collect();
            assert!((wavelet.magnitude(&sine, 20) - 2.0).abs() < 1e-12);
        }
        assert!(wavelet.magnitude(&[7.0; 41], 20) < 1e-12);
    }

    #[test]
    fn every_instruction_set_gives_the_same() {
        let x: Vec<f64> = (0..39).map(|k| f64::from(k * 37 % 19)).collect();
        let (even, odd): (Vec<f64>, Vec<f64>) = x.iter().map(|x| (x * 0.3 - 1.0, 2.0 - x * 0.1)).unzip();
        let expected = magnitude::on(Isa::BASELINE, &x, &even, &odd);
        for isa in Isa::available() {
            assert_eq!(magnitude::on(isa, &x, &even, &odd).to_bits(), expected.to_bits());
        }
    }
}
