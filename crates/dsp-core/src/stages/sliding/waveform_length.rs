//! Waveform length: the length of the signal's path in the window, `y[n] = Σ_{k<N} d[n−k]` with
//! `d[n] = |x[n] − x[n−1]|`, `d[0] = 0`.
//!
//! The window holds N differences of N + 1 samples. Until it is full, the sum of those so far. A feature of EMG
//! (Hudgins, Parker, Scott, *A new strategy for multifunction myoelectric control*, 1993).

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::kernels::sliding;
use crate::limits::filled;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::{Counted, Spec};
use crate::stages::sliding::window::{RUNNING_SUM, SavedSum};
use crate::stages::sliding::window_state::fill_field;
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `WaveformLength`.
    pub struct WaveformLengthParams {
        /// Differences in the window.
        pub window_size: usize = integer().at_least(1.0),
    }
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct WaveformLength {
    spec: Spec,
    channels: Vec<Channel>,
}

/// The differences in the window, and the last sample.
#[derive(Debug, Clone)]
struct Channel {
    window: Counted,
    previous: f32,
}

const SUM: SavedSum = SavedSum { name: "WaveformLength running sum", ..RUNNING_SUM };

crate::kernels::kernel! {
    /// Computes `|x[n] − x[n−1]|` in place; returns the last sample.
    fn steps(samples: &mut [f32], before: f32) -> f32 {
        let Some(&last) = samples.last() else { return before };
        // Backwards: each sample is read before its successor's place is written.
        for i in (1..samples.len()).rev() {
            samples[i] = (samples[i] - samples[i - 1]).abs();
        }
        samples[0] = (samples[0] - before).abs();
        last
    }
}

impl WaveformLength {
    fn new_channel(&self) -> Channel {
        Channel { window: Counted::new(self.spec.size()), previous: 0.0 }
    }

    fn check_size(&self, size: usize) -> Result<()> {
        let ours = self.spec.size();
        if size == ours {
            return Ok(());
        }
        Err(Error::failed(format!("Window size mismatch: the stage has {ours} samples, the state {size}")))
    }
}

impl WaveformLength {
    fn channel_state(&self, channel: &mut Channel, archive: &mut Archive<'_>) -> Result<()> {
        let mut differences: Vec<f32> = channel.window.samples().collect();
        archive.sample_list("buffer", &mut differences)?;
        let sum = archive.f64("runningSum", (SUM.of)(&differences))?;
        if archive.is_json() {
            SUM.check(sum, &differences)?;
        }
        channel.previous = archive.f32("previousSample", channel.previous)?;
        let fill = fill_field(channel.window.fill(), differences.len(), archive)?;
        if archive.is_loading() {
            self.check_size(self.spec.size().max(differences.len()))?;
            channel.window = Counted::restore(Measure::Sum, &self.spec, differences, fill);
        }
        Ok(())
    }
}

impl Define for WaveformLength {
    type Params = WaveformLengthParams;
    const TYPES: &'static [&'static str] = &["waveformLength"];
    const METHOD: &'static str = "WaveformLength";
    const DOC: &'static str =
        "Path of the signal in the window: the sum of the last `windowSize` values of `|x[n] − x[n−1]|`.";

    fn new(params: &WaveformLengthParams) -> Result<Self> {
        Ok(Self { spec: Spec::new(params.window_size), channels: vec![] })
    }

    fn label(&self, _: &WaveformLengthParams) -> String {
        format!("waveformLength:{}", self.spec.size())
    }
}

impl Stage for WaveformLength {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        if self.channels.len() != block.channels() {
            self.channels = filled(self.new_channel(), block.channels())?;
        }
        let Self { spec, channels } = self;
        block.with_scratch(|block, scratch| {
            block.each_channel(|c, samples| {
                let Channel { window, previous } = &mut channels[c];
                // The first sample has no predecessor: its difference is 0 (NaN, if it has none).
                let first = samples.first().copied().filter(|_| window.samples().len() == 0);
                let before = first.unwrap_or(*previous);
                *previous = steps(samples, before);
                window.slide(Measure::Sum, spec, samples, &mut scratch.windows, |w| sliding::narrow(w.s, w.samples));
            });
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels = vec![self.new_channel(); self.channels.len()];
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.check_size(archive.count("windowSize", self.spec.size())?)?;
        let mut channels = std::mem::take(&mut self.channels);
        let walked =
            archive.channels(&mut channels, || self.new_channel(), |c, archive| self.channel_state(c, archive));
        self.channels = channels;
        walked
    }

    /// Returns half a window of differences, each of which is half a sample late.
    fn latency(&self, _: Option<f64>) -> f64 {
        self.spec.size() as f64 / 2.0
    }

    fn cost_hint(&self) -> f64 {
        2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run};
    use serde_json::{Value as Json, json};

    fn stage(size: usize) -> WaveformLength {
        make(&json!({ "windowSize": size }))
    }

    #[test]
    fn worked_example() {
        let mut stage = stage(3);
        assert_eq!(run(&mut stage, &[1.0, 2.0, 4.0], 1), [0.0, 1.0, 3.0]);
        assert_eq!(run(&mut stage, &[3.0, 5.0], 1), [4.0, 5.0]);
    }

    #[test]
    fn a_reset_forgets_the_last_sample_also_through_a_state() {
        let mut used = stage(3);
        run(&mut used, &[1.0, 3.0], 1);
        used.reset();
        let mut loaded = stage(3);
        loaded.load(&used.save().unwrap()).unwrap();
        assert_eq!(run(&mut loaded, &[50.0, 51.0], 1), [0.0, 1.0]);
    }

    #[test]
    fn wrong_states_are_refused() {
        let refused = |state: Json| stage(3).load(&state).unwrap_err().to_string();
        assert!(refused(json!({ "windowSize": 4, "channels": [] })).contains("Window size mismatch"));
        let channel = json!({ "buffer": [1, 2], "runningSum": 4, "previousSample": 0 });
        let text = refused(json!({ "windowSize": 3, "channels": [channel] }));
        assert!(text.contains("WaveformLength running sum validation failed"), "{text}");
        let long = json!({ "buffer": [1, 1, 1, 1], "runningSum": 4, "previousSample": 0 });
        assert!(refused(json!({ "windowSize": 3, "channels": [long] })).contains("Window size mismatch"));
    }
}
