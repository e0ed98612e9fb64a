//! Leaky integrator: `y[n] = x[n] + α·y[n−1]`, with `y[−1] = 0`.
//!
//! With α = 1 the running sum; with α < 1 it forgets with the time constant −1/ln α samples. SciPy:
//! `lfilter([1], [1, −α], …)`.

use serde_json::{Value as Json, json};

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::Result;
use crate::kernels::scan;
use crate::kernels::scan::{GROUP, Powers};
use crate::limits::{MAX_CHANNELS, resize};
use crate::params::value::{Value, to_f32};
use crate::signal::filter::design::response;
use crate::stages::filter::recurrence::Groups;
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Integrator`.
    pub struct IntegratorParams {
        /// Factor of the last output; 1 gives the running sum.
        pub alpha: f64 = number().above(0.0).at_most(1.0).or(0.99).message(wrong_alpha),
    }
}

fn wrong_alpha(alpha: &Value) -> String {
    format!("Integrator alpha must be in range (0, 1], got: {alpha}")
}

/// Leaky integration of each channel.
#[derive(Debug, Clone)]
pub struct Integrator {
    recursion: Recursion,
    channels: Vec<Groups>,
}

#[derive(Debug, Clone, Copy)]
struct Recursion {
    alpha: f32,
    powers: Powers,
}

impl Recursion {
    fn new(alpha: f32) -> Self {
        Self { alpha, powers: scan::powers(f64::from(alpha)) }
    }

    fn group(&self, start: f64, samples: &[f32; GROUP]) -> [f64; GROUP] {
        let mut y = scan::group_decay(&samples.map(f64::from), &self.powers);
        y.iter_mut().zip(self.powers).for_each(|(y, power)| *y += power * start);
        y
    }

    /// Walks the incomplete group of a channel after its last output, `output`, has been walked.
    fn pending(&self, groups: &mut Groups, archive: &mut Archive<'_>, output: f64) -> Result<()> {
        groups.pending_state(archive, output, |start, samples| self.group(start, samples))
    }
}

impl Integrator {
    /// Walks the last outputs and the incomplete groups: two parallel lists.
    fn outputs(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let Self { recursion, channels } = self;
        let mut outputs: Vec<f64> = channels.iter().map(|groups| groups.value(|s, x| recursion.group(s, x))).collect();
        archive.rounded_list("prevOutput", &mut outputs)?;
        if archive.is_loading() && !outputs.is_empty() {
            *channels = vec![Groups::default(); outputs.len()];
        }
        if archive.is_json() {
            return self.json_groups(archive, &outputs);
        }
        for (groups, output) in channels.iter_mut().zip(outputs) {
            let exact = archive.appendix(output)?.unwrap_or(output);
            recursion.pending(groups, archive, exact)?;
        }
        Ok(())
    }

    /// Walks the list `groups`, with `null` for channels without a pending group; it is omitted if no channel has one.
    fn json_groups(&mut self, archive: &mut Archive<'_>, outputs: &[f64]) -> Result<()> {
        let Self { recursion, channels } = self;
        if let Some(state) = archive.json_in() {
            for (c, (groups, output)) in channels.iter_mut().zip(outputs).enumerate() {
                let group = json!({ "group": state["groups"][c] });
                recursion.pending(groups, &mut Archive::json_reader(&group), *output)?;
            }
        }
        if let Some(object) = archive.json_out() {
            let group = |(groups, output): (&mut Groups, &f64)| {
                let mut archive = Archive::json_writer();
                recursion.pending(groups, &mut archive, *output)?;
                Ok(archive.into_json()["group"].take())
            };
            let all = channels.iter_mut().zip(outputs).map(group).collect::<Result<Vec<Json>>>()?;
            if all.iter().any(|group| !group.is_null()) {
                object.insert("groups".into(), all.into());
            }
        }
        Ok(())
    }
}

impl Define for Integrator {
    type Params = IntegratorParams;
    const TYPES: &'static [&'static str] = &["integrator"];
    const METHOD: &'static str = "Integrator";
    const DOC: &'static str = "Leaky integrator: `y[n] = x[n] + α·y[n−1]`, `y[−1] = 0`. Continues from call to call.";

    fn new(params: &IntegratorParams) -> Result<Self> {
        Ok(Self { recursion: Recursion::new(to_f32(params.alpha)), channels: vec![] })
    }

    fn label(&self, params: &IntegratorParams) -> String {
        format!("integrator:α={:.3}", params.alpha)
    }
}

impl Stage for Integrator {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        // Channels that were there before keep their past.
        resize(&mut self.channels, block.channels(), Groups::default())?;
        let Self { recursion, channels } = self;
        block.each_channel(|c, samples| {
            channels[c].run(samples, |group, start, _| scan::recurrence(group, 1.0, &recursion.powers, start));
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Groups::default());
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        if archive.follows("alpha") {
            self.recursion = Recursion::new(archive.f32("alpha", self.recursion.alpha)?);
        }
        let count = archive.count_or("numChannels", self.channels.len(), 0)?;
        if archive.is_loading() {
            self.channels = vec![Groups::default(); count.min(MAX_CHANNELS)];
        }
        // States of the original may have no outputs yet, but a count of channels.
        if archive.is_json() && !archive.optional("prevOutput", !self.channels.is_empty()) {
            return Ok(());
        }
        self.outputs(archive)
    }

    /// Returns α/(1 − α) at 0 Hz; the running sum leads by half a sample at every frequency.
    fn latency(&self, frequency: Option<f64>) -> f64 {
        response::direct_group_delay(&[1.0], &[-f64::from(self.recursion.alpha)], frequency.unwrap_or(0.0))
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::stages::testing::{make, run, try_make};

    fn stage(alpha: f64) -> Integrator {
        make(&json!({ "alpha": alpha }))
    }

    #[test]
    fn worked_example() {
        let out = run(&mut stage(0.9), &[1.0, 1.0, 1.0], 1);
        for (got, expected) in out.iter().zip([1.0, 1.9, 2.71]) {
            approx::assert_relative_eq!(*got, expected, max_relative = 1e-6);
        }
        assert_eq!(make::<Integrator>(&json!({})).recursion.alpha, 0.99);
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
            let error = try_make::<Integrator>(&json!({ "alpha": bad })).unwrap_err();
            assert_eq!(error, Error::type_error(format!("Integrator alpha must be in range (0, 1], got: {bad}")));
        }
    }
}
