//! Rectification: full-wave `y = |x|`, half-wave `y = max(x, 0)`.
//!
//! Stateless, no latency. The result is never −0; NaN stays NaN.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Rectify {
    half: bool,
}

crate::kernels::kernel! {
    /// Absolute values.
    fn full_wave(samples: &mut [f32]) {
        samples.iter_mut().for_each(|x| *x = x.abs());
    }

    /// Positive samples and NaN stay, all else becomes +0.
    fn half_wave(samples: &mut [f32]) {
        // Not `max`: NaN must stay.
        samples.iter_mut().for_each(|x| *x = if *x <= 0.0 { 0.0 } else { *x });
    }
}

impl Define for Rectify {
    const TYPES: &'static [&'static str] = &["rectify"];
    const METHOD: &'static str = "Rectify";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Rectify`. */
export interface RectifyParams {
  /** `"full"`: `|x|`; `"half"`: negative samples become 0. Default `"full"`. */
  mode?: "full" | "half";
}
method {
  /**
   * Rectification: `|x|`, or `max(x, 0)`. Stateless.
   * @throws TypeError if `mode` is another text
   */
  Rectify(params?: RectifyParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let mode = params.choice(Self::METHOD, "mode", &["full", "half"], Some("full"))?;
        Ok(Self { half: mode == "half" })
    }

    fn label(&self, _: &Params) -> String {
        format!("rectify:{}", if self.half { "half" } else { "full" })
    }

    fn from_state(_: &str, _: &Json) -> Result<Self> {
        Ok(Self { half: false })
    }
}

impl Stage for Rectify {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(if self.half { half_wave } else { full_wave });
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&self) -> Result<Json> {
        Ok(json!({ "type": "rectify", "mode": if self.half { "half" } else { "full" } }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.half = match json::text(state, "mode")? {
            "full" => false,
            "half" => true,
            other => return Err(Error::failed(format!("Invalid rectify mode: {other}"))),
        };
        Ok(())
    }

    fn save_toon(&self, out: &mut toon::Writer) -> Result<()> {
        out.int(usize::from(self.half))
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        self.half = match input.int()? {
            0 => false,
            1 => true,
            other => return Err(Error::failed(format!("Invalid rectify mode: {other}"))),
        };
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn signs_zeros_and_nan_on_every_instruction_set() {
        let input = [-1.0, 2.0, -0.0, 0.0, f32::NEG_INFINITY, f32::NAN];
        for isa in Isa::available() {
            let mut full = input;
            full_wave::on(isa, &mut full);
            assert_eq!(full[..5].iter().map(|x| x.to_bits()).collect::<Vec<_>>(), [1.0, 2.0, 0.0, 0.0, f32::INFINITY].map(f32::to_bits));
            assert!(full[5].is_nan());
            let mut half = input;
            half_wave::on(isa, &mut half);
            assert_eq!(half[..5].iter().map(|x| x.to_bits()).collect::<Vec<_>>(), [0.0f32, 2.0, 0.0, 0.0, 0.0].map(f32::to_bits));
            assert!(half[5].is_nan());
        }
    }
}
