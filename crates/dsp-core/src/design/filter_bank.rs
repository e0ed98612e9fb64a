//! Filter banks: band edges on a frequency scale, one band-pass between each two neighbours.

use crate::design::spec::{Design, FilterSpec};
use crate::error::Result;
use crate::signal::filter::design::{Iir, zpk};

crate::texts! {
    /// The frequency scale on which the bands are equally wide.
    pub enum Scale {
        /// Linear in Hz.
        Linear = "linear",
        /// Linear in log₁₀ of the frequency in Hz.
        Log = "log",
        /// `2595 log₁₀(1 + f/700)`
        Mel = "mel",
        /// `26.81 f/(1960 + f) − 0.53`
        Bark = "bark",
    }
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

/// Returns the `count + 1` edges in Hz of `count` bands between `low` and `high` Hz, equally wide on `scale`.
pub fn boundaries(scale: Scale, count: usize, low: f64, high: f64) -> Vec<f64> {
    let (low, high) = (scale.forward(low), scale.forward(high));
    (0..=count).map(|i| scale.inverse(low + i as f64 * (high - low) / count as f64)).collect()
}

/// Returns a band-pass like `spec` between each two neighbouring `edges` (Hz).
///
/// # Errors
/// `RangeError` if a band is so narrow that its coefficients are not finite f64 numbers.
pub fn bands(spec: &FilterSpec, edges: &[f64]) -> Result<Vec<Iir>> {
    let pass_band = if spec.design == Design::Dspx { dspx_pass_band } else { pass_band };
    edges.windows(2).map(|pair| spec.recursive(pass_band(pair[0], pair[1], spec.sample_rate))).collect()
}

/// Returns the edges of a band in cycles per sample; an edge of 0 Hz and one at the Nyquist frequency are moved inside.
fn pass_band(low: f64, high: f64, sample_rate: f64) -> zpk::Band {
    let mut low = if low == 0.0 { (high / 2.0).min(1.0) } else { low };
    let high = high.min(0.4999 * sample_rate);
    if low >= high {
        low = 0.4998 * sample_rate;
    }
    zpk::Band::BandPass(low / sample_rate, high / sample_rate)
}

/// [`pass_band`] in the original's design: edges are clamped to 0.0001…0.4999 of the sample rate, and not doubled in
/// frequency.
fn dspx_pass_band(low: f64, high: f64, sample_rate: f64) -> zpk::Band {
    let fraction = |f: f64| (if f == 0.0 { 1.0 } else { f } / sample_rate).clamp(0.0001, 0.4999);
    let (low, mut high) = (fraction(low), fraction(high));
    if low >= high {
        high = low + 0.0001;
    }
    zpk::Band::BandPass(low, high)
}
