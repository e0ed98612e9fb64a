//! A stage with its place in a pipeline.

use std::sync::Arc;

use crate::engine::block::Block;
use crate::engine::events::Track;
use crate::engine::stage::Stage;
use crate::error::Result;
use crate::params::value::Value;

/// The definition of a stage: its method and its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Method in the fluent API.
    pub method: &'static str,
    /// Parameters with the defaults filled in; `undefined` if the stage was built from a state that does not hold them.
    pub params: Value,
    /// Name given by the user.
    pub id: Option<String>,
}

/// A stage with the pipeline's information about it.
pub(super) struct Slot {
    pub stage: Box<dyn Stage>,
    pub definition: Arc<Definition>,
    /// Position at the stage's input.
    pub track: Track,
    /// Number of channels of its last input.
    pub channels: usize,
}

impl Slot {
    pub fn new(stage: Box<dyn Stage>, definition: Definition) -> Self {
        Self { stage, definition: Arc::new(definition), track: Track::default(), channels: 0 }
    }

    /// Returns a copy with parameters and state.
    pub fn copy(&self) -> Self {
        let definition = Arc::clone(&self.definition);
        Self { stage: self.stage.clone_box(), definition, track: self.track.clone(), channels: self.channels }
    }

    /// Restores the state of a new stage.
    pub fn reset(&mut self) {
        self.stage.reset();
        self.track = Track::default();
        self.channels = 0;
    }

    /// Sets the number of channels of the last input after a load, to the number that the stage has state for.
    pub fn set_loaded_channels(&mut self) {
        self.channels = self.stage.channels();
    }

    /// Processes a block as the stage with index `place`; events count the frames from the start of the stream.
    pub fn process(&mut self, place: usize, block: &mut Block<'_>) -> Result<()> {
        let frames = block.frames();
        self.channels = block.channels();
        if !block.wants_events() {
            self.stage.process(block)?;
            self.track.frames += frames as u64;
            return Ok(());
        }
        let mut next = self.track.clone();
        next.advance(frames, self.stage.lookback(), block.times());
        block.begin_stage(place, std::mem::take(&mut self.track));
        let result = self.stage.process(block);
        block.end_stage();
        self.track = next;
        result
    }
}
