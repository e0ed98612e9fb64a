//! Time alignment: irregularly sampled frames on a regular grid.
//!
//! Output frame i lies at `t[0] + i · 1000/targetSampleRate` ms, t[0] the stream's first stamp. It is output as soon as
//! the frames that its value depends on have arrived; the remaining frames, up to the first grid point at or beyond the
//! last stamp, come at the end of the stream. Values are interpolated by a line, a cubic or a sinc; inside a gap, an
//! interval longer than `gapThreshold` times the expected one, `gapPolicy` applies. The expected interval is that of
//! the target rate, unless `driftCompensation` estimates the input's. A frame whose stamp is before that of its
//! predecessor is dropped, and reported by an event. Later stages see the grid's times. See
//! [`grid`](crate::signal::resample::grid).
//!
//! With `grid: "call"`, as in dspx, each call stands alone, with a grid of its own in single precision, and Catmull–Rom
//! splines that ignore the spacing. See [`alignment`](crate::signal::resample::alignment).

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind};
use crate::engine::reshape::Reshape;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::limits::ensure_memory;
use crate::signal::resample::alignment::{Alignment, Drift, GapPolicy, Method, Settings};
use crate::signal::resample::grid::Aligner;
use crate::state::archive::Archive;
use crate::text::{Texts, js_number};

crate::texts! {
    /// The output inside gaps, as [`GapPolicy`] describes it.
    pub enum GapFill {
        /// An error: the call fails.
        Error = "error",
        /// Zeros.
        ZeroFill = "zero-fill",
        /// The last frame before the gap.
        Hold = "hold",
        /// The straight line across the gap.
        Interpolate = "interpolate",
        /// The straight line through the last two frames before the gap.
        Extrapolate = "extrapolate",
        /// Zeros, in the spelling of the original's types.
        ZeroFillCamel = "zeroFill",
    }
}

impl GapFill {
    fn policy(self) -> GapPolicy {
        match self {
            Self::Error => GapPolicy::Error,
            Self::ZeroFill | Self::ZeroFillCamel => GapPolicy::ZeroFill,
            Self::Hold => GapPolicy::Hold,
            Self::Interpolate => GapPolicy::Interpolate,
            Self::Extrapolate => GapPolicy::Extrapolate,
        }
    }
}

crate::texts! {
    /// The extent of one grid.
    pub enum Grid {
        /// The whole stream, however it is cut.
        Stream = "stream",
        /// One call, from its own first stamp on.
        Call = "call",
    }
}

/// Default of the longest interval between two stamps in milliseconds: one hour, in which a grid of 1 kHz has 3.6
/// million points.
const MAX_GAP: f64 = 3_600_000.0;

/// Largest number of samples that one call may output: a quarter of a gigabyte, which takes seconds.
const MAX_OUTPUT: usize = 1 << 26;

crate::params! {
    /// Parameters of `TimeAlignment`.
    pub struct TimeAlignmentParams {
        /// Rate of the grid in Hz.
        pub target_sample_rate: f64 = number().above(0.0).try_with(&[100.0, 250.0]),
        /// An interval longer than this times the expected one is a gap.
        pub gap_threshold: f64 = number().at_least(1.0).rule(">= 1.0").or(2.0).try_with(&[2.0, 3.5]),
        /// Interpolation between two frames.
        pub interpolation_method: Method = one_of(Method::TEXTS).or_first(),
        /// Output inside a gap; with `"error"` the call fails.
        pub gap_policy: GapFill = one_of(GapFill::TEXTS).or_text("interpolate"),
        /// Estimate of the input's rate, and so of the expected interval. `"none"`: that of the target.
        pub drift_compensation: Drift = one_of(Drift::TEXTS).or_first(),
        /// Extent of one grid: the whole stream, however it is cut, or as in dspx each call.
        pub grid: Grid = one_of(Grid::TEXTS).or_first(),
        /// Longest step between two timestamps of a stream in milliseconds, forwards or backwards; a longer one is an
        /// error.
        pub max_gap: f64 = number().above(0.0).or(MAX_GAP).try_with(&[MAX_GAP, 7_200_000.0]),
    }
}

/// The settings of the alignment, and the state of the stream.
#[derive(Debug, Clone)]
pub struct TimeAlignment {
    settings: Settings,
    grid: Grid,
    aligner: Aligner,
    /// Whether the caller gives the times.
    has_stamps: bool,
    /// Whether the next block is the tail.
    has_ended: bool,
    /// The stamps of a call with a grid of its own.
    stamps: Vec<f32>,
}

/// A dropped frame.
static OUT_OF_ORDER: EventKind = EventKind {
    name: "outOfOrder",
    doc: "A frame whose timestamp is before that of an earlier one, so that it is left out; once for all channels.",
    fields: &[EventField { name: "behind", doc: "By how many milliseconds it is before the latest timestamp so far." }],
    data: None,
};

/// The policies in the order of their numbers in saved states.
const POLICIES: &[GapPolicy] =
    &[GapPolicy::Error, GapPolicy::ZeroFill, GapPolicy::Hold, GapPolicy::Interpolate, GapPolicy::Extrapolate];

/// Target rates whose interval single precision represents with a margin.
const RATES: std::ops::RangeInclusive<f64> = 1e-30..=1e30;

fn check_rate(rate: f64) -> Result<f32> {
    if RATES.contains(&rate) {
        return Ok(rate as f32);
    }
    let (method, rate) = (TimeAlignment::METHOD, js_number(rate));
    Err(Error::range(format!("{method}: targetSampleRate must be between 1e-30 and 1e+30, got {rate}")))
}

/// Walks a choice as its index.
fn numbered<T: Copy + PartialEq>(archive: &mut Archive<'_>, key: &str, choice: T, choices: &[T]) -> Result<T> {
    let ours = choices.iter().position(|other| *other == choice).unwrap_or(0);
    let number = archive.count(key, ours)?;
    choices.get(number).copied().ok_or_else(|| Error::failed(format!("'{key}' has the unknown value {number}")))
}

impl Define for TimeAlignment {
    type Params = TimeAlignmentParams;
    const TYPES: &'static [&'static str] = &["timeAlignment"];
    const METHOD: &'static str = "TimeAlignment";
    const DOC: &'static str = "Puts irregularly sampled frames on a regular grid that begins at the stream's first \
        timestamp. `process` must be\ngiven timestamps; `finish` gives what is left at the end. Frames whose clock was set back are left out, \
        with an event\n`outOfOrder` for each.\n@throws RangeError if the rate is below 1e-30 or above 1e30; from `process`, at a step of more than \
        `maxGap`, and\n  at times in a Float32Array that cannot tell the grid's points apart";
    const EVENTS: &'static [&'static EventKind] = &[&OUT_OF_ORDER];

    fn new(params: &TimeAlignmentParams) -> Result<Self> {
        let settings = Settings {
            rate: check_rate(params.target_sample_rate)?,
            method: params.interpolation_method,
            policy: params.gap_policy.policy(),
            // Finite in single precision too, so that it can be saved and loaded.
            threshold: params.gap_threshold.min(f32::MAX.into()) as f32,
            drift: params.drift_compensation,
        };
        let aligner = Aligner::new(settings, params.target_sample_rate, params.max_gap);
        Ok(Self { settings, grid: params.grid, aligner, has_stamps: false, has_ended: false, stamps: vec![] })
    }

    fn label(&self, params: &TimeAlignmentParams) -> String {
        let (method, policy) = (params.interpolation_method.text(), params.gap_policy.text());
        format!("timeAlignment:{}Hz:{method}:{policy}", js_number(params.target_sample_rate))
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let mut stage = Self::new(&TimeAlignmentParams {
            target_sample_rate: 1.0,
            gap_threshold: 2.0,
            interpolation_method: Method::Linear,
            gap_policy: GapFill::Interpolate,
            drift_compensation: Drift::None,
            // That of states that do not say.
            grid: Grid::Call,
            max_gap: MAX_GAP,
        })?;
        stage.load(state)?;
        Ok(stage)
    }

    fn traits(params: &TimeAlignmentParams) -> Traits {
        if params.grid == Grid::Call { Traits::BATCH } else { Traits::STREAM }
    }
}

impl TimeAlignment {
    /// Processes a block on the grid of the stream.
    fn process_stream(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (channels, frames) = (block.channels(), block.frames());
        let is_tail = std::mem::take(&mut self.has_ended);
        let limit = MAX_OUTPUT / channels.max(1);
        let (times, interval) = (block.times(), block.interval());
        let count = if is_tail {
            self.aligner.finish(limit)?
        } else if times.is_regular() && self.has_stamps {
            // The tail of an earlier stage, which has no stamps.
            let first = self.aligner.expected(1).unwrap_or(0.0);
            let step =
                interval.map_or_else(|| self.aligner.expected(2).unwrap_or(0.0) - first, |seconds| 1000.0 * seconds);
            self.aligner.advance(channels, frames, false, limit, |k| first + k as f64 * step)?
        } else {
            let count = self.aligner.advance(channels, frames, times.is_single(), limit, |k| times.at(0, k))?;
            self.has_stamps |= !times.is_regular() && frames > 0;
            count
        };
        let aligner = &mut self.aligner;
        let result = block.reshape_with_events(Reshape::to(channels, count), |from, to, times, events| {
            for (c, row) in to.rows().enumerate().take(aligner.channels()) {
                aligner.align(c, if is_tail { &[] } else { from.channel(c) }, row);
            }
            if let Some(events) = events {
                let late = aligner.late().iter();
                late.for_each(|&(k, behind)| events.emit(times, &OUT_OF_ORDER, 0, k as i64, k, &[behind]));
            }
            Ok(())
        });
        if result.is_err() {
            // Samples are missing that belong to the times.
            aligner.reset();
            return result;
        }
        block.set_times(aligner.times());
        aligner.trim();
        Ok(())
    }

    /// Processes a block on a grid of its own.
    fn process_call(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (channels, frames) = (block.channels(), block.frames());
        if frames == 0 {
            return block.reshape(Reshape::to(channels, 0), |_, _, _| Ok(()));
        }
        let times = block.times();
        // Single precision cannot tell milliseconds since 1970 apart: other stamps count from the first of the call.
        let origin = if times.is_single() { 0.0 } else { times.at(0, 0) };
        self.stamps.clear();
        self.stamps.extend((0..frames).map(|k| (times.at(0, k) - origin) as f32));
        let alignment = Alignment::new(self.settings, &self.stamps)?;
        let count = alignment.frames();
        if count * channels as f64 > MAX_OUTPUT as f64 {
            return Err(Error::range(format!("TimeAlignmentStage: {} output frames are too many", js_number(count))));
        }
        let count = count as usize;
        // Their times, and those of the frames before.
        ensure_memory(count, 2 * size_of::<f64>())?;
        alignment.check_gaps(count)?;
        block.reshape(Reshape::to(channels, count), |from, to, _| {
            to.rows().enumerate().for_each(|(c, row)| alignment.align(from.channel(c), row));
            Ok(())
        })?;
        block.set_times((0..count).map(|i| origin + f64::from(alignment.time(i))));
        Ok(())
    }

    /// Walks the grid of a stream with its state. A state without one, as dspx writes it, leaves the stage its kind of
    /// grid.
    fn stream_state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let is_stream = self.grid == Grid::Stream;
        let mut parts = vec![self.aligner.rate(), self.aligner.longest()];
        let stream = self.aligner.save();
        if !stream.is_empty() {
            parts.push(f64::from(u8::from(self.has_stamps)));
            parts.extend(stream);
        }
        let read = if archive.is_json() {
            if archive.optional("grid", is_stream) {
                self.grid = archive.named("grid", self.grid, "grid")?;
                archive.doubles("stream", &parts)?
            } else {
                None
            }
        } else if archive.is_loading() {
            let read = archive.exact_tail([])?;
            self.grid = if read.is_some() { Grid::Stream } else { self.grid };
            read
        } else {
            if is_stream {
                archive.exact_tail(parts)?;
            }
            return Ok(());
        };
        if !archive.is_loading() {
            return Ok(());
        }
        let (rate, longest) = (f64::from(self.settings.rate), self.aligner.longest());
        let read = read.unwrap_or_else(|| vec![rate, longest]);
        let [rate, longest, stream @ ..] = read.as_slice() else {
            return Err(Error::failed("'stream' must hold at least 2 numbers"));
        };
        if check_rate(*rate)? != self.settings.rate || longest.is_nan() || *longest <= 0.0 {
            return Err(Error::failed("'stream' has another rate than 'targetSampleRate', or no maxGap"));
        }
        self.aligner = Aligner::new(self.settings, *rate, *longest);
        self.has_stamps = stream.first().is_some_and(|flag| *flag != 0.0);
        self.aligner.load(stream.get(1..).unwrap_or(&[]))
    }
}

impl Stage for TimeAlignment {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        match self.grid {
            Grid::Stream => self.process_stream(block),
            Grid::Call => self.process_call(block),
        }
    }

    fn reset(&mut self) {
        self.aligner.reset();
        (self.has_stamps, self.has_ended) = (false, false);
    }

    fn end(&mut self) {
        self.has_ended = true;
    }

    fn tail(&self, _: u64) -> usize {
        usize::from(self.grid == Grid::Stream && self.aligner.left() > 0)
    }

    fn channels(&self) -> usize {
        self.aligner.channels()
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let ours = self.settings;
        let rate = archive.f32("targetSampleRate", ours.rate)?;
        let method = numbered(archive, "interpMethod", ours.method, Method::MEMBERS)?;
        let policy = numbered(archive, "gapPolicy", ours.policy, POLICIES)?;
        let threshold = archive.f32("gapThreshold", ours.threshold)?;
        let drift = numbered(archive, "driftComp", ours.drift, Drift::MEMBERS)?;
        if !(1.0..=f32::MAX).contains(&threshold) {
            return Err(Error::failed("'gapThreshold' must be at least 1"));
        }
        self.settings = Settings { rate: check_rate(rate.into())?, method, policy, threshold, drift };
        self.stream_state(archive)
    }

    fn needs_timestamps(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        if self.settings.method == Method::Sinc { 150.0 } else { 10.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::workspace::Workspace;
    use crate::error::ErrorKind;
    use crate::params::value::Value;
    use crate::pipeline::{Pipeline, Stamps};
    use crate::stages::testing::try_make;
    use serde_json::json;

    fn stage(json: Json) -> Result<TimeAlignment> {
        try_make(&json)
    }

    fn run(stage: &mut TimeAlignment, samples: &[f32], stamps: &[f64]) -> Result<(Vec<f32>, Vec<f64>)> {
        let (mut input, mut work) = (samples.to_vec(), Workspace::default());
        let mut block =
            Block::stamped(&mut input, samples.len() / stamps.len().max(1), &mut work, &repeat(samples, stamps));
        stage.process(&mut block)?;
        let times = (0..block.frames()).map(|k| block.times().at(0, k)).collect();
        Ok((block.snapshot()?, times))
    }

    /// Returns one stamp per sample.
    fn repeat(samples: &[f32], stamps: &[f64]) -> Vec<f64> {
        let channels = samples.len() / stamps.len().max(1);
        stamps.iter().flat_map(|t| std::iter::repeat_n(*t, channels)).collect()
    }

    #[test]
    fn milliseconds_since_1970_keep_their_precision() {
        let mut stage = stage(json!({ "targetSampleRate": 100 })).unwrap();
        let t0 = 1.7e12;
        let (y, t) = run(&mut stage, &[0.0, 10.0, 5.0, 15.0, 20.0, 30.0], &[t0, t0 + 5.0, t0 + 20.0]).unwrap();
        assert_eq!(t, [t0, t0 + 10.0, t0 + 20.0]);
        // Two channels; t = 10 is a third of the way from 5 to 20.
        assert_eq!(y, [0.0, 10.0, 10.0, 20.0, 20.0, 30.0]);
    }

    /// Returns the pipeline's calls of `frames`, and its end: samples, and the events as places with how far they are
    /// behind.
    fn stream(params: &Json, samples: &[f32], stamps: &[f64], frames: usize) -> (Vec<f32>, Vec<(u64, f64)>) {
        let mut pipeline = Pipeline::new();
        pipeline.add("TimeAlignment", Value::from(params)).unwrap();
        let (mut output, mut events) = (vec![], vec![]);
        for (samples, stamps) in samples.chunks(frames).zip(stamps.chunks(frames)) {
            pipeline.collect_events();
            let mut input = samples.to_vec();
            let got = pipeline.process(&mut input, 1, Stamps::Explicit(stamps), &[], |_, _| {}).unwrap();
            output.extend(got.unwrap_or(input));
            let found = pipeline.take_events().unwrap();
            events.extend(found.list().iter().map(|event| (event.sample, event.fields()[0])));
        }
        output.extend(pipeline.finish(None).unwrap());
        (output, events)
    }

    #[test]
    fn a_stream_has_one_grid_and_tells_of_frames_that_are_left_out() {
        let stamps = [0.0, 10.0, 20.0, 30.0, 5.0, 15.0, 25.0, 40.0, 55.0];
        let samples = [0.0, 1.0, 2.0, 3.0, -1.0, -1.0, -1.0, 4.0, 5.5];
        for method in ["linear", "cubic"] {
            for frames in [1, 2, 5, 9] {
                let params = json!({ "targetSampleRate": 100, "interpolationMethod": method });
                let (output, events) = stream(&params, &samples, &stamps, frames);
                assert_eq!(output, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5], "{method}");
                assert_eq!(events, [(4, 25.0), (5, 15.0), (6, 5.0)]);
            }
        }
    }

    #[test]
    fn single_precision_that_cannot_tell_the_grid_apart_is_refused() {
        let mut stage = stage(json!({ "targetSampleRate": 100 })).unwrap();
        let (mut input, mut work) = ([1.0; 2], Workspace::default());
        let mut block = Block::stamped_single(&mut input, 1, &mut work, &[1.7e12, 1.7e12]);
        let error = stage.process(&mut block).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Range);
        assert!(error.to_string().contains("Float32Array"), "{error}");
    }

    #[test]
    fn too_much_output_is_a_range_error() {
        let mut stage = stage(json!({ "targetSampleRate": 1e7 })).unwrap();
        let error = run(&mut stage, &[1.0, 2.0], &[0.0, 1e9]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Range);
        assert!(run(&mut stage, &[1.0, 2.0], &[0.0, 1e300]).is_err());
        assert_eq!(run(&mut stage, &[1.0, 2.0], &[3.0, 3.0]).unwrap().0, [1.0]);
    }

    #[test]
    fn a_threshold_beyond_single_precision_survives_a_save() {
        let params = json!({ "targetSampleRate": 10, "gapThreshold": 1e300 });
        let state = stage(params).expect("is valid").save().expect("saves");
        assert!(TimeAlignment::from_state("timeAlignment", &state, Design::Standard).is_ok());
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |json| stage(json).unwrap_err();
        let text = "TimeAlignment: targetSampleRate must be positive, got undefined";
        assert_eq!(refused(json!({})), Error::type_error(text));
        let text = "TimeAlignment: gapThreshold must be >= 1.0, got 0.5";
        assert_eq!(refused(json!({ "targetSampleRate": 10, "gapThreshold": 0.5 })), Error::type_error(text));
        assert!(
            refused(json!({ "targetSampleRate": 10, "gapPolicy": "HOLD" })).to_string().contains("gapPolicy must be")
        );
        assert_eq!(refused(json!({ "targetSampleRate": 1e300 })).kind(), ErrorKind::Range);
    }

    #[test]
    fn a_state_replaces_the_settings_or_is_refused_whole() {
        let saved = stage(json!({
            "targetSampleRate": 12.5, "interpolationMethod": "sinc", "gapPolicy": "zeroFill", "driftCompensation": "pll",
        }))
        .unwrap()
        .save()
        .unwrap();
        assert_eq!(saved["gapPolicy"], 1);
        let mut other = stage(json!({ "targetSampleRate": 1 })).unwrap();
        other.load(&saved).unwrap();
        assert_eq!(other.save().unwrap(), saved);
        for (key, bad) in [
            ("gapPolicy", json!(5)),
            ("interpMethod", json!(3)),
            ("gapThreshold", json!(0)),
            ("targetSampleRate", json!(-1)),
            ("driftComp", json!("pll")),
        ] {
            let mut state = saved.clone();
            state[key] = bad;
            assert!(other.load(&state).is_err(), "{key}");
            assert_eq!(other.save().unwrap(), saved);
        }
    }
}
