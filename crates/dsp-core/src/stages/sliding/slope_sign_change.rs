//! Slope sign change: 1 while some `(a − b)·(a − x[n]) > threshold` is among the last `windowSize` samples, else 0,
//! with `a = x[n−1]` and `b = x[n−2]`.
//!
//! The memory starts as in the original: `a = x[0]`, `b = 0` after the first sample and `a = b = x[1]` after the
//! second, so the first slope is never used and the first flag is possible at `n = 3`. A feature of EMG (Hudgins,
//! Parker, Scott, 1993), usually defined as the number of such samples; that number is in the saved state.

use crate::engine::events::EventKind;
use crate::error::{Error, Result};
use crate::stages::sliding::flag_window::{FlagRule, FlagStage};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `SlopeSignChange`.
    pub struct SlopeSignChangeParams {
        /// Samples in the window.
        pub window_size: usize = integer().at_least(1.0),
        /// Threshold of the product of two neighbouring differences, in squared units of the signal.
        pub threshold: f64 = number().at_least(0.0).or(0.0).try_with(&[0.5]),
    }
}

/// A turning point, known with the next sample.
static SIGN_CHANGE: EventKind = EventKind {
    name: "slopeSignChange",
    doc: "The slope changes its sign by more than the threshold, at the sample between the two slopes.",
    fields: &[],
    data: None,
};

/// Flags the samples at which the slope changes its sign.
#[derive(Debug, Clone)]
pub struct SlopeTurn;

/// Outputs 1 while the slope has changed its sign at one of the last `windowSize` samples, else 0.
pub type SlopeSignChange = FlagStage<SlopeTurn>;

/// The last two samples, and their number (2 stands for more).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LastTwo {
    a: f32,
    b: f32,
    seen: usize,
}

#[inline(always)]
fn turns(b: f32, a: f32, x: f32, threshold: f32) -> f32 {
    f32::from(u8::from((a - b) * (a - x) > threshold))
}

crate::kernels::kernel! {
    /// Computes flags in place; `b` and `a` are the two samples before the first.
    fn sign_changes(samples: &mut [f32], b: f32, a: f32, threshold: f32) {
        // Backwards: each sample is read before its successors' places are written.
        for i in (2..samples.len()).rev() {
            samples[i] = turns(samples[i - 2], samples[i - 1], samples[i], threshold);
        }
        if samples.len() > 1 {
            samples[1] = turns(a, samples[0], samples[1], threshold);
        }
        if let Some(first) = samples.first_mut() {
            *first = turns(b, a, *first, threshold);
        }
    }
}

impl FlagRule for SlopeTurn {
    const TYPE: &'static str = "slopeSignChange";
    const METHOD: &'static str = "SlopeSignChange";
    const STATE_NAME: &'static str = "SSC";
    const DOC: &'static str = "1 if the slope changes its sign at one of the last `windowSize` samples, else 0.";
    const DELAY: f64 = 1.0;
    const EVENTS: &'static [&'static EventKind] = &[&SIGN_CHANGE];
    type Params = SlopeSignChangeParams;
    type Memory = LastTwo;

    fn window(params: &SlopeSignChangeParams) -> (usize, f64) {
        (params.window_size, params.threshold)
    }

    fn flag(memory: &mut LastTwo, _: bool, threshold: f32, samples: &mut [f32]) {
        let starting = samples.len().min(2 - memory.seen);
        let (start, rest) = samples.split_at_mut(starting);
        for x in start {
            *memory = LastTwo { a: *x, b: if memory.seen == 0 { 0.0 } else { *x }, seen: memory.seen + 1 };
            *x = 0.0;
        }
        let Some(&last) = rest.last() else { return };
        let before = if let [.., before, _] = rest { *before } else { memory.a };
        sign_changes(rest, memory.b, memory.a, threshold);
        *memory = LastTwo { a: last, b: before, seen: 2 };
    }

    fn state(memory: &mut LastTwo, archive: &mut Archive<'_>) -> Result<()> {
        memory.a = archive.f32("sample_minus_1", memory.a)?;
        memory.b = archive.f32("sample_minus_2", memory.b)?;
        memory.seen = archive.count("init_count", memory.seen)?;
        if memory.seen > 2 {
            return Err(Error::failed(format!("SSC init_count must be 0, 1 or 2, got {}", memory.seen)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stage::Stage;
    use crate::stages::testing::{make, run};
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn stage(size: usize, threshold: f64) -> SlopeSignChange {
        make(&json!({ "windowSize": size, "threshold": threshold }))
    }

    #[test]
    fn worked_example() {
        let out = run(&mut stage(5, 0.0), &[1.0, 3.0, 2.0, 4.0, 3.0, 5.0], 1);
        assert_eq!(out, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn follows_the_rule_sample_by_sample(
            x in prop::collection::vec(-3f32..3.0, 0..60),
            threshold in 0f64..2.0,
            cut in 0usize..60,
        ) {
            let (mut a, mut b, mut expected) = (0.0, 0.0, vec![]);
            for (n, &x) in x.iter().enumerate() {
                let flag = n >= 2 && (a - b) * (a - x) > threshold as f32;
                expected.push(f32::from(u8::from(flag)));
                (a, b) = (x, match n { 0 => 0.0, 1 => x, _ => a });
            }
            let mut stage = stage(1, threshold);
            let (head, tail) = x.split_at(cut.min(x.len()));
            let mut got = run(&mut stage, head, 1);
            got.extend(run(&mut stage, tail, 1));
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn wrong_states_are_refused() {
        let refused = |state: Json| stage(2, 1.0).load(&state).unwrap_err().to_string();
        let text = refused(json!({ "windowSize": 3, "threshold": 1, "channels": [] }));
        assert!(text.contains("SSC parameter mismatch"), "{text}");
        let channel =
            json!({ "buffer": [true], "runningCount": 0, "sample_minus_1": 0, "sample_minus_2": 0, "init_count": 1 });
        let text = refused(json!({ "windowSize": 2, "threshold": 1, "channels": [channel] }));
        assert!(text.contains("SSC running count validation failed"), "{text}");
    }
}
