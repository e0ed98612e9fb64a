//! Chebyshev: equal ripple in the pass-band (type I, `scipy.signal.cheby1`) or in the stop-band (type II, `cheby2`).

use rustfft::num_complex::Complex64;

use crate::signal::filter::design::zpk::Zpk;
use crate::signal::filter::design::{power_minus_one, prototype_angles};

/// Returns the analog prototype of type I of `order` ≥ 1 with `ripple_db` > 0 in the pass-band, whose edge is at
/// −`ripple_db`.
///
/// `ε = √(10^{r/10} − 1)`, `v = asinh(1/ε)/N`, poles `−sinh(v + iθ)`.
pub fn type1(order: usize, ripple_db: f64) -> Zpk {
    let epsilon = power_minus_one(ripple_db).sqrt();
    let v = (1.0 / epsilon).asinh() / order as f64;
    let poles: Vec<_> = prototype_angles(order).map(|theta| -Complex64::new(v, theta).sinh()).collect();
    let mut gain = poles.iter().map(|p| -p).product::<Complex64>().re;
    if order.is_multiple_of(2) {
        gain /= (1.0 + epsilon * epsilon).sqrt();
    }
    Zpk { zeros: Vec::new(), poles, gain }
}

/// Returns the analog prototype of type II of `order` ≥ 1 with `stopband_db` > 0 of attenuation; the edge is where the
/// stop-band begins.
///
/// `δ = 1/√(10^{s/10} − 1)`, `v = asinh(1/δ)/N`, zeros `i/sin θ`, poles `−1/sinh(v + iθ)`.
pub fn type2(order: usize, stopband_db: f64) -> Zpk {
    let inverse_delta = power_minus_one(stopband_db).sqrt();
    let v = inverse_delta.asinh() / order as f64;
    let (mut zeros, mut poles) = (Vec::new(), Vec::new());
    let mut gain = Complex64::ONE;
    for (i, theta) in prototype_angles(order).enumerate() {
        let pole = -Complex64::new(v, theta).sinh().inv();
        gain *= -pole;
        poles.push(pole);
        if 2 * i + 1 != order {
            let zero = Complex64::i() / theta.sin();
            gain /= -zero;
            zeros.push(zero);
        }
    }
    Zpk { zeros, poles, gain: gain.re }
}
