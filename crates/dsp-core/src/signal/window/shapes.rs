//! Windows that are not sums of cosines: Kaiser, Dolph-Chebyshev, Taylor.

use std::f64::consts::PI;

use crate::error::{Error, Result};
use crate::signal::transform::fft::{RealFft, ensure_room};

/// Returns the modified Bessel function I₀: by its power series, beyond |x| = 30 by the asymptotic one; both are
/// accurate to rounding.
fn bessel_i0(x: f64) -> f64 {
    let x = x.abs();
    if x > 30.0 {
        return i0_scaled(x) * x.exp();
    }
    let quarter = x * x / 4.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..200 {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// Returns `I₀(x)·e^(−x)`, which does not overflow.
fn i0_scaled(x: f64) -> f64 {
    if x <= 30.0 {
        return bessel_i0(x) * (-x).exp();
    }
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        let odd = f64::from(2 * k - 1);
        let next = term * odd * odd / (f64::from(8 * k) * x);
        if next >= term || next < 1e-17 {
            break;
        }
        term = next;
        sum += term;
    }
    sum / (2.0 * PI * x).sqrt()
}

pub(super) fn kaiser(n: usize, beta: f64) -> Vec<f64> {
    let beta = beta.abs();
    let top = i0_scaled(beta);
    let value = |i: usize| {
        let x = 2.0 * i as f64 / (n - 1) as f64 - 1.0;
        let y = beta * (1.0 - x * x).max(0.0).sqrt();
        i0_scaled(y) / top * (y - beta).exp()
    };
    (0..n).map(value).collect()
}

pub(super) fn kaiser_bessel_derived(n: usize, beta: f64) -> Result<Vec<f64>> {
    if n % 2 == 1 {
        return Err(Error::range(format!("window 'kaiser_bessel_derived' must have an even length, got {n}")));
    }
    let mut sum = 0.0;
    let sums: Vec<f64> = kaiser(n / 2 + 1, beta)
        .iter()
        .map(|k| {
            sum += k;
            sum
        })
        .collect();
    let half = sums[..n / 2].iter().map(|s| (s / sum).sqrt());
    Ok(half.clone().chain(half.rev()).collect())
}

/// Returns the Dolph-Chebyshev window: the inverse transform of a Chebyshev polynomial on the unit circle (Harris,
/// 1978).
pub(super) fn chebwin(n: usize, attenuation: f64) -> Result<Vec<f64>> {
    if attenuation.is_nan() {
        return Err(Error::range("window 'chebwin': attenuation must be a number"));
    }
    let order = (n - 1) as f64;
    let beta = ((10.0_f64.powf(attenuation.abs() / 20.0)).acosh() / order).cosh();
    let chebyshev = |k: usize| {
        let x = beta * (PI * k as f64 / n as f64).cos();
        if x > 1.0 {
            (order * x.acosh()).cosh()
        } else if x < -1.0 {
            (if n % 2 == 1 { 1.0 } else { -1.0 }) * (order * (-x).acosh()).cosh()
        } else {
            (order * x.acos()).cos()
        }
    };
    // The response is real (n odd) or turned by half a sample (n even); either way the window is real, and the inverse
    // transform of a half spectrum gives it.
    ensure_room(n)?;
    let mut fft = RealFft::<f64>::new(n);
    let centred = fft.inverse(|bins| {
        for (k, bin) in bins.iter_mut().enumerate() {
            let turn = if n % 2 == 1 { 0.0 } else { -PI * k as f64 / n as f64 };
            (bin.re, bin.im) = (chebyshev(k) * turn.cos(), chebyshev(k) * turn.sin());
        }
    });
    let half = n.div_ceil(2);
    let from = 1 - n % 2;
    let mut w = vec![0.0; n];
    for i in 0..half {
        let v = centred[from + i];
        w[half - 1 - i] = v;
        w[n - half + i] = v;
    }
    let top = w.iter().copied().fold(f64::MIN, f64::max);
    w.iter_mut().for_each(|v| *v /= top);
    Ok(w)
}

/// Returns the Taylor window (Carrara, Goodman and Majewski, Spotlight Synthetic Aperture Radar, appendix D).
pub(super) fn taylor(n: usize, nbar: usize, sll: f64, norm: bool) -> Vec<f64> {
    let b = 10.0_f64.powf(sll / 20.0);
    let a = b.acosh() / PI;
    let s2 = (nbar * nbar) as f64 / (a * a + (nbar as f64 - 0.5).powi(2));
    let orders: Vec<f64> = (1..nbar).map(|m| m as f64).collect();
    let coefficient = |m: f64| {
        let sign = if m as u64 % 2 == 1 { 1.0 } else { -1.0 };
        let top: f64 = orders.iter().map(|k| 1.0 - m * m / s2 / (a * a + (k - 0.5).powi(2))).product();
        let bottom: f64 = orders.iter().filter(|&&k| k != m).map(|k| 1.0 - m * m / (k * k)).product();
        sign * top / (2.0 * bottom)
    };
    let weights: Vec<f64> = orders.iter().map(|&m| coefficient(m)).collect();
    let at = |x: f64| {
        let turn = 2.0 * PI * (x - n as f64 / 2.0 + 0.5) / n as f64;
        1.0 + 2.0 * orders.iter().zip(&weights).map(|(m, w)| w * (m * turn).cos()).sum::<f64>()
    };
    let scale = if norm { 1.0 / at((n - 1) as f64 / 2.0) } else { 1.0 };
    (0..n).map(|i| at(i as f64) * scale).collect()
}
