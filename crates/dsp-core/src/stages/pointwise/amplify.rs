//! Amplification: `y = gain·x`. Stateless, no latency.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::to_f32;
use crate::state::archive::Archive;
use crate::text::js_number;

crate::params! {
    /// Parameters of `Amplify`.
    pub struct AmplifyParams {
        /// Factor.
        pub gain: f64 = number().above(0.0).plain_error().or(1.0).object_needed(),
    }
}

/// The gain.
#[derive(Debug, Clone)]
pub struct Amplify {
    gain: f32,
}

crate::kernels::kernel! {
    /// Computes `gain·x` in place.
    fn scale(samples: &mut [f32], gain: f32) {
        samples.iter_mut().for_each(|x| *x *= gain);
    }
}

impl Define for Amplify {
    type Params = AmplifyParams;
    const TYPES: &'static [&'static str] = &["amplify"];
    const METHOD: &'static str = "Amplify";
    const DOC: &'static str = "Amplification: `y = gain·x`. Stateless.";

    fn new(params: &AmplifyParams) -> Result<Self> {
        Ok(Self { gain: to_f32(params.gain) })
    }

    fn label(&self, params: &AmplifyParams) -> String {
        format!("amplify:{}", js_number(params.gain))
    }
}

impl Stage for Amplify {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        block.each_run(|samples| scale(samples, self.gain));
        Ok(())
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        // TOON states and those of the original have no gain.
        if archive.optional("gain", true) {
            self.gain = archive.f32("gain", self.gain)?;
            AmplifyParams { gain: f64::from(self.gain) }.check(Self::LABEL)?;
        }
        Ok(())
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
    fn multiplies() {
        let mut stage = make::<Amplify>(&json!({ "gain": 2.5 }));
        assert_eq!(run(&mut stage, &[1.0, -2.0], 1), [2.5, -5.0]);
        let mut unchanged = make::<Amplify>(&json!({}));
        assert_eq!(run(&mut unchanged, &[0.3], 1), [0.3]);
    }

    #[test]
    fn the_gain_must_be_positive() {
        for (bad, got) in [(json!({ "gain": 0 }), "0"), (json!({ "gain": -2 }), "-2"), (json!({ "gain": "2" }), "2")] {
            let text = format!("Amplify: gain must be positive, got {got}");
            assert_eq!(try_make::<Amplify>(&bad).unwrap_err(), Error::failed(text));
        }
        assert!(matches!(try_make::<Amplify>(&json!(null)), Err(Error::Type(_))));
    }

    #[test]
    fn a_state_without_gain_leaves_it_alone() {
        let mut stage = make::<Amplify>(&json!({ "gain": 3 }));
        stage.load(&json!({})).unwrap();
        assert_eq!(stage.gain, 3.0);
        stage.load(&json!({ "gain": 0.5 })).unwrap();
        assert_eq!(stage.gain, 0.5);
    }
}
