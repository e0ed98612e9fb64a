//! Elliptic (Cauer): equal ripple in both bands, the steepest edge for a given order (`scipy.signal.ellip`).
//!
//! After Orfanidis, *Lecture Notes on Elliptic Filter Design*: the degree equation is solved through the nome, the
//! Jacobi functions by the arithmetic–geometric mean. A modulus is carried together with its complement, since either
//! may be too close to 1 for the other to be recovered from it.

use std::f64::consts::PI;

use rustfft::num_complex::Complex64;

use crate::signal::filter::design::power_minus_one;
use crate::signal::filter::design::zpk::Zpk;

/// Largest number of steps of an iteration. Each step takes the square root of the ratio of its arguments while they
/// are far apart (2¹⁰²⁴ to 1 takes 10 steps) and then doubles the digits; for Carlson's integral it divides the
/// distance by 4.
const MAX_STEPS: usize = 40;

/// Returns the analog prototype of `order` ≥ 1 with `ripple_db` > 0 in the pass-band, whose edge is at −`ripple_db`,
/// and `stopband_db` > `ripple_db` of attenuation. `None` if f64 cannot tell the two ripples apart.
pub fn prototype(order: usize, ripple_db: f64, stopband_db: f64) -> Option<Zpk> {
    let epsilon_squared = power_minus_one(ripple_db);
    let epsilon = epsilon_squared.sqrt();
    if order == 1 {
        return Some(Zpk { zeros: Vec::new(), poles: vec![Complex64::from(-1.0 / epsilon)], gain: 1.0 / epsilon });
    }
    let selectivity = Modulus::from_k((epsilon_squared / power_minus_one(stopband_db)).sqrt())?;
    let modulus = selectivity.solve_degree(order)?;
    let quarter = modulus.complete();
    // How far the poles lie from the imaginary axis, in the same units as `quarter`.
    let depth = quarter / (order as f64 * selectivity.complete()) * selectivity.inverse_sc_complementary(1.0 / epsilon);
    let (sv, cv, dv) = modulus.complement().jacobi(depth);

    let (mut zeros, mut poles) = (Vec::new(), Vec::new());
    let mut gain = Complex64::ONE;
    for j in (1 - order % 2..order).step_by(2) {
        let (s, c, d) = modulus.jacobi(j as f64 * quarter / order as f64);
        let pole = -Complex64::new(c * d * sv * cv, s * dv) / (1.0 - (d * sv) * (d * sv));
        if j == 0 {
            poles.push(Complex64::from(pole.re));
            gain *= -pole.re;
            continue;
        }
        let zero = Complex64::i() / (modulus.k * s);
        zeros.extend([zero, zero.conj()]);
        poles.extend([pole, pole.conj()]);
        gain *= pole.norm_sqr() / zero.norm_sqr();
    }
    if order.is_multiple_of(2) {
        gain /= (1.0 + epsilon_squared).sqrt();
    } else {
        // The real pole came first; poles and zeros are matched by position, so it goes where no zero is.
        poles.rotate_left(1);
    }
    Some(Zpk { zeros, poles, gain: gain.re })
}

/// An elliptic modulus k and its complement √(1 − k²).
#[derive(Debug, Clone, Copy)]
struct Modulus {
    k: f64,
    complement: f64,
}

impl Modulus {
    /// Returns `None` unless both k and its complement lie strictly between 0 and 1 in f64.
    fn new(k: f64, complement: f64) -> Option<Self> {
        (k > 0.0 && complement > 0.0 && k <= 1.0 && complement <= 1.0).then_some(Self { k, complement })
    }

    fn from_k(k: f64) -> Option<Self> {
        Self::new(k, ((1.0 - k) * (1.0 + k)).sqrt())
    }

    fn complement(self) -> Self {
        Self { k: self.complement, complement: self.k }
    }

    /// Returns the complete elliptic integral K(k) = π / (2 · agm(1, k′)).
    fn complete(self) -> f64 {
        let (mut a, mut b) = (1.0_f64, self.complement);
        for _ in 0..MAX_STEPS {
            if (a - b).abs() <= f64::EPSILON * a {
                break;
            }
            (a, b) = ((a + b) / 2.0, (a * b).sqrt());
        }
        PI / (a + b)
    }

    /// Returns the modulus whose K′/K is that of this one divided by `order` (the degree equation).
    ///
    /// The logarithm of the nome, −πK′/K, is divided by the order; the modulus is a quotient of theta functions of the
    /// new nome or, where that converges slowly, of the nome of the complement.
    fn solve_degree(self, order: usize) -> Option<Self> {
        let log_nome = -PI * self.complement().complete() / self.complete() / order as f64;
        if log_nome <= -PI {
            let (k, complement) = modulus_from_nome(log_nome.exp());
            Self::new(k, complement)
        } else {
            let (complement, k) = modulus_from_nome((PI * PI / log_nome).exp());
            Self::new(k, complement)
        }
    }

    /// Returns u with sc(u, k′) = `tangent`: the incomplete integral F(atan `tangent`, k′) by Carlson's R_F.
    fn inverse_sc_complementary(self, tangent: f64) -> f64 {
        // F(φ, k′) = sin φ · R_F(cos²φ, 1 − k′² sin²φ, 1), every argument divided by cos²φ; 1 − k′² = k².
        let square = tangent * tangent;
        tangent * carlson_rf(1.0, 1.0 + self.k * self.k * square, 1.0 + square)
    }

    /// Returns sn, cn and dn of the real argument `u` by descending Landen transformations (Abramowitz & Stegun 16.4).
    fn jacobi(self, u: f64) -> (f64, f64, f64) {
        let (mut a, mut b, mut c) = (1.0_f64, self.complement, self.k);
        let mut steps = Vec::with_capacity(MAX_STEPS);
        while c.abs() > f64::EPSILON * a && steps.len() < MAX_STEPS {
            let next = (a + b) / 2.0;
            // (a − b)/2 without cancellation: c² = a² − b², so the next c is c²/(4 · next).
            c = c * c / (4.0 * next);
            b = (a * b).sqrt();
            a = next;
            steps.push((a, c));
        }
        let mut phi = a * u * 2.0_f64.powi(steps.len() as i32);
        for &(a, c) in steps.iter().rev() {
            phi = (phi + (c / a * phi.sin()).asin()) / 2.0;
        }
        let (sn, cn) = phi.sin_cos();
        // dn² = k′² + k² cn²: a sum of positive terms, unlike 1 − k² sn².
        (sn, cn, (self.complement * self.complement + self.k * self.k * cn * cn).sqrt())
    }
}

/// Returns k = (θ₂/θ₃)² and k′ = (θ₄/θ₃)² for the nome `q` ≤ e^{−π}.
fn modulus_from_nome(q: f64) -> (f64, f64) {
    let (mut theta2, mut theta3, mut theta4) = (0.0, 1.0, 1.0);
    // q^{m²} < 1e-21 from m = 4 on.
    for m in 0..5 {
        theta2 += q.powi(m * (m + 1));
        if m > 0 {
            let term = 2.0 * q.powi(m * m);
            theta3 += term;
            theta4 += if m % 2 == 0 { term } else { -term };
        }
    }
    theta2 *= 2.0 * q.sqrt().sqrt();
    ((theta2 / theta3).powi(2), (theta4 / theta3).powi(2))
}

/// Returns Carlson's symmetric integral R_F(x, y, z) by duplication, for positive arguments; NaN where one is not
/// finite.
fn carlson_rf(mut x: f64, mut y: f64, mut z: f64) -> f64 {
    for _ in 0..MAX_STEPS {
        let mean = (x + y + z) / 3.0;
        let (dx, dy, dz) = (1.0 - x / mean, 1.0 - y / mean, 1.0 - z / mean);
        // The series below is exact to the sixth power of the deviation.
        if dx.abs().max(dy.abs()).max(dz.abs()) < 1e-3 {
            let (e2, e3) = (dx * dy - dz * dz, dx * dy * dz);
            return (1.0 - e2 / 10.0 + e3 / 14.0 + e2 * e2 / 24.0 - 3.0 * e2 * e3 / 44.0) / mean.sqrt();
        }
        let lambda = (x * y).sqrt() + (y * z).sqrt() + (z * x).sqrt();
        (x, y, z) = ((x + lambda) / 4.0, (y + lambda) / 4.0, (z + lambda) / 4.0);
    }
    f64::NAN
}
