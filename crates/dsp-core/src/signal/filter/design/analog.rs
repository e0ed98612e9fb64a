//! Analog filters as zeros, poles and gain: band transforms in s, and the bilinear transform (`scipy.signal.lp2lp_zpk`,
//! `lp2hp_zpk`, `lp2bp_zpk`, `lp2bs_zpk`, `bilinear_zpk`).

use rustfft::num_complex::Complex64;

use crate::error::{Error, Result};
use crate::signal::filter::design::substitution::Substitution;
use crate::signal::filter::design::zpk::{Zpk, quotient, split};

impl Zpk {
    /// Returns the filter with another variable put in for s of this analog one.
    ///
    /// # Errors
    /// `RangeError` if it has more zeros than poles, or a root or the gain is beyond float64.
    pub fn substituted(&self, substitution: Substitution) -> Result<Zpk> {
        let Some(degree) = self.poles.len().checked_sub(self.zeros.len()) else {
            return Err(Error::range("an analog filter must have at least as many poles as zeros"));
        };
        let moved = |roots: &[Complex64]| roots.iter().flat_map(|&root| moved(root, substitution)).collect();
        let (mut zeros, poles): (Vec<Complex64>, Vec<Complex64>) = (moved(&self.zeros), moved(&self.poles));
        let product = |of: &dyn Fn(Complex64) -> Complex64| {
            let zeros: Complex64 = self.zeros.iter().map(|&z| of(z)).product();
            (zeros / self.poles.iter().map(|&p| of(p)).product::<Complex64>()).re
        };
        let gain = match substitution {
            Substitution::LowPass(w) | Substitution::BandPass(_, w) => w.powi(degree as i32),
            Substitution::HighPass(_) | Substitution::BandStop(..) => product(&|root| -root),
            Substitution::Bilinear(rate) => product(&|root| 2.0 * rate - root),
        };
        for _ in 0..degree {
            match substitution {
                Substitution::LowPass(_) => {}
                Substitution::HighPass(_) | Substitution::BandPass(..) => zeros.push(Complex64::ZERO),
                Substitution::BandStop(w, _) => zeros.extend([Complex64::new(0.0, w), Complex64::new(0.0, -w)]),
                Substitution::Bilinear(_) => zeros.push(Complex64::from(-1.0)),
            }
        }
        let found = Zpk { zeros, poles, gain: self.gain * gain };
        let finite = found.zeros.iter().chain(&found.poles).all(|root| root.is_finite()) && found.gain.is_finite();
        if finite { Ok(found) } else { Err(Error::range("a root or the gain of this filter exceeds float64")) }
    }
}

/// Where a root goes; the band types make two of it.
fn moved(root: Complex64, substitution: Substitution) -> impl Iterator<Item = Complex64> {
    let (first, second) = match substitution {
        Substitution::LowPass(w) => (root * w, None),
        Substitution::HighPass(w) => (quotient(w.into(), root), None),
        Substitution::BandPass(w, width) => {
            let (s1, s2) = split(root * (width / 2.0), w);
            (s1, Some(s2))
        }
        Substitution::BandStop(w, width) => {
            let (s1, s2) = split(quotient((width / 2.0).into(), root), w);
            (s1, Some(s2))
        }
        Substitution::Bilinear(rate) => (quotient(2.0 * rate + root, 2.0 * rate - root), None),
    };
    [Some(first), second].into_iter().flatten()
}
