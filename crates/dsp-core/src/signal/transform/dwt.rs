//! One level of the discrete wavelet transform with Daubechies filters, on samples extended by half-sample symmetry.
//!
//! For n samples, x̃ extends x by `x̃[−1−i] = x[i]`, `x̃[n+i] = x[n−1−i]` with period 2n. With L taps, `A = ⌊n/2⌋`,
//! `D = n − A`, `s = ⌊(L−2)/4⌋`:
//!
//! `approx[i] = Σ_m h[m]·x̃[2(i+s)+2−L+m]`, i < A; `detail[i] = Σ_m g[m]·x̃[2(i+s)+2−L+m]`, i < D.
//!
//! These are elements s…s+A−1 and s…s+D−1 of the two results of PyWavelets' `dwt(x, name, mode="symmetric")`.

use crate::kernels::wavelet::{analyse, split_phases};
use crate::signal::transform::wavelet_tables::LOW_PASS;
use crate::text::Texts;

/// A wavelet's filters, as pairs of neighbouring taps.
#[derive(Debug, Clone)]
pub struct Wavelet {
    low: Vec<[f64; 2]>,
    high: Vec<[f64; 2]>,
    even: Vec<f32>,
    odd: Vec<f32>,
}

crate::texts! {
    /// Daubechies' wavelets by their number of vanishing moments.
    pub enum WaveletName {
        /// Haar: one vanishing moment, two taps.
        Haar = "haar",
        /// Another name of `Haar`.
        Db1 = "db1",
        /// Two vanishing moments, four taps.
        Db2 = "db2",
        /// Three vanishing moments, six taps.
        Db3 = "db3",
        /// Four vanishing moments, eight taps.
        Db4 = "db4",
        /// Five vanishing moments, 10 taps.
        Db5 = "db5",
        /// Six vanishing moments, 12 taps.
        Db6 = "db6",
        /// Seven vanishing moments, 14 taps.
        Db7 = "db7",
        /// Eight vanishing moments, 16 taps.
        Db8 = "db8",
        /// Nine vanishing moments, 18 taps.
        Db9 = "db9",
        /// Ten vanishing moments, 20 taps.
        Db10 = "db10",
    }
}

impl Wavelet {
    /// Returns the filters of a wavelet.
    pub fn new(name: WaveletName) -> Self {
        // `haar` is `db1`.
        let low = LOW_PASS[name.index().saturating_sub(1)];
        let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let high: Vec<f64> = (0..low.len()).map(|i| sign(i) * low[low.len() - 1 - i]).collect();
        Self { low: pairs(low), high: pairs(&high), even: Vec::new(), odd: Vec::new() }
    }

    /// Returns the number of taps L of each filter.
    pub fn filter_length(&self) -> usize {
        2 * self.low.len()
    }

    /// Replaces `x` by its approximation and detail coefficients, one after the other.
    pub fn transform(&mut self, x: &mut [f32]) {
        let n = x.len();
        if n == 0 {
            return;
        }
        self.extend(x);
        let (approx, detail) = x.split_at_mut(n / 2);
        let same = approx.len();
        analyse(&self.even, &self.odd, &self.low, &self.high, approx, &mut detail[..same]);
        if let [last] = &mut detail[same..] {
            let last = std::slice::from_mut(last);
            analyse(&self.even[same..], &self.odd[same..], &self.low, &self.high, &mut [0.0], last);
        }
    }

    /// Splits x̃, from the first to the last sample that the outputs need, into even and odd samples.
    fn extend(&mut self, x: &[f32]) {
        let (n, half) = (x.len(), self.low.len());
        let before = half - 1 - (half - 1) / 2;
        let length = n.div_ceil(2) + half - 1;
        self.even.resize(length, 0.0);
        self.odd.resize(length, 0.0);
        split_phases(x, &mut self.even[before..], &mut self.odd[before..]);
        let at = |t: usize, phase: i64| x[symmetric(2 * (t as i64 - before as i64) + phase, n)];
        for t in (0..before).chain(before + n.div_ceil(2)..length) {
            self.even[t] = at(t, 0);
        }
        for t in (0..before).chain(before + n / 2..length) {
            self.odd[t] = at(t, 1);
        }
    }
}

fn pairs(taps: &[f64]) -> Vec<[f64; 2]> {
    taps.as_chunks::<2>().0.to_vec()
}

/// Returns the index in 0..n of the sample that x̃[i] repeats.
fn symmetric(i: i64, n: usize) -> usize {
    let n = n as i64;
    let i = i.rem_euclid(2 * n);
    (if i < n { i } else { 2 * n - 1 - i }) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct(x: &[f32], wavelet: &Wavelet) -> Vec<f64> {
        let n = x.len();
        let length = wavelet.filter_length() as i64;
        let s = (length - 2) / 4;
        let tap = |taps: &[[f64; 2]], m: i64| taps[m as usize / 2][m as usize % 2];
        let sum = |taps: &[[f64; 2]], i: usize| -> f64 {
            let sample = |m: i64| f64::from(x[symmetric(2 * (i as i64 + s) + 2 - length + m, n)]);
            (0..length).map(|m| tap(taps, m) * sample(m)).sum()
        };
        let approx = (0..n / 2).map(|i| sum(&wavelet.low, i));
        approx.chain((0..n - n / 2).map(|i| sum(&wavelet.high, i))).collect()
    }

    #[test]
    fn equals_its_definition_for_every_wavelet_and_length() {
        for &name in WaveletName::MEMBERS {
            let mut wavelet = Wavelet::new(name);
            for n in (1..70).chain([255, 256]) {
                let mut x: Vec<f32> = (0..n).map(|i| ((i * 37 + 11) % 29) as f32 - 13.0).collect();
                let want = direct(&x, &wavelet);
                wavelet.transform(&mut x);
                // One rounding to f32 of values below 64.
                assert!(x.iter().zip(&want).all(|(x, w)| (f64::from(*x) - w).abs() < 4e-6), "{name:?} {n}");
            }
        }
    }

    #[test]
    fn haar_is_sums_and_differences() {
        let mut x = [1.0, 3.0, 5.0, 5.0];
        Wavelet::new(WaveletName::Db1).transform(&mut x);
        let r = std::f32::consts::FRAC_1_SQRT_2;
        assert_eq!(x, [4.0 * r, 10.0 * r, -2.0 * r, 0.0]);
    }

    #[test]
    fn a_wavelet_has_two_taps_per_vanishing_moment() {
        let taps: Vec<usize> = WaveletName::MEMBERS.iter().map(|name| Wavelet::new(*name).filter_length()).collect();
        assert_eq!(taps, [2, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    }
}
