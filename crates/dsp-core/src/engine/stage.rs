//! The interfaces of a stage: [`Stage`] while it runs, [`Define`] for its declaration.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::state::archive::Archive;
use crate::state::toon;

/// A running stage of a pipeline.
///
/// The *chunk law* holds for each of them: any cutting of the input into calls, and any save and load in between, gives
/// the same bits.
pub trait Stage: Send + BoxedStage {
    /// Processes the samples of one call. An empty block changes no state, but may set the channel count.
    ///
    /// # Errors
    /// If the stage cannot process the block: it has the wrong number of channels, or the result would be too large.
    fn process(&mut self, block: &mut Block<'_>) -> Result<()>;

    /// Restores the state of a new stage with the same parameters.
    fn reset(&mut self);

    /// Walks the state: writes or reads it, as the archive says. On an error the stage may be left half loaded: the
    /// pipeline loads into a copy and throws it away.
    ///
    /// # Errors
    /// Reading: the state is damaged or of a stage with other parameters. Writing: a number does not fit the format.
    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()>;

    /// Returns the state as JSON.
    ///
    /// # Errors
    /// Those of [`Stage::state`].
    fn save(&mut self) -> Result<Json> {
        let mut archive = Archive::json_writer();
        self.state(&mut archive)?;
        Ok(archive.into_json())
    }

    /// Loads a state that [`Stage::save`] (or the original) wrote.
    ///
    /// # Errors
    /// Those of [`Stage::state`].
    fn load(&mut self, state: &Json) -> Result<()> {
        self.state(&mut Archive::json_reader(state))
    }

    /// Appends the state as TOON tokens.
    ///
    /// # Errors
    /// Those of [`Stage::state`].
    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        let mut archive = Archive::toon_writer(std::mem::take(out));
        let result = self.state(&mut archive);
        *out = archive.into_toon_writer().unwrap_or_default();
        result
    }

    /// Loads the state from the next TOON tokens.
    ///
    /// # Errors
    /// Those of [`Stage::state`].
    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let mut archive = Archive::toon_reader(std::mem::replace(input, toon::Reader::new(&[])));
        let result = self.state(&mut archive);
        *input = archive.into_toon_reader().unwrap_or_else(|| toon::Reader::new(&[]));
        result
    }

    /// Returns the delay of the output in samples of the input; it may be fractional. Where it depends on the
    /// frequency, the delay at `frequency` cycles per sample, or without it in the middle of the pass-band.
    fn latency(&self, frequency: Option<f64>) -> f64 {
        let _ = frequency;
        0.0
    }

    /// Returns the number of output samples per input sample of each channel.
    fn ratio(&self) -> f64 {
        1.0
    }

    /// Passes the stages in front of this one, in order, when it is added to a pipeline.
    ///
    /// # Errors
    /// If this stage cannot follow them.
    fn stand_behind(&mut self, front: &[&dyn Stage]) -> Result<()> {
        let _ = front;
        Ok(())
    }

    /// Returns how many frames of silence after the `frames` frames of the stream bring out the samples that are still
    /// inside.
    fn tail(&self, frames: u64) -> usize {
        let _ = frames;
        0
    }

    /// Tells the stage that its stream has ended: what follows, up to a reset, is the silence of its tail.
    fn end(&mut self) {}

    /// Returns how many of the frames that the tail brings out belong to the stream; the rest is cut off. `None`: all
    /// do.
    fn tail_outputs(&self) -> Option<usize> {
        None
    }

    /// Returns the number of channels that it has state for, if it has a tail: a stream that has just been loaded may
    /// end before its next call.
    fn channels(&self) -> usize {
        0
    }

    /// Returns how many frames before the current call an event may refer to.
    fn lookback(&self) -> usize {
        0
    }

    /// Returns whether `process` must be given timestamps.
    fn needs_timestamps(&self) -> bool {
        false
    }

    /// Returns whether a call may end in an incomplete frame, which this stage leaves unchanged.
    fn takes_incomplete_frames(&self) -> bool {
        false
    }

    /// Returns a warning for the user about the state that was just loaded, once; `None` if there is none.
    fn take_warning(&mut self) -> Option<String> {
        None
    }

    /// Returns a rough cost in nanoseconds per sample, from which a pipeline guesses whether its first call is short
    /// enough for the calling thread. Later calls go by measurement.
    fn cost_hint(&self) -> f64 {
        5.0
    }
}

/// The methods of a boxed stage besides those of [`Stage`]; every declared stage that is `Clone` implements it.
pub trait BoxedStage {
    /// Returns a copy with parameters and state.
    fn clone_box(&self) -> Box<dyn Stage>;

    /// Returns its type in saved states.
    fn saved_type(&self) -> &'static str;
}

impl<T: Define + Clone> BoxedStage for T {
    fn clone_box(&self) -> Box<dyn Stage> {
        Box::new(self.clone())
    }

    fn saved_type(&self) -> &'static str {
        self.type_name()
    }
}

/// Properties of a stage that the property tests need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// The channel counts that it accepts; empty: any count.
    pub channels: &'static [usize],
    /// Whether it obeys the chunk law; in batch mode each call stands alone.
    pub streams: bool,
    /// Whether each output channel depends on its own input channel only, and there is one for each.
    pub independent: bool,
    /// Whether it can be built from its saved state alone.
    pub rebuilds: bool,
    /// Whether its events obey the chunk law, even if its samples do not.
    pub events: bool,
    /// The method of a stage that must stand in front of it and needs no parameters; `None` if there is none.
    pub behind: Option<&'static str>,
}

impl Traits {
    /// The properties of a stage that streams any number of independent channels.
    pub const STREAM: Self =
        Self { channels: &[], streams: true, independent: true, rebuilds: true, events: true, behind: None };
    /// The properties of a stage whose calls are independent of each other.
    pub const BATCH: Self = Self { streams: false, events: false, ..Self::STREAM };
}

/// The declaration of a stage for the fluent API and saved states. One `impl` and one line in `stages/mod.rs` add
/// a stage.
pub trait Define: Stage + Sized + 'static {
    /// The struct of its parameters.
    type Params: Parameters;
    /// Its type names in saved states; the first one is written by default.
    const TYPES: &'static [&'static str];
    /// Name of its method in the fluent API.
    const METHOD: &'static str;
    /// Its name in messages about parameters.
    const LABEL: &'static str = Self::METHOD;
    /// Name of its parameter type in `index.d.ts`.
    const PARAMS: &'static str = <Self::Params as Parameters>::NAME;
    /// Keys of the parameter object that are accepted and ignored: objects made by this package for the stage hold more
    /// than the stage needs.
    const IGNORED: &'static [&'static str] = &[];
    /// The kinds of events that it emits.
    const EVENTS: &'static [&'static EventKind] = &[];
    /// The comment of its method in `index.d.ts`: the equation, the latency, and the errors that do not follow from the
    /// declaration of the parameters.
    const DOC: &'static str;

    /// Makes a new stage.
    ///
    /// # Errors
    /// If the parameters contradict each other; the range of each by itself was checked before.
    fn new(params: &Self::Params) -> Result<Self>;

    /// Returns the label that taps and callbacks are given.
    fn label(&self, params: &Self::Params) -> String;

    /// Returns its type in saved states.
    fn type_name(&self) -> &'static str {
        Self::TYPES[0]
    }

    /// Makes a stage for a saved state that holds the parameters under the keys of the declaration; the state itself is
    /// loaded afterwards. `design` applies where the state does not name one.
    ///
    /// # Errors
    /// If the state does not hold the parameters.
    fn from_state(type_name: &str, state: &Json, design: Design) -> Result<Self> {
        let _ = (type_name, design);
        Self::new(&Self::Params::read(Self::LABEL, &Value::from(state))?)
    }

    /// Returns parameters for the property tests: by default those that follow from the declaration, one varied at a
    /// time.
    fn examples() -> Vec<Value> {
        crate::params::examples(Self::Params::FIELDS)
    }

    /// Returns the properties of a stage with these parameters.
    fn traits(_params: &Self::Params) -> Traits {
        Traits::STREAM
    }
}
