//! Square: `y = x²`. Stateless, no latency.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::Result;
use crate::params::NoParams;
use crate::state::archive::Archive;

/// A stage without parameters and state.
#[derive(Debug, Clone)]
pub struct Square;

crate::kernels::kernel! {
    /// Computes `x²` in place.
    fn square(samples: &mut [f32]) {
        samples.iter_mut().for_each(|x| *x *= *x);
    }
}

impl Define for Square {
    type Params = NoParams;
    const TYPES: &'static [&'static str] = &["square"];
    const METHOD: &'static str = "Square";
    const DOC: &'static str = "Square of each sample: `y = x²`. Stateless.";

    fn new(_: &NoParams) -> Result<Self> {
        Ok(Self)
    }

    fn label(&self, _: &NoParams) -> String {
        "square".into()
    }
}

impl Stage for Square {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(square);
        Ok(())
    }

    fn reset(&mut self) {}

    fn state(&mut self, _: &mut Archive<'_>) -> Result<()> {
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::run;

    #[test]
    fn squares() {
        assert_eq!(run(&mut Square, &[-2.0, 0.5, 0.0], 1), [4.0, 0.25, 0.0]);
    }
}
