//! Channel selection: picks channels of every frame by index.
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
    /// Parameters of `ChannelSelect`.
    pub struct ChannelSelectParams {
        /// Input channels that are kept, by index from 0, in the order of the output. Repeats are allowed.
        pub channels: Indices = INDICES,
        /// Channels of the input.
        pub num_input_channels: usize = INPUT_COUNT,
    }
}

const NAMES: Names = Names { method: "ChannelSelect", type_name: "channelSelect", list: "channels", entry: "channel" };

/// The input channels that are kept.
#[derive(Debug, Clone)]
pub struct ChannelSelect {
    routing: Routing,
}

impl Define for ChannelSelect {
    type Params = ChannelSelectParams;
    const TYPES: &'static [&'static str] = &[NAMES.type_name];
    const METHOD: &'static str = NAMES.method;
    const DOC: &'static str = "Picks channels by index, in the given order; the stages behind see the new channel count.\n\
        @throws RangeError if an index is not below `numInputChannels`, or there are too many";

    fn new(params: &ChannelSelectParams) -> Result<Self> {
        Routing::new(&params.channels, params.num_input_channels, NAMES).map(|routing| Self { routing })
    }

    fn label(&self, _: &ChannelSelectParams) -> String {
        let indices: Vec<String> = self.routing.indices().iter().map(usize::to_string).collect();
        format!("channelSelect:[{}]", indices.join(","))
    }

    fn examples() -> Vec<Value> {
        vec![ChannelSelectParams { channels: Indices::from([2, 0, 0, 1]), num_input_channels: 3 }.to_value()]
    }

    fn traits(_: &ChannelSelectParams) -> Traits {
        // The channels of the example.
        Traits { channels: &[3], independent: false, ..Traits::STREAM }
    }
}

impl Stage for ChannelSelect {
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
    use crate::error::Error;
    use crate::stages::testing::{run, try_make};
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> Result<ChannelSelect> {
        try_make(&json)
    }

    #[test]
    fn picks_in_the_given_order_and_repeats() {
        let mut select = stage(json!({ "channels": [2, 0, 2], "numInputChannels": 3 })).unwrap();
        assert_eq!(run(&mut select, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [3.0, 1.0, 3.0, 6.0, 4.0, 6.0]);
        let params = ChannelSelectParams { channels: Indices::from([2, 0, 2]), num_input_channels: 3 };
        assert_eq!(select.label(&params), "channelSelect:[2,0,2]");
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |json| stage(json).unwrap_err();
        let text = "ChannelSelect: channels must be a non-empty array, got ";
        assert_eq!(refused(json!({ "channels": [], "numInputChannels": 0 })), Error::failed(text));
        let text = "ChannelSelect: numInputChannels must be a positive integer, got undefined";
        assert_eq!(refused(json!({ "channels": [0] })), Error::range(text));
        let text = "ChannelSelect: channel index 3 out of range [0, 2]";
        assert_eq!(refused(json!({ "channels": [0, 3], "numInputChannels": 3 })), Error::range(text));
        let many = vec![0; crate::limits::MAX_CHANNELS + 1];
        assert!(refused(json!({ "channels": many, "numInputChannels": 1 })).to_string().contains("65537 entries"));
    }

    #[test]
    fn a_state_without_its_list_is_refused() {
        let mut select = stage(json!({ "channels": [1], "numInputChannels": 2 })).unwrap();
        assert!(select.load(&json!({ "numInputChannels": 2 })).is_err());
        assert!(select.load(&json!({ "numInputChannels": 2, "channels": [2] })).is_err());
        assert_eq!(run(&mut select, &[1.0, 2.0], 2), [2.0]);
    }
}
