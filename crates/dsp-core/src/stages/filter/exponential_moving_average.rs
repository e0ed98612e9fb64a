//! Exponential moving average: `y[0] = x[0]`, `y[n] = α·x[n] + (1 − α)·y[n−1]`.
//!
//! A first-order low-pass with the time constant −1/ln(1 − α) samples; delay at 0 Hz (1 − α)/α samples. Batch
//! mode starts anew in each call. pandas: `ewm(alpha=α, adjust=False).mean()`; SciPy: `lfilter([α], [1, α − 1], …)`.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::scan;
use crate::kernels::scan::{GROUP, Powers};
use crate::limits::filled;
use crate::params::value::to_f32;
use crate::signal::filter::design::response;
use crate::stages::common::Mode;
use crate::stages::filter::recurrence::Groups;
use crate::state::archive::Archive;
use crate::text::{Texts, js_number};

crate::params! {
    /// Parameters of `ExponentialMovingAverage`.
    pub struct ExponentialMovingAverageParams {
        /// Weight of the new sample.
        pub alpha: f64 = number().above(0.0).at_most(1.0).rule("in range (0, 1]").required("alpha is required"),
        /// `"batch"` starts anew in each call; `"moving"` continues from call to call.
        pub mode: Mode = one_of(Mode::TEXTS),
    }
}

/// See the module's documentation. A channel is `None` before its first sample.
#[derive(Debug, Clone)]
pub struct ExponentialMovingAverage {
    mode: Mode,
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
        if channel.is_none()
            && let [first, after @ ..] = rest
        {
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
    fn check(&self, mode: &str, alpha: f64) -> Result<()> {
        let (name, ours) = (Self::METHOD, self.recursion.alpha);
        if mode != self.mode.text() {
            let ours = self.mode.text();
            return Err(Error::failed(format!("{name} mode mismatch: the stage is '{ours}', the state '{mode}'")));
        }
        // As far apart as two spellings of one float32 number may be.
        if (alpha - f64::from(ours)).abs() > 1e-6 {
            return Err(Error::failed(format!("{name} alpha mismatch: the stage has {ours}, the state {alpha}")));
        }
        Ok(())
    }
}

impl Define for ExponentialMovingAverage {
    type Params = ExponentialMovingAverageParams;
    const TYPES: &'static [&'static str] = &["exponentialMovingAverage"];
    const METHOD: &'static str = "ExponentialMovingAverage";
    const DOC: &'static str = "Exponential moving average: `y[n] = α·x[n] + (1 − α)·y[n−1]`, `y[0] = x[0]`.";

    fn new(params: &ExponentialMovingAverageParams) -> Result<Self> {
        Ok(Self { mode: params.mode, recursion: Recursion::new(to_f32(params.alpha)), channels: vec![] })
    }

    fn label(&self, params: &ExponentialMovingAverageParams) -> String {
        format!("exponentialMovingAverage:{}:α={}", self.mode.text(), js_number(params.alpha))
    }

    fn traits(params: &ExponentialMovingAverageParams) -> Traits {
        if params.mode == Mode::Batch { Traits::BATCH } else { Traits::STREAM }
    }
}

impl Stage for ExponentialMovingAverage {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { mode, recursion, channels } = self;
        if *mode == Mode::Batch {
            block.each_channel(|_, samples| recursion.run(&mut None, samples));
        } else if !block.is_empty() || channels.is_empty() {
            if channels.len() != block.channels() {
                *channels = filled(None, block.channels())?;
            }
            block.each_channel(|c, samples| recursion.run(&mut channels[c], samples));
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(None);
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.object(|archive| {
            let mode = archive.text("mode", self.mode.text())?;
            let alpha = archive.f32("alpha", self.recursion.alpha)?;
            self.check(&mode, f64::from(alpha))?;
            if self.mode == Mode::Batch {
                return Ok(());
            }
            let Self { recursion, channels, .. } = self;
            archive.channels(
                channels,
                || None,
                |channel, archive| {
                    let mut groups = channel.unwrap_or_default();
                    groups.state(archive, "ema", |start, samples| recursion.group(start, samples))?;
                    let has_begun = archive.flag("initialized", channel.is_some())?;
                    *channel = has_begun.then_some(groups);
                    Ok(())
                },
            )
        })
    }

    fn latency(&self, frequency: Option<f64>) -> f64 {
        let alpha = f64::from(self.recursion.alpha);
        response::direct_group_delay(&[alpha], &[alpha - 1.0], frequency.unwrap_or(0.0))
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::{Value as Json, json};

    fn stage(mode: &str, alpha: f64) -> ExponentialMovingAverage {
        make(&json!({ "mode": mode, "alpha": alpha }))
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
        let refused = |p| try_make::<ExponentialMovingAverage>(&p).unwrap_err();
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
