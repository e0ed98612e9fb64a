//! Transfer functions in which s is replaced: band transforms, the bilinear transform (`scipy.signal.lp2lp`, `lp2hp`,
//! `lp2bp`, `lp2bs`, `bilinear`).

use crate::error::{Error, Result};
use crate::signal::filter::design::conversions::{MAX_DEGREE, Transfer};
use crate::signal::filter::design::zpk::multiply;

/// The replacement of s in an analog low-pass with its edge at 1 rad/s. Frequencies are in rad/s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Substitution {
    /// A low-pass with its edge at the frequency: `s/ω`.
    LowPass(f64),
    /// A high-pass with its edge at the frequency: `ω/s`.
    HighPass(f64),
    /// A band-pass of a centre and a bandwidth: `(s² + ω²)/(s·B)`.
    BandPass(f64, f64),
    /// A band-stop of a centre and a bandwidth: `s·B/(s² + ω²)`.
    BandStop(f64, f64),
    /// A digital filter at a sample rate in Hz: `2f (z − 1)/(z + 1)`.
    Bilinear(f64),
}

impl Substitution {
    /// Returns numerator and denominator of the replacement, the highest power first.
    fn quotient(self) -> (Vec<f64>, Vec<f64>) {
        match self {
            Self::LowPass(w) => (vec![1.0, 0.0], vec![w]),
            Self::HighPass(w) => (vec![w], vec![1.0, 0.0]),
            Self::BandPass(w, width) => (vec![1.0, 0.0, w * w], vec![width, 0.0]),
            Self::BandStop(w, width) => (vec![width, 0.0], vec![1.0, 0.0, w * w]),
            Self::Bilinear(rate) => (vec![2.0 * rate, -2.0 * rate], vec![1.0, 1.0]),
        }
    }

    /// Returns the transfer function `b(s)/a(s)` in the new variable, with `a[0]` = 1.
    ///
    /// # Errors
    /// `RangeError` for a degree above [`MAX_DEGREE`], and those of [`Transfer::normalize`].
    pub fn apply(self, b: &[f64], a: &[f64]) -> Result<Transfer> {
        let degree = b.len().max(a.len()).max(1) - 1;
        if degree > MAX_DEGREE {
            return Err(Error::range(format!("b and a must have at most {} coefficients", MAX_DEGREE + 1)));
        }
        let (over, under) = self.quotient();
        Transfer::normalize(&homogeneous(b, degree, &over, &under), &homogeneous(a, degree, &over, &under))
    }
}

/// Returns `Σ c[k] over^k under^(degree − k)` for the coefficient c[k] of the k-th power, by Horner's scheme.
fn homogeneous(c: &[f64], degree: usize, over: &[f64], under: &[f64]) -> Vec<f64> {
    let missing = degree + 1 - c.len();
    let mut power = vec![1.0];
    let mut sum = vec![0.0];
    for step in 0..=degree {
        let coefficient = if step < missing { 0.0 } else { c[step - missing] };
        sum = multiply(&sum, over);
        let length = sum.len().max(power.len());
        let mut next = vec![0.0; length];
        for (to, from) in next[length - sum.len()..].iter_mut().zip(&sum) {
            *to += from;
        }
        for (to, from) in next[length - power.len()..].iter_mut().zip(&power) {
            *to += coefficient * from;
        }
        sum = next;
        power = multiply(&power, under);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_order_low_pass_becomes_the_other_kinds() {
        let of = |substitution: Substitution| substitution.apply(&[1.0], &[1.0, 1.0]).unwrap();
        assert_eq!(of(Substitution::LowPass(5.0)), Transfer { b: vec![5.0], a: vec![1.0, 5.0] });
        assert_eq!(of(Substitution::HighPass(5.0)), Transfer { b: vec![1.0, 0.0], a: vec![1.0, 5.0] });
        assert_eq!(of(Substitution::BandPass(3.0, 2.0)), Transfer { b: vec![2.0, 0.0], a: vec![1.0, 2.0, 9.0] });
        assert_eq!(of(Substitution::BandStop(3.0, 2.0)), Transfer { b: vec![1.0, 0.0, 9.0], a: vec![1.0, 2.0, 9.0] });
        assert_eq!(of(Substitution::Bilinear(0.5)), Transfer { b: vec![0.5, 0.5], a: vec![1.0, 0.0] });
    }

    #[test]
    fn long_polynomials_are_refused() {
        assert!(Substitution::LowPass(1.0).apply(&[1.0], &vec![1.0; MAX_DEGREE + 2]).is_err());
    }
}
