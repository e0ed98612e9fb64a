//! Removal of the mean or of a straight line.

/// The trend that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// Nothing.
    None,
    /// The mean.
    Constant,
    /// The least-squares line over 0…n−1.
    Linear,
}

impl Trend {
    /// Names in options.
    pub const NAMES: [&'static str; 3] = ["none", "constant", "linear"];

    /// Returns the trend of that name, if there is one.
    pub fn of(name: &str) -> Option<Self> {
        [Self::None, Self::Constant, Self::Linear]
            .into_iter()
            .zip(Self::NAMES)
            .find(|(_, n)| *n == name)
            .map(|(t, _)| t)
    }

    /// Returns the trend of `x`: its value at the middle of the n samples, and its slope per sample.
    fn fit(self, x: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
        let n = x.len() as f64;
        if self == Self::None || n == 0.0 {
            return (0.0, 0.0);
        }
        let mean = x.clone().sum::<f64>() / n;
        if self == Self::Constant || n == 1.0 {
            return (mean, 0.0);
        }
        let middle = (n - 1.0) / 2.0;
        let moment: f64 = x.enumerate().map(|(i, x)| (i as f64 - middle) * (x - mean)).sum();
        (mean, moment / (n * (n * n - 1.0) / 12.0))
    }

    /// Subtracts the trend in place, in f64.
    pub fn remove(self, x: &mut [f64]) {
        if self == Self::None {
            return;
        }
        let (mean, slope) = self.fit(x.iter().copied());
        let middle = (x.len() as f64 - 1.0) / 2.0;
        for (i, x) in x.iter_mut().enumerate() {
            *x -= mean + slope * (i as f64 - middle);
        }
    }

    /// Writes `x` without the trend, whose value is rounded to f32 before it is subtracted.
    pub fn removed(self, x: &[f32], out: &mut [f32]) {
        let (mean, slope) = self.fit(x.iter().map(|&x| f64::from(x)));
        let middle = (x.len() as f64 - 1.0) / 2.0;
        for (i, (x, out)) in x.iter().zip(out).enumerate() {
            *out = x - (mean + slope * (i as f64 - middle)) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leaves_nothing() {
        let x: Vec<f32> = (0..50).map(|i| 3.0 * i as f32 - 7.0).collect();
        let mut out = vec![1.0; 50];
        Trend::Linear.removed(&x, &mut out);
        assert!(out.iter().all(|x| x.abs() < 1e-5));
        Trend::Constant.removed(&[1.0, 2.0, 6.0], &mut out);
        assert_eq!(out[..3], [-2.0, -1.0, 3.0]);
        Trend::Linear.removed(&[5.0], &mut out);
        assert_eq!(out[0], 0.0);
    }
}
