//! Interpolation: raises the sample rate by a whole factor L.
//!
//! L − 1 zeros are put behind every sample, then a low-pass takes out the images: `y[nL+p] = Σ_q h[qL+p]·x[n−q]`, with
//! `h` a sinc of `order` taps, cutoff 1/(2L), under a Hamming window, times L, each of its L phases scaled to the sum 1
//! (`quality: "dspx"`: not scaled), or a sharp filter as in `Resample`. n frames give n·L. Latency: (order − 1)/2 output
//! samples. SciPy: `upfirdn(h, x, L)`.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::resample::lowpass::{Filter, Lowpass, QUALITY, Use, as_params};
use crate::stages::resample::resampler::{ORDER, Resampler, SAMPLE_RATE};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Interpolate`.
    pub struct InterpolateParams {
        /// Number of output samples per input sample.
        pub factor: usize = integer().at_least(2.0).try_with(&[3.0, 5.0, 20.0]),
        /// Sample rate of the input in Hz. Kept in saved states; changes no sample.
        pub sample_rate: f64 = SAMPLE_RATE,
        /// Taps of a Hamming window: odd.
        pub order: Option<usize> = ORDER.optional_as("51, and 10·factor + 1 for factors above 13"),
        /// The low-pass. `"standard"`: a Hamming window of `order` taps, a constant stays constant. `"dspx"`: the same with
        /// ripple. `"high"`, `"max"`, `"voice"`: as long as it takes for 125, 140 and 90 dB; these take no `order`.
        pub quality: Option<Lowpass> = QUALITY,
    }
}

/// A resampler by `factor`, and the parameters for saved states.
#[derive(Debug, Clone)]
pub struct Interpolate {
    filter: Filter,
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
        let &InterpolateParams { factor, sample_rate, order, quality } = params;
        let (filter, plan) = Filter::new((Self::METHOD, Use::Resample), (factor as u64, 1), order, quality)?;
        let resampler = Resampler::new(plan, sample_rate).with_times_of_dspx(filter.is_dspx());
        Ok(Self { filter, sample_rate, resampler })
    }

    fn label(&self, _: &InterpolateParams) -> String {
        format!("interpolate:{}", self.factor())
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        Self::new(&InterpolateParams::read(Self::LABEL, &Value::from(&as_params(state)))?)
    }

    fn examples() -> Vec<Value> {
        let by = |factor, order, quality| InterpolateParams { factor, sample_rate: 1000.0, order, quality }.to_value();
        vec![
            by(3, None, None),
            by(20, Some(3), None),
            by(20, Some(101), Some(Lowpass::Standard)),
            by(20, None, Some(Lowpass::Dspx)),
            by(3, None, Some(Lowpass::High)),
        ]
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
        let order = archive.count("order", self.filter.order())?;
        if factor as u64 != self.factor() {
            return Err(Error::mismatch(Self::METHOD, "parameter"));
        }
        archive.f64("sampleRate", self.sample_rate)?;
        let channels = archive.item_count(self.resampler.channels())?;
        let lines = self.resampler.state(archive, channels)?;
        let mark = self.resampler.extras(archive, self.filter.mark())?;
        if let Some(plan) = self.filter.state(archive, order, mark)? {
            self.resampler.set_plan(plan);
        }
        match lines {
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
    use serde_json::json;

    fn stage(json: Json) -> Result<Interpolate> {
        try_make(&json)
    }

    #[test]
    fn worked_example() {
        let mut stage = stage(json!({ "factor": 2, "order": 5, "sampleRate": 1000, "quality": "dspx" })).unwrap();
        let got = run(&mut stage, &[1.0, 2.0, 3.0], 1);
        for (a, b) in got.iter().zip([0.0, 0.343_774_7, 1.0, 1.031_324, 2.0, 1.718_873_4]) {
            // Seven digits of the example.
            assert!((a - b).abs() < 1e-6, "{got:?}");
        }
    }

    #[test]
    fn a_constant_stays_constant_in_every_phase() {
        for factor in [2, 3, 5, 7, 12, 13, 20, 60] {
            for rest in
                [json!({}), json!({ "order": 2 * factor + 1 }), json!({ "order": 501 }), json!({ "quality": "high" })]
            {
                let mut params = json!({ "factor": factor, "sampleRate": 100 });
                params.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
                let mut stage = stage(params).unwrap();
                let got = run(&mut stage, &[4000.0; 700], 1);
                // Behind the filter's start-up; one rounding to f32, and 125 dB of the filter's images.
                assert!(got[500 * factor..].iter().all(|y| (y / 4000.0 - 1.0).abs() < 1e-5), "{factor} {rest}");
            }
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
            assert_eq!(stage(json!({ "factor": factor, "sampleRate": 1 })).unwrap().filter.order(), order);
        }
    }
}
