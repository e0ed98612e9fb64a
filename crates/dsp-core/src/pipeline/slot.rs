//! A stage at its place in a pipeline.

use std::sync::Arc;

use crate::engine::block::Block;
use crate::engine::events::Track;
use crate::engine::stage::Stage;
use crate::error::Result;
use crate::params::value::Value;

/// How a stage was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its method in the fluent API.
    pub method: &'static str,
    /// Its parameters, with the defaults filled in; `undefined` where it was built from a state that does not hold them.
    pub params: Value,
    /// The name that the user gave it.
    pub id: Option<String>,
}

/// A stage with what the pipeline knows of it.
pub(super) struct Slot {
    pub stage: Box<dyn Stage>,
    pub definition: Arc<Definition>,
    /// The frames at its input.
    pub track: Track,
    /// Channels of its last input.
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

    /// Back to the state of a new stage.
    pub fn reset(&mut self) {
        self.stage.reset();
        self.track = Track::default();
        self.channels = 0;
    }

    /// After a load: the channels of the last input are those that the stage has state for.
    pub fn set_loaded_channels(&mut self) {
        self.channels = self.stage.channels();
    }

    /// Processes a block as the stage at `place`; its events know how many frames came before.
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
