//! One level of the discrete wavelet transform per channel and call: the approximation coefficients, then the details.
//!
//! See [`crate::transform::dwt`] for the numbers. The length stays; nothing is kept from call to call.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::dwt::Wavelet;
use crate::value::{Params, Value};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct WaveletTransform {
    name: String,
    wavelet: Wavelet,
}

impl WaveletTransform {
    fn named(name: &str) -> Result<Self> {
        let wavelet = Wavelet::new(name).map_err(|e| Error::type_error(format!("WaveletTransform: {e}")))?;
        Ok(Self { name: name.to_owned(), wavelet })
    }
}

impl Define for WaveletTransform {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["waveletTransform"];
    const METHOD: &'static str = "WaveletTransform";
    const TYPESCRIPT: &'static str = r#"
/** Wavelets that `WaveletTransform` and `dwt` know; `"db1"` is `"haar"`. */
export type WaveletType = "haar" | "db1" | "db2" | "db3" | "db4" | "db5" | "db6" | "db7" | "db8" | "db9" | "db10";
/** Parameters of `WaveletTransform`. */
export interface WaveletTransformParams {
  /** The wavelet. */
  wavelet: WaveletType;
}
method {
  /**
   * One level of the wavelet transform of each channel, call by call: floor(n/2) approximation coefficients, then the details.
   * @throws TypeError for an unknown wavelet
   */
  WaveletTransform(params: WaveletTransformParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let falsy = match p.get("wavelet") {
            Value::Undefined | Value::Null | Value::Bool(false) => true,
            Value::String(name) => name.is_empty(),
            Value::Number(x) => *x == 0.0 || x.is_nan(),
            _ => false,
        };
        if falsy {
            return Err(Error::type_error("WaveletTransform: wavelet is required"));
        }
        Self::named(&p.get("wavelet").to_string())
    }

    fn label(&self, _: &Params) -> String {
        format!("waveletTransform:{}", self.name)
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        Self::named(json::text(state, "waveletName")?)
    }
}

impl Stage for WaveletTransform {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_channel(|_, samples| self.wavelet.transform(samples));
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({ "waveletName": self.name, "filterLength": self.wavelet.filter_length() }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if json::text(state, "waveletName")? != self.name {
            return Err(Error::failed("Wavelet name mismatch during deserialization"));
        }
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.str(&self.name);
        out.int(self.wavelet.filter_length())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let same = input.str()? == self.name;
        input.int()?;
        if same { Ok(()) } else { Err(Error::failed("Wavelet name mismatch during TOON deserialization")) }
    }

    fn cost_hint(&self) -> f64 {
        1.0 + self.wavelet.filter_length() as f64 / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    #[test]
    fn channels_are_transformed_side_by_side() {
        let mut stage = WaveletTransform::new(&params(json!({ "wavelet": "haar" }))).unwrap();
        let r = std::f32::consts::FRAC_1_SQRT_2;
        assert_eq!(run(&mut stage, &[1.0, 2.0, 1.0, 6.0], 2), [2.0 * r, 8.0 * r, 0.0, -4.0 * r]);
    }

    #[test]
    fn names_are_required_and_known() {
        let message = |json| WaveletTransform::new(&params(json)).unwrap_err().to_string();
        assert!(message(json!({})).contains("wavelet is required"));
        assert!(message(json!({ "wavelet": "" })).contains("wavelet is required"));
        assert!(message(json!({ "wavelet": "Haar" })).contains("Unknown wavelet 'Haar', must be one of haar, db1"));
        assert!(message(json!({ "wavelet": 5 })).contains("Unknown wavelet '5'"));
    }
}
