//! Extension of a signal beyond its ends.

use crate::error::Result;
use crate::limits::reserved;

/// The extension of a signal beyond its ends (names of `scipy.ndimage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Zeros: `0 0 | a b c | 0 0`.
    Constant,
    /// The last sample, repeated: `a a | a b c | c c`.
    Nearest,
    /// Mirrored about the last sample: `c b | a b c | b a`.
    Mirror,
    /// Mirrored about the end: `b a | a b c | c b`.
    Reflect,
    /// Periodic: `b c | a b c | a b`.
    Wrap,
}

impl Edge {
    /// Names in options.
    pub const NAMES: [&'static str; 5] = ["constant", "nearest", "mirror", "reflect", "wrap"];

    /// Returns the extension of that name, if there is one.
    pub fn of(name: &str) -> Option<Self> {
        let all = [Self::Constant, Self::Nearest, Self::Mirror, Self::Reflect, Self::Wrap];
        all.into_iter().zip(Self::NAMES).find(|(_, n)| *n == name).map(|(edge, _)| edge)
    }

    /// Returns `x` with `width` more samples at either end; an empty list if `x` is empty.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn extend(self, x: &[f32], width: usize) -> Result<Vec<f32>> {
        let n = x.len() as i64;
        if n == 0 {
            return Ok(vec![]);
        }
        let at = |i: i64| -> f32 {
            let index = match self {
                _ if (0..n).contains(&i) => i,
                Self::Constant => return 0.0,
                Self::Nearest => i.clamp(0, n - 1),
                Self::Wrap => i.rem_euclid(n),
                Self::Reflect => {
                    let i = i.rem_euclid(2 * n);
                    i.min(2 * n - 1 - i)
                }
                Self::Mirror => {
                    let period = (2 * n - 2).max(1);
                    let i = i.rem_euclid(period);
                    if i < n { i } else { period - i }
                }
            };
            x[index as usize]
        };
        let width = width as i64;
        let mut out = reserved(x.len() + 2 * width as usize)?;
        out.extend((-width..0).map(at));
        out.extend_from_slice(x);
        out.extend((n..n + width).map(at));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_edge_goes_on_as_its_picture_says() {
        let x = [1.0, 2.0, 3.0];
        let ends = |edge: Edge| {
            let y = edge.extend(&x, 4).unwrap();
            (y[..4].to_vec(), y[7..].to_vec())
        };
        assert_eq!(ends(Edge::Constant), (vec![0.0; 4], vec![0.0; 4]));
        assert_eq!(ends(Edge::Nearest), (vec![1.0; 4], vec![3.0; 4]));
        assert_eq!(ends(Edge::Mirror), (vec![1.0, 2.0, 3.0, 2.0], vec![2.0, 1.0, 2.0, 3.0]));
        assert_eq!(ends(Edge::Reflect), (vec![3.0, 3.0, 2.0, 1.0], vec![3.0, 2.0, 1.0, 1.0]));
        assert_eq!(ends(Edge::Wrap), (vec![3.0, 1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0, 1.0]));
        for name in Edge::NAMES.into_iter().skip(1) {
            assert_eq!(Edge::of(name).unwrap().extend(&[7.0], 2), Ok(vec![7.0; 5]), "{name}");
        }
    }
}
