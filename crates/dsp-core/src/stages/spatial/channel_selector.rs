//! `ChannelSelector`: keeps the first channels of every frame.
//!
//! See [`routing`](crate::stages::spatial::routing).

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::limits::MAX_CHANNELS;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::spatial::routing::{INPUT_COUNT, Routing};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `ChannelSelector`.
    pub struct ChannelSelectorParams {
        /// Channels of the input.
        pub num_input_channels: usize = INPUT_COUNT,
        /// Number of channels that are kept, the first ones.
        pub num_output_channels: usize = integer().at_least(1.0).rule("in range [1, numInputChannels]").range_error(),
    }
}

/// The number of channels that are kept.
#[derive(Debug, Clone)]
pub struct ChannelSelector {
    routing: Routing,
}

impl ChannelSelector {
    fn outputs(&self) -> usize {
        self.routing.indices().len()
    }
}

impl Define for ChannelSelector {
    type Params = ChannelSelectorParams;
    const TYPES: &'static [&'static str] = &["channelSelector"];
    const METHOD: &'static str = "ChannelSelector";
    const DOC: &'static str = "Keeps the first channels of every frame; the stages behind see the new channel count.";

    fn new(params: &ChannelSelectorParams) -> Result<Self> {
        let ChannelSelectorParams { num_input_channels: inputs, num_output_channels: outputs } = *params;
        if outputs > inputs {
            let text = format!("numOutputChannels must be in range [1, {inputs}], got {outputs}");
            return Err(Error::range(format!("{}: {text}", Self::METHOD)));
        }
        if outputs > MAX_CHANNELS {
            let text = format!("{}: at most {MAX_CHANNELS} output channels are possible", Self::METHOD);
            return Err(Error::range(text));
        }
        Ok(Self { routing: Routing::first(inputs, outputs) })
    }

    fn label(&self, _: &ChannelSelectorParams) -> String {
        format!("channelSelector:{}ch→{}ch", self.routing.inputs(), self.outputs())
    }

    fn examples() -> Vec<Value> {
        vec![ChannelSelectorParams { num_input_channels: 3, num_output_channels: 2 }.to_value()]
    }

    fn traits(_: &ChannelSelectorParams) -> Traits {
        // The channels of the example.
        Traits { channels: &[3], independent: false, ..Traits::STREAM }
    }
}

impl Stage for ChannelSelector {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.routing.process(block, Self::METHOD)
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", "channelSelector");
        let (inputs, outputs) = (self.routing.inputs(), self.outputs());
        let num_input_channels = archive.count("numInputChannels", inputs)?;
        let num_output_channels = archive.count("numOutputChannels", outputs)?;
        if (num_input_channels, num_output_channels) == (inputs, outputs) {
            return Ok(());
        }
        // A JSON state replaces the routing; one in TOON must be of the same.
        if !archive.is_json() {
            return Err(Error::mismatch(Self::METHOD, "channel count"));
        }
        let params = ChannelSelectorParams { num_input_channels, num_output_channels };
        params.check(Self::LABEL)?;
        *self = Self::new(&params)?;
        Ok(())
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
    fn keeps_the_first_channels() {
        let params = ChannelSelectorParams { num_input_channels: 3, num_output_channels: 2 };
        let mut selector = make::<ChannelSelector>(&json!({ "numInputChannels": 3, "numOutputChannels": 2 }));
        assert_eq!(run(&mut selector, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [1.0, 2.0, 4.0, 5.0]);
        assert_eq!(selector.label(&params), "channelSelector:3ch→2ch");
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |json| try_make::<ChannelSelector>(&json).unwrap_err();
        let text = "ChannelSelector: numOutputChannels must be in range [1, 3], got 4";
        assert_eq!(refused(json!({ "numInputChannels": 3, "numOutputChannels": 4 })), Error::range(text));
        let text = "ChannelSelector: numInputChannels must be a positive integer, got undefined";
        assert_eq!(refused(json!({ "numOutputChannels": 4 })), Error::range(text));
        assert!(refused(json!({ "numInputChannels": 1e15, "numOutputChannels": 1e15 })).to_string().contains("65536"));
    }
}
