//! Square: `y = x²`. Stateless, no latency.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::Result;
use crate::stage::{Define, Stage};
use crate::state::toon;
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Square;

crate::kernels::kernel! {
    /// `x²`, in place.
    fn square(samples: &mut [f32]) {
        samples.iter_mut().for_each(|x| *x *= *x);
    }
}

impl Define for Square {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["square"];
    const METHOD: &'static str = "Square";
    const TYPESCRIPT: &'static str = r#"
method {
  /** Square of each sample: `y = x²`. Stateless. */
  Square(): this;
}
"#;

    fn new(_: &Params) -> Result<Self> {
        Ok(Self)
    }

    fn label(&self, _: &Params) -> String {
        "square".into()
    }
}

impl Stage for Square {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(square);
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({}))
    }

    fn load(&mut self, _: &Json) -> Result<()> {
        Ok(())
    }

    fn save_toon(&mut self, _: &mut toon::Writer) -> Result<()> {
        Ok(())
    }

    fn load_toon(&mut self, _: &mut toon::Reader<'_>) -> Result<()> {
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
