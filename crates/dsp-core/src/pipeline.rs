//! A row of stages with their clock and their buffers.

use serde_json::{Value as Json, json};

use crate::block::{Block, MAX_CHANNELS, MAX_SAMPLES, Workspace};
use crate::design::options::Design;
use crate::error::{Error, Result};
use crate::params::UnknownKey;
use crate::stage::Stage;
use crate::stages::{self, Created};
use crate::state::checksum::JsonChecksum;
use crate::state::{self, json, toon};
use crate::value::Value;

/// The time of generated timestamps, continued from call to call.
///
/// It is kept as a count of frames since the rate last changed, so that cutting a stream into calls does not change a
/// bit of any frame's time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Clock {
    /// Time in ms at which `rate` began.
    origin: f64,
    /// Frames since then.
    frames: f64,
    /// Frames per second; 1000 (one a millisecond) where no rate is given.
    rate: f64,
}

const DEFAULT_RATE: f64 = 1000.0;

impl Clock {
    const START: Self = Self { origin: 0.0, frames: 0.0, rate: DEFAULT_RATE };

    fn now(&self) -> f64 {
        self.origin + self.frames * 1000.0 / self.rate
    }

    fn at_rate(self, rate: f64) -> Self {
        if rate == self.rate { self } else { Self { origin: self.now(), frames: 0.0, rate } }
    }

    fn from_parts(now: f64, parts: Option<[f64; 3]>) -> Result<Self> {
        let clock = match parts {
            Some([origin, frames, rate]) => Self { origin, frames, rate },
            None => Self { origin: now, ..Self::START },
        };
        let valid = clock.now().is_finite() && clock.frames >= 0.0 && clock.rate > 0.0;
        if valid { Ok(clock) } else { Err(Error::failed("the clock is not a finite number")) }
    }
}

/// Times of the samples of one call.
#[derive(Debug, Clone, Copy)]
pub enum Stamps<'a> {
    /// Generated from the pipeline's clock, at a rate in Hz or 1 ms apart.
    Generated(Option<f64>),
    /// One per sample, in milliseconds.
    Explicit(&'a [f64]),
    /// The same, given in single precision, which decides the grid of `TimeAlignment`.
    Single(&'a [f64]),
}

impl Stamps<'_> {
    /// The stamps of the first `count` samples.
    fn first(self, count: usize) -> Self {
        match self {
            Self::Generated(_) => self,
            Self::Explicit(times) => Self::Explicit(&times[..count]),
            Self::Single(times) => Self::Single(&times[..count]),
        }
    }

    /// How many there are, where they were given.
    fn len(&self) -> Option<usize> {
        match self {
            Self::Generated(_) => None,
            Self::Explicit(times) | Self::Single(times) => Some(times.len()),
        }
    }
}

/// What [`Pipeline::list`] says of one stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StageSummary {
    /// Its type in saved states.
    pub type_name: &'static str,
    /// Window length in samples, where it has one.
    pub window_size: Option<f64>,
    /// Channels it was last given.
    pub num_channels: Option<f64>,
    /// `"batch"`, `"moving"`, …
    pub mode: Option<String>,
    /// Samples in the window of the first channel.
    pub buffer_size: Option<usize>,
    /// Channels that it has state for.
    pub channel_count: Option<usize>,
}

/// What [`Pipeline::add`] says of the new stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its label in taps and callbacks.
    pub label: String,
    /// Text for the user's console.
    pub warnings: Vec<String>,
    /// Keys of the argument that are no parameters.
    pub unknown_keys: Vec<UnknownKey>,
}

type Stages = Vec<Box<dyn Stage>>;

/// Stages in order; each call of [`Pipeline::process`] sends a block through all of them.
#[derive(Default)]
pub struct Pipeline {
    stages: Stages,
    clock: Option<Clock>,
    /// None until the first call that brings none.
    work: Option<Box<Workspace>>,
    design: Design,
    nominal_rate: Option<f64>,
    output_channels: usize,
}

impl Pipeline {
    /// A pipeline without stages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of stages.
    pub fn len(&self) -> usize {
        self.stages.len()
    }

    /// Whether there are no stages.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Appends the stage of a fluent method; returns its label, warnings, and the keys that are no parameters.
    ///
    /// # Errors
    /// What the stage says of its parameters; nothing is added then.
    pub fn add(&mut self, method: &str, params: Value) -> Result<Added> {
        let def = stages::by_method(method)
            .ok_or_else(|| Error::type_error(format!("{method} is not the name of a stage")))?;
        let Created { stage, label, warnings, unknown_keys, .. } = (def.create)(params)?;
        self.stages.push(stage);
        Ok(Added { label, warnings, unknown_keys })
    }

    /// Whose numbers the filters have that are built from a state.
    pub fn set_design(&mut self, design: Design) {
        self.design = design;
    }

    /// The sample rate in Hz that calls with explicit timestamps are given besides; until it is set, none.
    pub fn set_nominal_rate(&mut self, rate: Option<f64>) {
        self.nominal_rate = rate;
    }

    /// Whether some stage must be given timestamps.
    pub fn needs_timestamps(&self) -> bool {
        self.stages.iter().any(|stage| stage.needs_timestamps())
    }

    /// Whether a call may end in an incomplete frame, which is left as it is: if all stages say so.
    pub fn takes_incomplete_frames(&self) -> bool {
        !self.stages.is_empty() && self.stages.iter().all(|stage| stage.takes_incomplete_frames())
    }

    /// Rough cost in nanoseconds per sample of all stages together.
    pub fn cost_hint(&self) -> f64 {
        self.stages.iter().map(|stage| stage.cost_hint()).sum()
    }

    /// Sends interleaved `input` through the stages, overwriting it with what came out of the last stage before the first
    /// one that changes the shape. Returns `None` if there is none of those, else the new samples.
    ///
    /// `tap(place, samples)` is called with the samples behind `place` stages, for every place in `taps` (ascending).
    ///
    /// # Errors
    /// What a stage says; the content of `input` is unspecified then.
    pub fn process(
        &mut self,
        input: &mut [f32],
        channels: usize,
        stamps: Stamps<'_>,
        taps: &[usize],
        tap: impl FnMut(usize, Vec<f32>),
    ) -> Result<Option<Vec<f32>>> {
        let mut work = self.work.take().unwrap_or_default();
        let result = self.process_in(&mut work, input, channels, stamps, taps, tap);
        self.work = Some(work);
        result
    }

    /// [`Self::process`] in buffers that many pipelines share, so that a pipeline that waits for its next call holds
    /// nothing but its state.
    ///
    /// # Errors
    /// Those of [`Self::process`].
    pub fn process_in(
        &mut self,
        work: &mut Workspace,
        input: &mut [f32],
        channels: usize,
        stamps: Stamps<'_>,
        taps: &[usize],
        mut tap: impl FnMut(usize, Vec<f32>),
    ) -> Result<Option<Vec<f32>>> {
        let whole = channels != 0 && input.len().is_multiple_of(channels);
        if channels == 0 || !whole && !self.takes_incomplete_frames() {
            return Err(Error::range("the number of samples must be a multiple of channels"));
        }
        if input.len() > MAX_SAMPLES || channels > MAX_CHANNELS {
            return Err(Error::range(format!(
                "one call takes at most {MAX_SAMPLES} samples and {MAX_CHANNELS} channels"
            )));
        }
        if stamps.len().is_some_and(|n| n != input.len()) {
            return Err(Error::failed("there must be one timestamp per sample"));
        }
        let frames = input.len() / channels;
        let input = &mut input[..frames * channels];
        let stamps = stamps.first(input.len());
        let mut clock = self.clock.unwrap_or(Clock::START);
        let mut block = match stamps {
            Stamps::Generated(rate) => {
                clock = clock.at_rate(rate.unwrap_or(DEFAULT_RATE));
                Block::regular(input, channels, work, clock.origin, clock.frames, clock.rate)
            }
            Stamps::Explicit(times) => Block::stamped(input, channels, work, times),
            Stamps::Single(times) => Block::stamped_single(input, channels, work, times),
        };
        block = block.with_rate(if let Stamps::Generated(rate) = stamps { rate } else { self.nominal_rate });
        let mut places = taps.iter().copied().peekable();
        for (place, stage) in self.stages.iter_mut().enumerate() {
            if places.next_if_eq(&place).is_some() {
                tap(place, block.snapshot());
            }
            stage.process(&mut block)?;
        }
        self.output_channels = block.channels();
        let output = block.finish();
        if matches!(stamps, Stamps::Generated(_)) {
            clock.frames += frames as f64;
            self.clock = Some(clock);
        }
        Ok(output)
    }

    /// Channels of what the last [`Self::process`] gave.
    pub fn output_channels(&self) -> usize {
        self.output_channels
    }

    /// A pipeline of the same stages with the same parameters, in the state of a new one.
    pub fn fresh_copy(&self) -> Self {
        let stages = self.stages.iter().map(|stage| stage.clone_box()).collect();
        let mut copy = Self { stages, design: self.design, nominal_rate: self.nominal_rate, ..Self::default() };
        copy.clear();
        copy
    }

    /// Text that is the same for pipelines of the same stages with the same parameters, whatever their states.
    ///
    /// # Errors
    /// What a stage says.
    pub fn definition(&self) -> Result<String> {
        self.fresh_copy().save_json(0.0)
    }

    /// Resets all stages and the clock.
    pub fn clear(&mut self) {
        self.stages.iter_mut().for_each(|stage| stage.reset());
        self.clock = None;
    }

    fn clock(&self) -> Clock {
        self.clock.unwrap_or(Clock::START)
    }

    /// The state as JSON text; `timestamp` in seconds since 1970.
    ///
    /// # Errors
    /// What a stage says.
    pub fn save_json(&mut self, timestamp: f64) -> Result<String> {
        let mut stages = Vec::with_capacity(self.stages.len());
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let mut entry = json!({ "index": index, "type": stage.saved_type() });
            // Put in, not named in the macro above, which would copy it.
            entry["state"] = stage.save()?;
            stages.push(entry);
        }
        let clock = self.clock();
        let mut document = json!({
            "timestamp": timestamp.floor() as i64,
            "stageCount": stages.len(),
            "version": state::VERSION,
            "clock": json::num(clock.now()),
            "clockParts": json::nums([clock.origin, clock.frames, clock.rate]),
        });
        document["stages"] = Json::Array(stages);
        document["checksum"] = Json::from(checksum(&document));
        serde_json::to_string(&document).map_err(|e| Error::failed(e.to_string()))
    }

    /// Takes over a JSON state: stages of the pipeline whose type fits take theirs, others are built and put before those
    /// that stay. All or nothing. Returns warnings for the user's console.
    ///
    /// # Errors
    /// With the texts of `pipeline.md` 7.4: `Failed to load state: …`, `Invalid state: missing 'stages' field`.
    pub fn load_json(&mut self, text: &str) -> Result<Vec<String>> {
        let failed = |e: String| Error::failed(format!("Failed to load state: {e}"));
        let document: Json = serde_json::from_str(text).map_err(|e| failed(e.to_string()))?;
        if document.is_null() {
            return Err(failed("the state is null".into()));
        }
        let entries = document.get("stages").ok_or_else(|| Error::failed("Invalid state: missing 'stages' field"))?;
        let entries = entries.as_array().ok_or_else(|| failed("'stages' must be an array".into()))?;
        let (stages, warnings) = self.merge(entries).map_err(|e| failed(e.to_string()))?;
        let clock = read_clock(&document).map_err(|e| failed(e.to_string()))?;
        check_document(&document).map_err(|e| failed(e.to_string()))?;
        self.stages = stages;
        self.clock = Some(clock);
        Ok(warnings)
    }

    fn merge(&self, entries: &[Json]) -> Result<(Stages, Vec<String>)> {
        let mut current = self.stages.iter().peekable();
        let mut stages = Vec::with_capacity(self.stages.len().max(entries.len()));
        let mut warnings = vec![];
        for entry in entries {
            let (Some(type_name), Some(state)) = (entry.get("type").and_then(Json::as_str), entry.get("state")) else {
                continue;
            };
            let matching = current.next_if(|stage| stage.saved_type() == type_name);
            let mut stage = match matching.map_or_else(|| build(type_name, state), |stage| Ok(stage.clone_box())) {
                Ok(stage) => stage,
                Err(reason) => {
                    warnings.push(format!("Cannot build stage '{type_name}' of the saved state: {reason}"));
                    continue;
                }
            };
            stage.load(state)?;
            warnings.extend(stage.take_warning());
            if matching.is_none() {
                stage.set_design(self.design);
            }
            stages.push(stage);
        }
        stages.extend(current.map(|stage| stage.clone_box()));
        Ok((stages, warnings))
    }

    /// The state as TOON bytes; `timestamp` in seconds since 1970.
    ///
    /// # Errors
    /// `TOON …` if a number does not fit its token; what a stage says.
    pub fn save_toon(&mut self, timestamp: f64) -> Result<Vec<u8>> {
        let mut out = toon::Writer::default();
        let clock = self.clock();
        [clock.origin, clock.frames, clock.rate].into_iter().for_each(|x| out.exact(x));
        out.object();
        out.str("timestamp");
        out.f64(timestamp);
        out.str("stageCount");
        out.int(self.stages.len())?;
        out.str("stages");
        out.array();
        for stage in &mut self.stages {
            out.object();
            out.str("type");
            out.str(stage.saved_type());
            out.str("state");
            stage.save_toon(&mut out)?;
            out.end_object();
        }
        out.end_array();
        out.end_object();
        Ok(out.finish())
    }

    /// Takes over a TOON state of the same stages. All or nothing. Returns warnings for the user's console.
    ///
    /// # Errors
    /// `TOON Load failed: …`.
    pub fn load_toon(&mut self, bytes: &[u8]) -> Result<Vec<String>> {
        let (mut stages, clock) = self.read_toon(bytes).map_err(|e| Error::failed(format!("TOON Load failed: {e}")))?;
        let warnings = stages.iter_mut().filter_map(|stage| stage.take_warning()).collect();
        self.stages = stages;
        self.clock = Some(clock);
        Ok(warnings)
    }

    fn read_toon(&self, bytes: &[u8]) -> Result<(Stages, Clock)> {
        let mut input = toon::Reader::new(bytes);
        let parts = match [input.exact()?, input.exact()?, input.exact()?] {
            [Some(origin), Some(frames), Some(rate)] => Some([origin, frames, rate]),
            _ => None,
        };
        input.object()?;
        input.str()?;
        input.f64()?;
        input.str()?;
        let count = input.count()?;
        if count != self.stages.len() {
            let ours = self.stages.len();
            return Err(Error::failed(format!("Stage count mismatch: the state has {count}, the pipeline {ours}")));
        }
        input.str()?;
        input.array()?;
        let mut stages = Vec::with_capacity(count);
        for (index, current) in self.stages.iter().enumerate() {
            input.object()?;
            input.str()?;
            let found = input.str()?;
            let expected = current.saved_type();
            if found != expected {
                let text = format!("Stage type mismatch at index {index}: expected '{expected}', found '{found}'");
                return Err(Error::failed(text));
            }
            input.str()?;
            let mut stage = current.clone_box();
            stage.load_toon(&mut input)?;
            input.end_object()?;
            stages.push(stage);
        }
        if input.more()? {
            return Err(Error::failed("more stages than the stage count says"));
        }
        input.end_object()?;
        input.finish()?;
        Ok((stages, Clock::from_parts(0.0, parts)?))
    }

    /// What the stages hold, without samples.
    ///
    /// # Errors
    /// What a stage says.
    pub fn list(&mut self) -> Result<Vec<StageSummary>> {
        self.stages.iter_mut().map(|stage| Ok(summarise(stage.saved_type(), &stage.save()?))).collect()
    }
}

fn build(type_name: &str, state: &Json) -> Result<Box<dyn Stage>> {
    let def = stages::by_type(type_name).ok_or_else(|| Error::failed("unknown stage type"))?;
    (def.rebuild)(type_name, state)
}

/// The checksum of what a load uses: version, clock, and type and state of every stage.
fn checksum(document: &Json) -> String {
    let mut sum = JsonChecksum::default();
    for key in ["version", "clock", "clockParts"] {
        sum.add(&document[key]);
    }
    for entry in document["stages"].as_array().into_iter().flatten() {
        sum.add(&entry["type"]).add(&entry["state"]);
    }
    sum.finish()
}

fn check_document(document: &Json) -> Result<()> {
    let version = document.get("version").and_then(Json::as_f64).unwrap_or(0.0);
    if version > f64::from(state::VERSION) {
        let ours = state::VERSION;
        return Err(Error::failed(format!("the state has version {version}, this package reads up to {ours}")));
    }
    match document.get("checksum") {
        Some(stored) if stored.as_str() != Some(&checksum(document)) => {
            Err(Error::failed("the checksum does not fit: the state is damaged"))
        }
        _ => Ok(()),
    }
}

fn read_clock(document: &Json) -> Result<Clock> {
    let now = json::number_or(document, "clock", 0.0)?;
    let parts = document.get("clockParts").is_some().then(|| json::numbers(document, "clockParts")).transpose()?;
    Clock::from_parts(now, parts.and_then(|p| p.try_into().ok()))
}

fn summarise(type_name: &'static str, state: &Json) -> StageSummary {
    let number = |key: &str| state.get(key).and_then(json::as_num);
    let channels = state.get("channels").and_then(Json::as_array);
    let first = channels.and_then(|c| c.first());
    StageSummary {
        type_name,
        window_size: number("windowSize"),
        num_channels: number("numChannels"),
        mode: state.get("mode").and_then(Json::as_str).map(str::to_owned),
        buffer_size: first.and_then(|c| c.get("buffer")).and_then(Json::as_array).map(Vec::len),
        channel_count: channels.map(Vec::len),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(json: Json) -> Value {
        Value::from(&json)
    }

    fn run(pipeline: &mut Pipeline, mut input: Vec<f32>) -> Vec<f32> {
        let output = pipeline.process(&mut input, 1, Stamps::Generated(None), &[], |_, _| {}).unwrap();
        output.unwrap_or(input)
    }

    fn average() -> Pipeline {
        let mut pipeline = Pipeline::new();
        pipeline.add("MovingAverage", params(json!({ "mode": "moving", "windowSize": 3 }))).unwrap();
        pipeline
    }

    #[test]
    fn stages_run_in_order_and_taps_see_their_place() {
        let mut pipeline = Pipeline::new();
        pipeline.add("Rectify", Value::Undefined).unwrap();
        pipeline.add("MovingAverage", params(json!({ "mode": "moving", "windowSize": 2 }))).unwrap();
        let mut seen = vec![];
        let mut input = [-1.0, 2.0, -3.0];
        pipeline.process(&mut input, 1, Stamps::Generated(None), &[0, 1], |p, s| seen.push((p, s))).unwrap();
        assert_eq!(seen, [(0, vec![-1.0, 2.0, -3.0]), (1, vec![1.0, 2.0, 3.0])]);
        assert_eq!(input, [1.0, 1.5, 2.5]);
    }

    #[test]
    fn both_formats_resume_exactly() {
        let mut whole = average();
        run(&mut whole, vec![1.0, 2.0, 4.0, 0.3]);
        let (json, toon) = (whole.save_json(0.0).unwrap(), whole.save_toon(0.0).unwrap());
        let expected = run(&mut whole, vec![0.1, 0.7]);
        let mut from_json = Pipeline::new();
        assert_eq!(from_json.load_json(&json), Ok(vec![]));
        assert_eq!(run(&mut from_json, vec![0.1, 0.7]), expected);
        let mut from_toon = average();
        from_toon.load_toon(&toon).unwrap();
        assert_eq!(run(&mut from_toon, vec![0.1, 0.7]), expected);
    }

    #[test]
    fn a_refused_state_changes_nothing() {
        let mut pipeline = average();
        run(&mut pipeline, vec![1.0, 2.0]);
        let before = pipeline.save_json(0.0).unwrap();
        let damaged = before.replace("\"buffer\":[1,2]", "\"buffer\":[2,1]");
        assert_ne!(damaged, before);
        assert!(pipeline.load_json(&damaged).unwrap_err().to_string().contains("checksum"));
        for bad in ["", "null", "{\"stages\":5}", "{\"stages\":[{\"type\":\"movingAverage\",\"state\":{}}]}"] {
            assert!(pipeline.load_json(bad).is_err(), "{bad}");
        }
        assert_eq!(pipeline.save_json(0.0).unwrap(), before);
    }

    #[test]
    fn cutting_a_stream_does_not_move_its_clock() {
        let mut clock = Clock::START.at_rate(44_100.0);
        let mut cut = clock;
        clock.frames += 1e7;
        (0..1000).for_each(|_| cut.frames += 1e4);
        assert_eq!(clock.now().to_bits(), cut.now().to_bits());
    }

    #[test]
    fn an_unknown_stage_in_a_state_is_a_warning() {
        let mut pipeline = average();
        let warnings = pipeline.load_json("{\"stages\":[{\"type\":\"nonsense\",\"state\":{}}]}").unwrap();
        assert_eq!(warnings.len(), 1);
        assert_eq!(pipeline.len(), 1);
    }
}
