//! Filter banks: band edges on a frequency scale, one band-pass between each two neighbours.

use super::dspx::Family;
use super::zpk::Band;
use super::{Iir, butterworth, chebyshev, dspx};
use crate::error::Result;

/// The frequency scale on which the bands are equally wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Hz.
    Linear,
    /// log₁₀ of Hz.
    Log,
    /// `2595 log₁₀(1 + f/700)`
    Mel,
    /// `26.81 f/(1960 + f) − 0.53`
    Bark,
}

impl Scale {
    fn forward(self, f: f64) -> f64 {
        match self {
            Self::Linear => f,
            Self::Log => f.log10(),
            Self::Mel => 2595.0 * (1.0 + f / 700.0).log10(),
            Self::Bark => 26.81 * f / (1960.0 + f) - 0.53,
        }
    }

    fn inverse(self, v: f64) -> f64 {
        match self {
            Self::Linear => v,
            Self::Log => 10.0_f64.powf(v),
            Self::Mel => 700.0 * (10.0_f64.powf(v / 2595.0) - 1.0),
            Self::Bark => 1960.0 * (v + 0.53) / (26.81 - (v + 0.53)),
        }
    }
}

/// The `count + 1` edges in Hz of `count` bands between `low` and `high` Hz, equally wide on `scale`.
pub fn boundaries(scale: Scale, count: usize, low: f64, high: f64) -> Vec<f64> {
    let (low, high) = (scale.forward(low), scale.forward(high));
    (0..=count).map(|i| scale.inverse(low + i as f64 * (high - low) / count as f64)).collect()
}

/// The band-pass between neighbouring `edges` (Hz): an edge of 0 Hz and one at Nyquist are moved inside.
///
/// # Errors
/// `RangeError` if a band is so narrow that its coefficients are no finite f64 numbers.
pub fn bands(edges: &[f64], sample_rate: f64, order: usize, family: Family) -> Result<Vec<Iir>> {
    let prototype = match family {
        Family::Butterworth => butterworth::prototype(order),
        Family::Chebyshev(ripple_db) => chebyshev::type1(order, ripple_db),
    };
    let band = |pair: &[f64]| {
        let mut low = if pair[0] == 0.0 { (pair[1] / 2.0).min(1.0) } else { pair[0] };
        let high = pair[1].min(0.4999 * sample_rate);
        if low >= high {
            low = 0.4998 * sample_rate;
        }
        Iir::cascade(&prototype.digital(Band::BandPass(low / sample_rate, high / sample_rate)))
    };
    edges.windows(2).map(band).collect()
}

/// The same in the original's design: edges clamped to 0.0001…0.4999 of the sample rate, not doubled in frequency.
pub fn dspx_bands(edges: &[f64], sample_rate: f64, order: usize, family: Family) -> Vec<Iir> {
    let fraction = |f: f64| (if f == 0.0 { 1.0 } else { f } / sample_rate).clamp(0.0001, 0.4999);
    let band = |pair: &[f64]| {
        let (low, mut high) = (fraction(pair[0]), fraction(pair[1]));
        if low >= high {
            high = low + 0.0001;
        }
        dspx::iir(order, Band::BandPass(low, high), family)
    };
    edges.windows(2).map(band).collect()
}
