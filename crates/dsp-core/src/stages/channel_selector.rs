//! Keeps the first channels of every frame.
//!
//! See [`routing`](super::routing).

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use super::routing::{Routing, input_count};
use crate::block::{Block, MAX_CHANNELS};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::toon;
use crate::value::Params;

/// See the module's documentation.
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
    type Params = Params;
    const TYPES: &'static [&'static str] = &["channelSelector"];
    const METHOD: &'static str = "ChannelSelector";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ChannelSelector`. */
export interface ChannelSelectorParams {
  /** Channels of the input. */
  numInputChannels: number;
  /** How many of them are kept, the first ones. */
  numOutputChannels: number;
}
method {
  /**
   * Keeps the first channels of every frame; the stages behind see the new channel count.
   * @throws RangeError if a channel count is not as described
   */
  ChannelSelector(params: ChannelSelectorParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        params.required(Self::METHOD)?;
        let inputs = input_count(params, Self::METHOD)?;
        let value = params.get("numOutputChannels");
        let outputs = value.as_positive_integer().filter(|n| *n <= inputs).ok_or_else(|| {
            Error::range(format!("{}: numOutputChannels must be in range [1, {inputs}], got {value}", Self::METHOD))
        })?;
        if outputs > MAX_CHANNELS {
            let text = format!("{}: at most {MAX_CHANNELS} output channels are possible", Self::METHOD);
            return Err(Error::range(text));
        }
        Ok(Self { routing: Routing::first(inputs, outputs) })
    }

    fn label(&self, _: &Params) -> String {
        format!("channelSelector:{}ch→{}ch", self.routing.inputs(), self.outputs())
    }
}

impl Stage for ChannelSelector {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.routing.process(block, Self::METHOD)
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({
            "type": "channelSelector", "numInputChannels": self.routing.inputs(), "numOutputChannels": self.outputs(),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        *self = Self::new(&Params::from_json(state))?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.routing.inputs())?;
        out.int(self.outputs())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let same = input.count()? == self.routing.inputs() && input.count()? == self.outputs();
        if same { Ok(()) } else { Err(Error::mismatch(Self::METHOD, "channel count")) }
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    #[test]
    fn keeps_the_first_channels() {
        let mut selector =
            ChannelSelector::new(&params(json!({ "numInputChannels": 3, "numOutputChannels": 2 }))).unwrap();
        assert_eq!(run(&mut selector, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3), [1.0, 2.0, 4.0, 5.0]);
        assert_eq!(selector.label(&Params::default()), "channelSelector:3ch→2ch");
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |json| ChannelSelector::new(&params(json)).unwrap_err();
        let text = "ChannelSelector: numOutputChannels must be in range [1, 3], got 4";
        assert_eq!(refused(json!({ "numInputChannels": 3, "numOutputChannels": 4 })), Error::range(text));
        let text = "ChannelSelector: numInputChannels must be a positive integer";
        assert_eq!(refused(json!({ "numOutputChannels": 4 })), Error::range(text));
        assert!(refused(json!({ "numInputChannels": 1e15, "numOutputChannels": 1e15 })).to_string().contains("65536"));
    }
}
