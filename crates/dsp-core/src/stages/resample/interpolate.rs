//! Interpolation: raises the sample rate by a whole factor L.
//!
//! L − 1 zeros are put behind every sample, then a low-pass takes out the images: `y[nL+p] = Σ_q h[qL+p]·x[n−q]`, with
//! `h` a sinc of `order` taps, cutoff 1/(2L), under a Hamming window, times L. n frames give n·L. Latency:
//! (order − 1)/2 output samples. SciPy: `upfirdn(h, x, L)`.

#![forbid(unsafe_code)]

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::signal::resample::resampler::Plan;
use crate::signal::resample::taps::hamming_taps;
use crate::stages::resample::resampler::{ORDER, Resampler, SAMPLE_RATE, order_or_default};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Interpolate`.
    pub struct InterpolateParams {
        /// How many times more samples come out.
        pub factor: usize = integer().at_least(2.0).try_with(&[3.0, 5.0, 20.0]),
        /// Sample rate of the input in Hz. Kept in saved states; changes no number.
        pub sample_rate: f64 = SAMPLE_RATE,
        /// Taps of the low-pass: odd.
        pub order: Option<usize> = ORDER.optional_as("51, and 10·factor + 1 for factors above 13"),
    }
}

/// A resampler by `factor`, and what saved states say of it besides.
#[derive(Debug, Clone)]
pub struct Interpolate {
    order: usize,
    sample_rate: f64,
    resampler: Resampler,
}

impl Interpolate {
    fn factor(&self) -> u64 {
        self.resampler.plan().up()
    }
}

impl Define for Interpolate {
    type Params = InterpolateParams;
    const TYPES: &'static [&'static str] = &["interpolate"];
    const METHOD: &'static str = "Interpolate";
    const DOC: &'static str = "Raises the sample rate by a whole factor, with a Hamming-windowed sinc against the \
        images. Delays by\n(order − 1)/2 output samples.\n@throws RangeError if the filter would be too long";

    fn new(params: &InterpolateParams) -> Result<Self> {
        let up = params.factor as u64;
        let order = order_or_default(Self::METHOD, params.order, up)?;
        let mut taps = hamming_taps(order, 0.5 / up as f64);
        taps.iter_mut().for_each(|h| *h *= up as f64);
        let resampler = Resampler::new(Plan::new(up, 1, &taps, order));
        Ok(Self { order, sample_rate: params.sample_rate, resampler })
    }

    fn label(&self, _: &InterpolateParams) -> String {
        format!("interpolate:{}", self.factor())
    }
}

impl Stage for Interpolate {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", Self::TYPES[0]);
        let factor = archive.count("factor", self.factor() as usize)?;
        let order = archive.count("order", self.order)?;
        if factor as u64 != self.factor() || order != self.order {
            return Err(Error::mismatch(Self::METHOD, "parameter"));
        }
        archive.f64("sampleRate", self.sample_rate)?;
        let channels = archive.item_count(self.resampler.channels())?;
        match self.resampler.state(archive, channels)? {
            Some(lines) => self.resampler.restore(&lines, 0),
            None => Ok(()),
        }
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        self.resampler.latency()
    }

    fn ratio(&self) -> f64 {
        self.resampler.ratio()
    }

    fn tail(&self, _: u64) -> usize {
        self.resampler.tail()
    }

    fn tail_outputs(&self) -> Option<usize> {
        Some(self.resampler.tail_outputs())
    }

    fn channels(&self) -> usize {
        self.resampler.channels()
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stages::testing::{run, try_make};
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> Result<Interpolate> {
        try_make(&json)
    }

    #[test]
    fn worked_example() {
        let mut stage = stage(json!({ "factor": 2, "order": 5, "sampleRate": 1000 })).unwrap();
        let got = run(&mut stage, &[1.0, 2.0, 3.0], 1);
        for (a, b) in got.iter().zip([0.0, 0.343_774_7, 1.0, 1.031_324, 2.0, 1.718_873_4]) {
            // Seven digits of the example.
            assert!((a - b).abs() < 1e-6, "{got:?}");
        }
    }

    #[test]
    fn wrong_parameters_are_named_in_the_original_sequence() {
        let refused = |json| stage(json).unwrap_err();
        let text = "Interpolate: factor must be an integer >= 2, got undefined";
        assert_eq!(refused(json!({ "sampleRate": -1 })), Error::type_error(text));
        let text = "Interpolate: sampleRate must be positive, got -1";
        assert_eq!(refused(json!({ "factor": 2, "sampleRate": -1, "order": 4 })), Error::type_error(text));
        let text = "Interpolate: order must be odd and >= 3, got 4";
        assert_eq!(refused(json!({ "factor": 2, "order": 4 })), Error::type_error(text));
        assert_eq!(refused(json!({ "factor": 2 })), Error::type_error("Interpolate: 'sampleRate' is required"));
    }

    #[test]
    fn absurd_sizes_are_range_errors() {
        let refused = |json| stage(json).unwrap_err().kind();
        assert_eq!(refused(json!({ "factor": 1e9, "sampleRate": 1 })), ErrorKind::Range);
        assert_eq!(refused(json!({ "factor": 2, "sampleRate": 1, "order": 1e9 + 1.0 })), ErrorKind::Range);
        let mut huge = stage(json!({ "factor": 9_007_199_254_740_991i64, "sampleRate": 1, "order": 3 })).unwrap();
        let (mut samples, mut work) = (vec![1.0; 100], crate::engine::workspace::Workspace::default());
        let mut block = Block::regular(&mut samples, 1, &mut work, 0.0, 0.0, 1000.0);
        assert_eq!(huge.process(&mut block).unwrap_err().kind(), ErrorKind::Range);
    }

    #[test]
    fn long_default_filters_begin_above_13() {
        for (factor, order) in [(2, 51), (13, 51), (14, 141), (60, 601)] {
            assert_eq!(stage(json!({ "factor": factor, "sampleRate": 1 })).unwrap().order, order);
        }
    }
}
