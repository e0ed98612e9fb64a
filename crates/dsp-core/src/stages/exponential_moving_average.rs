//! Exponential moving average: `y[0] = x[0]`, `y[n] = α·x[n] + (1 − α)·y[n−1]`.
//!
//! A first-order low-pass with the time constant −1/ln(1 − α) samples; delay at low frequencies (1 − α)/α samples. Batch
//! mode starts anew in each call. pandas: `ewm(alpha=α, adjust=False).mean()`; SciPy: `lfilter([α], [1, α − 1], …)`.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::scan::{self, GROUP, Powers};
use crate::recurrence::Groups;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, to_f32};

/// See the module's documentation. A channel is `None` before its first sample.
#[derive(Debug, Clone)]
pub struct ExponentialMovingAverage {
    moving: bool,
    recursion: Recursion,
    channels: Vec<Option<Groups>>,
}

#[derive(Debug, Clone, Copy)]
struct Recursion {
    alpha: f32,
    powers: Powers,
}

impl Recursion {
    fn new(alpha: f32) -> Self {
        Self { alpha, powers: scan::powers(1.0 - f64::from(alpha)) }
    }

    fn run(&self, channel: &mut Option<Groups>, samples: &mut [f32]) {
        let gain = f64::from(self.alpha);
        let mut rest = samples;
        if channel.is_none() && let [first, after @ ..] = rest {
            *channel = Some(Groups::at(f64::from(*first)));
            rest = after;
        }
        if let Some(groups) = channel {
            groups.run(rest, |group, start, _| scan::recurrence(group, gain, &self.powers, start));
        }
    }

    fn group(&self, start: f64, samples: &[f32; GROUP]) -> [f64; GROUP] {
        let mut y = scan::group_decay(&samples.map(|x| f64::from(self.alpha) * f64::from(x)), &self.powers);
        y.iter_mut().zip(self.powers).for_each(|(y, power)| *y += power * start);
        y
    }
}

impl ExponentialMovingAverage {
    fn mode(&self) -> &'static str {
        if self.moving { "moving" } else { "batch" }
    }

    fn value(&self, channel: &Option<Groups>) -> f64 {
        channel.map_or(0.0, |groups| groups.value(|start, samples| self.recursion.group(start, samples)))
    }

    fn check(&self, mode: &str, alpha: f64) -> Result<()> {
        let (name, ours) = (Self::METHOD, self.recursion.alpha);
        if mode != self.mode() {
            let ours = self.mode();
            return Err(Error::failed(format!("{name} mode mismatch: the stage is '{ours}', the state '{mode}'")));
        }
        // As far apart as two spellings of one float32 number may be.
        if (alpha - f64::from(ours)).abs() > 1e-6 {
            return Err(Error::failed(format!("{name} alpha mismatch: the stage has {ours}, the state {alpha}")));
        }
        Ok(())
    }

    fn load_channel(&self, state: &Json) -> Result<Option<Groups>> {
        if !json::boolean(state, "initialized")? {
            return Ok(None);
        }
        let value = json::number(state, "ema")?;
        Groups::from_json(value, state.get("group"), |start, v| self.recursion.group(start, v)).map(Some)
    }
}

impl Define for ExponentialMovingAverage {
    const TYPES: &'static [&'static str] = &["exponentialMovingAverage"];
    const METHOD: &'static str = "ExponentialMovingAverage";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ExponentialMovingAverage`. */
export interface ExponentialMovingAverageParams {
  /** `"batch"` starts anew in each call; `"moving"` continues from call to call. */
  mode: "batch" | "moving";
  /** Weight of the new sample: 0 < alpha ≤ 1. */
  alpha: number;
}
method {
  /**
   * Exponential moving average: `y[n] = α·x[n] + (1 − α)·y[n−1]`, `y[0] = x[0]`.
   * @throws TypeError if `alpha` is missing or out of range, or `mode` is unknown
   */
  ExponentialMovingAverage(params: ExponentialMovingAverageParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let alpha = params.get("alpha");
        if alpha.is_undefined() {
            return Err(Error::type_error(format!("{}: alpha is required", Self::METHOD)));
        }
        let alpha = alpha.as_number().filter(|a| *a > 0.0 && *a <= 1.0).ok_or_else(|| {
            Error::type_error(format!("{}: alpha must be in range (0, 1], got {alpha}", Self::METHOD))
        })?;
        let mode = params.choice(Self::METHOD, "mode", &["batch", "moving"], None)?;
        Ok(Self { moving: mode == "moving", recursion: Recursion::new(to_f32(alpha)), channels: vec![] })
    }

    fn label(&self, params: &Params) -> String {
        let alpha = params.get("alpha");
        format!("exponentialMovingAverage:{}:α={alpha}", self.mode())
    }
}

impl Stage for ExponentialMovingAverage {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { moving, recursion, channels } = self;
        if !*moving {
            block.each_channel(|_, samples| recursion.run(&mut None, samples));
        } else if !block.is_empty() || channels.is_empty() {
            if channels.len() != block.channels() {
                *channels = vec![None; block.channels()];
            }
            block.each_channel(|c, samples| recursion.run(&mut channels[c], samples));
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(None);
    }

    fn save(&self) -> Result<Json> {
        let mut state = json!({ "mode": self.mode(), "alpha": json::num(f64::from(self.recursion.alpha)) });
        if self.moving {
            state["numChannels"] = self.channels.len().into();
            let channel = |groups: &Option<Groups>| {
                let mut state = json!({ "ema": json::num(self.value(groups)), "initialized": groups.is_some() });
                if let Some(group) = groups.map(|g| g.to_json()).filter(|group| !group.is_null()) {
                    state["group"] = group;
                }
                state
            };
            state["channels"] = self.channels.iter().map(channel).collect();
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check(json::text(state, "mode")?, json::number(state, "alpha")?)?;
        if self.moving {
            self.channels = json::list(state, "channels")?.iter().map(|c| self.load_channel(c)).collect::<Result<_>>()?;
        }
        Ok(())
    }

    fn save_toon(&self, out: &mut toon::Writer) -> Result<()> {
        out.object();
        out.str("mode");
        out.str(self.mode());
        out.str("alpha");
        out.f32(self.recursion.alpha);
        if self.moving {
            out.str("channels");
            out.array();
            for channel in &self.channels {
                out.object();
                out.str("ema");
                out.f32_exact(self.value(channel));
                out.str("initialized");
                out.bool(channel.is_some());
                out.end_object();
                channel.unwrap_or_default().write(out);
            }
            out.end_array();
        }
        out.end_object();
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        input.object()?;
        input.str()?;
        let mode = input.str()?;
        input.str()?;
        self.check(mode, f64::from(input.f32()?))?;
        if self.moving {
            let mut channels = vec![];
            input.str()?;
            input.array()?;
            while input.more()? {
                input.object()?;
                input.str()?;
                let value = input.f32_exact()?;
                input.str()?;
                let initialized = input.bool()?;
                input.end_object()?;
                let groups = Groups::read(value, input)?;
                channels.push(initialized.then_some(groups));
            }
            self.channels = channels;
        }
        input.end_object()
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    fn stage(mode: &str, alpha: f64) -> ExponentialMovingAverage {
        ExponentialMovingAverage::new(&params(json!({ "mode": mode, "alpha": alpha }))).unwrap()
    }

    #[test]
    fn worked_example() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let mut moving = stage("moving", 0.5);
        assert_eq!(run(&mut moving, &x, 1), [1.0, 1.5, 2.25, 3.125, 4.0625]);
        assert_eq!(run(&mut moving, &[0.0], 1), [2.03125]);
        let mut batch = stage("batch", 0.5);
        run(&mut batch, &x, 1);
        assert_eq!(run(&mut batch, &x, 1), [1.0, 1.5, 2.25, 3.125, 4.0625]);
    }

    #[test]
    fn equals_the_plain_recursion() {
        for alpha in [1e-60, 0.001, 0.1, 0.9, 1.0] {
            let x: Vec<f32> = (0..1000).map(|i| ((i * 7919 % 1009) as f32) - 300.0).collect();
            let out = run(&mut stage("moving", alpha), &x, 1);
            let alpha = f64::from(to_f32(alpha));
            let mut y = f64::from(x[0]);
            for (x, out) in x.iter().zip(out) {
                y = alpha * f64::from(*x) + (1.0 - alpha) * y;
                assert!((f64::from(out) - y).abs() <= 1e-7 * y.abs().max(1e-3), "{out} {y}");
            }
        }
    }

    #[test]
    fn alpha_is_checked_before_the_mode() {
        let refused = |p| ExponentialMovingAverage::new(&params(p)).unwrap_err();
        assert_eq!(refused(json!({})), Error::type_error("ExponentialMovingAverage: alpha is required"));
        let text = "ExponentialMovingAverage: alpha must be in range (0, 1], got 1.5";
        assert_eq!(refused(json!({ "alpha": 1.5 })), Error::type_error(text));
        assert!(refused(json!({ "alpha": 0.5, "mode": "x" })).to_string().contains("mode must be"));
    }

    #[test]
    fn states_of_another_stage_are_refused() {
        let refused = |state: Json| stage("moving", 0.5).load(&state).unwrap_err().to_string();
        assert!(refused(json!({ "mode": "batch", "alpha": 0.5 })).contains("ExponentialMovingAverage mode mismatch"));
        assert!(refused(json!({ "mode": "moving", "alpha": 0.6 })).contains("ExponentialMovingAverage alpha mismatch"));
        assert!(refused(json!({ "mode": "moving", "alpha": 0.5 })).contains("array"));
    }
}
