//! Signals continued beyond their ends by as many samples as a filter or a wavelet needs, in f64 (the modes of
//! `scipy.signal.upfirdn` and PyWavelets).

use crate::error::Result;
use crate::limits::reserved;

crate::texts! {
    /// How a signal `a b c d` goes on.
    #[derive(Default)]
    pub enum Extension {
        /// Zeros: `0 0 | a b c d | 0 0`.
        #[default]
        Zero = "zero",
        /// The end sample again: `a a | a b c d | d d`.
        Edge = "edge",
        /// Mirrored about the end: `b a | a b c d | d c`.
        Symmetric = "symmetric",
        /// Mirrored about the end sample: `c b | a b c d | c b`.
        Reflect = "reflect",
        /// Round and round: `c d | a b c d | a b`.
        Wrap = "wrap",
        /// Along the line through the last two samples.
        Smooth = "smooth",
        /// Mirrored about the end and negated: `−b −a | a b c d | −d −c`.
        Antisymmetric = "antisymmetric",
        /// Turned about the end sample: `2a−c 2a−b | a b c d | 2d−c 2d−b`.
        Antireflect = "antireflect",
        /// Along the line through the first and the last sample.
        Line = "line",
    }
}

impl Extension {
    /// Returns `x` (not empty) with `before` samples in front and `after` behind.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn extended(self, x: &[f64], before: usize, after: usize) -> Result<Vec<f64>> {
        let mut all = reserved(x.len() + before + after)?;
        let reversed: Vec<f64> = x.iter().rev().copied().collect();
        all.extend(self.continued(&reversed, before)?.into_iter().rev());
        all.extend_from_slice(x);
        all.extend(self.continued(x, after)?);
        Ok(all)
    }

    /// The `count` samples that follow `x`.
    fn continued(self, x: &[f64], count: usize) -> Result<Vec<f64>> {
        let n = x.len();
        let last = x[n - 1];
        let slope = match self {
            Self::Smooth if n > 1 => last - x[n - 2],
            Self::Line if n > 1 => (last - x[0]) / (n - 1) as f64,
            _ => 0.0,
        };
        let mut tail: Vec<f64> = reserved(count)?;
        for k in 0..count {
            let (turn, place) = (k / n, k % n);
            let mirrored = if turn % 2 == 0 { x[n - 1 - place] } else { x[place] };
            let sample = match self {
                Self::Zero => 0.0,
                Self::Edge => last,
                Self::Wrap => x[place],
                Self::Symmetric => mirrored,
                Self::Antisymmetric if turn % 2 == 0 => -mirrored,
                Self::Antisymmetric => mirrored,
                Self::Smooth | Self::Line => last + slope * (k + 1) as f64,
                Self::Reflect | Self::Antireflect if n == 1 => last,
                Self::Reflect => {
                    let i = (n + k) % (2 * n - 2);
                    x[i.min(2 * n - 2 - i)]
                }
                Self::Antireflect => {
                    // About the last sample at a multiple of n − 1 before this one.
                    let t = n + k;
                    let centre = (t - 1) / (n - 1) * (n - 1);
                    let at = |i: usize| if i < n { x[i] } else { tail[i - n] };
                    2.0 * at(centre) - at(2 * centre - t)
                }
            };
            tail.push(sample);
        }
        Ok(tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_goes_on_as_its_picture_says() {
        let x = [1.0, 2.0, 4.0];
        let ends = |mode: Extension| {
            let y = mode.extended(&x, 4, 5).unwrap();
            (y[..4].to_vec(), y[7..].to_vec())
        };
        assert_eq!(ends(Extension::Zero), (vec![0.0; 4], vec![0.0; 5]));
        assert_eq!(ends(Extension::Edge), (vec![1.0; 4], vec![4.0; 5]));
        assert_eq!(ends(Extension::Symmetric), (vec![4.0, 4.0, 2.0, 1.0], vec![4.0, 2.0, 1.0, 1.0, 2.0]));
        assert_eq!(ends(Extension::Reflect), (vec![1.0, 2.0, 4.0, 2.0], vec![2.0, 1.0, 2.0, 4.0, 2.0]));
        assert_eq!(ends(Extension::Wrap), (vec![4.0, 1.0, 2.0, 4.0], vec![1.0, 2.0, 4.0, 1.0, 2.0]));
        assert_eq!(ends(Extension::Smooth), (vec![-3.0, -2.0, -1.0, 0.0], vec![6.0, 8.0, 10.0, 12.0, 14.0]));
        assert_eq!(ends(Extension::Antisymmetric), (vec![4.0, -4.0, -2.0, -1.0], vec![-4.0, -2.0, -1.0, 1.0, 2.0]));
        assert_eq!(ends(Extension::Antireflect), (vec![-5.0, -4.0, -2.0, 0.0], vec![6.0, 7.0, 8.0, 10.0, 12.0]));
        assert_eq!(ends(Extension::Line), (vec![-5.0, -3.5, -2.0, -0.5], vec![5.5, 7.0, 8.5, 10.0, 11.5]));
    }
}
