//! What a stage is: running ([`Stage`]) and declared ([`Define`]).

use serde_json::Value as Json;

use crate::block::Block;
use crate::design::options::Design;
use crate::error::Result;
use crate::state::toon;
use crate::value::Params;

/// A running stage of a pipeline.
///
/// The *chunk law* holds for each of them: any cutting of the input into calls, and any save and load in between, gives
/// the same bits.
pub trait Stage: Send + BoxedStage {
    /// Processes the samples of one call. An empty block changes no state, but may set the channel count.
    fn process(&mut self, block: &mut Block<'_>) -> Result<()>;

    /// Back to the state of a new stage with the same parameters.
    fn reset(&mut self);

    /// The state as JSON, in the layout of the stage's documentation.
    fn save(&self) -> Result<Json>;

    /// Takes over a state that [`Stage::save`] (or the original) wrote. On an error the stage may be left half loaded:
    /// the pipeline loads into a copy and throws it away.
    fn load(&mut self, state: &Json) -> Result<()>;

    /// The state as TOON tokens; what they cannot hold goes to [`toon::Writer::exact`].
    fn save_toon(&self, out: &mut toon::Writer) -> Result<()>;

    /// The counterpart of [`Stage::save_toon`]; the rules of [`Stage::load`] hold.
    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()>;

    /// Whether `process` must be given timestamps.
    fn needs_timestamps(&self) -> bool {
        false
    }

    /// Whether a call may end in an incomplete frame, which this stage leaves as it is.
    fn takes_incomplete_frames(&self) -> bool {
        false
    }

    /// Tells a stage that was built from a state whose numbers the pipeline's filters have.
    fn set_design(&mut self, _: Design) {}

    /// What the user should know of the state that was just loaded.
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
    /// A copy with parameters and state.
    fn clone_box(&self) -> Box<dyn Stage>;

    /// Its type in saved states.
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

/// How a stage appears in the fluent API and in saved states. One `impl` and one line in `stages/mod.rs` register it.
pub trait Define: Stage + Sized + 'static {
    /// Its types in saved states; the first is the usual one.
    const TYPES: &'static [&'static str];
    /// Its method in the fluent API.
    const METHOD: &'static str;
    /// TypeScript for `index.d.ts`: the parameter types, and the method's signature (between `method {` and `}`).
    const TYPESCRIPT: &'static str;

    /// A new stage; all validation is here.
    fn new(params: &Params) -> Result<Self>;

    /// The label that taps and callbacks see.
    fn label(&self, params: &Params) -> String;

    /// Its type in saved states.
    fn type_name(&self) -> &'static str {
        Self::TYPES[0]
    }

    /// A stage for a saved state whose keys double as parameters; the state itself is loaded afterwards.
    fn from_state(type_name: &str, state: &Json) -> Result<Self> {
        let _ = type_name;
        Self::new(&Params::from_json(state))
    }
}
