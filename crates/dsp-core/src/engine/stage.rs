//! What a stage is: running ([`Stage`]) and declared ([`Define`]).

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
    /// If the stage cannot go on with such a block: the wrong number of channels, a result that would be too large.
    fn process(&mut self, block: &mut Block<'_>) -> Result<()>;

    /// Back to the state of a new stage with the same parameters.
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

    /// Takes over a state that [`Stage::save`] (or the original) wrote.
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

    /// Takes over the state from the next TOON tokens.
    ///
    /// # Errors
    /// Those of [`Stage::state`].
    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let mut archive = Archive::toon_reader(std::mem::replace(input, toon::Reader::new(&[])));
        let result = self.state(&mut archive);
        *input = archive.into_toon_reader().unwrap_or_else(|| toon::Reader::new(&[]));
        result
    }

    /// How late the output is, in samples of the input; fractions are exact. Where it depends on the frequency: at
    /// `frequency` cycles per sample, or in the middle of the pass-band.
    fn latency(&self, frequency: Option<f64>) -> f64 {
        let _ = frequency;
        0.0
    }

    /// Output samples per input sample of each channel.
    fn ratio(&self) -> f64 {
        1.0
    }

    /// Tells the stage what stands in front of it, in order, when it is added to a pipeline.
    ///
    /// # Errors
    /// If it cannot stand there.
    fn stand_behind(&mut self, front: &[&dyn Stage]) -> Result<()> {
        let _ = front;
        Ok(())
    }

    /// How many frames of silence, behind the `frames` of the stream, bring out what is still inside.
    fn tail(&self, frames: u64) -> usize {
        let _ = frames;
        0
    }

    /// Tells the stage that its stream has ended: what follows, up to a reset, is the silence of its tail.
    fn end(&mut self) {}

    /// How many of the frames that the tail brings out belong to the stream; what comes behind them is cut off. `None`: all.
    fn tail_outputs(&self) -> Option<usize> {
        None
    }

    /// Channels that it has state for, if it has a tail: a stream that has just been loaded may end before its next call.
    fn channels(&self) -> usize {
        0
    }

    /// How many frames before the current call an event may be about.
    fn lookback(&self) -> usize {
        0
    }

    /// Whether `process` must be given timestamps.
    fn needs_timestamps(&self) -> bool {
        false
    }

    /// Whether a call may end in an incomplete frame, which this stage leaves as it is.
    fn takes_incomplete_frames(&self) -> bool {
        false
    }

    /// Returns what the user should know of the state that was just loaded, once.
    fn take_warning(&mut self) -> Option<String> {
        None
    }

    /// Rough cost in nanoseconds per sample, from which a pipeline guesses whether its first call is short enough for the
    /// calling thread. Later calls go by measurement.
    fn cost_hint(&self) -> f64 {
        5.0
    }
}

/// What a boxed stage can do besides; every stage that is declared and `Clone` has it.
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

/// What the property tests must know of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// The channel counts that it accepts; empty: any.
    pub channels: &'static [usize],
    /// Whether it keeps to the chunk law; batch modes take each call by itself.
    pub streams: bool,
    /// Whether channels are independent of each other and all come out.
    pub independent: bool,
    /// Whether it can be built from its saved state alone.
    pub rebuilds: bool,
    /// Whether its events keep to the chunk law, also where its samples do not.
    pub events: bool,
    /// The method of a stage in front of it that it cannot be without; it needs no parameters.
    pub behind: Option<&'static str>,
}

impl Traits {
    /// A stage that streams any number of channels, each by itself.
    pub const STREAM: Self =
        Self { channels: &[], streams: true, independent: true, rebuilds: true, events: true, behind: None };
    /// A stage whose calls are independent of each other.
    pub const BATCH: Self = Self { streams: false, events: false, ..Self::STREAM };
}

/// How a stage appears in the fluent API and in saved states. One `impl` and one line in `stages/mod.rs` register it.
pub trait Define: Stage + Sized + 'static {
    /// Its parameters.
    type Params: Parameters;
    /// Its types in saved states; the first is the usual one.
    const TYPES: &'static [&'static str];
    /// Its method in the fluent API.
    const METHOD: &'static str;
    /// How messages about parameters name it.
    const LABEL: &'static str = Self::METHOD;
    /// Name of the type of its parameters in `index.d.ts`.
    const PARAMS: &'static str = <Self::Params as Parameters>::NAME;
    /// Keys that its argument may have and that it does not read: objects which this package makes for it say more of
    /// themselves than the stage needs.
    const IGNORED: &'static [&'static str] = &[];
    /// The events that it emits.
    const EVENTS: &'static [&'static EventKind] = &[];
    /// The comment of its method in `index.d.ts`: what it computes, latency, and the errors that its parameters do not
    /// tell of themselves.
    const DOC: &'static str;

    /// A new stage.
    ///
    /// # Errors
    /// If the parameters do not fit each other; those that are out of range by themselves were refused before.
    fn new(params: &Self::Params) -> Result<Self>;

    /// Returns the label that taps and callbacks see.
    fn label(&self, params: &Self::Params) -> String;

    /// Returns its type in saved states.
    fn type_name(&self) -> &'static str {
        Self::TYPES[0]
    }

    /// A stage for a saved state, most of whose keys are those of parameters; the state itself is loaded afterwards.
    /// `design` is whose numbers it has where the state does not say.
    ///
    /// # Errors
    /// If the state does not hold the parameters.
    fn from_state(type_name: &str, state: &Json, design: Design) -> Result<Self> {
        let _ = (type_name, design);
        Self::new(&Self::Params::read(Self::LABEL, &Value::from(state))?)
    }

    /// Parameters for the property tests: by default, those that follow from the declaration, one varied at a time.
    fn examples() -> Vec<Value> {
        crate::params::examples(Self::Params::FIELDS)
    }

    /// What the property tests must know of a stage with these parameters.
    fn traits(_params: &Self::Params) -> Traits {
        Traits::STREAM
    }
}
