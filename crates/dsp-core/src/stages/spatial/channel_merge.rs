//! Channel mapping: builds every output channel from an input channel, for example two channels from one.
//!
//! See [`routing`](crate::stages::spatial::routing).

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::spatial::routing::{INDICES, INPUT_COUNT, Indices, Names, Routing};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `ChannelMerge`.
    pub struct ChannelMergeParams {
        /// The input channel, by index from 0, of every output channel. Repeats are allowed.
        pub mapping: Indices = INDICES,
        /// Channels of the input.
        pub num_input_channels: usize = INPUT_COUNT,
    }
}

const NAMES: Names = Names { method: "ChannelMerge", type_name: "channelMerge", list: "mapping", entry: "mapping" };

/// The input channel of every output channel.
#[derive(Debug, Clone)]
pub struct ChannelMerge {
    routing: Routing,
}

impl Define for ChannelMerge {
    type Params = ChannelMergeParams;
    const TYPES: &'static [&'static str] = &[NAMES.type_name];
    const METHOD: &'static str = NAMES.method;
    const DOC: &'static str = "Builds the output channels from input channels; the stages behind see the new channel count.\n\
        @throws RangeError if an index is not below `numInputChannels`, or there are too many";

    fn new(params: &ChannelMergeParams) -> Result<Self> {
        Routing::new(&params.mapping, params.num_input_channels, NAMES).map(|routing| Self { routing })
    }

    fn label(&self, _: &ChannelMergeParams) -> String {
        format!("channelMerge:{}ch→{}ch", self.routing.inputs(), self.routing.indices().len())
    }

    fn examples() -> Vec<Value> {
        vec![ChannelMergeParams { mapping: Indices::from([1]), num_input_channels: 3 }.to_value()]
    }

    fn traits(_: &ChannelMergeParams) -> Traits {
        // The channels of the example.
        Traits { channels: &[3], independent: false, ..Traits::STREAM }
    }
}

impl Stage for ChannelMerge {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.routing.process(block, Self::METHOD)
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.routing.state(archive, NAMES)
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn one_channel_becomes_two() {
        let mut merge = make::<ChannelMerge>(&json!({ "mapping": [0, 0], "numInputChannels": 1 }));
        assert_eq!(run(&mut merge, &[1.0, 2.0], 1), [1.0, 1.0, 2.0, 2.0]);
        let params = ChannelMergeParams { mapping: Indices::from([0, 0]), num_input_channels: 1 };
        assert_eq!(merge.label(&params), "channelMerge:1ch→2ch");
        let bad = try_make::<ChannelMerge>(&json!({ "mapping": [0.5], "numInputChannels": 2 })).unwrap_err();
        assert_eq!(bad.to_string(), "ChannelMerge: mapping index 0.5 out of range [0, 1]");
    }
}
