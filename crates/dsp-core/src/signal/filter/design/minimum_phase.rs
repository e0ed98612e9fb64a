//! Minimum-phase filters from linear-phase ones (`scipy.signal.minimum_phase`), by the cepstrum (A. V. Oppenheim and
//! R. W. Schafer, *Discrete-Time Signal Processing*, 3rd edition, chapter 13) or by the discrete Hilbert transform
//! (N. Damera-Venkata, B. L. Evans, S. R. McCaslin, *Design of optimal minimum-phase digital FIR filters using discrete Hilbert
//! transforms*, IEEE Trans. Signal Processing 48, 2000).

use std::f64::consts::TAU;

use rustfft::num_complex::Complex64;

use crate::error::{Error, Result};
use crate::limits::collected;
use crate::signal::transform::fft::{ComplexFft, MAX_SIZE, ensure_room};

crate::texts! {
    /// How the phase is found.
    #[derive(Default)]
    pub enum Method {
        /// By the cepstrum; for any linear-phase filter.
        #[default]
        Homomorphic = "homomorphic",
        /// By the Hilbert transform of the logarithm; for equiripple filters with gains of 0 and 1.
        Hilbert = "hilbert",
    }
}

/// Added to the square root of the response, so that its logarithm is finite.
const FLOOR: f64 = 1e-10;

/// The points of the transform for a filter of `taps` taps: 200 times as many.
pub fn default_points(taps: usize) -> usize {
    (200 * (taps - 1)).next_power_of_two()
}

/// Returns the minimum-phase taps of the linear-phase taps `h` (3 or more), with transforms of `points` points. With `half`
/// the result has half the taps and the square root of the magnitude response, else as many and the same response.
///
/// # Errors
/// `RangeError` for too few points or taps, for whole length with `Method::Hilbert`, and for taps whose response is 0
/// everywhere.
pub fn minimum_phase(h: &[f64], method: Method, points: usize, half: bool) -> Result<Vec<f64>> {
    if h.len() < 3 {
        return Err(Error::range(format!("h must have at least 3 taps, got {}", h.len())));
    }
    if points < h.len() || points > MAX_SIZE {
        return Err(Error::range(format!("nFft must be from {} to {MAX_SIZE}, got {points}", h.len())));
    }
    if method == Method::Hilbert && !half {
        return Err(Error::range("half must be true for the method 'hilbert'"));
    }
    ensure_room(2 * points)?;
    let mut fft = ComplexFft::<f64>::new(points);
    let spectrum = fft.forward(|z| {
        z.fill(Complex64::ZERO);
        z.iter_mut().zip(h).for_each(|(z, &h)| *z = h.into());
    });
    let logarithm = match method {
        Method::Homomorphic => homomorphic_logarithm(spectrum, half)?,
        Method::Hilbert => hilbert_logarithm(spectrum, h.len() / 2)?,
    };
    let cepstrum = fft.inverse(|z| z.iter_mut().zip(&logarithm).for_each(|(z, &l)| *z = l.into()));
    let folded: Vec<Complex64> = fold(cepstrum, method)?;
    let spectrum = collected(fft.forward(|z| z.copy_from_slice(&folded)).iter().copied())?;
    let response = fft.inverse(|z| match method {
        Method::Homomorphic => z.iter_mut().zip(&spectrum).for_each(|(z, s)| *z = s.exp()),
        // The magnitude is known: only the phase comes from the transform.
        Method::Hilbert => {
            z.iter_mut().zip(&spectrum).zip(&logarithm).for_each(|((z, s), l)| *z = s.exp() * l.exp());
        }
    });
    let taps = if half { h.len().div_ceil(2) } else { h.len() };
    let result: Vec<f64> = response[..taps].iter().map(|z| z.re).collect();
    if result.iter().all(|x| x.is_finite()) { Ok(result) } else { Err(no_response()) }
}

fn no_response() -> Error {
    Error::range("h must have a response within float64 that is not 0 everywhere")
}

/// The logarithm of the magnitude, or half of it.
fn homomorphic_logarithm(spectrum: &[Complex64], half: bool) -> Result<Vec<f64>> {
    let magnitude: Vec<f64> = collected(spectrum.iter().map(|z| z.norm()))?;
    let least = magnitude.iter().copied().filter(|m| *m > 0.0).fold(f64::INFINITY, f64::min);
    if !least.is_finite() {
        return Err(no_response());
    }
    let factor = if half { 0.5 } else { 1.0 };
    Ok(magnitude.iter().map(|m| (m + 1e-7 * least).ln() * factor).collect())
}

/// The logarithm of the square root of the real response, lifted above 0 and scaled to gains of 0 and 1.
fn hilbert_logarithm(spectrum: &[Complex64], middle: usize) -> Result<Vec<f64>> {
    let points = spectrum.len() as f64;
    let turned = |(k, z): (usize, &Complex64)| (z * Complex64::cis(k as f64 * (TAU / points * middle as f64))).re;
    let amplitude: Vec<f64> = collected(spectrum.iter().enumerate().map(turned))?;
    let highest = amplitude.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = amplitude.iter().copied().fold(f64::INFINITY, f64::min);
    let (pass, stop) = (highest - 1.0, -lowest);
    let scale = 4.0 / ((1.0 + pass + stop).sqrt() + (1.0 - pass + stop).sqrt()).powi(2);
    let logarithm: Vec<f64> = amplitude.iter().map(|a| (((a + stop) * scale).sqrt() + FLOOR).ln()).collect();
    if logarithm.iter().all(|l| l.is_finite()) {
        Ok(logarithm)
    } else {
        Err(Error::range("h must be an equiripple filter with gains of 0 and 1 for the method 'hilbert'"))
    }
}

/// The causal half of the cepstrum doubled; for the Hilbert transform without its even part.
fn fold(cepstrum: &[Complex64], method: Method) -> Result<Vec<Complex64>> {
    let (n, middle) = (cepstrum.len(), cepstrum.len() / 2);
    collected(cepstrum.iter().enumerate().map(|(k, &c)| match method {
        Method::Homomorphic => match k {
            0 => Complex64::from(c.re),
            k if 2 * k == n => Complex64::from(c.re),
            k if 2 * k < n => Complex64::from(2.0 * c.re),
            _ => Complex64::ZERO,
        },
        Method::Hilbert if k == 0 || k == middle => Complex64::ZERO,
        Method::Hilbert => {
            if k < middle {
                c
            } else {
                -c
            }
        }
    }))
}
