//! One filter in three forms: polynomials `b`, `a`; zeros, poles and gain; second-order sections
//! (`scipy.signal.tf2zpk`, `zpk2tf`, `tf2sos`, `zpk2sos`, `sos2zpk`, `sos2tf`, `normalize`).
//!
//! Roots of a polynomial are as well determined as its coefficients allow: a root of multiplicity m moves by the m-th
//! root of a rounding, about 10⁻⁸ for a double one. Sections and zeros, poles and gain convert without that loss.

use nalgebra::DMatrix;
use nalgebra::linalg::{Schur, balancing::balance_parlett_reinsch};
use rustfft::num_complex::Complex64;

use crate::error::{Error, Result};
use crate::signal::filter::design::zpk::{Row, Zpk, multiply};

/// Largest degree of a polynomial whose roots are computed: the time for eigenvalues grows with its third power.
pub const MAX_DEGREE: usize = 512;

/// Two roots are conjugate if they differ by at most this fraction of their magnitude (100 roundings, as in SciPy).
const CONJUGATE: f64 = 100.0 * f64::EPSILON;

/// A leading coefficient of a numerator up to this size counts as 0, as in SciPy.
const VANISHING: f64 = 1e-14;

/// A transfer function: numerator `b` and denominator `a`, highest power (of z, s) or lowest delay first.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Numerator.
    pub b: Vec<f64>,
    /// Denominator.
    pub a: Vec<f64>,
}

impl Transfer {
    /// Returns the transfer function with `a[0]` = 1: leading zeros of `a` and leading coefficients of `b` up to 10⁻¹⁴
    /// are dropped.
    ///
    /// # Errors
    /// `RangeError` if `a` holds only zeros, `b` is empty, or a quotient is beyond float64.
    pub fn normalize(b: &[f64], a: &[f64]) -> Result<Self> {
        let first = a.iter().position(|&c| c != 0.0);
        let first = first.ok_or_else(|| Error::range("a must have a coefficient other than 0"))?;
        if b.is_empty() {
            return Err(Error::range("b must have at least one coefficient"));
        }
        let leading = a[first];
        let b: Vec<f64> = b.iter().map(|c| c / leading).collect();
        let a: Vec<f64> = a[first..].iter().map(|c| c / leading).collect();
        if b.iter().chain(&a).any(|c| !c.is_finite()) {
            return Err(beyond_float64());
        }
        let vanishing = b.iter().take_while(|c| c.abs() <= VANISHING).count();
        Ok(Self { b: b[vanishing.min(b.len() - 1)..].to_vec(), a })
    }

    /// Returns zeros, poles and gain, roots in ascending order of their real parts.
    ///
    /// # Errors
    /// Those of [`Transfer::normalize`] and [`roots`].
    pub fn to_zpk(&self) -> Result<Zpk> {
        let Self { b, a } = Self::normalize(&self.b, &self.a)?;
        Ok(Zpk { zeros: roots(&b)?, poles: roots(&a)?, gain: b[0] })
    }
}

/// Returns the roots of `Σ c[k] x^(n−k)` in ascending order of their real parts, conjugate ones next to each other: the
/// eigenvalues of the companion matrix. Leading zeros are dropped; the polynomial 0 has no roots.
///
/// # Errors
/// `RangeError` for a degree above [`MAX_DEGREE`], and where the roots are beyond float64.
pub fn roots(coefficients: &[f64]) -> Result<Vec<Complex64>> {
    let Some(first) = coefficients.iter().position(|&c| c != 0.0) else { return Ok(vec![]) };
    let last = coefficients.iter().rposition(|&c| c != 0.0).unwrap_or(first);
    let at_zero = coefficients.len() - 1 - last;
    let used = &coefficients[first..=last];
    let degree = used.len() - 1;
    if degree > MAX_DEGREE {
        return Err(Error::range(format!("a polynomial of degree {degree} is too long, at most {MAX_DEGREE}")));
    }
    let mut found = match degree {
        0 => vec![],
        1 => vec![Complex64::from(-used[1] / used[0])],
        2 => quadratic(used).to_vec(),
        _ => eigenvalues(used)?,
    };
    found.extend(std::iter::repeat_n(Complex64::ZERO, at_zero));
    if found.iter().any(|root| !root.is_finite()) {
        return Err(beyond_float64());
    }
    found.sort_by(|x, y| x.re.total_cmp(&y.re).then(x.im.abs().total_cmp(&y.im.abs())).then(x.im.total_cmp(&y.im)));
    Ok(found)
}

/// Returns the two roots of `c[0] x² + c[1] x + c[2]`; of two real ones the larger is computed first, so that nothing
/// cancels.
fn quadratic(c: &[f64]) -> [Complex64; 2] {
    let (half, product) = (-c[1] / c[0] / 2.0, c[2] / c[0]);
    let discriminant = half.mul_add(half, -product);
    if discriminant < 0.0 {
        let root = Complex64::new(half, (-discriminant).sqrt());
        return [root, root.conj()];
    }
    let larger = half + discriminant.sqrt().copysign(half);
    let smaller = if larger == 0.0 { 0.0 } else { product / larger };
    [larger.into(), smaller.into()]
}

fn eigenvalues(c: &[f64]) -> Result<Vec<Complex64>> {
    let degree = c.len() - 1;
    let mut companion = DMatrix::from_fn(degree, degree, |row, column| match row {
        0 => -c[column + 1] / c[0],
        _ => f64::from(u8::from(row == column + 1)),
    });
    if companion.iter().any(|x| !x.is_finite()) {
        return Err(beyond_float64());
    }
    balance_parlett_reinsch(&mut companion);
    // Each eigenvalue takes a few steps; a matrix that needs more than these has overflowed.
    let schur = Schur::try_new(companion, f64::EPSILON, 100 * degree).ok_or_else(beyond_float64)?;
    Ok(schur.complex_eigenvalues().iter().copied().collect())
}

/// Returns the real coefficients of `Π (x − root)`, the highest power first.
///
/// # Errors
/// `RangeError` if complex roots do not come in conjugate pairs, or a coefficient is beyond float64.
pub fn expand(roots: &[Complex64]) -> Result<Vec<f64>> {
    require_pairs(roots)?;
    let mut product = vec![Complex64::ONE];
    for root in roots {
        product.push(Complex64::ZERO);
        for k in (1..product.len()).rev() {
            let before = product[k - 1];
            product[k] -= before * root;
        }
    }
    let real: Vec<f64> = product.iter().map(|c| c.re).collect();
    if real.iter().all(|c| c.is_finite()) { Ok(real) } else { Err(beyond_float64()) }
}

fn require_pairs(roots: &[Complex64]) -> Result<()> {
    if roots.len() > MAX_DEGREE {
        return Err(Error::range(format!("{} roots are too many, at most {MAX_DEGREE}", roots.len())));
    }
    let is_complex = |r: &&Complex64| r.im.abs() > CONJUGATE * r.norm();
    let (upper, mut lower): (Vec<Complex64>, Vec<Complex64>) =
        roots.iter().filter(is_complex).partition(|root| root.im > 0.0);
    for root in &upper {
        let partner = lower.iter().position(|other| (other.conj() - root).norm() <= CONJUGATE * root.norm());
        lower.swap_remove(partner.ok_or_else(unpaired)?);
    }
    if lower.is_empty() { Ok(()) } else { Err(unpaired()) }
}

impl Zpk {
    /// Returns `b = gain · Π(x − zero)` and `a = Π(x − pole)`.
    ///
    /// # Errors
    /// Those of [`expand`].
    pub fn to_transfer(&self) -> Result<Transfer> {
        let b: Vec<f64> = expand(&self.zeros)?.iter().map(|c| c * self.gain).collect();
        if b.iter().any(|c| !c.is_finite()) {
            return Err(beyond_float64());
        }
        Ok(Transfer { b, a: expand(&self.poles)? })
    }

    /// Returns the second-order sections of this digital filter, as [`Zpk::sections`] pairs them; more zeros than poles
    /// get poles at 0.
    ///
    /// # Errors
    /// `RangeError` if complex roots do not come in conjugate pairs, or a coefficient is beyond float64.
    pub fn to_sections(&self) -> Result<Vec<Row>> {
        require_pairs(&self.zeros)?;
        require_pairs(&self.poles)?;
        let mut padded = self.clone();
        padded.poles.resize(self.poles.len().max(self.zeros.len()), Complex64::ZERO);
        let rows = padded.sections().ok_or_else(unpaired)?;
        if rows.iter().flatten().all(|c| c.is_finite()) { Ok(rows) } else { Err(beyond_float64()) }
    }
}

/// Returns zeros, poles and gain of a cascade: two zeros and two poles per section, those of missing coefficients at 0.
///
/// # Errors
/// Those of [`roots`].
pub fn sections_to_zpk(rows: &[Row]) -> Result<Zpk> {
    let mut all = Zpk { zeros: vec![], poles: vec![], gain: 1.0 };
    for row in rows {
        let Zpk { mut zeros, mut poles, gain } = Transfer { b: row[..3].to_vec(), a: row[3..].to_vec() }.to_zpk()?;
        zeros.resize(2, Complex64::ZERO);
        poles.resize(2, Complex64::ZERO);
        all.zeros.append(&mut zeros);
        all.poles.append(&mut poles);
        all.gain *= gain;
    }
    if all.gain.is_finite() { Ok(all) } else { Err(beyond_float64()) }
}

/// Returns the polynomials of a cascade, `2·sections + 1` coefficients each.
///
/// # Errors
/// `RangeError` if a coefficient is beyond float64.
pub fn sections_to_transfer(rows: &[Row]) -> Result<Transfer> {
    let b = rows.iter().fold(vec![1.0], |product, row| multiply(&product, &row[..3]));
    let a = rows.iter().fold(vec![1.0], |product, row| multiply(&product, &row[3..]));
    if b.iter().chain(&a).all(|c| c.is_finite()) { Ok(Transfer { b, a }) } else { Err(beyond_float64()) }
}

fn unpaired() -> Error {
    Error::range("complex zeros and poles must come in conjugate pairs")
}

fn beyond_float64() -> Error {
    Error::range("the coefficients or roots of this filter exceed float64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_a_product_are_its_factors() {
        let found = roots(&[0.0, 2.0, -12.0, 22.0, -12.0, 0.0]).unwrap();
        let want = [0.0, 1.0, 2.0, 3.0];
        assert!(found.iter().zip(want).all(|(root, want)| (root - want).norm() < 1e-13), "{found:?}");
        assert_eq!(roots(&[0.0, 0.0]).unwrap(), []);
    }

    #[test]
    fn roots_without_a_partner_are_refused() {
        let lonely = Zpk { zeros: vec![], poles: vec![Complex64::i() * 0.5], gain: 1.0 };
        assert!(lonely.to_transfer().is_err());
        assert!(lonely.to_sections().is_err());
    }

    #[test]
    fn extreme_coefficients_are_refused() {
        assert!(roots(&[1e-300, 1.0, 1e300, 1.0]).is_err());
        assert!(Transfer::normalize(&[1.0], &[0.0, 0.0]).is_err());
        assert!(Transfer::normalize(&[1e300], &[1e-300]).is_err());
        assert!(roots(&vec![1.0; MAX_DEGREE + 2]).is_err());
    }
}
