//! Willison amplitude: 1 while some `|x[n] − x[n−1]| > threshold` is among the last `windowSize` samples, else 0.
//!
//! The first sample of a channel has no flag. A feature of EMG (Willison, *Analysis of electrical activity in healthy
//! and dystrophic muscle in man*, 1964), usually defined as the number of such samples; that number is in the saved
//! state.

use crate::error::Result;
use crate::stages::sliding::flag_window::{FlagRule, FlagStage};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `WillisonAmplitude`.
    pub struct WillisonAmplitudeParams {
        /// Samples in the window.
        pub window_size: usize = integer().at_least(1.0),
        /// Threshold of the difference between two neighbouring samples, in units of the signal.
        pub threshold: f64 = number().at_least(0.0).or(0.0).try_with(&[15.0]),
    }
}

/// Flags the samples that differ from their predecessor by more than the threshold.
#[derive(Debug, Clone)]
pub struct LargeStep;

/// Outputs 1 while there is such a step among the last `windowSize` samples, else 0.
pub type WillisonAmplitude = FlagStage<LargeStep>;

crate::kernels::kernel! {
    /// Replaces each sample by 1 where `|x[n] − x[n−1]| > threshold`, else by 0.
    fn large_steps(samples: &mut [f32], before: f32, threshold: f32) {
        // Backwards: each sample is read before its successor's place is written.
        for i in (1..samples.len()).rev() {
            samples[i] = f32::from(u8::from((samples[i] - samples[i - 1]).abs() > threshold));
        }
        if let Some(first) = samples.first_mut() {
            *first = f32::from(u8::from((*first - before).abs() > threshold));
        }
    }
}

impl FlagRule for LargeStep {
    const TYPE: &'static str = "willisonAmplitude";
    const METHOD: &'static str = "WillisonAmplitude";
    const STATE_NAME: &'static str = "WAMP";
    const DOC: &'static str =
        "1 if one of the last `windowSize` samples differs from its predecessor by more than `threshold`, else 0.";
    const DELAY: f64 = 0.5;
    type Params = WillisonAmplitudeParams;
    /// The previous sample.
    type Memory = f32;

    fn window(params: &WillisonAmplitudeParams) -> (usize, f64) {
        (params.window_size, params.threshold)
    }

    fn flag(previous: &mut f32, first: bool, threshold: f32, samples: &mut [f32]) {
        let Some(&last) = samples.last() else { return };
        // A step from the first sample to itself exceeds nothing.
        let before = if first { samples[0] } else { *previous };
        large_steps(samples, before, threshold);
        *previous = last;
    }

    fn state(previous: &mut f32, archive: &mut Archive<'_>) -> Result<()> {
        *previous = archive.f32("previousSample", *previous)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stage::Stage;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::{Value as Json, json};

    fn stage(size: usize, threshold: f64) -> WillisonAmplitude {
        make(&json!({ "windowSize": size, "threshold": threshold }))
    }

    #[test]
    fn one_while_a_large_step_is_in_the_window() {
        let mut stage = stage(2, 1.0);
        let out = run(&mut stage, &[5.0, 5.5, 7.0, 7.0, 7.0, 6.0], 1);
        assert_eq!(out, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(run(&mut stage, &[4.9], 1), [1.0]);
    }

    #[test]
    fn an_empty_buffer_means_that_no_sample_has_come() {
        let mut used = stage(2, 1.0);
        run(&mut used, &[1.0, 3.0], 1);
        used.reset();
        let mut loaded = stage(2, 1.0);
        loaded.load(&used.save().unwrap()).unwrap();
        assert_eq!(run(&mut loaded, &[50.0, 51.0, 49.0], 1), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn wrong_states_are_refused() {
        let refused = |state: Json| stage(2, 1.0).load(&state).unwrap_err().to_string();
        let text = refused(json!({ "windowSize": 2, "threshold": 2, "channels": [] }));
        assert!(text.contains("WAMP parameter mismatch"), "{text}");
        let channel = json!({ "buffer": [true, false], "runningCount": 2, "previousSample": 0 });
        let text = refused(json!({ "windowSize": 2, "threshold": 1, "channels": [channel] }));
        assert!(text.contains("WAMP running count validation failed"), "{text}");
    }

    #[test]
    fn limits() {
        let refused = |p| try_make::<WillisonAmplitude>(&p).unwrap_err().to_string();
        let text = "WillisonAmplitude: windowSize must be a positive integer, got 0";
        assert_eq!(refused(json!({ "windowSize": 0 })), text);
        let text = "WillisonAmplitude: threshold must be non-negative, got -1";
        assert_eq!(refused(json!({ "windowSize": 3, "threshold": -1 })), text);
    }
}
