//! First difference: `y[n] = x[n] − x[n−1]`, with `x[−1] = 0`.
//!
//! The first output of a channel is its first sample. Delay half a sample. NumPy: `diff` with `prepend=0`.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::Result;
use crate::limits::{MAX_CHANNELS, resize};
use crate::params::NoParams;
use crate::state::archive::Archive;

/// First differences; holds the last sample of each channel.
#[derive(Debug, Clone, Default)]
pub struct Differentiator {
    last: Vec<f32>,
}

/// Computes `x[n] − x[n−lag]` in place; `last` holds the `lag` samples before, and receives the last ones.
#[inline(always)]
fn lagged(samples: &mut [f32], lag: usize, last: &mut [f32]) {
    let mut ended = [0.0; MAX_LAG];
    ended[..lag].copy_from_slice(&samples[samples.len() - lag..]);
    // Backwards: each sample is read before its successor's place is written.
    for i in (lag..samples.len()).rev() {
        samples[i] -= samples[i - lag];
    }
    samples[..lag].iter_mut().zip(last.iter()).for_each(|(x, before)| *x -= before);
    last.copy_from_slice(&ended[..lag]);
}

/// Largest number of channels for which interleaved frames are processed directly.
const MAX_LAG: usize = 8;

crate::kernels::kernel! {
    /// Computes the differences of interleaved frames, with one channel for each of `last` (at most [`MAX_LAG`]). The
    /// counts are spelled out because a loop with a constant lag is vectorised, and one with a variable lag is not.
    fn difference(frames: &mut [f32], last: &mut [f32]) {
        match last.len() {
            1 => lagged(frames, 1, last),
            2 => lagged(frames, 2, last),
            3 => lagged(frames, 3, last),
            4 => lagged(frames, 4, last),
            5 => lagged(frames, 5, last),
            6 => lagged(frames, 6, last),
            7 => lagged(frames, 7, last),
            _ => lagged(frames, 8, last),
        }
    }
}

impl Define for Differentiator {
    type Params = NoParams;
    const TYPES: &'static [&'static str] = &["differentiator"];
    const METHOD: &'static str = "Differentiator";
    const DOC: &'static str =
        "First difference: `y[n] = x[n] − x[n−1]`, with `x[−1] = 0`. Continues from call to call.";

    fn new(_: &NoParams) -> Result<Self> {
        Ok(Self::default())
    }

    fn label(&self, _: &NoParams) -> String {
        "differentiator".into()
    }
}

impl Stage for Differentiator {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.last.is_empty() {
            return Ok(());
        }
        // Channels that were there before keep their past.
        resize(&mut self.last, block.channels(), 0.0)?;
        let last = &mut self.last[..];
        if block.is_empty() {
            return Ok(());
        }
        if block.is_planar() || last.len() > MAX_LAG {
            block.each_channel(|c, samples| difference(samples, &mut last[c..=c]));
        } else {
            difference(block.interleaved(), last);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.last.fill(0.0);
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let count = archive.count_or("numChannels", self.last.len(), 0)?;
        // States of the original may have no samples yet, but a count of channels.
        if archive.is_json() && !archive.optional("prevSample", !self.last.is_empty()) {
            self.last.resize(count.min(MAX_CHANNELS), 0.0);
            self.last.fill(0.0);
            return Ok(());
        }
        archive.sample_list("prevSample", &mut self.last)
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        0.5
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use crate::stages::testing::run;

    #[test]
    fn continues_from_call_to_call() {
        let mut stage = Differentiator::default();
        assert_eq!(run(&mut stage, &[1.0, 4.0, 9.0], 1), [1.0, 3.0, 5.0]);
        assert_eq!(run(&mut stage, &[16.0], 1), [7.0]);
    }

    #[test]
    fn channels_that_stay_keep_their_past() {
        let mut stage = Differentiator::default();
        run(&mut stage, &[1.0, 10.0], 2);
        assert_eq!(run(&mut stage, &[2.0, 20.0, 200.0], 3), [1.0, 10.0, 200.0]);
    }

    #[test]
    fn any_number_of_channels_is_independent() {
        for channels in 1..=10 {
            let input: Vec<f32> = (0..channels * 37).map(|i| (i * i % 101) as f32).collect();
            let mut stage = Differentiator::default();
            let mut out = run(&mut stage, &input[..channels * 5], channels);
            out.extend(run(&mut stage, &input[channels * 5..], channels));
            for i in 0..input.len() {
                let before = if i < channels { 0.0 } else { input[i - channels] };
                assert_eq!(out[i], input[i] - before, "{channels} channels, {i}");
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same() {
        let input: Vec<f32> = (0..77).map(|i| (i * i) as f32).collect();
        for isa in Isa::available() {
            let mut samples = input.clone();
            let mut last = [-1.0];
            difference::on(isa, &mut samples, &mut last);
            assert_eq!(last, [76.0 * 76.0]);
            assert_eq!(samples[0], 1.0);
            assert!((1..77).all(|i| samples[i] == (2 * i - 1) as f32));
        }
    }
}
