//! What a filter does to a frequency: response, group delay, stability (`scipy.signal.freqz_sos`, `group_delay`).

use std::f64::consts::TAU;

use rustfft::num_complex::Complex64;

use super::zpk::Row;

/// `Σ c[k] e^{−jωk}` at ν cycles per sample.
fn polynomial(coefficients: &[f64], nu: f64) -> Complex64 {
    let z = Complex64::from_polar(1.0, -TAU * nu);
    coefficients.iter().rev().fold(Complex64::ZERO, |sum, &c| sum * z + c)
}

/// The complex response of an FIR filter at ν cycles per sample.
pub fn fir(h: &[f64], nu: f64) -> Complex64 {
    polynomial(h, nu)
}

/// The complex response of a cascade at ν cycles per sample.
pub fn cascade(rows: &[Row], nu: f64) -> Complex64 {
    rows.iter().map(|row| polynomial(&row[..3], nu) / polynomial(&row[3..], nu)).product()
}

/// Group delay of a polynomial in samples: `Re(Σ k c[k] e^{−jωk} / Σ c[k] e^{−jωk})`.
///
/// A (anti)symmetric polynomial has half its degree everywhere, also at its zeros on the unit circle; any other one has
/// no delay to speak of at such a zero, and 0 is what SciPy gives there.
fn delay(coefficients: &[f64], nu: f64) -> f64 {
    let used = coefficients.len() - coefficients.iter().rev().take_while(|c| **c == 0.0).count();
    let coefficients = &coefficients[..used];
    let symmetric = |sign: f64| coefficients.iter().zip(coefficients.iter().rev()).all(|(x, y)| *x == sign * y);
    if used > 0 && (symmetric(1.0) || symmetric(-1.0)) {
        return (used - 1) as f64 / 2.0;
    }
    let size: f64 = coefficients.iter().map(|c| c.abs()).sum();
    let ramp: Vec<f64> = coefficients.iter().enumerate().map(|(k, c)| k as f64 * c).collect();
    let value = polynomial(coefficients, nu);
    if value.norm() <= 10.0 * f64::EPSILON * size {
        return 0.0;
    }
    (polynomial(&ramp, nu) / value).re
}

/// Group delay of an FIR filter in samples at ν cycles per sample.
pub fn fir_group_delay(h: &[f64], nu: f64) -> f64 {
    delay(h, nu)
}

/// Group delay of a cascade in samples at ν cycles per sample.
pub fn cascade_group_delay(rows: &[Row], nu: f64) -> f64 {
    rows.iter().map(|row| delay(&row[..3], nu) - delay(&row[3..], nu)).sum()
}

/// Whether every pole lies strictly inside the unit circle: `|a2| < 1` and `|a1| < 1 + a2` for each section.
pub fn is_stable(rows: &[Row]) -> bool {
    rows.iter().all(|&[.., a1, a2]| a2.abs() < 1.0 && a1.abs() < 1.0 + a2)
}
