//! One level of the discrete wavelet transform per channel and call: the approximation coefficients, then the details.
//!
//! See [`crate::signal::transform::dwt`] for the numbers. The length does not change, and there is no state.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::transform::dwt::{Wavelet, WaveletName};
use crate::state::archive::Archive;
use crate::state::json;
use crate::text::Texts;

crate::params! {
    /// Parameters of `WaveletTransform`.
    pub struct WaveletTransformParams {
        /// The wavelet; `"db1"` is `"haar"`.
        pub wavelet: WaveletName =
            one_of(WaveletName::TEXTS).listed().unknown("wavelet").required("wavelet is required").or_null(),
    }
}

/// The filters of a wavelet.
#[derive(Debug, Clone)]
pub struct WaveletTransform {
    name: WaveletName,
    wavelet: Wavelet,
}

impl Define for WaveletTransform {
    type Params = WaveletTransformParams;
    const TYPES: &'static [&'static str] = &["waveletTransform"];
    const METHOD: &'static str = "WaveletTransform";
    const DOC: &'static str = "One level of the wavelet transform of each channel, call by call: floor(n/2) approximation\n\
        coefficients, then the details.";

    fn new(params: &WaveletTransformParams) -> Result<Self> {
        Ok(Self { name: params.wavelet, wavelet: Wavelet::new(params.wavelet) })
    }

    fn label(&self, _: &WaveletTransformParams) -> String {
        format!("waveletTransform:{}", self.name.text())
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let name = json::text(state, "waveletName")?.to_owned();
        let params = Value::Object(vec![("wavelet".into(), Value::String(name))]);
        Self::new(&WaveletTransformParams::read(Self::LABEL, &params)?)
    }

    fn traits(_: &WaveletTransformParams) -> Traits {
        Traits::BATCH
    }
}

impl Stage for WaveletTransform {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_channel(|_, samples| self.wavelet.transform(samples));
        Ok(())
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        if archive.text("waveletName", self.name.text())? != self.name.text() {
            return Err(Error::failed("Wavelet name mismatch during deserialization"));
        }
        archive.count("filterLength", self.wavelet.filter_length()).map(drop)
    }

    fn cost_hint(&self) -> f64 {
        1.0 + self.wavelet.filter_length() as f64 / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn channels_are_transformed_side_by_side() {
        let mut stage = make::<WaveletTransform>(&json!({ "wavelet": "haar" }));
        let r = std::f32::consts::FRAC_1_SQRT_2;
        assert_eq!(run(&mut stage, &[1.0, 2.0, 1.0, 6.0], 2), [2.0 * r, 8.0 * r, 0.0, -4.0 * r]);
    }

    #[test]
    fn names_are_required_and_known() {
        let message = |json| try_make::<WaveletTransform>(&json).unwrap_err().to_string();
        assert!(message(json!({})).contains("wavelet is required"));
        assert!(message(json!({ "wavelet": "" })).contains("wavelet is required"));
        assert!(message(json!({ "wavelet": "Haar" })).contains("Unknown wavelet 'Haar', must be one of haar, db1"));
        assert!(message(json!({ "wavelet": 5 })).contains("Unknown wavelet '5'"));
    }
}
