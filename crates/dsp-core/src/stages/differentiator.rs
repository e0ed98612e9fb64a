//! First difference: `y[n] = x[n] − x[n−1]`, with `x[−1] = 0`.
//!
//! The first output of a channel is its first sample. Delay half a sample. NumPy: `diff` with `prepend=0`.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::Result;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::Params;

/// See the module's documentation. Holds the last sample of each channel.
#[derive(Debug, Clone, Default)]
pub struct Differentiator {
    last: Vec<f32>,
}

crate::kernels::kernel! {
    /// `x[n] − x[n−1]` in place for one channel; returns the last sample.
    fn difference(samples: &mut [f32], before: f32) -> f32 {
        let Some(&last) = samples.last() else { return before };
        // Backwards: each sample is read before its successor's place is written.
        for i in (1..samples.len()).rev() {
            samples[i] -= samples[i - 1];
        }
        samples[0] -= before;
        last
    }
}

impl Define for Differentiator {
    const TYPES: &'static [&'static str] = &["differentiator"];
    const METHOD: &'static str = "Differentiator";
    const TYPESCRIPT: &'static str = r#"
method {
  /** First difference: `y[n] = x[n] − x[n−1]`, with `x[−1] = 0`. Continues from call to call. */
  Differentiator(): this;
}
"#;

    fn new(_: &Params) -> Result<Self> {
        Ok(Self::default())
    }

    fn label(&self, _: &Params) -> String {
        "differentiator".into()
    }
}

impl Stage for Differentiator {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.last.is_empty() {
            return Ok(());
        }
        // Channels that were there before keep their past.
        self.last.resize(block.channels(), 0.0);
        let last = &mut self.last;
        block.each_channel(|c, samples| last[c] = difference(samples, last[c]));
        Ok(())
    }

    fn reset(&mut self) {
        self.last.fill(0.0);
    }

    fn save(&self) -> Result<Json> {
        let mut state = json!({ "numChannels": self.last.len() });
        if !self.last.is_empty() {
            state["prevSample"] = json::nums(self.last.iter().copied());
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.last = if state.get("prevSample").is_some() {
            json::samples(state, "prevSample")?
        } else {
            vec![0.0; json::count_or(state, "numChannels", 0)?.min(crate::block::MAX_CHANNELS)]
        };
        Ok(())
    }

    fn save_toon(&self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.last.len())?;
        out.f32s(self.last.iter().copied());
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        input.count()?;
        self.last = input.f32s()?;
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use crate::stages::testing::run;

    #[test]
    fn continues_from_call_to_call() {
        let mut stage = Differentiator::default();
        assert_eq!(run(&mut stage, &[1.0, 4.0, 9.0], 1), [1.0, 3.0, 5.0]);
        assert_eq!(run(&mut stage, &[16.0], 1), [7.0]);
    }

    #[test]
    fn channels_that_stay_keep_their_past() {
        let mut stage = Differentiator::default();
        run(&mut stage, &[1.0, 10.0], 2);
        assert_eq!(run(&mut stage, &[2.0, 20.0, 200.0], 3), [1.0, 10.0, 200.0]);
    }

    #[test]
    fn every_instruction_set_gives_the_same() {
        let input: Vec<f32> = (0..77).map(|i| (i * i) as f32).collect();
        for isa in Isa::available() {
            let mut samples = input.clone();
            assert_eq!(difference::on(isa, &mut samples, -1.0), 76.0 * 76.0);
            assert_eq!(samples[0], 1.0);
            assert!((1..77).all(|i| samples[i] == (2 * i - 1) as f32));
        }
    }
}
