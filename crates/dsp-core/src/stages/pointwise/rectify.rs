//! Rectification: full-wave `y = |x|`, half-wave `y = max(x, 0)`.
//!
//! Stateless, no latency. The result is never −0; NaN stays NaN.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::Result;
use crate::state::archive::Archive;
use crate::text::Texts;

crate::texts! {
    /// The kind of rectification.
    pub enum Rectification {
        /// `y = |x|`.
        Full = "full",
        /// `y = max(x, 0)`.
        Half = "half",
    }
}

crate::params! {
    /// Parameters of `Rectify`.
    pub struct RectifyParams {
        /// `"full"`: `|x|`; `"half"`: negative samples become 0.
        pub mode: Rectification = one_of(Rectification::TEXTS).or_first(),
    }
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Rectify {
    mode: Rectification,
}

crate::kernels::kernel! {
    /// Replaces samples by their absolute values.
    fn full_wave(samples: &mut [f32]) {
        samples.iter_mut().for_each(|x| *x = x.abs());
    }

    /// Keeps positive samples and NaN, and replaces all others by +0.
    fn half_wave(samples: &mut [f32]) {
        // Not `max`: NaN must stay.
        samples.iter_mut().for_each(|x| *x = if *x <= 0.0 { 0.0 } else { *x });
    }
}

impl Define for Rectify {
    type Params = RectifyParams;
    const TYPES: &'static [&'static str] = &["rectify"];
    const METHOD: &'static str = "Rectify";
    const DOC: &'static str = "Rectification: `|x|`, or `max(x, 0)`. Stateless.";

    fn new(params: &RectifyParams) -> Result<Self> {
        Ok(Self { mode: params.mode })
    }

    fn label(&self, _: &RectifyParams) -> String {
        format!("rectify:{}", self.mode.text())
    }

    fn from_state(_: &str, _: &Json, _: Design) -> Result<Self> {
        Ok(Self { mode: Rectification::Full })
    }
}

impl Stage for Rectify {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(if self.mode == Rectification::Half { half_wave } else { full_wave });
        Ok(())
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", "rectify");
        self.mode = archive.numbered("mode", self.mode, "rectify mode")?;
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
        let bits = |samples: &[f32; 6]| samples[..5].iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        for isa in Isa::available() {
            let mut full = input;
            full_wave::on(isa, &mut full);
            assert_eq!(bits(&full), [1.0, 2.0, 0.0, 0.0, f32::INFINITY].map(f32::to_bits));
            assert!(full[5].is_nan());
            let mut half = input;
            half_wave::on(isa, &mut half);
            assert_eq!(bits(&half), [0.0f32, 2.0, 0.0, 0.0, 0.0].map(f32::to_bits));
            assert!(half[5].is_nan());
        }
    }
}
