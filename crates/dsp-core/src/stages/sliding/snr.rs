//! Signal-to-noise ratio in decibels of channel 0 (signal) to channel 1 (noise) over the last `windowSize` frames.
//!
//! `y[n] = 10·log₁₀((S + 1e-10)/(N + 1e-10))`, with the mean squares `S` and `N`, limited to ±100 dB; 100 if there is
//! no noise (`N < 1e-10`). Until the window is full, over the frames so far. Two channels go in, one comes out.

use crate::engine::block::Block;
use crate::engine::reshape::Reshape;
use crate::engine::stage::{Define, Stage, Traits};
use crate::engine::workspace::Scratch;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::{Counted, Spec};
use crate::stages::sliding::window::RUNNING_SUM_OF_SQUARES;
use crate::stages::sliding::window_state::fill_field;
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Snr`.
    pub struct SnrParams {
        /// Frames in the window.
        pub window_size: usize = integer().at_least(1.0).message(wrong_window),
    }
}

fn wrong_window(size: &Value) -> String {
    let is_fraction = size.as_finite().is_some_and(|n| n > 0.0);
    let rule = if is_fraction { "must be an integer" } else { "must be greater than 0" };
    format!("SNR windowSize {rule}, got: {size}")
}

/// The windows over both channels.
#[derive(Debug, Clone)]
pub struct Snr {
    spec: Spec,
    signal: Counted,
    noise: Counted,
}

/// Power below which there is no noise; it also keeps the logarithm finite.
const FLOOR: f64 = 1e-10;
const LIMIT_DB: f64 = 100.0;

fn decibels(signal: f64, noise: f64) -> f64 {
    if noise < FLOOR {
        LIMIT_DB
    } else {
        (10.0 * ((signal + FLOOR) / (noise + FLOOR)).log10()).clamp(-LIMIT_DB, LIMIT_DB)
    }
}

/// Walks the samples of a window and, for other readers, the sum of their squares. Returns the samples.
fn window_samples(window: &Counted, [buffer, sum]: [&str; 2], archive: &mut Archive<'_>) -> Result<Vec<f32>> {
    let mut samples: Vec<f32> = window.samples().collect();
    archive.sample_list(buffer, &mut samples)?;
    if archive.follows(sum) {
        archive.rounded(sum, (RUNNING_SUM_OF_SQUARES.of)(&samples))?;
    }
    Ok(samples)
}

impl Snr {
    fn restore(&mut self, size: usize, signal: Vec<f32>, noise: Vec<f32>, fill: Option<usize>) -> Result<()> {
        let ours = self.spec.size();
        if size != ours || signal.len() > ours {
            let theirs = size.max(signal.len());
            return Err(Error::failed(format!(
                "Window size mismatch: the stage has {ours} frames, the state {theirs}"
            )));
        }
        if signal.len() != noise.len() {
            return Err(Error::failed("signalBuffer and noiseBuffer must be arrays of one length"));
        }
        self.signal = Counted::restore(Measure::SumOfSquares, &self.spec, signal, fill);
        self.noise = Counted::restore(Measure::SumOfSquares, &self.spec, noise, fill);
        Ok(())
    }
}

impl Define for Snr {
    type Params = SnrParams;
    const TYPES: &'static [&'static str] = &["snr"];
    const METHOD: &'static str = "Snr";
    const DOC: &'static str =
        "Signal-to-noise ratio in dB of channel 0 to channel 1, from −100 to 100. Two channels go in, one comes out.";

    fn new(params: &SnrParams) -> Result<Self> {
        let size = params.window_size;
        Ok(Self { spec: Spec::new(size), signal: Counted::new(size), noise: Counted::new(size) })
    }

    fn label(&self, _: &SnrParams) -> String {
        format!("snr:win={}", self.spec.size())
    }

    fn traits(_: &SnrParams) -> Traits {
        Traits { channels: &[2], independent: false, ..Traits::STREAM }
    }
}

impl Stage for Snr {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.channels() != 2 && !block.is_empty() {
            return Err(Error::failed("SNR stage requires exactly 2 channels (signal, noise)"));
        }
        let Self { spec, signal, noise } = self;
        block.with_scratch(|block, Scratch { windows: sums, single: noise_samples, double: noise_power }| {
            block.reshape(Reshape::to(1, block.frames()), |frames, output, _| {
                if frames.frames() == 0 {
                    return Ok(());
                }
                noise_samples.clear();
                noise_samples.extend_from_slice(frames.channel(1));
                noise_power.clear();
                noise.slide(Measure::SumOfSquares, spec, noise_samples, sums, |windows| {
                    noise_power.extend(windows.s.iter().map(|sum| sum / windows.n));
                });
                output.channel(0).copy_from_slice(frames.channel(0));
                let mut noise_power = noise_power.iter();
                signal.slide(Measure::SumOfSquares, spec, output.channel(0), sums, |windows| {
                    let powers = windows.s.iter().map(|sum| sum / windows.n).zip(&mut noise_power);
                    windows.samples.iter_mut().zip(powers).for_each(|(y, (s, n))| *y = decibels(s, *n) as f32);
                });
                Ok(())
            })
        })
    }

    fn reset(&mut self) {
        self.signal.clear();
        self.noise.clear();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let size = archive.count("windowSize", self.spec.size())?;
        let signal = window_samples(&self.signal, ["signalBuffer", "signalSum"], archive)?;
        let noise = window_samples(&self.noise, ["noiseBuffer", "noiseSum"], archive)?;
        let fill = fill_field(self.signal.fill(), signal.len(), archive)?;
        if archive.is_loading() { self.restore(size, signal, noise, fill) } else { Ok(()) }
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        (self.spec.size() - 1) as f64 / 2.0
    }

    fn cost_hint(&self) -> f64 {
        15.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::workspace::Workspace;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    fn stage(size: usize) -> Snr {
        make(&json!({ "windowSize": size }))
    }

    #[test]
    fn worked_examples() {
        let out = run(&mut stage(3), &[1.0, 0.1, 1.0, 0.1, 0.0, 0.0], 2);
        approx::assert_relative_eq!(out[..], [20.0, 20.0, 20.0], max_relative = 1e-6);
        assert_eq!(run(&mut stage(3), &[0.0, 0.0], 2), [100.0]);
        assert_eq!(run(&mut stage(1), &[0.0, f32::MAX, f32::MAX, 1e-3], 2), [-100.0, 100.0]);
    }

    #[test]
    fn other_channel_counts_are_refused() {
        for channels in [1, 3] {
            let (mut samples, mut work) = ([0.0; 3], Workspace::default());
            let mut block = Block::regular(&mut samples, channels, &mut work, 0.0, 0.0, 1000.0);
            let error = stage(3).process(&mut block).unwrap_err();
            assert_eq!(error, Error::failed("SNR stage requires exactly 2 channels (signal, noise)"));
        }
    }

    #[test]
    fn a_window_must_be_a_positive_integer() {
        let refused = |p| try_make::<Snr>(&p).unwrap_err();
        assert_eq!(refused(json!({})), Error::type_error("SNR windowSize must be greater than 0, got: undefined"));
        assert_eq!(
            refused(json!({ "windowSize": 2.5 })),
            Error::type_error("SNR windowSize must be an integer, got: 2.5")
        );
    }

    #[test]
    fn another_window_in_a_state_is_refused() {
        let state = stage(4).save().unwrap();
        assert!(stage(2).load(&state).unwrap_err().to_string().contains("Window size mismatch"));
        let long = json!({ "windowSize": 2, "signalBuffer": [1, 2, 3], "noiseBuffer": [1, 2, 3] });
        assert!(stage(2).load(&long).unwrap_err().to_string().contains("Window size mismatch"));
    }
}
