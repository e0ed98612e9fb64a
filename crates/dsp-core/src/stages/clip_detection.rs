//! Clip detection: 1 where `|x| ≥ threshold`, else 0. Stateless, no latency.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, to_f32};

/// See the module's documentation.
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

fn threshold(value: f64) -> Result<f32> {
    if value > 0.0 && value.is_finite() {
        Ok(to_f32(value))
    } else {
        Err(Error::range("ClipDetection: threshold must be > 0"))
    }
}

impl Define for ClipDetection {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["clipDetection"];
    const METHOD: &'static str = "ClipDetection";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ClipDetection`. */
export interface ClipDetectionParams {
  /** Smallest magnitude that counts as clipped, > 0. */
  threshold: number;
}
method {
  /**
   * 1 where `|x| ≥ threshold`, else 0. Stateless.
   * @throws RangeError if `threshold` is not a positive number
   */
  ClipDetection(params: ClipDetectionParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        params.required(Self::METHOD)?;
        Ok(Self { threshold: threshold(params.number("threshold").unwrap_or(f64::NAN))? })
    }

    fn label(&self, params: &Params) -> String {
        format!("clipDetection:{}", params.get("threshold"))
    }
}

impl Stage for ClipDetection {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(|samples| clipped(samples, self.threshold));
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({ "threshold": json::num(f64::from(self.threshold)) }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.threshold = threshold(json::number(state, "threshold")?)?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.f32(self.threshold);
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        self.threshold = threshold(f64::from(input.f32()?))?;
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    #[test]
    fn the_threshold_itself_is_clipped_and_nan_is_not() {
        let mut stage = ClipDetection::new(&params(json!({ "threshold": 0.8 }))).unwrap();
        let x = [0.8, -0.8, 0.79, -1.0, f32::NAN, f32::NEG_INFINITY];
        assert_eq!(run(&mut stage, &x, 1), [1.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn the_threshold_must_be_positive() {
        for bad in [json!({}), json!({ "threshold": 0 }), json!({ "threshold": "1" })] {
            let error = ClipDetection::new(&params(bad)).unwrap_err();
            assert_eq!(error, Error::range("ClipDetection: threshold must be > 0"));
        }
    }

    #[test]
    fn a_threshold_too_small_for_float32_is_not_zero() {
        let mut stage = ClipDetection::new(&params(json!({ "threshold": 1e-60 }))).unwrap();
        assert_eq!(run(&mut stage, &[0.0, 1e-30], 1), [0.0, 1.0]);
    }
}
