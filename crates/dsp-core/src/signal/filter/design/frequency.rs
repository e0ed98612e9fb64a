//! Frequency responses on a grid (`scipy.signal.freqz`, `freqz_sos`, `freqz_zpk`, `freqs`, `group_delay`).

use std::f64::consts::{PI, TAU};

use rustfft::num_complex::Complex64;

use crate::error::{Error, Result};
use crate::signal::filter::design::conversions::roots;
use crate::signal::filter::design::response;
use crate::signal::filter::design::zpk::{Row, Zpk};

/// Returns `count` angular frequencies in radians per sample, evenly spaced from 0 to below π, or to below 2π if
/// `whole`; with `include_nyquist` to π itself.
pub fn grid(count: usize, whole: bool, include_nyquist: bool) -> Vec<f64> {
    let end = if whole { TAU } else { PI };
    let steps = if include_nyquist && !whole { count.max(2) - 1 } else { count };
    (0..count).map(|k| end * k as f64 / steps as f64).collect()
}

/// Returns `Σ c[k] x^k`.
fn ascending(c: &[f64], x: Complex64) -> Complex64 {
    c.iter().rev().fold(Complex64::ZERO, |sum, &c| sum * x + c)
}

/// Returns `Σ c[k] x^(n−k)`.
fn descending(c: &[f64], x: Complex64) -> Complex64 {
    c.iter().fold(Complex64::ZERO, |sum, &c| sum * x + c)
}

/// Returns `B(e^{−jω})/A(e^{−jω})` at each ω (radians per sample).
pub fn digital(b: &[f64], a: &[f64], omega: &[f64]) -> Vec<Complex64> {
    let delay = |w: f64| Complex64::from_polar(1.0, -w);
    omega.iter().map(|&w| ascending(b, delay(w)) / ascending(a, delay(w))).collect()
}

/// Returns the product of the sections' responses at each ω (radians per sample).
pub fn sections(rows: &[Row], omega: &[f64]) -> Vec<Complex64> {
    omega.iter().map(|&w| response::cascade(rows, w / TAU)).collect()
}

/// Returns `gain · Π(z − zero)/Π(z − pole)` at z = e^{jω} for each ω (radians per sample).
pub fn zeros_poles(zpk: &Zpk, omega: &[f64]) -> Vec<Complex64> {
    let product = |roots: &[Complex64], z: Complex64| roots.iter().map(|root| z - root).product::<Complex64>();
    let at = |z: Complex64| product(&zpk.zeros, z) * zpk.gain / product(&zpk.poles, z);
    omega.iter().map(|&w| at(Complex64::from_polar(1.0, w))).collect()
}

/// Returns `B(jω)/A(jω)` of an analog filter at each ω (radians per second).
pub fn analog(b: &[f64], a: &[f64], omega: &[f64]) -> Vec<Complex64> {
    let at = |s: Complex64| descending(b, s) / descending(a, s);
    omega.iter().map(|&w| at(Complex64::new(0.0, w))).collect()
}

/// Largest frequency in radians per second of the zeros that count for the range of a response; SciPy ignores those
/// beyond it, too.
const FAR_ZERO: f64 = 1e5;

/// Returns `count` angular frequencies, evenly spaced by their logarithms, over the decades in which an analog filter
/// has its poles and zeros.
///
/// # Errors
/// Those of [`roots`].
pub fn analog_grid(b: &[f64], a: &[f64], count: usize) -> Result<Vec<f64>> {
    let mut poles = roots(a)?;
    if poles.is_empty() {
        poles.push(Complex64::from(-1000.0));
    }
    poles.extend(roots(b)?.into_iter().filter(|zero| zero.norm() < FAR_ZERO));
    poles.retain(|root| root.im >= 0.0);
    // Integrators and differentiators count as corners at 1 rad/s.
    let at_zero = |root: &Complex64| f64::from(u8::from(root.norm() < 1e-10));
    let high = poles.iter().map(|r| 3.0 * (r.re + at_zero(r)).abs() + 1.5 * r.im).fold(0.0, f64::max);
    let low = poles.iter().map(|r| (r.re + at_zero(r)).abs() + 2.0 * r.im).fold(f64::INFINITY, f64::min);
    let highest = (high.log10() + 0.5).round_ties_even();
    let lowest = ((0.1 * low).log10() - 0.5).round_ties_even();
    let steps = count.max(2) - 1;
    let grid: Vec<f64> =
        (0..count).map(|k| 10f64.powf(lowest + (highest - lowest) * k as f64 / steps as f64)).collect();
    if grid.iter().all(|w| w.is_finite()) {
        Ok(grid)
    } else {
        Err(Error::range("the corners of this filter exceed float64; give the frequencies"))
    }
}

/// Returns the group delay `−dφ/dω` in samples at each ω (radians per sample).
///
/// # Errors
/// `RangeError` if `a[0]` is 0.
pub fn group_delay(b: &[f64], a: &[f64], omega: &[f64]) -> Result<Vec<f64>> {
    // Zeros in front of `b` are delays here, so only `a` is scaled.
    let leading = *a.first().filter(|c| **c != 0.0).ok_or_else(|| Error::range("a[0] must not be 0"))?;
    let scaled = |c: &[f64]| c.iter().map(|c| c / leading).collect::<Vec<f64>>();
    let (b, a) = (scaled(b), scaled(&a[1..]));
    Ok(omega.iter().map(|w| response::direct_group_delay(&b, &a, w / TAU)).collect())
}
