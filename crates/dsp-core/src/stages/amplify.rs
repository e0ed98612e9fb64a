//! Amplification: `y = gain·x`. Stateless, no latency.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value, to_f32};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Amplify {
    gain: f32,
}

crate::kernels::kernel! {
    /// `gain·x`, in place.
    fn scale(samples: &mut [f32], gain: f32) {
        samples.iter_mut().for_each(|x| *x *= gain);
    }
}

fn gain(value: f64) -> Result<f32> {
    if value > 0.0 && value.is_finite() { Ok(to_f32(value)) } else { Err(Error::failed("Amplify gain must be positive")) }
}

impl Define for Amplify {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["amplify"];
    const METHOD: &'static str = "Amplify";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Amplify`. */
export interface AmplifyParams {
  /** Factor > 0, default 1. */
  gain?: number;
}
method {
  /**
   * Amplification: `y = gain·x`. Stateless.
   * @throws Error if `gain` is not a positive number
   */
  Amplify(params: AmplifyParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        params.required(Self::METHOD)?;
        match params.get("gain") {
            Value::Undefined => Ok(Self { gain: 1.0 }),
            value => Ok(Self { gain: gain(value.as_number().unwrap_or(f64::NAN))? }),
        }
    }

    fn label(&self, params: &Params) -> String {
        format!("amplify:{}", crate::value::js_number(params.number("gain").unwrap_or(1.0)))
    }
}

impl Stage for Amplify {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(|samples| scale(samples, self.gain));
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({ "gain": json::num(f64::from(self.gain)) }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        // States of the original have no gain.
        self.gain = gain(json::number_or(state, "gain", f64::from(self.gain))?)?;
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
    use crate::stages::testing::{params, run};

    #[test]
    fn multiplies() {
        let mut stage = Amplify::new(&params(json!({ "gain": 2.5 }))).unwrap();
        assert_eq!(run(&mut stage, &[1.0, -2.0], 1), [2.5, -5.0]);
        let mut unchanged = Amplify::new(&params(json!({}))).unwrap();
        assert_eq!(run(&mut unchanged, &[0.3], 1), [0.3]);
    }

    #[test]
    fn the_gain_must_be_positive() {
        for bad in [json!({ "gain": 0 }), json!({ "gain": -2 }), json!({ "gain": "2" })] {
            assert_eq!(Amplify::new(&params(bad)).unwrap_err(), Error::failed("Amplify gain must be positive"));
        }
        assert!(matches!(Amplify::new(&Params::default()), Err(Error::Type(_))));
    }

    #[test]
    fn a_state_without_gain_leaves_it_alone() {
        let mut stage = Amplify::new(&params(json!({ "gain": 3 }))).unwrap();
        stage.load(&json!({})).unwrap();
        assert_eq!(stage.gain, 3.0);
        stage.load(&json!({ "gain": 0.5 })).unwrap();
        assert_eq!(stage.gain, 0.5);
    }
}
