//! Leaky integrator: `y[n] = x[n] + α·y[n−1]`, with `y[−1] = 0`.
//!
//! With α = 1 the running sum; with α < 1 it forgets with the time constant −1/ln α samples. SciPy: `lfilter([1], [1, −α], …)`.

use serde_json::{Value as Json, json};

use crate::block::{Block, MAX_CHANNELS};
use crate::error::{Error, Result};
use crate::kernels::scan::{self, GROUP, Powers};
use crate::recurrence::Groups;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value, to_f32};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Integrator {
    alpha: f32,
    powers: Powers,
    channels: Vec<Groups>,
}

impl Integrator {
    fn with_alpha(alpha: f32) -> Self {
        Self { alpha, powers: scan::powers(f64::from(alpha)), channels: vec![] }
    }

    fn group(&self, start: f64, samples: &[f32; GROUP]) -> [f64; GROUP] {
        let mut y = scan::group_decay(&samples.map(f64::from), &self.powers);
        y.iter_mut().zip(self.powers).for_each(|(y, power)| *y += power * start);
        y
    }

    fn outputs(&self) -> impl Iterator<Item = f64> {
        self.channels.iter().map(|groups| groups.value(|start, samples| self.group(start, samples)))
    }
}

impl Define for Integrator {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["integrator"];
    const METHOD: &'static str = "Integrator";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Integrator`. */
export interface IntegratorParams {
  /** How much of the last output stays: 0 < alpha ≤ 1, default 0.99; 1 is the running sum. */
  alpha?: number;
}
method {
  /**
   * Leaky integrator: `y[n] = x[n] + α·y[n−1]`, `y[−1] = 0`. Continues from call to call.
   * @throws TypeError if `alpha` is out of range
   */
  Integrator(params?: IntegratorParams | null): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let alpha = params.get("alpha");
        match alpha {
            Value::Undefined => Ok(Self::with_alpha(0.99)),
            Value::Number(a) if *a > 0.0 && *a <= 1.0 => Ok(Self::with_alpha(to_f32(*a))),
            _ => Err(Error::type_error(format!("Integrator alpha must be in range (0, 1], got: {alpha}"))),
        }
    }

    fn label(&self, params: &Params) -> String {
        format!("integrator:α={:.3}", params.number("alpha").unwrap_or(0.99))
    }
}

impl Stage for Integrator {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        // Channels that were there before keep their past.
        self.channels.resize(block.channels(), Groups::default());
        let Self { powers, channels, .. } = self;
        block.each_channel(|c, samples| {
            channels[c].run(samples, |group, start, _| scan::recurrence(group, 1.0, powers, start));
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Groups::default());
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({ "alpha": json::num(f64::from(self.alpha)), "numChannels": self.channels.len() });
        if !self.channels.is_empty() {
            state["prevOutput"] = json::nums(self.outputs());
            let groups: Vec<Json> = self.channels.iter().map(Groups::to_json).collect();
            if groups.iter().any(|group| !group.is_null()) {
                state["groups"] = groups.into();
            }
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        *self = Self::with_alpha(json::number_or(state, "alpha", f64::from(self.alpha))? as f32);
        if state.get("prevOutput").is_none() {
            let channels = json::count_or(state, "numChannels", 0)?.min(MAX_CHANNELS);
            self.channels = vec![Groups::default(); channels];
            return Ok(());
        }
        let groups = state.get("groups").and_then(Json::as_array);
        let outputs = json::numbers(state, "prevOutput")?;
        let channel = |(c, value)| {
            let group = groups.and_then(|groups| groups.get(c));
            Groups::from_json(value, group, |start, samples| self.group(start, samples))
        };
        self.channels = outputs.into_iter().enumerate().map(channel).collect::<Result<_>>()?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.f32(self.alpha);
        out.int(self.channels.len())?;
        let outputs: Vec<f64> = self.outputs().collect();
        out.f32s(outputs.iter().map(|y| *y as f32));
        for (y, groups) in outputs.into_iter().zip(&self.channels) {
            out.exact(y);
            groups.write(out);
        }
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        *self = Self::with_alpha(input.f32()?);
        let channels = input.count()?.min(MAX_CHANNELS);
        let outputs = input.f32s()?;
        self.channels = vec![Groups::default(); if outputs.is_empty() { channels } else { 0 }];
        for rounded in outputs {
            let value = input.exact()?.unwrap_or(f64::from(rounded));
            self.channels.push(Groups::read(value, input)?);
        }
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    fn stage(alpha: f64) -> Integrator {
        Integrator::new(&params(json!({ "alpha": alpha }))).unwrap()
    }

    #[test]
    fn worked_example() {
        let out = run(&mut stage(0.9), &[1.0, 1.0, 1.0], 1);
        for (got, expected) in out.iter().zip([1.0, 1.9, 2.71]) {
            approx::assert_relative_eq!(*got, expected, max_relative = 1e-6);
        }
        assert_eq!(Integrator::new(&Params::default()).unwrap().alpha, 0.99);
    }

    #[test]
    fn a_running_sum_does_not_drift() {
        let mut sum = stage(1.0);
        (0..100).for_each(|_| drop(run(&mut sum, &[0.1; 10_000], 1)));
        let expected = 1_000_001.0 * f64::from(0.1f32);
        assert_eq!(run(&mut sum, &[0.1], 1)[0], expected as f32);
    }

    #[test]
    fn channels_that_stay_keep_their_past() {
        let mut stage = stage(0.5);
        run(&mut stage, &[2.0, 4.0], 2);
        assert_eq!(run(&mut stage, &[0.0; 3], 3), [1.0, 2.0, 0.0]);
    }

    #[test]
    fn alpha_is_checked() {
        for bad in [0.0, -0.5, 1.1] {
            let error = Integrator::new(&params(json!({ "alpha": bad }))).unwrap_err();
            assert_eq!(error, Error::type_error(format!("Integrator alpha must be in range (0, 1], got: {bad}")));
        }
    }
}
