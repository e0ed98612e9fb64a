//! Channel mapping: builds every output channel from an input channel, for example two channels from one.
//!
//! See [`routing`](super::routing).

#![forbid(unsafe_code)]

use serde_json::Value as Json;

use super::routing::{Routing, state_params};
use crate::block::Block;
use crate::error::Result;
use crate::stage::{Define, Stage};
use crate::state::toon;
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct ChannelMerge {
    routing: Routing,
}

impl Define for ChannelMerge {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["channelMerge"];
    const METHOD: &'static str = "ChannelMerge";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ChannelMerge`. */
export interface ChannelMergeParams {
  /** The input channel, by index from 0, of every output channel. Repeats are allowed. */
  mapping: number[];
  /** Channels of the input. */
  numInputChannels: number;
}
method {
  /**
   * Builds the output channels from input channels; the stages behind see the new channel count.
   * @throws Error if `mapping` is no array or empty
   * @throws RangeError if a channel count or index is not as described
   */
  ChannelMerge(params: ChannelMergeParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        params.required(Self::METHOD)?;
        Ok(Self { routing: Routing::from_params(params, Self::METHOD, "mapping", "mapping")? })
    }

    fn label(&self, _: &Params) -> String {
        format!("channelMerge:{}ch→{}ch", self.routing.inputs(), self.routing.indices().len())
    }
}

impl Stage for ChannelMerge {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.routing.process(block, Self::METHOD)
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(self.routing.save("channelMerge", "mapping"))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        *self = Self::new(&state_params(state, "mapping")?)?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        self.routing.save_toon(out)
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        self.routing.check_toon(input, Self::METHOD)
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};
    use serde_json::json;

    #[test]
    fn one_channel_becomes_two() {
        let mut merge = ChannelMerge::new(&params(json!({ "mapping": [0, 0], "numInputChannels": 1 }))).unwrap();
        assert_eq!(run(&mut merge, &[1.0, 2.0], 1), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(merge.label(&Params::default()), "channelMerge:1ch→2ch");
        let bad = ChannelMerge::new(&params(json!({ "mapping": [0.5], "numInputChannels": 2 }))).unwrap_err();
        assert_eq!(bad.to_string(), "ChannelMerge: mapping index 0.5 out of range [0, 1]");
    }
}
