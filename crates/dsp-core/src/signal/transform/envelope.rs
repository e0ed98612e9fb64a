//! The envelope of a band of a signal, and the rest (`scipy.signal.envelope`): the magnitude of the analytic signal,
//! whose spectrum is the positive half of the band, doubled.

use rustfft::num_complex::Complex64;

use crate::error::Result;
use crate::signal::transform::fft::{ComplexFft, RealFft, ensure_room, half_size};

/// Which rest is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residual {
    /// The part below the band.
    LowPass,
    /// All that lies outside the band.
    All,
}

/// Returns the envelope of the bins `band.0 .. band.1` of `x` (not empty) at `count` places, and the rest.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn envelope(x: &[f64], band: (usize, usize), count: usize, residual: Residual) -> Result<(Vec<f64>, Vec<f64>)> {
    let n = x.len();
    ensure_room(n.max(count))?;
    let spectrum = RealFft::<f64>::new(n).forward(|buffer| buffer.copy_from_slice(x)).to_vec();
    let inside = |k: usize| band.0 <= k && k < band.1;
    let scale = count as f64 / n as f64;
    let is_alone = |k: usize| k == 0 || 2 * k == n;
    let mut analytic = ComplexFft::<f64>::new(count);
    let magnitudes = analytic.inverse(|bins| {
        bins.fill(Complex64::ZERO);
        for (k, z) in spectrum.iter().enumerate().filter(|(k, _)| inside(*k)) {
            // Where there are fewer places than bins, the magnitude is that of the bins within the places.
            if let Some(bin) = bins.get_mut(k) {
                *bin = z * scale * if is_alone(k) { 1.0 } else { 2.0 };
            }
        }
    });
    let envelope = magnitudes.iter().map(|z| z.norm()).collect();
    // The middle bin of an even number of samples counts as the lowest frequency, −n/2.
    let kept = |k: usize| !inside(k) && (residual == Residual::All || k < band.0 || 2 * k == n);
    let half = half_size(count);
    let mut rest = RealFft::<f64>::new(count);
    let rest = rest.inverse(|bins| {
        bins.fill(Complex64::ZERO);
        for (k, z) in spectrum.iter().enumerate().take(half).filter(|(k, _)| kept(*k)) {
            // The bin that stands for both signs of a frequency, where there is room for both.
            bins[k] = z * scale * if 2 * k == n && count > n { 0.5 } else { 1.0 };
        }
    });
    Ok((envelope, rest.to_vec()))
}
