//! Filters as zeros, poles and gain: band transforms, the bilinear transform, second-order sections.
//!
//! An analog prototype (a low-pass with its edge at 1 rad/s) becomes a digital filter by moving its roots, never by
//! expanding a polynomial: that keeps order 20 and corners of 10⁻⁵ of the sample rate exact. The result equals
//! `scipy.signal.iirfilter(…, output="sos")`.

use std::f64::consts::{PI, TAU};

use rustfft::num_complex::Complex64;

/// The band that a filter passes. Frequencies are ν = f / sampleRate, in cycles per sample, between 0 and ½.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Band {
    /// Passes below the edge.
    LowPass(f64),
    /// Passes above the edge.
    HighPass(f64),
    /// Passes between the two edges.
    BandPass(f64, f64),
    /// Passes everywhere but between the two edges.
    BandStop(f64, f64),
}

pub use crate::kernels::cascade::Row;

/// Zeros, poles and gain of a filter: `gain · Π(s − zero) / Π(s − pole)`, or the same in z.
#[derive(Debug, Clone, PartialEq)]
pub struct Zpk {
    /// Zeros. Complex ones come in conjugate pairs.
    pub zeros: Vec<Complex64>,
    /// Poles. Complex ones come in conjugate pairs; there are at least as many as zeros.
    pub poles: Vec<Complex64>,
    /// Gain.
    pub gain: f64,
}

/// A root is real if its imaginary part is at most this fraction of its magnitude (100 roundings, as in SciPy).
const REAL: f64 = 100.0 * f64::EPSILON;

/// Returns the analog frequency that the bilinear transform `s = 4 (z − 1)/(z + 1)` maps to ν.
fn warp(nu: f64) -> f64 {
    if nu < 0.25 {
        return 4.0 * (PI * nu).tan();
    }
    // tan(ω/2) by the whole angle, whose rounding matters less near its pole.
    let (sin, cos) = (TAU * nu).sin_cos();
    4.0 * (1.0 - cos) / sin
}

impl Zpk {
    /// Returns the digital filter that this analog low-pass prototype becomes in `band`.
    ///
    /// The gain is accumulated root by root together with the factors of the bilinear transform: each factor is of
    /// moderate size, whereas `wᵈ` alone overflows for high orders close to Nyquist.
    pub fn digital(&self, band: Band) -> Zpk {
        let mut digital = Zpk { zeros: Vec::new(), poles: Vec::new(), gain: 1.0 };
        let mut gain = Complex64::from(self.gain);
        for (i, &pole) in self.poles.iter().enumerate() {
            gain /= transform(pole, band, &mut digital.poles);
            match self.zeros.get(i) {
                Some(&zero) => gain *= transform(zero, band, &mut digital.zeros),
                None => zeros_at_infinity(band, &mut digital.zeros),
            }
        }
        digital.gain = gain.re;
        digital
    }

    /// Returns a cascade of second-order sections, arranged as by `scipy.signal.zpk2sos` (pairing "nearest"): the poles
    /// nearest to the unit circle come last, each pole pair with the zeros nearest to it. The gain is in the first
    /// section.
    ///
    /// Returns `None` if a root or the gain is not finite, or if complex roots do not come in conjugate pairs.
    pub fn sections(&self) -> Option<Vec<Row>> {
        let roots_are_finite = self.zeros.iter().chain(&self.poles).all(|root| root.is_finite());
        if !(roots_are_finite && self.gain.is_finite()) {
            return None;
        }
        if self.poles.is_empty() {
            return Some(vec![[self.gain, 0.0, 0.0, 1.0, 0.0, 0.0]]);
        }
        let (mut zeros, mut poles) = (self.zeros.clone(), self.poles.clone());
        poles.resize(poles.len() + poles.len() % 2, Complex64::ZERO);
        zeros.resize(poles.len(), Complex64::ZERO);
        let count = poles.len() / 2;
        let (mut zeros, mut poles) = (upper_half(&zeros), upper_half(&poles));
        let mut rows = Vec::with_capacity(count);
        for _ in 0..count {
            let (p1, p2, z1, z2) = take_section(&mut poles, &mut zeros)?;
            rows.push([1.0, -(z1 + z2).re, (z1 * z2).re, 1.0, -(p1 + p2).re, (p1 * p2).re]);
        }
        rows.reverse();
        rows[0][..3].iter_mut().for_each(|b| *b *= self.gain);
        Some(rows)
    }
}

/// Maps one root of the prototype to the z plane (two roots for the band types) and returns the inverse of its factor
/// in the gain: the gain is divided by it for a pole and multiplied by it for a zero.
fn transform(root: Complex64, band: Band, out: &mut Vec<Complex64>) -> Complex64 {
    let mut bilinear = |s: Complex64| {
        out.push(quotient(4.0 + s, 4.0 - s));
        4.0 - s
    };
    match band {
        Band::LowPass(nu) => {
            let w = warp(nu);
            bilinear(root * w) / w
        }
        Band::HighPass(nu) => -root * bilinear(quotient(Complex64::from(warp(nu)), root)) / 4.0,
        Band::BandPass(low, high) => {
            let (low, high) = (warp(low), warp(high));
            let (s1, s2) = split(root * ((high - low) / 2.0), (low * high).sqrt());
            bilinear(s1) * bilinear(s2) / (4.0 * (high - low))
        }
        Band::BandStop(low, high) => {
            let (low, high) = (warp(low), warp(high));
            let (s1, s2) = split(quotient(Complex64::from((high - low) / 2.0), root), (low * high).sqrt());
            -root * (bilinear(s1) * bilinear(s2) / (16.0 + low * high))
        }
    }
}

/// `q ± √(q² − w0²)`; where the difference would lose digits, from the product of the two, w0².
pub(super) fn split(q: Complex64, w0: f64) -> (Complex64, Complex64) {
    // The square with one rounding less, which is also what SciPy's vectorised one does.
    let square = Complex64::new(q.re.mul_add(q.re, -(q.im * q.im)), q.re.mul_add(q.im, q.im * q.re));
    let root = square_root(square - w0 * w0);
    let (plus, minus) = (q + root, q - root);
    if minus.norm_sqr() < 0.01 * plus.norm_sqr() {
        (plus, quotient(Complex64::from(w0 * w0), plus))
    } else if plus.norm_sqr() < 0.01 * minus.norm_sqr() {
        (quotient(Complex64::from(w0 * w0), minus), minus)
    } else {
        (plus, minus)
    }
}

/// Returns the principal square root by halves of the magnitude, without computing the angle.
fn square_root(z: Complex64) -> Complex64 {
    let magnitude = z.norm();
    if magnitude == 0.0 {
        return Complex64::ZERO;
    }
    if z.re > 0.0 {
        let re = (0.5 * (magnitude + z.re)).sqrt();
        Complex64::new(re, 0.5 * (z.im / re))
    } else {
        let im = (0.5 * (magnitude - z.re)).sqrt().copysign(z.im);
        Complex64::new((0.5 * (z.im / im)).abs(), im)
    }
}

/// x / y by Smith's method, which neither overflows nor rounds twice as the quotient by |y|² does.
pub(super) fn quotient(x: Complex64, y: Complex64) -> Complex64 {
    if y.re.abs() >= y.im.abs() {
        let ratio = y.im / y.re;
        let scale = 1.0 / (y.re + y.im * ratio);
        Complex64::new((x.re + x.im * ratio) * scale, (x.im - x.re * ratio) * scale)
    } else {
        let ratio = y.re / y.im;
        let scale = 1.0 / (y.im + y.re * ratio);
        Complex64::new((x.re * ratio + x.im) * scale, (x.im * ratio - x.re) * scale)
    }
}

/// Appends the zeros in the z plane for one zero of the prototype at infinity.
fn zeros_at_infinity(band: Band, out: &mut Vec<Complex64>) {
    match band {
        Band::LowPass(_) => out.push(Complex64::from(-1.0)),
        Band::HighPass(_) => out.push(Complex64::ONE),
        Band::BandPass(..) => out.extend([Complex64::ONE, Complex64::from(-1.0)]),
        Band::BandStop(low, high) => {
            let centre = Complex64::i() * (warp(low) * warp(high)).sqrt();
            let zero = quotient(4.0 + centre, 4.0 - centre);
            out.extend([zero, zero.conj()]);
        }
    }
}

/// Returns the real roots, and of every conjugate pair the one in the upper half plane.
fn upper_half(roots: &[Complex64]) -> Vec<Complex64> {
    let is_real = |r: &Complex64| r.im.abs() <= REAL * r.norm();
    let mut kept: Vec<Complex64> = roots.iter().copied().filter(|r| !is_real(r) && r.im > 0.0).collect();
    // By rising real part: what decides between equal distances.
    kept.sort_by(|x, y| x.re.total_cmp(&y.re));
    kept.extend(roots.iter().filter(|r| is_real(r)).map(|r| Complex64::from(r.re)));
    kept
}

/// Takes the roots of one section out of the lists: two poles and two zeros. Returns `None` if a partner is missing:
/// fewer zeros than poles, or complex roots without their conjugates.
fn take_section(
    poles: &mut Vec<Complex64>,
    zeros: &mut Vec<Complex64>,
) -> Option<(Complex64, Complex64, Complex64, Complex64)> {
    let from_circle = |p: Complex64| (1.0 - magnitude(p)).abs();
    let real = |r: &Complex64| r.im == 0.0;
    let any = |_: &Complex64| true;

    let p1 = take_least(poles, any, from_circle)?;
    let near_p1 = |z: Complex64| magnitude(z - p1);
    let real_poles = poles.iter().filter(|p| real(p)).count();
    if real(&p1) && real_poles == 0 {
        let z1 = take_least(zeros, real, near_p1)?;
        return Some((p1, Complex64::ZERO, z1, Complex64::ZERO));
    }
    let one_real_each = real_poles == 1 && zeros.iter().filter(|z| real(z)).count() == 1;
    if !real(&p1) && one_real_each && poles.len() + 1 == zeros.len() {
        let z1 = take_least(zeros, |z| !real(z), near_p1)?;
        return Some((p1, p1.conj(), z1, z1.conj()));
    }
    let p2 = if real(&p1) { take_least(poles, real, from_circle)? } else { p1.conj() };
    let z1 = take_least(zeros, any, near_p1)?;
    let z2 = if real(&z1) { take_least(zeros, real, near_p1)? } else { z1.conj() };
    Some((p1, p2, z1, z2))
}

/// Returns |z|, scaled by the larger part as in NumPy: roots at equal theoretical distance are ordered as in SciPy.
fn magnitude(z: Complex64) -> f64 {
    let (x, y) = (z.re.abs(), z.im.abs());
    let larger = x.max(y);
    if larger == 0.0 { 0.0 } else { larger * (1.0 + (x.min(y) / larger).powi(2)).sqrt() }
}

/// Removes and returns the root among those `wanted` with the smallest `distance`.
fn take_least(
    roots: &mut Vec<Complex64>,
    wanted: impl Fn(&Complex64) -> bool,
    distance: impl Fn(Complex64) -> f64,
) -> Option<Complex64> {
    let candidates = roots.iter().enumerate().filter(|(_, r)| wanted(r));
    let best = candidates.min_by(|(_, x), (_, y)| distance(**x).total_cmp(&distance(**y)))?.0;
    Some(roots.remove(best))
}

/// Returns the polynomials of a cascade: `b` and `a`, both of `poles + 1` coefficients, `a[0] = 1`.
///
/// For display and short filters only: f64 cannot represent the polynomial of a high order at a low frequency.
pub fn polynomials(rows: &[Row], poles: usize) -> (Vec<f64>, Vec<f64>) {
    let product = |part: std::ops::Range<usize>| {
        let mut all = rows.iter().fold(vec![1.0], |sum, row| multiply(&sum, &row[part.clone()]));
        all.resize(poles + 1, 0.0);
        all
    };
    (product(0..3), product(3..6))
}

/// Returns the product of two polynomials.
pub fn multiply(x: &[f64], y: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; x.len() + y.len() - 1];
    for (i, a) in x.iter().enumerate() {
        for (j, b) in y.iter().enumerate() {
            product[i + j] += a * b;
        }
    }
    product
}
