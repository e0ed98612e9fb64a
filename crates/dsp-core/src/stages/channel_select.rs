//! Channel selection: picks channels of every frame by index.
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
pub struct ChannelSelect {
    routing: Routing,
}

impl Define for ChannelSelect {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["channelSelect"];
    const METHOD: &'static str = "ChannelSelect";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ChannelSelect`. */
export interface ChannelSelectParams {
  /** Input channels that are kept, by index from 0, in the order in which they come out. Repeats are allowed. */
  channels: number[];
  /** Channels of the input. */
  numInputChannels: number;
}
method {
  /**
   * Picks channels by index, in the given order; the stages behind see the new channel count.
   * @throws Error if `channels` is no array or empty
   * @throws RangeError if a channel count or index is not as described
   */
  ChannelSelect(params: ChannelSelectParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        params.required(Self::METHOD)?;
        Ok(Self { routing: Routing::from_params(params, Self::METHOD, "channels", "channel")? })
    }

    fn label(&self, _: &Params) -> String {
        let indices: Vec<String> = self.routing.indices().iter().map(usize::to_string).collect();
        format!("channelSelect:[{}]", indices.join(","))
    }
}

impl Stage for ChannelSelect {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.routing.process(block, Self::METHOD)
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(self.routing.save("channelSelect", "channels"))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        *self = Self::new(&state_params(state, "channels")?)?;
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
    use crate::error::Error;
    use crate::stages::testing::{params, run};
    use serde_json::json;

    fn stage(json: Json) -> Result<ChannelSelect> {
        ChannelSelect::new(&params(json))
    }

    #[test]
    fn picks_in_the_given_order_and_repeats() {
        let mut select = stage(json!({ "channels": [2, 0, 2], "numInputChannels": 3 })).unwrap();
        assert_eq!(run(&mut select, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [3.0, 1.0, 3.0, 6.0, 4.0, 6.0]);
        assert_eq!(select.label(&Params::default()), "channelSelect:[2,0,2]");
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |json| stage(json).unwrap_err();
        let text = "ChannelSelect: channels must be a non-empty array";
        assert_eq!(refused(json!({ "channels": [], "numInputChannels": 0 })), Error::failed(text));
        let text = "ChannelSelect: numInputChannels must be a positive integer";
        assert_eq!(refused(json!({ "channels": [0] })), Error::range(text));
        let text = "ChannelSelect: channel index 3 out of range [0, 2]";
        assert_eq!(refused(json!({ "channels": [0, 3], "numInputChannels": 3 })), Error::range(text));
        let many = vec![0; crate::block::MAX_CHANNELS + 1];
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
