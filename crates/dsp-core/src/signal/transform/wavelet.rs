//! Discrete wavelet transforms of whole signals in f64 (PyWavelets' `dwt`, `idwt`, `wavedec`, `waverec`, `swt`,
//! `iswt`).
//!
//! S. Mallat, *A Wavelet Tour of Signal Processing*, 3rd edition, chapter 7; G. P. Nason and B. W. Silverman, *The
//! stationary wavelet transform and some statistical applications*, 1995.
//!
//! With filters h of L taps and the signal x̃ extended as the mode says, a level is `c[k] = Σ_j h[j]·x̃[2k + 1 − j]`
//! for ⌊(n + L − 1)/2⌋ k, and in mode "periodization" `c[k] = Σ_j h[j]·x[(2k + L/2 − j) mod n]` for ⌈n/2⌉ k.

use crate::error::{Error, Result};
use crate::kernels::adaptive::dot_product;
use crate::limits::{filled, reserved};
use crate::signal::transform::extension::Extension;
use crate::text::quoted;

/// A line a wavelet: its name and its low-pass filters, as PyWavelets tabulates them.
const FILTERS: &str = include_str!("wavelet_filters.txt");

crate::texts! {
    /// How a signal goes on beyond its ends.
    #[derive(Default)]
    pub enum Mode {
        /// Mirrored about its ends.
        #[default]
        Symmetric = "symmetric",
        /// Zeros.
        Zero = "zero",
        /// The end sample.
        Constant = "constant",
        /// Round and round.
        Periodic = "periodic",
        /// Along the line through the last two samples.
        Smooth = "smooth",
        /// Round and round, with as few coefficients as samples.
        Periodization = "periodization",
        /// Mirrored about its end samples.
        Reflect = "reflect",
        /// Mirrored about its ends and negated.
        Antisymmetric = "antisymmetric",
        /// Turned about its end samples.
        Antireflect = "antireflect",
    }
}

impl Mode {
    fn extension(self) -> Extension {
        match self {
            Self::Symmetric => Extension::Symmetric,
            Self::Zero => Extension::Zero,
            Self::Constant => Extension::Edge,
            Self::Periodic | Self::Periodization => Extension::Wrap,
            Self::Smooth => Extension::Smooth,
            Self::Reflect => Extension::Reflect,
            Self::Antisymmetric => Extension::Antisymmetric,
            Self::Antireflect => Extension::Antireflect,
        }
    }
}

/// The filters of a wavelet, all of one even length.
#[derive(Debug, Clone, PartialEq)]
pub struct Filters {
    /// Low-pass of the decomposition.
    pub dec_lo: Vec<f64>,
    /// High-pass of the decomposition.
    pub dec_hi: Vec<f64>,
    /// Low-pass of the reconstruction.
    pub rec_lo: Vec<f64>,
    /// High-pass of the reconstruction.
    pub rec_hi: Vec<f64>,
}

/// Approximation and detail of one level.
pub type Pair = (Vec<f64>, Vec<f64>);

/// Returns the names of the discrete wavelets.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILTERS.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name)
}

impl Filters {
    /// Returns the filters of a wavelet by its name.
    ///
    /// # Errors
    /// `RangeError` for a name that is not one of [`names`].
    pub fn of(name: &str) -> Result<Self> {
        let found = FILTERS.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name);
        let (dec, rec) = found.and_then(|(_, filters)| filters.split_once('|')).ok_or_else(|| {
            Error::range(format!("unknown wavelet '{}': wavelist() returns the names of all", quoted(name)))
        })?;
        let numbers =
            |text: &str| text.split_whitespace().filter_map(|number| number.parse().ok()).collect::<Vec<f64>>();
        let (mut dec_lo, rec_lo) = (numbers(dec), numbers(rec));
        if dec_lo.is_empty() {
            dec_lo = rec_lo.iter().rev().copied().collect();
        }
        let alternating = |taps: &[f64], first: f64| {
            taps.iter()
                .enumerate()
                .map(|(i, tap)| if i.is_multiple_of(2) { first * tap } else { -first * tap })
                .collect()
        };
        let (dec_hi, rec_hi) = (alternating(&rec_lo, -1.0), alternating(&dec_lo, 1.0));
        Ok(Self { dec_lo, dec_hi, rec_lo, rec_hi })
    }

    /// The number of taps.
    #[allow(clippy::len_without_is_empty, reason = "a filter is never empty")]
    pub fn len(&self) -> usize {
        self.dec_lo.len()
    }

    /// Returns how many levels a signal of `n` samples has until it is shorter than the filters.
    pub fn max_level(&self, n: usize) -> usize {
        let ratio = n / (self.len() - 1);
        if ratio == 0 { 0 } else { ratio.ilog2() as usize }
    }

    /// Returns one level of the transform of `x` (not empty).
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn dwt(&self, x: &[f64], mode: Mode) -> Result<Pair> {
        let (taps, n) = (self.len(), x.len());
        let mut even = x.to_vec();
        let (count, before, after) = if mode == Mode::Periodization {
            if n % 2 == 1 {
                even.push(x[n - 1]);
            }
            (n.div_ceil(2), taps - 1 - taps / 2, taps / 2)
        } else {
            (usize::midpoint(n, taps - 1), taps - 2, taps - 1)
        };
        let extended = mode.extension().extended(&even, before, after)?;
        let filter = |h: &[f64]| {
            let reversed: Vec<f64> = h.iter().rev().copied().collect();
            let mut c = reserved(count)?;
            c.extend((0..count).map(|k| dot_product(&reversed, &extended[2 * k..2 * k + taps])));
            Ok(c)
        };
        Ok((filter(&self.dec_lo)?, filter(&self.dec_hi)?))
    }

    /// Returns the signal of one level's approximation and detail, of one length.
    ///
    /// # Errors
    /// `RangeError` if there are too few coefficients for these filters, and if there is not enough memory.
    pub fn idwt(&self, (approximation, detail): (&[f64], &[f64]), mode: Mode) -> Result<Vec<f64>> {
        let (taps, count) = (self.len(), approximation.len());
        let whole = 2 * count;
        let mut sum = filled(0.0, whole + taps - 2)?;
        for (k, (a, d)) in approximation.iter().zip(detail).enumerate() {
            let out = &mut sum[2 * k..2 * k + taps];
            for ((out, lo), hi) in out.iter_mut().zip(&self.rec_lo).zip(&self.rec_hi) {
                *out += a * lo + d * hi;
            }
        }
        if mode == Mode::Periodization {
            let mut x = filled(0.0, whole)?;
            let shift = whole - (taps / 2 - 1) % whole.max(1);
            sum.iter().enumerate().for_each(|(i, value)| x[(i + shift) % whole] += value);
            return Ok(x);
        }
        if whole + 2 <= taps {
            return Err(Error::range(format!("there must be at least {} coefficients, got {count}", taps / 2)));
        }
        sum.drain(..taps - 2);
        sum.truncate(whole + 2 - taps);
        Ok(sum)
    }

    /// Returns the approximation of the last of `level` levels and the details from that level to the first.
    ///
    /// # Errors
    /// Those of [`Filters::dwt`].
    pub fn wavedec(&self, x: &[f64], mode: Mode, level: usize) -> Result<Vec<Vec<f64>>> {
        let (mut rest, mut all) = (x.to_vec(), vec![]);
        for _ in 0..level {
            let (approximation, detail) = self.dwt(&rest, mode)?;
            all.push(detail);
            rest = approximation;
        }
        all.push(rest);
        all.reverse();
        Ok(all)
    }

    /// Returns the signal of what [`Filters::wavedec`] returns; one sample more where it had an odd number.
    ///
    /// # Errors
    /// `RangeError` for coefficients whose lengths do not fit.
    pub fn waverec(&self, coefficients: &[Vec<f64>], mode: Mode) -> Result<Vec<f64>> {
        let Some((first, details)) = coefficients.split_first() else { return Ok(vec![]) };
        let mut x = first.clone();
        for detail in details {
            if x.len() == detail.len() + 1 {
                x.pop();
            }
            if x.len() != detail.len() || x.is_empty() {
                let (got, wanted) = (detail.len(), x.len());
                return Err(Error::range(format!("coefficients must have fitting lengths, got {got} after {wanted}")));
            }
            x = self.idwt((&x, detail), mode)?;
        }
        Ok(x)
    }

    /// Returns the stationary transform: approximation and detail of each level, all as long as `x`, the last level
    /// first. The length is a multiple of 2^`level`.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn swt(&self, x: &[f64], level: usize) -> Result<Vec<Pair>> {
        let (n, taps) = (x.len(), self.len());
        let (mut rest, mut levels) = (x.to_vec(), vec![]);
        for step in (0..level).map(|j| 1 << j) {
            let filter = |h: &[f64]| {
                let mut c: Vec<f64> = filled(0.0, n)?;
                for (m, tap) in h.iter().enumerate() {
                    // c[i] takes x[i + (L/2 − m)·step], round and round.
                    let shift = (taps / 2 * step + taps * n * step - m * step) % n;
                    let (front, back) = c.split_at_mut(n - shift);
                    front.iter_mut().zip(&rest[shift..]).for_each(|(c, x)| *c += tap * x);
                    back.iter_mut().zip(&rest).for_each(|(c, x)| *c += tap * x);
                }
                Ok::<_, Error>(c)
            };
            let (approximation, detail) = (filter(&self.dec_lo)?, filter(&self.dec_hi)?);
            levels.push((approximation.clone(), detail));
            rest = approximation;
        }
        levels.reverse();
        Ok(levels)
    }

    /// Returns the signal of a stationary transform: each level is the mean of the transforms of even and of odd
    /// places.
    ///
    /// # Errors
    /// Those of [`Filters::idwt`].
    pub fn iswt(&self, levels: &[Pair]) -> Result<Vec<f64>> {
        let Some((approximation, _)) = levels.first() else { return Ok(vec![]) };
        let mut x = approximation.clone();
        for (i, (_, detail)) in levels.iter().enumerate() {
            let step = 1 << (levels.len() - 1 - i);
            let before = x.clone();
            for first in 0..step {
                let every =
                    |list: &[f64], from: usize| list.iter().skip(from).step_by(2 * step).copied().collect::<Vec<_>>();
                let part = |from: usize| self.idwt((&every(&before, from), &every(detail, from)), Mode::Periodization);
                let (even, odd) = (part(first)?, part(first + step)?);
                let count = even.len();
                for (k, sample) in x.iter_mut().skip(first).step_by(step).enumerate() {
                    *sample = f64::midpoint(even[k], odd[(k + count - 1) % count]);
                }
            }
        }
        Ok(x)
    }
}

crate::texts! {
    /// How coefficients near 0 are treated; t is the threshold.
    #[derive(Default)]
    pub enum Threshold {
        /// Moved towards 0 by t; 0 within t.
        #[default]
        Soft = "soft",
        /// 0 below t.
        Hard = "hard",
        /// `x − t²/x`; 0 within t.
        Garrote = "garrote",
        /// Values below t are replaced.
        Greater = "greater",
        /// Values above t are replaced.
        Less = "less",
    }
}

/// Returns coefficients treated with a threshold; `substitute` stands where they are dropped.
pub fn threshold(x: &[f64], at: f64, kind: Threshold, substitute: f64) -> Vec<f64> {
    let one = |&x: &f64| {
        let size = x.abs();
        match kind {
            Threshold::Soft if size >= at => {
                if size == 0.0 {
                    0.0
                } else {
                    x * (1.0 - at / size)
                }
            }
            Threshold::Garrote if size >= at => {
                if size == 0.0 {
                    0.0
                } else {
                    x * (1.0 - at * at / (size * size))
                }
            }
            Threshold::Hard if size >= at => x,
            Threshold::Greater if x >= at => x,
            Threshold::Less if x <= at => x,
            _ => substitute,
        }
    };
    x.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Texts;

    #[test]
    fn every_wavelet_gives_the_signal_back_in_every_mode() {
        assert_eq!(names().count(), 106);
        // The table of Meyer's filters ends before the filters do: they give no signal back exactly.
        for name in names().filter(|name| *name != "dmey") {
            let filters = Filters::of(name).unwrap();
            let tolerance = 1e-9;
            for n in [1, 2, 9, 40, 129] {
                let x: Vec<f64> = (0..n).map(|i| f64::from((i * 37 + 11) % 29) - 13.0).collect();
                for mode in Mode::MEMBERS {
                    let (a, d) = filters.dwt(&x, *mode).unwrap();
                    let y = filters.idwt((&a, &d), *mode).unwrap();
                    let same = x.iter().zip(&y).all(|(x, y)| (x - y).abs() < tolerance * 16.0);
                    assert!(same && y.len() - x.len() < 2, "{name} {n} {mode:?}");
                }
            }
            let x: Vec<f64> = (0..48).map(|i| f64::from((i * 37 + 11) % 29) - 13.0).collect();
            let y = filters.iswt(&filters.swt(&x, 3).unwrap()).unwrap();
            assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < tolerance * 64.0), "{name}");
        }
    }
}
