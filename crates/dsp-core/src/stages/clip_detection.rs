//! Clip detection: 1 where `|x| ≥ threshold`, else 0. Stateless, no latency.

use crate::block::Block;
use crate::error::Result;
use crate::params::Parameters;
use crate::stage::{Define, Stage};
use crate::state::archive::Archive;
use crate::value::{js_number, to_f32};

crate::params! {
    /// Parameters of `ClipDetection`.
    pub struct ClipDetectionParams {
        /// Smallest magnitude that counts as clipped.
        pub threshold: f64 = number().above(0.0).rule("> 0").range_error(),
    }
}

/// The threshold.
#[derive(Debug, Clone)]
pub struct ClipDetection {
    threshold: f32,
}

crate::kernels::kernel! {
    /// 1 where `|x| ≥ threshold`, else 0 (also for NaN), in place.
    fn clipped(samples: &mut [f32], threshold: f32) {
        samples.iter_mut().for_each(|x| *x = f32::from(u8::from(x.abs() >= threshold)));
    }
}

impl Define for ClipDetection {
    type Params = ClipDetectionParams;
    const TYPES: &'static [&'static str] = &["clipDetection"];
    const METHOD: &'static str = "ClipDetection";
    const DOC: &'static str = "1 where `|x| ≥ threshold`, else 0. Stateless.";

    fn new(params: &ClipDetectionParams) -> Result<Self> {
        Ok(Self { threshold: to_f32(params.threshold) })
    }

    fn label(&self, params: &ClipDetectionParams) -> String {
        format!("clipDetection:{}", js_number(params.threshold))
    }
}

impl Stage for ClipDetection {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(|samples| clipped(samples, self.threshold));
        Ok(())
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.threshold = archive.f32("threshold", self.threshold)?;
        ClipDetectionParams { threshold: f64::from(self.threshold) }.check(Self::LABEL)
    }

    fn cost_hint(&self) -> f64 {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn the_threshold_itself_is_clipped_and_nan_is_not() {
        let mut stage = make::<ClipDetection>(&json!({ "threshold": 0.8 }));
        let x = [0.8, -0.8, 0.79, -1.0, f32::NAN, f32::NEG_INFINITY];
        assert_eq!(run(&mut stage, &x, 1), [1.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn the_threshold_must_be_positive() {
        let cases = [(json!({}), "undefined"), (json!({ "threshold": 0 }), "0"), (json!({ "threshold": "1" }), "1")];
        for (bad, got) in cases {
            let error = try_make::<ClipDetection>(&bad).unwrap_err();
            assert_eq!(error, Error::range(format!("ClipDetection: threshold must be > 0, got {got}")));
        }
    }

    #[test]
    fn a_threshold_too_small_for_float32_is_not_zero() {
        let mut stage = make::<ClipDetection>(&json!({ "threshold": 1e-60 }));
        assert_eq!(run(&mut stage, &[0.0, 1e-30], 1), [0.0, 1.0]);
    }
}
