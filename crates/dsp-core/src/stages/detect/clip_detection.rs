//! Clip detection: 1 where `|x| ≥ threshold`, else 0. No latency.
//!
//! Without events there is no state. With them, each run of such samples is an event at its first sample, known with
//! the sample after its last one or at the end of the stream. A longer run is divided into parts of `MAX_RUN` samples.

use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind};
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, filled};
use crate::params::Parameters;
use crate::params::value::to_f32;
use crate::state::archive::Archive;
use crate::text::js_number;

crate::params! {
    /// Parameters of `ClipDetection`.
    pub struct ClipDetectionParams {
        /// Smallest magnitude that counts as clipped.
        pub threshold: f64 = number().above(0.0).rule("> 0").range_error(),
    }
}

/// The threshold, and the current run of each channel.
#[derive(Debug, Clone)]
pub struct ClipDetection {
    threshold: f32,
    /// Empty while events are not requested.
    runs: Vec<Run>,
}

/// Largest number of samples of one event: times are remembered for as long.
const MAX_RUN: usize = 4096;

/// A run of clipped samples that has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Run {
    /// Number of samples; 0 if the last sample was not clipped.
    length: usize,
    /// The largest magnitude.
    peak: f32,
}

static CLIP: EventKind = EventKind {
    name: "clip",
    doc: "A run of clipped samples, at its first. One of more than 4096 samples comes in parts of as many.",
    fields: &[
        EventField { name: "length", doc: "Samples in the run." },
        EventField { name: "value", doc: "Largest magnitude in the run, in units of the signal." },
    ],
    data: None,
};

impl Run {
    /// Processes the next sample; returns the run that ends with it (`true`) or before it (`false`), if any.
    fn take(&mut self, magnitude: f32, threshold: f32) -> Option<(Self, bool)> {
        let is_clipped = magnitude >= threshold;
        if is_clipped {
            *self = Self { length: self.length + 1, peak: self.peak.max(magnitude) };
        }
        let has_ended = if is_clipped { self.length == MAX_RUN } else { self.length > 0 };
        has_ended.then(|| (std::mem::take(self), is_clipped))
    }
}

crate::kernels::kernel! {
    /// Replaces each sample by 1 where `|x| ≥ threshold`, else by 0 (also for NaN).
    fn clipped(samples: &mut [f32], threshold: f32) {
        samples.iter_mut().for_each(|x| *x = f32::from(u8::from(x.abs() >= threshold)));
    }
}

impl ClipDetection {
    fn has_open_run(&self) -> bool {
        self.runs.iter().any(|run| run.length > 0)
    }

    /// Runs [`clipped`], and emits an event for every run that ends.
    fn process_runs(&mut self, block: &mut Block<'_>) {
        let (mut planes, times, mut events) = block.planes_and_events();
        for (c, run) in self.runs.iter_mut().enumerate() {
            let samples = planes.channel(c);
            for (i, x) in samples.iter().enumerate() {
                if let Some((ended, with_this)) = run.take(x.abs(), self.threshold)
                    && let Some(events) = &mut events
                {
                    let first = i as i64 + i64::from(with_this) - ended.length as i64;
                    let numbers = [ended.length as f64, f64::from(ended.peak)];
                    events.emit(times, &CLIP, c, first, i, &numbers);
                }
            }
            clipped(samples, self.threshold);
        }
    }

    /// Walks the runs, which a state contains only if one of them has not ended: length and peak of each channel.
    fn runs_state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let is_written = !archive.is_loading() && self.has_open_run();
        let numbers: Vec<f64> = self.runs.iter().flat_map(|run| [run.length as f64, f64::from(run.peak)]).collect();
        let read = if !archive.is_json() {
            if is_written || archive.is_loading() { archive.exact_tail(numbers)? } else { None }
        } else if archive.optional("runs", is_written) {
            archive.doubles("runs", &numbers)?
        } else {
            None
        };
        if archive.is_loading() {
            let (pairs, rest) = read.as_deref().unwrap_or_default().as_chunks::<2>();
            let is_run = |pair: &[f64; 2]| (0.0..MAX_RUN as f64).contains(&pair[0]) && pair[0].fract() == 0.0;
            if !rest.is_empty() || pairs.len() > MAX_CHANNELS || !pairs.iter().all(is_run) {
                return Err(Error::failed("ClipDetection: 'runs' must hold a length and a magnitude for each channel"));
            }
            self.runs =
                pairs.iter().map(|[length, peak]| Run { length: *length as usize, peak: *peak as f32 }).collect();
        }
        Ok(())
    }
}

impl Define for ClipDetection {
    type Params = ClipDetectionParams;
    const TYPES: &'static [&'static str] = &["clipDetection"];
    const METHOD: &'static str = "ClipDetection";
    const EVENTS: &'static [&'static EventKind] = &[&CLIP];
    const DOC: &'static str = "1 where `|x| ≥ threshold`, else 0.";

    fn new(params: &ClipDetectionParams) -> Result<Self> {
        Ok(Self { threshold: to_f32(params.threshold), runs: vec![] })
    }

    fn label(&self, params: &ClipDetectionParams) -> String {
        format!("clipDetection:{}", js_number(params.threshold))
    }
}

impl Stage for ClipDetection {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if !block.wants_events() {
            // Of runs that nobody sees, none can be told later.
            self.runs.clear();
            block.each_run(|samples| clipped(samples, self.threshold));
            return Ok(());
        }
        if self.runs.len() != block.channels() && !block.is_empty() {
            self.runs = filled(Run::default(), block.channels())?;
        }
        if !block.is_empty() {
            self.process_runs(block);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.runs.clear();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.threshold = archive.f32("threshold", self.threshold)?;
        ClipDetectionParams { threshold: f64::from(self.threshold) }.check(Self::LABEL)?;
        self.runs_state(archive)
    }

    /// Returns 1 while a run is open: one sample of silence ends it; that sample does not belong to the stream.
    fn tail(&self, _: u64) -> usize {
        usize::from(self.has_open_run())
    }

    fn tail_outputs(&self) -> Option<usize> {
        Some(0)
    }

    fn channels(&self) -> usize {
        self.runs.len()
    }

    fn lookback(&self) -> usize {
        MAX_RUN
    }

    fn cost_hint(&self) -> f64 {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn the_threshold_itself_is_clipped_and_nan_is_not() {
        let mut stage = make::<ClipDetection>(&json!({ "threshold": 0.8 }));
        let x = [0.8, -0.8, 0.79, -1.0, f32::NAN, f32::NEG_INFINITY];
        assert_eq!(run(&mut stage, &x, 1), [1.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn the_threshold_must_be_positive() {
        let cases = [(json!({}), "undefined"), (json!({ "threshold": 0 }), "0"), (json!({ "threshold": "1" }), "1")];
        for (bad, got) in cases {
            let error = try_make::<ClipDetection>(&bad).unwrap_err();
            assert_eq!(error, Error::range(format!("ClipDetection: threshold must be > 0, got {got}")));
        }
    }

    #[test]
    fn a_threshold_too_small_for_float32_is_not_zero() {
        let mut stage = make::<ClipDetection>(&json!({ "threshold": 1e-60 }));
        assert_eq!(run(&mut stage, &[0.0, 1e-30], 1), [0.0, 1.0]);
    }
}
