//! A sequence of stages with their clock and their buffers.

pub mod branch;
mod clock;
mod end;
mod parameters;
mod recipe;
mod slot;
mod states;
mod toon;

use self::clock::{Clock, DEFAULT_RATE};
use self::slot::Slot;
use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::events::{EventKind, Events};
use crate::engine::formats;
use crate::engine::formats::{Encoded, Output};
use crate::engine::stage::{Define, Stage};
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, MAX_SAMPLES};
use crate::params::value::Value;
use crate::params::{Parameters, UnknownKey};
use crate::stages;
use crate::stages::Created;

pub use clock::Stamps;
pub use end::Latency;
pub use slot::Definition;
pub use states::{LoadOptions, Loaded, Match};

/// What [`Pipeline::list`] says of one stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StageSummary {
    /// Type in saved states.
    pub type_name: &'static str,
    /// Window length in samples, if it has one.
    pub window_size: Option<f64>,
    /// Number of channels of its last input.
    pub num_channels: Option<f64>,
    /// Mode, such as `"batch"` or `"moving"`, if it has one.
    pub mode: Option<String>,
    /// Number of samples in the window of the first channel.
    pub buffer_size: Option<usize>,
    /// Number of channels that it has state for.
    pub channel_count: Option<usize>,
}

/// A description of the new stage, as [`Pipeline::add`] returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Label in taps and callbacks.
    pub label: String,
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// Keys of the argument that are not parameters.
    pub unknown_keys: Vec<UnknownKey>,
}

/// A sequence of stages; each call of [`Pipeline::process`] sends a block through all of them.
#[derive(Default)]
pub struct Pipeline {
    slots: Vec<Slot>,
    clock: Option<Clock>,
    /// Buffers of [`Self::process`]; `None` until its first call.
    work: Option<Box<Workspace>>,
    design: Design,
    nominal_rate: Option<f64>,
    output_channels: usize,
    /// Whether events have been requested; only then do states contain the position of each stage.
    has_events: bool,
    /// Number of samples returned with dither since the stream began; saved in states if it is not 0.
    dithered: u64,
}

impl Pipeline {
    /// Returns a pipeline without stages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of stages.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether there are no stages.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Appends the stage of a fluent method; returns its label, warnings, and the keys that are not parameters.
    ///
    /// # Errors
    /// `TypeError` if there is no such method; the error of the first wrong parameter, or of a stage that cannot stand
    /// there. Nothing is added then.
    pub fn add(&mut self, method: &str, params: Value) -> Result<Added> {
        let def = stages::by_method(method)
            .ok_or_else(|| Error::type_error(format!("{method} is not the name of a stage")))?;
        let Created { mut stage, label, warnings, unknown_keys, params, id } = (def.create)(params)?;
        if id.is_some() && self.slots.iter().any(|slot| slot.definition.id == id) {
            let id = id.unwrap_or_default();
            return Err(Error::range(format!("{method}: another stage of the pipeline has the id '{id}'")));
        }
        stage.stand_behind(&self.stages())?;
        self.slots.push(Slot::new(stage, Definition { method: def.method, params, id }));
        Ok(Added { label, warnings, unknown_keys })
    }

    /// Appends a stage made from typed parameters, which are checked like those of a fluent method.
    ///
    /// # Errors
    /// The error of the first parameter that is not as declared, or of parameters that contradict each other.
    pub fn push<S: Define>(&mut self, params: &S::Params) -> Result<&mut Self> {
        params.check(S::LABEL)?;
        let definition = Definition { method: S::METHOD, params: params.to_value(), id: None };
        let mut stage = S::new(params)?;
        stage.stand_behind(&self.stages())?;
        self.slots.push(Slot::new(Box::new(stage), definition));
        Ok(self)
    }

    fn stages(&self) -> Vec<&dyn Stage> {
        self.slots.iter().map(|slot| &*slot.stage).collect()
    }

    /// Sets the design of the filters that are built from a state: SciPy's or the original's numbers.
    pub fn set_design(&mut self, design: Design) {
        self.design = design;
    }

    /// Sets the sample rate in Hz that calls with explicit timestamps are given in addition; none by default.
    pub fn set_nominal_rate(&mut self, rate: Option<f64>) {
        self.nominal_rate = rate;
    }

    /// Returns whether some stage must be given timestamps.
    pub fn needs_timestamps(&self) -> bool {
        self.slots.iter().any(|slot| slot.stage.needs_timestamps())
    }

    /// Returns whether a call may end in an incomplete frame, which is left unchanged: whether all stages allow it.
    pub fn takes_incomplete_frames(&self) -> bool {
        !self.slots.is_empty() && self.slots.iter().all(|slot| slot.stage.takes_incomplete_frames())
    }

    /// Returns the rough cost of all stages together in nanoseconds per sample.
    pub fn cost_hint(&self) -> f64 {
        self.slots.iter().map(|slot| slot.stage.cost_hint()).sum()
    }

    /// Sends interleaved `input` through the stages. `input` is overwritten with the output of the last stage before
    /// the first one that changes the shape. Returns `None` if no stage changes it, else the new samples.
    ///
    /// `tap(place, samples)` is called with the samples after the first `place` stages, for every place in `taps`
    /// (ascending).
    ///
    /// # Errors
    /// The error of the first stage that fails; the content of `input` is unspecified then.
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

    /// [`Self::process`] with buffers that many pipelines share, so that a pipeline that waits for its next call holds
    /// only its state.
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
        work.make_room(channels, input.len() / channels)?;
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
        for (place, slot) in self.slots.iter_mut().enumerate() {
            if places.next_if_eq(&place).is_some() {
                tap(place, block.snapshot()?);
            }
            slot.process(place, &mut block)?;
        }
        self.output_channels = block.channels();
        let output = block.finish()?;
        if matches!(stamps, Stamps::Generated(_)) {
            clock.frames += frames as f64;
            self.clock = Some(clock);
        }
        Ok(output)
    }

    /// Returns the number of channels of the last result of [`Self::process`].
    pub fn output_channels(&self) -> usize {
        self.output_channels
    }

    /// Returns the samples of a call in another format. The noise of dither continues from call to call, so that it
    /// does not depend on how a stream is cut.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn encode(&mut self, mut samples: Vec<f32>, output: Output) -> Result<Encoded> {
        let dithered = formats::dither(&mut samples, output, self.dithered);
        let encoded = output.format.encode(samples)?;
        self.dithered += dithered;
        Ok(encoded)
    }

    /// Returns a pipeline of the same stages with the same parameters, in the state of a new one.
    pub fn fresh_copy(&self) -> Self {
        let mut copy = self.copy();
        copy.clear();
        copy
    }

    /// Returns a pipeline of the same stages with the same parameters, in the same state.
    pub fn copy(&self) -> Self {
        let Self { design, nominal_rate, clock, has_events, dithered, .. } = *self;
        let slots = self.slots.iter().map(Slot::copy).collect();
        Self { slots, design, nominal_rate, clock, has_events, dithered, ..Self::default() }
    }

    /// Returns the definitions of the stages, in order.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.slots.iter().map(|slot| &*slot.definition)
    }

    /// Collects the events of the next calls, until [`Self::take_events`]. From now on states contain the position of
    /// each stage.
    pub fn collect_events(&mut self) {
        self.has_events = true;
        self.work.get_or_insert_default().collect_events();
    }

    /// Lets states hold where each stage stands: for pipelines whose events are collected in a workspace that they
    /// share, and for those that [`Self::finish`] after a load.
    pub fn keep_positions(&mut self) {
        self.has_events = true;
    }

    /// The kinds of events that the stages may emit, each once.
    pub fn event_kinds(&self) -> impl Iterator<Item = &'static EventKind> {
        let mut kinds: Vec<&'static EventKind> = vec![];
        for kind in self.definitions().filter_map(|d| stages::by_method(d.method)).flat_map(|def| def.events) {
            if !kinds.contains(kind) {
                kinds.push(kind);
            }
        }
        kinds.into_iter()
    }

    /// Returns the events that were collected, and collects no more.
    pub fn take_events(&mut self) -> Option<Box<Events>> {
        self.work.as_mut()?.take_events()
    }

    /// Text that is the same for pipelines of the same stages with the same parameters, whatever their states.
    ///
    /// # Errors
    /// The error of the first stage that cannot save its state.
    pub fn definition(&self) -> Result<String> {
        let mut copy = self.fresh_copy();
        copy.has_events = false;
        copy.save_json(0.0)
    }

    /// Resets all stages and the clock.
    pub fn clear(&mut self) {
        self.slots.iter_mut().for_each(Slot::reset);
        self.clock = None;
        self.dithered = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::formats::Format;
    use crate::engine::stage::BoxedStage;
    use crate::state::archive::Archive;
    use serde_json::{Value as Json, json};

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
    fn an_unknown_stage_in_a_state_is_a_warning() {
        let mut pipeline = average();
        let warnings = pipeline.load_json("{\"stages\":[{\"type\":\"nonsense\",\"state\":{}}]}").unwrap();
        assert_eq!(warnings.len(), 1);
        assert_eq!(pipeline.len(), 1);
    }

    fn dithered(pipeline: &mut Pipeline, input: &[f32]) -> Encoded {
        let samples = run(pipeline, input.to_vec());
        pipeline.encode(samples, Output { format: Format::S16, dither: true }).unwrap()
    }

    fn values(encoded: Vec<Encoded>) -> Vec<i16> {
        let parts = encoded.into_iter().map(|part| match part {
            Encoded::S16(values) => values,
            other => panic!("{other:?}"),
        });
        parts.flatten().collect()
    }

    #[test]
    fn dither_goes_on_over_calls_and_states() {
        let input = [0.25 / 32_768.0; 300];
        let mut pipeline = average();
        let whole = values(vec![dithered(&mut pipeline, &input)]);
        assert!(whole.iter().any(|&v| v != whole[0]));
        for cut in [0, 1, 7, 150, 300] {
            let mut first = average();
            let start = dithered(&mut first, &input[..cut]);
            let (json, toon) = (first.save_json(0.0).unwrap(), first.save_toon(0.0).unwrap());
            let (mut from_json, mut from_toon) = (average(), average());
            // What a pipeline did before a load leaves no trace.
            dithered(&mut from_json, &[0.0; 5]);
            from_json.load_json(&json).unwrap();
            from_toon.load_toon(&toon).unwrap();
            let copy = first.copy();
            for mut pipeline in [first, copy, from_json, from_toon] {
                let end = dithered(&mut pipeline, &input[cut..]);
                assert_eq!(values(vec![start.clone(), end]), whole, "cut at {cut}");
            }
        }
        pipeline.clear();
        assert_eq!(values(vec![dithered(&mut pipeline, &input)]), whole);
    }

    /// Delays its channel by three samples.
    #[derive(Clone)]
    struct Delay([f32; 3]);

    impl Stage for Delay {
        fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
            for x in block.interleaved() {
                self.0.rotate_left(1);
                std::mem::swap(x, &mut self.0[2]);
            }
            Ok(())
        }

        fn reset(&mut self) {
            self.0 = [0.0; 3];
        }

        fn state(&mut self, _: &mut Archive<'_>) -> Result<()> {
            Ok(())
        }

        fn tail(&self, _: u64) -> usize {
            3
        }
    }

    impl BoxedStage for Delay {
        fn clone_box(&self) -> Box<dyn Stage> {
            Box::new(self.clone())
        }

        fn saved_type(&self) -> &'static str {
            "delay"
        }
    }

    #[test]
    fn the_end_of_a_stream_goes_on_with_the_dither() {
        let delayed = || {
            let mut pipeline = Pipeline::new();
            let definition = Definition { method: "Delay", params: Value::Undefined, id: None };
            pipeline.slots.push(Slot::new(Box::new(Delay([0.0; 3])), definition));
            pipeline
        };
        let output = Output { format: Format::S16, dither: true };
        let input: Vec<f32> = (0..100).map(|i| i as f32 / 100_000.0).collect();
        let mut plain = delayed();
        let mut samples = run(&mut plain, input.clone());
        let end = plain.finish(None).unwrap();
        assert_eq!(end, input[97..]);
        samples.extend(end);
        let whole = values(vec![Pipeline::new().encode(samples, output).unwrap()]);
        let mut pipeline = delayed();
        for _ in 0..2 {
            let start = dithered(&mut pipeline, &input);
            let end = pipeline.finish_encoded(None, output).unwrap();
            assert_eq!(values(vec![start, end]), whole);
        }
    }

    #[test]
    fn a_state_tells_of_dither_only_where_there_was_some() {
        let mut pipeline = average();
        run(&mut pipeline, vec![1.0]);
        let before = (pipeline.save_json(0.0).unwrap(), pipeline.save_toon(0.0).unwrap());
        pipeline.encode(vec![0.5], Output { format: Format::S16, dither: false }).unwrap();
        pipeline.encode(vec![0.5], Output { format: Format::F64, dither: true }).unwrap();
        assert_eq!((pipeline.save_json(0.0).unwrap(), pipeline.save_toon(0.0).unwrap()), before);
        pipeline.encode(vec![0.5], Output { format: Format::Alaw, dither: true }).unwrap();
        let json = pipeline.save_json(0.0).unwrap();
        assert!(json.contains("\"dithered\":1"));
        let changed = json.replace("\"dithered\":1", "\"dithered\":2");
        assert!(pipeline.load_json(&changed).unwrap_err().to_string().contains("checksum"));
    }
}
